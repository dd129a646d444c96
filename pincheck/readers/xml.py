"""XML -> elements that know where they stand.

Built on expat, the standard library's parser: it is the one that reports positions. Entities are
refused and external ones never fetched, so a hostile file costs time linear in its size.
"""

import re
from collections.abc import Iterator
from functools import cache
from xml.parsers import expat

from pincheck.model import Location, SourceFile, Text
from pincheck.readers.text import Lines, decode
from pincheck.readers.unreadable import Unreadable

MAX_DEPTH = 200
MAX_ELEMENTS = 50_000
MAX_PIECES = 1_000_000
"""Stretches of text: every line break ends one."""


class Element:
    """An element, with its attributes, children and text."""

    __slots__ = (
        "_column",
        "_line",
        "_lines",
        "_pieces",
        "_tag",
        "_text",
        "attributes",
        "children",
        "name",
        "parent",
    )

    def __init__(
        self,
        lines: Lines,
        name: str,
        attributes: dict[str, str],
        parent: "Element | None",
        line: int,
        column: int,
        tag: str,
    ) -> None:
        self.name = name
        self.attributes = attributes
        self.parent = parent
        self.children: list[Element] = []
        self._lines = lines
        self._line = line
        self._column = column
        self._tag = tag
        self._pieces: list[tuple[str, int, int]] = []
        self._text: Text | None = None

    @property
    def at(self) -> Location:
        """The element's start tag, as far as its first line goes."""
        return self._span(0, len(self._tag))

    @property
    def text(self) -> Text:
        """The element's own text without surrounding white space, and where it stands."""
        if self._text is None:
            self._text = self._trimmed()
        return self._text

    def _trimmed(self) -> Text:
        value = "".join(piece for piece, _, _ in self._pieces).strip()
        if not value:
            return Text("", self.at)
        first = next(piece for piece in self._pieces if piece[0].strip())
        last = next(piece for piece in reversed(self._pieces) if piece[0].strip())
        line, column = first[1], first[2] + len(first[0]) - len(first[0].lstrip())
        end_line, end_column = last[1], last[2] + len(last[0].rstrip())
        return Text(
            value,
            Location(self._lines.path, line, column, end_line, end_column, self._lines.line(line)),
        )

    @property
    def verbatim(self) -> Text:
        """The element's own text with all its white space, and where it stands."""
        if len(self._pieces) != 1:
            return Text("".join(piece for piece, _, _ in self._pieces), self.text.at)
        value, line, column = self._pieces[0]
        at = Location(self._lines.path, line, column, line, column + len(value), self._lines.line(line))
        return Text(value, at)

    def attribute(self, name: str) -> Text | None:
        """The value of an attribute, and where it stands between its quotes."""
        if name not in self.attributes:
            return None
        spot = re.search(rf"\s{re.escape(name)}\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", self._tag)
        if not spot:
            return Text(self.attributes[name], self.at)
        group = 1 if spot[1] is not None else 2
        return Text(self.attributes[name], self._span(spot.start(group), spot.end(group)))

    def find_all(self, name: str) -> Iterator["Element"]:
        """This element and those below it that have this name, in document order."""
        waiting = [self]
        while waiting:
            element = waiting.pop()
            if element.name == name:
                yield element
            waiting.extend(reversed(element.children))

    def named(self, name: str) -> list["Element"]:
        """The children of this name."""
        return [child for child in self.children if child.name == name]

    def _span(self, start: int, end: int) -> Location:
        line, column = self._offset(start)
        end_line, end_column = self._offset(end)
        return Location(self._lines.path, line, column, end_line, end_column, self._lines.line(line))

    def _offset(self, offset: int) -> tuple[int, int]:
        before = self._tag[:offset]
        breaks = before.count("\n")
        if not breaks:
            return self._line, self._column + offset
        return self._line + breaks, len(before) - before.rindex("\n")


def read(source: SourceFile) -> Element:
    """Return the root element; raise ``Unreadable`` for anything but well-formed, plain XML."""
    text = _without_early_blanks(decode(source.data)).replace("\r\n", "\n").replace("\r", "\n")
    return _Builder(source.path, text).build()


class _Builder:
    """Collects expat's events into a tree."""

    def __init__(self, path: str, text: str) -> None:
        self._data = text.encode("utf-8", "replace")
        self._lines = Lines(path, text)
        self._root: Element | None = None
        self._open: list[Element] = []
        self._number = 0
        self._pieces = 0
        self._parser = expat.ParserCreate("utf-8")
        self._parser.ordered_attributes = False
        self._parser.buffer_text = False
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.EntityDeclHandler = self._entity

    def build(self) -> Element:
        try:
            self._parser.Parse(self._data, True)
        except expat.ExpatError as error:
            reason = expat.ErrorString(error.code)
            raise Unreadable(f"not well-formed XML, line {error.lineno}: {reason}") from None
        except (ValueError, LookupError):
            raise Unreadable("not well-formed XML") from None
        if self._root is None:
            raise Unreadable("no XML element in it")
        return self._root

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._number += 1
        if len(self._open) >= MAX_DEPTH:
            raise Unreadable(f"XML nested deeper than {MAX_DEPTH} elements")
        if self._number > MAX_ELEMENTS:
            raise Unreadable(f"more than {MAX_ELEMENTS} XML elements")
        parent = self._open[-1] if self._open else None
        element = Element(
            self._lines,
            name,
            attributes,
            parent,
            self._parser.CurrentLineNumber,
            self._parser.CurrentColumnNumber + 1,
            self._tag(),
        )
        if parent is None:
            self._root = element
        else:
            parent.children.append(element)
        self._open.append(element)

    def _tag(self) -> str:
        """The text of the start tag that is being reported."""
        start = self._parser.CurrentByteIndex
        quoted = _compiled_tag().match(self._data, start)
        return quoted[0].decode("utf-8", "replace") if quoted else "<"

    def _end(self, name: str) -> None:
        self._open.pop()

    def _characters(self, data: str) -> None:
        self._pieces += 1
        if self._pieces > MAX_PIECES:
            raise Unreadable(f"more than {MAX_PIECES} lines of text")
        if self._open:
            self._open[-1]._pieces.append(
                (data, self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1)
            )

    def _entity(self, *declaration: object) -> None:
        raise Unreadable("declares XML entities, which are not expanded here")


@cache
def _compiled_tag() -> re.Pattern[bytes]:
    return re.compile(rb"<(?:[^>\"']|\"[^\"]*\"|'[^']*')*>?")


def _without_early_blanks(text: str) -> str:
    """Blank an XML declaration that follows white space: strict parsers refuse it, Apple's does not."""
    if text[:1].isspace() and (match := re.match(r"\s+<\?xml[^>]*\?>", text)):
        return re.sub(r"\S", " ", match[0]) + text[match.end() :]
    return text
