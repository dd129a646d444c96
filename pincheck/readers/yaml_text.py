"""YAML -> a tree whose every node knows where it stands.

It comes from libyaml as events: its composing reader calls itself at every level, and ends the
process on deep input.
"""

import re
from typing import Any, NamedTuple

from pincheck.model import SourceFile, Text
from pincheck.readers.nesting import MAX_DEPTH, MAX_VALUES, Malformed, Open
from pincheck.readers.text import Lines, decode, whole_file
from pincheck.readers.tree import Kind, Node
from pincheck.readers.unreadable import Unreadable

MAX_BYTES = 1024 * 1024


def read(source: SourceFile) -> Node:
    """Return the value of the first document, null if there is none; raise ``Unreadable``.

    Scalars have the kinds of YAML 1.1, as PyYAML and Yams read them. An alias is the very node of
    its anchor; ``<<`` is followed, its entries standing before the map's own.
    """
    return next(iter(read_documents(source)), Node("null", whole_file(source.path)))


def read_documents(source: SourceFile, *, strict: bool = False) -> tuple[Node, ...]:
    """Return the values of all documents.

    ``strict`` is for files of our own: tags and keys that are no plain scalars are refused, ``<<``
    is a key like any other, and only true and false are booleans (YAML 1.2, §10.3.2).
    """
    if len(source.data) > MAX_BYTES:
        raise Unreadable(f"YAML larger than {MAX_BYTES // 1024 // 1024} MB")
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
        self._open: list[Open] = []
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
            problem = str(error.problem or error.context)
            if "nesting depth" in problem:  # newer releases of libyaml have a limit of their own
                raise _too_deep() from None
            raise Malformed("YAML", mark.line + 1 if mark else 1, problem) from None
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
        self._open.append(Open(kind, event.start_mark.index, event.anchor))
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
            raise _too_deep()

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


def _too_deep() -> Unreadable:
    return Unreadable(f"YAML nested deeper than {MAX_DEPTH} levels")


def _merged(node: Node) -> list[tuple[Text, Node]]:
    """The entries that ``<<`` adds; of several maps, the first counts, so it stands last."""
    maps = [node] if node.kind == "map" else list(reversed(node.items))
    return [entry for each in maps for entry in each.entries]
