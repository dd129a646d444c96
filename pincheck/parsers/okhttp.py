"""OkHttp's ``CertificatePinner`` in Kotlin and Java, whoever is given the client in the end.

Source: square/okhttp, ``CertificatePinner.kt`` (``Builder.add``, ``Pin``). The pins of all entries that
fit a host are united. Hosts and pins are arguments of ``add``, often through constants, loops and
wrappers of the project's own, which ``following/`` follows.
"""

import re
from collections.abc import Callable, Iterator

from pincheck.model import Declaration, Gap, Installation, SourceFile
from pincheck.model.code import Call, Definition, Frame, Items, Module, Name, PlacedCall, Value
from pincheck.parsers import _ktor, _okhttp_client
from pincheck.parsers._followed import declared, texts
from pincheck.readers import syntax
from pincheck.readers.sought import Followed, Sought
from pincheck.registry import parser

MECHANISM = "okhttp"
PINNER = "CertificatePinner"


LIBRARY = "com.squareup.okhttp3:okhttp"
INSTALLED_BY = ("certificatePinner", "setCertificatePinner")


@parser(files=("*.kt", "*.kts", "*.java"), markers=(b"CertificatePinner", b"certificatePinner"))
def parse(source: SourceFile) -> Iterator[Sought | Installation]:
    """Yield what every ``add`` of a pinner is given: a host pattern, and pins; and who uses a pinner."""
    module = syntax.read(source)
    for name in INSTALLED_BY:
        yield from (Installation(placed.call.at, INSTALLED_BY[0]) for placed in module.calls.get(name, ()))
    if not _ktor.is_darwin(module):
        yield from entries(module)


def entries(module: Module) -> Iterator[Sought]:
    """The ``add`` of every pinner of a file, whoever's the pinner is."""
    for name in ("add", "Pin"):
        for placed in module.calls.get(name, ()):
            hosts, pins = _arguments(placed.call)
            if pins and (certain := _is_pinner(placed, module)) is not False:
                yield Sought(
                    placed.call.at, MECHANISM, module, placed.frame, (hosts, Items(pins, placed.call.at)),
                    _reader(placed.call, certain is True),
                )  # fmt: skip


def _arguments(call: Call) -> tuple[Value, tuple[Value, ...]]:
    """The pattern, and the pins after it."""
    pattern = call.named("pattern")
    pins = call.named("pins", "pin")
    values = list(call.positional)
    if pattern is None:
        pattern = values.pop(0) if values else Items((), call.at)
    return pattern, (*((pins,) if pins is not None else ()), *values)


def _reader(call: Call, certain: bool) -> Callable[[Followed], Iterator[Declaration | Gap]]:
    def read(followed: Followed) -> Iterator[Declaration | Gap]:
        hosts, pins = followed.values
        if certain or any(re.match(r"(?i)sha\d*/", text.value) for text in texts(pins).found):
            for item in declared(MECHANISM, call.at, followed, hosts, pins, _okhttp_client.OKHTTP):
                yield _with_library(item) if isinstance(item, Declaration) else item

    return read


def _with_library(declaration: Declaration) -> Declaration:
    return declaration._replace(
        library=LIBRARY, by_version=_okhttp_client.semantics_for, installed=INSTALLED_BY[0]
    )


def _is_pinner(placed: PlacedCall, module: Module) -> bool | None:
    """Whether a call adds to a pinner; None where that is not to be told, so that the pins decide."""
    if placed.call.name == "Pin":
        return _names(placed.call.of, PINNER)
    return _value_is_pinner(placed.call.of, placed.frame, module, 0)


def _value_is_pinner(value: Value | None, frame: Frame, module: Module, depth: int) -> bool | None:
    if depth > 200:
        return None
    if value is None or (isinstance(value, Name) and value.name in ("this", "it") and value.of is None):
        return _receiver(frame, module, depth)
    if isinstance(value, Call):
        if value.name == "Builder" or PINNER in value.name:
            return (
                (value.of is None and value.name == PINNER)
                or _names(value.of, PINNER)
                or PINNER in value.name
            )
        if value.name in ("ArrayList", "mutableListOf", "HashSet", "HashMap"):
            return False
        return None if value.of is None else _value_is_pinner(value.of, frame, module, depth + 1)
    if isinstance(value, Name):
        if PINNER in value.name:
            return True
        return _variable_is_pinner(value, frame, module, depth)
    return None


def _variable_is_pinner(name: Name, frame: Frame, module: Module, depth: int) -> bool | None:
    for each in frame.outward():
        for parameter in each.parameters:
            if parameter.name == name.name and parameter.type:
                return PINNER in parameter.type
    definitions = [each for each in module.definitions if each.name == name.name]
    typed = [each for each in definitions if each.type]
    if any(PINNER in each.type for each in typed):
        return True
    verdicts = [
        _definition_is_pinner(each, module, depth) for each in definitions if not _typed_otherwise(each)
    ]
    if True in verdicts:
        return True
    return False if typed or (verdicts and None not in verdicts) else None


def _typed_otherwise(definition: Definition) -> bool:
    return bool(re.match(r"(Mutable|Array|Linked)?(List|Set|Map)\b|String", definition.type))


def _definition_is_pinner(definition: Definition, module: Module, depth: int) -> bool | None:
    return _value_is_pinner(definition.value, definition.frame, module, depth + 1)


def _receiver(frame: Frame, module: Module, depth: int) -> bool | None:
    """Whether the implicit receiver is a pinner's builder: of ``apply { add(…) }`` or an extension function."""
    for each in frame.outward():
        if (
            each.kind == "lambda"
            and each.name in ("apply", "run", "with", "also", "let")
            and each.outer is not None
        ):
            if each.over is not None:
                return _value_is_pinner(each.over, each.outer, module, depth + 1)
            return None
        if each.kind == "function":
            return PINNER in each.receiver if each.receiver else None
    return None


def _names(value: Value | None, word: str) -> bool:
    return isinstance(value, Name) and word in value.path
