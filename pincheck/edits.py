"""Edits of files: Locations -> bytes, with everything kept that no edit names; and how a change is shown."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher

from pincheck.model import MAX_LINE, Edit, Location

_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_BARE = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
CONTEXT = 3
"""Lines shown around a change."""


class NotText(Exception):
    """A file that is no UTF-8 or UTF-16 text, so that nothing in it can be edited."""


class Page:
    """The text of a file, with the places in it; what it is written in is kept."""

    def __init__(self, path: str, data: bytes) -> None:
        self.path = path
        self._mark, self._encoding = _form(data)
        try:
            self.text = data[len(self._mark) :].decode(self._encoding)
        except UnicodeDecodeError:
            raise NotText(path) from None
        if "\0" in self.text or data.startswith(b"bplist"):
            raise NotText(path)
        self._starts = [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", self.text))]

    def line_break(self, offset: int) -> str:
        """How the line that holds an offset is broken off; if it is the last, how the one before it is."""
        number = bisect_right(self._starts, offset)
        end = self._starts[min(number, len(self._starts) - 1)]
        found = re.search(r"\r?\n?\Z", self.text[max(0, end - 2) : end])
        return (found and found[0]) or "\n"

    def span(self, at: Location) -> tuple[int, int] | None:
        """The offsets of a place; None if the file has no such place."""
        start, end = self._offset(at.line, at.column), self._offset(at.end_line, at.end_column)
        return None if start is None or end is None or start > end else (start, end)

    def at(self, start: int, end: int) -> Location:
        """The Location of ``text[start:end]``."""
        (line, column), (end_line, end_column) = self._position(start), self._position(end)
        shown = self.text[slice(*self.line_span(start))]
        return Location(
            self.path, line, column, end_line, end_column, shown if len(shown) <= MAX_LINE else ""
        )

    def line_span(self, offset: int) -> tuple[int, int]:
        """Start and end of the line that holds an offset, without its line break."""
        number = bisect_right(self._starts, offset)
        start = self._starts[number - 1]
        end = self._starts[number] if number < len(self._starts) else len(self.text)
        return start, start + len(self.text[start:end].rstrip("\r\n"))

    def line_end(self, offset: int) -> int:
        """Where the next line starts, or the text ends."""
        number = bisect_right(self._starts, offset)
        return self._starts[number] if number < len(self._starts) else len(self.text)

    def with_edits(self, edits: Iterable[Edit]) -> bytes | None:
        """The file's bytes with the edits made; None if one has no place here, or two overlap."""
        pieces, position = [], 0
        for edit in sorted(edits, key=lambda edit: edit.at[1:5]):
            span = self.span(edit.at)
            if span is None or span[0] < position:
                return None
            pieces += [self.text[position : span[0]], edit.new]
            position = span[1]
        return self._mark + "".join([*pieces, self.text[position:]]).encode(self._encoding)

    def _offset(self, line: int, column: int) -> int | None:
        if not 1 <= line <= len(self._starts):
            return None
        offset = self._starts[line - 1] + column - 1
        end = self._starts[line] if line < len(self._starts) else len(self.text)
        return offset if self._starts[line - 1] <= offset <= end else None

    def _position(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


def _form(data: bytes) -> tuple[bytes, str]:
    """The byte order mark and the encoding of a text."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return mark, encoding
    return b"", next((encoding for start, encoding in _BARE if data.startswith(start)), "utf-8")


def clash(edits: Sequence[Edit], others: Sequence[Edit]) -> bool:
    """Tell whether two groups of edits of one file cannot both be made; an edit that both hold is no clash."""
    return any(one != other and _touch(one.at, other.at) for one in edits for other in others)


def _touch(one: Location, other: Location) -> bool:
    if one.path != other.path:
        return False
    starts = (one.line, one.column), (other.line, other.column)
    ends = (one.end_line, one.end_column), (other.end_line, other.end_column)
    return starts[0] <= ends[1] and starts[1] <= ends[0]


# showing ---------------------------------------------------------------------


def unified(path: str, before: bytes, after: bytes) -> str:
    """The change as a unified diff that ``patch -p1`` and ``git apply`` take; empty if there is none.

    Control characters in lines are made visible: a diff of a file that holds some is for reading only, as is one
    of a file in UTF-16.
    """
    if before == after:
        return ""
    old, new = _lines(path, before), _lines(path, after)
    first = max(0, _shared(old, new) - CONTEXT)
    kept = max(0, _shared(old[first:][::-1], new[first:][::-1]) - CONTEXT)
    old_part, new_part = old[first : len(old) - kept], new[first : len(new) - kept]
    shown = [f"--- {_name('a/' + path)}\n+++ {_name('b/' + path)}\n"]
    for group in SequenceMatcher(None, old_part, new_part).get_grouped_opcodes(CONTEXT):
        shown.extend(_hunk(group, old_part, new_part, first))
    return "".join(shown)


def _lines(path: str, data: bytes) -> list[str]:
    """The lines with their line feeds; the last may have none."""
    mark = "\ufeff" if data.startswith(_MARKS[0][0]) else ""
    return [line for line in re.split(r"(?<=\n)", mark + Page(path, data).text) if line]


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    """How many lines both begin with."""
    shortest = min(len(one), len(other))
    return next((number for number in range(shortest) if one[number] != other[number]), shortest)


def _hunk(
    group: Sequence[tuple[str, int, int, int, int]], old: list[str], new: list[str], first: int
) -> Iterator[str]:
    (_, old_start, _, new_start, _), (_, _, old_end, _, new_end) = group[0], group[-1]
    yield f"@@ -{_range(first + old_start, old_end - old_start)} +{_range(first + new_start, new_end - new_start)} @@\n"
    for kind, old_from, old_to, new_from, new_to in group:
        if kind == "equal":
            yield from (_line(" ", line) for line in old[old_from:old_to])
            continue
        yield from (_line("-", line) for line in old[old_from:old_to])
        yield from (_line("+", line) for line in new[new_from:new_to])


def _range(start: int, count: int) -> str:
    begin = start + 1 if count else start
    return str(begin) if count == 1 else f"{begin},{count}"


def _line(sign: str, line: str) -> str:
    body, end = (line[:-1], "\n") if line.endswith("\n") else (line, "\n\\ No newline at end of file\n")
    body, end = (body[:-1], "\r" + end) if body.endswith("\r") else (body, end)
    return sign + re.sub(_OBEYED, lambda match: _visible(match[0]), body) + end


def _visible(character: str) -> str:
    """An escape for a character that a terminal obeys or that turns text around; a tab stays."""
    return (
        character
        if character == "\t"
        else character.encode("unicode_escape", "backslashreplace").decode("ascii")
    )


_OBEYED = "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"


def _name(path: str) -> str:
    """A path as git writes it in a diff."""
    if all(character.isprintable() and character not in '"\\' for character in path):
        return path + ("\t" if " " in path else "")
    raw = path.encode("utf-8", "surrogateescape")
    return '"' + "".join(chr(b) if 32 <= b < 127 and b not in b'"\\' else f"\\{b:03o}" for b in raw) + '"'
