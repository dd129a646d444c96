"""Source code in the few nouns that all languages share: values, and the places they stand in."""

from collections.abc import Mapping
from typing import Literal as OneOf
from typing import NamedTuple

from pincheck.model.source import Location

FrameKind = OneOf["file", "type", "function", "lambda", "loop", "branch"]


class Literal(NamedTuple):
    """A string literal, decoded; located between its quotes."""

    value: str
    at: Location


class Name(NamedTuple):
    """``name``, or ``of.name``."""

    name: str
    of: "Value | None" = None

    @property
    def path(self) -> tuple[str, ...]:
        """``a.b.c`` as its words; a part that is no plain name is an empty word."""
        words, node = [self.name], self.of
        while isinstance(node, Name):
            words.append(node.name)
            node = node.of
        if node is not None:
            words.append("")
        return tuple(reversed(words))


class Joined(NamedTuple):
    """Texts put together: ``a + b``, a template."""

    parts: "tuple[Value, ...]"


class Items(NamedTuple):
    """A list, array or set."""

    items: "tuple[Value, ...]"
    at: Location


class Entries(NamedTuple):
    """A map; each key once for every time it is written."""

    entries: "tuple[tuple[Value, Value], ...]"
    at: Location


class Spread(NamedTuple):
    """``*list`` or ``...list`` among arguments or elements."""

    value: "Value"


class Argument(NamedTuple):
    """One argument of a call; positional ones have no name."""

    name: str
    value: "Value"


class Call(NamedTuple):
    """``of.name(arguments)``; a constructor's name is its type's."""

    name: str
    of: "Value | None"
    arguments: tuple[Argument, ...]
    at: Location

    @property
    def positional(self) -> "tuple[Value, ...]":
        """The values of the arguments without a name."""
        return tuple(argument.value for argument in self.arguments if not argument.name)

    def named(self, *names: str) -> "Value | None":
        """The value of the first argument called by one of ``names``."""
        return next((argument.value for argument in self.arguments if argument.name in names), None)


class Option(NamedTuple):
    """One way a choice can go."""

    condition: str
    """As written, shortened; empty where none is."""
    value: "Value"


class Choice(NamedTuple):
    """One of several values: ``a ? b : c``, ``when``, ``a ?? b``."""

    options: tuple[Option, ...]
    at: Location


class Index(NamedTuple):
    """``of[key]``."""

    of: "Value"
    key: "Value"


class Lambda(NamedTuple):
    """A function without a name."""

    frame: "Frame"
    returned: "tuple[Returned, ...]"
    at: Location


class Other(NamedTuple):
    """Anything else: ``true``, a number, a comparison; the values inside it are its parts."""

    text: str
    parts: "tuple[Value, ...]" = ()
    at: Location | None = None


Value = Literal | Name | Joined | Items | Entries | Spread | Call | Choice | Index | Lambda | Other


class Parameter(NamedTuple):
    """A parameter or loop variable."""

    name: str
    label: str = ""
    """The name that callers use, where it differs."""
    default: "Value | None" = None
    variadic: bool = False
    type: str = ""
    """The type as written, if any."""


class Frame(NamedTuple):
    """A place that encloses code, from the file down to a branch."""

    number: int
    """Its own within the file: frames are told apart by it."""
    kind: FrameKind
    name: str
    """Of the file (its path), type or function; the method that a lambda is given to; a branch's condition."""
    outer: "Frame | None"
    at: Location | None = None
    parameters: tuple[Parameter, ...] = ()
    over: "Value | None" = None
    """What a loop runs over, or the receiver of the call that a lambda is given to."""
    bases: tuple[str, ...] = ()
    """The types that a type extends."""
    receiver: str = ""
    """The type that a Kotlin extension function, or a Swift or Dart extension, adds to."""

    def enclosing(self, kind: FrameKind) -> "Frame | None":
        """The nearest frame of a kind, this one included."""
        frame: Frame | None = self
        while frame is not None and frame.kind != kind:
            frame = frame.outer
        return frame

    def outward(self) -> "tuple[Frame, ...]":
        """This frame and those around it, the file last."""
        frames, frame = [], self
        while True:
            frames.append(frame)
            if frame.outer is None:
                return tuple(frames)
            frame = frame.outer


class Returned(NamedTuple):
    """A value that a function gives back, and where it does so."""

    value: Value
    frame: Frame


class Definition(NamedTuple):
    """A name that is given a value: a constant, property, variable, field, enum constant or macro."""

    name: str
    value: Value
    frame: Frame
    at: Location
    owner: str = ""
    """What the name must be asked of (``self``, a variable) where it is no plain name."""
    type: str = ""


class Function(NamedTuple):
    """A function or computed property; ``frame`` is its own."""

    name: str
    frame: Frame
    returned: tuple[Returned, ...]
    getter: bool = False
    """It is asked for without arguments, as a property is."""


class Placed(NamedTuple):
    """A value that stands as a statement of its own."""

    value: Value
    frame: Frame


class PlacedCall(NamedTuple):
    """A call, and where it stands."""

    call: Call
    frame: Frame


class Module(NamedTuple):
    """What one file of source code says."""

    path: str
    language: str
    definitions: tuple[Definition, ...]
    functions: tuple[Function, ...]
    calls: Mapping[str, tuple[PlacedCall, ...]]
    """By the name called, in order."""
    statements: tuple[Placed, ...]
    types: tuple[Frame, ...]
    imports: tuple[str, ...]
    conditions: tuple[Placed, ...] = ()
    """What is asked before a branch is taken, where that is no statement, definition or call alone."""
    errors: tuple[Location, ...] = ()
    """Where the grammar could not follow; what stands around it is read."""
