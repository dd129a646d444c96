"""Flutter's http_certificate_pinning and ssl_pinning_plugin: fingerprints of the leaf certificate, in hex.

Sources: diefferson/http_certificate_pinning, ``lib/src/`` and its Kotlin and Swift plugins (``:`` and blanks are
dropped, case does not matter); macif-dev/ssl_pinning_plugin (blanks are dropped, ``:`` is not, so that a
fingerprint with colons never matches). Both connect once before the request itself, which goes unchecked.
"""

from collections.abc import Callable, Iterator

from pincheck.model import Declaration, DeclaredHost, Defect, Gap, PinCodec, Semantics, SourceFile, Text
from pincheck.model.code import Call, Items, PlacedCall, Value
from pincheck.parsers._followed import declared, host_of, texts
from pincheck.readers import syntax
from pincheck.readers.sought import Followed, Sought
from pincheck.registry import parser

MECHANISM = "flutter-custom"
SEMANTICS = Semantics(
    client="http_certificate_pinning",
    platform="any",
    hashed="certificate",
    codec=PinCodec(hexadecimal=True, blanks="trimmed"),
    refused_pin="it never matches",
    compares="leaf",
    certificate_only=True,
)
LISTS = ("allowedSHAFingerprints", "allowedShaFingerprints")
CALLS = ("check", "CertificatePinningInterceptor", "SecureHttpClient", "build")


@parser(files=("*.dart",), markers=(b"SHAFingerprints", b"ShaFingerprints", b"SecureHttpClient"))
def parse(source: SourceFile) -> Iterator[Sought]:
    """Yield every list of fingerprints that is handed to one of the packages."""
    module = syntax.read(source)
    for name in CALLS:
        for placed in module.calls.get(name, ()):
            pins = placed.call.named(*LISTS) or _first(placed)
            if pins is not None:
                host = placed.call.named("serverURL", "serverUrl") or Items((), placed.call.at)
                yield Sought(
                    placed.call.at, MECHANISM, module, placed.frame, (host, pins), _reader(placed.call)
                )


def _first(placed: PlacedCall) -> Value | None:
    """The list that ``SecureHttpClient.build`` is given without a name."""
    call = placed.call
    builds = call.name == "build" and getattr(call.of, "name", "") == "SecureHttpClient"
    return call.positional[0] if builds and call.positional else None


def _reader(call: Call) -> Callable[[Followed], Iterator[Declaration | Defect | Gap]]:
    plugin = getattr(call.of, "name", "") == "SslPinningPlugin"

    def read(followed: Followed) -> Iterator[Declaration | Defect | Gap]:
        host, pins = followed.values
        semantics = SEMANTICS._replace(client="ssl_pinning_plugin") if plugin else SEMANTICS
        for item in declared(MECHANISM, call.at, followed, host, pins, semantics):
            yield item._replace(hosts=_named(item)) if isinstance(item, Declaration) else item
        for pin in texts(pins).found if plugin else ():
            if ":" in pin.value:
                yield Defect(
                    "malformed", pin.at,
                    "ssl_pinning_plugin compares the fingerprint with its colons, so it never matches",
                    "write the hex digits without colons", context=followed.context,
                )  # fmt: skip

    return read


def _named(declaration: Declaration) -> tuple[DeclaredHost, ...]:
    """The hosts out of the URLs."""
    texts_of = (host_of(Text(host.text, host.at)) for host in declaration.hosts)
    return tuple(DeclaredHost(text.value, text.at) for text in texts_of)
