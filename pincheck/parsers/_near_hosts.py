"""Pins in documents of an app's own making: known by their shape, by their keys, and by the hosts near them.

Key names differ in every app; what is the same is that a host, or a URL, is the key of its pins or
stands beside them.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from pincheck.model import Text
from pincheck.parsers import _literals, _shapes
from pincheck.readers.tree import Node

OWNED = frozenset(
    {
        *("NSAppTransportSecurity", "NSPinnedDomains", "TSKConfiguration", "TSKPinnedDomains", "sha256Keys"),
        *("paths", "components", "examples", "scripts", "dependencies", "devDependencies"),
    }
)
"""Keys of formats that are read elsewhere, or that never hold pins of an app."""
MAX_TEXT = 4000


class Group(NamedTuple):
    """Pins that stand together."""

    pins: tuple[Text, ...]
    hosts: tuple[Text, ...]
    expires: Text | None
    words: frozenset[str]


class _Around(NamedTuple):
    node: Node
    words: frozenset[str]
    """Of the keys that lead here."""
    hosts: tuple[Text, ...]
    """Of the nearest key or object that gives any."""
    expires: Text | None


def groups(root: Node, name: str, flat: bool = False) -> Iterator[Group]:
    """Yield the pins of a document, with the hosts that stand nearest.

    ``name`` is the file's, whose words count as well. In a ``flat`` document, of settings that have
    nothing to do with each other, a host counts only if it is the only one.
    """
    of_file = frozenset(_literals.words(name)) - _literals.NOT_PINS
    waiting = [_Around(root, of_file, (), None)]
    while waiting:
        around = waiting.pop()
        node = around.node
        if node.kind == "map":
            yield from _of_map(around, flat)
            waiting.extend(reversed(list(_below(around, flat))))
        elif node.kind == "list":
            pins = _pins(node, around.words, around.hosts)
            if pins:
                yield Group(pins, around.hosts, around.expires, around.words)
            below = (item for item in node.items if item.kind in ("map", "list"))
            waiting.extend(reversed([around._replace(node=item) for item in below]))


def _of_map(around: _Around, flat: bool) -> Iterator[Group]:
    """The pins that are values of a map's own keys, those of one host together."""
    hosts = _hosts(around, flat)
    expires = _expires(around.node) or around.expires
    found: dict[tuple[Text, ...], list[tuple[Text, ...]]] = {}
    spoken: set[str] = set()
    for key, value in around.node.entries:
        if key.value in OWNED or value.kind != "text":
            continue
        words = around.words | frozenset(_literals.words(key.value))
        named = _host_key(key) or hosts
        pins = _pins(value, words, named)
        if pins:
            spoken |= words
            found.setdefault(named, []).append(pins)
    for named, each in found.items():
        yield Group(tuple(pin for pins in each for pin in pins), named, expires, frozenset(spoken))


def _below(around: _Around, flat: bool) -> Iterator[_Around]:
    hosts = _hosts(around, flat)
    expires = _expires(around.node) or around.expires
    for key, value in around.node.entries:
        if key.value not in OWNED and value.kind in ("map", "list"):
            named = _host_key(key)
            words = around.words if named else around.words | frozenset(_literals.words(key.value))
            yield _Around(value, words, named or hosts, expires)


# hosts -----------------------------------------------------------------------


def _host_key(key: Text) -> tuple[Text, ...]:
    return (key,) if _literals.looks_like_host(key.value) and not _is_file(key.value) else ()


def _hosts(around: _Around, flat: bool) -> tuple[Text, ...]:
    """The hosts that stand in a map itself, else those around it."""
    found = [
        value.text
        for key, value in around.node.entries
        if value.kind == "text" and _is_host(key.value, value.value)
    ]
    distinct = {_host_of(text.value): text for text in reversed(found)}
    if flat and len(distinct) != 1:
        return ()
    return tuple(reversed(distinct.values())) or around.hosts


def _is_host(key: str, value: str) -> bool:
    if re.match(r"(?i)https?://[a-z0-9]", value):
        return " " not in value
    return _literals.looks_like_host(value) and not _is_file(value) and _literals.names_host(key)


def _host_of(text: str) -> str:
    return re.sub(r"(?i)^[a-z][a-z0-9+.-]*://", "", text).partition("/")[0].lower()


_FILES = r"(?i)\.(json|ya?ml|xml|plist|cer|crt|der|pem|js|ts|html?|png|jpe?g|svg|kt|java|swift|dart|properties|md)$"


def _is_file(text: str) -> bool:
    return bool(re.search(_FILES, text)) and "://" not in text


# pins ------------------------------------------------------------------------


def _pins(node: Node, words: frozenset[str], hosts: tuple[Text, ...]) -> tuple[Text, ...]:
    """The pins that a text holds, or the texts of a list; none if nothing there is one."""
    texts = [node.text] if node.kind == "text" else [item.text for item in node.items if item.kind == "text"]
    texts = [part for text in texts if len(text.value) <= MAX_TEXT for part in _parts(text)]
    shapes = {_shapes.shape(text.value) for text in texts} - {""}
    if not shapes or not _speaks(words, shapes, node.kind == "list" and bool(hosts)):
        return ()
    return tuple(
        text for text in texts if _shapes.shape(text.value) or (node.kind == "list" and _is_broken(text))
    )


def _speaks(words: frozenset[str], shapes: set[str], listed: bool) -> bool:
    if "prefixed" in shapes:
        return True
    if _literals.speaks_of_others(words):
        return False
    # a list of keys beside a host: what a client trusts there
    return _literals.speaks_of_pins(words) or (
        listed and bool(words & {"pub", "public", "certificates", "certs"})
    )


def _is_broken(text: Text) -> bool:
    """Tell what stands among pins and was meant as one: filled in later, or mistyped."""
    return bool(re.fullmatch(r"(?i)(?:sha(?:256|1)/)?[A-Za-z0-9+/=_-]{20,60}", text.value))


def _parts(text: Text) -> Iterator[Text]:
    """The pins of a text that lists several, each at its own place."""
    if _shapes.shape(text.value) or not re.search(r"[,;|\s]", text.value):
        yield text
        return
    pieces = list(re.finditer(r"[^,;|\s\"'\[\]]+", text.value))
    if len(pieces) < 2 or not all(_shapes.shape(piece[0]) for piece in pieces):
        yield text
        return
    at = text.at
    for piece in pieces:
        start, end = at.column + piece.start(), at.column + piece.end()
        here = at if at.line != at.end_line else at._replace(column=start, end_column=end)
        yield Text(piece[0], here)


# dates -----------------------------------------------------------------------


def _expires(node: Node) -> Text | None:
    """A sibling that says until when, as an ISO date."""
    for key, value in node.entries:
        if (
            value.kind in ("text", "date")
            and set(_literals.words(key.value)) & _UNTIL
            and re.match(_DATE, value.value)
        ):
            return Text(value.value[:10], value.at)
    return None


_UNTIL = frozenset({"expiration", "expires", "expiry", "until", "expire"})
_DATE = r"\d{4}-\d\d-\d\d(?:[T ].*)?$"
