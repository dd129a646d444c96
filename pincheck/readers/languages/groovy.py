"""Groovy, as Gradle's build scripts write it (grammar: tree-sitter-groovy 0.1)."""

from pincheck.model.code import (
    Argument,
    Entries,
    Frame,
    Items,
    Lambda,
    Literal,
    Parameter,
    Value,
)
from pincheck.readers.languages import java
from pincheck.readers.languages._reader import (
    Node,
    child,
    children,
    unescaped,
)


class Reader(java.Reader):
    """Reads a build script: Java's expressions, with closures, maps and calls without brackets."""

    def _is_block(self, node: Node) -> bool:
        return node.type in ("block", "constructor_body", "closure")

    def juxt_function_call(self, node: Node, frame: Frame) -> Value:
        name = self._text(node.child_by_field_name("name"))
        arguments = self._arguments(node.child_by_field_name("args"), frame)
        return self._call(name.rpartition(".")[2], None, arguments, frame, node)

    def method_invocation(self, node: Node, frame: Frame) -> Value:
        target = node.child_by_field_name("object")
        of = self._value(target, frame) if target is not None else None
        name = self._text(node.child_by_field_name("name"))
        arguments = self._arguments(node.child_by_field_name("arguments"), frame, of, name)
        for each in children(node, "closure"):
            arguments.append(Argument("", self._closure(each, frame, of, name)))
        return self._call(name, of, arguments, frame, node)

    def closure(self, node: Node, frame: Frame) -> Value:
        return self._closure(node, frame, None, "")

    def _closure(self, node: Node, frame: Frame, of: Value | None, name: str) -> Lambda:
        listed = child(node, "formal_parameters", "closure_parameters")
        parameters = self._parameters(listed) or [Parameter("it")]
        bodies = [each for each in node.named_children if listed is None or each.id != listed.id]
        return self._lambda(node, frame, parameters, bodies, of, name)

    def map_literal(self, node: Node, frame: Frame) -> Value:
        found = []
        for item in children(node, "map_item"):
            key, value = item.child_by_field_name("key"), item.child_by_field_name("value")
            if key is not None:
                named = (
                    Literal(self._text(key), self._at(key))
                    if key.type == "identifier"
                    else self._value(key, frame)
                )
                found.append((named, self._value(value, frame)))
        return Entries(tuple(found), self._at(node))

    def array_literal(self, node: Node, frame: Frame) -> Value:
        values = (self._value(each, frame) for each in node.named_children if each.type not in self._comments)
        return Items(tuple(values), self._at(node))

    def string_literal(self, node: Node, frame: Frame) -> Value:
        quotes = 3 if self._data[node.start_byte : node.start_byte + 3] in (b'"""', b"'''") else 1
        text = self._text(node)[quotes:-quotes]
        return self._dollars(self._literal(node, quotes, quotes), text)

    def character_literal(self, node: Node, frame: Frame) -> Value:
        """A text in single quotes, in which nothing is filled in."""
        quotes = 3 if self._data[node.start_byte : node.start_byte + 3] == b"'''" else 1
        return Literal(unescaped(self._text(node)[quotes:-quotes]), self._at(node, quotes, quotes))
