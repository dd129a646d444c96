"""``.pincheck.yml`` -> Policy, checked against ``schemas/config-v1.json``.

Every fault is a ``ConfigError`` that names its line and, for a misspelt word, the nearest right one.
"""

import os
import re
import stat
from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import Any, NamedTuple, cast

from pincheck import schemas
from pincheck.errors import ConfigError
from pincheck.model import (
    DeclaredHost,
    HostPolicy,
    HostSyntax,
    Mapping,
    PinCodec,
    Policy,
    Semantics,
    SourceFile,
    StatedPin,
    Suppression,
    Text,
)
from pincheck.readers import data
from pincheck.readers.host_text import read_host
from pincheck.readers.pin_text import read_pin
from pincheck.readers.tree import Node
from pincheck.readers.unreadable import Unreadable

MAX_BYTES = 1024 * 1024
MAX_VALUES = 10_000
"""Each use of an alias counted in full."""

MAX_FAULTS = 50
"""More are not looked for."""
VERSION = "1"

_STATED = Semantics("pincheck", "any", codec=PinCodec(prefix="optional", blanks="trimmed"))
_HOSTS = Semantics("pincheck", "any", hosts=HostSyntax(wildcards=("*.",)))


def load(path: str, shown: str) -> Policy:
    """Return what the file at ``path`` asks for; messages and Locations call it ``shown``.

    An empty file asks for the defaults. Raise ``ConfigError`` for the first fault in it.
    """
    root = _root(SourceFile(shown, _contents(path, shown)))
    if root is None:
        return Policy(path=shown)
    faults = sorted(_faults(root), key=lambda fault: (fault.last, fault.line))
    if faults:
        more = f" (and {len(faults) - 1} more in this file)" if len(faults) > 1 else ""
        raise ConfigError(f"{shown}:{faults[0].line}: {faults[0].what}{more}")
    return _policy(root, shown)


def schema() -> dict[str, Any]:
    """The JSON Schema of the file, with the names of all rules filled in."""
    import json

    from pincheck.registry import rules

    published: dict[str, Any] = json.loads(schemas.text("config"))
    published["$defs"]["rule"]["enum"] = [rule.name for rule in rules()]
    return published


# file ------------------------------------------------------------------------


def _contents(path: str, shown: str) -> bytes:
    try:
        if not stat.S_ISREG(mode := os.stat(path).st_mode):
            raise ConfigError(f"{shown}: is a {'folder' if stat.S_ISDIR(mode) else 'device'}, not a file")
        with open(path, "rb") as file:
            contents = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{shown}: cannot be read: {error.strerror}") from None
    if len(contents) > MAX_BYTES:
        raise ConfigError(f"{shown}: is larger than {MAX_BYTES // 1024 // 1024} MB")
    return contents


def _root(source: SourceFile) -> Node | None:
    """The map in the file without its empty sections, or None if the file holds nothing."""
    try:
        documents = data.read_yaml_documents(source, strict=True)
    except data.Malformed as fault:
        raise ConfigError(f"{source.path}:{fault.line}: {fault.what}{_quotes(source, fault.line)}") from None
    except Unreadable as fault:
        raise ConfigError(f"{source.path}: {fault}") from None
    if len(documents) > 1:
        raise ConfigError(f"{source.path}:{documents[1].at.line}: a second document begins; keep one")
    root = documents[0] if documents else None
    if root is None or root.kind == "null":
        return None
    if root.kind != "map":
        raise ConfigError(f'{source.path}:{root.at.line}: no keys here; begin with "version: {VERSION}"')
    if _too_large(root):
        raise ConfigError(f"{source.path}: more than {MAX_VALUES} values, its aliases counted in full")
    return root._replace(entries=tuple(entry for entry in root.entries if entry[1].kind != "null"))


def _quotes(source: SourceFile, line: int) -> str:
    """A hint for a line whose patterns or paths YAML takes for signs of its own."""
    lines = source.data.splitlines()
    found = re.search(rb"\*|@|\[\]", lines[line - 1]) if line <= len(lines) else None
    return f"; a text with {found[0].decode()} in it needs quotes" if found else ""


def _too_large(root: Node) -> bool:
    return sum(1 for _ in root.walk()) > MAX_VALUES


# faults ----------------------------------------------------------------------


class _Fault(NamedTuple):
    line: int
    what: str
    last: bool = False
    """Said only if there is no other."""


def _faults(root: Node) -> Iterator[_Fault]:
    """Everything that is wrong with the file; if its version is, nothing else is known."""
    version = root.get("version")
    if version and (version.kind, version.value) != ("number", VERSION):
        if version.value == VERSION:
            yield _Fault(version.at.line, f"version must be the number {VERSION}; remove the quotes")
        else:
            known = f"this pincheck reads version {VERSION}"
            yield _Fault(version.at.line, f"unknown version {_said(version)}; {known}")
        return
    repeated = list(_repeated(root))
    yield from repeated
    wrong = list(_against_schema(root))
    yield from wrong
    if not repeated and not wrong:
        yield from _unusable(root)


def _repeated(root: Node) -> Iterator[_Fault]:
    for node in root.walk():
        first: dict[str, Text] = {}
        for key, _ in node.entries:
            earlier = first.setdefault(key.value, key)
            if earlier is not key:
                yield _Fault(
                    key.at.line, f'the key "{key.value}" stands twice, first in line {earlier.at.line}'
                )


def _against_schema(root: Node) -> Iterator[_Fault]:
    from jsonschema import Draft202012Validator

    places = _Places(root)
    errors = Draft202012Validator(schema()).iter_errors(_plain(root))  # in no order
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


def _said_by_schema(places: _Places, error: Any) -> Iterator[_Fault]:
    """A fault that ``jsonschema`` found, in words for the user."""
    node, place = places.node(error.absolute_path)
    line = node.at.line
    match error.validator:
        case "additionalProperties":
            known = list(error.schema["properties"])
            for key, _ in node.entries:
                if key.value not in known:
                    yield _Fault(
                        key.at.line, f'{place}unknown key "{key.value}"; {_nearest(key.value, known)}'
                    )
        case "enum" if "propertyNames" in error.absolute_schema_path:
            key = places.key(node, error.instance)
            yield _Fault(key.at.line, _unknown_rule(key.value, error.validator_value))
        case "enum" if error.schema.get("description", "").startswith("Name of a rule"):
            yield _Fault(line, _unknown_rule(node.value, error.validator_value))
        case "enum":
            yield _Fault(
                line, f"{place}{_said(node)} is not allowed; {_nearest(node.value, error.validator_value)}"
            )
        case "required" if not error.absolute_path:
            yield _Fault(1, f'no version; begin the file with "version: {VERSION}"', last=True)
        case "required":
            missing = [key for key in error.validator_value if not node.get(key)]
            yield _Fault(line, f'{place}"{missing[0]}" is missing')
        case "anyOf":
            yield _Fault(
                line, f"{place}names neither a rule, a host nor a path, so it would silence everything"
            )
        case "type":
            yield _Fault(line, f"{place}must be {_wanted(error.validator_value)}, not {_found(node, error)}")
        case "minimum" | "maximum":
            bound = "at least" if error.validator == "minimum" else "at most"
            yield _Fault(line, f"{place}must be {bound} {error.validator_value}")
        case "minLength" | "minItems":
            yield _Fault(line, f"{place}is empty")
        case _:
            yield _Fault(line, f"{place}{str(error.message)[:200]}")


_KINDS = {
    "map": "keys with values", "list": "a list", "text": "a text", "number": "a number",
    "bool": "true or false", "null": "nothing", "data": "data", "date": "a date",
}  # fmt: skip
_TYPES = {"object": "keys with values", "array": "a list", "string": "a text", "integer": "a whole number"}


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
    from difflib import get_close_matches

    near = get_close_matches(word[:100].lower().replace("_", "-"), known, 1)
    if near:
        return f'did you mean "{near[0]}"?'
    return otherwise or "known here: " + ", ".join(known)


def _said(node: Node) -> str:
    return f'"{node.value[:60]}"' if node.kind not in ("map", "list", "null") else _KINDS[node.kind]


# what a schema cannot say ------------------------------------------------------


def _unusable(root: Node) -> Iterator[_Fault]:
    """Pins, hosts, dates and paths that have the right type and no meaning."""
    for name, host in _entries(root, "hosts"):
        yield from _bad_host(name, host)
        for pin in _items(host, "pins"):
            yield from _bad_pin(name.value, pin)
    for ignored in _items(root, "ignore"):
        yield from _bad_day(ignored.get("until"))
    for mapping in _items(root, "mappings"):
        yield from _bad_mapping(mapping)


def _bad_host(name: Text, host: Node) -> Iterator[_Fault]:
    names = _items(host, "names")
    texts = [(name, _HOSTS), *((node.text, _HOSTS._replace(hosts=HostSyntax())) for node in names)]
    for text, semantics in texts:
        fault = read_host(DeclaredHost(text.value, text.at), semantics).fault
        if fault:
            yield _Fault(text.at.line, _joined(f'hosts: "{text.value}" {fault.what}', fault.remedy))
    for node in names:
        if not name.value.startswith("*."):
            yield _Fault(node.at.line, f"hosts.{name.value}: names are for hosts that begin with *.")
            return
        if not node.value.lower().endswith(name.value[1:].lower()):
            yield _Fault(node.at.line, f'hosts: "{node.value}" is no name below {name.value[2:]}')


def _bad_pin(host: str, stated: Node) -> Iterator[_Fault]:
    pin = _pin_node(stated)
    read = read_pin(pin.text, _STATED)
    why = read.fault.what if read.fault else read.suspicion
    if read.placeholder:
        why = f"is {read.placeholder}, no real pin"
    if not why and (read.pin is None or read.pin.algorithm != "sha256"):
        why = "is no SHA-256 in base64"
    if why:
        yield _Fault(pin.at.line, f'hosts.{host}: the pin "{pin.value[:60]}" {why}')
    yield from _bad_day(stated.get("created"))


def _pin_node(stated: Node) -> Node:
    return stated.get("pin") or stated


def _bad_day(node: Node | None) -> Iterator[_Fault]:
    if node and not _is_day(node.value):
        yield _Fault(node.at.line, f"{_said(node)} is no day; write YYYY-MM-DD")


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _bad_mapping(node: Node) -> Iterator[_Fault]:
    from pincheck.parsers._mapped import BadPath, Path, read_path

    hosts = node.get("hosts")
    start: Path = ()
    for each in (hosts if hosts and hosts.kind == "text" else None, node.get("pins"), node.get("expires")):
        try:
            path = read_path(each.value, start) if each else ()
        except BadPath as bad:
            yield _Fault(each.at.line if each else node.at.line, f"mappings: {bad}")
            return
        start = start or path
    for host in hosts.items if hosts else ():
        fault = read_host(DeclaredHost(host.value, host.at), _HOSTS).fault
        if fault:
            yield _Fault(host.at.line, _joined(f'mappings: "{host.value}" {fault.what}', fault.remedy))


def _joined(what: str, remedy: str) -> str:
    return f"{what}; {remedy}" if remedy else what


# meaning ---------------------------------------------------------------------


def _policy(root: Node, shown: str) -> Policy:
    defaults = Policy()
    contexts = root.get("contexts")
    return Policy(
        path=shown,
        fail_on=cast(Any, _word(root, "fail-on") or defaults.fail_on),
        expiry_horizon_days=int(_word(root, "expiry-horizon-days") or defaults.expiry_horizon_days),
        expiry_latest_days=int(_word(root, "expiry-latest-days") or defaults.expiry_latest_days),
        severities=tuple((name.value, cast(Any, level.value)) for name, level in _entries(root, "rules")),
        contexts=cast(Any, _words(contexts)) if contexts and contexts.kind == "list" else defaults.contexts,
        hosts=tuple(_host(name, host) for name, host in _entries(root, "hosts")),
        mappings=tuple(_mapping(node) for node in _items(root, "mappings")),
        ignores=tuple(_suppression(node) for node in _items(root, "ignore")),
        exclude=_words(root.get("exclude")),
    )


def _host(name: Text, host: Node) -> HostPolicy:
    return HostPolicy(
        pattern=name.value,
        at=name.at,
        pins=tuple(_stated_pin(pin) for pin in _items(host, "pins")),
        names=tuple(node.value.lower() for node in _items(host, "names")),
        skip=_word(host, "skip"),
    )


def _stated_pin(stated: Node) -> StatedPin:
    node = _pin_node(stated)
    pin = read_pin(node.text, _STATED).pin
    assert pin
    return StatedPin(
        node.value, pin, node.at,
        role=cast(Any, _word(stated, "role")), ca=_word(stated, "ca"), key=_word(stated, "key"),
        file=_word(stated, "file"), owner=_word(stated, "owner"), created=_word(stated, "created"),
    )  # fmt: skip


def _mapping(node: Node) -> Mapping:
    hosts = node.get("hosts")
    return Mapping(
        files=_words(node.get("files")),
        hosts=hosts.value if hosts else "",
        pins=_word(node, "pins"),
        expires=_word(node, "expires"),
        hashed=cast(Any, _word(node, "kind") or "spki"),
        platform=cast(Any, _word(node, "platform") or "any"),
        stated=tuple(item.text for item in hosts.items) if hosts else (),
    )


def _suppression(node: Node) -> Suppression:
    return Suppression(
        node.at, _words(node.get("rule")), _word(node, "reason"), host=_word(node, "host"),
        path=_word(node, "path"), until=_word(node, "until"), in_config=True,
    )  # fmt: skip


# tree ------------------------------------------------------------------------


def _word(node: Node, key: str) -> str:
    found = node.get(key)
    return found.value if found else ""


def _words(node: Node | None) -> tuple[str, ...]:
    """The texts of a list, or the one text that stands in its place."""
    if not node or node.kind == "null":
        return ()
    return (node.value,) if node.kind != "list" else tuple(item.value for item in node.items)


def _items(node: Node, key: str) -> tuple[Node, ...]:
    found = node.get(key)
    return found.items if found else ()


def _entries(node: Node, key: str) -> tuple[tuple[Text, Node], ...]:
    found = node.get(key)
    return found.entries if found else ()
