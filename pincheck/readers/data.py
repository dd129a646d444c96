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
MAX_VALUES = 120_000
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

    __slots__ = ("anchor", "depth", "entries", "items", "key", "kind", "merged", "merges", "size", "start")

    def __init__(self, kind: Kind, start: int, anchor: str | None = None) -> None:
        self.kind = kind
        self.start = start
        self.anchor = anchor
        self.entries: list[tuple[Text, Node]] = []
        self.items: list[Node] = []
        self.key: Text | None = None
        self.merges = False
        self.merged: list[tuple[Text, Node]] = []
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
        return Node(self.kind, at, entries=(*self.merged, *self.entries), items=tuple(self.items))


# JSON ------------------------------------------------------------------------


def read_json(source: SourceFile) -> Node:
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
    """What an alias stands for."""

    node: Node
    size: int
    """Values in it, itself and those of its aliases counted."""
    depth: int


_Anchors = dict[str, _Anchored | None]
_KINDS: dict[str, Kind] = {
    "tag:yaml.org,2002:bool": "bool",
    "tag:yaml.org,2002:int": "number",
    "tag:yaml.org,2002:float": "number",
    "tag:yaml.org,2002:null": "null",
    "tag:yaml.org,2002:timestamp": "date",
}
_TRUE = frozenset({"true", "yes", "on"})


class _Yaml:
    """libyaml's events -> nodes."""

    def __init__(self, text: str, lines: Lines, strict: bool) -> None:
        self._text = text
        self._lines = lines
        self._strict = strict
        self._open: list[_Open] = []
        self._anchors: _Anchors = {}
        self._documents: list[Node] = []
        self._values = 0
        self._last_end = 0

    def documents(self) -> tuple[Node, ...]:
        import yaml

        self._resolvers: dict[str | None, list[tuple[str, re.Pattern[str]]]]
        self._resolvers = yaml.SafeLoader.yaml_implicit_resolvers
        try:
            for event in yaml.parse(self._text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
                self._take(type(event).__name__, event)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark else 1
            raise Malformed("YAML", line, str(error.problem or error.context)) from None
        except yaml.YAMLError:
            raise Unreadable("not well-formed YAML: it holds control characters") from None
        return tuple(self._documents)

    def _take(self, event_name: str, event: Any) -> None:
        match event_name:
            case "ScalarEvent":
                self._scalar(event)
            case "AliasEvent":
                self._alias(event)
            case "MappingStartEvent":
                self._begin("map", event)
            case "SequenceStartEvent":
                self._begin("list", event)
            case "MappingEndEvent" | "SequenceEndEvent":
                self._close(event)
            case "DocumentStartEvent":
                self._anchors.clear()

    def _begin(self, kind: Kind, event: Any) -> None:
        self._refuse_tag(event)
        self._count(1, len(self._open) + 1)
        self._open.append(_Open(kind, event.start_mark.index, event.anchor))
        if event.anchor:
            self._anchors[event.anchor] = None

    def _close(self, event: Any) -> None:
        """End a list or map: at its bracket, or, without one, where its last value ended."""
        top = self._open.pop()
        if event.end_mark.index > event.start_mark.index:
            self._last_end = event.end_mark.index
        self._add(
            _Anchored(top.closed(self._lines, max(top.start, self._last_end)), top.size, top.depth),
            top.anchor,
        )

    def _alias(self, event: Any) -> None:
        line = event.start_mark.line + 1
        if event.anchor not in self._anchors:
            raise Malformed("YAML", line, f"the alias *{event.anchor} has no anchor")
        meant = self._anchors[event.anchor]
        if meant is None:
            raise Malformed("YAML", line, f"the alias *{event.anchor} stands inside what it names")
        self._count(meant.size, len(self._open) + meant.depth)
        self._last_end = event.end_mark.index
        self._add(meant, None)

    def _scalar(self, event: Any) -> None:
        self._refuse_tag(event)
        self._count(1, 0)
        start, end = event.start_mark.index, event.end_mark.index
        if event.style in ("|", ">"):
            start, end = self._block(start, end)
        self._last_end = end
        if event.style in ("'", '"'):
            start, end = start + 1, end - 1
        value = str(event.value)
        kind = self._kind(event, value)
        if kind == "bool":
            value = "true" if value.lower() in _TRUE else "false"
        merges = value == "<<" and not event.style and not self._strict
        self._add(_Anchored(Node(kind, self._lines.location(start, end), value), 1, 0), event.anchor, merges)

    def _kind(self, event: Any, value: str) -> Kind:
        if event.tag:
            return _KINDS.get(event.tag, "text")
        if not event.implicit[0]:
            return "text"
        for first in (value[:1], None):
            for tag, expression in self._resolvers.get(first, ()):
                if expression.match(value):
                    kind = _KINDS.get(tag, "text")
                    return "text" if self._strict and kind == "bool" and value[0] not in "tTfF" else kind
        return "text"

    def _block(self, start: int, end: int) -> tuple[int, int]:
        """Where the content of a block scalar stands, without its header and indentation."""
        whole = self._text[start:end]
        body = re.compile(r"[^\n]*\n\s*").match(whole)
        return (start + body.end() if body else end), start + len(whole.rstrip())

    def _refuse_tag(self, event: Any) -> None:
        if self._strict and event.tag:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            raise Malformed("YAML", event.start_mark.line + 1, f"the tag {tag} has no meaning here")

    def _count(self, values: int, depth: int) -> None:
        self._values += values
        if self._values > MAX_VALUES:
            aliases = ", its aliases counted in full" if values > 1 else ""
            raise Unreadable(f"more than {MAX_VALUES} YAML values{aliases}")
        if depth > MAX_DEPTH:
            raise Unreadable(f"YAML nested deeper than {MAX_DEPTH} levels")

    def _add(self, found: _Anchored, anchor: str | None, merges: bool = False) -> None:
        """Give a finished value, or key, to what it stands in."""
        if anchor:
            self._anchors[anchor] = found
        if not self._open:
            self._documents.append(found.node)
            return
        top = self._open[-1]
        top.size += found.size
        top.depth = max(top.depth, found.depth + 1)
        if top.kind == "map" and top.key is None:
            top.key = self._key(found.node)
            top.merges = merges
        elif top.merges and (merged := _merged(found.node)):
            top.merged.extend(merged)
            top.key, top.merges = None, False
        else:
            top.add(found.node)

    def _key(self, node: Node) -> Text:
        if self._strict and node.kind in ("map", "list"):
            raise Malformed("YAML", node.at.line, "a key that is no text")
        return node.text


def _merged(node: Node) -> list[tuple[Text, Node]]:
    """The entries that ``<<`` adds; of several maps, the first counts, so it stands last."""
    maps = [node] if node.kind == "map" else list(reversed(node.items))
    return [entry for each in maps for entry in each.entries]
