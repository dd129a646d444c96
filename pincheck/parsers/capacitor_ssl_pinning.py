"""capacitor-ssl-pinning: ``checkCertificate`` compares a host's leaf certificate with a fingerprint.

Source: mchl18/capacitor-ssl-pinning, ``SSLCertificateChecker.java`` and ``.swift``, README: the SHA-256 of the
certificate in hex; Android leaves colons out before it compares, iOS compares with them.
"""

from collections.abc import Callable, Iterator

from pincheck.model import (
    Declaration,
    DeclaredHost,
    Defect,
    Gap,
    HostSyntax,
    Location,
    PinCodec,
    Semantics,
    SourceFile,
)
from pincheck.model.code import Entries
from pincheck.parsers import _script
from pincheck.parsers._followed import texts
from pincheck.readers.shapes import shape
from pincheck.readers.sought import Followed, Sought
from pincheck.registry import parser

MECHANISM = "capacitor-ssl-pinning"

# It asks over a connection of its own; the app decides what to do with the answer.
SEMANTICS = Semantics(
    client="capacitor-ssl-pinning",
    platform="any",
    hashed="certificate",
    codec=PinCodec(prefix="optional", hexadecimal=True),
    hosts=HostSyntax(reads="host"),
    refused_pin="it never matches",
    lookup="union",
    compares="leaf",
    certificate_only=True,
)

KEYS = ("fingerprint", "fingerprints")


@parser(files=_script.FILES, markers=(b"checkCertificate",))
def parse(source: SourceFile) -> Iterator[Sought]:
    """Yield every object with a URL and fingerprints that ``checkCertificate`` is given."""
    module = _script.read(source)
    if module is None:
        return
    for name in ("checkCertificate", "checkCertificates"):
        for placed in module.calls.get(name, ()):
            if placed.call.of is None or not placed.call.positional:
                continue
            given = placed.call.positional[0]
            settled = _script.settled(given, module, placed.frame)
            url = None
            if isinstance(settled, Entries):
                written = next((v for k, v in settled.entries if _script.named(k) == "url"), None)
                url = _script.authority(written, module, placed.frame)
            values = (given, url if url is not None else given)
            yield Sought(placed.call.at, MECHANISM, module, placed.frame, values, _reader(placed.call.at))


def _reader(at: Location) -> Callable[[Followed], Iterator[Declaration | Defect | Gap]]:
    def read(followed: Followed) -> Iterator[Declaration | Defect | Gap]:
        given, url = followed.values
        context = _script.build(followed)
        if given.kind == "unknown":
            reason = f"what checkCertificate is given cannot be followed: {given.value}"
            yield Gap(MECHANISM, at, reason, context=context)
        for one in given.items if given.kind == "list" else (given,):
            host = _script.host_of(one.get("url")) or _script.host_of(url)
            hosts = (DeclaredHost(host.value, host.at),) if host else ()
            names = tuple(each.text for each in hosts)
            below = [texts(node) for key in KEYS if (node := one.get(key)) is not None]
            pins = tuple(text for each in below for text in each.found if text.value)
            if pins:
                yield Declaration(MECHANISM, at, hosts, pins, SEMANTICS, context=context)
            for text in pins:
                if shape(text.value) == "hex" and ":" not in text.value:
                    yield Defect(
                        "malformed", text.at,
                        "the fingerprint has no colons, with which iOS compares it, so it never matches there",
                        "write it as AA:BB:CC:…", names, "warning",
                    )  # fmt: skip
            for lost in (node for each in below for node in each.lost):
                reason = f"the fingerprint cannot be followed: {lost.value}"
                yield Gap(MECHANISM, at, reason, names, context=context)

    return read
