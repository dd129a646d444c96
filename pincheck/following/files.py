"""Files that an app carries, as its code opens them: their names go where their bytes go.

Sources: Android's reference of ``Resources.openRawResource`` and ``AssetManager.open``, Java's of
``Class.getResourceAsStream`` and ``CertificateFactory``; square/okhttp, ``Certificates.kt`` of okhttp-tls;
Apple's of ``Bundle``, Flutter's of ``AssetBundle``, Dart's of ``File`` and ``Uint8List``.
"""

from pincheck.following.evaluator import Evaluator
from pincheck.following.nodes import Place, somewhere
from pincheck.model.code import Call, Literal, Name, Value
from pincheck.readers.tree import Node

OPENING = frozenset(("openRawResource", "openRawResourceFd", "getResourceAsStream"))
"""Open the file that their first argument names."""
_ASSETS = frozenset(("assets", "getAssets", "assetManager", "mAssetManager"))
_STREAMS = frozenset(
    (
        *("BufferedInputStream", "ByteArrayInputStream", "DataInputStream", "InputStreamReader"),
        *("BufferedReader", "writeUtf8"),
    )
)
"""Hold what their first argument holds."""
_BYTES = frozenset(
    (
        *("toByteArray", "getBytes", "byteInputStream", "encodeToByteArray", "decodeCertificatePem"),
        *("asUint8List", "asInt8List", "readAsBytes", "readAsBytesSync"),
    )
)
"""Give the bytes of the text that they are asked of."""


_READING = frozenset(
    (
        *("Data", "NSData", "dataWithContentsOfFile", "dataWithContentsOfURL", "initWithContentsOfFile"),
        *("contents", "contentsAtPath", "initWithContentsOfURL", "fileURLWithPath"),
    )
)
"""Read the file whose path is their first argument."""
_CERTIFICATES = frozenset(("SecCertificateCreateWithData", "SecCertificateCopyKey", "SecCertificateCopyData"))
"""Make a certificate of their last argument, or take out of it what it is compared by."""
_VIEWS = (Name("Uint8List"), Name("Int8List"), Name("utf8"))


def opens(call: Call) -> bool:
    """Tell a call that opens a file of the app."""
    if call.name in OPENING:
        return bool(call.arguments)
    if call.name in ("load", "loadString"):
        return _is_bundle(call.of)
    if call.name == "File" and call.of is None:
        return call.at.path.endswith(".dart")
    return call.name == "open" and isinstance(call.of, Name | Call) and call.of.name in _ASSETS


def _is_bundle(of: Value | None) -> bool:
    """Tell Flutter's bundle of assets."""
    if isinstance(of, Call):
        return of.name == "PlatformAssetBundle" or (
            of.name == "of" and isinstance(of.of, Name) and of.of.name == "DefaultAssetBundle"
        )
    return isinstance(of, Name) and of.name == "rootBundle"


def opened(values: Evaluator, call: Call, place: Place) -> Node | None:
    """The file that a call opens or reads on; None if it does neither."""
    if opens(call) and call.arguments:
        return _named(values, call, call.arguments[0].value, place)
    if call.name in _READING or call.name in _CERTIFICATES:
        return _read(values, call, place)
    if call.name in ("path", "url", "pathForResource", "URLForResource"):
        return _of_bundle(values, call, place)
    if call.name == "getIdentifier" and len(call.arguments) == 3:
        return _resource(values, call, place)
    if call.name in _STREAMS and call.arguments:
        return values.node(call.arguments[0].value, place)
    if call.name in ("fromList", "view", "sublistView", "encode") and call.positional and call.of in _VIEWS:
        return values.node(call.positional[0], place)
    if call.name in _BYTES and call.of is not None:
        return values.node(call.of, place)
    if call.name == "generateCertificate" and call.arguments:
        return values.node(call.arguments[0].value, place)
    if call.name == "generateCertificates" and call.arguments:
        return Node("list", call.at, items=(values.node(call.arguments[0].value, place),))
    return None


def _named(values: Evaluator, call: Call, name: Value, place: Place) -> Node:
    node = values.node(name, place)
    if node.kind not in ("text", "file"):
        return node
    here = node.kind == "file" and node.at.path == call.at.path  # a resource's name has no place of its own
    return Node("file", call.at if here else node.at, node.value)


def _read(values: Evaluator, call: Call, place: Place) -> Node | None:
    """What a call reads, if it is a file that the app carries."""
    if not call.arguments:
        return None
    given = call.arguments[-1 if call.name in _CERTIFICATES else 0].value
    node = values.node(given, place)
    return node if node.kind == "file" or call.name in _CERTIFICATES else None


def _of_bundle(values: Evaluator, call: Call, place: Place) -> Node | None:
    """The file of a bundle, by its name and its ending."""
    name, ending = call.named("forResource"), call.named("withExtension", "ofType")
    if name is None and call.name.endswith("ForResource") and call.arguments:
        name = call.arguments[0].value
    if name is None:
        return None
    node = values.node(name, place)
    if node.kind != "text" or ending is None:
        return node if node.kind != "text" else node._replace(kind="file")
    end = values.node(ending, place)
    if end.kind == "unknown":
        return end
    dot = "." if end.kind == "text" and end.value else ""
    return Node("file", node.at, node.value + dot + end.value.lstrip(".") if dot else node.value)


def _resource(values: Evaluator, call: Call, place: Place) -> Node | None:
    """``getIdentifier("server", "raw", …)``, a raw resource by its name."""
    kind = call.arguments[1].value
    if not (isinstance(kind, Literal) and kind.value == "raw"):
        return None
    return _named(values, call, call.arguments[0].value, place)


def named(values: Evaluator, name: Name, place: Place) -> Node | None:
    """``R.raw.server``, a file whose ending is not known, or the bytes of what a name stands for; else None."""
    if name.path[-3:-1] == ("R", "raw"):
        return Node("file", somewhere(place), name.name)
    if name.name == "buffer" and name.of is not None and place.module.path.endswith(".dart"):
        return values.node(name.of, place)
    return None
