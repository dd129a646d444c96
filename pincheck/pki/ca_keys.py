"""The table of CA keys: whose key a pin is of, found without reading all of the table.

Nothing heavy is imported here, unlike elsewhere in this package: a plain check asks it too.
"""

import os
from binascii import crc32
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cached_property

from pincheck.model.knowledge import CaKey
from pincheck.model.pins import Pin

COLUMNS = ("spki_sha256", "kind", "operator", "root_operators", "name", "not_before", "not_after")
NAME = "ca-keys.csv"
SHIPPED = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "data", NAME)
MOST_BYTES = 16 * 1024 * 1024
STALE_DAYS = 180

_HEADER = ",".join(COLUMNS).encode()
_SIGN = b"# CA keys as of "
"""How the first line of a table begins; the day and a checksum of all lines below follow."""
_DIGITS = 44
"""Characters of a pin in base64."""


class Broken(Exception):
    """The bytes are no table of CA keys; the message says why."""


class Table:
    """A table of CA keys."""

    def __init__(self, data: bytes, day: date | None, path: str, notes: tuple[str, ...] = ()) -> None:
        self._data = data
        self.day = day
        """The day whose state of the Common CA Database it holds; None if the file does not tell."""
        self.path = path
        self.notes = notes
        """What the user should know of how it was opened: which file could not be used."""

    @classmethod
    def open(cls, path: str = "", environ: Mapping[str, str] = os.environ) -> "Table":
        """The table at ``path`` or, without one, the newer of the shipped table and the user's own.

        A file that is no table is told in ``notes``, and another one is taken in its place. Raise
        ``UsageError`` if there is no file at ``path`` or it cannot be read.
        """
        chosen = path or os.path.join(cache_folder(environ), NAME)
        shipped_day, note = _first_line(_beginning(SHIPPED))[0], ""
        try:
            data = _given(path) if path else _cached(chosen)
            day = _checked(data, dated=not path) if data else None
            if data and (path or _is_newer(day, shipped_day)):
                return cls(data, day, chosen)
        except Broken as error:
            step = "give another" if path else "run pincheck ca update"
            note = f"{chosen}: no table of CA keys: {error}; that of pincheck is used instead; {step}"
        return cls(_read(SHIPPED), shipped_day, SHIPPED, (note,) if note else ())

    def find(self, pin: Pin) -> CaKey | None:
        """The CA key that a pin is of; None if it is of none known, or no SHA-256 of an SPKI."""
        if (pin.hashed, pin.algorithm, len(pin.digest)) != ("spki", "sha256", 32):
            return None
        line = self._line(pin.base64.encode())
        try:
            return next(iter(_keys(line))) if line else None
        except (Broken, StopIteration):
            return None

    def by_operator(self, operator: str) -> tuple[CaKey, ...]:
        """The keys that an organisation holds, in the table's order; this reads all of the table."""
        return self._operators.get(operator, ())

    @cached_property
    def keys(self) -> tuple[CaKey, ...]:
        """All keys, by pin; this reads all of the table."""
        return tuple(_keys(_rows(self._data)))

    @cached_property
    def _operators(self) -> dict[str, tuple[CaKey, ...]]:
        found: dict[str, list[CaKey]] = {}
        for key in self.keys:
            found.setdefault(key.operator, []).append(key)
        return {operator: tuple(keys) for operator, keys in found.items()}

    def _line(self, wanted: bytes) -> bytes:
        """The line that begins with ``wanted``, or none: the lines are sorted, so half of the rest goes each time."""
        data = self._data
        low, high = data.find(_HEADER) + len(_HEADER) + 1, len(data)
        while low < high:
            start = data.rfind(b"\n", low, (low + high) // 2) + 1 or low
            end = data.find(b"\n", start) + 1 or len(data)
            found = data[start : start + _DIGITS]
            if found == wanted:
                return data[start:end]
            low, high = (end, high) if found < wanted else (low, start)
        return b""


def stale(day: date | None, today: date) -> str:
    """What to tell about the age of a table's facts; empty while they are recent, or of unknown age."""
    age = (today - day).days if day else 0
    if age <= STALE_DAYS:
        return ""
    return f"what is known of CA keys is {age} days old (as of {day}); run pincheck ca update"


def cache_folder(environ: Mapping[str, str]) -> str:
    """The folder of what pincheck keeps for a user between runs, whether it is there or not.

    Source: XDG Base Directory Specification: ``XDG_CACHE_HOME`` counts if it is absolute.
    """
    base = environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(base):
        base = os.path.join(environ.get("HOME") or os.path.expanduser("~"), ".cache")
    return os.path.join(base, "pincheck")


def render(keys: Iterable[CaKey], day: date) -> str:
    """The text of a table: sorted, one line a key, with its day and checksum; equal keys give equal text."""
    import csv
    import io

    body = io.StringIO()
    writer = csv.writer(body, lineterminator="\n")
    writer.writerow(COLUMNS)
    for key in sorted(keys, key=lambda key: key.spki.base64):
        operators = "; ".join(_flat(operator).replace(";", ",") for operator in key.root_operators)
        named = (_flat(key.operator).replace(";", ","), operators, _flat(key.name))
        writer.writerow((key.spki.base64, key.kind, *named, key.not_before, key.not_after))
    text = body.getvalue()
    return f"{_SIGN.decode()}{day}, checksum {crc32(text.encode()):08x}\n{text}"


def parse(data: bytes) -> tuple[CaKey, ...]:
    """All keys of a table, with its first line or without; raise ``Broken``."""
    keys = tuple(_keys(_rows(data)))
    pins = [key.spki.base64 for key in keys]
    if pins != sorted(set(pins)):
        raise Broken("its lines are not sorted by pin, each pin once")
    return keys


def _flat(text: str) -> str:
    """One line of at most 200 characters, none of which acts."""
    return "".join(c if c.isprintable() else " " for c in text[:200]) or "?"


# files ------------------------------------------------------------------------


def _given(path: str) -> bytes:
    """The file that the user names; a larger one than any table is cut, and so found broken."""
    from pincheck import files

    return files.read(path, MOST_BYTES, pipes=True) or b"\n"


def _cached(path: str) -> bytes:
    """The user's own table; empty if there is none."""
    try:
        # What is no ordinary file would keep us waiting.
        return _read(path) or b"\n" if os.path.isfile(path) else b""
    except OSError:
        return b""


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read(MOST_BYTES + 1)


def _is_newer(day: date | None, other: date | None) -> bool:
    return bool(day and other and day > other)


def _beginning(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read(200)


# the format -------------------------------------------------------------------


def _checked(data: bytes, dated: bool = True) -> date | None:
    """The day of a table that is whole; raise ``Broken``. One that may lack the first line is then read through."""
    if len(data) > MOST_BYTES:
        raise Broken("it is too large")
    day, checksum = _first_line(data)
    if day is None and (dated or data.startswith(_SIGN)):
        raise Broken("its first line does not tell its day")
    if day is None:
        parse(data)
        return None
    body = data[data.find(b"\n") + 1 :]
    if crc32(body) != checksum or not body.startswith(_HEADER + b"\n"):
        raise Broken("it is damaged")
    return day


def _first_line(data: bytes) -> tuple[date | None, int]:
    """The day and the checksum that a table begins with; no day if it does not."""
    line = data[:200].partition(b"\n")[0]
    day, _, checksum = line.removeprefix(_SIGN).decode("ascii", "replace").partition(", checksum ")
    try:
        return (date.fromisoformat(day), int(checksum, 16)) if line.startswith(_SIGN) else (None, 0)
    except ValueError:
        return None, 0


def _rows(data: bytes) -> bytes:
    """The lines below the header; raise ``Broken`` if there is no header."""
    body = data.partition(b"\n")[2] if data.startswith(_SIGN) else data
    header, _, rows = body.partition(b"\n")
    if header.rstrip(b"\r") != _HEADER:
        raise Broken(f"its first line is not {_HEADER.decode()}")
    return rows


def _keys(lines: bytes) -> Iterator[CaKey]:
    """The keys of lines without a header; raise ``Broken`` at the first that is none."""
    try:
        for line in lines.decode().rstrip("\n").split("\n"):
            yield _key(_fields(line.rstrip("\r")))
    except ValueError as error:
        raise Broken(f"a line cannot be read ({error})") from None


def _fields(line: str) -> list[str]:
    """The fields of a line; raise ``ValueError``."""
    if '"' not in line:
        return line.split(",")  # most have none, and a single look-up is spared loading ``csv``
    import csv

    try:
        return next(csv.reader([line], strict=True))
    except csv.Error as error:
        raise ValueError(str(error)) from None


def _key(row: list[str]) -> CaKey:
    """One line as a key; raise ``ValueError``."""
    from binascii import a2b_base64

    if len(row) != len(COLUMNS):
        raise ValueError(f"{len(row)} columns instead of {len(COLUMNS)}")
    pin, kind, operator, operators, name, not_before, not_after = row
    spki = Pin("spki", "sha256", a2b_base64(pin, strict_mode=True))
    if len(spki.digest) != 32 or kind not in ("root", "intermediate"):
        raise ValueError("no pin" if len(spki.digest) != 32 else "neither root nor intermediate")
    roots = tuple(operators.split("; ")) if operators else ()
    days = date.fromisoformat(not_before), date.fromisoformat(not_after)
    return CaKey(spki, "root" if kind == "root" else "intermediate", operator, roots, name, *days)
