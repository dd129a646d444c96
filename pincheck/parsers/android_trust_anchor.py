"""Certificates that Java and Kotlin code makes its trust anchors, or compares a server's with, by hand.

A certificate of a raw resource, an asset or a text becomes an entry of a key store, from which a trust
manager is made; or a key store is loaded as a whole; or okhttp-tls is given it. A trust manager of the
project's own may compare it with what the server sends instead. A key store that only a key manager is
made from holds the client's own certificate and is none of this, nor are anchors beside the system's.

Sources: Android's guide *Security with network protocols* (unknown certificate authorities), Java's reference
of ``TrustManagerFactory.init`` and ``KeyManagerFactory.init``; square/okhttp, ``HandshakeCertificates.kt``.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from pincheck.model import Declaration, Gap, Location, Parsed, Semantics, SourceFile, Text
from pincheck.model.code import Call, Frame, Module, Name, Other, PlacedCall, Value
from pincheck.readers import syntax
from pincheck.readers.paths import code_context
from pincheck.readers.sought import Followed, Sought
from pincheck.readers.tree import Node
from pincheck.registry import parser

MECHANISM = "cert-file"
ANCHORS = Semantics(client="the trust manager", platform="android", files="anchors")
"""A path has to end in one of them, wherever the client is sent."""
CERTIFICATES = ANCHORS._replace(hashed="certificate", compares="served", files="certificates")
KEYS = ANCHORS._replace(compares="served", files="keys")


class _Site(NamedTuple):
    """A place that is given certificates to trust."""

    value: Value
    frame: Frame
    at: Location
    semantics: Semantics = ANCHORS
    told: bool = True
    """What cannot be followed is a certificate all the same."""


_TRUSTS = (
    b"TrustManager",
    b"checkServerTrusted",
    b"rustedCertificate",
    b"TrustMaterial",
    b".trustManager(",
    b"TrustStore",
)


@parser(
    files=("*.kt", "*.kts", "*.java"),
    markers=(
        *(b"generateCertificate", b"TrustManagerFactory", b"setCertificateEntry"),
        *(b"addTrustedCertificate", b"loadTrustMaterial", b".trustManager("),
    ),
)
def parse(source: SourceFile) -> Iterator[Sought]:
    """Yield every place that makes a certificate, or loads a key store, for checking servers by."""
    if not any(word in source.data for word in _TRUSTS):
        return  # certificates that nobody checks a server by
    module = syntax.read(source)
    uses = _uses(module)
    for site in (*_generated(module, uses), *_loaded(module, uses), *_given(module, uses)):
        with_system = uses.with_system and site.semantics is ANCHORS
        yield Sought(
            site.at, MECHANISM, module, site.frame, (site.value,), _reader(site, with_system)
        )  # fmt: skip


class _Uses(NamedTuple):
    """What a file does with certificates and key stores, gathered once; frames go by their numbers."""

    entering: frozenset[int]
    """The frames inside which a certificate becomes an entry of a key store."""
    own: frozenset[int]
    """The same for a key of the client's own."""
    platform: frozenset[int]
    """The frames inside which okhttp-tls is given the system's anchors."""
    checking: frozenset[int]
    """The types that check servers themselves."""
    managers: bool
    """Whether trust managers are made at all."""
    with_system: bool
    """Whether some are made from the system's anchors."""
    keys: bool
    """Whether public keys are asked for."""
    stores: frozenset[str]
    """What key stores are called."""
    bytes: frozenset[str]
    """What streams of bytes in memory are called."""
    made_from: Mapping[tuple[int, str], bool]
    """The key stores that managers are made from, by function (the file is 0) and name: whether for trust."""


def _uses(module: Module) -> _Uses:
    inits = [call.positional for call, _ in module.calls.get("init", ())]
    streams: dict[str, bool] = {}
    for each in module.definitions:
        streams[each.name] = streams.get(each.name, True) and _is_of_bytes(each.value)
    made_from: dict[tuple[int, str], bool] = {}
    for name, trusts, frame in _made_from(module):
        for key in ((_function(frame), name), (0, name)):
            made_from[key] = trusts or made_from.get(key, False)
    return _Uses(
        entering=_inside("setCertificateEntry", module),
        own=_inside("setKeyEntry", module),
        platform=_inside("addPlatformTrustedCertificates", module),
        checking=frozenset(
            outer.number
            for each in module.functions
            if each.name == "checkServerTrusted"
            and each.frame.outer is not None
            and (outer := each.frame.outer.enclosing("type")) is not None
        ),
        managers=_makes_trust_managers(module),
        with_system=any(len(given) == 1 and _is_null(given[0]) for given in inits),
        keys=_compares_keys(module),
        stores=frozenset(
            each.name for each in module.definitions if "KeyStore" in each.type or _makes_store(each.value)
        ),
        bytes=frozenset(name for name, only in streams.items() if only),
        made_from=made_from,
    )


def _inside(name: str, module: Module) -> frozenset[int]:
    """The functions around the calls of a name, and the files and types around those outside of any."""
    return frozenset(_function(placed.frame) for placed in module.calls.get(name, ()))


def _function(frame: Frame) -> int:
    """The number of the function around a place, else of the type or file."""
    inside = frame.enclosing("function") or frame.enclosing("type") or frame.outward()[-1]
    return inside.number


def _reader(site: _Site, with_system: bool) -> Callable[[Followed], Iterator[Parsed]]:
    def read(followed: Followed) -> Iterator[Declaration | Gap]:
        (node,) = followed.values
        files = tuple(each for each in map(_file, node.walk()) if each is not None)
        if files and with_system:
            reason = "the system's trust anchors are asked for beside it, so whether it pins is not known"
            yield Gap(MECHANISM, site.at, reason, context=followed.context)
        elif files:
            yield Declaration(
                MECHANISM,
                site.at,
                (),
                (),
                site.semantics,
                context=followed.context,
                files=files,
                by_hand=True,
            )
        elif site.told:
            lost = next((each for each in node.walk() if each.kind == "unknown"), node)
            why = lost.value if lost.kind == "unknown" else "it is made here"
            where = code_context(lost.at.path)
            yield Gap(
                MECHANISM, site.at, f"the certificate cannot be followed: {why}",
                context=followed.context or (where if where != "production" else None),
            )  # fmt: skip

    return read


def _file(node: Node) -> Text | None:
    """A file by its name; one whose text stands in the code has no name, and its place is the text."""
    if node.kind == "file":
        return node.text
    if node.kind == "text" and "-----BEGIN CERTIFICATE-----" in node.value:
        return Text("", node.at)
    return None


# certificates --------------------------------------------------------------------


def _generated(module: Module, uses: _Uses) -> Iterator[_Site]:
    """The certificates that a factory reads, where trust managers are made of them or compare them."""
    for name in ("generateCertificate", "generateCertificates"):
        for call, frame in module.calls.get(name, ()):
            semantics = _use(frame, uses)
            if call.arguments and semantics is not None:
                value = call.arguments[0].value
                told = semantics is not ANCHORS or _function(frame) in uses.entering
                yield _Site(value, frame, call.at, semantics, told or not _of_bytes(value, uses))


def _use(frame: Frame, uses: _Uses) -> Semantics | None:
    """What a certificate that is made at a place is for; None if it is not for checking servers."""
    here = _function(frame)
    if here in uses.own and here not in uses.entering:
        return None
    if uses.entering and uses.managers:
        return ANCHORS
    if any(each.number in uses.checking for each in frame.outward()):
        return KEYS if uses.keys else CERTIFICATES
    return None


def _makes_trust_managers(module: Module) -> bool:
    made = (*module.calls.get("getInstance", ()), *module.calls.get("SSLSocketFactory", ()))
    return "loadTrustMaterial" in module.calls or any(
        call.name == "SSLSocketFactory"
        or (isinstance(call.of, Name) and "TrustManagerFactory" in call.of.path)
        for call, _ in made
    )


def _compares_keys(module: Module) -> bool:
    return "getPublicKey" in module.calls or any(
        isinstance(each.value, Name) and "publicKey" in each.value.path for each in module.definitions
    )


def _of_bytes(value: Value, uses: _Uses) -> bool:
    """Tell what is read from bytes in memory, which may come from anywhere."""
    return value.name in uses.bytes if isinstance(value, Name) else _is_of_bytes(value)


def _is_of_bytes(value: Value) -> bool:
    return isinstance(value, Call) and value.name in ("ByteArrayInputStream", "inputStream")


# key stores ----------------------------------------------------------------------


def _loaded(module: Module, uses: _Uses) -> Iterator[_Site]:
    """The key stores that are loaded as a whole, and that trust managers are made from."""
    for placed in module.calls.get("load", ()):
        given = placed.call.positional
        if 1 <= len(given) <= 2 and not _is_null(given[0]) and _is_store(placed, uses):
            name = placed.call.of.name if isinstance(placed.call.of, Name) else ""
            if _is_trusted(name, placed.frame, uses):
                yield _Site(given[0], placed.frame, placed.call.at)


def _is_store(placed: PlacedCall, uses: _Uses) -> bool:
    of = placed.call.of
    if of is None or (isinstance(of, Name) and of.name in ("it", "this")):
        over = next((each.over for each in placed.frame.outward() if each.kind == "lambda"), None)
        return over is not None and _makes_store(over)
    if not isinstance(of, Name):
        return _makes_store(of)
    parameters = (one for each in placed.frame.outward() for one in each.parameters)
    return of.name in uses.stores or any(
        each.name == of.name and "KeyStore" in each.type for each in parameters
    )


def _makes_store(value: Value) -> bool:
    while isinstance(value, Call):
        if value.name == "getInstance":
            return isinstance(value.of, Name) and value.of.name == "KeyStore"
        if value.of is None:
            return False
        value = value.of
    return False


def _is_trusted(name: str, frame: Frame, uses: _Uses) -> bool:
    """Whether trust managers are made from a key store, and not only key managers.

    What the same function makes from it counts, else what the file makes from one of its name, else from any.
    """
    for key in ((_function(frame), name), (0, name)):
        if name and key in uses.made_from:
            return uses.made_from[key]
    return bool(uses.made_from) and all(uses.made_from.values())


def _made_from(module: Module) -> Iterator[tuple[str, bool, Frame]]:
    """The key stores that managers are made from: their names, and whether it is trust managers."""
    for call, frame in module.calls.get("init", ()):
        if len(call.positional) in (1, 2) and not _is_null(call.positional[0]):
            yield _word(call.positional[0]), len(call.positional) == 1, frame
    for call, frame in module.calls.get("SSLSocketFactory", ()):
        if call.positional:
            yield _word(call.positional[0]), len(call.positional) != 2, frame
    for call, frame in module.calls.get("loadTrustMaterial", ()):
        if call.positional:
            yield _word(call.positional[0]), True, frame


def _word(value: Value) -> str:
    return value.name if isinstance(value, Name | Call) else ""


def _is_null(value: Value) -> bool:
    return (isinstance(value, Other) and value.text.endswith("null")) or (
        isinstance(value, Name) and value.name == "null"
    )


# given to builders ---------------------------------------------------------------


def _given(module: Module, uses: _Uses) -> Iterator[_Site]:
    """Certificates that a builder or a key store is given, where another file makes them."""
    for call, frame in module.calls.get("addTrustedCertificate", ()):
        if call.arguments and _function(frame) not in uses.platform:
            yield _Site(call.arguments[0].value, frame, call.at)
    for call, frame in module.calls.get("trustManager", ()):
        if len(call.arguments) == 1:
            yield _Site(call.arguments[0].value, frame, call.at, told=False)
    if not any(name in module.calls for name in ("generateCertificate", "generateCertificates")):
        for call, frame in module.calls.get("setCertificateEntry", ()):
            if len(call.arguments) == 2 and uses.managers:
                yield _Site(call.arguments[1].value, frame, call.at, told=False)
