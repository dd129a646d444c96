"""Certificates that Java and Kotlin code makes its trust anchors, or compares a server's with, by hand.

A certificate of a raw resource, an asset or a text becomes an entry of a key store, from which a trust
manager is made; or a key store is loaded as a whole; or okhttp-tls is given it. A trust manager of the
project's own may compare it with what the server sends instead. A key store that only a key manager is
made from holds the client's own certificate and is none of this, nor are anchors beside the system's.

Sources: Android's guide *Security with network protocols* (unknown certificate authorities), Java's reference
of ``TrustManagerFactory.init`` and ``KeyManagerFactory.init``; square/okhttp, ``HandshakeCertificates.kt``.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from pincheck.model import Declaration, Gap, Location, Parsed, Semantics, SourceFile, Text
from pincheck.model.code import Call, Frame, Module, Name, Other, PlacedCall, Value
from pincheck.readers import syntax
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


@parser(
    files=("*.kt", "*.kts", "*.java"),
    markers=(
        *(b"generateCertificate", b"TrustManagerFactory", b"setCertificateEntry"),
        *(b"addTrustedCertificate", b"loadTrustMaterial", b".trustManager("),
    ),
)
def parse(source: SourceFile) -> Iterator[Sought]:
    """Yield every place that makes a certificate, or loads a key store, for checking servers by."""
    module = syntax.read(source)
    for site in (*_generated(module), *_loaded(module), *_given(module)):
        yield Sought(
            site.at, MECHANISM, module, site.frame, (site.value,), _reader(site, _with_system(site, module))
        )


def _reader(site: _Site, with_system: bool) -> Callable[[Followed], Iterator[Parsed]]:
    def read(followed: Followed) -> Iterator[Declaration | Gap]:
        (node,) = followed.values
        files = tuple(each for each in map(_file, node.walk()) if each is not None)
        if files and with_system:
            reason = "the system's trust anchors are asked for beside it, so whether it pins is not known"
            yield Gap(MECHANISM, site.at, reason, context=followed.context)
        elif files:
            yield Declaration(
                MECHANISM, site.at, (), (), site.semantics, context=followed.context, files=files
            )
        elif site.told:
            why = next((each.value for each in node.walk() if each.kind == "unknown"), "it is made here")
            yield Gap(
                MECHANISM, site.at, f"the certificate cannot be followed: {why}", context=followed.context
            )

    return read


def _file(node: Node) -> Text | None:
    """A file by its name; one whose text stands in the code has no name, and its place is the text."""
    if node.kind == "file":
        return node.text
    if node.kind == "text" and "-----BEGIN CERTIFICATE-----" in node.value:
        return Text("", node.at)
    return None


# certificates --------------------------------------------------------------------


def _generated(module: Module) -> Iterator[_Site]:
    """The certificates that a factory reads, where trust managers are made of them or compare them."""
    for name in ("generateCertificate", "generateCertificates"):
        for call, frame in module.calls.get(name, ()):
            semantics = _use(frame, module)
            if call.arguments and semantics is not None:
                value = call.arguments[0].value
                here = semantics is not ANCHORS or _near("setCertificateEntry", frame, module)
                yield _Site(value, frame, call.at, semantics, told=here or not _of_bytes(value, module))


def _use(frame: Frame, module: Module) -> Semantics | None:
    """What a certificate that is made at a place is for; None if it is not for checking servers."""
    if _near("setKeyEntry", frame, module) and not _near("setCertificateEntry", frame, module):
        return None
    if "setCertificateEntry" in module.calls and _makes_trust_managers(module):
        return ANCHORS
    types = [each for each in frame.outward() if each.kind == "type"]
    for function in module.functions:
        outer = function.frame.outer
        if function.name == "checkServerTrusted" and outer is not None and outer.enclosing("type") in types:
            return KEYS if _compares_keys(module) else CERTIFICATES
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


def _of_bytes(value: Value, module: Module) -> bool:
    """Tell what is read from bytes in memory, which may come from anywhere."""
    if isinstance(value, Name):
        given = [each.value for each in module.definitions if each.name == value.name]
        return bool(given) and all(isinstance(each, Call) and _of_bytes(each, module) for each in given)
    return isinstance(value, Call) and value.name in ("ByteArrayInputStream", "inputStream")


def _near(name: str, frame: Frame, module: Module) -> bool:
    """Whether the function around a place calls something."""
    around = frame.enclosing("function") or frame.outward()[-1]
    return any(around in placed.frame.outward() for placed in module.calls.get(name, ()))


# key stores ----------------------------------------------------------------------


def _loaded(module: Module) -> Iterator[_Site]:
    """The key stores that are loaded as a whole, and that trust managers are made from."""
    for placed in module.calls.get("load", ()):
        given = placed.call.positional
        if 1 <= len(given) <= 2 and not _is_null(given[0]) and _is_store(placed, module):
            name = placed.call.of.name if isinstance(placed.call.of, Name) else ""
            if _is_trusted(name, placed.frame, module):
                yield _Site(given[0], placed.frame, placed.call.at)


def _is_store(placed: PlacedCall, module: Module) -> bool:
    of = placed.call.of
    if of is None or (isinstance(of, Name) and of.name in ("it", "this")):
        over = next((each.over for each in placed.frame.outward() if each.kind == "lambda"), None)
        return over is not None and _makes_store(over)
    if not isinstance(of, Name):
        return _makes_store(of)
    parameters = (one for each in placed.frame.outward() for one in each.parameters)
    return any(each.name == of.name and "KeyStore" in each.type for each in parameters) or any(
        each.name == of.name and ("KeyStore" in each.type or _makes_store(each.value))
        for each in module.definitions
    )


def _makes_store(value: Value) -> bool:
    while isinstance(value, Call):
        if value.name == "getInstance":
            return isinstance(value.of, Name) and value.of.name == "KeyStore"
        if value.of is None:
            return False
        value = value.of
    return False


def _is_trusted(name: str, frame: Frame, module: Module) -> bool:
    """Whether trust managers are made from a key store, and not only key managers, by the arguments.

    What the same function makes from it counts, else what the file makes from any.
    """
    used = tuple(_made_from(module))
    around = frame.enclosing("function") or frame.outward()[-1]
    here = [trusts for each, trusts, place in used if each == name and around in place.outward()]
    if here:
        return any(here)
    trusted = {each for each, trusts, _ in used if trusts}
    return name in trusted or (bool(trusted) and all(trusts for _, trusts, _ in used))


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


def _given(module: Module) -> Iterator[_Site]:
    """Certificates that a builder or a key store is given, where another file makes them."""
    for call, frame in module.calls.get("addTrustedCertificate", ()):
        if call.arguments and not _near("addPlatformTrustedCertificates", frame, module):
            yield _Site(call.arguments[0].value, frame, call.at)
    for call, frame in module.calls.get("trustManager", ()):
        if len(call.arguments) == 1:
            yield _Site(call.arguments[0].value, frame, call.at, told=False)
    if not any(name in module.calls for name in ("generateCertificate", "generateCertificates")):
        for call, frame in module.calls.get("setCertificateEntry", ()):
            if len(call.arguments) == 2 and _makes_trust_managers(module):
                yield _Site(call.arguments[1].value, frame, call.at, told=False)


def _with_system(site: _Site, module: Module) -> bool:
    """Whether trust managers of the system's anchors are made beside those of the certificates."""
    if site.semantics is not ANCHORS:
        return False
    return any(
        len(call.positional) == 1 and _is_null(call.positional[0]) for call, _ in module.calls.get("init", ())
    )
