"""Values that Apple's builds and plists give: Xcode's build settings, and the keys of an Info.plist.

A plist and an ``.xcconfig`` file become modules whose definitions have the owners ``plist`` and
``xcconfig``. One configuration file counts at a time, with what it includes: the settings of Debug do
not mix with those of Release. Sources: Apple's reference of ``Bundle.object(forInfoDictionaryKey:)``,
and Xcode's help on configuration settings files (comments, ``#include``, conditions in brackets).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pincheck.following.nodes import Place, unknown
from pincheck.model.code import Call, Literal, Name, Value
from pincheck.readers.tree import Node

if TYPE_CHECKING:
    from pincheck.following.names import Defined, Names
    from pincheck.following.values import Values

PLIST = "plist"
SETTING = "xcconfig"
MAX_INCLUDES = 20
MAX_NESTED = 60

# asked for in code ---------------------------------------------------------------


def asks_info(call: Call) -> bool:
    """Tell ``object(forInfoDictionaryKey:)`` and its like."""
    if not call.arguments:
        return False
    if call.name == "objectForInfoDictionaryKey":
        return True
    if call.name == "object" and call.arguments[0].name == "forInfoDictionaryKey":
        return True
    of = call.of
    asked = call.name in ("objectForKey", "valueForKey", "value", "object")
    return asked and isinstance(of, Name | Call) and of.name == "infoDictionary"


def info(values: Values, key: Value, place: Place) -> Node:
    """The value of a key of the app's Info.plist."""
    named = values.node(key, place)
    if named.kind != "text":
        return unknown("which value of Info.plist is asked for is computed", place)
    if values.names.members(named.value, PLIST):
        return values.node(Name(named.value, Name(PLIST)), place)
    values.wanted.add(named.value)
    return unknown(f"{named.value} of Info.plist is not in any file that was read", place)


def asks_setting(call: Call) -> bool:
    """Tell the call that stands for a build setting: ``setting`` makes it."""
    return call.name == SETTING and call.of is None and len(call.arguments) == 1


def built(values: Values, call: Call, place: Place) -> Node:
    """The value of a build setting, in each configuration file that is included by no other."""
    named = call.arguments[0].value
    name = named.value if isinstance(named, Literal) else ""
    by_path: dict[str, Defined] = {each.module.path: each for each in values.names.members(name, SETTING)}
    if not by_path:
        values.wanted.add(name)
        return unknown(f"{name} is a build setting that no file that was read sets", place)
    including = _including(values.names)
    included = {below for path in including for below in including[path]}
    roots = [
        path
        for path in sorted(including)
        if path not in included and by_path.keys() & {path, *including[path]}
    ] or sorted(by_path)
    labels = [path.rpartition("/")[2] for path in roots] if len(roots) > 1 else [""]
    root = roots[values.worlds.choose((SETTING, tuple(roots)), "either", labels)]
    order = (root, *including.get(root, ()))
    chosen = next(by_path[path] for path in order if path in by_path)
    if values.deep():
        return unknown(f"{name} is set by itself", place)
    return values.node(chosen.definition.value, Place(chosen.module, chosen.definition.frame, {}))


def _including(names: Names) -> dict[str, tuple[str, ...]]:
    """The configuration files, with those that each includes, at any remove."""
    files = {path: module for path, module in names.modules.items() if module.language == SETTING}
    by_name: dict[str, list[str]] = {}
    for path in files:
        by_name.setdefault(path.rpartition("/")[2], []).append(path)
    found = {}
    for path in files:
        below: dict[str, None] = {}
        waiting = [path]
        while waiting and len(below) < MAX_INCLUDES:
            for name in files[waiting.pop()].imports:
                for each in by_name.get(name.rpartition("/")[2], ()):
                    if each not in below and each != path:
                        below[each] = None
                        waiting.append(each)
        found[path] = tuple(below)
    return found
