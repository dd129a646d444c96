"""What a call gives back: tried in turn, what is known of common functions and the project's own."""

from collections.abc import Callable

from pincheck.following import collections, files, project, settings, texts
from pincheck.following import vocabulary as words
from pincheck.following.evaluator import Evaluator
from pincheck.following.nodes import Place, accessed, unknown
from pincheck.model.code import Call, Lambda, Name
from pincheck.readers.tree import Node


def call(values: Evaluator, call: Call, place: Place) -> Node:
    """Return what a call gives back; a node of kind ``unknown`` if it cannot be followed."""
    for attempt in ATTEMPTS:
        node = attempt(values, call, place)
        if node is not None:
            return node
    if call.of is None or _is_type(values, call.of):
        return _constructed(values, call, place) or _not_followed(values, call, place)
    receiver = values.node(call.of, place)
    if receiver.kind == "unknown":
        return receiver if call.name in words.KNOWN | words.MAPPING else _not_followed(values, call, place)
    if receiver.kind == "file":
        return receiver
    return _method(values, call, receiver, place)


def _by_name(values: Evaluator, call: Call, place: Place) -> Node | None:
    """Functions that are what their name says, whatever they are asked of."""
    name = call.name
    if (
        name == "unquoted" and call.of is not None
    ):  # of following/sources.py: a piece of Java in a build script
        node = values.node(call.of, place)
        return node._replace(value=node.value.strip().strip('"')) if node.kind == "text" else node
    if name == "NewStringUTF" and call.positional:  # what native code hands to Java
        return values.node(call.positional[0], place)
    if name in words.FORMATS:
        return texts.formatted(values, call, place)
    if name in words.RESOURCES and call.arguments:
        return values.node(call.arguments[0].value, place)
    if name in words.ENVIRONMENT:
        return texts.environment(values, call, place)
    if settings.asks_info(call):
        return settings.info(values, call.arguments[0].value, place)
    if name in ("entries", "keys", "values") and call.of == Name("Object") and call.positional:
        node = values.node(call.positional[0], place)
        return node if name == "entries" else accessed(node, name, place)
    return None


def _run(values: Evaluator, call: Call, place: Place) -> Node | None:
    """A lambda that is run at once; what it adds to the collection it builds counts too."""
    if call.name == "()" and isinstance(call.of, Lambda):
        return values.applied(call.of, [], place)
    function = call.arguments[-1].value if call.arguments else None
    if call.name not in words.RUNNING or not isinstance(function, Lambda):
        return None
    if call.name in words.BUILDING:
        empty = Node("map" if call.name == "buildMap" else "list", call.at)
        return collections.collected(values, empty, function, place)
    given = [values.node(call.of, place)] if call.of is not None else []
    return values.applied(function, given, place)


ATTEMPTS: tuple[Callable[[Evaluator, Call, Place], Node | None], ...] = (
    collections.made,
    files.opened,
    _by_name,
    project.result,
    _run,
)


def _is_type(values: Evaluator, of: object) -> bool:
    """Tell a type or package from a variable: a type starts with a capital, and no constant is called so."""
    return isinstance(of, Name) and of.name[:1].isupper() and not values.names.knows(of.name)


def _constructed(values: Evaluator, call: Call, place: Place) -> Node | None:
    if call.name in words.WRAPPERS and call.arguments:
        return values.node(call.arguments[0].value, place)
    return collections.empty(call) or project.made(values, call, place)


def _method(values: Evaluator, call: Call, of: Node, place: Place) -> Node:
    """A method of a value that is known."""
    found = collections.asked(values, call, of, place)
    if found is not None:
        return found
    if of.kind == "text" and call.name in words.REPLACING:
        return texts.replaced(values, call, of, place)
    return _not_followed(values, call, place) if call.arguments else accessed(of, call.name, place)


def _not_followed(values: Evaluator, call: Call, place: Place) -> Node:
    """A function that no file read so far defines."""
    if len(call.name) > 3 and call.name not in words.KNOWN:
        values.want(call.name)
    return unknown(f"{call.name}() is not followed", place)
