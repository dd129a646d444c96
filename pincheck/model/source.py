"""Files, and places in them."""

from typing import Literal, NamedTuple

CodeContext = Literal["production", "test", "example", "debug"]
"""What a file is for, told from its path: only ``production`` fails a build by default."""

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
"""From the gravest down; the words are SARIF's."""


class Location(NamedTuple):
    """A stretch of a file. Lines and columns count from 1, the end is exclusive, columns are
    Unicode code points. A file without lines (a binary plist) is located as its first column.
    """

    path: str
    """Repository-relative, with ``/``."""
    line: int
    column: int
    end_line: int
    end_column: int
    text: str = ""
    """The line itself without its line break, at most ``MAX_LINE`` characters; empty if binary."""


MAX_LINE = 400
"""Longer lines are not kept: a Location of a minified file would carry the whole file."""


class Text(NamedTuple):
    """A value as it is written, and where."""

    value: str
    at: Location


class SourceFile(NamedTuple):
    """A file worth parsing."""

    path: str
    """Repository-relative, with ``/``."""
    data: bytes


class NotChecked(NamedTuple):
    """Something a user would expect to be checked and that was not."""

    what: str
    """A path, a host, or the name of a check."""
    reason: str
    is_path: bool = True
