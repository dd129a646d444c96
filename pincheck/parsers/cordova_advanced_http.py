"""cordova-plugin-advanced-http: requests that trust only the certificates that the app carries.

Source: silkimen/cordova-plugin-advanced-http, ``CordovaServerTrust.java``, ``CordovaHttpPlugin.m``,
``SM_AFSecurityPolicy.m``, CHANGELOG: ``setServerTrustMode``, before it ``setSSLCertMode``, and before that
``enableSSLPinning`` and ``acceptAllCerts``. The files are all ``*.cer`` in ``www/certificates``.
"""

from collections.abc import Callable, Iterator

from pincheck.model import Declaration, Defect, Location, PinCodec, Semantics, SourceFile, Text
from pincheck.model.code import PlacedCall
from pincheck.parsers import _script
from pincheck.readers.sought import Followed, Sought
from pincheck.readers.tree import Node
from pincheck.registry import parser

MECHANISM = "cordova-advanced-http"

# Android takes the files for its only trust anchors, iOS compares them with each certificate of the
# path; neither binds a file to a host.
SEMANTICS = Semantics(
    client="cordova-plugin-advanced-http",
    platform="any",
    hashed="certificate",
    codec=PinCodec(prefix="optional", hexadecimal=True),
    lookup="union",
    compares="path",
    files="anchors",
)

PINNING = {"setServerTrustMode": "pinned", "setSSLCertMode": "pinned", "enableSSLPinning": "true"}
UNCHECKED = {"setServerTrustMode": "nocheck", "setSSLCertMode": "nocheck", "acceptAllCerts": "true"}


@parser(
    files=_script.FILES,
    markers=(b"setServerTrustMode", b"setSSLCertMode", b"enableSSLPinning", b"acceptAllCerts"),
)
def parse(source: SourceFile) -> Iterator[Sought]:
    """Yield every call that sets which certificates are trusted."""
    module = _script.read(source)
    for name in dict.fromkeys((*PINNING, *UNCHECKED)) if module is not None else ():
        for placed in module.calls.get(name, ()) if module is not None else ():
            if module is not None and placed.call.of is not None and placed.call.positional:
                mode = placed.call.positional[0]
                yield Sought(placed.call.at, MECHANISM, module, placed.frame, (mode,), _reader(placed))


def _reader(placed: PlacedCall) -> Callable[[Followed], Iterator[Declaration | Defect]]:
    name, at = placed.call.name, placed.call.at

    def read(followed: Followed) -> Iterator[Declaration | Defect]:
        (mode,) = followed.values
        context = _script.build(followed)
        if mode.kind in ("text", "bool") and mode.value == PINNING.get(name):
            files = (Text("", _place(mode, at)),)
            yield Declaration(MECHANISM, at, (), (), SEMANTICS, context=context, files=files)
        elif mode.kind in ("text", "bool") and mode.value == UNCHECKED.get(name):
            yield Defect(
                "unenforced", at,
                f"{name}({mode.value}): every certificate is taken, from whomever it comes",
                "set the mode to default or pinned", (), context=context,
            )  # fmt: skip

    return read


def _place(mode: Node, call: Location) -> Location:
    """The mode, if it is written in the call itself; else the call."""
    within = mode.at.path == call.path and call.line <= mode.at.line <= call.end_line
    return mode.at if within and mode.kind == "text" else call
