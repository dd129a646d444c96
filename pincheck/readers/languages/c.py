"""C and C++ (grammars: tree-sitter-c 0.24, tree-sitter-cpp 0.23)."""

import re

from pincheck.model.code import (
    Argument,
    Choice,
    Frame,
    Index,
    Items,
    Joined,
    Literal,
    Name,
    Option,
    Other,
    Parameter,
    Value,
)
from pincheck.readers.languages._reader import (
    BaseReader,
    Node,
    child,
    children,
    operator,
    unescaped,
)

_PIECE = r'"((?:[^"\\\n]|\\.){0,4000})"'
_PIECES = rf"(?s)\(?\s*{_PIECE}(?:(?:\s|\\\r?\n)+{_PIECE})+\s*\)?"


class Reader(BaseReader):
    """Reads a file of C or C++."""

    _chained = frozenset({"call_expression", "field_expression", "binary_expression", "subscript_expression"})

    # declarations ------------------------------------------------------------

    def preproc_include(self, node: Node, frame: Frame) -> None:
        return None

    def preproc_def(self, node: Node, frame: Frame) -> None:
        """``#define NAME "text"``, also in several pieces; other macros are not followed."""
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        text = self._text(value).strip()
        if value is not None and re.fullmatch(_PIECES, text):
            self._define(self._text(name), self._pieces(value), frame, node)
            return
        quoted = text.removeprefix("(").removesuffix(")").strip().removeprefix("@")
        if value is not None and len(quoted) > 1 and quoted[0] == quoted[-1] == '"':
            start = self._text(value).index('"') + 1
            right = value.end_byte - value.start_byte - start - len(quoted[1:-1].encode())
            literal = Literal(unescaped(quoted[1:-1]), self._at(value, start, max(right, 0)))
            self._define(self._text(name), literal, frame, node)

    def _pieces(self, value: Node) -> Joined:
        """The texts of a macro, each at its own place: they may stand on several lines."""
        text, parts = self._data[value.start_byte : value.end_byte], []
        for match in re.finditer(_PIECE.encode(), text):
            inside = match[1].decode("utf-8", "replace")
            before = text[: match.start(1)]
            row = value.start_point[0] + before.count(b"\n")
            start = len(before) - (before.rfind(b"\n") + 1)
            start += value.start_point[1] if row == value.start_point[0] else 0
            parts.append(Literal(unescaped(inside), self._on_line(row, start, len(match[1]))))
        return Joined(tuple(parts))

    def preproc_if(self, node: Node, frame: Frame) -> None:
        condition = self._short(node.child_by_field_name("condition") or node.child_by_field_name("name"))
        if self._data[node.start_byte : node.start_byte + 7] == b"#ifndef":
            condition = f"!{condition}"
        otherwise = node.child_by_field_name("alternative")
        known = {
            each.id
            for each in (otherwise, node.child_by_field_name("condition"), node.child_by_field_name("name"))
            if each
        }
        then = [each for each in node.named_children if each.id not in known]
        self._if(condition, then, [otherwise] if otherwise is not None else [], frame, node)

    preproc_ifdef = preproc_if
    preproc_elif = preproc_if

    def declaration(self, node: Node, frame: Frame) -> None:
        typed = self._short(node.child_by_field_name("type"))
        for each in node.children_by_field_name("declarator"):
            if each.type == "init_declarator":
                name = self._declared(each.child_by_field_name("declarator"))
                value = self._value(each.child_by_field_name("value"), frame)
                self._define(name, value, frame, each, typed=typed)
            else:
                arguments = child(each, "argument_list")
                if arguments is not None:
                    self._value(arguments, frame)

    field_declaration = declaration

    def _declared(self, node: Node | None) -> str:
        """The name inside a declarator: ``*name[]``."""
        while node is not None and node.child_by_field_name("declarator") is not None:
            node = node.child_by_field_name("declarator")
        return self._text(node).lstrip("*& ")

    def function_definition(self, node: Node, frame: Frame) -> None:
        declarator = node.child_by_field_name("declarator")
        while declarator is not None and declarator.type != "function_declarator":
            declarator = declarator.child_by_field_name("declarator")
        listed = declarator.child_by_field_name("parameters") if declarator is not None else None
        name = self._declared(declarator)
        self._function(
            node, name.rpartition("::")[2], frame, self._parameters(listed), node.child_by_field_name("body")
        )

    def _parameters(self, node: Node | None) -> list[Parameter]:
        return [
            Parameter(self._declared(each.child_by_field_name("declarator")))
            for each in (
                children(node, "parameter_declaration", "optional_parameter_declaration")
                if node is not None
                else ()
            )
        ]

    def class_specifier(self, node: Node, frame: Frame) -> None:
        body = node.child_by_field_name("body")
        if body is not None:
            self._walk_inside(body, self._type(node, self._short(node.child_by_field_name("name")), frame))

    struct_specifier = class_specifier

    def linkage_specification(self, node: Node, frame: Frame) -> None:
        body = node.child_by_field_name("body")
        if body is not None:
            self._walk(body, frame)

    # statements --------------------------------------------------------------

    def return_statement(self, node: Node, frame: Frame) -> None:
        if node.named_children:
            self._return(self._value(node.named_children[-1], frame), frame)

    def if_statement(self, node: Node, frame: Frame) -> None:
        condition = node.child_by_field_name("condition")
        self._condition(self._value(condition, frame), frame)
        then, otherwise = node.child_by_field_name("consequence"), node.child_by_field_name("alternative")
        text = self._short(condition).removeprefix("(").removesuffix(")")
        self._if(
            text,
            [then] if then is not None else [],
            [otherwise] if otherwise is not None else [],
            frame,
            node,
        )

    def for_range_loop(self, node: Node, frame: Frame) -> None:
        variable = Parameter(self._declared(node.child_by_field_name("declarator")))
        over = self._value(node.child_by_field_name("right"), frame)
        body = node.child_by_field_name("body")
        if body is not None:
            self._walk(body, self._frame("loop", "for", frame, node, [variable], over))

    def assignment_expression(self, node: Node, frame: Frame) -> None:
        target = self._value(node.child_by_field_name("left"), frame)
        value = self._value(node.child_by_field_name("right"), frame)
        if isinstance(target, Index):
            self._call("[]=", target.of, [Argument("", target.key), Argument("", value)], frame, node)
        elif isinstance(target, Name) and operator(node) == "=":
            self._define(target.name, value, frame, node, ".".join(target.path[:-1]) or "=")
        elif isinstance(target, Name):
            self._call("+=", target, [Argument("", value)], frame, node)

    # expressions -------------------------------------------------------------

    def identifier(self, node: Node, frame: Frame) -> Value:
        return Name(self._text(node))

    def qualified_identifier(self, node: Node, frame: Frame) -> Value:
        name: Name | None = None
        for word in self._short(node).split("::"):
            name = Name(word, name)
        return name or Name("")

    def field_expression(self, node: Node, frame: Frame) -> Value:
        of = self._value(node.child_by_field_name("argument"), frame)
        return Name(self._text(node.child_by_field_name("field")), of)

    def call_expression(self, node: Node, frame: Frame) -> Value:
        target = self._value(node.child_by_field_name("function"), frame)
        name, of = (target.name, target.of) if isinstance(target, Name) else ("()", target)
        listed = node.child_by_field_name("arguments")
        arguments = [
            Argument("", self._value(each, frame))
            for each in (listed.named_children if listed is not None else ())
            if each.type not in self._comments
        ]
        return self._call(name, of, arguments, frame, node)

    def subscript_expression(self, node: Node, frame: Frame) -> Value:
        of = self._value(node.child_by_field_name("argument"), frame)
        index = node.child_by_field_name("index") or child(node, "subscript_argument_list")
        return Index(of, self._value(index, frame))

    def subscript_argument_list(self, node: Node, frame: Frame) -> Value:
        return self._value(node.named_children[0] if node.named_children else None, frame)

    def initializer_list(self, node: Node, frame: Frame) -> Value:
        values = (self._value(each, frame) for each in node.named_children if each.type not in self._comments)
        return Items(tuple(values), self._at(node))

    def parenthesized_expression(self, node: Node, frame: Frame) -> Value:
        return self._value(node.named_children[-1] if node.named_children else None, frame)

    def cast_expression(self, node: Node, frame: Frame) -> Value:
        return self._value(node.child_by_field_name("value"), frame)

    def conditional_expression(self, node: Node, frame: Frame) -> Value:
        condition = node.child_by_field_name("condition")
        self._condition(self._value(condition, frame), frame)
        text = self._short(condition)
        then = self._value(node.child_by_field_name("consequence"), frame)
        otherwise = self._value(node.child_by_field_name("alternative"), frame)
        return Choice((Option(text, then), Option("else", otherwise)), self._at(node))

    def binary_expression(self, node: Node, frame: Frame) -> Value:
        left = self._value(node.child_by_field_name("left"), frame)
        right = self._value(node.child_by_field_name("right"), frame)
        if operator(node) == "+":
            return self._joined(left, right)
        return Other(self._short(node), (left, right), self._at(node))

    def string_literal(self, node: Node, frame: Frame) -> Value:
        text = self._data[node.start_byte : min(node.end_byte, node.start_byte + 4)]
        return self._literal(node, text.find(b'"') + 1 or 1, 1)

    def raw_string_literal(self, node: Node, frame: Frame) -> Value:
        content = child(node, "raw_string_content")
        return Literal(self._text(content), self._at(content or node))

    def concatenated_string(self, node: Node, frame: Frame) -> Value:
        value: Value | None = None
        for each in node.named_children:
            if each.type in self._comments:
                continue
            part = self._value(each, frame)
            value = part if value is None else self._joined(value, part)
        return value or Other("")

    def number_literal(self, node: Node, frame: Frame) -> Value:
        return Other(self._text(node))

    def true(self, node: Node, frame: Frame) -> Value:
        return Other(self._text(node), (), self._at(node))

    false = true
