"""Java (grammar: tree-sitter-java 0.23)."""

from pincheck.model.code import (
    Argument,
    Choice,
    Entries,
    Frame,
    Index,
    Items,
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
)


class Reader(BaseReader):
    """Reads a file of Java."""

    _chained = frozenset({"method_invocation", "field_access", "binary_expression", "array_access"})

    # declarations ------------------------------------------------------------

    def package_declaration(self, node: Node, frame: Frame) -> None:
        return None

    def import_declaration(self, node: Node, frame: Frame) -> None:
        self._imports.append(self._short(node).removeprefix("import ").removeprefix("static ").rstrip("; "))

    def modifiers(self, node: Node, frame: Frame) -> None:
        return None

    def class_declaration(self, node: Node, frame: Frame) -> None:
        name = self._text(node.child_by_field_name("name"))
        bases = [
            self._short(base).partition("<")[0]
            for each in children(node, "superclass", "super_interfaces", "extends_interfaces")
            for base in _types(each)
        ]
        listed = child(node, "formal_parameters")
        inner = self._type(node, name, frame, bases, self._parameters(listed))
        body = node.child_by_field_name("body")
        if body is not None:
            self._walk_inside(body, inner)

    interface_declaration = class_declaration
    enum_declaration = class_declaration
    record_declaration = class_declaration

    def enum_constant(self, node: Node, frame: Frame) -> None:
        name = self._text(node.child_by_field_name("name"))
        arguments = self._arguments(node.child_by_field_name("arguments"), frame)
        call = self._call(frame.name, None, arguments, frame, node)
        self._define(name, call, frame, node, frame.name)
        body = child(node, "class_body")
        if body is not None:
            self._walk_inside(body, self._type(node, name, frame))

    def field_declaration(self, node: Node, frame: Frame) -> None:
        typed = self._short(node.child_by_field_name("type"))
        for each in children(node, "variable_declarator"):
            value = each.child_by_field_name("value")
            if value is not None:
                name = self._text(each.child_by_field_name("name"))
                self._define(name, self._value(value, frame), frame, each, typed=typed)

    local_variable_declaration = field_declaration
    constant_declaration = field_declaration

    def method_declaration(self, node: Node, frame: Frame) -> None:
        self._function(
            node, self._text(node.child_by_field_name("name")), frame,
            self._parameters(node.child_by_field_name("parameters")), node.child_by_field_name("body"),
        )  # fmt: skip

    def constructor_declaration(self, node: Node, frame: Frame) -> None:
        self._function(
            node,
            "init",
            frame,
            self._parameters(node.child_by_field_name("parameters")),
            node.child_by_field_name("body"),
        )

    def _is_block(self, node: Node) -> bool:
        return node.type in ("block", "constructor_body")

    def _parameters(self, node: Node | None) -> list[Parameter]:
        found = []
        for each in children(node, "formal_parameter", "spread_parameter") if node is not None else ():
            name = each.child_by_field_name("name")
            if name is None:
                declarator = child(each, "variable_declarator")
                name = declarator.child_by_field_name("name") if declarator is not None else None
            typed = each.child_by_field_name("type")
            found.append(
                Parameter(self._text(name), variadic=each.type == "spread_parameter", type=self._short(typed))
            )
        return found

    # statements --------------------------------------------------------------

    def enhanced_for_statement(self, node: Node, frame: Frame) -> None:
        variable = Parameter(self._text(node.child_by_field_name("name")))
        over = self._value(node.child_by_field_name("value"), frame)
        body = node.child_by_field_name("body")
        if body is not None:
            self._walk(body, self._frame("loop", "for", frame, node, [variable], over))

    def return_statement(self, node: Node, frame: Frame) -> None:
        if node.named_children:
            self._return(self._value(node.named_children[-1], frame), frame)

    yield_statement = return_statement

    def if_statement(self, node: Node, frame: Frame) -> None:
        condition = node.child_by_field_name("condition")
        self._condition(self._value(condition, frame), frame)
        then, otherwise = node.child_by_field_name("consequence"), node.child_by_field_name("alternative")
        text = self._short(condition).removeprefix("(").removesuffix(")")
        self._if(
            text,
            [each for each in (then,) if each is not None],
            [each for each in (otherwise,) if each is not None],
            frame,
            node,
        )

    def switch_expression(self, node: Node, frame: Frame) -> Value | None:
        asked = self._short(node.child_by_field_name("condition")).strip("()")
        body = node.child_by_field_name("body")
        options = []
        for group in (
            children(body, "switch_block_statement_group", "switch_rule") if body is not None else ()
        ):
            labels = [self._short(each).removeprefix("case ") for each in children(group, "switch_label")]
            known = " or ".join(label for label in labels if label != "default")
            condition = f"{asked} == {known}" if known else "else"
            branch = self._branch(condition, frame, group)
            before = len(self._statements)
            self._walk_all((each for each in group.named_children if each.type != "switch_label"), branch)
            value = self._last_value(before, branch)
            if value is not None and group.type == "switch_rule":
                options.append(Option(condition, value))
        return Choice(tuple(options), self._at(node)) if options else None

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

    def this(self, node: Node, frame: Frame) -> Value:
        return Name("this")

    def type_identifier(self, node: Node, frame: Frame) -> None:
        return None

    def field_access(self, node: Node, frame: Frame) -> Value:
        of = self._value(node.child_by_field_name("object"), frame)
        return Name(self._text(node.child_by_field_name("field")), of)

    def method_invocation(self, node: Node, frame: Frame) -> Value:
        target = node.child_by_field_name("object")
        of = self._value(target, frame) if target is not None else None
        name = self._text(node.child_by_field_name("name"))
        return self._call(
            name, of, self._arguments(node.child_by_field_name("arguments"), frame, of, name), frame, node
        )

    def object_creation_expression(self, node: Node, frame: Frame) -> Value:
        words = self._short(node.child_by_field_name("type")).partition("<")[0].split(".")
        of: Name | None = None
        for word in words[:-1]:
            of = Name(word, of)
        call = self._call(
            words[-1], of, self._arguments(node.child_by_field_name("arguments"), frame), frame, node
        )
        body = child(node, "class_body")
        if body is None:
            return call
        return self._double_braced(node, body, frame) or call

    def _double_braced(self, node: Node, body: Node, frame: Frame) -> Value | None:
        """``new HashMap<>() {{ put(key, value); }}``: what is put into a collection as it is made."""
        words = self._short(node.child_by_field_name("type")).partition("<")[0].split(".")
        inner = self._type(node, "", frame, [words[-1]])
        before = {name: len(calls) for name, calls in self._calls.items()}
        self._walk_inside(body, inner)
        added = {
            name: [each.call for each in self._calls.get(name, [])[before.get(name, 0) :]]
            for name in ("put", "add")
        }
        if added["put"]:
            pairs = [
                call.positional[:2] for call in added["put"] if len(call.positional) == 2 and call.of is None
            ]
            return Entries(tuple((key, value) for key, value in pairs), self._at(node))
        if added["add"]:
            items = (
                call.positional[0] for call in added["add"] if len(call.positional) == 1 and call.of is None
            )
            return Items(tuple(items), self._at(node))
        return None

    def _arguments(
        self, node: Node | None, frame: Frame, of: Value | None = None, name: str = ""
    ) -> list[Argument]:
        found = []
        for each in node.named_children if node is not None else ():
            if each.type in self._comments:
                continue
            if each.type == "lambda_expression":
                found.append(Argument("", self._lambda_of(each, frame, of, name)))
            else:
                found.append(Argument("", self._value(each, frame)))
        return found

    def lambda_expression(self, node: Node, frame: Frame) -> Value:
        return self._lambda_of(node, frame, None, "")

    def _lambda_of(self, node: Node, frame: Frame, of: Value | None, name: str) -> Value:
        listed = node.child_by_field_name("parameters")
        parameters: list[Parameter] = []
        if listed is not None and listed.type == "identifier":
            parameters = [Parameter(self._text(listed))]
        elif listed is not None and listed.type == "inferred_parameters":
            parameters = [Parameter(self._text(each)) for each in listed.named_children]
        else:
            parameters = self._parameters(listed)
        body = node.child_by_field_name("body")
        return self._lambda(node, frame, parameters, [body] if body is not None else [], of, name)

    def array_initializer(self, node: Node, frame: Frame) -> Value:
        values = (self._value(each, frame) for each in node.named_children if each.type not in self._comments)
        return Items(tuple(values), self._at(node))

    def array_creation_expression(self, node: Node, frame: Frame) -> Value:
        value = node.child_by_field_name("value")
        return self._value(value, frame) if value is not None else Items((), self._at(node))

    def array_access(self, node: Node, frame: Frame) -> Value:
        of, key = node.child_by_field_name("array"), node.child_by_field_name("index")
        return Index(self._value(of, frame), self._value(key, frame))

    def parenthesized_expression(self, node: Node, frame: Frame) -> Value:
        return self._value(node.named_children[-1] if node.named_children else None, frame)

    def cast_expression(self, node: Node, frame: Frame) -> Value:
        return self._value(node.child_by_field_name("value"), frame)

    def ternary_expression(self, node: Node, frame: Frame) -> Value:
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
        if self._data[node.start_byte : node.start_byte + 3] == b'"""':
            return self._literal(node, 3, 3)
        return self._literal(node, 1, 1)

    def character_literal(self, node: Node, frame: Frame) -> Value:
        return Other(self._short(node))

    def true(self, node: Node, frame: Frame) -> Value:
        return Other(self._text(node), (), self._at(node))

    false = true
    null_literal = true

    def decimal_integer_literal(self, node: Node, frame: Frame) -> Value:
        return Other(self._text(node))


def _types(node: Node) -> list[Node]:
    listed = child(node, "type_list")
    return list(listed.named_children if listed is not None else node.named_children)
