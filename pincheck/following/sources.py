"""Files that give names their values -> modules: source code, and the settings of builds."""

import re
from collections.abc import Iterable, Iterator

from pincheck.following import settings
from pincheck.model import Location, SourceFile
from pincheck.model.code import Call, Definition, Frame, Items, Lambda, Literal, Module, Other, Value
from pincheck.readers import plist_module, syntax
from pincheck.readers.env_files import ENV_FILES, is_sample
from pincheck.readers.text import Lines, decode
from pincheck.readers.unreadable import Unreadable

FILES = (*syntax.FILES, "*.xml", "*.properties", "*.env", *ENV_FILES, "*.xcconfig", "*.pbxproj", "*.plist")
"""Globs of the files that may define a name."""


def modules(sources: Iterable[SourceFile]) -> Iterator[Module]:
    """Yield what the files define; one that cannot be read, or that is a sample of settings, defines nothing."""
    for source in sources:
        if is_sample(source.path):
            continue
        try:
            if syntax.readable(source.path):
                yield with_build_fields(syntax.read(source))
            elif source.path.endswith(".xml"):
                yield _resources(source)
            elif source.path.endswith(".xcconfig"):
                yield settings.xcconfig(source)
            elif source.path.endswith(".pbxproj"):
                yield settings.project(source)
            elif source.path.endswith(".plist"):
                yield plist_module.read(source)
            else:
                yield _settings(source)
        except Unreadable:
            continue


# Gradle ----------------------------------------------------------------------


BUILD_SCRIPTS = (".gradle", ".kts", ".groovy")
GENERATED = frozenset({"BuildConfig"})
"""Types that a build writes, so that only its scripts say what is in them."""
MAIN = "main"
"""What a definition for all variants of the app is called among those for one."""


def with_build_fields(module: Module) -> Module:
    """Add what a build script generates: ``BuildConfig`` fields and string resources."""
    if not module.path.endswith(BUILD_SCRIPTS):
        return module
    found = list(module.definitions)
    names = _block_names(module)
    for name, owner in (("buildConfigField", "BuildConfig"), ("resValue", "string")):
        for call, frame in module.calls.get(name, ()):
            given = [argument.value for argument in call.arguments]
            if len(given) == 3 and isinstance(given[1], Literal):
                value = _code(given[2]) if name == "buildConfigField" else given[2]
                found.append(Definition(given[1].value, value, _variant(frame, names), call.at, owner))
    return module._replace(definitions=tuple(found))


def _block_names(module: Module) -> dict[int, str]:
    """What blocks are called that a call gives their name: ``getByName("debug") { }``, by their frames."""
    return {
        argument.value.frame.number: call.arguments[0].value.value
        for name in ("getByName", "create", "maybeCreate", "named", "register")
        for call, _ in module.calls.get(name, ())
        for argument in call.arguments
        if isinstance(argument.value, Lambda) and isinstance(call.arguments[0].value, Literal)
    }


def _variant(frame: Frame, names: dict[int, str]) -> Frame:
    """The place of a build field: the file, in a branch of the build type or flavour it is set for."""
    file = _file(frame)
    for each in frame.outward():
        name = names.get(each.number, each.name)
        if (
            each.outer is not None
            and each.outer.name in ("buildTypes", "productFlavors")
            and name not in ("all", "each", "configureEach")
        ):
            return each._replace(kind="branch", name=name, outer=file)
    return file


def _file(frame: Frame) -> Frame:
    return frame.outward()[-1]


def _code(value: Value) -> Value:
    """The value that a piece of Java source stands for: the text in its quotes, or several in an array."""
    if not isinstance(value, Literal):
        return Call("unquoted", value, (), _at(value))
    if "${" in value.value:
        return Other(value.value, (), value.at)
    if re.fullmatch(r"(?:new String\[\] ?)?\{\s*\}", value.value.strip()):
        return Other("{}", (), value.at)
    quoted = re.findall(r'"((?:[^"\\]|\\.)*)"', value.value)
    if len(quoted) == 1 and not value.value.lstrip().startswith("{") and "[]" not in value.value:
        return Literal(quoted[0], value.at)
    if quoted:
        return Items(tuple(Literal(text, value.at) for text in quoted), value.at)
    return value


def _at(value: Value) -> Location:
    at = getattr(value, "at", None)
    if isinstance(at, Location):
        return at
    parts = getattr(value, "parts", ())
    found = next((part.at for part in parts if isinstance(part, Literal)), None)
    return found or Location("", 1, 1, 1, 1)


# settings --------------------------------------------------------------------


def _settings(source: SourceFile) -> Module:
    """``NAME=value`` lines: ``.env``, ``gradle.properties``; asked of the environment."""
    text = decode(source.data)
    lines = Lines(source.path, text)
    file = Frame(1, "file", source.path, None)
    found = []
    for match in re.finditer(_LINE, text):
        value = match[2].strip()
        start = match.start(2)
        if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
            value, start = value[1:-1], start + 1
        if value:
            at = lines.location(start, start + len(value))
            found.append(Definition(match[1], Literal(value, at), file, at, "env"))
    return Module(source.path, "settings", tuple(found), (), {}, (), (), ())


_LINE = r"(?m)^[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]{0,100})[ \t]*[=:][ \t]*([^\r\n]{1,4000})"


def _resources(source: SourceFile) -> Module:
    """Android's ``<string name>`` and ``<string-array name>``."""
    from pincheck.readers import xml

    file = Frame(1, "file", source.path, None)
    found: list[Definition] = []
    root = xml.read(source)
    for element in (each for tag in _RESOURCES for each in root.find_all(tag)):
        named = element.attribute("name")
        if named is None:
            continue
        value: Value
        if element.name in ("string", "item"):
            value = Literal(_plain(element.text.value), element.text.at)
            found.append(Definition(named.value, value, file, element.at, "string"))
        else:
            items = tuple(Literal(_plain(item.text.value), item.text.at) for item in element.named("item"))
            found.append(Definition(named.value, Items(items, element.at), file, element.at, "array"))
    return Module(source.path, "resources", tuple(found), (), {}, (), (), ())


_RESOURCES = ("string", "string-array", "array", "item")


def _plain(text: str) -> str:
    """The text as the app gets it: quotes dropped, escapes read."""
    return re.sub(r"\\(.)", r"\1", text.strip().strip('"'))
