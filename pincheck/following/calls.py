"""What common functions give back: collections, texts, resources, and the project's own functions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pincheck.following import settings
from pincheck.following.arguments import argument_for
from pincheck.following.nodes import Late, Place, accessed, entries_of, joined, unknown
from pincheck.model import Text
from pincheck.model.code import Call, Lambda, Literal, Name, Value
from pincheck.readers.tree import Node

if TYPE_CHECKING:
    from pincheck.following.values import Values

ADDING = (
    *(
        "add",
        "addAll",
        "append",
        "appendAll",
        "push",
        "insert",
        "addObject",
        "addObjectsFromArray",
        "Add",
        "AddRange",
    ),
    *("put", "putAll", "set", "setObject", "setValue", "updateValue", "[]=", "+=", "plusAssign"),
)
"""What puts something into a collection."""

ITERATING = frozenset(
    {
        *(
            "forEach",
            "map",
            "flatMap",
            "mapNotNull",
            "compactMap",
            "filter",
            "filterNot",
            "onEach",
            "each",
            "any",
        ),
        *(
            "all",
            "none",
            "contains",
            "some",
            "every",
            "find",
            "first",
            "firstOrNull",
            "forEachIndexed",
            "mapIndexed",
        ),
        *(
            "associate",
            "associateWith",
            "associateBy",
            "Select",
            "SelectMany",
            "Where",
            "Any",
            "All",
            "ForEach",
        ),
        *(
            "fold",
            "mapTo",
            "flatMapTo",
            "enumerateObjectsUsingBlock",
            "enumerateKeysAndObjectsUsingBlock",
            "where",
        ),
        *(
            "expand",
            "firstWhere",
            "map_",
            "collect",
            "mapValues",
            "forEachEntry",
            "compactMapValues",
            "map_values",
        ),
    }
)
"""What hands each element to a lambda."""
SAME = frozenset({"let", "also", "takeIf", "tap"})
"""What hands its receiver to a lambda."""

_LISTS = frozenset(
    {
        *(
            "listOf",
            "arrayOf",
            "setOf",
            "mutableListOf",
            "mutableSetOf",
            "arrayListOf",
            "hashSetOf",
            "linkedSetOf",
        ),
        *(
            "listOfNotNull",
            "sequenceOf",
            "persistentListOf",
            "immutableListOf",
            "asList",
            "singletonList",
            "singleton",
        ),
        *(
            "arrayWithObjects",
            "setWithObjects",
            "arrayWithObject",
            "setWithObject",
            "orderedSetWithObjects",
            "initWithObjects",
        ),
    }
)
_MAPS = frozenset(
    {"mapOf", "mutableMapOf", "hashMapOf", "linkedMapOf", "sortedMapOf", "persistentMapOf", "ofEntries"}
)
_FLAT_MAPS = frozenset({"dictionaryWithObjectsAndKeys", "initWithObjectsAndKeys"})
_OF = frozenset(
    {"List", "Set", "ImmutableList", "ImmutableSet", "Stream", "Array", "Lists", "Sets", "EnumSet"}
)
_MAP_OF = frozenset({"Map", "ImmutableMap", "SortedMap"})
_WRAPPERS = frozenset(
    {
        *(
            "Set",
            "Array",
            "List",
            "NSSet",
            "NSArray",
            "HashSet",
            "ArrayList",
            "LinkedList",
            "TreeSet",
            "LinkedHashSet",
        ),
        *(
            "unmodifiableList",
            "unmodifiableSet",
            "unmodifiableMap",
            "freeze",
            "requireNotNull",
            "checkNotNull",
            "copyOf",
        ),
        *(
            "setWithArray",
            "arrayWithArray",
            "stringWithString",
            "from",
            "String",
            "NSString",
            "dictionaryWithDictionary",
        ),
        *(
            "URL",
            "NSURL",
            "URI",
            "Uri",
            "parse",
            "create",
            "toHttpUrl",
            "URLWithString",
            "fromEntries",
            "HashMap",
            "tryParse",
        ),
        *(
            "Map",
            "LinkedHashMap",
            "TreeMap",
            "Dictionary",
            "NSDictionary",
            "mutableSetWithArray",
            "initWithArray",
            "of",
        ),
        *(
            "stringWithUTF8String",
            "NewStringUTF",
            "synchronizedList",
            "valueOf",
            "unmodifiable",
            "QString",
            "string",
        ),
    }
)
_THROUGH = frozenset(
    {
        *(
            "toTypedArray",
            "toList",
            "toSet",
            "toMutableList",
            "toMutableSet",
            "toArray",
            "asSequence",
            "asIterable",
        ),
        *(
            "stream",
            "collect",
            "trim",
            "trimIndent",
            "trimMargin",
            "toString",
            "freeze",
            "sorted",
            "distinct",
            "iterator",
        ),
        *(
            "filterNotNull",
            "mutableCopy",
            "copy",
            "orEmpty",
            "entrySet",
            "entries",
            "toMap",
            "toMutableMap",
            "build",
        ),
        *(
            "filter",
            "filterNot",
            "takeIf",
            "takeUnless",
            "also",
            "apply",
            "ifEmpty",
            "ifBlank",
            "parallelStream",
        ),
        *(
            "requireNoNulls",
            "reversed",
            "shuffled",
            "asList",
            "toImmutableList",
            "toHttpUrl",
            "toHttpUrlOrNull",
            "toUri",
        ),
        *(
            "ToArray",
            "ToList",
            "ToHashSet",
            "Where",
            "Distinct",
            "Trim",
            "c_str",
            "objectEnumerator",
            "strip",
            "cast",
        ),
        *(
            "asReversed",
            "toPersistentList",
            "toUrl",
            "intern",
            "lowercase",
            "toLowerCase",
            "lowercased",
            "allObjects",
        ),
        *("toImmutableSet", "asStream", "unmodifiable", "readOnly", "where", "onEach", "array", "concat_"),
    }
)
_PAIRS = frozenset({"to", "Pair", "entry", "SimpleEntry", "SimpleImmutableEntry", "MapEntry", "KeyValuePair"})
_FORMATS = frozenset({"format", "stringWithFormat", "Format", "initWithFormat"})
_RESOURCES = frozenset(
    {
        "getString",
        "stringResource",
        "getText",
        "getStringArray",
        "stringArrayResource",
        "getTextArray",
        "getNonTranslatable",
    }
)
_ENVIRONMENT = frozenset({"getenv", "environment", "fromEnvironment", "env", "get", "maybeGet"})


def call(values: Values, call: Call, place: Place) -> Node:
    """Return what a call gives back."""
    name, of = call.name, call.of
    if name == "unquoted" and of is not None:
        node = values.node(of, place)
        return node._replace(value=node.value.strip().strip('"')) if node.kind == "text" else node
    if name in _PAIRS and len(_given(call)) == 2:
        return Node("list", call.at, items=tuple(values.node(each, place) for each in _given(call)))
    if name == "NewStringUTF" and call.positional:  # what native code hands to Java
        return values.node(call.positional[0], place)
    if name in _LISTS or (name == "of" and _last(of) in _OF):
        return Node("list", call.at, items=tuple(values.elements_of(call.positional, place)))
    if name in _MAPS or (name == "of" and _last(of) in _MAP_OF) or name in _FLAT_MAPS:
        return _map(values, call, place)
    if name in ("singletonMap", "dictionaryWithObject"):
        key, value = (
            call.positional if name == "singletonMap" else tuple(a.value for a in call.arguments[::-1])[:2]
        )
        return _entries(call, [(values.node(key, place), values.node(value, place))])
    if name in _FORMATS:
        return _formatted(values, call, place)
    if name in _RESOURCES and call.arguments:
        return values.node(call.arguments[0].value, place)
    if name in ("fromEnvironment", "getenv", "findProperty"):
        return _environment(values, call, place)
    if settings.asks_info(call):
        return settings.info(values, call.arguments[0].value, place)
    own = _own(values, call, place)
    if own is not None:
        return own
    if name in ("lazy", "run", "with", "()", "buildList", "buildMap", "buildSet", "let") and call.arguments:
        return _run(values, call, place)
    if name in ("entries", "keys", "values") and _last(of) == "Object" and call.positional:
        node = values.node(call.positional[0], place)
        return node if name == "entries" else accessed(node, name, place)
    if of is None or (isinstance(of, Name) and not _is_value(values, of, place)):
        if name in _WRAPPERS and len(call.arguments) >= 1:
            return values.node(call.arguments[0].value, place)
        made = _made(values, call, place)
        return made if made is not None else _not_followed(values, call, place)
    receiver = values.node(of, place)
    return (
        _not_followed(values, call, place)
        if receiver.kind == "unknown"
        else _method(values, call, receiver, place)
    )


def _not_followed(values: Values, call: Call, place: Place) -> Node:
    """A function that no file read so far defines."""
    if len(call.name) > 3 and call.name not in _THROUGH | ITERATING | SAME | _WRAPPERS:
        values.wanted.add(call.name)
    return unknown(f"{call.name}() is not followed", place)


def _given(call: Call) -> tuple[Value, ...]:
    """The arguments, with the receiver of an infix call before them."""
    if call.name == "to" and call.of is not None:
        return (call.of, *call.positional)
    return tuple(argument.value for argument in call.arguments)


def _last(value: Value | None) -> str:
    return value.name if isinstance(value, Name) else ""


def _is_value(values: Values, name: Name, place: Place) -> bool:
    """Tell a variable from a type or package: types start with a capital."""
    return not name.name[:1].isupper() or values.names.knows(name.name)


def _map(values: Values, call: Call, place: Place) -> Node:
    if call.name in _MAPS:
        pairs = values.elements_of(call.positional, place)
        return _entries(call, [(pair.items[0], pair.items[1]) for pair in pairs if len(pair.items) == 2])
    flat = [values.node(argument.value, place) for argument in call.arguments]
    pairs_of = list(zip(flat[::2], flat[1::2], strict=False))
    if call.name in _FLAT_MAPS:
        pairs_of = [(key, value) for value, key in pairs_of]
    return _entries(call, pairs_of)


def _entries(call: Call, pairs: list[tuple[Node, Node]]) -> Node:
    return Node("map", call.at, entries=tuple((key.text, value) for key, value in pairs))


def _formatted(values: Values, call: Call, place: Place) -> Node:
    """``String.format("sha256/%s", pin)``, ``"sha256/%s".format(pin)``."""
    given = [argument.value for argument in call.arguments]
    if isinstance(call.of, Literal) or (
        call.of is not None and _last(call.of) not in ("String", "NSString", "string", "Locale")
    ):
        given = [call.of, *given]
    nodes = [values.node(each, place) for each in given]
    nodes = [node for node in nodes if not (node.kind == "unknown" and nodes.index(node) == 0)] or nodes
    if not nodes or nodes[0].kind != "text":
        return unknown("its format is computed", place)
    pattern, *rest = nodes
    pieces: list[Node] = []
    position = number = 0
    for match in re.finditer(r"%(?:\d+\$)?[@sSdiuf]|%%|\{(\d+)\}", pattern.value):
        pieces.append(pattern._replace(value=pattern.value[position : match.start()]))
        position = match.end()
        if match[0] == "%%":
            pieces.append(pattern._replace(value="%"))
            continue
        index = int(match[1]) if match[1] else number
        number += 1
        if index >= len(rest):
            return unknown("its format wants more than it is given", place)
        pieces.append(rest[index])
    pieces.append(pattern._replace(value=pattern.value[position:]))
    return joined(pieces, place)


def _environment(values: Values, call: Call, place: Place) -> Node:
    """A value of the environment: where a file of the repository sets it, else its default."""
    given = values.node(call.arguments[0].value, place) if call.arguments else None
    default = call.named("defaultValue", "default") or (
        call.positional[1] if len(call.positional) > 1 else None
    )
    if given is not None and given.kind == "text":
        found = values.names.members(given.value, "env")
        if found:
            return values.node(Name(given.value, Name("env")), place)
        if default is not None:
            return values.node(default, place)
        values.wanted.add(given.value)
        return unknown(f"{given.value} is set in the environment of the build", place)
    return unknown("it is set in the environment of the build", place)


def _own(values: Values, call: Call, place: Place) -> Node | None:
    """The result of the project's own function, if there is one of this name; else None."""
    owner = _last(call.of)
    candidates = [
        each
        for each in values.names.functions(call.name)
        if not each.function.getter and each.function.returned
    ]
    if not candidates:
        return None
    if (
        call.name in _THROUGH | ITERATING | _WRAPPERS
        and call.of is not None
        and owner in ("", "this", "self")
    ):
        return None
    if owner and owner not in ("this", "self"):
        inside = [each for each in candidates if _owner_name(each.function.frame) == owner]
        candidates = inside or candidates
    fitting = [
        each for each in candidates if len(each.function.frame.parameters) >= len(call.arguments)
    ] or candidates
    here = [each for each in fitting if each.module is place.module] or fitting
    if len({each.module.path for each in here}) > 3:
        return None
    written = here[0]
    parameters = written.function.frame.parameters
    bound: dict[str, object] = {}
    for number, parameter in enumerate(parameters):
        argument = argument_for(parameter, number, parameters, call)
        if argument is None:
            if parameter.default is not None:
                bound[parameter.name] = Late(
                    parameter.default, place._replace(module=written.module, frame=written.function.frame)
                )
        elif isinstance(argument, tuple) and not hasattr(argument, "_fields"):
            bound[parameter.name] = Node("list", call.at, items=tuple(values.elements_of(argument, place)))
        else:
            bound[parameter.name] = Late(argument, place)  # type: ignore[arg-type]
    return values.result(written, bound, place)  # type: ignore[arg-type]


def _owner_name(frame: object) -> str:
    outer = getattr(frame, "outer", None)
    inner = outer.enclosing("type") if outer is not None else None
    return inner.name if inner else ""


def _run(values: Values, call: Call, place: Place) -> Node:
    """A lambda that is run at once; what it adds to the collection it builds counts too."""
    function = call.arguments[-1].value
    if call.name == "()" and isinstance(call.of, Lambda):
        return values.applied(call.of, [], place)
    if not isinstance(function, Lambda):
        return unknown(f"{call.name}() is not followed", place)
    if call.name.startswith("build"):
        empty = Node("map" if call.name == "buildMap" else "list", call.at)
        return _collected(values, empty, function, place)
    given = [values.node(call.of, place)] if call.of is not None else []
    return values.applied(function, given, place)


def _collected(values: Values, node: Node, function: Lambda, place: Place) -> Node:
    """What calls without a receiver inside a lambda put into the collection it is run on."""
    for verb in ADDING:
        for each in values.names.calls(verb):
            inside = any(frame.number == function.frame.number for frame in each.placed.frame.outward())
            plain = each.placed.call.of is None or _last(each.placed.call.of) in ("this", "it")
            if each.module is place.module and inside and plain:
                node = added(values, node, each.placed.call, place._replace(frame=each.placed.frame))
    return node


def _made(values: Values, call: Call, place: Place) -> Node | None:
    """An object of a type of the project: what its constructor is given, by the parameter's name."""
    name = call.name
    if name in (
        "ArrayList",
        "LinkedList",
        "HashSet",
        "List",
        "Set",
        "NSMutableArray",
        "LinkedHashSet",
        "CopyOnWriteArrayList",
    ):
        return Node("list", call.at)
    if name in (
        "HashMap",
        "LinkedHashMap",
        "TreeMap",
        "Map",
        "Dictionary",
        "NSMutableDictionary",
        "ConcurrentHashMap",
        "Hashtable",
    ):
        return Node("map", call.at)
    labelled = [(argument.name, argument.value) for argument in call.arguments if argument.name]
    positional = list(call.positional)
    for module, frame in values.names.types(name)[:1]:
        parameters = list(frame.parameters)
        if not parameters:
            inits = (each for each in values.names.functions("init") if each.module is module)
            owned = (each for each in inits if _owner_name(each.function.frame) == name)
            parameters = next((list(each.function.frame.parameters) for each in owned), [])
        labelled += [
            (parameter.name, value) for parameter, value in zip(parameters, positional, strict=False)
        ]
    if not labelled:
        return None
    at = call.at
    return Node(
        "map", at, entries=tuple((Text(label, at), values.node(value, place)) for label, value in labelled)
    )


def _method(values: Values, call: Call, of: Node, place: Place) -> Node:
    """A method of a value that is known."""
    name = call.name
    if of.kind == "unknown":
        return of
    if name in ("apply", "also") and call.arguments and isinstance(call.arguments[-1].value, Lambda):
        return _collected(values, of, call.arguments[-1].value, place)
    if name in _THROUGH:
        return of
    function = next((a.value for a in call.arguments if isinstance(a.value, Lambda)), None)
    if function is not None and name in (
        "map",
        "mapNotNull",
        "compactMap",
        "flatMap",
        "Select",
        "SelectMany",
        "expand",
        "mapIndexed",
    ):
        elements = entries_of(of) if of.kind == "map" else list(of.items)
        found = [
            values.applied(
                function, [element] if name != "mapIndexed" else [unknown("", place), element], place
            )
            for element in elements
        ]
        if name in ("flatMap", "SelectMany", "expand"):
            found = [item for each in found for item in (each.items if each.kind == "list" else (each,))]
        return Node("list", of.at, items=tuple(found))
    if function is not None and name in ("associateWith", "associate"):
        found = [values.applied(function, [element], place) for element in of.items]
        pairs = (
            zip(of.items, found, strict=True)
            if name == "associateWith"
            else [each.items[:2] for each in found if len(each.items) == 2]
        )
        return Node("map", of.at, entries=tuple((key.text, value) for key, value in pairs))
    if (
        name
        in (
            "get",
            "getValue",
            "getOrDefault",
            "getOrElse",
            "objectForKey",
            "valueForKey",
            "elementAt",
            "getOrNull",
            "objectAtIndex",
        )
        and call.arguments
    ):
        return values.at_key(of, values.node(call.arguments[0].value, place), place)
    if name in ("plus", "concat", "stringByAppendingString", "union", "adding", "concat"):
        return joined([of, *(values.node(argument.value, place) for argument in call.arguments)], place)
    if name in ("keys", "keySet", "values", "first", "last", "firstOrNull", "lastOrNull", "single") or (
        name.startswith("get") and len(name) > 3
    ):
        word = {"keySet": "keys", "firstOrNull": "first", "lastOrNull": "last", "single": "first"}.get(
            name, name
        )
        if word.startswith("get"):
            word = word[3].lower() + word[4:]
        return accessed(of, word, place)
    if of.kind == "text" and name in (
        "removePrefix",
        "removeSuffix",
        "replace",
        "replacingOccurrences",
        "replaceFirst",
        "substringAfter",
        "replaceAll",
    ):
        return _replaced(values, call, of, place)
    return accessed(of, name, place) if not call.arguments else unknown(f"{name}() is not followed", place)


def _replaced(values: Values, call: Call, of: Node, place: Place) -> Node:

    given = [values.node(argument.value, place) for argument in call.arguments]
    if not given or any(each.kind != "text" for each in given):
        return unknown(f"{call.name}() is not followed", place)
    first = given[0].value
    if call.name == "removePrefix":
        return of._replace(value=of.value.removeprefix(first))
    if call.name == "removeSuffix":
        return of._replace(value=of.value.removesuffix(first))
    if call.name == "substringAfter":
        return of._replace(value=of.value.partition(first)[2] if first in of.value else of.value)
    return of._replace(value=of.value.replace(first, given[1].value if len(given) > 1 else ""))


def added(values: Values, node: Node, call: Call, place: Place) -> Node:
    """The collection with what a call puts into it."""
    given = [argument.value for argument in call.arguments]
    if (
        call.name in ("put", "set", "[]=", "setObject", "setValue", "updateValue", "Add", "insert")
        and len(given) == 2
        and node.kind != "list"
    ):
        key, value = (values.node(each, place) for each in given)
        if call.name in ("setObject", "setValue", "updateValue"):
            key, value = value, key
        return Node(
            "map", node.at if node.kind == "map" else call.at, entries=(*node.entries, (key.text, value))
        )
    found = [values.node(each, place) for each in given[:1]] if call.name != "add" or len(given) == 1 else []
    if call.name in ("[]=", "set") and len(given) == 2:
        found = [values.node(given[1], place)]
    if call.name in ("putAll",) and found and found[0].kind == "map":
        return Node("map", call.at, entries=(*node.entries, *found[0].entries))
    if node.kind == "map":
        return node
    items = [
        item
        for each in found
        for item in (each.items if each.kind == "list" and call.name != "add" else (each,))
    ]
    return Node("list", node.at if node.kind == "list" else call.at, items=(*node.items, *items))
