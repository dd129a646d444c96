"""JSON -> a tree whose every node knows where it stands.

JSON (RFC 8259) is read here by its few tokens, with the comments and trailing commas that
configuration files have: the standard library's reader tells no positions, and a grammar library
builds all of a hostile file before anything can be counted.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from pincheck.model import SourceFile, Text
from pincheck.readers.nesting import MAX_DEPTH, MAX_VALUES, Malformed, Open
from pincheck.readers.text import Lines, decode
from pincheck.readers.tree import Kind, Node
from pincheck.readers.unreadable import Unreadable


def read(source: SourceFile) -> Node:
    """Return the document's value; raise ``Unreadable`` for anything but JSON.

    Comments, and a comma before a closing bracket, are allowed. A key that stands twice is here
    twice. A text is located between its quotes.
    """
    text = decode(source.data)
    return _Json(text, Lines(source.path, text)).document()


_BLANK = r"[ \t\r\n\ufeff]+|//[^\n]*|/\*(?s:.*?)\*/"
_PIECE = r"""(?x) (?P<text> " )
    | (?P<mark> [\[\]{},:] )
    | (?P<number> -?(?:\d[\d.eE+-]*|Infinity\b) | NaN\b )
    | (?P<bool> (?:true|false)\b )
    | (?P<null> null\b )
    | (?P<end> \Z )"""
_IN_TEXT = r"[\"\\\n]"
"""What ends a text, escapes the next character or may not stand in it."""
_OPENS: dict[str, Kind] = {"[": "list", "{": "map"}
_CLOSES: dict[Kind, str] = {"list": "]", "map": "}"}
_SCALARS: dict[str, Kind] = {"text": "text", "number": "number", "bool": "bool", "null": "null"}


class _Token(NamedTuple):
    kind: str
    """A mark itself, or ``text``, ``number``, ``bool``, ``null``, ``end``."""
    value: str
    start: int
    end: int


class _Json:
    """Tokens -> nodes, with a stack in place of recursion."""

    def __init__(self, text: str, lines: Lines) -> None:
        self._text = text
        self._lines = lines
        self._tokens = self._read_tokens()
        self._open: list[Open] = []
        self._values = 0

    def document(self) -> Node:
        while True:
            node = self._value()
            while node:
                if not self._open:
                    return self._only(node)
                self._open[-1].add(node)
                node = self._separator()

    def _value(self) -> Node | None:
        """Read a value as far as it has none inside, or the bracket that closes in its place."""
        token = next(self._tokens)
        top = self._open[-1] if self._open else None
        if top and token.kind == _CLOSES[top.kind]:
            return self._open.pop().closed(self._lines, token.end)
        if top and top.kind == "map":
            top.key = self._map_key(token)
            token = next(self._tokens)
        self._values += 1
        if self._values > MAX_VALUES:
            raise Unreadable(f"more than {MAX_VALUES} JSON values")
        if token.kind in _OPENS:
            self._open.append(Open(_OPENS[token.kind], token.start))
            if len(self._open) > MAX_DEPTH:
                raise Unreadable(f"JSON nested deeper than {MAX_DEPTH} levels")
            return None
        return self._scalar(token)

    def _map_key(self, token: _Token) -> Text:
        colon = next(self._tokens)
        for given, wanted in ((token, "text"), (colon, ":")):
            if given.kind != wanted:
                raise self._unexpected(given)
        return self._scalar(token).text

    def _scalar(self, token: _Token) -> Node:
        kind = _SCALARS.get(token.kind)
        if not kind:
            raise self._unexpected(token)
        if kind == "text":
            at = self._lines.location(token.start + 1, token.end - 1)
            return Node(kind, at, self._unescaped(token))
        return Node(kind, self._lines.location(token.start, token.end), token.value)

    def _unescaped(self, token: _Token) -> str:
        if "\\" not in token.value:
            return token.value[1:-1]
        from json import JSONDecodeError, JSONDecoder

        try:
            value = str(JSONDecoder(strict=False).decode(token.value))
        except JSONDecodeError:
            raise Malformed("JSON", self._line(token.start), "an unknown escape in a text") from None
        return value.encode("utf-8", "replace").decode("utf-8")  # no half of a surrogate pair

    def _separator(self) -> Node | None:
        """Read what follows a value: the closing bracket gives the list or map, a comma None."""
        token = next(self._tokens)
        if token.kind == _CLOSES[self._open[-1].kind]:
            return self._open.pop().closed(self._lines, token.end)
        if token.kind != ",":
            raise self._unexpected(token)
        return None

    def _only(self, node: Node) -> Node:
        rest = next(self._tokens)
        if rest.kind != "end":
            raise self._unexpected(rest)
        return node

    def _unexpected(self, token: _Token) -> Malformed:
        found = token.kind if token.kind in _SCALARS else f'"{token.kind}"'
        what = "the file ends too early" if token.kind == "end" else f"unexpected {found}"
        return Malformed("JSON", self._line(token.start), what)

    def _read_tokens(self) -> Iterator[_Token]:
        blank, piece = re.compile(_BLANK), re.compile(_PIECE)
        position = 0
        while True:
            while skipped := blank.match(self._text, position):
                position = skipped.end()
            match = piece.match(self._text, position)
            if not match:
                raise self._no_json(position)
            start, position = match.span()
            kind = match.lastgroup or ""
            if kind == "text":
                position = self._end_of_text(start)
            value = self._text[start:position]
            yield _Token(value if kind == "mark" else kind, value, start, position)

    def _end_of_text(self, start: int) -> int:
        special = re.compile(_IN_TEXT)
        position = start + 1
        while match := special.search(self._text, position):
            position = match.end()
            if match[0] == '"':
                return position
            if match[0] == "\n":
                break
            position += 1
        raise self._no_json(start)

    def _no_json(self, position: int) -> Malformed:
        return Malformed("JSON", self._line(position), "what stands here is no JSON")

    def _line(self, offset: int) -> int:
        return self._lines.position(offset)[0]
