"""``.pincheck.yml`` -> Policy, checked against ``schemas/config-v1.json``.

Every fault is a ``ConfigError`` that names its line; ``config_faults`` finds the words.
"""

import re
from typing import Any, cast

from pincheck import files, schemas
from pincheck.config_faults import VERSION, faults, stated_pin, value_of
from pincheck.errors import ConfigError
from pincheck.model import HostPolicy, Mapping, Policy, SourceFile, StatedPin, Suppression, Text
from pincheck.readers import yaml_text
from pincheck.readers.nesting import Malformed
from pincheck.readers.tree import Node
from pincheck.readers.unreadable import Unreadable

MAX_BYTES = 1024 * 1024
MAX_VALUES = 10_000
"""Each use of an alias counted in full."""


def load(path: str, shown: str) -> Policy:
    """Return what the file at ``path`` asks for; see ``read``."""
    return read(_contents(path, shown), shown)


def read(data: bytes, shown: str) -> Policy:
    """Return what a file that holds ``data`` asks for; messages and Locations call it ``shown``.

    An empty file asks for the defaults. Raise ``ConfigError`` for the first fault in it.
    """
    root = _root(SourceFile(shown, data))
    if root is None:
        return Policy(path=shown)
    found = sorted(faults(root, schema()), key=lambda fault: (fault.last, fault.line))
    if found:
        more = f" (and {len(found) - 1} more in this file)" if len(found) > 1 else ""
        raise ConfigError(f"{shown}:{found[0].line}: {found[0].what}{more}")
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
        return files.read(path, MAX_BYTES)
    except files.Unusable as error:
        raise ConfigError(f"{shown}: {error.why}") from None


def _root(source: SourceFile) -> Node | None:
    """The map in the file without its empty sections, or None if the file holds nothing."""
    try:
        documents = yaml_text.read_documents(source, strict=True)
    except Malformed as fault:
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


# meaning ---------------------------------------------------------------------


def _policy(root: Node, shown: str) -> Policy:
    defaults = Policy()
    contexts = value_of(root, "contexts")
    return Policy(
        path=shown,
        fail_on=cast(Any, _word(root, "fail-on") or defaults.fail_on),
        expiry_horizon_days=int(_word(root, "expiry-horizon-days") or defaults.expiry_horizon_days),
        expiry_latest_days=int(_word(root, "expiry-latest-days") or defaults.expiry_latest_days),
        severities=tuple(
            (name.value, cast(Any, level.value)) for name, level in value_of(root, "rules").entries
        ),
        contexts=cast(Any, _words(contexts)) if contexts.kind == "list" else defaults.contexts,
        hosts=tuple(_host(name, host) for name, host in value_of(root, "hosts").entries),
        mappings=tuple(_mapping(node) for node in value_of(root, "mappings").items),
        ignores=tuple(_suppression(node) for node in value_of(root, "ignore").items),
        exclude=_words(value_of(root, "exclude")),
        release_days=int(days) if (days := _word(root, "release-days")) else None,
    )


def _host(name: Text, host: Node) -> HostPolicy:
    return HostPolicy(
        pattern=name.value,
        at=name.at,
        pins=tuple(_stated_pin(pin) for pin in value_of(host, "pins").items),
        names=tuple(node.value.lower() for node in value_of(host, "names").items),
        skip=_word(host, "skip"),
        port=int(_word(host, "port") or HostPolicy._field_defaults["port"]),
        reuses_key=_truth(value_of(host, "reuses-key")),
    )


def _stated_pin(stated: Node) -> StatedPin:
    read = stated_pin(stated)
    assert read.pin
    return StatedPin(
        read.text, read.pin, read.at,
        role=cast(Any, _word(stated, "role")), ca=_word(stated, "ca"), key=_word(stated, "key"),
        file=_word(stated, "file"), owner=_word(stated, "owner"), created=_word(stated, "created"),
    )  # fmt: skip


def _mapping(node: Node) -> Mapping:
    hosts = value_of(node, "hosts")
    return Mapping(
        files=_words(value_of(node, "files")),
        hosts=hosts.value,
        pins=_word(node, "pins"),
        expires=_word(node, "expires"),
        hashed=cast(Any, _word(node, "kind") or "spki"),
        platform=cast(Any, _word(node, "platform") or "any"),
        stated=tuple(item.text for item in hosts.items),
    )


def _suppression(node: Node) -> Suppression:
    return Suppression(
        node.at, _words(value_of(node, "rule")), _word(node, "reason"), host=_word(node, "host"),
        path=_word(node, "path"), until=_word(node, "until"), in_config=True,
    )  # fmt: skip


def _truth(node: Node) -> bool | None:
    return None if node.kind == "null" else node.value == "true"


def _words(node: Node) -> tuple[str, ...]:
    """The texts of a list, or the one text that stands in its place."""
    if node.kind == "null":
        return ()
    return (node.value,) if node.kind != "list" else tuple(item.value for item in node.items)


def _word(node: Node, key: str) -> str:
    return value_of(node, key).value
