"""Lists and maps of JSON and YAML while they are read, and the limits for both."""

from pincheck.model import Text
from pincheck.readers.text import Lines
from pincheck.readers.tree import Kind, Node
from pincheck.readers.unreadable import Unreadable

MAX_DEPTH = 200
MAX_VALUES = 120_000
"""Values of one file at all levels, each use of a YAML alias counted in full."""


class Malformed(Unreadable):
    """The text cannot be read as its language, from a known line on."""

    def __init__(self, language: str, line: int, what: str) -> None:
        super().__init__(f"not well-formed {language}, line {line}: {what}")
        self.line = line
        self.what = what


class Open:
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
