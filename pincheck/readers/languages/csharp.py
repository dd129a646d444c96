"""C# (grammar: tree-sitter-c-sharp 0.23)."""

from pincheck.model.code import (
    Argument,
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
    BaseReader,
    Node,
    child,
    children,
    operator,
)


class Reader(BaseReader):
    """Reads a file of C#."""

    _chained = frozenset(
        {
            "invocation_expression",
            "member_access_expression",
            "binary_expression",
            "element_access_expression",
        }
    )

    # declarations ------------------------------------------------------------

    def using_directive(self, node: Node, frame: Frame) -> None:
        self._imports.append(self._short(node).removeprefix("using ").rstrip("; "))

    def modifier(self, node: Node, frame: Frame) -> None:
        return None

    attribute_list = modifier

    def class_declaration(self, node: Node, frame: Frame) -> None:
        listed = child(node, "base_list")
        bases = [self._short(each) for each in listed.named_children] if listed is not None else []
        inner = self._type(node, self._text(node.child_by_field_name("name")), frame, bases)
        body = node.child_by_field_name("body")
        if body is not None:
            self._walk_inside(body, inner)

    struct_declaration = class_declaration
    record_declaration = class_declaration

    def variable_declaration(self, node: Node, frame: Frame) -> None:
        typed = self._short(node.child_by_field_name("type"))
        for each in children(node, "variable_declarator"):
            named = each.child_by_field_name("name")
            values = [part for part in each.named_children if named is None or part.id != named.id]
            values = [part for part in values if part.type not in self._comments]
            if values:
                self._define(self._text(named), self._value(values[-1], frame), frame, each, typed=typed)

    def property_declaration(self, node: Node, frame: Frame) -> None:
        name = self._text(node.child_by_field_name("name"))
        value = node.child_by_field_name("value")
        if value is not None and value.type == "arrow_expression_clause":
            self._function(node, name, frame, (), value.named_children[-1], getter=True)
        elif value is not None:
            self._define(name, self._value(value, frame), frame, node)
        accessors = child(node, "accessor_list")
        for each in children(accessors, "accessor_declaration") if accessors is not None else ():
            body = each.child_by_field_name("body")
            if self._short(each).startswith("get") and body is not None:
                self._function(each, name, frame, (), body, getter=True)

    def method_declaration(self, node: Node, frame: Frame) -> None:
        body = node.child_by_field_name("body")
        if body is not None and body.type == "arrow_expression_clause":
            body = body.named_children[-1] if body.named_children else None
        parameters = self._parameters(node.child_by_field_name("parameters"), frame)
        self._function(node, self._text(node.child_by_field_name("name")), frame, parameters, body)

    local_function_statement = method_declaration

    def constructor_declaration(self, node: Node, frame: Frame) -> None:
        parameters = self._parameters(node.child_by_field_name("parameters"), frame)
        self._function(node, "init", frame, parameters, node.child_by_field_name("body"))

    def _parameters(self, node: Node | None, frame: Frame) -> list[Parameter]:
        found = []
        for each in children(node, "parameter") if node is not None else ():
            named = each.child_by_field_name("name")
            values = [
                part
                for part in each.named_children
                if named is not None and part.start_byte > named.start_byte
            ]
            default = self._value(values[-1], frame) if values else None
            name = self._text(named)
            found.append(Parameter(name, default=default, variadic=self._text(each).startswith("params ")))
        return found

    # statements --------------------------------------------------------------

    def preproc_if(self, node: Node, frame: Frame) -> None:
        condition, otherwise = node.child_by_field_name("condition"), node.child_by_field_name("alternative")
        known = {each.id for each in (condition, otherwise) if each is not None}
        then = [each for each in node.named_children if each.id not in known]
        self._if(self._short(condition), then, [otherwise] if otherwise is not None else [], frame, node)

    preproc_elif = preproc_if

    def return_statement(self, node: Node, frame: Frame) -> None:
        if node.named_children:
            self._return(self._value(node.named_children[-1], frame), frame)

    def if_statement(self, node: Node, frame: Frame) -> None:
        condition = node.child_by_field_name("condition")
        self._condition(self._value(condition, frame), frame)
        then, otherwise = node.child_by_field_name("consequence"), node.child_by_field_name("alternative")
        self._if(
            self._short(condition),
            [then] if then is not None else [],
            [otherwise] if otherwise is not None else [],
            frame,
            node,
        )

    def foreach_statement(self, node: Node, frame: Frame) -> None:
        left = self._text(node.child_by_field_name("left")).replace(" ", "")
        over = self._value(node.child_by_field_name("right"), frame)
        body = node.child_by_field_name("body")
        if body is not None:
            self._walk(body, self._frame("loop", "for", frame, node, [Parameter(left)], over))

    def assignment_expression(self, node: Node, frame: Frame) -> None:
        target = self._value(node.child_by_field_name("left"), frame)
        right = node.child_by_field_name("right")
        value = self._value(right, frame)
        if isinstance(target, Index):
            self._call("[]=", target.of, [Argument("", target.key), Argument("", value)], frame, node)
        elif isinstance(target, Name) and operator(node) in ("=", ""):
            self._define(target.name, value, frame, node, ".".join(target.path[:-1]) or "=")
        elif isinstance(target, Name):
            self._call("+=", target, [Argument("", value)], frame, node)

    # expressions -------------------------------------------------------------

    def identifier(self, node: Node, frame: Frame) -> Value:
        return Name(self._text(node))

    def this(self, node: Node, frame: Frame) -> Value:
        return Name("this")

    this_expression = this

    def member_access_expression(self, node: Node, frame: Frame) -> Value:
        of = self._value(node.child_by_field_name("expression"), frame)
        return Name(self._text(node.child_by_field_name("name")), of)

    def element_access_expression(self, node: Node, frame: Frame) -> Value:
        of = self._value(node.child_by_field_name("expression"), frame)
        listed = node.child_by_field_name("subscript")
        keys = self._arguments(listed, frame)
        return Index(of, keys[0].value if keys else Other(""))

    def invocation_expression(self, node: Node, frame: Frame) -> Value:
        target = self._value(node.child_by_field_name("function"), frame)
        name, of = (target.name, target.of) if isinstance(target, Name) else ("()", target)
        arguments = self._arguments(node.child_by_field_name("arguments"), frame, of, name)
        return self._call(name, of, arguments, frame, node)

    def object_creation_expression(self, node: Node, frame: Frame) -> Value:
        typed = self._short(node.child_by_field_name("type")).partition("<")[0].rpartition(".")[2]
        arguments = self._arguments(node.child_by_field_name("arguments"), frame)
        initializer = node.child_by_field_name("initializer")
        if initializer is None:
            return self._call(typed, None, arguments, frame, node)
        content = self._initializer(initializer, frame)
        if isinstance(content, Entries | Items) and not isinstance(content, Entries):
            return content
        if isinstance(content, Entries) and all(
            isinstance(key, Literal) and key.at.path == "" for key, _ in content.entries
        ):
            named = [Argument(key.value, value) for key, value in content.entries if isinstance(key, Literal)]
            return self._call(typed, None, [*arguments, *named], frame, node)
        return content

    def implicit_object_creation_expression(self, node: Node, frame: Frame) -> Value:
        initializer = child(node, "initializer_expression")
        arguments = self._arguments(child(node, "argument_list"), frame)
        return (
            self._initializer(initializer, frame)
            if initializer is not None
            else self._call("new", None, arguments, frame, node)
        )

    def initializer_expression(self, node: Node, frame: Frame) -> Value:
        return self._initializer(node, frame)

    def _initializer(self, node: Node, frame: Frame) -> Value:
        """``{ a, b }``, ``{ ["k"] = v }``, ``{ { "k", v } }``, or the properties ``{ Name = v }``."""
        pairs: list[tuple[Value, Value]] = []
        items: list[Value] = []
        for each in node.named_children:
            if each.type in self._comments:
                continue
            if each.type == "assignment_expression":
                left, right = each.child_by_field_name("left"), each.child_by_field_name("right")
                value = self._value(right, frame)
                if left is not None and left.type == "identifier":
                    nowhere = self._at(left)._replace(path="")
                    pairs.append((Literal(self._text(left), nowhere), value))
                else:
                    key = next(iter(self._arguments(left, frame)), None)
                    pairs.append((key.value if key else Other(""), value))
            elif each.type == "initializer_expression" and each.named_child_count == 2:
                key_node, value_node = each.named_children
                pairs.append((self._value(key_node, frame), self._value(value_node, frame)))
            else:
                items.append(self._value(each, frame))
        return Entries(tuple(pairs), self._at(node)) if pairs else Items(tuple(items), self._at(node))

    def array_creation_expression(self, node: Node, frame: Frame) -> Value:
        initializer = child(node, "initializer_expression")
        return self._initializer(initializer, frame) if initializer is not None else Items((), self._at(node))

    implicit_array_creation_expression = array_creation_expression

    def collection_expression(self, node: Node, frame: Frame) -> Value:
        values = (self._value(each, frame) for each in node.named_children if each.type not in self._comments)
        return Items(tuple(values), self._at(node))

    def collection_element(self, node: Node, frame: Frame) -> Value:
        return self._value(node.named_children[-1] if node.named_children else None, frame)

    def _arguments(
        self, node: Node | None, frame: Frame, of: Value | None = None, name: str = ""
    ) -> list[Argument]:
        found = []
        for each in children(node, "argument") if node is not None else ():
            named = each.child_by_field_name("name")
            value = each.named_children[-1] if each.named_children else None
            label = self._text(named)
            if value is not None and value.type == "lambda_expression":
                found.append(Argument(label, self._lambda_of(value, frame, of, name)))
            else:
                found.append(Argument(label, self._value(value, frame)))
        return found

    def lambda_expression(self, node: Node, frame: Frame) -> Value:
        return self._lambda_of(node, frame, None, "")

    def anonymous_method_expression(self, node: Node, frame: Frame) -> Value:
        return self._lambda(
            node, frame, self._parameters(child(node, "parameter_list"), frame), children(node, "block")
        )

    def _lambda_of(self, node: Node, frame: Frame, of: Value | None, name: str) -> Lambda:
        listed = node.child_by_field_name("parameters")
        if listed is not None and listed.type in ("identifier", "implicit_parameter"):
            parameters = [Parameter(self._text(listed))]
        else:
            parameters = self._parameters(listed, frame)
        body = node.child_by_field_name("body")
        return self._lambda(node, frame, parameters, [body] if body is not None else [], of, name)

    def parenthesized_expression(self, node: Node, frame: Frame) -> Value:
        return self._value(node.named_children[-1] if node.named_children else None, frame)

    await_expression = parenthesized_expression

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
        sign = operator(node)
        if sign == "+":
            return self._joined(left, right)
        if sign == "??":
            return Choice((Option("", left), Option("", right)), self._at(node))
        return Other(self._short(node), (left, right), self._at(node))

    def string_literal(self, node: Node, frame: Frame) -> Value:
        return self._literal(node, 1, 1)

    def verbatim_string_literal(self, node: Node, frame: Frame) -> Value:
        literal = self._literal(node, 2, 1, raw=True)
        return literal._replace(value=literal.value.replace('""', '"'))

    def raw_string_literal(self, node: Node, frame: Frame) -> Value:
        return self._literal(node, 3, 3, raw=True)

    def interpolated_string_expression(self, node: Node, frame: Frame) -> Value:
        text = self._data[node.start_byte : min(node.end_byte, node.start_byte + 6)]
        left = text.find(b'"') + 1 or 2
        holes = [(each, self._inside(each, frame)) for each in children(node, "interpolation")]
        return self._template(node, left, 1, holes)

    def _inside(self, node: Node, frame: Frame) -> Value:
        kept = [
            each
            for each in node.named_children
            if each.type not in ("interpolation_brace", "interpolation_format_clause")
        ]
        return self._value(kept[0] if kept else None, frame)

    def boolean_literal(self, node: Node, frame: Frame) -> Value:
        return Other(self._text(node), (), self._at(node))

    def null_literal(self, node: Node, frame: Frame) -> Value:
        return Other("null", (), self._at(node))

    def integer_literal(self, node: Node, frame: Frame) -> Value:
        return Other(self._text(node))
