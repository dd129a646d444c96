"""The project's own functions and types: what they give back, and what their objects hold."""

from pincheck.following import vocabulary as words
from pincheck.following.arguments import VALUES, argument_for
from pincheck.following.evaluator import Evaluator
from pincheck.following.names import Written
from pincheck.following.nodes import Bound, Late, Place
from pincheck.model import Text
from pincheck.model.code import Call, Frame, Lambda, Name, Parameter
from pincheck.readers.tree import Node

MAX_PLACES = 3
"""Files that define a function of one name before it is anybody's guess which is meant."""


OF_TYPE = "()"
"""The key under which an object says its type; no property is called so."""


def result(values: Evaluator, call: Call, place: Place) -> Node | None:
    """The result of the project's own function, if there is one of this name; else None."""
    written = _function(values, call, place)
    if written is None:
        return None
    bound: dict[str, Bound] = {}
    parameters = written.function.frame.parameters
    there = place._replace(module=written.module, frame=written.function.frame)
    for number, parameter in enumerate(parameters):
        argument = argument_for(parameter, number, parameters, call)
        if isinstance(argument, VALUES):
            bound[parameter.name] = Late(argument, place)
        elif argument is not None:
            bound[parameter.name] = Node("list", call.at, items=tuple(values.elements_of(argument, place)))
        elif parameter.default is not None:
            bound[parameter.name] = Late(parameter.default, there)
    return values.result(written, bound, place)


def _function(values: Evaluator, call: Call, place: Place) -> Written | None:
    """The project's own function that a call means; None if there is none, or a library's is meant."""
    owner = call.of.name if isinstance(call.of, Name) else ""
    itself = owner in ("this", "self")
    if call.name in words.KNOWN and call.of is not None and (not owner or itself):
        return None
    found = [
        each
        for each in values.names.functions(call.name)
        if each.function.returned and not each.function.getter
    ]
    if call.of is not None and not itself:  # what a function asks of another value is not itself
        found = [each for each in found if each.function.frame not in place.frame.outward()]
    if owner and not itself:
        kind = values.type_of(call.of, place)
        theirs = [each for each in found if {owner, kind} & _whose(each.function.frame)]
        found = theirs if theirs or _is_librarys(call, kind) else found
    found = [each for each in found if len(each.function.frame.parameters) >= len(call.arguments)] or found
    found = [each for each in found if each.module is place.module] or found
    return found[0] if found and len({each.module.path for each in found}) <= MAX_PLACES else None


def _whose(frame: Frame) -> set[str]:
    """The names of the types that a function is asked of: the one around it, and the one it extends."""
    return {owner_of(frame), frame.receiver.partition("<")[0]} - {""}


def _is_librarys(call: Call, kind: str) -> bool:
    """Tell whether a call looks like that of a collection or text: ``certificates.map { … }``; ``kind`` is its type."""
    iterates = bool(call.arguments) and isinstance(call.arguments[-1].value, Lambda)
    return call.name in words.KNOWN and (iterates or kind in words.LIBRARY_TYPES)


def owner_of(frame: Frame) -> str:
    """The name of the type that a function belongs to, or an empty string."""
    inner = frame.outer.enclosing("type") if frame.outer is not None else None
    return inner.name if inner else ""


def made(values: Evaluator, call: Call, place: Place) -> Node | None:
    """An object, as a map: what its constructor is given, by the parameters' names; None without any."""
    if not call.name.lstrip("_")[:1].isupper() and not values.names.types(call.name):
        return None  # a function that is not known, and not a type
    found: dict[str, Node] = {
        each.name: values.node(each.value, place) for each in call.arguments if each.name
    }
    parameters = _constructor(values, call.name)
    for number, parameter in enumerate(parameters):
        argument = argument_for(parameter, number, parameters, call)
        if isinstance(argument, VALUES):
            found[parameter.name] = values.node(argument, place)
        elif argument is not None:
            found[parameter.name] = Node("list", call.at, items=tuple(values.elements_of(argument, place)))
        elif parameter.default is not None:
            found[parameter.name] = values.node(parameter.default, place)
    if not found:
        return None
    itself = place.frame.enclosing("type") if call.name == "Self" else None
    kind = Node("null", call.at, itself.name if itself else call.name)
    entries = ((Text(name, call.at), node) for name, node in found.items())
    return Node("map", call.at, entries=(*entries, (Text(OF_TYPE, call.at), kind)))


def computed(values: Evaluator, of: Node, name: str, place: Place) -> Node | None:
    """A computed property of an object that ``made`` put together; None if its type has none of this name."""
    kind = of.get(OF_TYPE)
    for written in values.names.functions(name) if kind is not None else ():
        frame = written.function.frame.outer
        inner = frame.enclosing("type") if frame is not None else None
        if kind is not None and inner is not None and written.function.getter and inner.name == kind.value:
            fields = {key.value: node for key, node in of.entries}
            bound = {**place.bound, (written.module.path, inner.number): fields}
            return values.result(written, {}, place._replace(bound=bound))
    return None


def _constructor(values: Evaluator, name: str) -> tuple[Parameter, ...]:
    """The parameters of a type's constructor, or none."""
    for module, frame in values.names.types(name)[:1]:
        if frame.parameters:
            return frame.parameters
        for each in values.names.functions("init"):
            if each.module is module and owner_of(each.function.frame) == name:
                return each.function.frame.parameters
    return ()
