"""Dart (grammar: tree-sitter-dart 0.1, a young one: chains are flat lists of selectors)."""

import re
from collections.abc import Iterable, Iterator, Sequence

from pincheck.model.code import (
    Argument,
    Call,
    Choice,
    Entries,
    Frame,
    Index,
    Items,
    Joined,
    Lambda,
    Name,
    Option,
    Other,
    Parameter,
    Returned,
    Spread,
    Value,
)
from pincheck.readers.languages._reader import (
    NOTHING,
    BaseReader,
    Node,
    child,
    children,
    fields,
)

SELECTORS = ("selector", "cascade_section", "unconditional_assignable_selector", "argument_part")
ENDS = ("block", "function_body", "function_expression_body")


class Reader(BaseReader):
    """Reads a file of Dart."""

    _chained = frozenset({"additive_expression", "if_null_expression"})

    def _is_block(self, node: Node) -> bool:
        return bool(node.type == "block")

    # declarations ------------------------------------------------------------

    def import_or_export(self, node: Node, frame: Frame) -> None:
        self._imports.append(self._short(node).strip("; ").rpartition(" ")[2].strip("'\""))

    def program(self, node: Node, frame: Frame) -> None:
        self._members(node, frame)

    def class_body(self, node: Node, frame: Frame) -> None:
        self._members(node, frame)

    def extension_body(self, node: Node, frame: Frame) -> None:
        self._members(node, frame)

    def enum_body(self, node: Node, frame: Frame) -> None:
        self._members(node, frame)

    def _walk_inside(self, node: Node, frame: Frame) -> None:
        if node.type in ("program", "class_body", "extension_body", "enum_body"):
            self._members(node, frame)
        else:
            super()._walk_inside(node, frame)

    def _members(self, node: Node, frame: Frame) -> None:
        """A function's signature and its body stand side by side in the tree."""
        signature: Node | None = None
        for each in node.named_children:
            if each.type in ("method_signature", "function_signature", "getter_signature"):
                signature = each
            elif each.type == "function_body" and signature is not None:
                self._signed(signature, each, frame)
                signature = None
            else:
                self._walk(each, frame)

    def _signed(self, node: Node, body: Node, frame: Frame) -> None:
        signature = node
        if node.type == "method_signature" and node.named_children:
            signature = child(node, "function_signature", "getter_signature", "constructor_signature",
                              "factory_constructor_signature") or node.named_children[-1]  # fmt: skip
        named = signature.child_by_field_name("name") or child(signature, "identifier")
        listed = child(signature, "formal_parameter_list")
        getter = signature.type == "getter_signature"
        self._function(
            signature,
            self._text(named),
            frame,
            self._parameters(listed, frame),
            None,
            getter,
            bodies=_inside(body),
        )

    def method_signature(self, node: Node, frame: Frame) -> None:
        return None

    function_signature = method_signature
    getter_signature = method_signature
    constant_constructor_signature = method_signature

    def local_function_declaration(self, node: Node, frame: Frame) -> None:
        inner = child(node, "lambda_expression") or node
        signature, body = child(inner, "function_signature"), child(inner, "function_body")
        if signature is not None and body is not None:
            self._signed(signature, body, frame)

    def class_definition(self, node: Node, frame: Frame) -> None:
        named = node.child_by_field_name("name") or child(node, "identifier")
        bases = [
            self._short(each).removeprefix("extends ") for each in children(node, "superclass", "interfaces")
        ]
        inner = self._type(node, self._text(named), frame, bases)
        for each in children(node, "class_body", "extension_body", "enum_body"):
            self._members(each, inner)

    enum_declaration = class_definition
    mixin_declaration = class_definition
    extension_declaration = class_definition

    def enum_constant(self, node: Node, frame: Frame) -> None:
        part = child(node, "argument_part")
        arguments = self._arguments(child(part, "arguments") if part is not None else None, frame)
        call = self._call(frame.name, None, arguments, frame, node)
        self._define(self._text(node.child_by_field_name("name")), call, frame, node, frame.name)

    def static_final_declaration(self, node: Node, frame: Frame) -> None:
        self._declared(node, frame)

    def initialized_identifier(self, node: Node, frame: Frame) -> None:
        self._declared(node, frame)

    def initialized_variable_definition(self, node: Node, frame: Frame) -> None:
        named = node.child_by_field_name("name")
        values = fields(node, "value")
        if named is not None and values:
            self._define(self._text(named), self._chain(values, frame), frame, node)
        for each in children(node, "initialized_identifier"):
            self._declared(each, frame)

    def _declared(self, node: Node, frame: Frame) -> None:
        nodes = [each for each in node.named_children if each.type not in self._comments]
        if len(nodes) > 1:
            self._define(self._text(nodes[0]), self._chain(nodes[1:], frame), frame, node)

    def const_builtin(self, node: Node, frame: Frame) -> None:
        return None

    final_builtin = const_builtin
    inferred_type = const_builtin
    type_identifier = const_builtin
    type_arguments = const_builtin
    annotation = const_builtin
    marker_annotation = const_builtin

    def _parameters(self, node: Node | None, frame: Frame) -> list[Parameter]:
        found: list[Parameter] = []
        for each in node.named_children if node is not None else ():
            if each.type == "optional_formal_parameters":
                for inner in each.named_children:
                    if inner.type == "formal_parameter":
                        found.append(self._parameter(inner))
                    elif found and inner.type not in self._comments:
                        found[-1] = found[-1]._replace(default=self._value(inner, frame))
            elif each.type == "formal_parameter":
                found.append(self._parameter(each))
        return found

    def _parameter(self, node: Node) -> Parameter:
        inner = child(node, "constructor_param") or node
        named = inner.child_by_field_name("name") or (list(children(inner, "identifier")) or [None])[-1]
        return Parameter(self._text(named))

    # statements --------------------------------------------------------------

    def expression_statement(self, node: Node, frame: Frame) -> Value | None:
        nodes = [each for each in node.named_children if each.type not in self._comments]
        return self._chain(nodes, frame) if nodes else None

    def return_statement(self, node: Node, frame: Frame) -> None:
        nodes = [each for each in node.named_children if each.type not in self._comments]
        if nodes:
            self._return(self._chain(nodes, frame), frame)

    def if_statement(self, node: Node, frame: Frame) -> None:
        then, otherwise = node.child_by_field_name("consequence"), node.child_by_field_name("alternative")
        known = {each.id for each in (then, otherwise) if each is not None}
        condition = [each for each in node.named_children if each.id not in known]
        text = self._words(condition)
        if condition:
            self._condition(self._chain(condition, frame), frame)
        self._if(
            text,
            [then] if then is not None else [],
            [otherwise] if otherwise is not None else [],
            frame,
            node,
        )

    def for_statement(self, node: Node, frame: Frame) -> None:
        parts, body = child(node, "for_loop_parts"), node.child_by_field_name("body")
        named = parts.child_by_field_name("name") if parts is not None else None
        inner = frame
        if parts is not None and named is not None:
            over = self._chain(fields(parts, "value"), frame)
            inner = self._frame("loop", "for", frame, node, [Parameter(self._text(named))], over)
        if body is not None:
            self._walk(body, inner)

    def switch_statement_case(self, node: Node, frame: Frame) -> None:
        label = child(node, "constant_pattern", "case_builtin")
        patterns = [self._short(each) for each in node.named_children if each.type.endswith("pattern")]
        branch = self._branch(f"== {' or '.join(patterns)}" if label is not None else "else", frame, node)
        self._walk_all(
            (each for each in node.named_children if not each.type.endswith(("pattern", "builtin"))), branch
        )

    def switch_expression(self, node: Node, frame: Frame) -> Value:
        asked = self._short(node.child_by_field_name("condition")).strip("()")
        options = []
        for each in children(node, "switch_expression_case"):
            nodes = each.named_children
            pattern = self._short(nodes[0]) if nodes else ""
            value = self._chain(nodes[1:], frame) if len(nodes) > 1 else NOTHING
            options.append(Option("else" if pattern == "_" else f"{asked} == {pattern}", value))
        return Choice(tuple(options), self._at(node))

    def assignment_expression(self, node: Node, frame: Frame) -> None:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        rest = [each for each in node.named_children if left is None or each.start_byte > left.start_byte]
        value = self._value(right, frame) if len(rest) == 1 else self._chain(rest, frame)
        target = self._value(left, frame)
        if isinstance(target, Index):
            self._call("[]=", target.of, [Argument("", target.key), Argument("", value)], frame, node)
        elif isinstance(target, Name):
            self._define(target.name, value, frame, node, ".".join(target.path[:-1]) or "=")

    # expressions -------------------------------------------------------------

    def _unknown(self, node: Node, frame: Frame) -> Value:
        """Where selectors follow a value they go on from it."""
        nodes = [each for each in node.named_children if each.type not in self._comments]
        if any(each.type in SELECTORS for each in nodes):
            return self._chain(nodes, frame)
        return super()._unknown(node, frame)

    def _chain(self, nodes: Sequence[Node], frame: Frame) -> Value:
        """A value and the selectors after it: ``a``, ``.b``, ``(c)``, ``..d()``."""
        nodes = [each for each in nodes if self._one_is_value(each)]
        if not nodes:
            return NOTHING
        value = self._value(nodes[0], frame)
        for each in nodes[1:]:
            if each.type == "cascade_section":
                self._cascade(value, each, frame)
            elif each.type in SELECTORS:
                value = self._select(value, each, frame)
            else:
                value = Other(self._short(each), (value, self._value(each, frame)), self._at(each))
        return value

    def _one_is_value(self, node: Node) -> bool:
        return node.type not in ("const_builtin", "type_identifier", "type_arguments", *self._comments)

    def _select(self, value: Value, node: Node, frame: Frame) -> Value:
        inner = node.named_children[0] if node.type == "selector" and node.named_children else node
        if inner.type in ("unconditional_assignable_selector", "conditional_assignable_selector"):
            index = child(inner, "index_selector")
            if index is not None:
                return Index(value, self._chain(index.named_children, frame))
            return Name(self._text(child(inner, "identifier")), value)
        if inner.type == "argument_part":
            name, of = (value.name, value.of) if isinstance(value, Name) else ("()", value)
            arguments = self._arguments(child(inner, "arguments"), frame, of, name)
            return self._call(name, of, arguments, frame, inner)
        return value

    def _cascade(self, value: Value, node: Node, frame: Frame) -> None:
        """``..name(arguments)``, ``..name = value``."""
        selector = child(node, "cascade_selector")
        if selector is None:
            return
        named = child(selector, "identifier")
        name = self._text(named)
        rest = [
            each for each in node.named_children if each.id != selector.id and each.type not in self._comments
        ]
        if rest and rest[0].type == "argument_part":
            arguments = self._arguments(child(rest[0], "arguments"), frame, value, name)
            self._call(name, value, arguments, frame, node)
        elif rest and named is not None:
            owner = value.name if isinstance(value, Name | Call) else "="
            self._define(name, self._chain(rest, frame), frame, node, owner)
        elif rest:
            key = self._chain(selector.named_children, frame)
            self._call("[]=", value, [Argument("", key), Argument("", self._chain(rest, frame))], frame, node)

    def identifier(self, node: Node, frame: Frame) -> Value:
        return Name(self._text(node))

    identifier_dollar_escaped = identifier

    def this(self, node: Node, frame: Frame) -> Value:
        return Name("this")

    def assignable_expression(self, node: Node, frame: Frame) -> Value:
        return self._chain(node.named_children, frame)

    def unary_expression(self, node: Node, frame: Frame) -> Value:
        return self._chain(node.named_children, frame)

    await_expression = unary_expression
    parenthesized_expression = unary_expression

    def new_expression(self, node: Node, frame: Frame) -> Value:
        words = [self._text(each) for each in children(node, "type_identifier", "identifier")]
        arguments = self._arguments(child(node, "arguments"), frame)
        of = Name(words[0]) if len(words) > 1 else None
        return self._call(words[-1] if words else "", of, arguments, frame, node)

    const_object_expression = new_expression

    def _arguments(
        self, node: Node | None, frame: Frame, of: Value | None = None, name: str = ""
    ) -> list[Argument]:
        found = []
        for each in node.named_children if node is not None else ():
            nodes = [part for part in each.named_children if part.type not in self._comments]
            if each.type == "named_argument" and nodes:
                label = self._short(nodes[0]).rstrip(": ")
                found.append(Argument(label, self._argument(nodes[1:], frame, of, label)))
            elif each.type == "argument":
                found.append(Argument("", self._argument(nodes, frame, of, name)))
        return found

    def _argument(self, nodes: Sequence[Node], frame: Frame, of: Value | None, name: str) -> Value:
        if len(nodes) == 1 and nodes[0].type == "function_expression":
            return self._lambda_of(nodes[0], frame, of, name)
        return self._chain(nodes, frame)

    def function_expression(self, node: Node, frame: Frame) -> Value:
        return self._lambda_of(node, frame, None, "")

    def _lambda_of(self, node: Node, frame: Frame, of: Value | None, name: str) -> Lambda:
        body = node.child_by_field_name("body")
        bodies = _inside(body) if body is not None else []
        return self._lambda(
            node, frame, self._parameters(node.child_by_field_name("parameters"), frame), bodies, of, name
        )

    def _body(self, bodies: Iterable[Node], frame: Frame) -> tuple[Returned, ...]:
        """An arrow's body may be a chain of several nodes."""
        nodes = list(bodies)
        if len(nodes) > 1 and not any(each.type == "block" for each in nodes):
            return super()._body([_Chained(nodes)], frame)
        return super()._body(nodes, frame)

    def _chained_nodes(self, node: Node, frame: Frame) -> Value:
        return self._chain(node.nodes, frame)

    def _one(self, node: Node, frame: Frame, looked_through: bool = False) -> Value | None:
        if isinstance(node, _Chained):
            return self._chain(node.nodes, frame)
        return super()._one(node, frame, looked_through)

    def list_literal(self, node: Node, frame: Frame) -> Value:
        return Items(tuple(self._elements(node.named_children, frame)), self._at(node))

    def _elements(self, nodes: Sequence[Node], frame: Frame) -> list[Value]:
        """Elements; one that is a chain stands as several nodes, the selectors after it."""
        groups: list[list[Node]] = []
        for each in nodes:
            if each.type in self._comments or not self._one_is_value(each):
                continue
            if each.type in SELECTORS and groups:
                groups[-1].append(each)
            else:
                groups.append([each])
        return [self._chain(group, frame) for group in groups]

    def spread_element(self, node: Node, frame: Frame) -> Value:
        return Spread(self._chain(node.named_children, frame))

    def if_element(self, node: Node, frame: Frame) -> Value:
        """``if (c) a else b`` among elements."""
        options = []
        for name, label in (("consequence", self._asked(node)), ("alternative", "else")):
            nodes = fields(node, name)
            if nodes and nodes[0].type != "pair":
                options.append(Option(label, self._chain(nodes, frame)))
        return Choice(tuple(options), self._at(node)) if options else NOTHING

    def _asked(self, node: Node) -> str:
        """The nodes between the brackets of an ``if`` among elements."""
        inside = {each.id for name in ("consequence", "alternative") for each in fields(node, name)}
        return self._words([each for each in node.named_children if each.id not in inside])

    def for_element(self, node: Node, frame: Frame) -> Value:
        """``for (final x in xs) f(x)`` among elements: what ``...xs.map((x) => f(x))`` would add."""
        parts, body = child(node, "for_loop_parts"), fields(node, "body")
        named = parts.child_by_field_name("name") if parts is not None else None
        if parts is None or named is None or not body or body[0].type == "pair":
            return NOTHING
        over = self._chain(fields(parts, "value"), frame)
        each = self._lambda(node, frame, [Parameter(self._text(named))], body, over, "map")
        return Spread(Call("map", over, (Argument("", each),), self._at(node)))

    def set_or_map_literal(self, node: Node, frame: Frame) -> Value:
        found = [
            (self._chain(fields(each, "key"), frame), self._chain(fields(each, "value"), frame))
            for each in _pairs(node)
        ]
        if found or not any(self._one_is_value(each) for each in node.named_children):
            return Entries(tuple(found), self._at(node))
        return Items(tuple(self._elements(node.named_children, frame)), self._at(node))

    def conditional_expression(self, node: Node, frame: Frame) -> Value:
        then, otherwise = fields(node, "consequence"), fields(node, "alternative")
        known = {each.id for each in (*then, *otherwise)}
        condition = [each for each in node.named_children if each.id not in known]
        text = self._words(condition)
        self._condition(self._chain(condition, frame), frame)
        options = (Option(text, self._chain(then, frame)), Option("else", self._chain(otherwise, frame)))
        return Choice(options, self._at(node))

    def _words(self, nodes: Sequence[Node]) -> str:
        """The text of several nodes, the selectors close to what they select from."""
        return "".join(
            ("" if each.type in SELECTORS or not n else " ") + self._short(each)
            for n, each in enumerate(nodes)
        )

    def if_null_expression(self, node: Node, frame: Frame) -> Value:
        values = self._elements(node.named_children, frame)
        return Choice(tuple(Option("", value) for value in values), self._at(node))

    def additive_expression(self, node: Node, frame: Frame) -> Value:
        nodes = [each for each in node.named_children if each.type != "additive_operator"]
        values = self._elements(nodes, frame)
        joined = values[0] if values else NOTHING
        for value in values[1:]:
            joined = self._joined(joined, value)
        return joined

    def string_literal(self, node: Node, frame: Frame) -> Value:
        """One or several literals side by side; the grammar puts them into one node."""
        pieces = _literals(self._data, node)
        holes = list(children(node, "template_substitution"))
        values = []
        for start, end, left, right, raw in pieces:
            inside = [each for each in holes if start <= each.start_byte and each.end_byte <= end]
            place = _Piece(node, start, end)
            filled = [(each, self._chain(each.named_children, frame)) for each in inside]
            values.append(self._template(place, left, right, filled, raw))
        if len(values) == 1:
            return values[0]
        return Joined(tuple(values)) if values else NOTHING

    def decimal_integer_literal(self, node: Node, frame: Frame) -> Value:
        return Other(self._text(node))

    def true(self, node: Node, frame: Frame) -> Value:
        return Other(self._text(node), (), self._at(node))

    false = true
    null_literal = true


def _pairs(node: Node) -> Iterator[Node]:
    """The entries of a map literal, also those behind an ``if`` or a spread of another literal."""
    waiting = list(reversed(node.named_children))
    while waiting:
        each = waiting.pop()
        if each.type == "pair":
            yield each
        elif each.type == "if_element":
            waiting.extend(reversed([*fields(each, "consequence"), *fields(each, "alternative")]))


class _Chained:
    """Several nodes of one expression, which the tree has no node for."""

    type = "chain of selectors"

    def __init__(self, nodes: Sequence[Node]) -> None:
        self.nodes = nodes
        self.id = -1


class _Piece:
    """A stretch of a node that is a string literal of its own."""

    def __init__(self, node: Node, start: int, end: int) -> None:
        row, column = node.start_point
        before = node.text[: start - node.start_byte]
        lines = before.count(b"\n")
        self.start_byte, self.end_byte = start, end
        self.start_point = (
            row + lines,
            start - node.start_byte + column if not lines else len(before) - before.rfind(b"\n") - 1,
        )
        text = node.text[start - node.start_byte : end - node.start_byte]
        more = text.count(b"\n")
        end_column = len(text) - text.rfind(b"\n") - 1 if more else self.start_point[1] + len(text)
        self.end_point = (self.start_point[0] + more, end_column)


def _literals(data: bytes, node: Node) -> list[tuple[int, int, int, int, bool]]:
    """The literals in a node: start, end, bytes of quotes on the left and right, raw or not."""
    found = []
    position, end = node.start_byte, node.end_byte
    holes = {each.start_byte: each.end_byte for each in children(node, "template_substitution")}
    while position < end:
        raw = data[position : position + 1] == b"r"
        start = position + raw
        quote = (
            data[start : start + 3]
            if data[start : start + 3] in (b"'''", b'"""')
            else data[start : start + 1]
        )
        if quote[:1] not in (b"'", b'"'):
            position += 1
            continue
        close = start + len(quote)
        while close < end and data[close : close + len(quote)] != quote:
            step = 2 if data[close : close + 1] == b"\\" and not raw else 1
            close = holes.get(close) or _next_mark(data, close + step, end)
        stop = min(close + len(quote), end)
        found.append((position, stop, raw + len(quote), len(quote), raw))
        position = stop
    return found


def _next_mark(data: bytes, start: int, end: int) -> int:
    """Where the next quote, escape or ``$`` stands."""
    match = re.compile(rb"['\"\\$]").search(data, start, end)
    return match.start() if match else end


def _inside(body: Node) -> list[Node]:
    """What a function's body is made of: a block, or the nodes of one expression."""
    if body.type in ("function_body", "function_expression_body"):
        nodes = [
            each for each in body.named_children if each.type not in ("comment", "documentation_comment")
        ]
        return [part for each in nodes for part in (_inside(each) if each.type in ENDS[1:] else [each])]
    return [body]
