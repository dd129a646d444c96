"""What parsers of JavaScript and TypeScript have in common: files, packages, objects, and hosts of URLs."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from pincheck.model import CodeContext, Location, SourceFile, Text
from pincheck.model.code import (
    Call,
    Choice,
    Entries,
    Frame,
    Index,
    Items,
    Joined,
    Lambda,
    Literal,
    Module,
    Name,
    Other,
    Spread,
    Value,
)
from pincheck.parsers._literals import looks_like_host
from pincheck.readers import syntax
from pincheck.readers.sought import Followed
from pincheck.readers.tree import Node

FILES = ("*.js", "*.jsx", "*.mjs", "*.cjs", "*.ts", "*.tsx", "*.mts", "*.cts")

_DENSE = 400
"""Characters a line in a file that a bundler wrote; people write some 35."""
_LARGE = 20_000


def build(followed: Followed) -> CodeContext | None:
    """The context of what holds in debug builds only."""
    return "debug" if followed.debug else None


def read(source: SourceFile) -> Module | None:
    """The module of a file; None for type declarations, which give nothing a value, and for bundles."""
    if source.path.endswith((".d.ts", ".d.mts", ".d.cts", ".min.js")):
        return None
    size = len(source.data)
    if size > _LARGE and size / (source.data.count(b"\n") + 1) > _DENSE:
        return None
    return syntax.read(source)


def packages(module: Module) -> frozenset[str]:
    """The packages and files that a module imports or requires, as it names them."""
    required = (
        placed.call.arguments[0].value
        for placed in module.calls.get("require", ())
        if len(placed.call.arguments) == 1
    )
    return frozenset((*module.imports, *(each.value for each in required if isinstance(each, Literal))))


def uses(module: Module, *names: str) -> bool:
    """Tell whether a module imports a package of one of the names, whoever publishes it."""
    found = packages(module)
    return any(each == name or each.endswith("/" + name) for each in found for name in names)


# objects ---------------------------------------------------------------------


class Object(NamedTuple):
    """An object literal, and what it stands in."""

    entries: Entries
    frame: Frame
    key: Value | None = None
    """What it stands under: a key, the first of a pair, the index it is assigned to."""
    call: Call | None = None
    """The call that it is an argument of."""
    name: str = ""
    """The variable or property that it is assigned to."""

    def get(self, *keys: str) -> Value | None:
        """The value of the first key of one of the names."""
        return next((value for key, value in self.entries.entries if named(key) in keys), None)


def named(key: Value) -> str:
    """The text of a key that is no expression."""
    return key.value if isinstance(key, Literal) else ""


def objects(module: Module) -> Iterator[Object]:
    """Yield every object literal of a module, each once, an outer one before those inside."""
    seen: set[tuple[int, int]] = set()
    for value, around in placed(module):
        if isinstance(value, Entries):
            spot = (value.at.line, value.at.column)
            if spot not in seen:
                seen.add(spot)
                yield around._replace(entries=value)


_EMPTY = Entries((), Location("", 1, 1, 1, 1))


def placed(module: Module) -> Iterator[tuple[Value, Object]]:
    """Yield every value of a module, with what it stands in; some more than once."""
    waiting = list(reversed(list(_roots(module))))
    done: set[int] = set()
    while waiting:
        value, around = waiting.pop()
        if id(value) in done:
            continue
        done.add(id(value))
        yield value, around
        waiting.extend(reversed(list(_below(value, around))))


def _roots(module: Module) -> Iterator[tuple[Value, Object]]:
    for definition in module.definitions:
        yield definition.value, Object(_EMPTY, definition.frame, name=definition.name)
    for function in module.functions:
        for parameter in function.frame.parameters:
            if parameter.default is not None:
                yield parameter.default, Object(_EMPTY, function.frame)
        for returned in function.returned:
            yield returned.value, Object(_EMPTY, returned.frame)
    for statement in module.statements:
        yield statement.value, Object(_EMPTY, statement.frame)
    for name, calls in module.calls.items():
        for each in calls:
            if name == "[]=":
                yield each.call.arguments[-1].value, Object(_EMPTY, each.frame, each.call.arguments[0].value)
            else:
                yield each.call, Object(_EMPTY, each.frame)


def _below(value: Value, around: Object) -> Iterator[tuple[Value, Object]]:
    inside = around._replace(key=None, call=None, name="")
    if isinstance(value, Entries):
        for key, each in value.entries:
            if isinstance(key, Spread):
                yield key.value, inside
            else:
                yield each, inside._replace(key=key)
    elif isinstance(value, Call):
        if value.of is not None:
            yield value.of, inside
        for argument in value.arguments:
            yield argument.value, inside._replace(call=value)
    elif isinstance(value, Items):
        pair = len(value.items) == 2 and not isinstance(value.items[0], Entries)
        for number, item in enumerate(value.items):
            yield item, inside._replace(key=value.items[0] if pair and number else None)
    elif isinstance(value, Choice):
        for option in value.options:
            yield option.value, around
    elif isinstance(value, Lambda):
        for returned in value.returned:
            yield returned.value, inside._replace(frame=returned.frame)
    elif isinstance(value, Joined | Other):
        for part in value.parts:
            yield part, inside
    elif isinstance(value, Spread):
        yield value.value, around
    elif isinstance(value, Index | Name) and value.of is not None:
        yield value.of, inside


def below(value: Value, frame: Frame) -> Iterator[tuple[Value, Frame]]:
    """Yield what a value is made of, and where it stands."""
    for each, around in _below(value, Object(_EMPTY, frame)):
        yield each, around.frame


# hosts -----------------------------------------------------------------------


def settled(value: Value | None, module: Module, frame: Frame) -> Value | None:
    """A value without the ways round it: a variable set once near by, and the default of an option."""
    for _ in range(10):
        if isinstance(value, Name) and value.of is None:
            outward = {each.number for each in frame.outward()}
            found = [
                each
                for each in module.definitions
                if each.name == value.name and each.frame.number in outward and not each.owner
            ]
            if len(found) != 1:
                return value
            value = found[0].value
        elif isinstance(value, Choice) and not any(option.condition for option in value.options):
            value = value.options[-1].value  # option ?? default
        else:
            return value
    return value


def authority(value: Value | None, module: Module, frame: Frame) -> Value | None:
    """The part of a URL's value that names its host: all up to the path."""
    inner = settled(value, module, frame)
    if isinstance(inner, Call) and inner.name == "URL" and inner.arguments:
        inner = settled(inner.arguments[-1].value, module, frame)
    if not isinstance(inner, Joined):
        return value
    first, second, *_ = (*inner.parts, None)
    follows = second.value if isinstance(second, Literal) else "/"
    if not isinstance(first, Literal) and follows[:1] == "/":
        return first
    kept: list[Value] = []
    for part in inner.parts:
        kept.append(part)
        if isinstance(part, Literal) and "/" in re.sub(r"\A[A-Za-z]*://", "", part.value):
            break
    return kept[0] if len(kept) == 1 else Joined(tuple(kept))


def host_of(node: Node | None) -> Text | None:
    """The host that a URL, or a host alone, names; None for anything else."""
    if node is None or node.kind != "text":
        return None
    match = re.match(r"\s*(?:[A-Za-z][\w+.-]*:)?(?://)?(?:[^/@\s]*@)?([^/:?#\s]+)", node.value)
    if not match or not (looks_like_host(match[1]) or re.fullmatch(r"[\d.]{7,15}|localhost", match[1])):
        return None
    at = node.at
    if written(node.text) == node.value and at.line == at.end_line:
        at = at._replace(column=at.column + match.start(1), end_column=at.column + match.end(1))
    return Text(match[1], at)


def written(text: Text) -> str:
    """What the file says at the place of a text; empty if it spans lines."""
    at = text.at
    return at.text[at.column - 1 : at.end_column - 1] if at.line == at.end_line else ""


def is_known(text: Text) -> bool:
    """Tell a key that the code gives from the name of one that could not be followed."""
    there = written(text)
    return bool(there) and there in text.value
