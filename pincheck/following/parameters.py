"""What a parameter comes to: what callers give for it, or the element that a loop or lambda is at."""

from pincheck.following import vocabulary as words
from pincheck.following.arguments import VALUES, argument_for
from pincheck.following.evaluator import Evaluator
from pincheck.following.names import called_as
from pincheck.following.nodes import Place, entries_of, named, unknown
from pincheck.model.code import Frame, Parameter
from pincheck.readers.paths import code_context
from pincheck.readers.tree import Node


class NothingThere(Exception):
    """What is asked for stands in a loop over a list that is empty in this world."""


def value(
    values: Evaluator, frame: Frame, number: int, parameter: Parameter, word: str, place: Place
) -> Node:
    """Return what ``word``, a parameter of ``frame`` or a part of it, comes to; ``number`` is its position."""
    if frame.kind in ("loop", "lambda"):
        return _element(values, frame, number, parameter, word, place)
    given = from_callers(values, frame, number, parameter, place)
    return part(given, word, place) if parameter.name.startswith("{") else given


def _element(
    values: Evaluator, frame: Frame, number: int, parameter: Parameter, word: str, place: Place
) -> Node:
    """The element that a loop is at, or that a lambda is given."""
    if frame.over is None or frame.outer is None:
        return unknown(f"{word} is given by a library", place)
    over = values.node(frame.over, place._replace(frame=frame.outer))
    if over.kind == "unknown":
        return over
    if over.kind == "null":
        raise NothingThere
    if frame.kind == "lambda" and frame.name in words.SAME:
        return over
    if frame.kind == "lambda" and frame.name not in words.ITERATING:
        return unknown(f"{word} is given by {frame.name}()", place)
    if over.kind == "map" and frame.name == "in":
        elements = [named(key) for key, _ in over.entries]
    else:
        elements = entries_of(over) if over.kind == "map" else list(over.items)
    if not elements:
        return unknown("it runs over nothing that could be read", place)
    index = values.worlds.choose((place.module.path, frame.number), "each", [""] * len(elements))
    element = elements[index]
    if parameter.name.startswith("(") and element.kind == "list":
        position = parameter.name.strip("()").split(",").index(word)
        return element.items[position] if position < len(element.items) else unknown("it is not there", place)
    if parameter.name.startswith(("{", "(")) and element.kind == "map":
        return element.get(word) or unknown(f"there is no {word}", place)
    if frame.name == "forEachIndexed":
        return element if number == 1 else unknown(f"{word} is a number", place)
    if over.kind == "map" and len(frame.parameters) > 1 and element.kind == "list":
        return element.items[min(number, 1)]
    return element if number == 0 else unknown(f"{word} is a number", place)


def from_callers(values: Evaluator, frame: Frame, number: int, parameter: Parameter, place: Place) -> Node:
    """What the callers of a function, or the makers of an object, give for a parameter."""
    called = values.names.callers(frame)
    values.bind()
    if not called:
        if parameter.default is not None:
            return values.node(parameter.default, place._replace(frame=frame))
        name = called_as(frame)
        values.want(name)
        return unknown(
            f"{parameter.name} is a parameter of {name}(), which no file that was read calls", place
        )
    if all(code_context(each.module.path) != "production" for each in called):
        values.want(called_as(frame))  # who else calls it may not have been read
    key = ("callers", place.module.path, frame.number)
    index = values.worlds.choose(key, "caller", [""] * len(called))
    each = called[index]
    argument = argument_for(parameter, number, frame.parameters, each.placed.call)
    there = Place(each.module, each.placed.frame, {})
    if isinstance(argument, tuple) and not isinstance(argument, VALUES):
        return Node("list", each.placed.call.at, items=tuple(values.elements_of(argument, there)))
    if argument is not None:
        return values.node(argument, there)
    if parameter.default is not None:
        return values.node(parameter.default, place._replace(frame=frame))
    return unknown(f"{parameter.name} is not given", place)


def receiver(values: Evaluator, word: str, place: Place) -> Node:
    """What an extension function is called on."""
    frame = next((each for each in place.frame.outward() if each.kind == "function"), None)
    called = (
        [each for each in values.names.callers(frame) if each.placed.call.of]
        if frame and frame.receiver
        else []
    )
    if frame is None or not called:
        return unknown(f"{word} is an object", place)
    values.bind()
    index = values.worlds.choose(("callers", place.module.path, frame.number), "caller", [""] * len(called))
    each = called[index]
    assert each.placed.call.of is not None
    return values.node(each.placed.call.of, Place(each.module, each.placed.frame, {}))


def names_of(parameter: Parameter) -> list[str]:
    """The names that a destructured parameter gives, ``(a,b)`` or ``{a,b}``; of another, none."""
    return parameter.name.strip("(){}").split(",") if parameter.name[:1] in ("(", "{") else []


def part(node: Node, word: str, place: Place) -> Node:
    """The member of an object that a destructured parameter takes out."""
    if node.kind == "unknown":
        return node
    return node.get(word) or unknown(f"there is no {word}", place)
