"""AndroidPinning's helpers and trust manager: SHA-1 hashes of keys, in hex.

Source: moxie0/AndroidPinning, ``PinningTrustManager.java`` (the SHA-1 of each ``getPublicKey().getEncoded()`` of the
chain and of its anchor is compared, after the system's own check; a pin is read two digits a byte, whatever they
are) and ``PinningHelper.java`` (the pins hold for the connection or client that it gives back).
"""

from collections.abc import Callable, Iterator

from pincheck.model import Declaration, Gap, HostSyntax, Location, PinCodec, Semantics, SourceFile
from pincheck.model.code import Items, Value
from pincheck.parsers._followed import declared, host_of, texts
from pincheck.readers import shapes, syntax
from pincheck.readers.sought import Followed, Sought
from pincheck.registry import parser

MECHANISM = "android-pinning"
SEMANTICS = Semantics(
    client="AndroidPinning",
    platform="android",
    codec=PinCodec(hexadecimal=True, length_checked=False),
    hosts=HostSyntax(trims=False),
    refused_pin="it never matches",
    compares="path",
)
_CALLS = {
    # who is given pins: (which argument they are, which is the URL)
    "getPinnedHttpsURLConnection": (1, 2),
    "getPinnedHttpClient": (1, None),
    "PinningTrustManager": (0, None),
    "PinningSSLSocketFactory": (1, None),
}


@parser(
    files=("*.java", "*.kt"),
    markers=(b"getPinnedHttp", b"PinningTrustManager", b"PinningSSLSocketFactory"),
)
def parse(source: SourceFile) -> Iterator[Sought]:
    """Yield the pins that one of the library's classes is given, with the URL beside them."""
    module = syntax.read(source)
    for name, (number, url) in _CALLS.items():
        for placed in module.calls.get(name, ()):
            given, at = placed.call.positional, placed.call.at
            places = (number, 1) if name == "PinningTrustManager" else (number,)  # a key store may go first
            pins = tuple(given[each] for each in places if each < len(given))
            if pins:
                hosts: Value = given[url] if url is not None and url < len(given) else Items((), at)
                yield Sought(at, MECHANISM, module, placed.frame, (hosts, *pins), _reader(at))


def _reader(at: Location) -> Callable[[Followed], Iterator[Declaration | Gap]]:
    def read(followed: Followed) -> Iterator[Declaration | Gap]:
        hosts, *given = followed.values
        for pins in given:
            if any(shapes.may_be_pin(text.value) for text in texts(pins).found):
                for item in declared(MECHANISM, at, followed, hosts, pins, SEMANTICS):
                    yield _with_hosts(item, followed) if isinstance(item, Declaration) else item

    return read


def _with_hosts(declaration: Declaration, followed: Followed) -> Declaration:
    named = map(host_of, texts(followed.values[0]).found)
    hosts = tuple(
        each._replace(text=text.value, at=text.at)
        for each, text in zip(declaration.hosts, named, strict=False)
    )
    return declaration._replace(hosts=hosts)
