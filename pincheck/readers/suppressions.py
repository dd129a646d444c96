"""``pincheck: ignore[rule] reason`` in a comment, whatever the comment's syntax."""

import re
from collections.abc import Iterator
from itertools import islice

from pincheck.model import Location, SourceFile, Suppression
from pincheck.readers.text import ByteLines

_IGNORE = rb"pincheck:\s{0,4}ignore\[([a-z0-9, -]{1,300})\][ \t]*([^\r\n]{0,300})"
_COMMENT_END = r"\s*(-->|\*/|#\}|\}\}).*$"
_COMMENT_START = b" \t<!-/*#;\xef\xbb\xbf"
MAX_IN_FILE = 1000
"""Nobody writes more; what comes after counts for nothing."""


def suppressions(source: SourceFile) -> Iterator[Suppression]:
    """Yield the suppressions that a file's comments hold."""
    lines = ByteLines(source.data)
    for match in islice(re.finditer(_IGNORE, source.data), MAX_IN_FILE):
        line, start = lines.position(match.start())
        column = (
            len(source.data[max(start, match.start() - 10_000) : match.start()].decode("utf-8", "replace"))
            + 1
        )
        width = len(match[0].decode("utf-8", "replace"))
        reason = re.sub(_COMMENT_END, "", match[2].decode("utf-8", "replace")).strip()
        rules = tuple(name.strip() for name in match[1].decode("ascii").split(",") if name.strip())
        at = Location(source.path, line, column, line, column + width, lines.text(start))
        before = source.data[max(start, match.start() - 200) : match.start()]
        if rules:
            yield Suppression(at, rules, reason, alone=not before.strip(_COMMENT_START))
