"""Pins in documents of an app's own making: known by their shape, by their keys, and by the hosts near them.

Key names differ in every app; what is the same is that a host, or a URL, is the key of its pins or
stands beside them.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pincheck.model import Text
from pincheck.model.pins import Hashed
from pincheck.parsers import _literals
from pincheck.readers import shapes
from pincheck.readers.tree import Node

OWNED = frozenset(
    {
        *("NSAppTransportSecurity", "NSPinnedDomains", "TSKConfiguration", "TSKPinnedDomains", "sha256Keys"),
        *("paths", "components", "examples", "scripts", "dependencies", "devDependencies"),
    }
)
"""Keys of formats that are read elsewhere, or that never hold pins of an app."""
MAX_TEXT = 4000
MAX_KEY = 40
"""Longer keys do not say that their value is a host."""


class Group(NamedTuple):
    """Pins that stand together."""

    pins: tuple[Text, ...]
    hosts: tuple[Text, ...]
    expires: Text | None
    hashed: Hashed


class _Around(NamedTuple):
    node: Node
    of_file: frozenset[str]
    """The words of the file's name."""
    keys: frozenset[str]
    """Those of the keys that lead here."""
    hosts: tuple[Text, ...]
    """Of the nearest key or object that gives any."""
    expires: Text | None
    own: frozenset[str]
    """Of the last of the keys alone."""
    owner: object
    """Which key, map or list it is that gives the hosts: pins of one owner are one group."""
    beside_app: bool = False
    """An app is named beside: fingerprints are then most often those of its signer."""

    @property
    def words(self) -> frozenset[str]:
        return self.of_file | self.keys


class _Found(NamedTuple):
    """Pins of one key or list."""

    pins: tuple[Text, ...]
    hosts: tuple[Text, ...]
    expires: Text | None
    owner: object
    hashed: Hashed


def groups(root: Node, name: str, flat: bool = False) -> Iterator[Group]:
    """Yield the pins of a document, with the hosts that stand nearest.

    Pins below the key or object that gives a host are one group, however deep, if they hash the same.
    ``name`` is the file's, whose words count as well. In a ``flat`` document, of settings that have
    nothing to do with each other, a host counts only if it is the only one.
    """
    together: dict[tuple[object, Hashed], list[_Found]] = {}
    for found in _all(root, name, flat):
        together.setdefault((found.owner, found.hashed), []).append(found)
    for (_, hashed), each in together.items():
        pins = dict.fromkeys(pin for found in each for pin in found.pins)
        yield Group(tuple(pins), each[0].hosts, _last([found.expires for found in each]), hashed)


def has_pins(root: Node, name: str) -> bool:
    """Tell whether a document gives any group, as soon as the first is seen."""
    return next(_all(root, name, False), None) is not None


def holds_pin(text: str) -> bool:
    """Tell whether a text is a pin by its shape, or lists some."""
    if not 20 <= len(text) <= MAX_TEXT:
        return False
    return bool(shapes.shape(text)) or any(map(shapes.shape, re.findall(_PIECE, text)))


def _all(root: Node, name: str, flat: bool) -> Iterator[_Found]:
    of_file = frozenset(_literals.words(name)) - _literals.NOT_PINS
    waiting = [_Around(root, of_file, frozenset(), (), None, frozenset(), 0)]
    while waiting:
        around = waiting.pop()
        node = around.node
        if node.kind == "map":
            here = _in_map(around, flat)
            yield from _of_map(here)
            yield from _by_pin(here)
            waiting.extend(reversed(list(_below(here))))
        elif node.kind == "list":
            yield from _pins_of(node, around, id(node))
            below = (item for item in node.items if item.kind in ("map", "list"))
            waiting.extend(reversed([around._replace(node=item) for item in below]))


def _in_map(around: _Around, flat: bool) -> _Around:
    """What holds for the values of a map: the hosts and the date that stand in it, else those around it."""
    node = around.node
    beside_app = around.beside_app or any(re.search(_APP, key.value) for key, _ in node.entries)
    around = around._replace(expires=_expires(node) or around.expires, beside_app=beside_app)
    hosts = _hosts(node)
    if flat and len(hosts) != 1:
        return around._replace(hosts=())
    return around._replace(hosts=hosts, owner=id(node)) if hosts else around


def _of_map(around: _Around) -> Iterator[_Found]:
    """The pins that are values of a map's own keys."""
    for key, value in around.node.entries:
        if value.kind == "text" and key.value not in OWNED and holds_pin(value.value):
            yield from _pins_of(value, _at_key(around, key), id(around.node))


def _by_pin(around: _Around) -> Iterator[_Found]:
    """The pins that are keys of a map, whose values are hosts."""
    by_host: dict[tuple[str, str], tuple[Text, list[Text]]] = {}
    for key, value in around.node.entries:
        shape = shapes.shape(key.value)
        hosts = _listed_hosts(value) if shape else ()
        if hosts and _speaks(around, {shape}, True, False):
            for host in hosts:
                by_host.setdefault((shape, host.value), (host, []))[1].append(key)
    by_pins: dict[tuple[Text, ...], tuple[str, list[Text]]] = {}
    for (shape, _), (host, pins) in by_host.items():
        by_pins.setdefault(tuple(pins), (shape, []))[1].append(host)
    for found, (shape, named) in by_pins.items():
        yield _Found(found, tuple(named), around.expires, id(found), _hashed({shape}, around.words))


def _below(around: _Around) -> Iterator[_Around]:
    for key, value in around.node.entries:
        if value.kind in ("map", "list") and key.value not in OWNED:
            below = _at_key(around, key)
            if below.own & _ALTERNATIVES:
                below = below._replace(owner=id(key))
            yield below._replace(node=value)


def _at_key(around: _Around, key: Text) -> _Around:
    """What holds for the value of a key."""
    named = _host_key(key)
    if named:
        return around._replace(hosts=named, owner=id(key), own=frozenset())
    own = frozenset(_literals.words(key.value))
    return around._replace(keys=around.keys | own, own=own)


_APP = r"[pP]ackage|PACKAGE|\b(?:apk|APK)(?![a-z])"
_ALTERNATIVES = frozenset(
    {
        *("android", "ios", "debug", "release", "production", "prod", "live", "staging", "stage", "preprod"),
        *("dev", "development", "test", "testing", "qa", "uat", "sandbox", "demo", "local"),
    }
)
"""Words of keys whose values take each other's place: the pins of one are not those of the other."""


# hosts -----------------------------------------------------------------------


def _host_key(key: Text) -> tuple[Text, ...]:
    return (key,) if _literals.looks_like_host(key.value) and not _is_file(key.value) else ()


def _hosts(node: Node) -> tuple[Text, ...]:
    """The hosts that stand in a map itself, each once."""
    found = [
        value.text for key, value in node.entries if value.kind == "text" and _is_host(key.value, value.value)
    ]
    distinct = {_host_of(text.value): text for text in reversed(found)}
    return tuple(reversed(distinct.values()))


def _listed_hosts(node: Node) -> tuple[Text, ...]:
    """The hosts that a text or list is; none if anything else stands there."""
    nodes = node.items if node.kind == "list" else (node,)
    if all(
        each.kind == "text" and _literals.looks_like_host(each.value) and not _is_file(each.value)
        for each in nodes
    ):
        return tuple(each.text for each in nodes)
    return ()


def _is_host(key: str, value: str) -> bool:
    if re.match(r"(?i)https?://[a-z0-9]", value):
        return " " not in value
    return (
        len(key) <= MAX_KEY
        and _literals.looks_like_host(value)
        and not _is_file(value)
        and _literals.names_host(key)
    )


def _host_of(text: str) -> str:
    return re.sub(_SCHEME, "", text).partition("/")[0].lower()


def _path_of(text: str) -> str:
    return re.sub(_SCHEME, "", text).partition("/")[2]


_SCHEME = r"(?i)^[a-z][a-z0-9+.-]*://"


_FILES = r"(?i)\.(json|ya?ml|xml|plist|cer|crt|der|pem|js|ts|html?|png|jpe?g|svg|kt|java|swift|dart|properties|md)$"


def _is_file(text: str) -> bool:
    return bool(re.search(_FILES, text)) and "://" not in text


# pins ------------------------------------------------------------------------


def _pins_of(node: Node, around: _Around, here: object) -> Iterator[_Found]:
    """The pins that a text holds, or the texts of a list; none if nothing there is one.

    ``here`` is the map or list they belong to if no host is known.
    """
    listed = node.kind == "list"
    texts = [item.text for item in (node.items if listed else (node,)) if item.kind == "text"]
    texts = [part for text in texts if len(text.value) <= MAX_TEXT for part in _parts(text)]
    shaped = [(text, shapes.shape(text.value)) for text in texts]
    kinds = {shape for _, shape in shaped if shape}
    if not kinds or not _speaks(around, kinds, bool(around.hosts), listed):
        return
    pins = tuple(text for text, shape in shaped if shape or (listed and _is_broken(text)))
    owner = around.owner if around.hosts else here
    yield _Found(pins, around.hosts, around.expires, owner, _hashed(kinds, around.words))


def _hashed(shapes: set[str], words: frozenset[str]) -> Hashed:
    """Hex is how certificates' fingerprints are written, unless a key is meant."""
    return "certificate" if shapes == {"hex"} and not words & _OF_KEYS else "spki"


_OF_KEYS = frozenset({"key", "keys", "spki", "pubkey", "public"})


def _speaks(around: _Around, shapes: set[str], has_host: bool, listed: bool) -> bool:
    """Tell whether texts that look like pins are called so; without a host, by one key alone."""
    words = around.words
    if "prefixed" in shapes:
        return True
    if _literals.speaks_of_others(words) or (shapes == {"hex"} and _is_of_file(around, has_host)):
        return False
    if _literals.names_pinning(words):
        return True
    if around.beside_app:
        return False
    if _literals.speaks_of_pins(around.own):
        return True
    # a list of keys beside a host: what a client trusts there
    return has_host and (
        _literals.speaks_of_pins(words)
        or (listed and bool(words & {"pub", "public", "certificates", "certs"}))
    )


def _is_of_file(around: _Around, has_host: bool) -> bool:
    """Tell the checksum of a file: one called by its algorithm alone, and not beside a mere host."""
    if not around.own <= {"sha", "1", "256"}:
        return False
    if has_host:
        return any(_path_of(host.value) for host in around.hosts)
    return not _literals.names_pinning(around.keys)


def _is_broken(text: Text) -> bool:
    """Tell what stands among pins and was meant as one: filled in later, or mistyped."""
    return bool(re.fullmatch(r"(?i)(?:sha(?:256|1)/)?[A-Za-z0-9+/=_-]{20,60}", text.value))


_PIECE = r"[^,;|\s\"'\[\]]+"


def _parts(text: Text) -> Iterator[Text]:
    """The pins of a text that lists several, each at its own place."""
    if shapes.shape(text.value) or not re.search(r"[,;|\s]", text.value):
        yield text
        return
    pieces = list(re.finditer(_PIECE, text.value))
    if len(pieces) < 2 or not all(shapes.shape(piece[0]) for piece in pieces):
        yield text
        return
    at = text.at
    for piece in pieces:
        start, end = at.column + piece.start(), at.column + piece.end()
        as_written = at.line == at.end_line and at.end_column - at.column == len(text.value)
        here = at._replace(column=start, end_column=end) if as_written else at
        yield Text(piece[0], here)


# dates -----------------------------------------------------------------------


def _expires(node: Node) -> Text | None:
    """A sibling that says until when, as an ISO date."""
    for key, value in node.entries:
        if (
            value.kind in ("text", "date")
            and re.match(_DATE, value.value)
            and not _UNTIL.isdisjoint(_literals.words(key.value))
        ):
            return Text(value.value[:10], value.at)
    return None


def _last(dates: Sequence[Text | None]) -> Text | None:
    """The date past which none of them holds; None if one holds for ever."""
    known = [date for date in dates if date]
    return max(known, key=lambda date: date.value) if len(known) == len(dates) else None


_UNTIL = frozenset({"expiration", "expires", "expiry", "until", "expire"})
_DATE = r"\d{4}-\d\d-\d\d(?:[T ].*)?$"
