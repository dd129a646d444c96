"""Where in a JSON or YAML document something stands: paths and what they lead to.

A path leads to texts in a document. Its steps stand with dots between:

- a key of a map, in double quotes if it holds one of ``. [ ] * @ "``;
- ``*``, any key; ``**``, any number of levels, at most once in a path;
- ``[]``, each element of a list, behind a step or as the first;
- ``@``, last: the keys of a map themselves.

A path that begins with a dot starts in the object where another leads: beside ``servers[].host``,
``.pins[]`` means ``servers[].pins[]``, and beside ``domains.@`` it means ``domains.*.pins[]``.
"""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from pincheck.model import Text
from pincheck.readers.tree import Node


class BadPath(ValueError):
    """A text that is no path; the message says why."""


class Step(NamedTuple):
    """One step of a path."""

    kind: Literal["key", "any", "deep", "each", "keys"]
    key: str = ""


Path = tuple[Step, ...]

_STEP = r"""(?x)
    (?: "(?P<quoted>[^"\\]*(?:\\.[^"\\]*)*)" | (?P<deep>\*\*) | (?P<any>\*) | (?P<keys>@) | (?P<key>[^.\[\]*@"]+) )?
    (?P<each>(?:\[\])*) (?P<dot>\.|\Z)"""


def read_path(text: str, beside: Path = ()) -> Path:
    """Return the steps of a path; one with a leading dot starts in the object that ``beside`` leads to.

    Raise ``BadPath`` for a text that is no path.
    """
    steps = list(object_of(beside)) if text.startswith(".") else []
    position = 1 if text.startswith(".") else 0
    dot = "."
    while dot:
        match = re.compile(_STEP).match(text, position)
        found = list(_steps(match)) if match else []
        if not match or not found:
            raise BadPath(f'"{text}" is no path: no step at character {position + 1}')
        steps += found
        position, dot = match.end(), match["dot"]
    kinds = [step.kind for step in steps]
    if kinds.count("deep") > 1 or kinds[-1] == "deep":
        raise BadPath(f'"{text}" is no path: ** may stand once, and not at the end')
    if "keys" in kinds[:-1]:
        raise BadPath(f'"{text}" is no path: @ may stand at the end only')
    return tuple(steps)


def _steps(match: re.Match[str]) -> Iterator[Step]:
    if match["key"] is not None:
        yield Step("key", match["key"])
    elif match["quoted"] is not None:
        yield Step("key", re.sub(r"\\(.)", r"\1", match["quoted"]))
    elif match["deep"]:
        yield Step("deep")
    elif match["any"]:
        yield Step("any")
    elif match["keys"]:
        yield Step("keys")
    yield from [Step("each")] * (len(match["each"]) // 2)


def object_of(path: Path) -> Path:
    """The path of the object that the texts stand in, or that a text is the key of."""
    if path and path[-1].kind == "keys":
        return (*path[:-1], Step("any"))
    while path and path[-1].kind == "each":
        path = path[:-1]
    return path[:-1]


class Hit(NamedTuple):
    """A text that a path leads to."""

    text: Text
    trail: tuple[int, ...]
    """The number of the entry or element taken at each level."""


def hits(root: Node, path: Path) -> Iterator[Hit]:
    """Follow a path, in the order of the document; each node is looked at once for each step."""
    waiting: list[tuple[Node, int, tuple[int, ...]]] = [(root, 0, ())]
    while waiting:
        node, index, trail = waiting.pop()
        if index == len(path):
            yield from (
                Hit(leaf.text, trail)
                for leaf in (node, *node.items)
                if leaf.kind in ("text", "number", "date")
            )
            continue
        step = path[index]
        if step.kind == "keys":
            yield from (Hit(key, (*trail, number)) for number, (key, _) in enumerate(node.entries))
            continue
        children = [(child, number) for number, child in _children(node, step)]
        after = index if step.kind == "deep" else index + 1
        waiting.extend((child, after, (*trail, number)) for child, number in reversed(children))
        if step.kind == "deep":
            waiting.append((node, index + 1, trail))


def _children(node: Node, step: Step) -> Iterator[tuple[int, Node]]:
    for number, (key, child) in enumerate(node.entries):
        if step.kind in ("any", "deep") or (step.kind == "key" and key.value == step.key):
            yield number, child
    if step.kind in ("each", "deep"):
        yield from enumerate(node.items)


def in_common(path: Path, other: Path) -> int:
    """How many steps two paths have in common."""
    count = 0
    for one, two in zip(_named(path), _named(other), strict=False):
        if one != two:
            break
        count += 1
    return count


def _named(path: Path) -> Path:
    return tuple(Step("any") if step.kind == "keys" else step for step in path)


def element(hit: Hit, path: Path, count: int) -> tuple[int, ...]:
    """Which element the first ``count`` steps of a path led to."""
    if any(step.kind == "deep" for step in path[:count]):
        return hit.trail[: len(hit.trail) - (len(path) - count)]
    return hit.trail[:count]
