"""JSON and YAML files of the project's own, read by the ``mappings`` of its configuration.

Hosts, pins and expiry stand at the ends of paths (``readers/data_path.py``), and are joined by what
their paths have in common: with ``servers[].host`` and ``servers[].pins[]`` the hosts and pins of one
element belong together.
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
from pincheck.readers import json_text, yaml_text
from pincheck.readers.data_path import Hit, Path, element, hits, in_common, object_of, read_path
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


class _Paths(NamedTuple):
    """The paths of one mapping; empty where it has none."""

    hosts: Path
    pins: Path
    expires: Path


class _Found(NamedTuple):
    """What the paths lead to in one document."""

    hosts: tuple[Hit, ...]
    pins: tuple[Hit, ...]
    expires: tuple[Hit, ...]


def _parse(mapping: Mapping) -> Callable[[SourceFile], Iterator[Declaration | Gap]]:
    hosts = read_path(mapping.hosts) if mapping.hosts else ()
    pins = read_path(mapping.pins, hosts)
    paths = _Paths(hosts, pins, read_path(mapping.expires, hosts) if mapping.expires else ())

    def parse(source: SourceFile) -> Iterator[Declaration | Gap]:
        found = [
            _Found(*(tuple(hits(root, path)) if path else () for path in paths))
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
        return yaml_text.read_documents(source)
    return (json_text.read(source),)


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
    shared = in_common(paths.hosts, paths.pins) if paths.hosts else len(object_of(paths.pins))
    dated = in_common(paths.expires, paths.pins)
    hosts = _grouped(found.hosts, paths.hosts, shared)
    latest = {
        key: max((_expiry(hit.text) for hit in dates), key=_day_of)
        for key, dates in _grouped(found.expires, paths.expires, dated).items()
    }
    for shared_by, pins in _grouped(found.pins, paths.pins, shared).items():
        near = {element(pin, paths.pins, dated) for pin in pins} & latest.keys()
        expires = max((latest[key] for key in near), key=_day_of, default=None)
        found_hosts = (hit.text for hit in hosts.get(shared_by, ()))
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


def _grouped(found: tuple[Hit, ...], path: Path, count: int) -> dict[tuple[int, ...], list[Hit]]:
    groups: dict[tuple[int, ...], list[Hit]] = {}
    for hit in found:
        groups.setdefault(element(hit, path, count), []).append(hit)
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
