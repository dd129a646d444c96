"""What is wrong with ``.pincheck.yml``, each fault in one sentence with its line.

A misspelt word is told the nearest right one; where there is none, the words that are known.
"""

import re
from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import Any, NamedTuple

from pincheck.model import DeclaredHost, DeclaredPin, HostSyntax, PinCodec, Semantics, Text
from pincheck.readers.data_path import BadPath, Path, read_path
from pincheck.readers.host_text import read_host
from pincheck.readers.pin_text import read_pin
from pincheck.readers.tree import Node
from pincheck.readers.words import nearest

VERSION = "1"
MAX_FAULTS = 50
"""More are not looked for."""

_STATED = Semantics("pincheck", "any", codec=PinCodec(prefix="optional", blanks="trimmed"))
_HOSTS = Semantics("pincheck", "any", hosts=HostSyntax(wildcards=("*.",)))


class Fault(NamedTuple):
    """One thing that is wrong with the file."""

    line: int
    what: str
    last: bool = False
    """Said only if there is no other."""


def faults(root: Node, schema: dict[str, Any]) -> Iterator[Fault]:
    """Everything that is wrong with the file; if its version is, nothing else is known. In no order."""
    version = root.get("version")
    if version and (version.kind, version.value) != ("number", VERSION):
        if version.value == VERSION:
            yield Fault(version.at.line, f"version must be the number {VERSION}; remove the quotes")
        else:
            known = f"this pincheck reads version {VERSION}"
            yield Fault(version.at.line, f"unknown version {_said(version)}; {known}")
        return
    repeated = list(_repeated(root))
    yield from repeated
    wrong = list(_against_schema(root, schema))
    yield from wrong
    if not repeated and not wrong:
        yield from _unusable(root)


def _repeated(root: Node) -> Iterator[Fault]:
    for node in root.walk():
        first: dict[str, Text] = {}
        for key, _ in node.entries:
            earlier = first.setdefault(key.value, key)
            if earlier is not key:
                yield Fault(
                    key.at.line, f'the key "{key.value}" stands twice, first in line {earlier.at.line}'
                )


def _against_schema(root: Node, schema: dict[str, Any]) -> Iterator[Fault]:
    from jsonschema import Draft202012Validator

    places = _Places(root)
    errors = Draft202012Validator(schema).iter_errors(_plain(root))  # in no order
    for error in sorted(errors, key=places.line)[:MAX_FAULTS]:
        yield from islice(_said_by_schema(places, error), MAX_FAULTS)


class _Places:
    """Where the values stand that ``jsonschema`` speaks of."""

    def __init__(self, root: Node) -> None:
        self._root = root
        self._entries: dict[int, dict[str, tuple[Text, Node]]] = {}

    def line(self, error: Any) -> int:
        """Where a fault stands, to sort by."""
        node, _ = self.node(error.absolute_path)
        if "propertyNames" in error.absolute_schema_path:
            return self.key(node, error.instance).at.line
        return node.at.line

    def node(self, path: Any) -> tuple[Node, str]:
        """The value at the end of a path of keys and numbers, and the path as messages begin with it."""
        node, words = self._root, ""
        for step in path:
            if isinstance(step, int):
                node, words = node.items[step], f"{words}[{step + 1}]"
            else:
                node, words = self._of(node)[step][1], f"{words}.{step}" if words else step
        return node, f"{words}: " if words else ""

    def key(self, node: Node, name: str) -> Text:
        return self._of(node)[name][0]

    def _of(self, node: Node) -> dict[str, tuple[Text, Node]]:
        if id(node) not in self._entries:
            self._entries[id(node)] = {key.value: (key, value) for key, value in node.entries}
        return self._entries[id(node)]


def _plain(node: Node) -> Any:
    """The value without its places."""
    match node.kind:
        case "map":
            return {key.value: _plain(value) for key, value in node.entries}
        case "list":
            return [_plain(item) for item in node.items]
        case "number":
            return int(node.value[:12]) if re.fullmatch(r"[+-]?\d+", node.value) else float("nan")
        case "bool":
            return node.value == "true"
        case "null":
            return None
        case _:
            return node.value


def _said_by_schema(places: _Places, error: Any) -> Iterator[Fault]:
    """A fault that ``jsonschema`` found, in words for the user."""
    node, place = places.node(error.absolute_path)
    line = node.at.line
    match error.validator:
        case "additionalProperties":
            known = list(error.schema["properties"])
            for key, _ in node.entries:
                if key.value not in known:
                    yield Fault(
                        key.at.line, f'{place}unknown key "{key.value}"; {_nearest(key.value, known)}'
                    )
        case "enum" if "propertyNames" in error.absolute_schema_path:
            key = places.key(node, error.instance)
            yield Fault(key.at.line, _unknown_rule(key.value, error.validator_value))
        case "enum" if error.schema.get("description", "").startswith("Name of a rule"):
            yield Fault(line, _unknown_rule(node.value, error.validator_value))
        case "enum":
            yield Fault(
                line, f"{place}{_said(node)} is not allowed; {_nearest(node.value, error.validator_value)}"
            )
        case "required" if not error.absolute_path:
            yield Fault(1, f'no version; begin the file with "version: {VERSION}"', last=True)
        case "required":
            missing = [key for key in error.validator_value if not node.get(key)]
            yield Fault(line, f'{place}"{missing[0]}" is missing')
        case "anyOf":
            yield Fault(
                line, f"{place}names neither a rule, a host nor a path, so it would silence everything"
            )
        case "type":
            yield Fault(line, f"{place}must be {_wanted(error.validator_value)}, not {_found(node, error)}")
        case "minimum" | "maximum" | "not" if "not" in error.schema:
            within, gap = error.schema, error.schema["not"]
            range_ = f"{gap['maximum'] + 1} to {within['maximum']}"
            yield Fault(line, f"{place}must be {within['minimum']}, or {range_}, not {node.value[:12]}")
        case "minimum" | "maximum":
            bound = "at least" if error.validator == "minimum" else "at most"
            yield Fault(line, f"{place}must be {bound} {error.validator_value}")
        case "minLength" | "minItems":
            yield Fault(line, f"{place}is empty")
        case _:
            yield Fault(line, f"{place}{str(error.message)[:200]}")


_KINDS = {
    "map": "keys with values", "list": "a list", "text": "a text", "number": "a number",
    "bool": "true or false", "null": "nothing", "data": "data", "date": "a date",
}  # fmt: skip
_TYPES = {
    "object": "keys with values", "array": "a list", "string": "a text", "integer": "a whole number",
    "boolean": "true or false",
}  # fmt: skip


def _wanted(types: str | list[str]) -> str:
    return " or ".join(_TYPES[name] for name in ([types] if isinstance(types, str) else types))


def _found(node: Node, error: Any) -> str:
    """What stands in the wrong place, and how to mend it if quotes do."""
    if node.kind in ("map", "list", "null"):
        return _KINDS[node.kind]
    hint = f'; write "{node.value}" in quotes' if "string" in error.validator_value else ""
    return (node.value if node.kind != "text" else f"the text {_said(node)}") + hint


def _unknown_rule(name: str, known: list[str]) -> str:
    return f'unknown rule "{name}"; {_nearest(name, known, "pincheck explain lists the rules")}'


def _nearest(word: str, known: list[str], otherwise: str = "") -> str:
    if near := nearest(word.replace("_", "-"), known):
        return f'did you mean "{near}"?'
    return otherwise or "known here: " + ", ".join(known)


def _said(node: Node) -> str:
    return f'"{node.value[:60]}"' if node.kind not in ("map", "list", "null") else _KINDS[node.kind]


# what a schema cannot say ------------------------------------------------------


def _unusable(root: Node) -> Iterator[Fault]:
    """Pins, hosts, dates and paths that have the right type and no meaning."""
    for name, host in value_of(root, "hosts").entries:
        yield from _bad_host(name, host)
        for pin in value_of(host, "pins").items:
            yield from _bad_pin(name.value, pin)
    for ignored in value_of(root, "ignore").items:
        yield from _bad_day(ignored.get("until"))
    for mapping in value_of(root, "mappings").items:
        yield from _bad_mapping(mapping)


def _bad_host(name: Text, host: Node) -> Iterator[Fault]:
    names = value_of(host, "names").items
    yield from _bad_name(name)
    for node in names:
        if "*" in node.value:
            what = "holds a *; names are those of hosts, without a wildcard"
            yield Fault(node.at.line, f'hosts: "{node.value[:60]}" {what}')
        elif bad := list(_bad_name(node.text)):
            yield from bad
        elif len(node.value) > _LONGEST or not re.fullmatch(_NAME, node.value):
            yield Fault(node.at.line, f'hosts: "{node.value[:60]}" is no host name')
    for node in names:
        if not name.value.startswith("*."):
            yield Fault(node.at.line, f"hosts.{name.value}: names are for hosts that begin with *.")
            return
        if not node.value.lower().endswith(name.value[1:].lower()):
            yield Fault(node.at.line, f'hosts: "{node.value}" is no name below {name.value[2:]}')


_LONGEST = 253
_NAME = r"(?i)(?:(?!-)[a-z0-9_-]{1,63}(?<!-)\.)*(?!-)[a-z0-9_-]{1,63}(?<!-)"
"""Labels as RFC 1123 has them, and with the underscore that some hosts carry."""


def _bad_name(text: Text) -> Iterator[Fault]:
    fault = read_host(DeclaredHost(text.value, text.at), _HOSTS).fault
    if fault:
        yield Fault(text.at.line, _joined(f'hosts: "{text.value}" {fault.what}', fault.remedy))


def _bad_pin(host: str, stated: Node) -> Iterator[Fault]:
    pin = stated_pin(stated)
    why = pin.fault.what if pin.fault else pin.suspicion
    if pin.placeholder:
        why = f"is {pin.placeholder}, no real pin"
    if not why and (pin.pin is None or pin.pin.algorithm != "sha256"):
        why = "is no SHA-256 in base64"
    if why:
        yield Fault(pin.at.line, f'hosts.{host}: the pin "{pin.text[:60]}" {why}')
    yield from _bad_day(stated.get("created"))


def _bad_day(node: Node | None) -> Iterator[Fault]:
    if node and not _is_day(node.value):
        yield Fault(node.at.line, f"{_said(node)} is no day; write YYYY-MM-DD")


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _bad_mapping(mapping: Node) -> Iterator[Fault]:
    hosts = value_of(mapping, "hosts")
    start: Path = ()
    for node in (hosts, value_of(mapping, "pins"), value_of(mapping, "expires")):
        if node.kind in ("list", "null"):
            continue
        try:
            path = read_path(node.value, start)
        except BadPath as bad:
            yield Fault(node.at.line, f"mappings: {bad}")
            return
        start = path if node is hosts else start
    for host in hosts.items:
        fault = read_host(DeclaredHost(host.value, host.at), _HOSTS).fault
        if fault:
            yield Fault(host.at.line, _joined(f'mappings: "{host.value}" {fault.what}', fault.remedy))


def _joined(what: str, remedy: str) -> str:
    return f"{what}; {remedy}" if remedy else what


# tree ------------------------------------------------------------------------


def stated_pin(stated: Node) -> DeclaredPin:
    """What an element of ``pins`` states: the pin itself, or keys with the pin among them."""
    return read_pin((stated.get("pin") or stated).text, _STATED)


def value_of(node: Node, key: str) -> Node:
    """The value of a key; a null where the key is missing."""
    return node.get(key) or Node("null", node.at)
