"""Texts in code that are pins by their shape, and what the code around them says they are for."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from pincheck.model import Location
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
    Spread,
    Value,
)
from pincheck.readers import shapes


def words_of(text: str) -> frozenset[str]:
    """The words of a text, each once."""
    return frozenset(text.split())


_SPLIT_PRINT = r"((?i:finger|thumb))_?([pP])(?=rint|RINT)"
_WORD = r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+"
_PINNING = words_of("""
    pin pins pinned pinning pinner spki spkis pinset
""")
_CHECKED = words_of("""
    ssl tls certificate certificates cert certs publickey pubkey server trusted
""")
_HASHES = words_of("""
    hash hashes fingerprint fingerprints digest digests sha thumbprint thumbprints
""")
_KEYS = words_of("""
    key keys trust peer public backend api root leaf intermediate
""")
NOT_PINS = words_of("""
    signature signatures signing signer apk package integrity checksum commit nonce challenge
    wireguard token password salt iv aes encryption encrypted license merkle repository repo
    repos transaction tx block wallet seed mnemonic secret asset assetlinks webauthn passkey
    attestation hostname private noise curve x25519 ed25519 apple push pinyin pincode pinterest
    pinch keyboard image file download gradle wrapper git revision
""")
CHECKING = words_of("""
    validate validates validation validator verify verifies check checks callback evaluate evaluates bad
    challenge
""")
_ROLES = words_of("""
    primary backup secondary tertiary main fallback alternate alternative spare reserve root leaf
    intermediate ca current next previous old new first second third one two three a b c d sha
""")
"""What tells apart the names of pins that belong together."""
_LISTING = words_of("""
    listOf setOf arrayOf mutableListOf asList of
""")
_ADDING = words_of("""
    add append insert push addObject Add addAll +=
""")
EVALUATES = (
    rb"SecTrust|[sS]erverTrust|X509TrustManager|checkServerTrusted|badCertificateCallback|validateCertificate"
    rb"|CertificateCustomValidationCallback|ServerCertificateValidationCallback|CertificateHandler|CertificatePinner"
    rb"|SSLPeerUnverified|didReceiveChallenge|didReceive challenge|HostnameVerifier|[pP]ublicKeyHash|SecKeyCopyExternal"
    rb"|[sS][sS][lL][pP]in|[cC]ertificate[pP]in|getPeerCertificates|peerCertificates|X509Certificate2?\b"
    rb"|RemoteCertificateValidationCallback|SslPolicyErrors|SecCertificateCopyData"
)
"""What code that checks a server's key or certificate speaks of."""
OF_APPS = rb"PackageManager|PackageInfo|FirebaseOptions"
"""What code that compares SHA-1 hashes of other certificates, of apps, speaks of."""
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
    listed: Location | None = None
    """The list under those hosts, of objects that hold one each."""


class _Placed(NamedTuple):
    """A value, its place, and what it is given to."""

    value: Value
    frame: Frame
    name: str = ""
    owner: str = ""


def found(module: Module, sha1: bool = False) -> Iterator[PinLiterals]:
    """Yield the groups of pin-shaped literals of a file, each literal once, those of one set together.

    ``sha1`` tells that 40 bare hex digits count, which are seldom a pin.
    """
    seen: set[tuple[int, int]] = set()
    sets: dict[object, list[PinLiterals]] = {}
    for number, placed in enumerate(_placed(module)):
        around = frozenset({*words(placed.name), *words(placed.owner), *_frame_words(placed.frame)})
        for group in _groups(placed.value, placed.frame, around, sha1):
            fresh = tuple(each for each in group.literals if (each.at.line, each.at.column) not in seen)
            seen.update((each.at.line, each.at.column) for each in fresh)
            if fresh:
                key = _set_of(placed, group) or (number, len(sets))
                sets.setdefault(key, []).append(group._replace(literals=fresh))
    yield from map(_together, sets.values())


def _placed(module: Module) -> Iterator[_Placed]:
    """The values of a file, definitions first."""
    yield from (_Placed(each.value, each.frame, each.name, each.owner) for each in module.definitions)
    for function in module.functions:
        yield from (_Placed(each.value, each.frame) for each in function.returned)
    yield from (_Placed(*each) for each in module.statements)
    yield from (_Placed(*each) for each in module.conditions)
    for function in module.functions:
        for parameter in function.frame.parameters:
            if parameter.default is not None:
                yield _Placed(parameter.default, function.frame, parameter.name)


def _set_of(placed: _Placed, group: PinLiterals) -> object:
    """What the literals of one set have in common; None for a set of its own.

    One list of objects under a host, one collection that is added to, or constants of one type whose names
    differ in their role only.
    """
    value, frame = placed.value, placed.frame
    if group.hosts:
        return (group.listed, group.hosts) if group.listed else None
    if isinstance(value, Call) and value.name in _ADDING and isinstance(value.of, Name):
        if len(value.arguments) == len(group.literals):
            return _scope(frame), value.of.path
    elif placed.name and frame.kind in ("type", "file") and isinstance(value, Literal | Joined):
        kind = frozenset(shapes.shape(each.value) for each in group.literals)
        return frame.number, placed.owner, kind, _without_role(placed.name)
    elif placed.name and isinstance(value, Call | Items):
        return _scope(frame), (placed.name,), frame.number
    return None


def _without_role(name: str) -> frozenset[str]:
    return frozenset(word for word in words(name) if word not in _ROLES and not word.isdigit())


def _scope(frame: Frame) -> int:
    return (frame.enclosing("function") or frame.enclosing("type") or frame.outward()[-1]).number


def _together(groups: list[PinLiterals]) -> PinLiterals:
    """The literals of one set, in the order of the file."""
    literals = sorted(
        (each for group in groups for each in group.literals), key=lambda each: (each.at.line, each.at.column)
    )
    around = frozenset(word for group in groups for word in group.words)
    return groups[0]._replace(literals=tuple(literals), words=around)


def words(name: str) -> tuple[str, ...]:
    """The words of a name in any casing, in lower case."""
    whole = re.sub(_SPLIT_PRINT, _one_word, name) if "rint" in name.lower() else name
    return tuple(word.lower() for word in re.findall(_WORD, whole))


def _one_word(match: re.Match[str]) -> str:
    """``fingerPrint`` and ``FINGER_PRINT`` as one word."""
    return match[1] + (match[2] if match[1].isupper() else match[2].lower())


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


def speaks_of_hashes(around: frozenset[str]) -> bool:
    """Tell whether names speak of fingerprints and the like, of whatever, or of checking certificates."""
    return bool(around & (_HASHES - {"sha"})) or bool(around & CHECKING and around & (_CHECKED | {"trust"}))


def speaks_of_others(around: frozenset[str]) -> bool:
    """Tell whether names speak of something else that looks like a pin."""
    return bool(around & NOT_PINS)


def names_host(name: str) -> bool:
    """Tell whether a name speaks of a host or URL."""
    return bool(set(words(name)) & _HOST_WORDS)


def hosts_asked(module: Module) -> dict[int, Value]:
    """The only host that a type speaks of, by a constant or by asking for it, by the type's frame."""
    found: dict[int, dict[str, Value]] = {}
    for each in module.definitions:
        if names_host(each.name) and isinstance(each.value, Literal) and looks_like_host(each.value.value):
            _note(found, each.frame, each.value)
    for placed in _placed(module):
        for host in _compared_hosts(placed.value):
            _note(found, placed.frame, host)
    return {number: next(iter(hosts.values())) for number, hosts in found.items() if len(hosts) == 1}


def _note(found: dict[int, dict[str, Value]], frame: Frame, host: Literal) -> None:
    owner = frame.enclosing("type")
    name = re.sub(r"(?i)^https?://|[:/].*", "", host.value).lower()
    if owner is not None:
        found.setdefault(owner.number, {}).setdefault(name, host)


def _compared_hosts(value: Value) -> Iterator[Literal]:
    """The hosts that something called a host is compared with: ``host == "…"``, ``host.equals("…")``."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        parts: tuple[Value, ...] = ()
        if isinstance(each, Other):
            parts = each.parts
        elif isinstance(each, Call):
            parts = (*((each.of,) if each.of is not None else ()), *(one.value for one in each.arguments))
        literals = [part for part in parts if isinstance(part, Literal) and looks_like_host(part.value)]
        if len(parts) == 2 and len(literals) == 1 and any(_is_host_name(part) for part in parts):
            yield literals[0]
        waiting.extend(part for part in parts if isinstance(part, Other | Call))


def _is_host_name(value: Value) -> bool:
    return isinstance(value, Name | Call) and names_host(value.name)


def looks_like_host(text: str) -> bool:
    """Tell a host name, pattern or URL."""
    return bool(re.fullmatch(_HOST, text)) and not shapes.shape(text)


_HOST = (
    r"(?i)(?:https?://)?(?:\*{1,2}\.|\.)?(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.){1,8}[a-z][a-z0-9-]{1,30}"
    r"(?::\d{1,5})?(?:/[^\s]{0,200})?"
)
_HOST_WORDS = words_of("""
    host hosts hostname hostnames domain domains url uri pattern endpoint site origin authority
""")


class _Around(NamedTuple):
    value: Value
    words: frozenset[str]
    hosts: tuple[Value, ...]
    listed: Location | None = None


def _groups(value: Value, frame: Frame, around: frozenset[str], sha1: bool) -> Iterator[PinLiterals]:
    waiting = [_Around(value, around, ())]
    while waiting:
        each = waiting.pop()
        literals = tuple(_direct(each.value, sha1))
        if literals:
            hosts = _hosts_of(each)
            listed = each.listed if hosts is each.hosts else None
            yield PinLiterals(literals, hosts, each.words | _called(each.value), frame, listed)
        waiting.extend(reversed([_in_list(each, below) for below in _below(each)]))


def _in_list(around: _Around, below: _Around) -> _Around:
    """A value inside another, with the list under its hosts that both stand in."""
    if below.hosts is not around.hosts:
        return below
    value = around.value
    if isinstance(value, Items) or (isinstance(value, Call) and value.name in _LISTING):
        return below._replace(listed=value.at)
    return below._replace(listed=around.listed)


def _hosts_of(around: _Around) -> tuple[Value, ...]:
    return (_given(around.value) if isinstance(around.value, Call) else ()) or around.hosts


def _called(value: Value) -> frozenset[str]:
    """The words of what is called, of what it is asked, and of its arguments."""
    if not isinstance(value, Call):
        return frozenset()
    of = value.of.name if isinstance(value.of, Name) else ""
    names = (value.name, of, *(each.name for each in value.arguments))
    return frozenset(word for name in names for word in words(name))


def _direct(value: Value, sha1: bool) -> Iterator[Literal]:
    """The pin-shaped literals that a value is, or has among its elements or parts."""
    parts: tuple[Value, ...] = (value,)
    if isinstance(value, Items):
        parts = tuple(each for item in value.items for each in _elements(item))
    elif isinstance(value, Call):
        parts = tuple(argument.value for argument in value.arguments)
        if value.of is not None:
            parts = (value.of, *parts)
    elif isinstance(value, Joined | Other):
        parts = value.parts
    elif isinstance(value, Choice):
        parts = tuple(option.value for option in value.options)
    for part in parts:
        if not isinstance(part, Literal):
            continue
        if shapes.shape(part.value) or (sha1 and shapes.is_bare_sha1(part.value)):
            yield part
        else:
            yield from (Literal(*piece) for piece in shapes.pieces(part.value, part.at))


def _elements(item: Value) -> Iterator[Value]:
    """What an element of a list may come to: ``if (x) 'a'`` among them."""
    options = item.options if isinstance(item, Choice) else ()
    for option in options:
        yield option.value.value if isinstance(option.value, Spread) else option.value
    if not options:
        yield item


def _given(call: Call) -> tuple[Value, ...]:
    """The arguments of a call that are hosts."""
    return tuple(
        each.value
        for each in call.arguments
        if (each.name and set(words(each.name)) & _HOST_WORDS and _may_be_host(each.value))
        or (isinstance(each.value, Literal) and looks_like_host(each.value.value))
    )


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
        here, given = around.words | frozenset(words(value.name)), _given(value)
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
    return key.name if isinstance(key, Name) and not isinstance(key.of, Call) else ""


def _is_host_key(key: Value) -> bool:
    return bool(set(words(_name_of(key))) & _HOST_WORDS)


def _may_be_host(value: Value) -> bool:
    if isinstance(value, Literal):
        return looks_like_host(value.value)
    return isinstance(value, Name | Call | Joined | Choice | Items) and not any(_direct(value, sha1=True))
