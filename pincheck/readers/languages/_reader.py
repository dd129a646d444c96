"""What all languages have in common: a walk over a concrete tree that collects a ``Module``.

A subclass has a method for each kind of node it knows, called exactly as the grammar calls the node;
helpers start with an underscore. A method returns the node's value, or None for a statement. Nodes
without a method are looked through. The walk is bounded in depth, and chains (``a.b().c()``,
``a + b + c``) are unwound from their inner end, so that no input can exhaust the stack.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, ClassVar

from pincheck.model import MAX_LINE, Location
from pincheck.model.code import (
    Argument,
    Call,
    Choice,
    Definition,
    Frame,
    FrameKind,
    Function,
    Joined,
    Lambda,
    Literal,
    Module,
    Name,
    Option,
    Other,
    Parameter,
    Placed,
    PlacedCall,
    Returned,
    Value,
)
from pincheck.readers.languages._salvage import salvage
from pincheck.readers.text import Lines

Node = Any
"""A node of tree-sitter."""

MAX_DEPTH = 120
MAX_ERRORS = 20
SALVAGED = 20
"""Bytes of an error that are worth a closer look."""
MAX_SALVAGED = 400_000
"""Bytes of errors, one inside the other, that are looked at again in one file."""
MAX_PARTS = 200
"""Parts of a concatenation that are kept side by side; those before them become one part."""
CONDITION = 80
"""Characters of a condition that are kept."""
NOTHING = Other("")
CALLS = ("call_expression", "invocation_expression")
MEMBERS = (
    *("navigation_expression", "navigation_suffix", "member_expression", "member_access_expression"),
    "field_expression",
)


class BaseReader:
    """Reads one file."""

    _chained: ClassVar[frozenset[str]] = frozenset()
    """The nodes whose first child is what they go on from."""
    _comments: ClassVar[frozenset[str]] = frozenset(
        {"comment", "line_comment", "block_comment", "multiline_comment"}
    )

    def __init__(self, path: str, language: str, data: bytes) -> None:
        self._path = path
        self._language = language
        self._data = data
        self._ascii = data.isascii()
        self._lines = data.split(b"\n")
        self._definitions: list[Definition] = []
        self._functions: list[Function] = []
        self._calls: dict[str, list[PlacedCall]] = {}
        self._statements: list[Placed] = []
        self._types: list[Frame] = []
        self._imports: list[str] = []
        self._conditions: list[Placed] = []
        self._errors: list[Location] = []
        self._frames = 0
        self._depth = 0
        self._returns: list[list[Returned]] = []
        self._ready: dict[int, Value | None] = {}
        self._to_salvage = MAX_SALVAGED

    def tree(self, root: Node) -> Module:
        """Read the tree of a whole file."""
        self._walk_inside(root, self._frame("file", self._path, None))
        return Module(
            self._path,
            self._language,
            tuple(self._definitions),
            tuple(self._functions),
            {name: tuple(calls) for name, calls in self._calls.items()},
            tuple(self._statements),
            tuple(self._types),
            tuple(self._imports),
            tuple(self._conditions),
            tuple(self._errors),
        )

    # walking -----------------------------------------------------------------

    def _walk_inside(self, node: Node, frame: Frame) -> None:
        """Read the children of a node as statements."""
        self._walk_all(node.named_children, frame)

    def _walk_all(self, nodes: Iterable[Node], frame: Frame) -> None:
        for child in nodes:
            self._walk(child, frame)

    def _walk(self, node: Node, frame: Frame) -> None:
        """Read a node as a statement."""
        value = self._value(node, frame, looked_through=True)
        if value is not None and value is not NOTHING:
            self._statements.append(Placed(value, frame))

    def _value(self, node: Node | None, frame: Frame, looked_through: bool = False) -> Value:
        """The value of a node; that of a statement is ``NOTHING``."""
        if node is None:
            return NOTHING
        if node.type in self._chained and node.id not in self._ready:
            self._unwind(node, frame)
        return self._one(node, frame, looked_through) or NOTHING

    def _one(self, node: Node, frame: Frame, looked_through: bool = False) -> Value | None:
        if node.id in self._ready:
            return self._ready.pop(node.id)
        kind = node.type
        if kind in self._comments:
            return None
        if self._depth > MAX_DEPTH:
            return Other("too deep")
        self._depth += 1
        try:
            method: Callable[[Node, Frame], Value | None] | None = getattr(self, kind, None)
            if method is not None and not kind.startswith("_"):
                return method(node, frame)
            if looked_through:
                self._walk_inside(node, frame)
                return None
            return self._unknown(node, frame)
        finally:
            self._depth -= 1

    def _unknown(self, node: Node, frame: Frame) -> Value:
        parts = tuple(self._value(child, frame) for child in node.named_children)
        kept = tuple(part for part in parts if part is not NOTHING)
        return Other(self._short(node), kept, self._at(node))

    def _unwind(self, node: Node, frame: Frame) -> None:
        """Make the inner ends of a chain ready before its outer ends ask for them."""
        spine = []
        inner = node
        while (following := self._next(inner)) is not None:
            spine.append(following)
            inner = following
        for each in reversed(spine):
            if each.id not in self._ready:
                self._ready[each.id] = self._one(each, frame)

    def _next(self, node: Node) -> Node | None:
        """What a node of a chain goes on from, if that is of a chain as well."""
        first = node.named_children[0] if node.named_child_count else None
        return first if first is not None and first.type in self._chained else None

    def ERROR(self, node: Node, frame: Frame) -> None:  # noqa: N802 - as tree-sitter calls it
        if len(self._errors) < MAX_ERRORS:
            self._errors.append(self._at(node))
        self._walk_inside(node, frame)
        size = node.end_byte - node.start_byte
        if SALVAGED <= size <= self._to_salvage:
            self._to_salvage -= size
            self._statements.append(Placed(self._salvaged(node), frame))

    def _salvaged(self, node: Node) -> Value:
        text = self._text(node)
        lines = Lines(self._path, text)
        first_row, first_byte = node.start_point
        first_column = self._column(first_row, first_byte)

        def literal(start: int, end: int) -> Literal:
            row, column = lines.position(start)
            column += first_column - 1 if row == 1 else 0
            inside = text[start:end]
            number = first_row + row
            line = self._lines[number - 1] if number <= len(self._lines) else b""
            shown = line.rstrip(b"\r").decode("utf-8", "replace") if len(line) <= MAX_LINE else ""
            at = Location(self._path, number, column, number, column + len(inside), shown)
            return Literal(unescaped(inside), at)

        return salvage(text, literal, self._at(node))

    # places ------------------------------------------------------------------

    def _text(self, node: Node | None) -> str:
        return "" if node is None else self._data[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def _short(self, node: Node | None) -> str:
        """The text of a node in one line, shortened."""
        if node is None:
            return ""
        raw = self._data[node.start_byte : min(node.end_byte, node.start_byte + 4 * CONDITION)]
        return " ".join(raw.decode("utf-8", "replace").split())[:CONDITION]

    def _at(self, node: Node, left: int = 0, right: int = 0) -> Location:
        """The place of a node, without ``left`` and ``right`` bytes at its ends."""
        (row, column), (end_row, end_column) = node.start_point, node.end_point
        line = self._lines[row]
        return Location(
            self._path,
            row + 1,
            self._column(row, column + left),
            end_row + 1,
            self._column(end_row, max(end_column - right, 0)),
            line.rstrip(b"\r").decode("utf-8", "replace") if len(line) <= MAX_LINE else "",
        )

    def _on_line(self, row: int, start: int, size: int) -> Location:
        """The place of some bytes of one line, both counted from 0."""
        line = self._lines[row]
        shown = line.rstrip(b"\r").decode("utf-8", "replace") if len(line) <= MAX_LINE else ""
        left, right = self._column(row, start), self._column(row, start + size)
        return Location(self._path, row + 1, left, row + 1, right, shown)

    def _column(self, row: int, column: int) -> int:
        if self._ascii or column > 100_000:
            return column + 1
        return len(self._lines[row][:column].decode("utf-8", "replace")) + 1

    # nouns -------------------------------------------------------------------

    def _frame(
        self,
        kind: FrameKind,
        name: str,
        outer: Frame | None,
        node: Node | None = None,
        parameters: Sequence[Parameter] = (),
        over: Value | None = None,
        bases: Sequence[str] = (),
        receiver: str = "",
    ) -> Frame:
        self._frames += 1
        at = self._at(node) if node is not None else None
        return Frame(self._frames, kind, name, outer, at, tuple(parameters), over, tuple(bases), receiver)

    def _branch(self, condition: str, outer: Frame, node: Node | None = None) -> Frame:
        return self._frame("branch", condition, outer, node)

    def _define(
        self, name: str, value: Value, frame: Frame, node: Node, owner: str = "", typed: str = ""
    ) -> None:
        if value is not NOTHING:
            self._definitions.append(Definition(name, value, frame, self._at(node), owner, typed))

    def _call(
        self, name: str, of: Value | None, arguments: Iterable[Argument], frame: Frame, node: Node
    ) -> Call:
        call = Call(name, of, tuple(arguments), self._at_call(node))
        self._calls.setdefault(name, []).append(PlacedCall(call, frame))
        return call

    def _at_call(self, node: Node) -> Location:
        """The place of a call without what it is called on: each link of a chain has its own."""
        at = self._at(node)
        named = node.child_by_field_name("name") if node.type == "method_invocation" else None
        if node.type in CALLS and node.named_child_count:
            first = node.named_children[0]
            while first.type in MEMBERS and first.named_child_count:
                first = named = first.named_children[-1]
        if named is None:
            return at
        start = self._at(named)
        return start._replace(end_line=at.end_line, end_column=at.end_column)

    def _type(
        self,
        node: Node,
        name: str,
        frame: Frame,
        bases: Sequence[str] = (),
        parameters: Sequence[Parameter] = (),
        receiver: str = "",
    ) -> Frame:
        inner = self._frame("type", name, frame, node, parameters, bases=bases, receiver=receiver)
        self._types.append(inner)
        return inner

    def _function(
        self,
        node: Node,
        name: str,
        frame: Frame,
        parameters: Sequence[Parameter],
        body: Node | None,
        getter: bool = False,
        receiver: str = "",
        bodies: Iterable[Node] = (),
    ) -> None:
        """Read a function; the value of a body that is an expression is what it returns."""
        inner = self._frame("function", name, frame, node, parameters, receiver=receiver)
        returned = self._body(([body] if body is not None else []) + list(bodies), inner)
        self._functions.append(Function(name, inner, returned, getter))

    def _lambda(
        self,
        node: Node,
        frame: Frame,
        parameters: Sequence[Parameter],
        bodies: Iterable[Node],
        over: Value | None = None,
        via: str = "",
    ) -> Lambda:
        inner = self._frame("lambda", via, frame, node, parameters, over)
        return Lambda(inner, self._body(bodies, inner), self._at(node))

    def _body(self, bodies: Iterable[Node], frame: Frame) -> tuple[Returned, ...]:
        """Read statements, and what they return: by ``return``, or as the value of the last one."""
        self._returns.append([])
        last: Value | None = None
        for body in bodies:
            before = len(self._statements)
            if self._is_block(body):
                self._walk_block(body, frame)
                last = self._last_value(before, frame)
            else:
                value = self._value(body, frame, looked_through=True)
                last = None if value is NOTHING else value
                if last is not None:
                    self._statements.append(Placed(last, frame))
                elif len(self._statements) > before:
                    last = self._last_value(before, frame)
        returned = self._returns.pop()
        if last is not None and not returned:
            returned.append(Returned(last, frame))
        return tuple(returned)

    def _last_value(self, before: int, frame: Frame) -> Value | None:
        """The value of the last statement read since, if it stands in this very frame."""
        if len(self._statements) > before and self._statements[-1].frame is frame:
            return self._statements[-1].value
        return None

    def _is_block(self, node: Node) -> bool:
        return node.type in ("block", "statements", "statement_block", "compound_statement")

    def _walk_block(self, node: Node, frame: Frame) -> None:
        self._walk_inside(node, frame)

    def _return(self, value: Value, frame: Frame) -> None:
        if self._returns and value is not NOTHING:
            self._returns[-1].append(Returned(value, frame))

    def _if(
        self, condition: str, then: Iterable[Node], otherwise: Iterable[Node], frame: Frame, node: Node
    ) -> Choice | None:
        """Read an ``if``; it is a choice where its branches are values."""
        options = []
        for text, nodes in ((condition, then), (_negated(condition), otherwise)):
            branch = self._branch(text, frame, node)
            before = len(self._statements)
            self._walk_all(nodes, branch)
            value = self._last_value(before, branch)
            if value is not None:
                options.append(Option(text, value))
        return Choice(tuple(options), self._at(node)) if options else None

    def _condition(self, value: Value, frame: Frame) -> None:
        """Keep what is asked before a branch."""
        if not isinstance(value, Name) and value is not NOTHING:
            self._conditions.append(Placed(value, frame))

    # strings -----------------------------------------------------------------

    def _literal(self, node: Node, left: int, right: int, raw: bool = False) -> Literal:
        """A string literal without anything to fill in, ``left`` and ``right`` bytes being its quotes."""
        inside = self._data[node.start_byte + left : node.end_byte - right].decode("utf-8", "replace")
        return Literal(inside if raw else unescaped(inside), self._at(node, left, right))

    def _template(
        self, node: Node, left: int, right: int, holes: Sequence[tuple[Node, Value]], raw: bool = False
    ) -> Value:
        """A string literal with values to fill in, each at its node."""
        if not holes:
            return self._literal(node, left, right, raw)
        parts: list[Value] = []
        position = node.start_byte + left
        for hole, value in holes:
            self._piece(node, position, hole.start_byte, parts, raw)
            parts.append(value)
            position = hole.end_byte
        self._piece(node, position, node.end_byte - right, parts, raw)
        return Joined(tuple(parts))

    def _piece(self, node: Node, start: int, end: int, parts: list[Value], raw: bool) -> None:
        if end > start:
            inside = self._data[start:end].decode("utf-8", "replace")
            parts.append(Literal(inside if raw else unescaped(inside), self._at(node)))

    def _dollars(self, literal: Literal, filled: str) -> Value:
        """The ``$name`` and ``${name.path}`` that a grammar leaves inside a text."""
        if "$" not in filled:
            return literal
        parts: list[Value] = []
        position = 0
        for match in re.finditer(_DOLLAR, filled):
            if match.start() > position:
                parts.append(Literal(unescaped(filled[position : match.start()]), literal.at))
            parts.append(_named((match[1] or match[2]).split(".")))
            position = match.end()
        if not parts:
            return literal
        if position < len(filled):
            parts.append(Literal(unescaped(filled[position:]), literal.at))
        return Joined(tuple(parts))

    def _joined(self, left: Value, right: Value) -> Joined:
        if isinstance(left, Joined) and len(left.parts) < MAX_PARTS:
            return Joined((*left.parts, right))
        return Joined((left, right))

    def _pairs(self, values: Sequence[Value]) -> tuple[tuple[Value, Value], ...]:
        return tuple(zip(values[::2], values[1::2], strict=False))


def _named(words: Sequence[str]) -> Name:
    name: Name | None = None
    for word in words:
        name = Name(word, name)
    assert name is not None
    return name


_DOLLAR = r"(?<!\\)\$(?:\{\s*([A-Za-z_][\w.]*)\s*\}|([A-Za-z_]\w*))"
_ESCAPE = (
    r"(?s)\\(?:u\{([0-9A-Fa-f]{1,8})\}|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|x([0-9A-Fa-f]{2})"
    r"|([0-7]{1,3})|(\r\n|.))"
)
_CONTROLS = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "b": "\b",
    "f": "\f",
    "a": "\a",
    "v": "\v",
    "\n": "",
    "\r\n": "",
}


def unescaped(text: str) -> str:
    """Read the escapes that the languages share; another escaped character stands for itself."""
    if "\\" not in text:
        return text
    return re.sub(_ESCAPE, _escape, text)


def _escape(match: re.Match[str]) -> str:
    digits = match[1] or match[2] or match[3] or match[4]
    if digits:
        return _character(int(digits, 16))
    if match[5]:
        return chr(int(match[5], 8))
    return _CONTROLS.get(match[6], match[6])


def _character(number: int) -> str:
    return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else "\ufffd"


def _negated(condition: str) -> str:
    """The opposite of a condition, as a person would write it; of none, none."""
    if not condition:
        return ""
    if condition.startswith("!") and re.fullmatch(r"![\w.]+", condition):
        return condition[1:]
    return f"!{condition}" if re.fullmatch(r"[\w.]+", condition) else f"!({condition})"


def fields(node: Node, name: str) -> list[Node]:
    """The children in a field."""
    found: list[Node] = node.children_by_field_name(name)
    return found


def child(node: Node, *kinds: str) -> Node | None:
    """The first named child of one of the kinds."""
    return next((each for each in node.named_children if each.type in kinds), None)


def children(node: Node, *kinds: str) -> Iterator[Node]:
    """The named children of one of the kinds."""
    return (each for each in node.named_children if each.type in kinds)


def operator(node: Node) -> str:
    """The operator of a binary expression: its first unnamed child."""
    return next((each.type for each in node.children if not each.is_named), "")
