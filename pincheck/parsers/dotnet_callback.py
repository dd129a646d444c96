"""Pins that .NET code compares in a callback: HttpClient, ServicePointManager, SslStream, Unity, Xamarin.

Sources: https://learn.microsoft.com/dotnet/api/system.security.cryptography.x509certificates.x509certificate2
(``Thumbprint`` and ``GetCertHashString()`` are the SHA-1 of the certificate, ``GetCertHashString(name)`` is its hash
by that algorithm, ``GetPublicKeyString()`` the bare key in hex, with no header and no hash);
``HttpClientHandler.ServerCertificateCustomValidationCallback``;
https://docs.unity3d.com/ScriptReference/Networking.CertificateHandler.html. A callback is given the leaf.
"""

import re
from collections.abc import Callable, Iterator
from itertools import chain, islice
from typing import NamedTuple

from pincheck.model import (
    Declaration,
    DeclaredHost,
    Defect,
    Gap,
    Location,
    Parsed,
    Semantics,
    SourceFile,
    Text,
)
from pincheck.model.code import (
    Call,
    Definition,
    Frame,
    Items,
    Lambda,
    Module,
    Name,
    Other,
    Returned,
    Value,
)
from pincheck.parsers import _code_values, _literals, pin_literals
from pincheck.parsers._followed import host_of, texts
from pincheck.readers import shapes, syntax
from pincheck.readers.sought import Followed, Sought
from pincheck.registry import parser

MECHANISM = "dotnet-callback"
SEMANTICS: Semantics = pin_literals.SEMANTICS._replace(
    client=".NET", compares="leaf", refused_pin="it never matches"
)
"""How a text is compared (its case, its colons) is up to the code, and nothing is held against it."""

CALLBACKS = ("ServerCertificateCustomValidationCallback", "ServerCertificateValidationCallback")
ACCEPTS_ALL = "DangerousAcceptAnyServerCertificateValidator"
_EVALUATES = (
    rb"ServerCertificate(?:Custom)?ValidationCallback|RemoteCertificateValidationCallback|CertificateHandler|SslPolicyErrors"
    rb"|ServerTrust|TrustOverride|checkServerTrusted|CheckServerTrusted|X509TrustManager|ServerCertificateCustomValidator"
)
_STORE = rb"\bX509Store\b"
"""Code that looks for a certificate of its own."""

_SOURCES: tuple[tuple[str, frozenset[str]], ...] = (
    (
        "spki",
        _literals.words_of("ExportSubjectPublicKeyInfo CreateSubjectPublicKeyInfo SubjectPublicKeyInfo"),
    ),
    ("key", _literals.words_of("GetPublicKeyString GetPublicKey EncodedKeyValue GetRSAPublicKey")),
    ("certificate", _literals.words_of("Thumbprint GetCertHashString GetCertHash")),
    ("bytes", _literals.words_of("RawData GetRawCertData GetRawCertDataString DerData GetEncoded")),
)
_HASHING = _literals.words_of("hash sha digest fingerprint thumbprint")
_PRINTS = _literals.words_of("fingerprint thumbprint")
_EQUALS = _literals.words_of("""
    Equals SequenceEqual CompareTo Compare CompareOrdinal FixedTimeEquals Contains ContainsValue IndexOf
    StartsWith EndsWith
""")
_RESPELLING = _literals.words_of("""
    ToLower ToUpper ToLowerInvariant ToUpperInvariant Trim Replace
""")
_COMPARERS = frozenset(("StringComparison", "StringComparer"))
MAX_DEPTH = 4
MAX_VALUES = 200
"""How far, and at how many values inside it, an operand is looked at."""


@parser(
    files=("*.cs",),
    markers=(
        *(b"CertificateCustomValidationCallback", b"CertificateValidationCallback", b"CertificateHandler"),
        *(b"GetCertHash", b"Thumbprint", b"GetPublicKey", b"ExportSubjectPublicKeyInfo", b"GetRawCertData"),
        *(b"SslPolicyErrors", b"DangerousAcceptAny"),
    ),
)
def parse(source: SourceFile) -> Iterator[Sought | Defect]:
    """Yield what a server's certificate is compared with, and callbacks that accept every certificate."""
    module = syntax.read(source)
    evaluates = bool(re.search(_EVALUATES, source.data))
    if evaluates or not re.search(_STORE, source.data):
        hosts = _literals.hosts_asked(module)
        for each in _grouped(_comparisons(module)):
            if evaluates or _checks(each.frame):
                yield Sought(
                    each.at, MECHANISM, module, each.frame,
                    (Items(_host(each.frame, hosts), each.at), each.pins), _reader(each, evaluates),
                )  # fmt: skip
    yield from _accepting(module)


def _checks(frame: Frame) -> bool:
    """Tell code that is about checking by its names."""
    names = (each.name for each in frame.outward() if each.kind in ("function", "type"))
    around = {word for name in names for word in _literals.words(name)}
    return bool(around & _literals.CHECKING) or _literals.names_pinning(frozenset(around))


def _host(frame: Frame, hosts: dict[int, Value]) -> tuple[Value, ...]:
    owner = frame.enclosing("type")
    return (hosts[owner.number],) if owner is not None and owner.number in hosts else ()


# comparisons -------------------------------------------------------------------


class _Comparison(NamedTuple):
    """What a part of a certificate is compared with."""

    pins: Value
    compared: str
    """What of the certificate: ``certificate`` or ``spki`` for a hash, ``key`` for the bare key."""
    frame: Frame
    at: Location


def _comparisons(module: Module) -> Iterator[_Comparison]:
    origins = _Origins(module)
    seen = set()
    for placed in _code_values.placed(module):
        for value, frame in _code_values.below(*placed):
            at = value.at if isinstance(value, Call | Other) else None
            if at is None or (at, type(value)) in seen:
                continue
            operands = _operands(value)
            if len(operands) != 2:
                continue
            first, second = (origins.of(each, frame) for each in operands)
            if bool(first) != bool(second):
                seen.add((at, type(value)))
                pins = operands[1] if first else operands[0]
                if not isinstance(pins, Other | Lambda):
                    yield _Comparison(pins, first or second, frame, at)


def _grouped(comparisons: Iterator[_Comparison]) -> Iterator[_Comparison]:
    """Those of one function or lambda as one: ``hash == A || hash == B`` takes either."""
    found: dict[tuple[int, str], list[_Comparison]] = {}
    for each in comparisons:
        inner = next(frame for frame in each.frame.outward() if frame.kind != "branch")
        found.setdefault((inner.number, each.compared), []).append(each)
    for first, *more in found.values():
        pins = (first.pins, *(each.pins for each in more))
        yield first._replace(pins=Items(pins, first.at)) if more else first


def _operands(value: Value) -> tuple[Value, ...]:
    """The two values that are compared, or none."""
    parts: tuple[Value, ...] = ()
    if isinstance(value, Other) and len(value.parts) == 2:
        parts = value.parts
        if any(isinstance(part, Other) for part in parts):
            return ()
    elif isinstance(value, Call) and value.name in _EQUALS:
        of = () if value.of is None or _is_type(value.of) else (value.of,)
        parts = (*of, *(each.value for each in value.arguments if not _is_comparer(each.value)))
    return tuple(_plain(part) for part in parts)


def _is_type(value: Value) -> bool:
    """``string``, ``String``, ``CryptographicOperations``: whose comparing function it is."""
    word = value.text if isinstance(value, Other) else value.path[-1] if isinstance(value, Name) else ""
    return word in ("string", "String", "CryptographicOperations", "Enumerable", "StringComparer")


def _is_comparer(value: Value) -> bool:
    return isinstance(value, Name) and (value.path[0] in _COMPARERS or "StringComparison" in value.path)


def _plain(value: Value) -> Value:
    """A value without what only changes its spelling."""
    while isinstance(value, Call) and value.name in _RESPELLING and value.of is not None:
        value = value.of
    return value


class _Origins:
    """Which values of a file come from a certificate, and what of it they are."""

    def __init__(self, module: Module) -> None:
        self._known: dict[tuple[str, int], str] = {}
        self._inside: dict[int, list[Value]] = {}
        self._named: dict[tuple[int, str], list[Definition]] = {}
        self._functions = {each.name: each for each in module.functions if not each.getter}
        for definition in module.definitions:
            self._named.setdefault((_scope(definition.frame), definition.name), []).append(definition)
            self._inside.setdefault(_scope(definition.frame), []).append(definition.value)

    def of(self, value: Value, frame: Frame, depth: int = 0) -> str:
        """``spki``, ``key`` or ``certificate`` for what comes from a certificate, else empty."""
        words: set[str] = set()
        found: set[str] = set()
        for each, _ in islice(_code_values.below(value, frame), MAX_VALUES):
            if isinstance(each, Lambda):
                break
            if isinstance(each, Name | Call):
                words.add(each.name)
                if (
                    isinstance(each, Call)
                    and not each.arguments
                    and _PRINTS & set(_literals.words(each.name))
                ):
                    found.add("certificate")  # a method of the project's own
                if _is_data(each, frame):
                    found.add("bytes")
                if depth < MAX_DEPTH and each.of is None:
                    found.add(self._named_so(each, frame, depth))
        found.update(kind for kind, names in _SOURCES if names & words)
        if "bytes" in found and (any(_HASHING & set(_literals.words(word)) for word in words)):
            found.add("certificate")
        kinds = ("spki", "key", "certificate", *(("bytes",) if depth else ()))
        return next((kind for kind in kinds if kind in found), "")

    def _named_so(self, value: Name | Call, frame: Frame, depth: int) -> str:
        """What a local variable, or what a function of the file gives back, comes from."""
        key = (value.name, -1 if isinstance(value, Call) else _scope(frame))
        if key not in self._known:
            self._known[key] = ""  # what asks for itself comes from nothing
            values: list[Value] = []
            inner = frame
            if isinstance(value, Name):
                values = [each.value for each in self._named.get((_scope(frame), value.name), ())]
            elif value.name in self._functions:
                function = self._functions[value.name]
                inner = function.frame
                values = [*(each.value for each in function.returned), *self._inside.get(inner.number, ())]
            together = Items(tuple(values), frame.at) if values and frame.at else None
            self._known[key] = self.of(together, inner, depth + 1) if together is not None else ""
        return self._known[key]


def _scope(frame: Frame) -> int:
    """The function that a place is in, else its type or file."""
    return next(each for each in frame.outward() if each.kind in ("function", "type", "file")).number


def _is_data(value: Value, frame: Frame) -> bool:
    """Tell the bytes that Unity hands to ``ValidateCertificate``."""
    function = frame.enclosing("function")
    return (
        isinstance(value, Name)
        and function is not None
        and function.name == "ValidateCertificate"
        and len(function.parameters) == 1
        and value.name == function.parameters[0].name
    )


# what they come to -------------------------------------------------------------


def _reader(comparison: _Comparison, evaluates: bool) -> Callable[[Followed], Iterator[Parsed]]:
    def read(followed: Followed) -> Iterator[Declaration | Gap]:
        named, given = (texts(each) for each in followed.values)
        hosts = tuple(DeclaredHost(text.value, text.at) for text in map(host_of, named.found))
        names = tuple(host.text for host in hosts)
        if comparison.compared in ("key", "bytes"):
            for text in given.found:
                if len(text.value) >= 20:
                    yield _whole(text, comparison.compared, names, followed)
        else:
            yield from _hashes(comparison, given.found, hosts, followed)
        for each in given.lost if evaluates and not given.found else ():
            yield Gap(
                MECHANISM, comparison.at, f"the pin cannot be followed: {each.value}", names,
                context=followed.context,
            )  # fmt: skip

    return read


def _hashes(
    comparison: _Comparison, found: tuple[Text, ...], hosts: tuple[DeclaredHost, ...], followed: Followed
) -> Iterator[Declaration]:
    pins = tuple(text for text in found if shapes.may_be_pin(text.value))
    if pins:
        spki = comparison.compared == "spki"
        yield Declaration(
            MECHANISM, pins[0].at, hosts, pins,
            SEMANTICS._replace(hashed="spki" if spki else "certificate"), context=followed.context,
        )  # fmt: skip


def _whole(text: Text, compared: str, hosts: tuple[str, ...], followed: Followed) -> Gap:
    what = "a bare public key, or its hash" if compared == "key" else "a whole certificate"
    return Gap(
        MECHANISM, text.at, f"{what}, is compared, and no hash of an SPKI or certificate", hosts,
        f"{text.value[:20]}…", followed.context,
    )  # fmt: skip


# callbacks that accept everything ----------------------------------------------


def _accepting(module: Module) -> Iterator[Defect]:
    functions = {each.name: each.returned for each in module.functions}
    for name, value, frame, at in _callbacks(module):
        returned: tuple[Returned, ...] = ()
        if isinstance(value, Lambda):
            returned = value.returned
        elif isinstance(value, Name) and value.of is None:
            returned = functions.get(value.name, ())
        if (isinstance(value, Name) and value.name == ACCEPTS_ALL) or _is_true(returned):
            yield _accepts(name, frame, at)
    for function in module.functions:
        owner = function.frame.outer
        if (
            function.name == "ValidateCertificate"
            and owner is not None
            and any("CertificateHandler" in base for base in owner.bases)
            and _is_true(function.returned)
        ):
            yield _accepts("ValidateCertificate", function.frame, function.frame.at)


def _callbacks(module: Module) -> Iterator[tuple[str, Value, Frame, Location | None]]:
    for definition in module.definitions:
        if definition.name in CALLBACKS:
            yield definition.name, definition.value, definition.frame, definition.at
    for call, frame in chain.from_iterable(module.calls.values()):
        if call.name == "+=" and isinstance(call.of, Name) and call.of.name in CALLBACKS:
            yield call.of.name, call.arguments[0].value, frame, call.at
        for argument in call.arguments:
            if argument.name in CALLBACKS:
                yield argument.name, argument.value, frame, call.at


def _is_true(returned: tuple[Returned, ...]) -> bool:
    return len(returned) == 1 and isinstance(returned[0].value, Other) and returned[0].value.text == "true"


def _accepts(name: str, frame: Frame, at: Location | None) -> Defect:
    debug = any(each.kind == "branch" and re.search(r"\bDEBUG\b", each.name) for each in frame.outward())
    assert at is not None
    return Defect(
        "unenforced", at, f"{name} accepts every certificate, of whomever it is",
        "return false where the certificate is not the one that is pinned, or remove it",
        severity="warning", context="debug" if debug else None, if_pinned=True,
    )  # fmt: skip
