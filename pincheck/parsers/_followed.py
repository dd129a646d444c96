"""What followed values say, as declarations and gaps: the texts in them, and what could not be followed."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from pincheck.model import Declaration, DeclaredHost, Gap, Location, Semantics, Text
from pincheck.readers.sought import Followed
from pincheck.readers.tree import Node


class Texts(NamedTuple):
    """The texts at or below a value."""

    found: tuple[Text, ...]
    lost: tuple[Node, ...]
    """What could not be followed; each value says why."""


def texts(node: Node) -> Texts:
    """The texts in a value, of a map its values, and what could not be followed."""
    found: dict[Text, None] = {}
    lost: dict[str, Node] = {}
    for each in node.walk():
        if each.kind == "unknown":
            lost.setdefault(each.value, each)
        elif each.kind == "text" and re.fullmatch(_EMPTY, each.value):
            lost.setdefault("", each._replace(value="it is empty here"))
        elif each.kind == "file":
            lost.setdefault(each.value, each._replace(value=f"it stands in the file {each.value}"))
        elif each.kind == "text":
            found.setdefault(each.text)
    return Texts(tuple(found), tuple(lost.values()))


_EMPTY = r"(?i)\s*(?:(?:pin-)?sha-?(?:1|256)[/=]?)?\s*"


def declared(
    mechanism: str,
    at: Location,
    followed: Followed,
    hosts: Node | None,
    pins: Node,
    semantics: Semantics,
    include_subdomains: bool = False,
    expires: Node | None = None,
    inferred: bool = False,
) -> Iterator[Declaration | Gap]:
    """Yield a declaration of the pins that could be followed, and a gap for each that could not.

    Hosts that could not be followed are left out: the pins are then known, and their hosts are not.
    """
    named = texts(hosts) if hosts is not None else Texts((), ())
    found = texts(pins)
    if inferred:  # a host that stands nearby may be a URL
        named = named._replace(found=tuple(map(host_of, named.found)))
    names = tuple(text.value for text in named.found)
    if found.found:
        yield Declaration(
            mechanism=mechanism,
            at=at,
            hosts=tuple(DeclaredHost(text.value, text.at, include_subdomains) for text in named.found),
            pins=found.found,
            semantics=semantics,
            expires=expires.text if expires is not None and expires.kind == "text" else None,
            context="debug" if followed.debug else None,
            inferred=inferred,
        )
    for each in found.lost:
        yield Gap(
            mechanism, at, f"the pin cannot be followed: {each.value}", names,
            context="debug" if followed.debug else None,
        )  # fmt: skip


def host_of(text: Text) -> Text:
    """The host, also out of a URL."""
    match = re.match(r"[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#@]*@)?([^/?#:\s]+)", text.value)
    if not match:
        return text
    at = text.at
    if at.line == at.end_line and at.end_column - at.column == len(text.value):
        at = at._replace(column=at.column + match.start(1), end_column=at.column + match.end(1))
    return Text(match[1], at)
