"""JavaScript and TypeScript, with JSX (grammars: tree-sitter-javascript 0.25, -typescript 0.23)."""

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
    Spread,
    Value,
)
from pincheck.readers.languages._reader import (
    NOTHING,
    BaseReader,
    Node,
    child,
    children,
    operator,
)

_PATTERNS = ("shorthand_property_identifier_pattern", "pair_pattern", "object_assignment_pattern")
"""The parts of ``{ … }`` on the left of an assignment."""


class Reader(BaseReader):
    """Reads a module or script."""

    _chained = frozenset(
        {
            "call_expression",
            "member_expression",
            "binary_expression",
            "subscript_expression",
            "non_null_expression",
        }
    )

    # declarations ------------------------------------------------------------

    def import_statement(self, node: Node, frame: Frame) -> None:
        source = node.child_by_field_name("source")
        if source is None:
            return
        self._imports.append(self._text(source).strip("'\"`"))
        for clause in children(node, "import_clause"):
            for named in children(clause, "named_imports"):
                for each in children(named, "import_specifier"):
                    alias = each.child_by_field_name("alias")
                    if alias is not None:  # import { A as B }: B is another name of A
                        self._define(
                            self._text(alias), Name(self._text(each.child_by_field_name("name"))), frame, each
                        )

    def variable_declarator(self, node: Node, frame: Frame) -> None:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name is None or value is None:
            return
        if name.type == "object_pattern":
            of = self._value(value, frame)
            for each in children(name, *_PATTERNS):
                self._part_of(of, each, frame)
        elif value.type in ("arrow_function", "function_expression", "function"):
            self._named_function(node, self._text(name), value, frame)
        else:
            self._define(self._text(name), self._value(value, frame), frame, node)

    def _part_of(self, of: Value, part: Node, frame: Frame) -> None:
        """``{ key }``, ``{ key: name }``, either with a default."""
        key, named = part.child_by_field_name("key"), part.child_by_field_name("value") or part
        variable = named.child_by_field_name("left") or named
        default = named.child_by_field_name("right")
        value: Value = Name(self._text(key if key is not None else variable), of)
        if default is not None:
            options = (Option("", value), Option("", self._value(default, frame)))
            value = Choice(options, self._at(part))
        self._define(self._text(variable), value, frame, part)

    def _named_function(self, node: Node, name: str, function: Node, frame: Frame) -> None:
        self._function(
            node, name, frame, self._parameters(function, frame), function.child_by_field_name("body")
        )

    def function_declaration(self, node: Node, frame: Frame) -> None:
        self._named_function(node, self._text(node.child_by_field_name("name")), node, frame)

    generator_function_declaration = function_declaration

    def method_definition(self, node: Node, frame: Frame) -> None:
        getter = self._data[node.start_byte : node.end_byte].lstrip(b"static ").startswith(b"get ")
        self._function(
            node, self._text(node.child_by_field_name("name")), frame, self._parameters(node, frame),
            node.child_by_field_name("body"), getter,
        )  # fmt: skip

    def class_declaration(self, node: Node, frame: Frame) -> None:
        heritage = child(node, "class_heritage")
        bases = [self._short(heritage).removeprefix("extends ")] if heritage is not None else []
        inner = self._type(node, self._text(node.child_by_field_name("name")), frame, bases)
        body = node.child_by_field_name("body")
        if body is not None:
            self._walk_inside(body, inner)

    abstract_class_declaration = class_declaration

    def public_field_definition(self, node: Node, frame: Frame) -> None:
        value = node.child_by_field_name("value")
        name = node.child_by_field_name("name") or node.child_by_field_name("property")
        if value is not None:
            self._define(self._text(name), self._value(value, frame), frame, node)

    field_definition = public_field_definition

    def enum_declaration(self, node: Node, frame: Frame) -> None:
        name = self._text(node.child_by_field_name("name"))
        inner = self._type(node, name, frame)
        body = node.child_by_field_name("body")
        for each in children(body, "enum_assignment") if body is not None else ():
            value = self._value(each.child_by_field_name("value"), inner)
            self._define(self._text(each.child_by_field_name("name")), value, inner, each, name)

    def interface_declaration(self, node: Node, frame: Frame) -> None:
        return None

    type_alias_declaration = interface_declaration
    type_annotation = interface_declaration

    def _parameters(self, node: Node, frame: Frame) -> list[Parameter]:
        single = node.child_by_field_name("parameter")
        if single is not None:
            return [Parameter(self._text(single))]
        listed = node.child_by_field_name("parameters")
        found = []
        for each in listed.named_children if listed is not None else ():
            pattern = each.child_by_field_name("pattern") or each
            default = each.child_by_field_name("value") or each.child_by_field_name("right")
            name = each.child_by_field_name("left") or pattern
            if name.type in ("array_pattern", "object_pattern"):
                brackets = "()" if name.type == "array_pattern" else "{}"
                named = [part.child_by_field_name("value") or part for part in name.named_children]
                words = [self._text(part.child_by_field_name("left") or part) for part in named]
                inner = self._defaults(named, frame)
                whole = Entries(inner, self._at(name)) if inner else None
                found.append(Parameter(brackets[0] + ",".join(words) + brackets[1], default=whole))
            else:
                value = self._value(default, frame) if default is not None else None
                found.append(
                    Parameter(
                        self._text(name).lstrip("."), default=value, variadic=name.type == "rest_pattern"
                    )
                )
        return found

    def _defaults(self, parts: list[Node], frame: Frame) -> tuple[tuple[Value, Value], ...]:
        """The defaults inside ``{ name = value }``, by name."""
        found: list[tuple[Value, Value]] = []
        for part in parts:
            left, right = part.child_by_field_name("left"), part.child_by_field_name("right")
            if left is not None and right is not None:
                found.append((Literal(self._text(left), self._at(left)), self._value(right, frame)))
        return tuple(found)

    # statements --------------------------------------------------------------

    def export_statement(self, node: Node, frame: Frame) -> None:
        """``export default value`` is called ``default``; its members are asked of whatever name imports it."""
        value = node.child_by_field_name("value")
        if value is not None:
            self._define("default", self._value(value, frame), frame, node)
        else:
            self._walk_inside(node, frame)

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

    def switch_statement(self, node: Node, frame: Frame) -> None:
        asked = self._short(node.child_by_field_name("value")).strip("()")
        body = node.child_by_field_name("body")
        for each in children(body, "switch_case", "switch_default") if body is not None else ():
            label = each.child_by_field_name("value")
            branch = self._branch(
                f"{asked} == {self._short(label)}" if label is not None else "else", frame, each
            )
            self._walk_all(
                (part for part in each.named_children if label is None or part.id != label.id), branch
            )

    def for_in_statement(self, node: Node, frame: Frame) -> None:
        left = node.child_by_field_name("left")
        over = self._value(node.child_by_field_name("right"), frame)
        name = self._text(left)
        if left is not None and left.type == "array_pattern":
            name = "(" + ",".join(self._text(each) for each in left.named_children) + ")"
        word = "in" if any(each.type == "in" for each in node.children) else "for"
        body = node.child_by_field_name("body")
        if body is not None:
            self._walk(body, self._frame("loop", word, frame, node, [Parameter(name)], over))

    def assignment_expression(self, node: Node, frame: Frame) -> Value | None:
        right = node.child_by_field_name("right")
        target = self._value(node.child_by_field_name("left"), frame)
        value = self._value(right, frame)
        if isinstance(target, Index):
            self._call("[]=", target.of, [Argument("", target.key), Argument("", value)], frame, node)
        elif isinstance(target, Name):
            owner = ".".join(target.path[:-1])
            if owner == "module" and target.name == "exports":
                self._define("default", value, frame, node)
            else:
                self._define(target.name, value, frame, node, owner or "=")
        return None

    # expressions -------------------------------------------------------------

    def identifier(self, node: Node, frame: Frame) -> Value:
        return Name(self._text(node))

    def this(self, node: Node, frame: Frame) -> Value:
        return Name("this")

    def member_expression(self, node: Node, frame: Frame) -> Value:
        of = self._value(node.child_by_field_name("object"), frame)
        return Name(self._text(node.child_by_field_name("property")), of)

    def subscript_expression(self, node: Node, frame: Frame) -> Value:
        of, key = node.child_by_field_name("object"), node.child_by_field_name("index")
        return Index(self._value(of, frame), self._value(key, frame))

    def call_expression(self, node: Node, frame: Frame) -> Value:
        target = self._value(node.child_by_field_name("function"), frame)
        name, of = (target.name, target.of) if isinstance(target, Name) else ("()", target)
        listed = node.child_by_field_name("arguments")
        return self._call(name, of, self._arguments(listed, frame, of, name), frame, node)

    def new_expression(self, node: Node, frame: Frame) -> Value:
        target = self._value(node.child_by_field_name("constructor"), frame)
        name, of = (target.name, target.of) if isinstance(target, Name) else ("()", target)
        return self._call(
            name, of, self._arguments(node.child_by_field_name("arguments"), frame), frame, node
        )

    def _arguments(
        self, node: Node | None, frame: Frame, of: Value | None = None, name: str = ""
    ) -> list[Argument]:
        found = []
        for each in node.named_children if node is not None else ():
            if each.type in self._comments:
                continue
            if each.type in ("arrow_function", "function_expression", "function"):
                found.append(Argument("", self._lambda_of(each, frame, of, name)))
            else:
                found.append(Argument("", self._value(each, frame)))
        return found

    def _lambda_of(self, node: Node, frame: Frame, of: Value | None, name: str) -> Lambda:
        body = node.child_by_field_name("body")
        return self._lambda(
            node, frame, self._parameters(node, frame), [body] if body is not None else [], of, name
        )

    def arrow_function(self, node: Node, frame: Frame) -> Value:
        return self._lambda_of(node, frame, None, "")

    function_expression = arrow_function

    def object(self, node: Node, frame: Frame) -> Value:
        found: list[tuple[Value, Value]] = []
        for each in node.named_children:
            if each.type == "pair":
                value = each.child_by_field_name("value")
                found.append((self._key(each.child_by_field_name("key"), frame), self._value(value, frame)))
            elif each.type == "shorthand_property_identifier":
                name = self._text(each)
                found.append((Literal(name, self._at(each)), Name(name)))
            elif each.type == "spread_element":
                value = self._value(each.named_children[0] if each.named_children else None, frame)
                found.append((Spread(value), NOTHING))
            elif each.type == "method_definition":
                self._walk(each, frame)
        return Entries(tuple(found), self._at(node))

    def _key(self, node: Node | None, frame: Frame) -> Value:
        if node is None:
            return NOTHING
        if node.type == "computed_property_name":
            return self._value(node.named_children[0] if node.named_children else None, frame)
        if node.type == "string":
            return self._literal(node, 1, 1)
        return Literal(self._text(node), self._at(node))

    def array(self, node: Node, frame: Frame) -> Value:
        values = (self._value(each, frame) for each in node.named_children if each.type not in self._comments)
        return Items(tuple(values), self._at(node))

    def spread_element(self, node: Node, frame: Frame) -> Value:
        return Spread(self._value(node.named_children[0] if node.named_children else None, frame))

    def as_expression(self, node: Node, frame: Frame) -> Value:
        return self._value(node.named_children[0] if node.named_children else None, frame)

    satisfies_expression = as_expression
    non_null_expression = as_expression
    parenthesized_expression = as_expression
    await_expression = as_expression

    def ternary_expression(self, node: Node, frame: Frame) -> Value:
        text = self._short(node.child_by_field_name("condition"))
        then = self._value(node.child_by_field_name("consequence"), frame)
        otherwise = self._value(node.child_by_field_name("alternative"), frame)
        return Choice((Option(text, then), Option("else", otherwise)), self._at(node))

    def binary_expression(self, node: Node, frame: Frame) -> Value:
        left = self._value(node.child_by_field_name("left"), frame)
        right = self._value(node.child_by_field_name("right"), frame)
        sign = operator(node)
        if sign == "+":
            return self._joined(left, right)
        if sign in ("??", "||"):
            return Choice((Option("", left), Option("", right)), self._at(node))
        if sign == "&&":
            return right
        return Other(self._short(node), (left, right), self._at(node))

    def string(self, node: Node, frame: Frame) -> Value:
        return self._literal(node, 1, 1)

    def template_string(self, node: Node, frame: Frame) -> Value:
        holes = [
            (each, self._value(each.named_children[-1] if each.named_children else None, frame))
            for each in children(node, "template_substitution")
        ]
        return self._template(node, 1, 1, holes)

    def number(self, node: Node, frame: Frame) -> Value:
        return Other(self._text(node))

    def true(self, node: Node, frame: Frame) -> Value:
        return Other(self._text(node), (), self._at(node))

    false = true
    null = true
    undefined = true
