"""Pins that tables of an app's own put together: ``{'api.example.com': ['sha256/${Keys.primary}']}``.

What stands whole in the code is read by ``pin_literals``; here the prefix is, and the key comes from elsewhere.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from pincheck.model import Declaration, Gap, Location, Semantics, SourceFile
from pincheck.model.code import Call, Choice, Entries, Items, Joined, Literal, Name, Value
from pincheck.parsers import _literals, pin_literals
from pincheck.parsers._followed import declared
from pincheck.readers import syntax
from pincheck.readers.sought import Followed, Sought
from pincheck.registry import parser

_PREFIX = r"(?i)(?:pin-)?sha-?(?:256|1)/{1,2}"
_QUOTED = rb"[\"'`](?:pin-)?(?i:sha-?(?:256|1))/{1,2}(?:[\"'`$]|\\\()"


class _Table(NamedTuple):
    """The pins of one host, or of one list."""

    pins: tuple[Joined, ...]
    host: Value | None
    at: Location


@parser(files=syntax.FILES, markers=(b"sha256/", b"sha1/"))
def parse(source: SourceFile) -> Iterator[Sought]:
    """Yield the templates of every constant or variable whose name speaks of pins, those of one host together."""
    if syntax.is_too_large(source) or not re.search(_QUOTED, source.data):
        return
    module = syntax.read(source)
    mechanism, platform = pin_literals.MECHANISMS[module.language]
    semantics = pin_literals.SEMANTICS._replace(platform=platform)  # type: ignore[arg-type]
    for definition in module.definitions:
        if _literals.speaks_of_pins(frozenset(_literals.words(definition.name))):
            for table in _tables(definition.value, definition.at):
                host = Items((table.host,) if table.host is not None else (), table.at)
                yield Sought(
                    table.at, mechanism, module, definition.frame, (host, Items(table.pins, table.at)),
                    _reader(mechanism, table.at, semantics),
                )  # fmt: skip


def _tables(value: Value, at: Location) -> Iterator[_Table]:
    """The lists and single values at or below a value that hold templates, each with the key above it."""
    waiting: list[tuple[Value, Value | None, Location]] = [(value, None, at)]
    while waiting:
        each, host, near = waiting.pop()
        if isinstance(each, Entries):
            for key, below in each.entries:
                is_host = isinstance(key, Name) or (
                    isinstance(key, Literal) and _literals.looks_like_host(key.value)
                )
                waiting.append((below, key if is_host else host, each.at))
            continue
        parts: tuple[Value, ...] = (each,)
        if isinstance(each, Items):
            parts, near = each.items, each.at
        elif isinstance(each, Choice):
            parts, near = tuple(option.value for option in each.options), each.at
        pins = tuple(part for part in parts if isinstance(part, Joined) and _is_template(part))
        if pins:
            yield _Table(pins, host, near)
        if parts != (each,):
            waiting.extend((part, host, near) for part in parts if isinstance(part, Entries | Items | Choice))


def _is_template(value: Joined) -> bool:
    """Tell a prefix with something behind it that is no text, and no key of a server that is being checked."""
    first, *rest = value.parts
    whole = isinstance(first, Literal) and re.fullmatch(_PREFIX, first.value)
    return bool(whole) and bool(rest) and not isinstance(rest[0], Literal) and not _is_encoded(rest[0])


def _is_encoded(value: Value) -> bool:
    """Tell a hash that the code computes and writes as base64: ``encodeToString(hash)``, ``digest('base64')``."""
    if not isinstance(value, Call):
        return False
    given = (each.value.value for each in value.arguments if isinstance(each.value, Literal))
    return bool(re.search(_ENCODING, value.name)) or "base64" in given


_ENCODING = r"(?i)(?<!de)(?:encode|base64)"


def _reader(
    mechanism: str, at: Location, semantics: Semantics
) -> Callable[[Followed], Iterator[Declaration | Gap]]:
    def read(followed: Followed) -> Iterator[Declaration | Gap]:
        host, pins = followed.values
        yield from declared(mechanism, at, followed, host, pins, semantics, inferred=True)

    return read
