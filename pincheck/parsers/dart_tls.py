"""dart:io's own TLS: certificates given to a ``SecurityContext``, and callbacks that accept everything.

Source: dart-lang/sdk, ``runtime/bin/security_context*.cc``: with ``withTrustedRoots: false`` the certificates
given are the only anchors; PEM or PKCS #12, no DER. ``badCertificateCallback`` is asked only when the normal
check fails.
"""

from collections.abc import Callable, Iterator

from pincheck.model import Declaration, Defect, Gap, Semantics, SourceFile, Text
from pincheck.model.code import Call, Lambda, Module, Name, Other, PlacedCall, Value
from pincheck.parsers._dart_context import only_own
from pincheck.readers import syntax
from pincheck.readers.sought import Followed, Sought
from pincheck.readers.tree import Node
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
    of = placed.call.of
    if isinstance(of, Name) and of.name == "defaultContext":
        return  # it has the system's anchors
    if placed.call.positional:
        yield Sought(
            placed.call.at, MECHANISM, module, placed.frame, placed.call.positional[:1], _reader(placed.call)
        )


def _reader(call: Call) -> Callable[[Followed], Iterator[Declaration | Gap]]:
    def read(followed: Followed) -> Iterator[Declaration | Gap]:
        (node,) = followed.values
        files = tuple(each for each in (_file(each, call) for each in node.walk()) if each is not None)
        if files:
            yield Declaration(MECHANISM, call.at, (), (), SEMANTICS, context=followed.context, files=files)
        else:
            why = next((each.value for each in node.walk() if each.kind == "unknown"), "it is computed")
            yield Gap(
                MECHANISM, call.at, f"the certificate cannot be followed: {why}", context=followed.context
            )

    return read


def _file(node: Node, call: Call) -> Text | None:
    """A file by its path; one whose text stands in the code has no name, and its place is the text."""
    if node.kind == "text" and "-----BEGIN CERTIFICATE-----" in node.value:
        return Text("", node.at)
    if node.kind == "file" or (node.kind == "text" and node.value and call.name == TRUSTING[0]):
        return node.text
    return None


def _accepts_all(value: Value) -> bool:
    returned = value.returned if isinstance(value, Lambda) else ()
    return len(returned) == 1 and isinstance(returned[0].value, Other) and returned[0].value.text == "true"
