"""Values that Apple's builds give: Info.plist's, as code asks for them, and Xcode's build settings.

A plist becomes a module in ``readers/plist_module.py``, an ``.xcconfig`` file or a project here; their
definitions have the owners ``plist`` and ``xcconfig``. Sources: Apple's reference of
``Bundle.object(forInfoDictionaryKey:)``, and Xcode's help on configuration settings files: ``//`` starts a
comment wherever it stands, ``#include`` takes in another file, a condition may follow a name in brackets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pincheck.following.nodes import Place, unknown
from pincheck.model import SourceFile
from pincheck.model.code import Call, Definition, Frame, Literal, Module, Name, Value
from pincheck.readers.plist_module import PLIST, SETTING, with_settings
from pincheck.readers.text import Lines, decode
from pincheck.readers.tree import Node

if TYPE_CHECKING:
    from pincheck.following.evaluator import Evaluator

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


def info(values: Evaluator, key: Value, place: Place) -> Node:
    """The value of a key of the app's Info.plist."""
    named = values.node(key, place)
    if named.kind != "text":
        return unknown("which value of Info.plist is asked for is computed", place)
    if values.names.members(named.value, PLIST):
        return values.node(Name(named.value, Name(PLIST)), place)
    values.want(named.value)
    return unknown(f"{named.value} of Info.plist is not in any file that was read", place)


# build settings ------------------------------------------------------------------


def xcconfig(source: SourceFile) -> Module:
    """What a configuration settings file sets; a later line of a name takes the place of an earlier one."""
    text = decode(source.data)
    lines = Lines(source.path, text)
    frame = _frame(source.path, source.path.rpartition("/")[2].rpartition(".")[0])
    found = {}
    for match in re.finditer(_LINE, text):
        value = re.split("//", match[3], maxsplit=1)[0].rstrip().rstrip(";")
        start = match.start(3)
        at = lines.location(start, start + len(value))
        found[match[1] + match[2]] = Definition(
            match[1], with_settings(Literal(value, at)), frame, at, SETTING
        )
    included = tuple(match[1] for match in re.finditer(_INCLUDE, text))
    return Module(source.path, SETTING, tuple(found.values()), (), {}, (), (), included)


def project(source: SourceFile) -> Module:
    """The build settings of an Xcode project, each in the branch of its configuration."""
    text = decode(source.data)
    lines = Lines(source.path, text)
    found = tuple(_of_project(source.path, text, lines))
    return Module(source.path, SETTING, found, (), {}, (), (), ())


def _of_project(path: str, text: str, lines: Lines) -> Iterator[Definition]:
    waiting: list[tuple[str, Literal]] = []
    for match in re.finditer(_PROJECT_LINE, text):
        if match[1] == "name":
            frame = _frame(path, _unquoted(match[2]))
            for name, literal in waiting:
                yield Definition(name, with_settings(literal), frame, literal.at, SETTING)
            waiting = []
        elif match[1] == "isa":
            waiting = []
        elif match[1].isupper():
            value = _unquoted(match[2])
            start = match.start(2) + match[2].startswith('"')
            waiting.append((match[1], Literal(value, lines.location(start, start + len(value)))))


def _unquoted(text: str) -> str:
    if not text.startswith('"'):
        return text
    return re.sub(r"\\(.)", r"\1", text[1:-1])


def _frame(path: str, configuration: str) -> Frame:
    """The file; for a configuration of Debug or Release, the branch that stands for it in code."""
    file = Frame(1, "file", path, None)
    if configuration.lower() in ("debug", "release"):
        return Frame(2, "branch", configuration.upper(), file)
    return file if path.endswith(".xcconfig") else Frame(2, "branch", configuration, file)


_LINE = r"(?m)^[ \t]*([A-Za-z_]\w{0,100})((?:\[[^\]\n]{0,100}\])*)[ \t]*=[ \t]*([^\r\n]{0,4000})"
_INCLUDE = r"(?m)^[ \t]*#include\??[ \t]*\"([^\"\r\n]{1,300})\""
_PROJECT_LINE = r"(?m)^[ \t]*([A-Za-z_]\w{0,100}) = (\"(?:[^\"\\\r\n]|\\.){0,4000}\"|[^\"\s;]{1,4000});"
