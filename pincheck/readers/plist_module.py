"""A property list as a module of source code, whose keys give names their values."""

import re
from functools import lru_cache

from pincheck.model import SourceFile
from pincheck.model.code import Definition, Entries, Frame, Items, Joined, Literal, Module, Name, Other, Value
from pincheck.readers import plist
from pincheck.readers.tree import Node

PLIST = "plist"
"""The owner under which the values of plists are known."""
SETTING = "xcconfig"
"""The owner under which build settings are known, whichever file sets them."""
MAX_DEPTH = 40

_REFERENCE = r"\$(?:\(([A-Za-z_]\w{0,100})?\)|\{([A-Za-z_]\w{0,100})?\})"


@lru_cache(maxsize=64)
def read(source: SourceFile) -> Module:
    """Return a plist whose top-level keys are definitions; raise ``Unreadable`` for anything else."""
    file = Frame(1, "file", source.path, None)
    root = plist.read(source)
    found = tuple(Definition(key.value, _value(node, 0), file, key.at, PLIST) for key, node in root.entries)
    return Module(source.path, PLIST, found, (), {}, (), (), ())


def setting(name: str) -> Name:
    """A build setting, as a value to follow."""
    return Name(name, Name(SETTING))


def with_settings(literal: Literal) -> Value:
    """A text, with the build settings in it as values to follow; ``$()`` and ``$(inherited)`` are empty."""
    if "$" not in literal.value:
        return literal
    parts: list[Value] = []
    position = 0
    for match in re.finditer(_REFERENCE, literal.value):
        parts.append(Literal(literal.value[position : match.start()], literal.at))
        position = match.end()
        name = match[1] or match[2]
        if name and name != "inherited":
            parts.append(setting(name))
    parts.append(Literal(literal.value[position:], literal.at))
    kept = tuple(part for part in parts if not (isinstance(part, Literal) and not part.value))
    if all(isinstance(part, Literal) for part in kept):
        return Literal("".join(part.value for part in kept if isinstance(part, Literal)), literal.at)
    return Joined(kept)


def _value(node: Node, depth: int) -> Value:
    if depth > MAX_DEPTH:
        return Other("too deep")
    if node.kind == "map":
        pairs = ((Literal(key.value, key.at), _value(each, depth + 1)) for key, each in node.entries)
        return Entries(tuple(pairs), node.at)
    if node.kind == "list":
        return Items(tuple(_value(each, depth + 1) for each in node.items), node.at)
    if node.kind in ("text", "data", "date"):
        return with_settings(Literal(node.value, node.at))
    return Other(node.value, (), node.at)
