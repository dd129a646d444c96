"""JSON -> a tree whose every node knows where it stands.

JSON (RFC 8259) is read here by its few tokens, with the comments and trailing commas that
configuration files have: the standard library's reader tells no positions, and a grammar library
builds all of a hostile file before anything can be counted.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from pincheck.model import Location, SourceFile, Text
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


def sketch(source: SourceFile, wanted: Callable[[str], bool]) -> Node | None:
    """Return the same as to texts, without places, in a fraction of the time.

    Only lists and maps are there in which some text or key is wanted, or that are lists under such a
    key; no numbers, booleans and nulls. None for what the standard library's reader refuses, as
    comments; ``Unreadable`` for what is no text or has too many values.
    """
    from json import JSONDecoder

    kept = _Kept(wanted)
    try:
        value = JSONDecoder(strict=False, object_pairs_hook=kept.of_map).decode(decode(source.data))
        return kept.node(value) or Node("null", _NOWHERE)
    except (ValueError, RecursionError):
        return None


class _Kept:
    """What the standard library's reader gives -> nodes, of what is kept."""

    def __init__(self, wanted: Callable[[str], bool]) -> None:
        self._wanted = wanted
        self._left = MAX_VALUES

    def of_map(self, pairs: list[tuple[str, object]]) -> Node | None:
        """The map, or None if nothing in it is wanted."""
        self._count(len(pairs))
        inner = [
            (key, self.node(value, self._wanted(key)) if isinstance(value, list) else value)
            for key, value in pairs
        ]
        if not self._is_wanted([each for pair in inner for each in pair]):
            return None
        found = ((Text(key, _NOWHERE), self.node(value)) for key, value in inner)
        return Node("map", _NOWHERE, entries=tuple((key, node) for key, node in found if node))

    def node(self, value: object, whole: bool = False) -> Node | None:
        """The node of a value, or None if it is not kept; a list that is wanted as a ``whole`` is."""
        if isinstance(value, str):
            return Node("text", _NOWHERE, value)
        if isinstance(value, list):
            self._count(len(value))
            inner = [self.node(each) if isinstance(each, list) else each for each in value]
            if not whole and not self._is_wanted(inner):
                return None
            return Node("list", _NOWHERE, items=tuple(filter(None, map(self.node, inner))))
        return value if isinstance(value, Node) else None

    def _count(self, more: int) -> None:
        self._left -= more
        if self._left < 0:
            raise _too_many()

    def _is_wanted(self, values: Sequence[object]) -> bool:
        return any(
            isinstance(each, Node) or (isinstance(each, str) and self._wanted(each)) for each in values
        )


def _too_many() -> Unreadable:
    return Unreadable(f"more than {MAX_VALUES} JSON values")


_NOWHERE = Location("", 1, 1, 1, 1)

_BLANK = r"[ \t\r\n\ufeff]*"
_TOKEN = (
    _BLANK
    + r"""(?x: (?P<text> "[^"\\\n]*" )
    | (?P<escaped> " )
    | (?P<mark> [\[\]{},:] )
    | (?P<comment> //[^\n]* | /\*(?s:.*?)\*/ )
    | (?P<number> -?(?:\d[\d.eE+-]*|Infinity\b) | NaN\b )
    | (?P<bool> (?:true|false)\b )
    | (?P<null> null\b )
    | (?P<end> \Z ))"""
)
_IN_TEXT = r"[\"\\\n]"
"""What ends a text, escapes the next character or may not stand in it."""
_OPENS: dict[str, Kind] = {"[": "list", "{": "map"}
_CLOSES: dict[Kind, str] = {"list": "]", "map": "}"}
_SCALARS: dict[str, Kind] = {"text": "text", "number": "number", "bool": "bool", "null": "null"}

_Token = tuple[str, int, int]
"""A mark itself, or ``text``, ``number``, ``bool``, ``null``, ``end``; its start and end."""


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
        if top:
            if token[0] == _CLOSES[top.kind]:
                return self._open.pop().closed(self._lines, token[2])
            if top.kind == "map":
                top.key = self._map_key(token)
                token = next(self._tokens)
        self._values += 1
        if self._values > MAX_VALUES:
            raise _too_many()
        kind, start, end = token
        if kind == "text":
            return Node("text", self._lines.location(start + 1, end - 1), self._unquoted(start, end))
        if kind in _OPENS:
            self._open.append(Open(_OPENS[kind], start))
            if len(self._open) > MAX_DEPTH:
                raise Unreadable(f"JSON nested deeper than {MAX_DEPTH} levels")
            return None
        if kind not in _SCALARS:
            raise self._unexpected(token)
        return Node(_SCALARS[kind], self._lines.location(start, end), self._text[start:end])

    def _map_key(self, token: _Token) -> Text:
        colon = next(self._tokens)
        for given, wanted in ((token, "text"), (colon, ":")):
            if given[0] != wanted:
                raise self._unexpected(given)
        _, start, end = token
        return Text(self._unquoted(start, end), self._lines.location(start + 1, end - 1))

    def _unquoted(self, start: int, end: int) -> str:
        inner = self._text[start + 1 : end - 1]
        if "\\" not in inner:
            return inner
        from json import JSONDecodeError, JSONDecoder

        try:
            value = str(JSONDecoder(strict=False).decode(self._text[start:end]))
        except JSONDecodeError:
            raise Malformed("JSON", self._line(start), "an unknown escape in a text") from None
        return value.encode("utf-8", "replace").decode("utf-8")  # no half of a surrogate pair

    def _separator(self) -> Node | None:
        """Read what follows a value: the closing bracket gives the list or map, a comma None."""
        token = next(self._tokens)
        if token[0] == ",":
            return None
        if token[0] != _CLOSES[self._open[-1].kind]:
            raise self._unexpected(token)
        return self._open.pop().closed(self._lines, token[2])

    def _only(self, node: Node) -> Node:
        rest = next(self._tokens)
        if rest[0] != "end":
            raise self._unexpected(rest)
        return node

    def _unexpected(self, token: _Token) -> Malformed:
        kind, start, _ = token
        found = kind if kind in _SCALARS else f'"{kind}"'
        what = "the file ends too early" if kind == "end" else f"unexpected {found}"
        return Malformed("JSON", self._line(start), what)

    def _read_tokens(self) -> Iterator[_Token]:
        text, match = self._text, re.compile(_TOKEN).match
        position = 0
        while found := match(text, position):
            kind = found.lastgroup or ""
            start, position = found.span(kind)
            if kind == "mark":
                kind = text[start]
            elif kind == "comment":
                continue
            elif kind == "escaped":
                kind, position = "text", self._end_of_text(start)
            yield kind, start, position
        blank = re.compile(_BLANK).match(text, position)
        raise self._no_json(blank.end() if blank else position)

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
