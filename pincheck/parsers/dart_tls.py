"""dart:io's own TLS: certificates given to a ``SecurityContext``, and callbacks that accept everything.

Source: dart-lang/sdk, ``runtime/bin/security_context*.cc``: with ``withTrustedRoots: false`` the certificates
given are the only anchors; PEM or PKCS #12, no DER. ``badCertificateCallback`` is asked only when the normal
check fails.
"""

from collections.abc import Callable, Iterator

from pincheck.model import Declaration, Defect, Semantics, SourceFile, Text
from pincheck.model.code import Call, Lambda, Module, Name, Other, PlacedCall, Value
from pincheck.parsers._dart_context import only_own
from pincheck.parsers._followed import texts
from pincheck.readers import syntax
from pincheck.readers.sought import Followed, Sought
from pincheck.registry import parser

MECHANISM = "cert-file"
SEMANTICS = Semantics(client="dart:io", platform="any", compares="path", files="anchors")
TRUSTING = ("setTrustedCertificates", "setTrustedCertificatesBytes")


@parser(files=("*.dart",), markers=(b"setTrustedCertificates", b"badCertificateCallback"))
def parse(source: SourceFile) -> Iterator[Sought | Defect]:
    """Yield the certificates that are the only anchors, and callbacks that let everything through."""
    module = syntax.read(source)
    if only_own(module):
        for name in TRUSTING:
            for placed in module.calls.get(name, ()):
                yield from _trusted(placed, module)
    for definition in module.definitions:
        if definition.name == "badCertificateCallback" and _accepts_all(definition.value):
            debug = any(each.kind == "branch" and "Debug" in each.name for each in definition.frame.outward())
            yield Defect(
                "unenforced", definition.at,
                "badCertificateCallback accepts every certificate that the normal check refuses",
                "remove it, or return false", severity="warning", context="debug" if debug else None,
                if_pinned=True,
            )  # fmt: skip


def _trusted(placed: PlacedCall, module: Module) -> Iterator[Sought]:
    path = _asset(placed.call.positional[0], module) if placed.call.positional else None
    if path is not None:
        yield Sought(placed.call.at, MECHANISM, module, placed.frame, (path,), _reader(placed.call))


def _asset(value: Value, module: Module, depth: int = 0) -> Value | None:
    """The path that the bytes of a value are loaded from: inside ``rootBundle.load(path)``."""
    while isinstance(value, Call | Name) and depth < 20:
        depth += 1
        if isinstance(value, Call) and value.name in ("load", "loadString", "File") and value.positional:
            return value.positional[0]
        if isinstance(value, Call) and value.positional and value.of is None:
            value = value.positional[0]
        elif value.of is not None:
            value = value.of
        elif isinstance(value, Name):
            given = [each.value for each in module.definitions if each.name == value.name]
            return _asset(given[0], module, depth) if len(given) == 1 else None
        else:
            break
    return None if isinstance(value, Call | Name | Lambda) else value


def _reader(call: Call) -> Callable[[Followed], Iterator[Declaration]]:
    def read(followed: Followed) -> Iterator[Declaration]:
        files: tuple[Text, ...] = texts(followed.values[0]).found
        if files:
            yield Declaration(MECHANISM, call.at, (), (), SEMANTICS, context=followed.context, files=files)

    return read


def _accepts_all(value: Value) -> bool:
    returned = value.returned if isinstance(value, Lambda) else ()
    return len(returned) == 1 and isinstance(returned[0].value, Other) and returned[0].value.text == "true"
