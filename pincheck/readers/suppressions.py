"""``pincheck: ignore[rule] reason`` in a comment, whatever the comment's syntax."""

import re
from collections.abc import Iterator

from pincheck.model import Location, SourceFile, Suppression

_IGNORE = re.compile(rb"pincheck:\s{0,4}ignore\[([a-z0-9, -]{1,300})\][ \t]*([^\r\n]{0,300})")
_COMMENT_END = re.compile(r"\s*(-->|\*/|#\}|\}\}).*$")


def suppressions(source: SourceFile) -> Iterator[Suppression]:
    """Yield the suppressions that a file's comments hold."""
    for match in _IGNORE.finditer(source.data):
        line = source.data.count(b"\n", 0, match.start()) + 1
        start = source.data.rfind(b"\n", 0, match.start()) + 1
        column = len(source.data[start : match.start()].decode("utf-8", "replace")) + 1
        text = match[0].decode("utf-8", "replace")
        reason = _COMMENT_END.sub("", match[2].decode("utf-8", "replace")).strip()
        rules = tuple(name.strip() for name in match[1].decode("ascii").split(",") if name.strip())
        at = Location(source.path, line, column, line, column + len(text), text)
        yield Suppression(at, rules, reason)
