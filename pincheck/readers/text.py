"""Bytes -> text, and places in it."""

import re
from bisect import bisect_right

from pincheck.model import MAX_LINE, Location
from pincheck.readers.unreadable import Unreadable

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_BARE_UTF16 = ((b"<\x00", "utf-16-le"), (b"\x00<", "utf-16-be"))
_XML_ENCODING = rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']"
_NAMED = r"(?i)utf-?8|utf-?16|us-ascii|ascii|latin-?1|iso-?8859-\d{1,2}|windows-125\d|cp125\d"


def decode(data: bytes) -> str:
    """Return the text of a file: by its byte order mark, its XML declaration, else as UTF-8."""
    encoding = _encoding(data)
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        raise Unreadable(f"not {encoding.upper().removesuffix('-SIG')} text") from None


def _encoding(data: bytes) -> str:
    for start, encoding in _BOMS + _BARE_UTF16:
        if data.startswith(start):
            return encoding
    if named := re.match(_XML_ENCODING, data[:400]):
        encoding = named[1].decode("ascii").lower()
        if not re.fullmatch(_NAMED, encoding):
            raise Unreadable(f"its encoding {encoding} is not known here")
        if not encoding.startswith(("utf16", "utf-16")):
            return encoding
    return "utf-8"


class Lines:
    """The lines of a text, for Locations by offset."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self._text = text
        self._starts = [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", text))]
        self._last = (1, 0, -1, "")
        """The line that was last asked for: its number, start, last offset and text."""

    def line(self, number: int) -> str:
        """Line ``number`` (from 1) without its break; empty if it is longer than ``MAX_LINE``."""
        start = self._starts[number - 1]
        end = self._starts[number] if number < len(self._starts) else len(self._text)
        if end - start > MAX_LINE + 2:
            return ""
        return self._text[start:end].rstrip("\r\n")

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column, both from 1, of a character offset."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def location(self, start: int, end: int) -> Location:
        """The Location of ``text[start:end]``."""
        number, first, last, text = self._last
        if not first <= start <= end <= last:
            return self._location(start, end)
        return Location(self.path, number, start - first + 1, number, end - first + 1, text)

    def _location(self, start: int, end: int) -> Location:
        line, column = self.position(start)
        end_line, end_column = self.position(max(start, end))
        text = self.line(line)
        if line == end_line:  # what is asked for next is mostly on the same line
            last = self._starts[line] - 1 if line < len(self._starts) else len(self._text)
            self._last = (line, self._starts[line - 1], last, text)
        return Location(self.path, line, column, end_line, end_column, text)


class ByteLines:
    """Line numbers by byte offset, for offsets that only grow: the cost is one pass in all."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._offset = 0
        self._line = 1
        self._start = 0

    def position(self, offset: int) -> tuple[int, int]:
        """The line (from 1) that holds ``offset``, and the offset at which it starts."""
        self._line += self._data.count(b"\n", self._offset, offset)
        self._start = max(self._start, self._data.rfind(b"\n", self._offset, offset) + 1)
        self._offset = offset
        return self._line, self._start

    def text(self, start: int) -> str:
        """The line that starts at an offset, without its break; empty if it is longer than ``MAX_LINE``."""
        line = self._data[start : start + 4 * MAX_LINE + 2].partition(b"\n")[
            0
        ]  # a character has up to 4 bytes
        text = line.decode("utf-8", "replace").rstrip("\r")
        return text if len(text) <= MAX_LINE else ""


def whole_file(path: str) -> Location:
    """The Location that stands for a file without lines."""
    return Location(path, 1, 1, 1, 1)
