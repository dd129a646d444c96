"""Texts in code that are pins by their shape, and what the code around them says they are for."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from pincheck.model.code import (
    Call,
    Choice,
    Entries,
    Frame,
    Index,
    Items,
    Joined,
    Lambda,
    Literal,
    Module,
    Name,
    Other,
    Placed,
    Spread,
    Value,
)
from pincheck.parsers import _shapes


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WORD = r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+"
_PINNING = _words("""
    pin pins pinned pinning pinner spki spkis pinset
""")
_CHECKED = _words("""
    ssl tls certificate certificates cert certs publickey pubkey server trusted
""")
_HASHES = _words("""
    hash hashes fingerprint fingerprints digest digests sha thumbprint thumbprints
""")
_KEYS = _words("""
    key keys trust peer public backend api root leaf intermediate
""")
NOT_PINS = _words("""
    signature signatures signing signer apk package integrity checksum commit nonce challenge
    wireguard token password salt iv aes encryption encrypted license merkle repository repo
    repos transaction tx block wallet seed mnemonic secret asset assetlinks webauthn passkey
    attestation hostname private noise curve x25519 ed25519 apple push pinyin pincode pinterest
    pinch keyboard image file download gradle wrapper
""")
EVALUATES = (
    rb"SecTrust|[sS]erverTrust|X509TrustManager|checkServerTrusted|badCertificateCallback|validateCertificate"
    rb"|CertificateCustomValidationCallback|ServerCertificateValidationCallback|CertificateHandler|CertificatePinner"
    rb"|SSLPeerUnverified|didReceiveChallenge|didReceive challenge|HostnameVerifier|[pP]ublicKeyHash|SecKeyCopyExternal"
    rb"|[sS][sS][lL][pP]in|[cC]ertificate[pP]in|getPeerCertificates|peerCertificates|X509Certificate\b"
)
"""What code that checks a server's key or certificate speaks of."""
SIGNS = rb"[sS]igning(?:Certificate|Info|Key|_)|GET_SIGNATURES|GET_SIGNING|signingInfo|assetlinks|apkContentsSigners"
"""What code that checks who signed an app speaks of."""


class PinLiterals(NamedTuple):
    """Literals that stand together and are pins by their shape."""

    literals: tuple[Literal, ...]
    hosts: tuple[Value, ...]
    """What the code around gives as their host: a key, a sibling."""
    words: frozenset[str]
    """The words of all names around them, in lower case."""
    frame: Frame


def found(module: Module) -> Iterator[PinLiterals]:
    """Yield the groups of pin-shaped literals of a file, each once."""
    seen: set[tuple[int, int]] = set()
    placed = [(Placed(each.value, each.frame), each.name, each.owner) for each in module.definitions]
    placed += [
        (Placed(each.value, each.frame), "", "")
        for function in module.functions
        for each in function.returned
    ]
    placed += [(each, "", "") for each in module.statements]
    placed += [
        (Placed(parameter.default, function.frame), parameter.name, "")
        for function in module.functions
        for parameter in function.frame.parameters
        if parameter.default is not None
    ]
    for (value, frame), name, owner in placed:
        around = frozenset({*words(name), *words(owner), *_frame_words(frame)})
        for group in _groups(value, frame, around):
            fresh = tuple(each for each in group.literals if (each.at.line, each.at.column) not in seen)
            seen.update((each.at.line, each.at.column) for each in fresh)
            if fresh:
                yield group._replace(literals=fresh)


def words(name: str) -> tuple[str, ...]:
    """The words of a name in any casing, in lower case."""
    return tuple(word.lower() for word in re.findall(_WORD, name))


def _frame_words(frame: Frame) -> Iterator[str]:
    for each in frame.outward():
        if each.kind == "file":
            yield from words(each.name.rpartition("/")[2].partition(".")[0])
        elif each.kind != "branch":
            yield from words(each.name)
            yield from words(each.receiver)


def speaks_of_pins(around: frozenset[str]) -> bool:
    """Tell whether names speak of pinning, or of the hashes of keys or certificates."""
    hashes = bool(around & _HASHES)
    return bool(around & _PINNING) or (hashes and bool(around & _CHECKED or {"public", "key"} <= around))


def names_pinning(around: frozenset[str]) -> bool:
    """Tell whether names speak of pinning itself."""
    return bool(around & _PINNING)


def speaks_of_keys(around: frozenset[str]) -> bool:
    """Tell whether names speak of keys, certificates or hashes at all."""
    return bool(around & (_CHECKED | _HASHES | _KEYS))


def speaks_of_others(around: frozenset[str]) -> bool:
    """Tell whether names speak of something else that looks like a pin."""
    return bool(around & NOT_PINS)


def names_host(name: str) -> bool:
    """Tell whether a name speaks of a host or URL."""
    return bool(set(words(name)) & _HOST_WORDS)


def looks_like_host(text: str) -> bool:
    """Tell a host name, pattern or URL."""
    return bool(re.fullmatch(_HOST, text)) and not _shapes.shape(text)


_HOST = (
    r"(?i)(?:https?://)?(?:\*{1,2}\.|\.)?(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.){1,8}[a-z][a-z0-9-]{1,30}"
    r"(?::\d{1,5})?(?:/[^\s]{0,200})?"
)
_HOST_WORDS = _words("""
    host hosts hostname hostnames domain domains url uri pattern endpoint site origin authority
""")


class _Around(NamedTuple):
    value: Value
    words: frozenset[str]
    hosts: tuple[Value, ...]


def _groups(value: Value, frame: Frame, around: frozenset[str]) -> Iterator[PinLiterals]:
    waiting = [_Around(value, around, ())]
    while waiting:
        each = waiting.pop()
        literals = tuple(_direct(each.value))
        if literals:
            yield PinLiterals(literals, each.hosts, each.words, frame)
        waiting.extend(reversed(list(_below(each))))


def _direct(value: Value) -> Iterator[Literal]:
    """The pin-shaped literals that a value is, or has among its elements or parts."""
    parts: tuple[Value, ...] = (value,)
    if isinstance(value, Items):
        parts = value.items
    elif isinstance(value, Call):
        parts = tuple(argument.value for argument in value.arguments)
    elif isinstance(value, Joined | Other):
        parts = value.parts
    elif isinstance(value, Choice):
        parts = tuple(option.value for option in value.options)
    for part in parts:
        if isinstance(part, Literal) and _shapes.shape(part.value):
            yield part


def _below(around: _Around) -> Iterator[_Around]:
    """The values inside a value, with the words and hosts that it adds."""
    value, hosts = around.value, around.hosts
    if isinstance(value, Entries):
        siblings = tuple(each for key, each in value.entries if _is_host_key(key) and _may_be_host(each))
        for key, each in value.entries:
            named = _name_of(key)
            own: tuple[Value, ...] = (key,) if isinstance(key, Literal) and looks_like_host(key.value) else ()
            if not own and isinstance(key, Name) and not siblings and not hosts:
                own = (key,)
            yield _Around(each, around.words | frozenset(words(named)), own or siblings or hosts)
    elif isinstance(value, Call):
        here = around.words | frozenset(words(value.name))
        given = tuple(
            each.value
            for each in value.arguments
            if (each.name and set(words(each.name)) & _HOST_WORDS and _may_be_host(each.value))
            or (isinstance(each.value, Literal) and looks_like_host(each.value.value))
        )
        if value.of is not None:
            yield _Around(value.of, here, hosts)
        for argument in value.arguments:
            yield _Around(argument.value, here | frozenset(words(argument.name)), given or hosts)
    elif isinstance(value, Items | Joined | Other | Choice):
        parts: tuple[Value, ...]
        if isinstance(value, Items):
            parts = value.items
        elif isinstance(value, Choice):
            parts = tuple(option.value for option in value.options)
        else:
            parts = value.parts
        for part in parts:
            if not isinstance(part, Literal):
                yield _Around(part, around.words | _words_of(value), hosts)
    elif isinstance(value, Spread):
        yield _Around(value.value, around.words, hosts)
    elif isinstance(value, Index):
        yield _Around(value.of, around.words, hosts)
    elif isinstance(value, Lambda):
        for returned in value.returned:
            yield _Around(returned.value, around.words, hosts)


def _words_of(value: Value) -> frozenset[str]:
    """The names that a value is compared with."""
    parts = value.parts if isinstance(value, Joined | Other) else ()
    return frozenset(word for part in parts if isinstance(part, Name) for word in words(part.name))


def _name_of(key: Value) -> str:
    if isinstance(key, Literal):
        return key.value if len(key.value) < 60 else ""
    return key.name if isinstance(key, Name) else ""


def _is_host_key(key: Value) -> bool:
    return bool(set(words(_name_of(key))) & _HOST_WORDS)


def _may_be_host(value: Value) -> bool:
    return isinstance(value, Name | Call | Joined | Choice | Items) or (
        isinstance(value, Literal) and looks_like_host(value.value)
    )
