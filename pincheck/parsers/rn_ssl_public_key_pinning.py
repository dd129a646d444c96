"""react-native-ssl-public-key-pinning: hosts and pins given to ``initializeSslPinning`` in code.

Source: frw/react-native-ssl-public-key-pinning, ``SslPublicKeyPinningModule.java``,
``SslPublicKeyPinning.mm``. Android pins with OkHttp and puts ``sha256/`` before each pin itself, iOS with
TrustKit. A function of the same name in react-native-ssl-manager takes another object.
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
from pincheck.model.code import Items, Literal, PlacedCall, Value
from pincheck.parsers import _script
from pincheck.parsers._followed import texts
from pincheck.parsers._literals import looks_like_host
from pincheck.parsers._trustkit_ios_keys import HASHABLE
from pincheck.readers.shapes import shape
from pincheck.readers.sought import Followed, Sought
from pincheck.readers.tree import Node
from pincheck.registry import parser

MECHANISM = "rn-ssl-public-key-pinning"
PACKAGE = "react-native-ssl-public-key-pinning"
OTHER = "react-native-ssl-manager"
PINS = "publicKeyHashes"

# A pin with a prefix makes iOS refuse the whole configuration; Android takes it, and it never matches.
# On iOS TrustKit compares.
SEMANTICS = Semantics(
    client=PACKAGE,
    platform="any",
    codec=PinCodec(prefix="forbidden"),
    hosts=HostSyntax(subdomains="any", trims=False),
    refused_pin="iOS refuses the whole configuration, and the app goes on unpinned",
    lookup="most-specific",
    compares="path",
    hashable=HASHABLE,
    unhashable="refused",
    expiry="unpinned",
    expiry_zone="utc",
    expiry_format="iso",
    bad_expiry="the library refuses the whole configuration, and the app goes on unpinned",
    minimum_pins=2,
)

Found = Declaration | Defect | Gap


@parser(files=_script.FILES, markers=(b"publicKeyHashes", b"initializeSslPinning"))
def parse(source: SourceFile) -> Iterator[Sought]:
    """Yield every host that stands over ``publicKeyHashes``, and what the library is given besides."""
    module = _script.read(source)
    if module is None:
        return
    imported = _script.uses(module, PACKAGE)
    here = set()
    for each in _script.objects(module):
        if each.key is not None and (pins := each.get(PINS)) is not None:
            here.add(_spot(each.entries.at))
            yield Sought(
                each.entries.at, MECHANISM, module, each.frame,
                (each.key, pins, *_options(each)), _host_reader(each.entries.at, imported),
            )  # fmt: skip
    if not _script.uses(module, OTHER):
        for call in module.calls.get("initializeSslPinning", ()):
            if call.call.arguments:
                given = call.call.arguments[0].value
                yield Sought(call.call.at, MECHANISM, module, call.frame, (given,), _call_reader(call, here))


def _options(each: _script.Object) -> tuple[Value, Value]:
    """The flag and the date beside the pins; an empty list for one that is not there."""
    nothing = Items((), each.entries.at)
    return each.get("includeSubdomains") or nothing, each.get("expirationDate") or nothing


def _host_reader(at: Location, imported: bool) -> Callable[[Followed], Iterator[Found]]:
    def read(followed: Followed) -> Iterator[Found]:
        host, pins, subdomains, expires = followed.values
        named = host.kind == "text" and looks_like_host(host.value)
        pinned = any(shape(text.value) for text in texts(pins).found)
        if imported or named or pinned:
            yield from _host(at, followed, host, pins, subdomains, expires, imported)

    return read


def _call_reader(
    placed: PlacedCall, here: set[tuple[str, int, int]]
) -> Callable[[Followed], Iterator[Found]]:
    call = placed.call

    def read(followed: Followed) -> Iterator[Found]:
        (root,) = followed.values
        if root.kind == "unknown" and not here and not isinstance(call.arguments[0].value, Literal):
            yield Gap(
                MECHANISM, call.at, f"what {call.name} is given cannot be followed: {root.value}",
                context=_script.build(followed),
            )  # fmt: skip
        for key, options in _hosts(root):
            pins = options.get(PINS)
            if pins is not None and not (_spot(options.at) in here or _stands_in(root, key, options)):
                missing = Node("null", options.at)
                flag = options.get("includeSubdomains") or missing
                yield from _host(
                    options.at, followed, key, pins, flag, options.get("expirationDate") or missing, True
                )

    return read


def _hosts(root: Node) -> Iterator[tuple[Node, Node]]:
    """The hosts of a configuration and their options; a list of pairs is one too (``Object.fromEntries``)."""
    for key, options in root.entries:
        yield Node("text", key.at, key.value), options
    for pair in root.items:
        if pair.kind == "list" and len(pair.items) == 2:
            yield pair.items[0], pair.items[1]


def _stands_in(root: Node, key: Node, options: Node) -> bool:
    """Tell whether the host is written over its options, so that they are found where they stand."""
    if _within(options.at, root.at):
        return True
    beside = key.at.path == options.at.path and key.at.end_line == options.at.line
    return beside and 0 <= options.at.column - key.at.end_column <= 5


def _within(inner: Location, outer: Location) -> bool:
    return (
        inner.path == outer.path
        and (outer.line, outer.column) <= (inner.line, inner.column)
        and (inner.end_line, inner.end_column) <= (outer.end_line, outer.end_column)
    )


def _host(
    at: Location,
    followed: Followed,
    host: Node,
    pins: Node,
    subdomains: Node,
    expires: Node,
    imported: bool,
) -> Iterator[Found]:
    found, debug = texts(pins), _script.build(followed)
    known = host.kind == "text" and (looks_like_host(host.value) or _script.is_known(host.text))
    hosts = (DeclaredHost(host.value, host.at, subdomains.value == "true"),) if known else ()
    names = tuple(each.text for each in hosts)
    if found.found:
        yield Declaration(
            MECHANISM, at, hosts, found.found, SEMANTICS,
            expires=expires.text if expires.kind == "text" else None, context=debug,
        )  # fmt: skip
    elif imported and pins.kind == "list" and not pins.items:
        yield Defect(
            "unenforced", at, "the list of pins is empty, so nothing is pinned",
            "add the pin of the key in use and a backup pin", names, context=debug,
        )  # fmt: skip
    for each in found.lost if imported or found.found or names else ():
        reason = f"the pin cannot be followed: {each.value}"
        yield Gap(MECHANISM, at, reason, names, context=debug)


def _spot(at: Location) -> tuple[str, int, int]:
    return at.path, at.line, at.column
