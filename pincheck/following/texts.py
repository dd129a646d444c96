"""Texts that functions make: formats, replacements, resources, values of the environment."""

import re

from pincheck.following import vocabulary as words
from pincheck.following.evaluator import Evaluator
from pincheck.following.nodes import Place, joined, unknown
from pincheck.model.code import Call, Literal, Name
from pincheck.readers.tree import Node


def formatted(values: Evaluator, call: Call, place: Place) -> Node:
    """``String.format("sha256/%s", pin)``, ``"sha256/%s".format(pin)``."""
    given = [argument.value for argument in call.arguments]
    of = call.of
    if isinstance(of, Literal) or (
        of is not None and not (isinstance(of, Name) and of.name in words.FORMATTERS)
    ):
        given = [of, *given]
    nodes = [values.node(each, place) for each in given]
    if nodes and nodes[0].kind == "unknown" and len(nodes) > 1 and nodes[1].kind == "text":
        nodes = nodes[1:]  # a locale stands before the format
    if not nodes or nodes[0].kind != "text":
        return unknown("its format is computed", place)
    return _filled(nodes[0], nodes[1:], place)


def _filled(pattern: Node, given: list[Node], place: Place) -> Node:
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
        if index >= len(given):
            return unknown("its format wants more than it is given", place)
        pieces.append(given[index])
    pieces.append(pattern._replace(value=pattern.value[position:]))
    return joined(pieces, place)


def replaced(values: Evaluator, call: Call, of: Node, place: Place) -> Node:
    """A text without a part of it, or with another in its place."""
    given = [values.node(argument.value, place) for argument in call.arguments]
    if not given or any(each.kind != "text" for each in given):
        return unknown(f"{call.name}() is not followed", place)
    text, first = of.value, given[0].value
    if call.name == "removePrefix":
        text = text.removeprefix(first)
    elif call.name == "removeSuffix":
        text = text.removesuffix(first)
    elif call.name == "substringAfter":
        text = text.partition(first)[2] if first in text else text
    elif first:
        text = text.replace(first, given[1].value if len(given) > 1 else "")
    return of._replace(value=text)


def environment(values: Evaluator, call: Call, place: Place) -> Node:
    """A value of the environment: where a file of the repository sets it, else its default."""
    given = values.node(call.arguments[0].value, place) if call.arguments else None
    if given is None or given.kind != "text":
        return unknown("it is set in the environment of the build", place)
    if values.names.members(given.value, "env"):
        return values.node(Name(given.value, Name("env")), place)
    values.want(given.value)
    default = call.named("defaultValue", "default") or next(iter(call.positional[1:]), None)
    if default is not None:
        return values.node(default, place)
    return unknown(f"{given.value} is set in the environment of the build", place)
