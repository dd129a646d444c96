"""Tables in Swift and Objective-C that give hosts their pins by the names of lists.

Each list stands elsewhere in the code, under a name that speaks of pins or keys, and nothing there
says which host it is for. What is compared with what is not derived, as in ``pin_literals``.
"""

from collections.abc import Callable, Iterator

from pincheck.model import Declaration, Gap, SourceFile
from pincheck.model.code import Call, Entries, Items, Name, Value
from pincheck.parsers import _code_values, _literals
from pincheck.parsers._followed import declared, texts
from pincheck.parsers.pin_literals import SEMANTICS
from pincheck.readers import shapes, syntax
from pincheck.readers.sought import Followed, Sought
from pincheck.registry import parser

MECHANISM = "ios-custom"


_MARKERS = tuple(
    b"""
    ublicKey pinned Pinned pinning Pinning Pins pins spki SPKI ertFingerprint ertificateFingerprint eyFingerprint
    SLFingerprint ingerprints Hashes
""".split()
)


@parser(files=("*.swift", "*.m", "*.mm"), markers=_MARKERS, shaped=True)
def parse(source: SourceFile) -> Iterator[Sought]:
    """Yield every entry of such a table, its key and its list."""
    module = syntax.read(source)
    seen = set()
    for placed in _code_values.placed(module):
        for value, frame in _code_values.below(*placed):
            if not isinstance(value, Entries) or value.at in seen or not _is_table(value):
                continue
            seen.add(value.at)
            for key, pins in value.entries:
                yield Sought(value.at, MECHANISM, module, frame, (key, pins), _reader(pins))


def _is_table(value: Entries) -> bool:
    """Tell a map with a list that goes by a name which speaks of pins or keys."""
    names = [_list_name(each) for _, each in value.entries]
    return any(_speaks(name) for name in names if name) and all(
        name or isinstance(each, Items) for name, (_, each) in zip(names, value.entries, strict=True)
    )


def _list_name(value: Value) -> str:
    if isinstance(value, Call) and not value.arguments and isinstance(value.of, Name):
        return value.of.name  # of a copy
    return value.name if isinstance(value, Name) else ""


def _speaks(name: str) -> bool:
    around = frozenset(_literals.words(name))
    speaks = _literals.speaks_of_pins(around) or _literals.speaks_of_keys(around)
    return speaks and not _literals.speaks_of_others(around)


def _reader(pins: Value) -> Callable[[Followed], Iterator[Declaration | Gap]]:
    at = pins.at if isinstance(pins, Items | Call) else None

    def read(followed: Followed) -> Iterator[Declaration | Gap]:
        host, listed = followed.values
        found = texts(listed).found
        if not found or not all(shapes.shape(text.value) for text in found):
            return
        known = host.kind == "text" and _literals.looks_like_host(host.value)
        yield from declared(
            MECHANISM, at or listed.at, followed, host if known else None, listed,
            SEMANTICS._replace(platform="ios"), inferred=True,
        )  # fmt: skip

    return read
