"""The tree that plists, JSON and YAML have in common; every node knows where it stands."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from pincheck.model import Location, Text

Kind = Literal["map", "list", "text", "number", "bool", "null", "data", "date", "file", "unknown"]
"""``file`` is what stands in a file that the app carries; its ``value`` is the file's name.
``unknown`` is a value of source code that could not be followed; its ``value`` says why."""


class Node(NamedTuple):
    """A value of a document."""

    kind: Kind
    at: Location
    """The value as written: between the quotes for a text."""
    value: str = ""
    """The text of a scalar: a text unquoted, a number or date as written, ``true`` or ``false``."""
    entries: "tuple[tuple[Text, Node], ...]" = ()
    """Keys and values of a map, in order; a key that stands twice is here twice."""
    items: "tuple[Node, ...]" = ()
    """Values of a list."""

    def get(self, key: str) -> "Node | None":
        """The value of a key; of the last one if it stands twice, as most readers do."""
        return next((node for name, node in reversed(self.entries) if name.value == key), None)

    def follow(self, *keys: str) -> "Node | None":
        """The value behind a path of keys."""
        node: Node | None = self
        for key in keys:
            node = node.get(key) if node else None
        return node

    @property
    def text(self) -> Text:
        """A scalar's text and place."""
        return Text(self.value, self.at)

    def walk(self) -> "Iterator[Node]":
        """This node and all below, each once, in document order."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed([*(child for _, child in node.entries), *node.items]))


def setting(reason: str) -> str:
    """How a plist would say that a text comes from elsewhere: ``$(reason)``; keys of code that are computed say so."""
    return f"$({reason.replace('(', '').replace(')', '')})"


def why_computed(key: str) -> str:
    """The reason inside of what ``setting`` gave back; empty for any other text."""
    return key[2:-1] if key.startswith("$(") and key.endswith(")") else ""
