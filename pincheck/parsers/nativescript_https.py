"""NativeScript's HTTPS plug-in: ``enableSSLPinning`` with a host and a certificate file.

Source: nativescript-community/https and gethuman/nativescript-https, ``https.android.ts``,
``https.ios.ts``. Android pins the file's key for exactly this host; iOS for all hosts, and takes invalid
certificates where it is told to.
"""

from collections.abc import Callable, Iterator

from pincheck.model import Declaration, DeclaredHost, Defect, Gap, HostSyntax, Semantics, SourceFile, Text
from pincheck.model.code import Entries, Items, Literal, PlacedCall
from pincheck.parsers import _certificate_names, _script
from pincheck.readers.sought import Followed, Sought
from pincheck.readers.tree import Node
from pincheck.registry import parser

MECHANISM = "nativescript-https"

SEMANTICS = Semantics(
    client="NativeScript's HTTPS plug-in",
    platform="any",
    hosts=HostSyntax(reads="host"),
    lookup="union",
    compares="path",
    files="keys",
)


@parser(files=_script.FILES, markers=(b"enableSSLPinning",))
def parse(source: SourceFile) -> Iterator[Sought]:
    """Yield every call that is given an object with a certificate."""
    module = _script.read(source)
    if module is None:
        return
    for placed in module.calls.get("enableSSLPinning", ()):
        if not placed.call.positional:
            continue
        given = _script.settled(placed.call.positional[0], module, placed.frame)
        if isinstance(given, Entries):
            values = {_script.named(key): value for key, value in given.entries}
            nothing = Items((), given.at)
            certificate = values.get("certificate", nothing)
            files = _certificate_names.literals(certificate, module, placed.frame)
            yield Sought(
                placed.call.at, MECHANISM, module, placed.frame,
                (values.get("host", nothing), certificate, values.get("allowInvalidCertificates", nothing)),
                _reader(placed, files),
            )  # fmt: skip


def _reader(
    placed: PlacedCall, files: tuple[Literal, ...]
) -> Callable[[Followed], Iterator[Declaration | Defect | Gap]]:
    at = placed.call.at

    def read(followed: Followed) -> Iterator[Declaration | Defect | Gap]:
        host, certificate, invalid = followed.values
        context = _script.build(followed)
        hosts = (DeclaredHost(host.value, host.at),) if host.kind == "text" else ()
        names = tuple(each.text for each in hosts)
        found = tuple(Text(each.value, each.at) for each in files) or _certificate_names.named(certificate)
        if found:
            yield Declaration(MECHANISM, at, hosts, (), SEMANTICS, context=context, files=found)
        else:
            yield Gap(MECHANISM, at, _lost(certificate), names, context=context)
        if invalid.value == "true":
            yield Defect(
                "unenforced", invalid.at,
                "allowInvalidCertificates is true: certificates that no trust anchor vouches for are taken",
                "leave it out, or set it to false", names, context=context,
            )  # fmt: skip

    return read


def _lost(certificate: Node) -> str:
    why = certificate.value if certificate.kind == "unknown" else "it is not given"
    return f"the certificate cannot be followed: {why}"
