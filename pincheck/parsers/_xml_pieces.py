"""A network security config that code puts together from texts: its hosts and pins, in the code's order.

The code may be one template, texts added up, or lines pushed to a list; what stands between the tags is a
text of the template or a value filled in.
"""

import re
from collections.abc import Iterator
from typing import Literal as OneOf
from typing import NamedTuple

from pincheck.model import Location, SourceFile
from pincheck.model.code import Call, Frame, Joined, Literal, Module, Value
from pincheck.parsers import _script

Kind = OneOf["domain-config", "domain", "pin", "expiration"]

_OPEN = (
    r"(?i)<(?P<tag>domain-config|domain(?!-)|pin(?!-))\b(?P<rest>[^<>]*)(?:>\s*(?P<text>[^<]*)|\Z)"
    r"|<pin-set[^<>]*?expiration=[\"'](?P<day>[^\"'<>]*)"
)
_LONGEST = 200_000


class Piece(NamedTuple):
    """A tag of the config and the value in it."""

    kind: Kind
    value: Value | None
    frame: Frame
    line: int
    subdomains: bool = False


class Section(NamedTuple):
    """One ``<domain-config>``."""

    hosts: tuple[Piece, ...]
    pins: tuple[Piece, ...]
    expires: Piece | None


def sections(module: Module, source: SourceFile) -> tuple[Section, ...]:
    """The sections of a config that a module writes; those whose hosts are not told have none."""
    streams: dict[int, list[Piece]] = {}
    lines = source.data.split(b"\n")
    for parts, frame in sorted(_texts(module), key=lambda each: _start(each[0])):
        function = frame.enclosing("function")
        pieces = _pieces(parts, frame, lines, source.path)
        streams.setdefault(function.number if function else 0, []).extend(pieces)
    found = [_cut(stream) for stream in streams.values()]
    return tuple(_whole([section for each in found for section in _whole(each)]))


# texts -----------------------------------------------------------------------


def _texts(module: Module) -> Iterator[tuple[tuple[Value, ...], Frame]]:
    """Every text that names a tag, as its parts; one that is part of another is not by itself here."""
    inside: set[int] = set()
    for value, around in _script.placed(module):
        if id(value) in inside:
            continue
        if isinstance(value, Joined):
            parts = tuple(_flat(value, inside))
            if any(isinstance(part, Literal) and _is_config(part.value) for part in parts):
                yield parts, around.frame
        elif isinstance(value, Literal) and _is_config(value.value):
            yield (value,), around.frame


def _flat(value: Joined, inside: set[int]) -> Iterator[Value]:
    waiting: list[Value] = [value]
    while waiting:
        each = waiting.pop()
        inside.add(id(each))
        if isinstance(each, Joined):
            waiting.extend(reversed(each.parts))
        else:
            yield each


def _is_config(text: str) -> bool:
    return len(text) <= _LONGEST and bool(re.search(r"<(?:domain|pin)\b", text))


def _start(parts: tuple[Value, ...]) -> tuple[int, int]:
    at = next(part.at for part in parts if isinstance(part, Literal))
    return at.line, at.column


def _pieces(parts: tuple[Value, ...], frame: Frame, lines: list[bytes], path: str) -> Iterator[Piece]:
    """The tags in a text. A tag whose text is missing takes the value that is filled in after it."""
    comment, line, seen = False, 0, 0
    for number, part in enumerate(parts):
        if not isinstance(part, Literal):
            continue
        text, comment = _without_comments(part.value, comment)
        line = max(line, part.at.line, seen)
        for match in re.finditer(_OPEN, text):
            here = line
            if match["day"] is not None:
                yield Piece("expiration", Literal(match["day"], part.at), frame, here)
                continue
            kind: Kind = "domain-config" if match["tag"].lower() == "domain-config" else "domain"
            kind = "pin" if match["tag"].lower() == "pin" else kind
            subdomains = bool(re.search(r"includeSubdomains=[\"']?true", match["rest"]))
            inner = (match["text"] or "").strip()
            if kind == "domain-config":
                yield Piece(kind, None, frame, here)
            elif inner:
                at = _find(lines, inner, max(part.at.line, seen), part.at.end_line, path) or part.at
                seen = at.line
                yield Piece(kind, Literal(inner, at), frame, at.line, subdomains)
            elif match.end() == len(text) and number + 1 < len(parts):
                hole, tag = _hole(parts, number, match)
                yield Piece(kind, hole, frame, here, subdomains or tag)


def _hole(parts: tuple[Value, ...], number: int, match: re.Match[str]) -> tuple[Value, bool]:
    """The value in a tag; where the tag's own attribute is filled in, the one behind it."""
    if match["text"] is None and number + 3 < len(parts):
        closing = parts[number + 2]
        if isinstance(closing, Literal) and re.match(r"[\"']?\s*>\s*\Z", closing.value):
            return parts[number + 3], True
        if isinstance(closing, Literal) and (named := re.match(r"[\"']?[^<>]*>\s*([^<\s]+)", closing.value)):
            return Literal(named[1], closing.at), True
    return parts[number + 1], False


def _without_comments(text: str, within: bool) -> tuple[str, bool]:
    """The text with blanks for what is commented out, and whether a comment goes on behind it."""
    if within:
        end = text.find("-->")
        if end < 0:
            return " " * len(text), True
        text = " " * (end + 3) + text[end + 3 :]
    text = re.sub(r"(?s)<!--.*?-->", lambda match: " " * len(match[0]), text)
    start = text.find("<!--")
    return (text, False) if start < 0 else (text[:start] + " " * (len(text) - start), True)


def _find(lines: list[bytes], text: str, first: int, last: int, path: str) -> Location | None:
    """Where a text of a template stands: its first place from a line on."""
    wanted = text.encode()
    for number in range(first, min(last, len(lines)) + 1):
        at = lines[number - 1].find(wanted)
        if at >= 0:
            line = lines[number - 1].decode("utf-8", "replace").rstrip("\r")
            column = len(lines[number - 1][:at].decode("utf-8", "replace")) + 1
            return Location(
                path, number, column, number, column + len(text), line if len(line) < 2000 else ""
            )
    return None


# sections --------------------------------------------------------------------


def _cut(stream: list[Piece]) -> list[Section]:
    """Cut the tags of a function into the sections that they open."""
    found: list[list[Piece]] = [[]]
    for piece in stream:
        if piece.kind == "domain-config":
            found.append([])
        else:
            found[-1].append(piece)
    return [
        Section(
            tuple(each for each in pieces if each.kind == "domain"),
            tuple(each for each in pieces if each.kind == "pin"),
            next((each for each in pieces if each.kind == "expiration"), None),
        )
        for pieces in found
        if pieces
    ]


def _whole(found: list[Section]) -> list[Section]:
    """Give pins that were put together apart from their hosts the section that has hosts and no pins."""
    bare = [n for n, each in enumerate(found) if each.hosts and not each.pins]
    taken: dict[int, Section] = {}
    left = []
    for number, section in enumerate(found):
        if section.pins and not section.hosts and bare:
            after = [n for n in bare if n > number]
            chosen = after[0] if after else bare[-1]
            bare.remove(chosen)
            taken[chosen] = section
        else:
            left.append(number)
    return [
        found[n]._replace(
            pins=taken[n].pins, expires=found[n].expires or taken[n].expires
        ) if n in taken else found[n]
        for n in left
    ]  # fmt: skip


def plain(value: Value) -> Value:
    """A value without what only cleans it: ``escape(x)``, ``x.trim()``, ``x.replace(…)``."""
    for _ in range(10):
        if not isinstance(value, Call):
            return value
        if value.of is not None and value.name in (
            "trim",
            "replace",
            "toString",
            "toLowerCase",
            "replaceAll",
        ):
            value = value.of
        elif len(value.arguments) == 1 and re.search(
            r"(?i)escape|xml|clean|strip|normali[sz]e|sanitize|string", value.name
        ):
            value = value.arguments[0].value
        else:
            return value
    return value
