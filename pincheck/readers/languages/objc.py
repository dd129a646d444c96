"""Objective-C (grammar: tree-sitter-objc 3.0): C, with messages, literals and classes."""

from pincheck.model.code import (
    Argument,
    Call,
    Entries,
    Frame,
    Index,
    Items,
    Lambda,
    Literal,
    Module,
    Name,
    Other,
    Parameter,
    Value,
)
from pincheck.readers.languages import _objc_macros, c
from pincheck.readers.languages._reader import (
    NOTHING,
    Node,
    child,
    children,
)


class Reader(c.Reader):
    """Reads a file of Objective-C."""

    _chained = c.Reader._chained | {"message_expression"}

    def tree(self, root: Node) -> Module:
        """Read the tree of a whole file; one with errors is read again without what is known to break it."""
        for directives in (False, True):
            broken = root.type == "ERROR" if directives else root.has_error
            if broken:
                root = self._again(_objc_macros.readable(self._data, directives))
        return super().tree(root)

    def _again(self, data: bytes) -> Node:
        from pincheck.readers import syntax

        return syntax._parser("tree_sitter_objc", "language").parse(data).root_node

    # declarations ------------------------------------------------------------

    def class_implementation(self, node: Node, frame: Frame) -> None:
        name = self._text(child(node, "identifier"))
        inner = self._type(node, name, frame)
        for each in node.named_children:
            if each.type == "implementation_definition":
                self._walk_inside(each, inner)
            elif each.type not in ("identifier", "superclass_reference"):
                self._walk(each, inner)

    def class_interface(self, node: Node, frame: Frame) -> None:
        return None

    protocol_declaration = class_interface

    def method_definition(self, node: Node, frame: Frame) -> None:
        words = [self._text(each) for each in children(node, "identifier")]
        parameters = [
            Parameter(self._text(list(children(each, "identifier"))[-1]) if child(each, "identifier") else "")
            for each in children(node, "method_parameter")
        ]
        self._function(node, words[0] if words else "", frame, parameters, child(node, "compound_statement"))

    # statements --------------------------------------------------------------

    def for_statement(self, node: Node, frame: Frame) -> None:
        """``for (NSString *x in list)``; a counting loop is read as its body."""
        body = child(node, "compound_statement")
        declared = child(node, "pointer_declarator", "identifier")
        keyword = next((each for each in node.children if each.type == "in"), None)
        if keyword is None or declared is None:
            self._walk_inside(node, frame)
            return
        over: Value = NOTHING
        for each in node.named_children:
            if each.start_byte > keyword.start_byte and (body is None or each.id != body.id):
                over = self._value(each, frame)
                break
        inner = self._frame(
            "loop", "for", frame, node, [Parameter(self._declared(declared).strip("* "))], over
        )
        if body is not None:
            self._walk_inside(body, inner)

    # expressions -------------------------------------------------------------

    def message_expression(self, node: Node, frame: Frame) -> Value:
        """``[of name:value label:value]``; ``alloc`` and ``init…`` make a call of the type's name."""
        of = self._value(node.child_by_field_name("receiver"), frame)
        receiver = node.child_by_field_name("receiver")
        words = [self._text(each) for each in node.children_by_field_name("method")]
        known = {each.id for each in node.children_by_field_name("method")}
        arguments: list[Argument] = []
        label = ""
        for each in node.named_children:
            if (receiver is not None and each.id == receiver.id) or each.type in self._comments:
                continue
            if each.id in known:
                label = self._text(each) if arguments else ""
            elif each.type == "block_literal":
                arguments.append(Argument(label, self._block(each, frame, of, words[0] if words else "")))
            else:
                value = self._value(each, frame)
                if not (isinstance(value, Name) and value.name == "nil"):
                    arguments.append(Argument(label, value))
        return self._call(words[0] if words else "", of, arguments, frame, node)

    def field_expression(self, node: Node, frame: Frame) -> Value:
        """``value.name``; of a literal it is a message, ``@[…].mutableCopy``."""
        value = super().field_expression(node, frame)
        if isinstance(value, Name) and isinstance(value.of, Entries | Items | Literal):
            return self._call(value.name, value.of, (), frame, node)
        return value

    def subscript_expression(self, node: Node, frame: Frame) -> Value:
        """``of[key]``; of ``infoDictionary`` it is the message for a value of Info.plist."""
        value = super().subscript_expression(node, frame)
        if (
            isinstance(value, Index)
            and isinstance(value.of, Name | Call)
            and value.of.name == "infoDictionary"
        ):
            return self._call(
                "objectForInfoDictionaryKey", value.of.of, [Argument("", value.key)], frame, node
            )
        return value

    def block_literal(self, node: Node, frame: Frame) -> Value:
        return self._block(node, frame, None, "")

    def _block(self, node: Node, frame: Frame, of: Value | None, name: str) -> Lambda:
        listed = child(node, "parameter_list")
        if listed is None:
            declarator = child(node, "abstract_block_pointer_declarator", "block_pointer_declarator")
            listed = child(declarator, "parameter_list") if declarator is not None else None
        bodies = list(children(node, "compound_statement"))
        return self._lambda(node, frame, self._parameters(listed), bodies, of, name)

    def array_literal(self, node: Node, frame: Frame) -> Value:
        values = (self._value(each, frame) for each in node.named_children if each.type not in self._comments)
        return Items(tuple(values), self._at(node))

    def dictionary_literal(self, node: Node, frame: Frame) -> Value:
        found = []
        for pair in children(node, "dictionary_pair"):
            nodes = [each for each in pair.named_children if each.type not in self._comments]
            if len(nodes) == 2:
                found.append((self._value(nodes[0], frame), self._value(nodes[1], frame)))
        return Entries(tuple(found), self._at(node))

    def at_expression(self, node: Node, frame: Frame) -> Value:
        """``@YES``, ``@(value)``, ``@1``."""
        inside = node.named_children[-1] if node.named_children else None
        text = self._short(inside)
        if text in ("YES", "NO", "true", "false"):
            return Other("true" if text in ("YES", "true") else "false", (), self._at(node))
        return self._value(inside, frame)

    def string_literal(self, node: Node, frame: Frame) -> Value:
        head = self._data[node.start_byte : min(node.end_byte, node.start_byte + 4)]
        return self._literal(node, head.find(b'"') + 1 or 1, 1)
