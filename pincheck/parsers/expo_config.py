"""Expo: what an app configuration gives its plugins, and the Info.plist of one that is code.

Sources: https://docs.expo.dev/versions/latest/config/app/ (``plugins``, ``ios.infoPlist``; the root may be
wrapped in ``expo``); https://docs.expo.dev/workflow/configuration/ (``app.config.js`` and ``.ts``). A plugin is
its name, or a list of its name and what it is given. The Info.plist of an ``app.json`` is read by ``expo``.
"""

from collections.abc import Callable, Iterator

from pincheck.model import Declaration, Defect, Gap, Parsed, SourceFile, Text
from pincheck.model.code import Entries, Items, Literal, Name, Value
from pincheck.parsers import _expo_arguments, _expo_plist, _script
from pincheck.readers import json_text
from pincheck.readers.sought import Followed, Sought
from pincheck.registry import parser


@parser(
    files=(
        *("app.json", "app.*.json"),
        *("app.config.js", "app.config.cjs", "app.config.mjs", "app.config.ts"),
        *("app.config.*.js", "app.config.*.ts"),
    ),
    markers=(),
)
def parse(source: SourceFile) -> Iterator[Parsed | Sought]:
    """Yield what the plugins are given, and of code what the Info.plist declares."""
    if source.path.endswith(".json"):
        yield from _json(source)
        return
    module = _script.read(source)
    if module is None:
        return
    for value, around in _script.placed(module):
        if isinstance(value, Items) and len(value.items) == 2 and _is_plugin(value.items[0], value.items[1]):
            name = _name(value.items[0], value)
            yield Sought(
                value.at, _expo_arguments.MECHANISM, module, around.frame, (value.items[1],), _reader(name)
            )
    yield from _expo_plist.sought(module)


def _json(source: SourceFile) -> Iterator[Declaration | Defect | Gap]:
    root = json_text.read(source)
    plugins = (root.get("expo") or root).get("plugins")
    for plugin in plugins.items if plugins else ():
        if len(plugin.items) == 2 and plugin.items[0].kind == "text":
            yield from _expo_arguments.declarations(plugin.items[0].text, plugin.items[1])


def _is_plugin(name: Value, given: Value) -> bool:
    """Tell a plugin and its arguments from any other pair."""
    if isinstance(name, Literal):
        path = name.value.startswith((".", "@")) or "-" in name.value or "plugin" in name.value.lower()
        return path and not isinstance(given, Literal)
    return isinstance(name, Name) and isinstance(given, Entries)


def _name(value: Value, pair: Items) -> Text:
    if isinstance(value, Literal):
        return Text(value.value, value.at)
    return Text(value.name if isinstance(value, Name) else "", pair.at)


def _reader(name: Text) -> Callable[[Followed], Iterator[Parsed]]:
    def read(followed: Followed) -> Iterator[Parsed]:
        (given,) = followed.values
        if given.kind == "map":
            context = _script.build(followed)
            yield from _expo_arguments.declarations(name, given, context)

    return read
