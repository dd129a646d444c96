"""What values come to: nodes, where they are put together, and what can be asked of them."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pincheck.model import Location, Text
from pincheck.model.code import Frame, Module, Value
from pincheck.readers.text import whole_file
from pincheck.readers.tree import Node, setting, why_computed


class Late(NamedTuple):
    """An argument, to be put together where it stands."""

    value: Value
    place: "Place"


Bound = Node | Late


class Place(NamedTuple):
    """Where a value stands, and what the parameters around it are bound to."""

    module: Module
    frame: Frame
    bound: Mapping[tuple[str, int], Mapping[str, Bound]]

    def inside(self, frame: Frame, bound: Mapping[str, Bound]) -> "Place":
        """The inside of a function or lambda with its parameters bound."""
        key = (self.module.path, frame.number)
        return self._replace(frame=frame, bound={**self.bound, key: bound})


def somewhere(place: Place) -> Location:
    """The nearest place that can be named."""
    return place.frame.at or whole_file(place.module.path)


def unknown(reason: str, place: Place) -> Node:
    """A value that cannot be followed."""
    return Node("unknown", somewhere(place), reason)


def placed(node: Node, at: Location, place: Place) -> Node:
    """The node; one that cannot be followed, and is known by the code around it only, stands at ``at``."""
    lost = node.kind == "unknown" and node.at == somewhere(place)
    return node._replace(at=at) if lost else node


def constant(text: str, at: Location) -> Node | None:
    """``true``, ``null``, a number, Java's empty array; None for anything else."""
    if text in ("true", "false", "YES", "NO"):
        return Node("bool", at, "true" if text in ("true", "YES") else "false")
    if text in ("null", "nil", "None", "undefined", "{}"):
        return Node("null", at)
    if text[:1].isdigit() and re.fullmatch(r"\d[\d_]{0,20}[lLuUfF]?", text):
        return Node("number", at, text.rstrip("lLuUfF").replace("_", ""))
    return None


_PREFIX = r"(?i)(?:pin-)?sha-?\d{1,3}[/:=]{0,2}"
_URL = r"(?i)https?://[a-z0-9.-]+\.[a-z]{2,24}(?::\d+)?(?:/.*)?"
LONG = 20
"""Characters of a text that is more than a prefix."""


def joined(parts: Sequence[Node], place: Place) -> Node:
    """Texts or lists put together; it stands where its first long text does."""
    lost = next((part for part in parts if part.kind == "unknown"), None)
    if any(part.kind == "list" for part in parts):
        items = [item for part in parts for item in (part.items if part.kind == "list" else (part,))]
        return Node("list", parts[0].at, items=tuple(items))
    if any(part.kind == "map" for part in parts):
        return Node("map", parts[0].at, entries=tuple(entry for part in parts for entry in part.entries))
    lost = lost or next((part for part in parts if part.kind == "file"), None)
    if lost is not None:
        first = parts[0]
        if first.kind == "text" and re.fullmatch(_URL, first.value):
            return first  # whose host is known, whatever follows
        return lost
    texts = [part for part in parts if part.kind == "text"]
    if not texts:
        return parts[0] if len(parts) == 1 else unknown("it is computed", place)
    texts = [part for part in texts if not re.fullmatch(_PREFIX, part.value)] or texts
    main = next(
        (part for part in texts if len(part.value) >= LONG), max(texts, key=lambda part: len(part.value))
    )
    return Node("text", main.at, "".join(part.value for part in parts))


def key_of(node: Node) -> Text:
    """A key of a map; where it cannot be followed, why."""
    return Text(setting(node.value), node.at) if node.kind == "unknown" else node.text


def entries_of(node: Node) -> list[Node]:
    """The entries of a map, each a list of key and value."""
    return [Node("list", key.at, items=(named(key), value)) for key, value in node.entries]


def named(key: Text) -> Node:
    """A key of a map as a value."""
    reason = why_computed(key.value)
    return Node("unknown", key.at, reason) if reason else Node("text", key.at, key.value)


def accessed(of: Node, word: str, place: Place) -> Node:
    """A property of a value."""
    if of.kind == "file":
        return of
    if of.kind == "list" and len(of.items) == 2:
        if word in ("key", "Key", "first", "component1"):
            return of.items[0]
        if word in ("value", "Value", "second", "component2"):
            return of.items[1]
    if of.kind == "list" and of.items and word in ("first", "last"):
        return of.items[0 if word == "first" else -1]
    if of.kind == "map":
        found = of.get(word)
        if found is not None:
            return found
        if word in ("keys", "Keys", "allKeys"):
            return Node("list", of.at, items=tuple(named(key) for key, _ in of.entries))
        if word in ("values", "Values", "allValues"):
            return Node("list", of.at, items=tuple(value for _, value in of.entries))
    if word in (
        "entries",
        "rawValue",
        "absoluteString",
        "indices",
        "value",
        "UTF8String",
        "lazy",
        "reversed",
    ):
        return of
    if of.kind == "text" and word in ("host", "hostname", "authority", "Host"):
        match = re.match(r"(?:[A-Za-z][\w+.-]*://)?(?:[^/@]*@)?([^/:?#]+)", of.value)
        if match:
            return Node("text", of.at, match[1])
    return unknown(f"{word} of it is computed", place)
