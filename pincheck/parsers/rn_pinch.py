"""react-native-pinch: certificate files named in the ``sslPinning`` option of its ``fetch``.

Source: localz/react-native-pinch, ``KeyPinStoreUtil.java``, ``RNPinch.m``: ``assets/NAME.cer`` on Android and
``NAME.cer`` of the bundle on iOS are the only trust anchors.
"""

from collections.abc import Iterator

from pincheck.model import HostSyntax, PinCodec, Semantics, SourceFile
from pincheck.parsers import _fetch_pinning, _script
from pincheck.readers.sought import Sought
from pincheck.registry import parser

MECHANISM = "rn-pinch"
PACKAGES = ("react-native-pinch", "react-native-pinch-new")

SEMANTICS = Semantics(
    client="react-native-pinch",
    platform="any",
    codec=PinCodec(prefix="optional", hexadecimal=True),
    hosts=HostSyntax(reads="host"),
    refused_pin="it looks for a file of that name, and the request fails",
    lookup="union",
    compares="path",
    files="anchors",
)

CLIENT = _fetch_pinning.Client(MECHANISM, PACKAGES, SEMANTICS, SEMANTICS)


@parser(files=_script.FILES, markers=(b"react-native-pinch",))
def parse(source: SourceFile) -> Iterator[Sought]:
    """Yield what every request pins."""
    module = _script.read(source)
    if module is not None and _script.uses(module, *PACKAGES):
        yield from _fetch_pinning.sought(module, CLIENT)
