"""react-native-ssl-pinning: the ``sslPinning`` option of its ``fetch``.

Source: MaxToyberman/react-native-ssl-pinning, ``OkHttpUtils.java``, ``RNSslPinning.m``; its fork
@logicwind/react-native-tvos-ssl-pinning, and capacitor-native-ssl-pinning, which took over its options.
"""

from collections.abc import Iterator

from pincheck.model import HostSyntax, PinCodec, Semantics, SourceFile
from pincheck.parsers import _fetch_pinning, _script
from pincheck.readers.sought import Sought
from pincheck.registry import parser

MECHANISM = "rn-ssl-pinning"

# On Android ``pkPinning`` makes an OkHttp pinner for the host of the URL, without it the named files
# are the only trust anchors; iOS compares the certificates in the app's bundle whatever is named.
PINS = Semantics(
    client="react-native-ssl-pinning",
    platform="android",
    codec=PinCodec(
        prefix="required", url_safe=True, blanks="skipped", white="\t\n\r ",
        padding="ignored", length_checked=False,
    ),
    hosts=HostSyntax(reads="host", unicode="idna2003"),
    refused_pin="the request fails on Android",
    lookup="union",
    compares="path",
)  # fmt: skip
FILES = PINS._replace(platform="any", files="anchors")

CLIENT = _fetch_pinning.Client(
    MECHANISM,
    (
        "react-native-ssl-pinning",
        "react-native-tvos-ssl-pinning",
        "capacitor-native-ssl-pinning",
    ),
    PINS,
    FILES,
)


@parser(
    files=_script.FILES,
    markers=(b"sslPinning", b"ssl-pinning", b"disableAllSecurity", b"PINNED_CERT", b"innedCert"),
)
def parse(source: SourceFile) -> Iterator[Sought]:
    """Yield what every request pins."""
    module = _script.read(source)
    if module is not None and not _script.uses(module, "react-native-pinch", "react-native-pinch-new"):
        yield from _fetch_pinning.sought(module, CLIENT)
