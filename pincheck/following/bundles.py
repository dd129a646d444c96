"""What Apple's calls give back that read an app's bundle: files by their names, and Info.plist's values.

A certificate that is loaded from the bundle comes to the name of its file. Sources: Apple's reference
of ``Bundle`` (``url(forResource:withExtension:)``, ``object(forInfoDictionaryKey:)``) and of
``SecCertificateCreateWithData``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pincheck.following.nodes import Place, unknown
from pincheck.model.code import Call, Name, Value
from pincheck.readers.tree import Node

if TYPE_CHECKING:
    from pincheck.following.values import Values

OWNER = "plist"
"""The owner under which the values of plists are known."""

_FILES = frozenset({"path", "url", "pathForResource", "URLForResource", "paths", "urls"})
_LABELS = ("forResource", "named")
_ENDINGS = ("withExtension", "ofType")
_ALL = frozenset(
    {"pathsForResourcesOfType", "URLsForResourcesWithExtension", "forResourcesOfType", "forResourcesWithExtension"}
)
"""What gives every file of an ending: the name is then empty."""
_CONTENTS = frozenset(
    {"dataWithContentsOfFile", "dataWithContentsOfURL", "initWithContentsOfFile", "initWithContentsOfURL",
     "Data", "NSData", "dataWithData", "initWithData"}
)  # fmt: skip
_READING = ("", "contentsOf", "contentsOfFile", "referencing")
"""What reads a file, which goes by its name here; and the labels by which it is given one."""
_OF_CERTIFICATE = frozenset(
    {"SecCertificateCreateWithData", "SecCertificateCopyData", "SecCertificateCopyKey",
     "SecCertificateCopyPublicKey", "CFBridgingRelease", "CFBridgingRetain", "NSDataAsset"}
)  # fmt: skip
"""What makes or takes apart a certificate: its last argument that can be followed."""


def call(values: Values, call: Call, place: Place) -> Node | None:
    """Return what a call gives back that reads the bundle, or None for any other call."""
    if call.name in ("objectForInfoDictionaryKey", "object") and call.arguments:
        labels = [argument.name for argument in call.arguments]
        if call.name != "object" or labels == ["forInfoDictionaryKey"]:
            return info(values, call.arguments[0].value, place)
    if call.name in ("objectForKey", "valueForKey", "value", "object") and _is_info(call.of) and call.arguments:
        return info(values, call.arguments[0].value, place)
    if call.name in _FILES | _ALL:
        return _file(values, call, place)
    if call.name in _OF_CERTIFICATE and call.arguments:
        return _first_known(values, [argument.value for argument in call.arguments], place)
    if call.name in _CONTENTS and call.arguments and call.arguments[0].name in _READING:
        return values.node(call.arguments[0].value, place)
    return None


def info(values: Values, key: Value, place: Place) -> Node:
    """The value of a key of the app's Info.plist."""
    named = values.node(key, place)
    if named.kind != "text":
        return unknown("which value of Info.plist is asked for is computed", place)
    if values.names.members(named.value, OWNER):
        return values.node(Name(named.value, Name(OWNER)), place)
    values.wanted.add(named.value)
    return unknown(f"{named.value} of Info.plist is not in any file that was read", place)


def is_info_dictionary(value: Value) -> bool:
    """Tell ``Bundle.main.infoDictionary``."""
    return _is_info(value)


def _is_info(value: Value | None) -> bool:
    return isinstance(value, Name | Call) and value.name == "infoDictionary"


def _file(values: Values, call: Call, place: Place) -> Node | None:
    """The name of a file of the bundle, with its ending."""
    if call.name in _ALL or any(argument.name in _ALL for argument in call.arguments):
        return Node("text", call.at, "")
    objective = call.name in ("pathForResource", "URLForResource")
    asked = call.arguments[0].value if objective and call.arguments else call.named(*_LABELS)
    if asked is None:
        return None
    name = values.node(asked, place)
    ending = call.named(*_ENDINGS)
    end = values.node(ending, place) if ending is not None else None
    if name.kind != "text" or end is None or end.kind != "text" or not end.value:
        return name
    return name._replace(value=f"{name.value}.{end.value.lstrip('.')}")


def _first_known(values: Values, given: list[Value], place: Place) -> Node:
    nodes = [values.node(each, place) for each in given]
    return next((node for node in reversed(nodes) if node.kind in ("text", "list")), nodes[-1])


__all__ = ["OWNER", "call", "info", "is_info_dictionary"]
