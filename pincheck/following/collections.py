"""Lists and maps: made, filled, mapped, and asked for what is in them."""

from collections.abc import Sequence

from pincheck.following import vocabulary as words
from pincheck.following.evaluator import Evaluator
from pincheck.following.nodes import Place, accessed, entries_of, joined, key_of, unknown
from pincheck.model.code import Call, Lambda, Name, Value
from pincheck.readers.tree import Node

# made ------------------------------------------------------------------------


def made(values: Evaluator, call: Call, place: Place) -> Node | None:
    """The collection or pair that a call makes, or None if it makes none."""
    name, of = call.name, call.of.name if isinstance(call.of, Name) else ""
    if name in words.PAIRS and len(pair := _pair(call)) == 2:
        return Node("list", call.at, items=tuple(values.node(each, place) for each in pair))
    if name in words.LISTS or (name == "of" and of in words.LIST_TYPES):
        return Node("list", call.at, items=tuple(values.elements_of(call.positional, place)))
    if name in words.MAPS:
        pairs = values.elements_of(call.positional, place)
        return _map(call, [(each.items[0], each.items[1]) for each in pairs if len(each.items) == 2])
    if name in words.VALUES_FIRST or (name == "of" and of in words.MAP_TYPES) or name == "singletonMap":
        flat = [values.node(argument.value, place) for argument in call.arguments]
        pairs_of = list(zip(flat[::2], flat[1::2], strict=False))
        swapped = name in words.VALUES_FIRST
        return _map(call, [(value, key) if swapped else (key, value) for key, value in pairs_of])
    if name == "dictionaryWithObject" and len(call.arguments) == 2:
        value, key = (values.node(argument.value, place) for argument in call.arguments)
        return _map(call, [(key, value)])
    return None


def _pair(call: Call) -> tuple[Value, ...]:
    """The two values of a pair: ``a to b`` has one of them before it."""
    if call.name == "to":
        return (call.of, *call.positional) if call.of is not None else ()
    return tuple(argument.value for argument in call.arguments)


def _map(call: Call, pairs: Sequence[tuple[Node, Node]]) -> Node:
    return Node("map", call.at, entries=tuple((key_of(key), value) for key, value in pairs))


def empty(call: Call) -> Node | None:
    """The collection that a constructor without arguments makes, or None."""
    if call.name in words.EMPTY_LISTS:
        return Node("list", call.at)
    return Node("map", call.at) if call.name in words.EMPTY_MAPS else None


# filled ----------------------------------------------------------------------


def collected(values: Evaluator, node: Node, function: Lambda, place: Place) -> Node:
    """What calls without a receiver inside a lambda put into the collection that it is run on."""
    for verb in sorted(words.ADDING):
        for each in values.names.calls(verb):
            inside = any(frame.number == function.frame.number for frame in each.placed.frame.outward())
            of = each.placed.call.of
            plain = of is None or (isinstance(of, Name) and of.name in ("this", "it"))
            if each.module is place.module and inside and plain:
                node = added(values, node, each.placed.call, place._replace(frame=each.placed.frame))
    return node


def added(values: Evaluator, node: Node, call: Call, place: Place) -> Node:
    """The collection with what a call puts into it."""
    given = [argument.value for argument in call.arguments]
    if len(given) == 2 and node.kind != "list" and call.name in _KEYED:
        key, value = (values.node(each, place) for each in given)
        if call.name in _VALUE_BEFORE_KEY:
            key, value = value, key
        at = node.at if node.kind == "map" else call.at
        return Node("map", at, entries=(*node.entries, (key_of(key), value)))
    if len(given) == 2 and call.name in ("[]=", "set"):
        given = given[1:]
    elif call.name == "add" and len(given) != 1:
        return node
    found = [values.node(each, place) for each in given[:1]]
    if call.name in ("putAll", "addAll") and found and found[0].kind == "map":
        return Node("map", call.at, entries=(*node.entries, *found[0].entries))
    if node.kind == "map":
        return node
    spread = call.name != "add"
    items = [item for each in found for item in (each.items if each.kind == "list" and spread else (each,))]
    return Node("list", node.at if node.kind == "list" else call.at, items=(*node.items, *items))


_KEYED = frozenset(("put", "set", "[]=", "setObject", "setValue", "updateValue", "Add", "insert"))
_VALUE_BEFORE_KEY = frozenset(("setObject", "setValue", "updateValue"))


# asked -----------------------------------------------------------------------


def asked(values: Evaluator, call: Call, of: Node, place: Place) -> Node | None:
    """What a method of a collection gives back, or None if it is no such method."""
    name = call.name
    function = next((each.value for each in call.arguments if isinstance(each.value, Lambda)), None)
    if name in ("apply", "also") and function is not None:
        return collected(values, of, function, place)
    if name in words.THROUGH:
        return of
    if name in words.MAPPING and function is not None:
        return _mapped(values, call, function, of, place)
    if name in ("associate", "associateWith") and function is not None:
        found = [values.applied(function, [item], place) for item in of.items]
        if name == "associateWith":
            return _map(call, list(zip(of.items, found, strict=True)))
        return _map(call, [(each.items[0], each.items[1]) for each in found if len(each.items) == 2])
    if name in words.LOOKING_UP and call.arguments:
        return values.at_key(of, values.node(call.arguments[0].value, place), place)
    if name in words.APPENDING:
        return joined([of, *(values.node(each.value, place) for each in call.arguments)], place)
    if name in _PROPERTIES or (name.startswith("get") and len(name) > len("get")):
        word = _PROPERTIES.get(name) or name[3].lower() + name[4:]
        return accessed(of, word, place)
    return None


_PROPERTIES = {
    "keys": "keys", "keySet": "keys", "values": "values", "first": "first", "firstOrNull": "first",
    "single": "first", "last": "last", "lastOrNull": "last",
}  # fmt: skip
"""Methods without arguments, and the property that they are."""


def _mapped(values: Evaluator, call: Call, function: Lambda, of: Node, place: Place) -> Node:
    found = []
    for element in entries_of(of) if of.kind == "map" else of.items:
        given = [unknown("it is a number", place), element] if call.name == "mapIndexed" else [element]
        found.append(values.applied(function, given, place))
    if call.name in words.FLATTENING:
        found = [item for each in found for item in (each.items if each.kind == "list" else (each,))]
    return Node("list", of.at, items=tuple(found))
