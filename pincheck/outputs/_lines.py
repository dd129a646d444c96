"""Where on a diff a finding can be told, and what a fix makes of its lines."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pincheck.model import Fix, Location
from pincheck.model.review import Diff, Hunk, Side

LONGEST_SUGGESTION = 8_000
"""Characters of the lines that stand instead."""


class Lines(NamedTuple):
    """A stretch of lines within one hunk, as a comment names it."""

    path: str
    side: Side
    first: int
    last: int


class Places:
    """The lines of a diff, by number and by text."""

    def __init__(self, diff: Diff) -> None:
        self._diff = diff
        self._by_text: dict[str, dict[tuple[Side, str], _Spot | None]] = {}

    def of(self, at: Location, side: Side) -> Lines | None:
        """The lines of the diff that a place of the file is; None if it is not in the diff, or cannot be told.

        The text of the first line has to be the one that was judged. What was judged may be the commit that
        merges the request, in which lines of the base moved others: then the file's only line of that text is it.
        """
        spot = self._spot(at, side)
        if not spot:
            return None
        hunk, first = spot
        last = first + _last(at) - at.line
        whole = all((side, number) in hunk.lines for number in range(first, last + 1))
        return Lines(at.path, side, first, last if whole else first)

    def replaced(self, fix: Fix) -> tuple[Lines, str] | None:
        """The lines that a fix changes and what is to stand there; None if a suggestion cannot say it.

        All its edits have to lie in one hunk, each within one line (or over the rest of one and its break)
        whose text is the one that was judged; something has to change, and every character has to be
        visible: what is clicked is what is read.
        """
        spots = [self._spot(edit.at, "RIGHT") for edit in fix.edits if _is_of_one_line(edit.at)]
        found = [spot for spot in spots if spot]
        if not found or len(found) < len(fix.edits) or any(hunk is not found[0].hunk for hunk, _ in found):
            return None
        numbers = [spot.number for spot in found]
        first, last = min(numbers), max(numbers)
        lines = found[0].hunk.lines
        if any(("RIGHT", number) not in lines for number in range(first, last + 1)):
            return None
        before = {number: lines["RIGHT", number] + "\n" for number in range(first, last + 1)}
        old, new = "".join(before.values()), "".join(_edited(before, fix, numbers))
        if (
            new == old
            or (new and new[-1] != "\n")
            or len(new) > LONGEST_SUGGESTION
            or not _is_plain(old + new)
        ):
            return None
        return Lines(fix.edits[0].at.path, "RIGHT", first, last), new

    def _spot(self, at: Location, side: Side) -> "_Spot | None":
        """Where the first line of a place is on the diff."""
        for hunk in self._diff.get(at.path, ()):
            if hunk.lines.get((side, at.line), "\n").removesuffix("\r") == at.text:
                return _Spot(hunk, at.line)
        return self._only(at.path).get((side, at.text)) if at.text.strip() else None

    def _only(self, path: str) -> "dict[tuple[Side, str], _Spot | None]":
        """The line of each text of a file; None where there are several."""
        if path not in self._by_text:
            only = self._by_text[path] = {}
            for hunk in self._diff.get(path, ()):
                for (side, number), text in hunk.lines.items():
                    key = (side, text.removesuffix("\r"))
                    only[key] = None if key in only else _Spot(hunk, number)
        return self._by_text[path]


class _Spot(NamedTuple):
    hunk: Hunk
    number: int


def _last(at: Location) -> int:
    """The last line that holds some of the place: an end in the first column is one of the line above."""
    last = at.end_line - 1 if at.end_column == 1 else at.end_line
    return max(at.line, last)


def _is_of_one_line(at: Location) -> bool:
    return bool(at.text) and _last(at) == at.line


def _edited(before: Mapping[int, str], fix: Fix, numbers: list[int]) -> Iterator[str]:
    """The lines, each with its break, after the edits; the last edit of a line goes first, so that columns hold."""
    after = dict(before)
    for edit, number in sorted(
        zip(fix.edits, numbers, strict=True), key=lambda each: each[0].at[1:], reverse=True
    ):
        line, at = after[number], edit.at
        end = len(before[number]) if at.end_line > at.line else at.end_column - 1
        after[number] = line[: at.column - 1] + edit.new.replace("\r\n", "\n") + line[end:]
    yield from after.values()


def _is_plain(text: str) -> bool:
    """Whether a reader sees all of it, and none of it looks like a mark of pincheck's own."""
    return text.replace("\n", "").replace("\t", "").isprintable() and "<!-- pincheck" not in text.lower()
