"""Kotlin (grammar: tree-sitter-kotlin of fwcd's successor, 1.1)."""

from pincheck.model.code import (
    Argument,
    Call,
    Choice,
    Frame,
    Index,
    Joined,
    Lambda,
    Literal,
    Name,
    Option,
    Other,
    Parameter,
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
    operator,
)

TYPES = ("user_type", "nullable_type", "function_type")


class Reader(BaseReader):
    """Reads a file of Kotlin, be it a Gradle script."""

    _chained = frozenset(
        {
            *("call_expression", "navigation_expression", "binary_expression", "index_expression"),
            *("infix_expression", "unary_expression"),
        }
    )

    def _is_block(self, node: Node) -> bool:
        return node.type in ("block", "function_body") and self._is_braced(node)

    def _is_braced(self, node: Node) -> bool:
        return bool(self._data[node.start_byte : node.start_byte + 1] == b"{")

    # declarations ------------------------------------------------------------

    def package_header(self, node: Node, frame: Frame) -> None:
        return None

    def qualified_identifier(self, node: Node, frame: Frame) -> None:
        """Of an import: ``a.b.C``."""
        self._imports.append(self._short(node))

    def annotation(self, node: Node, frame: Frame) -> None:
        return None

    def modifiers(self, node: Node, frame: Frame) -> None:
        return None

    def class_declaration(self, node: Node, frame: Frame) -> None:
        name = self._text(node.child_by_field_name("name"))
        bases = [self._short(base).partition("(")[0].partition("<")[0] for base in self._bases(node)]
        constructor = child(node, "primary_constructor")
        listed = child(constructor, "class_parameters") if constructor is not None else None
        parameters = (
            [self._parameter(each, frame) for each in listed.named_children] if listed is not None else []
        )
        inner = self._type(node, name, frame, bases, [each for each in parameters if each])
        for each in children(node, "class_body", "enum_class_body", "delegation_specifiers"):
            self._walk_inside(each, inner)

    def object_declaration(self, node: Node, frame: Frame) -> None:
        self.class_declaration(node, frame)

    def companion_object(self, node: Node, frame: Frame) -> None:
        """Its members are asked of the class around it."""
        for each in children(node, "class_body"):
            self._walk_inside(each, frame)

    def object_literal(self, node: Node, frame: Frame) -> Value:
        bases = [self._short(base).partition("(")[0].partition("<")[0] for base in self._bases(node)]
        inner = self._type(node, "", frame, bases)
        for each in children(node, "class_body"):
            self._walk_inside(each, inner)
        return Other("object", (), self._at(node))

    def _bases(self, node: Node) -> list[Node]:
        listed = child(node, "delegation_specifiers")
        return list(listed.named_children) if listed is not None else []

    def constructor_invocation(self, node: Node, frame: Frame) -> Value:
        name = self._short(node.named_children[0]).partition("<")[0].rpartition(".")[2]
        return self._call(name, None, self._arguments(child(node, "value_arguments"), frame), frame, node)

    def enum_entry(self, node: Node, frame: Frame) -> None:
        name = self._text(child(node, "identifier"))
        owner = frame.name if frame.kind == "type" else ""
        arguments = self._arguments(child(node, "value_arguments"), frame)
        self._define(name, self._call(owner, None, arguments, frame, node), frame, node, owner)
        body = child(node, "class_body")
        if body is not None:
            self._walk_inside(body, self._type(node, name, frame))

    def _parameter(self, node: Node, frame: Frame) -> Parameter | None:
        name = child(node, "identifier")
        if name is None:
            return None
        typed = child(node, *TYPES)
        values = [
            each for each in node.named_children if each.type not in (*TYPES, "modifiers", "identifier")
        ]
        default = None
        if self._data.find(b"=", name.end_byte, node.end_byte) >= 0 and values:
            default = self._value(values[-1], frame)
        elif self._data.find(b"=", name.end_byte, node.end_byte) >= 0:
            last = node.named_children[-1]
            default = self._value(last, frame) if last.id != name.id else None
        return Parameter(self._text(name), default=default, type=self._short(typed))

    def _parameters(self, node: Node, frame: Frame) -> list[Parameter]:
        """The parameters of a function; a default value stands beside its parameter in the tree."""
        listed = child(node, "function_value_parameters")
        found: list[Parameter] = []
        variadic = False
        for each in listed.named_children if listed is not None else ():
            if each.type == "parameter_modifiers":
                variadic = "vararg" in self._text(each)
            elif each.type == "parameter":
                parameter = self._parameter(each, frame)
                if parameter:
                    found.append(parameter._replace(variadic=variadic))
                variadic = False
            elif found and each.type not in self._comments:
                found[-1] = found[-1]._replace(default=self._value(each, frame))
        return found

    def function_declaration(self, node: Node, frame: Frame) -> None:
        named = node.child_by_field_name("name")
        before = [
            each for each in children(node, *TYPES) if named is not None and each.end_byte <= named.start_byte
        ]
        self._function(
            node, self._text(named), frame, self._parameters(node, frame), self._function_body(node),
            receiver=self._short(before[-1]) if before else "",
        )  # fmt: skip

    def _function_body(self, node: Node) -> Node | None:
        body = child(node, "function_body")
        if body is None or not body.named_children:
            return None
        return body.named_children[0]

    def secondary_constructor(self, node: Node, frame: Frame) -> None:
        self._function(node, "init", frame, self._parameters(node, frame), child(node, "block"))

    def property_declaration(self, node: Node, frame: Frame) -> None:
        declared = child(node, "variable_declaration", "multi_variable_declaration")
        if declared is None:
            return
        skipped = (
            "modifiers",
            declared.type,
            "getter",
            "setter",
            "property_delegate",
            "type_parameters",
            *TYPES,
        )
        values = [each for each in node.named_children if each.type not in (*skipped, *self._comments)]
        typed = self._short(child(declared, *TYPES))
        if declared.type == "multi_variable_declaration":
            value = self._value(values[-1], frame) if values else NOTHING
            for number, each in enumerate(children(declared, "variable_declaration")):
                self._define(
                    self._text(child(each, "identifier")), Index(value, Other(str(number))), frame, each
                )
            return
        name = self._text(child(declared, "identifier"))
        if values:
            self._define(name, self._value(values[-1], frame), frame, declared, typed=typed)
        delegate = child(node, "property_delegate")
        if delegate is not None and delegate.named_children:
            value = self._value(delegate.named_children[0], frame)
            if isinstance(value, Call) and value.arguments and isinstance(value.arguments[-1].value, Lambda):
                value = value._replace(name="lazy", of=None)
            self._define(name, value, frame, declared, typed=typed)
        getter = child(node, "getter")
        if getter is not None:
            self._function(getter, name, frame, (), self._function_body(getter), getter=True)

    def getter(self, node: Node, frame: Frame) -> None:
        """One that the grammar leaves beside its property."""
        return

    # statements --------------------------------------------------------------

    def assignment(self, node: Node, frame: Frame) -> None:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        value = self._value(right, frame)
        if left is None:
            return
        target = self._value(left, frame)
        self._assign(target, value, operator(node) == "+=", frame, node)

    def _assign(self, target: Value, value: Value, added: bool, frame: Frame, node: Node) -> None:
        if isinstance(target, Name):
            owner = ".".join(target.path[:-1])
            if added:
                self._call("+=", target, [Argument("", value)], frame, node)
            else:
                self._define(target.name, value, frame, node, owner or "=")
        elif isinstance(target, Index):
            self._call("[]=", target.of, [Argument("", target.key), Argument("", value)], frame, node)

    def for_statement(self, node: Node, frame: Frame) -> None:
        variables = child(node, "variable_declaration", "multi_variable_declaration")
        others = [each for each in node.named_children if variables is None or each.id != variables.id]
        others = [each for each in others if each.type not in (*self._comments, "annotation")]
        if not others:
            return
        over = self._value(others[0], frame)
        inner = self._frame("loop", "for", frame, node, self._variables(variables), over)
        self._walk_all(others[1:], inner)

    def _variables(self, node: Node | None) -> list[Parameter]:
        """The variables of a loop or lambda; destructured ones are named ``(a, b)`` in one."""
        if node is None:
            return []
        if node.type == "multi_variable_declaration":
            names = (self._text(child(each, "identifier")) for each in children(node, "variable_declaration"))
            return [Parameter("(" + ",".join(names) + ")")]
        return [Parameter(self._text(child(node, "identifier")))]

    def return_expression(self, node: Node, frame: Frame) -> None:
        label = node.child_by_field_name("label")
        values = [each for each in node.named_children if label is None or each.id != label.id]
        if values:
            self._return(self._value(values[-1], frame), frame)

    def if_expression(self, node: Node, frame: Frame) -> Value | None:
        condition = node.child_by_field_name("condition")
        self._condition(self._value(condition, frame), frame)
        rest = [each for each in node.named_children if condition is None or each.id != condition.id]
        rest = [each for each in rest if each.type not in self._comments]
        has_else = any(each.type == "else" for each in node.children)
        then = rest[:1] if len(rest) > 1 or not has_else else []
        otherwise = rest[1:] if then else rest
        return self._if(self._short(condition), then, otherwise, frame, node)

    def when_expression(self, node: Node, frame: Frame) -> Value | None:
        subject = child(node, "when_subject")
        asked = (
            self._short(subject.named_children[-1]) if subject is not None and subject.named_children else ""
        )
        options = []
        for entry in children(node, "when_entry"):
            conditions = fields(entry, "condition")
            texts = " or ".join(self._short(each) for each in conditions)
            condition = (f"{asked} == {texts}" if asked else texts) if conditions else "else"
            known = {each.id for each in conditions}
            branch = self._branch(condition, frame, entry)
            before = len(self._statements)
            self._walk_all((each for each in entry.named_children if each.id not in known), branch)
            value = self._last_value(before, branch)
            if value is not None:
                options.append(Option(condition, value))
        return Choice(tuple(options), self._at(node)) if options else None

    def try_expression(self, node: Node, frame: Frame) -> Value | None:
        before = len(self._statements)
        self._walk_all(children(node, "block"), frame)
        value = self._last_value(before, frame)
        self._walk_all(children(node, "catch_block", "finally_block"), self._branch("catch", frame, node))
        return value

    # expressions -------------------------------------------------------------

    def identifier(self, node: Node, frame: Frame) -> Value:
        return Name(self._text(node))

    def this_expression(self, node: Node, frame: Frame) -> Value:
        return Name("this")

    def navigation_expression(self, node: Node, frame: Frame) -> Value:
        of = self._value(node.named_children[0], frame)
        return Name(self._text(node.named_children[-1]), of)

    def call_expression(self, node: Node, frame: Frame) -> Value:
        called = node.named_children[0]
        target = self._value(called, frame)
        name, of = (target.name, target.of) if isinstance(target, Name) else ("()", target)
        arguments = self._arguments(child(node, "value_arguments"), frame, of, name)
        for block in children(node, "annotated_lambda"):
            literal = child(block, "lambda_literal")
            if literal is not None:
                arguments.append(Argument("", self._lambda_of(literal, frame, of, name)))
        if name == "()" and isinstance(of, Call) and arguments:  # a trailing lambda on a call of its own
            return self._call(of.name, of.of, (*of.arguments, *arguments), frame, node)
        return self._call(name, of, arguments, frame, node)

    def _arguments(
        self, node: Node | None, frame: Frame, of: Value | None = None, name: str = ""
    ) -> list[Argument]:
        found = []
        for each in children(node, "value_argument") if node is not None else ():
            nodes = [part for part in each.named_children if part.type not in self._comments]
            if not nodes:
                continue
            label = ""
            if len(nodes) > 1 and nodes[0].type == "identifier":
                label = self._text(nodes[0])
            value = nodes[-1]
            if value.type == "lambda_literal":
                found.append(Argument(label, self._lambda_of(value, frame, of, name)))
            else:
                found.append(Argument(label, self._value(value, frame)))
        return found

    def _lambda_of(self, node: Node, frame: Frame, of: Value | None, name: str) -> Lambda:
        listed = child(node, "lambda_parameters")
        parameters: list[Parameter] = []
        for each in listed.named_children if listed is not None else ():
            parameters += self._variables(each)
        bodies = [
            each for each in node.named_children if each.type not in ("lambda_parameters", *self._comments)
        ]
        return self._lambda(node, frame, parameters or [Parameter("it")], bodies, of, name)

    def lambda_literal(self, node: Node, frame: Frame) -> Value:
        return self._lambda_of(node, frame, None, "")

    def anonymous_function(self, node: Node, frame: Frame) -> Value:
        body = self._function_body(node)
        return self._lambda(node, frame, self._parameters(node, frame), [body] if body is not None else [])

    def parenthesized_expression(self, node: Node, frame: Frame) -> Value:
        return self._value(node.named_children[-1] if node.named_children else None, frame)

    def unary_expression(self, node: Node, frame: Frame) -> Value:
        if operator(node) == "!!" or self._text(node).endswith("!!"):
            return self._value(node.named_children[0], frame)
        return self._unknown(node, frame)

    def as_expression(self, node: Node, frame: Frame) -> Value:
        return self._value(node.child_by_field_name("left"), frame)

    def spread_expression(self, node: Node, frame: Frame) -> Value:
        return Spread(self._value(node.named_children[-1], frame))

    def index_expression(self, node: Node, frame: Frame) -> Value:
        of, *keys = node.named_children
        return Index(self._value(of, frame), self._value(keys[-1], frame) if keys else NOTHING)

    def binary_expression(self, node: Node, frame: Frame) -> Value:
        left = self._value(node.child_by_field_name("left"), frame)
        right = self._value(node.child_by_field_name("right"), frame)
        sign = operator(node)
        if sign == "+":
            return self._joined(left, right)
        if sign == "?:":
            return Choice((Option("", left), Option("", right)), self._at(node))
        return Other(self._short(node), (left, right), self._at(node))

    def infix_expression(self, node: Node, frame: Frame) -> Value:
        nodes = [each for each in node.named_children if each.type not in self._comments]
        if len(nodes) != 3:
            return self._unknown(node, frame)
        left, right = self._value(nodes[0], frame), self._value(nodes[2], frame)
        return self._call(self._text(nodes[1]), left, [Argument("", right)], frame, node)

    def string_literal(self, node: Node, frame: Frame) -> Value:
        return self._string(node, frame, 1, False)

    def multiline_string_literal(self, node: Node, frame: Frame) -> Value:
        return self._string(node, frame, 3, True)

    def _string(self, node: Node, frame: Frame, quotes: int, raw: bool) -> Value:
        holes: list[tuple[Node, Value]] = []
        for each in children(node, "interpolation"):
            values = each.named_children
            holes.append((each, self._value(values[-1], frame) if values else NOTHING))
        text = self._data[node.start_byte : node.end_byte]
        if b"$" not in text:
            return self._literal(node, quotes, quotes, raw)
        if not holes:
            inside = text[quotes:-quotes].decode("utf-8", "replace")
            return self._dollars(self._literal(node, quotes, quotes, raw), inside)
        return self._filled(self._template(node, quotes, quotes, holes, raw))

    def _filled(self, value: Value) -> Value:
        """Find the simple ``$name`` between the ``${…}`` of a text."""
        if not isinstance(value, Joined):
            return value
        parts: list[Value] = []
        for part in value.parts:
            found = self._dollars(part, part.value) if isinstance(part, Literal) else part
            parts.extend(found.parts if isinstance(found, Joined) else (found,))
        return Joined(tuple(parts))

    def number_literal(self, node: Node, frame: Frame) -> Value:
        return Other(self._short(node))

    def boolean_literal(self, node: Node, frame: Frame) -> Value:
        return Other(self._text(node), (), self._at(node))

    def null_literal(self, node: Node, frame: Frame) -> Value:
        return Other("null", (), self._at(node))
