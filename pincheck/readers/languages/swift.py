"""Swift (grammar: tree-sitter-swift 0.7)."""

import re
from collections.abc import Iterable

from pincheck.model.code import (
    Argument,
    Call,
    Choice,
    Entries,
    Frame,
    Index,
    Items,
    Lambda,
    Literal,
    Name,
    Option,
    Other,
    Parameter,
    Value,
)
from pincheck.readers.languages._reader import (
    CONDITION,
    NOTHING,
    BaseReader,
    Node,
    _negated,
    child,
    children,
    fields,
)


class Reader(BaseReader):
    """Reads a file of Swift."""

    _chained = frozenset(
        {"call_expression", "navigation_expression", "additive_expression", "postfix_expression"}
    )

    # declarations ------------------------------------------------------------

    def import_declaration(self, node: Node, frame: Frame) -> None:
        self._imports.append(self._short(node).removeprefix("import "))

    def modifiers(self, node: Node, frame: Frame) -> None:
        return None

    def type_annotation(self, node: Node, frame: Frame) -> None:
        return None

    def class_declaration(self, node: Node, frame: Frame) -> None:
        """A class, struct, enum or extension."""
        named = node.child_by_field_name("name")
        bases = [self._short(each) for each in children(node, "inheritance_specifier")]
        name = self._short(named)
        extended = name if named is not None and named.type == "user_type" else ""
        inner = self._type(node, name, frame, bases, receiver=extended)
        body = node.child_by_field_name("body")
        if body is not None:
            self._walk_inside(body, inner)

    protocol_declaration = class_declaration

    def enum_entry(self, node: Node, frame: Frame) -> None:
        values = fields(node, "raw_value")
        for named, value in zip(fields(node, "name"), values, strict=False):
            self._define(self._text(named), self._value(value, frame), frame, node, frame.name)

    def property_declaration(self, node: Node, frame: Frame) -> None:
        typed = self._short(child(node, "type_annotation")).lstrip(": ")
        name = ""
        for index, each in enumerate(node.children):
            field = node.field_name_for_child(index)
            if field == "name":
                name = self._text(each.child_by_field_name("bound_identifier")) or self._short(each)
            elif field == "value":
                self._define(name, self._value(each, frame), frame, each, typed=typed)
            elif field == "computed_value":
                self._computed(each, name, frame)

    def _computed(self, node: Node, name: str, frame: Frame) -> None:
        bodies = list(children(node, "statements"))
        getter = child(node, "computed_getter")
        if getter is not None:
            bodies = list(children(getter, "statements"))
        self._function(node, name, frame, (), None, getter=True, bodies=bodies)

    def function_declaration(self, node: Node, frame: Frame) -> None:
        named = next((each for each in fields(node, "name") if each.type == "simple_identifier"), None)
        body = node.child_by_field_name("body")
        statements = list(children(body, "statements")) if body is not None else []
        self._function(node, self._text(named), frame, self._parameters(node, frame), None, bodies=statements)

    def init_declaration(self, node: Node, frame: Frame) -> None:
        body = node.child_by_field_name("body")
        statements = list(children(body, "statements")) if body is not None else []
        self._function(node, "init", frame, self._parameters(node, frame), None, bodies=statements)

    def subscript_declaration(self, node: Node, frame: Frame) -> None:
        return None

    def _parameters(self, node: Node, frame: Frame) -> list[Parameter]:
        found: list[Parameter] = []
        for index, each in enumerate(node.children):
            if each.type == "parameter":
                label = self._text(each.child_by_field_name("external_name"))
                names = fields(each, "name")
                name = self._text(names[0]) if names else ""
                typed = self._short(names[1]) if len(names) > 1 else ""
                variadic = self._text(each).rstrip().endswith("...")
                found.append(Parameter(name, label or name, variadic=variadic, type=typed))
            elif found and node.field_name_for_child(index) == "default_value":
                found[-1] = found[-1]._replace(default=self._value(each, frame))
        return found

    # statements --------------------------------------------------------------

    def _walk_all(self, nodes: Iterable[Node], frame: Frame) -> None:
        """Statements between ``#if`` and ``#endif`` stand side by side with them in the tree."""
        outer: list[Frame] = []
        for each in nodes:
            if each.type != "directive":
                self._walk(each, frame)
                continue
            word, _, rest = self._short(each).partition(" ")
            if word == "#if":
                outer.append(frame)
                frame = self._branch(rest, frame, each)
            elif word in ("#else", "#elseif") and outer:
                before = frame.name
                frame = self._branch(
                    rest or (f"!{before}" if before.isidentifier() else f"!({before})"), outer[-1], each
                )
            elif word == "#endif" and outer:
                frame = outer.pop()

    def control_transfer_statement(self, node: Node, frame: Frame) -> None:
        result = node.child_by_field_name("result")
        if result is not None:
            self._return(self._value(result, frame), frame)

    def assignment(self, node: Node, frame: Frame) -> None:
        value = self._value(node.child_by_field_name("result"), frame)
        target_node = node.child_by_field_name("target")
        if target_node is None or not target_node.named_children:
            return
        target = self._value(target_node.named_children[0], frame)
        operator_text = self._text(node.child_by_field_name("operator"))
        if (
            isinstance(target, Call) and len(target.positional) == 1
        ):  # the grammar's reading of target[key] = value
            of = Name(target.name, target.of) if target.name != "()" else target.of
            self._call("[]=", of, [Argument("", target.positional[0]), Argument("", value)], frame, node)
        elif isinstance(target, Index):
            self._call("[]=", target.of, [Argument("", target.key), Argument("", value)], frame, node)
        elif isinstance(target, Name) and operator_text == "+=":
            self._call("+=", target, [Argument("", value)], frame, node)
        elif isinstance(target, Name):
            self._define(target.name, value, frame, node, ".".join(target.path[:-1]) or "=")

    def for_statement(self, node: Node, frame: Frame) -> None:
        item = node.child_by_field_name("item")
        over = self._value(node.child_by_field_name("collection"), frame)
        inner = self._frame("loop", "for", frame, node, [Parameter(self._pattern(item))], over)
        for each in children(node, "statements"):
            self._walk_inside(each, inner)

    def _pattern(self, node: Node | None) -> str:
        """``name``, or ``(a,b)`` for a pattern of two."""
        text = self._short(node).replace(" ", "")
        return text if text.startswith("(") or text.isidentifier() else text.removeprefix("let")

    def if_statement(self, node: Node, frame: Frame) -> Value | None:
        known = {each.id for each in fields(node, "condition")}
        inner = self._frame("branch", "", frame, node) if fields(node, "bound_identifier") else frame
        text = self._asked(node, inner)
        bodies: list[Node] = []
        nested: list[Node] = []
        seen_else = False
        for index, each in enumerate(node.children):
            if each.type == "else":
                seen_else = True
            elif each.id in known or node.field_name_for_child(index) == "bound_identifier":
                continue
            elif each.is_named and each.type in ("statements", "if_statement"):
                (nested if seen_else else bodies).append(each)
            elif each.is_named and each.type not in self._comments:
                self._value(each, inner)
        return self._if(text, bodies, nested, inner, node)

    def guard_statement(self, node: Node, frame: Frame) -> None:
        """What it binds is known in all that follows it."""
        otherwise = self._branch(_negated(self._asked(node, frame)), frame, node)
        for each in children(node, "statements"):
            self._walk_inside(each, otherwise)

    def while_statement(self, node: Node, frame: Frame) -> None:
        inner = self._frame("branch", "", frame, node)
        self._asked(node, inner)
        for each in children(node, "statements"):
            self._walk_inside(each, inner)

    def _asked(self, node: Node, frame: Frame) -> str:
        """Read conditions, with what they bind (``let name = value``); their text, shortened."""
        name = ""
        conditions = []
        for index, each in enumerate(node.children):
            field = node.field_name_for_child(index)
            if field == "bound_identifier":
                name = self._text(each)
                conditions.append(each)
            elif field == "condition":
                conditions.append(each)
                if each.is_named and each.type != "value_binding_pattern":
                    value = self._value(each, frame)
                    self._condition(value, frame)
                    if name and not re.search(rf"(?<![\w.]){re.escape(name)}\b(?!\s*:)", self._text(each)):
                        self._define(name, value, frame, each)
                    name = ""
            elif each.type == ",":
                name = ""
        if not conditions:
            return ""
        raw = self._data[conditions[0].start_byte : conditions[-1].end_byte][: 4 * CONDITION]
        return " ".join(raw.decode("utf-8", "replace").split())[:CONDITION]

    def switch_statement(self, node: Node, frame: Frame) -> Value | None:
        asked = self._short(node.child_by_field_name("expr"))
        options = []
        for entry in children(node, "switch_entry"):
            labels = [self._short(each) for each in children(entry, "switch_pattern")]
            condition = f"{asked} == {' or '.join(labels)}" if labels else "else"
            branch = self._branch(condition, frame, entry)
            before = len(self._statements)
            for each in children(entry, "statements"):
                self._walk_inside(each, branch)
            value = self._last_value(before, branch)
            if value is not None:
                options.append(Option(condition, value))
        return Choice(tuple(options), self._at(node)) if options else None

    # expressions -------------------------------------------------------------

    def simple_identifier(self, node: Node, frame: Frame) -> Value:
        return Name(self._text(node))

    def self_expression(self, node: Node, frame: Frame) -> Value:
        return Name("self")

    def prefix_expression(self, node: Node, frame: Frame) -> Value:
        """``.name``: a member of the type that is expected, or ``!x``, ``-x``."""
        target = node.child_by_field_name("target")
        if self._data[node.start_byte : node.start_byte + 1] == b"." and target is not None:
            return Name(self._text(target), Name(""))
        return self._unknown(node, frame)

    def navigation_expression(self, node: Node, frame: Frame) -> Value:
        of = self._value(node.child_by_field_name("target"), frame)
        suffix = node.child_by_field_name("suffix")
        named = suffix.child_by_field_name("suffix") if suffix is not None else None
        return Name(self._text(named), of)

    def call_expression(self, node: Node, frame: Frame) -> Value:
        target = self._value(_without_bang(node.named_children[0]), frame)
        suffix = child(node, "call_suffix")
        name, of = (target.name, target.of) if isinstance(target, Name) else ("()", target)
        if name == "init" and isinstance(of, Name):
            name, of = of.name, of.of
        if isinstance(target, Entries | Items) and self._text(suffix) == "()":  # [String: String]()
            return target._replace(entries=()) if isinstance(target, Entries) else target._replace(items=())
        listed = child(suffix, "value_arguments") if suffix is not None else None
        if listed is not None and self._data[listed.start_byte : listed.start_byte + 1] == b"[":
            keys = [
                self._value(each.child_by_field_name("value"), frame)
                for each in children(listed, "value_argument")
            ]
            return self._indexed(target, keys[0] if keys else NOTHING, frame, node)
        arguments = self._arguments(listed, frame, of, name)
        for each in children(suffix, "lambda_literal") if suffix is not None else ():
            arguments.append(Argument("", self._lambda_of(each, frame, of, name)))
        return self._call(name, of, arguments, frame, node)

    def _indexed(self, of: Value, key: Value, frame: Frame, node: Node) -> Value:
        """``of[key]``; of ``infoDictionary`` it is the call for a value of Info.plist."""
        if isinstance(of, Name) and of.name == "infoDictionary":
            return self._call("objectForInfoDictionaryKey", of.of, [Argument("", key)], frame, node)
        return Index(of, key)

    def _arguments(
        self, node: Node | None, frame: Frame, of: Value | None = None, name: str = ""
    ) -> list[Argument]:
        found = []
        for each in children(node, "value_argument") if node is not None else ():
            label = self._text(each.child_by_field_name("name"))
            value = each.child_by_field_name("value")
            if value is not None and value.type == "lambda_literal":
                found.append(Argument(label, self._lambda_of(value, frame, of, name)))
            elif value is not None:
                found.append(Argument(label, self._value(value, frame)))
        return found

    def constructor_expression(self, node: Node, frame: Frame) -> Value:
        """``[String: String]()`` and the like: an empty collection, or a call."""
        suffix = child(node, "constructor_suffix")
        arguments = self._arguments(child(suffix, "value_arguments") if suffix is not None else None, frame)
        typed = self._short(node.named_children[0]).partition("<")[0]
        if typed.startswith("["):
            return Entries((), self._at(node)) if ":" in typed else Items((), self._at(node))
        return self._call(typed.rpartition(".")[2], None, arguments, frame, node)

    def lambda_literal(self, node: Node, frame: Frame) -> Value:
        return self._lambda_of(node, frame, None, "")

    def _lambda_of(self, node: Node, frame: Frame, of: Value | None, name: str) -> Lambda:
        typed = node.child_by_field_name("type")
        listed = child(typed, "lambda_function_type_parameters") if typed is not None else None
        parameters = [
            Parameter(self._text(fields(each, "name")[0]) if fields(each, "name") else self._short(each))
            for each in (children(listed, "lambda_parameter") if listed is not None else ())
        ]
        bodies = list(children(node, "statements"))
        return self._lambda(node, frame, parameters or [Parameter("$0"), Parameter("$1")], bodies, of, name)

    def array_literal(self, node: Node, frame: Frame) -> Value:
        return Items(tuple(self._value(each, frame) for each in fields(node, "element")), self._at(node))

    def dictionary_literal(self, node: Node, frame: Frame) -> Value:
        pairs = zip(fields(node, "key"), fields(node, "value"), strict=False)
        found = tuple((self._value(key, frame), self._value(value, frame)) for key, value in pairs)
        return Entries(found, self._at(node))

    def as_expression(self, node: Node, frame: Frame) -> Value:
        return self._value(node.child_by_field_name("expr"), frame)

    def tuple_expression(self, node: Node, frame: Frame) -> Value:
        values = fields(node, "value")
        names = fields(node, "name")
        if len(values) == 1 and not names:
            return self._value(values[0], frame)
        return Items(tuple(self._value(each, frame) for each in values), self._at(node))

    def postfix_expression(self, node: Node, frame: Frame) -> Value:
        return self._value(node.named_children[0] if node.named_children else None, frame)

    def try_expression(self, node: Node, frame: Frame) -> Value:
        return self._value(node.named_children[-1] if node.named_children else None, frame)

    await_expression = try_expression

    def ternary_expression(self, node: Node, frame: Frame) -> Value:
        condition = node.child_by_field_name("condition")
        self._condition(self._value(condition, frame), frame)
        text = self._short(condition)
        then = self._value(node.child_by_field_name("if_true"), frame)
        otherwise = self._value(node.child_by_field_name("if_false"), frame)
        return Choice((Option(text, then), Option("else", otherwise)), self._at(node))

    def nil_coalescing_expression(self, node: Node, frame: Frame) -> Value:
        value = self._value(node.child_by_field_name("value"), frame)
        instead = self._value(node.child_by_field_name("if_nil"), frame)
        return Choice((Option("", value), Option("", instead)), self._at(node))

    def additive_expression(self, node: Node, frame: Frame) -> Value:
        left = self._value(node.child_by_field_name("lhs"), frame)
        right = self._value(node.child_by_field_name("rhs"), frame)
        return self._joined(left, right)

    def line_string_literal(self, node: Node, frame: Frame) -> Value:
        holes = [
            (each, self._value(inside.named_children[-1] if inside.named_children else None, frame))
            for each, inside in self._interpolations(node)
        ]
        return self._template(node, 1, 1, holes)

    def _interpolations(self, node: Node) -> list[tuple[Node, Node]]:
        """Each interpolation, widened to the brackets around it."""
        return [(_Wide(each), each) for each in fields(node, "interpolation")]

    def multi_line_string_literal(self, node: Node, frame: Frame) -> Value:
        literal = self._literal(node, 3, 3)
        return Literal(_dedented(literal.value), literal.at)

    def raw_string_literal(self, node: Node, frame: Frame) -> Value:
        text = self._text(node)
        hashes = len(text) - len(text.lstrip("#"))
        quotes = 3 if text[hashes:].startswith('"""') else 1
        return self._literal(node, hashes + quotes, hashes + quotes, raw=True)

    def boolean_literal(self, node: Node, frame: Frame) -> Value:
        return Other(self._text(node), (), self._at(node))

    def integer_literal(self, node: Node, frame: Frame) -> Value:
        return Other(self._text(node))


class _Wide:
    """An interpolation with its brackets, which the grammar leaves outside."""

    def __init__(self, node: Node) -> None:
        self.start_byte = node.start_byte - 2
        self.end_byte = node.end_byte + 1


def _dedented(text: str) -> str:
    lines = text.split("\n")
    return "\n".join(line.strip() for line in lines[1:-1]) if len(lines) > 2 else text


def _without_bang(node: Node) -> Node:
    """What is called in ``!f(x)``, which the grammar takes for a call of ``!f``."""
    target = node.child_by_field_name("target") if node.type == "prefix_expression" else None
    return node if target is None or child(node, "bang") is None else target
