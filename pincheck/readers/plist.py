"""Property lists -> nodes that know where they stand: XML, binary and old-style text.

An XML plist is read through ``readers.xml``, a binary one through ``plistlib`` and an old-style
one through ``openstep_plist``. A binary plist has no lines: every Location is the whole file.
What Apple's own parser refuses (a key without a value, an unknown element) is ``Unreadable``.
"""

import re
import struct
from binascii import b2a_base64
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from pincheck.model import Location, SourceFile, Text
from pincheck.readers import xml
from pincheck.readers.text import Lines, decode, whole_file
from pincheck.readers.tree import Kind, Node
from pincheck.readers.unreadable import Unreadable

MAX_DEPTH = 200
MAX_VALUES = 20_000
"""Keys are not counted. A real Info.plist holds some hundreds."""

_TOO_MANY = f"a plist of more than {MAX_VALUES} values"
_TOO_DEEP = f"a plist nested deeper than {MAX_DEPTH} values"
_NO_BINARY = "not a well-formed binary plist"
_BEFORE_TEXT = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n\f\v"
"""Byte order marks, the zeros of UTF-16, and white space."""


def read(source: SourceFile) -> Node:
    """Return the root value; raise ``Unreadable`` for anything but a property list."""
    root = _read(source)
    if isinstance(root, str):
        raise Unreadable(root)
    return root


@lru_cache(maxsize=1)
def _read(source: SourceFile) -> Node | str:
    """The root value or why there is none, kept for the next parser that reads the same file."""
    try:
        if source.data.startswith(b"bplist"):
            return _Binary(source).read()
        if source.data.lstrip(_BEFORE_TEXT)[:1] != b"<":
            return _OldStyle(source).read()
        if source.data.count(b"<") > 4 * MAX_VALUES:  # a key and a value have a start and an end tag each
            raise Unreadable(_TOO_MANY)
        return _from_xml(xml.read(source))
    except Unreadable as fault:
        return str(fault)


# XML --------------------------------------------------------------------------

_SCALARS: dict[str, Kind] = {
    "string": "text", "integer": "number", "real": "number", "date": "date", "data": "data",
    "true": "bool", "false": "bool",
}  # fmt: skip


def _from_xml(root: xml.Element) -> Node:
    if root.name != "plist":
        return from_element(root)
    if not root.children:
        raise Unreadable("a plist without a value")
    return from_element(root.children[0])


def from_element(element: xml.Element) -> Node:
    """The value that an element of an XML plist stands for, and all below."""
    if element.name == "dict":
        return Node("map", element.at, entries=tuple(_entries(element.children)))
    if element.name == "array":
        return Node("list", element.at, items=tuple(map(from_element, element.children)))
    kind = _SCALARS.get(element.name)
    if kind is None:
        raise Unreadable(f"line {element.at.line}: <{element.name}> is no property list value")
    if kind == "bool":
        return Node(kind, element.at, element.name)
    text = element.verbatim if kind == "text" else element.text
    return Node(kind, text.at, "".join(text.value.split()) if kind == "data" else text.value)


def _entries(children: list[xml.Element]) -> Iterator[tuple[Text, Node]]:
    waiting = iter(children)
    for key in waiting:
        if key.name != "key":
            raise Unreadable(f"line {key.at.line}: <{key.name}> stands where a key should")
        value = next(waiting, None)
        if value is None or value.name == "key":
            raise Unreadable(f"line {key.at.line}: the key {key.text.value[:40]} has no value")
        yield key.verbatim, from_element(value)


# binary -----------------------------------------------------------------------


class _Binary:
    """A binary plist. Its values may share parts, so each is converted once and counted as often
    as it occurs.
    """

    def __init__(self, source: SourceFile) -> None:
        self._data = source.data
        self._at = whole_file(source.path)
        self._done: dict[int, tuple[Node, int, int]] = {}
        self._open: set[int] = set()

    def read(self) -> Node:
        import plistlib

        self._refuse_overlap()
        try:
            root = plistlib.loads(self._data, fmt=plistlib.FMT_BINARY)
        except RecursionError:
            raise Unreadable(_TOO_DEEP) from None
        except (ValueError, TypeError, LookupError, ArithmeticError, struct.error):
            raise Unreadable(_NO_BINARY) from None
        return self._node(root, 1)[0]

    def _refuse_overlap(self) -> None:
        """Objects that overlap, as no writer makes them, could name the same megabytes many times."""
        try:
            total = sum(self._sizes())
        except (IndexError, struct.error):
            raise Unreadable(_NO_BINARY) from None
        if total > len(self._data):
            raise Unreadable("a binary plist whose objects overlap")

    def _sizes(self) -> Iterator[int]:
        """The bytes that each object claims to fill."""
        data = self._data
        width, reference, count, _, table = struct.unpack(">6xBBQQQ", data[-32:])
        if not width or table + count * width > len(data):
            raise Unreadable(_NO_BINARY)
        if count > MAX_VALUES:
            raise Unreadable(_TOO_MANY)
        unit = {4: 1, 5: 1, 6: 2, 7: 1, 10: reference, 12: reference, 13: 2 * reference}
        for entry in range(table, table + count * width, width):
            start = int.from_bytes(data[entry : entry + width], "big")
            kind, size = data[start] >> 4, data[start] & 15
            if size == 15 and kind >= 4:
                digits = 1 << (data[start + 1] & 3)
                size = int.from_bytes(data[start + 2 : start + 2 + digits], "big")
            yield 1 + size * unit.get(kind, 0)

    def _node(self, value: Any, depth: int) -> tuple[Node, int, int]:
        """The node of a value, how many values it holds if all sharing is undone, and how deep."""
        if depth > MAX_DEPTH:
            raise Unreadable(_TOO_DEEP)
        if not isinstance(value, dict | list):
            return self._scalar(value), 1, 1
        if done := self._done.get(id(value)):
            return done
        if id(value) in self._open:
            raise Unreadable("a plist that contains itself")
        self._open.add(id(value))
        children = value.values() if isinstance(value, dict) else value
        below = [self._node(child, depth + 1) for child in children]
        self._open.remove(id(value))
        nodes = tuple(node for node, _, _ in below)
        count = 1 + sum(count for _, count, _ in below)
        height = 1 + max((height for _, _, height in below), default=0)
        if count > MAX_VALUES:
            raise Unreadable(_TOO_MANY)
        if height > MAX_DEPTH:
            raise Unreadable(_TOO_DEEP)
        if isinstance(value, dict):
            keys = (Text(str(key), self._at) for key in value)
            node = Node("map", self._at, entries=tuple(zip(keys, nodes, strict=True)))
        else:
            node = Node("list", self._at, items=nodes)
        self._done[id(value)] = node, count, height
        return self._done[id(value)]

    def _scalar(self, value: Any) -> Node:
        if isinstance(value, str):
            return Node("text", self._at, value)
        if isinstance(value, bool):
            return Node("bool", self._at, "true" if value else "false")
        if isinstance(value, bytes):
            return Node("data", self._at, _base64(value))
        if value is None:
            return Node("null", self._at)
        if hasattr(value, "isoformat"):
            return Node("date", self._at, value.isoformat() + "Z")
        return Node("number", self._at, str(getattr(value, "data", value)))  # a UID holds its number


# old-style text ---------------------------------------------------------------

_PIECE = (
    r"//[^\n\r\u2028\u2029]*|/\*(?s:.*?)(?:\*/|\Z)"  # comments
    r"|\"[^\"\\]*+(?:\\(?s:.)[^\"\\]*+)*+(?:\"|\\?\Z)|'[^'\\]*+(?:\\(?s:.)[^'\\]*+)*+(?:'|\\?\Z)"
    r"|<[^>]*>?|[(){}=;,]|[A-Za-z0-9_$/:.\-]+"
)
_MALFORMED = "neither an XML or binary plist nor well-formed old-style text"


class _Pairs(list[tuple[str, Any]]):
    """What ``openstep_plist`` fills in place of a dict, so that keys that stand twice are kept."""

    def __setitem__(self, key: Any, value: Any) -> None:
        self.append((key, value))


class _OldStyle:
    """A plist in NeXTSTEP's syntax: the library reads the values, the tokens tell where they stand."""

    def __init__(self, source: SourceFile) -> None:
        self._text = decode(source.data)
        self._lines = Lines(source.path, self._text)
        self._tokens = iter(self._tokenised())
        self._next = next(self._tokens, None)

    def read(self) -> Node:
        import openstep_plist

        try:
            root = openstep_plist.loads(self._text, dict_type=_Pairs)
        except (openstep_plist.ParseError, ValueError, OverflowError):
            raise Unreadable(_MALFORMED) from None
        if self._next is None:  # a blank file is an empty dictionary
            root = _Pairs()
        return self._node(root)

    def _tokenised(self) -> list[re.Match[str]]:
        """All tokens but comments. The library crashes on deep nesting, so that is refused here."""
        tokens, depth, values = [], 0, 0
        for token in re.finditer(_PIECE, self._text):
            mark = self._text[token.start()]
            if mark == "/" and token[0].startswith(("//", "/*")):
                continue
            depth += (mark in "({") - (mark in ")}")
            values += mark not in ")}=;,"
            if depth > MAX_DEPTH:
                raise Unreadable(_TOO_DEEP)
            if values > MAX_VALUES:
                raise Unreadable(_TOO_MANY)
            tokens.append(token)
        return tokens

    def _node(self, value: Any) -> Node:
        if isinstance(value, str):
            return Node("text", self._string(), _printable(value))
        if isinstance(value, bytes):
            return Node("data", self._at(self._take()), _base64(value))
        if isinstance(value, _Pairs):
            braced = self._sees("{")
            at = self._at(self._take()) if braced else self._lines.location(0, 0)
            node = Node("map", at, entries=tuple(self._entry(*pair) for pair in value))
        else:
            node = Node("list", self._at(self._take()), items=tuple(self._item(item) for item in value))
            braced = True
        if braced:
            self._take()
        return node

    def _entry(self, key: str, value: Any) -> tuple[Text, Node]:
        name = Text(_printable(key), self._string())
        if self._sees(";"):  # "key;" is short for "key = key;"
            node = Node("text", name.at, name.value)
        else:
            self._take()
            node = self._node(value)
        self._take()
        return name, node

    def _item(self, value: Any) -> Node:
        node = self._node(value)
        if self._sees(","):
            self._take()
        return node

    def _sees(self, mark: str) -> bool:
        return self._next is not None and self._next[0] == mark

    def _take(self) -> re.Match[str]:
        token = self._next
        if token is None:
            raise Unreadable(_MALFORMED)
        self._next = next(self._tokens, None)
        return token

    def _string(self) -> Location:
        token = self._take()
        quoted = token[0][0] in "\"'"
        return self._lines.location(token.start() + quoted, token.end() - quoted)

    def _at(self, token: re.Match[str]) -> Location:
        return self._lines.location(token.start(), token.end())


def _printable(value: str) -> str:
    """The text with ``?`` for the halves of characters that escapes can make."""
    return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")


def _base64(value: bytes) -> str:
    return b2a_base64(value, newline=False).decode("ascii")
