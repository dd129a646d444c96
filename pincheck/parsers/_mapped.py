"""JSON and YAML files of the project's own, read by the ``mappings`` of its configuration.

A path leads to texts in a document. Its steps stand with dots between:

- a key of a map, in double quotes if it holds one of ``. [ ] * @ "``;
- ``*``, any key; ``**``, any number of levels, at most once in a path;
- ``[]``, each element of a list, behind a step or as the first;
- ``@``, last: the keys of a map themselves, where host names are keys.

Hosts, pins and expiry are joined by what their paths have in common: with ``servers[].host`` and
``servers[].pins[]`` the hosts and pins of one element belong together. A path that begins with a
dot starts where the host stands: beside ``servers[].host``, ``.pins[]`` means ``servers[].pins[]``,
and beside ``domains.@`` it means ``domains.*.pins[]``.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Literal, NamedTuple

from pincheck.model import (
    Declaration,
    DeclaredHost,
    Gap,
    HostSyntax,
    Mapping,
    PinCodec,
    Semantics,
    SourceFile,
    Text,
)
from pincheck.readers import data
from pincheck.readers.dates import read_day
from pincheck.readers.text import whole_file
from pincheck.readers.tree import Node
from pincheck.registry import Parser

# What the app does with the values is not known, so nothing is held against their spelling.
SEMANTICS = Semantics(
    client="the app",
    platform="any",
    codec=PinCodec(prefix="optional", blanks="trimmed", padding="optional", hexadecimal=True),
    hosts=HostSyntax(wildcards=("*.", "**.")),
    refused_pin="it matches no key",
)

MECHANISM = "app-config-file"


def mapped_parsers(mappings: Sequence[Mapping]) -> tuple[Parser, ...]:
    """A parser for each mapping; raise ``BadPath`` if one of its paths cannot be read."""
    return tuple(
        Parser(f"mapping {number}", mapping.files, (), _parse(mapping), mapping.files)
        for number, mapping in enumerate(mappings, 1)
    )


# paths -----------------------------------------------------------------------


class BadPath(ValueError):
    """A text that is no path; the message says why."""


class Step(NamedTuple):
    """One step of a path."""

    kind: Literal["key", "any", "deep", "each", "keys"]
    key: str = ""


Path = tuple[Step, ...]

_STEP = r"""(?x)
    (?: "(?P<quoted>[^"\\]*(?:\\.[^"\\]*)*)" | (?P<deep>\*\*) | (?P<any>\*) | (?P<keys>@) | (?P<key>[^.\[\]*@"]+) )?
    (?P<each>(?:\[\])*) (?P<dot>\.|\Z)"""


def read_path(text: str, hosts: Path = ()) -> Path:
    """Return the steps of a path; one with a leading dot starts where the ``hosts`` path ends."""
    steps = list(_object_of(hosts)) if text.startswith(".") else []
    position = 1 if text.startswith(".") else 0
    dot = "."
    while dot:
        match = re.compile(_STEP).match(text, position)
        found = list(_steps(match)) if match else []
        if not match or not found:
            raise BadPath(f'"{text}" is no path: no step at character {position + 1}')
        steps += found
        position, dot = match.end(), match["dot"]
    kinds = [step.kind for step in steps]
    if kinds.count("deep") > 1 or kinds[-1] == "deep":
        raise BadPath(f'"{text}" is no path: ** may stand once, and not at the end')
    if "keys" in kinds[:-1]:
        raise BadPath(f'"{text}" is no path: @ may stand at the end only')
    return tuple(steps)


def _steps(match: re.Match[str]) -> Iterator[Step]:
    if match["key"] is not None:
        yield Step("key", match["key"])
    elif match["quoted"] is not None:
        yield Step("key", re.sub(r"\\(.)", r"\1", match["quoted"]))
    elif match["deep"]:
        yield Step("deep")
    elif match["any"]:
        yield Step("any")
    elif match["keys"]:
        yield Step("keys")
    yield from [Step("each")] * (len(match["each"]) // 2)


def _object_of(hosts: Path) -> Path:
    """The path of the object that the hosts stand in, or that a host's name is the key of."""
    if hosts and hosts[-1].kind == "keys":
        return (*hosts[:-1], Step("any"))
    while hosts and hosts[-1].kind == "each":
        hosts = hosts[:-1]
    return hosts[:-1]


class _Hit(NamedTuple):
    """A text that a path leads to."""

    text: Text
    trail: tuple[int, ...]
    """The number of the entry or element taken at each level."""


def _hits(root: Node, path: Path) -> Iterator[_Hit]:
    """Follow a path, in the order of the document; each node is looked at once for each step."""
    waiting: list[tuple[Node, int, tuple[int, ...]]] = [(root, 0, ())]
    while waiting:
        node, index, trail = waiting.pop()
        if index == len(path):
            yield from (
                _Hit(leaf.text, trail)
                for leaf in (node, *node.items)
                if leaf.kind in ("text", "number", "date")
            )
            continue
        step = path[index]
        if step.kind == "keys":
            yield from (_Hit(key, (*trail, number)) for number, (key, _) in enumerate(node.entries))
            continue
        children = [(child, number) for number, child in _children(node, step)]
        after = index if step.kind == "deep" else index + 1
        waiting.extend((child, after, (*trail, number)) for child, number in reversed(children))
        if step.kind == "deep":
            waiting.append((node, index + 1, trail))


def _children(node: Node, step: Step) -> Iterator[tuple[int, Node]]:
    for number, (key, child) in enumerate(node.entries):
        if step.kind in ("any", "deep") or (step.kind == "key" and key.value == step.key):
            yield number, child
    if step.kind in ("each", "deep"):
        yield from enumerate(node.items)


def _common(path: Path, other: Path) -> int:
    """How many steps two paths have in common."""
    count = 0
    for one, two in zip(_named(path), _named(other), strict=False):
        if one != two:
            break
        count += 1
    return count


def _named(path: Path) -> Path:
    return tuple(Step("any") if step.kind == "keys" else step for step in path)


def _element(hit: _Hit, path: Path, count: int) -> tuple[int, ...]:
    """Which element the first ``count`` steps of a path led to."""
    if any(step.kind == "deep" for step in path[:count]):
        return hit.trail[: len(hit.trail) - (len(path) - count)]
    return hit.trail[:count]


# files -----------------------------------------------------------------------


class _Paths(NamedTuple):
    """The paths of one mapping; empty where it has none."""

    hosts: Path
    pins: Path
    expires: Path


class _Found(NamedTuple):
    """What the paths lead to in one document."""

    hosts: tuple[_Hit, ...]
    pins: tuple[_Hit, ...]
    expires: tuple[_Hit, ...]


def _parse(mapping: Mapping) -> Callable[[SourceFile], Iterator[Declaration | Gap]]:
    hosts = read_path(mapping.hosts) if mapping.hosts else ()
    pins = read_path(mapping.pins, hosts)
    paths = _Paths(hosts, pins, read_path(mapping.expires, hosts) if mapping.expires else ())

    def parse(source: SourceFile) -> Iterator[Declaration | Gap]:
        found = [
            _Found(*(tuple(_hits(root, path)) if path else () for path in paths))
            for root in _documents(source)
        ]
        yield from _gaps(source, mapping, found)
        for each in found:
            yield from _declarations(mapping, paths, each)

    return parse


def _documents(source: SourceFile) -> tuple[Node, ...]:
    """The values of a file: YAML by its name, else JSON if it looks like it."""
    name = source.path.lower()
    if name.endswith((".yml", ".yaml")) or not (".json" in name or re.match(_JSON, source.data)):
        return data.read_yaml_documents(source)
    return (data.read_json(source),)


_JSON = rb"[\s\0\xef\xbb\xbf\xff\xfe]*[\[{/]"


def _gaps(source: SourceFile, mapping: Mapping, found: Sequence[_Found]) -> Iterator[Gap]:
    for what, path in (("hosts", mapping.hosts), ("pins", mapping.pins), ("expires", mapping.expires)):
        if path and not any(getattr(each, what) for each in found):
            yield Gap(
                MECHANISM, whole_file(source.path),
                f"the configuration maps {what} to {path}, which leads to nothing in this file",
            )  # fmt: skip


def _declarations(mapping: Mapping, paths: _Paths, found: _Found) -> Iterator[Declaration]:
    """One for each element that holds pins: the one they share with hosts, else their own object."""
    shared = _common(paths.hosts, paths.pins) if paths.hosts else len(_object_of(paths.pins))
    dated = _common(paths.expires, paths.pins)
    hosts = _grouped(found.hosts, paths.hosts, shared)
    latest = {
        element: max((_expiry(hit.text) for hit in hits), key=_day_of)
        for element, hits in _grouped(found.expires, paths.expires, dated).items()
    }
    for element, pins in _grouped(found.pins, paths.pins, shared).items():
        near = {_element(pin, paths.pins, dated) for pin in pins} & latest.keys()
        expires = max((latest[key] for key in near), key=_day_of, default=None)
        found_hosts = (hit.text for hit in hosts.get(element, ()))
        yield Declaration(
            mechanism=MECHANISM,
            at=pins[0].text.at,
            hosts=tuple(_host(text) for text in (*mapping.stated, *found_hosts)),
            pins=tuple(pin.text for pin in pins),
            semantics=SEMANTICS._replace(
                hashed=mapping.hashed,
                platform=mapping.platform,
                expiry_format=_style(expires) if expires else SEMANTICS.expiry_format,
            ),
            expires=expires,
        )


def _grouped(hits: tuple[_Hit, ...], path: Path, count: int) -> dict[tuple[int, ...], list[_Hit]]:
    groups: dict[tuple[int, ...], list[_Hit]] = {}
    for hit in hits:
        groups.setdefault(_element(hit, path, count), []).append(hit)
    return groups


def _host(text: Text) -> DeclaredHost:
    """The host, also out of a URL."""
    url = re.match(_URL, text.value)
    if not url:
        return DeclaredHost(text.value, text.at)
    at = text.at
    if at.line == at.end_line and at.end_column - at.column == len(text.value):
        at = at._replace(column=at.column + url.start(1), end_column=at.column + url.end(1))
    return DeclaredHost(url[1], at)


_URL = r"\s*[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#@]*@)?([^/?#:\s]+)"


def _expiry(text: Text) -> Text:
    """The date without a time of day, or the seconds of a time in milliseconds."""
    value = text.value.strip()
    if value.isdecimal():
        return Text(value[:-3] if len(value) > 11 else value, text.at)
    return Text(value[:10] if re.fullmatch(_TIME, value) else value, text.at)


_TIME = r"\d{4}-\d\d-\d\d[T ].+"


def _style(text: Text) -> Literal["iso", "epoch"]:
    return "epoch" if text.value.isdecimal() else "iso"


def _day_of(text: Text) -> date:
    return read_day(text.value, _style(text)) or date.min
