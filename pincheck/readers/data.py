"""JSON and YAML -> trees whose every node knows where it stands.

JSON (RFC 8259) is read here by its few tokens, with the comments and trailing commas that
configuration files have: the standard library's reader tells no positions, and a grammar library
builds all of a hostile file before anything can be counted. YAML comes from libyaml as events:
its composing reader calls itself at every level, and ends the process on deep input.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from pincheck.model import SourceFile, Text
from pincheck.readers.text import Lines, decode, whole_file
from pincheck.readers.tree import Kind, Node
from pincheck.readers.unreadable import Unreadable

MAX_DEPTH = 200
MAX_VALUES = 100_000
"""Values of one file at all levels, each use of a YAML alias counted in full."""
MAX_YAML_BYTES = 1024 * 1024


class Malformed(Unreadable):
    """The text cannot be read as its language, from a known line on."""

    def __init__(self, language: str, line: int, what: str) -> None:
        super().__init__(f"not well-formed {language}, line {line}: {what}")
        self.line = line
        self.what = what


class _Open:
    """A list or map that has begun and not ended."""

    __slots__ = ("anchor", "depth", "entries", "items", "key", "kind", "size", "start")

    def __init__(self, kind: Kind, start: int, anchor: str | None = None) -> None:
        self.kind = kind
        self.start = start
        self.anchor = anchor
        self.entries: list[tuple[Text, Node]] = []
        self.items: list[Node] = []
        self.key: Text | None = None
        self.size = 1
        self.depth = 1

    def add(self, node: Node) -> None:
        if self.kind == "list":
            self.items.append(node)
        else:
            assert self.key is not None
            self.entries.append((self.key, node))
            self.key = None

    def closed(self, lines: Lines, end: int) -> Node:
        at = lines.location(self.start, end)
        return Node(self.kind, at, entries=tuple(self.entries), items=tuple(self.items))


# JSON ------------------------------------------------------------------------


def read_json(source: SourceFile) -> Node:
    """Return the document's value; raise ``Unreadable`` for anything but JSON.

    Comments, and a comma before a closing bracket, are allowed. A key that stands twice is here
    twice. A text is located between its quotes.
    """
    text = decode(source.data)
    return _Json(text, Lines(source.path, text)).document()


_TOKEN = re.compile(
    r"""(?: [ \t\r\n\ufeff]++ | //[^\n]*+ | /\*(?s:.*?)\*/ )*+
    (?: (?P<text> "(?:[^"\\\n]++|\\.)*+" )
      | (?P<mark> [\[\]{},:] )
      | (?P<number> -?(?:\d[\d.eE+-]*+|Infinity\b) | NaN\b )
      | (?P<bool> (?:true|false)\b )
      | (?P<null> null\b )
      | (?P<end> \Z ) )""",
    re.VERBOSE,
)
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
        self._open: list[_Open] = []
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
            self._open.append(_Open(_OPENS[token.kind], token.start))
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
        what = "the file ends too early" if token.kind == "end" else f"a {token.kind} stands where none may"
        return Malformed("JSON", self._line(token.start), what)

    def _read_tokens(self) -> Iterator[_Token]:
        position = 0
        while match := _TOKEN.match(self._text, position):
            kind = match.lastgroup or ""
            position = match.end()
            yield _Token(match[kind] if kind == "mark" else kind, match[kind], match.start(kind), position)
        raise Malformed("JSON", self._line(position), "this is no JSON")

    def _line(self, offset: int) -> int:
        return self._lines.position(offset)[0]


# YAML ------------------------------------------------------------------------


def read_yaml(source: SourceFile) -> Node:
    """Return the value of the first document, null if there is none; raise ``Unreadable``.

    Scalars have the kinds of YAML 1.1, as PyYAML and Yams read them. An alias is the very node of
    its anchor; ``<<`` is followed, its entries standing before the map's own.
    """
    return next(iter(read_yaml_documents(source)), Node("null", whole_file(source.path)))


def read_yaml_documents(source: SourceFile, *, strict: bool = False) -> tuple[Node, ...]:
    """Return the values of all documents.

    ``strict`` is for files of our own: tags and keys that are no plain scalars are refused, ``<<``
    is a key like any other, and only true and false are booleans (YAML 1.2, §10.3.2).
    """
    if len(source.data) > MAX_YAML_BYTES:
        raise Unreadable(f"YAML larger than {MAX_YAML_BYTES // 1024 // 1024} MB")
    text = decode(source.data)
    return _Yaml(text, Lines(source.path, text), strict).documents()


class _Anchored(NamedTuple):
    """What an alias may stand for."""

    node: Node
    size: int
    depth: int


class _Yaml:
    """libyaml's events -> nodes."""

    def __init__(self, text: str, lines: Lines, strict: bool) -> None:
        self._text = text
        self._lines = lines
        self._strict = strict
        self._open: list[_Open] = []
        self._anchors: dict[str, _Anchored | None] = {}
        self._documents: list[Node] = []
        self._values = 0

    def documents(self) -> tuple[Node, ...]:
        import yaml

        self._resolvers: dict[str, Any] = yaml.SafeLoader.yaml_implicit_resolvers
        try:
            for event in yaml.parse(self._text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
                self._take(type(event).__name__, event)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            raise Malformed("YAML", mark.line + 1 if mark else 1, str(error.problem or error.context)) from None
        except yaml.YAMLError as error:
            reason = getattr(error, "reason", "a character that YAML does not allow")
            raise Unreadable(f"not well-formed YAML: {reason}") from None
        return tuple(self._documents)

    def _take(self, event_name: str, event: Any) -> None:
        match event_name:
            case "ScalarEvent":
                self._done(self._scalar(event), 1, 0, event.anchor)
            case "MappingStartEvent":
                self._begin("map", event)
            case "SequenceStartEvent":
                self._begin("list", event)
            case "MappingEndEvent" | "SequenceEndEvent":
                top = self._open.pop()
                node = top.closed(self._lines, self._end(top, event))
                self._done(node, top.size, top.depth, top.anchor)
            case "AliasEvent":
                self._alias(event)
            case "DocumentStartEvent":
                self._anchors.clear()

    def _begin(self, kind: Kind, event: Any) -> None:
        self._refuse_tag(event)
        if len(self._open) >= MAX_DEPTH:
            raise Unreadable(f"YAML nested deeper than {MAX_DEPTH} levels")
        self._open.append(_Open(kind, event.start_mark.index, event.anchor))
        if event.anchor:
            self._anchors[event.anchor] = None

    def _end(self, top: _Open, event: Any) -> int:
        """Where a list or map ends: libyaml lets one without brackets end where the next begins."""
        if event.end_mark.index > event.start_mark.index:
            return int(event.end_mark.index)
        return len(self._text[: event.end_mark.index].rstrip()) if 0 else self._trimmed(top.start, event.end_mark.index)

    def _alias(self, event: Any) -> None:
        line = event.start_mark.line + 1
        if event.anchor not in self._anchors:
            raise Malformed("YAML", line, f"the alias *{event.anchor} has no anchor")
        meant = self._anchors[event.anchor]
        if meant is None:
            raise Malformed("YAML", line, f"the alias *{event.anchor} stands inside its own anchor")
        self._done(*meant, anchor=None)
