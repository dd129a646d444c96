"""The reports of a shard saved to a file, and read again as they were.

A file holds a table of values, each a class of the model and its fields, and each made of those before it:
what is equal is written once, and there are no cycles. Classes and types are those that the model's own
annotations reach from ``Kept``; nothing else can be written or read. A file may come out of somebody else's
job, so what is read is checked against the annotations as it is taken, and its size once unfolded is bounded.
"""

import json
import re
import types
from binascii import Error, a2b_base64, b2a_base64
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

from pincheck import __version__, model
from pincheck.model import CertificateFile, Location, PrivateKey, Report, advice, chains, changes, knowledge
from pincheck.outputs._escape import visible, withheld

FORMAT, VERSION = "pincheck shard", 1
MAX_BYTES = 512 * 1024 * 1024
MAX_VALUES = 30_000_000
"""JSON values in a file."""
MAX_WEIGHT = 200_000_000
"""Values and stretches of 16 characters when all that is shared is written out: what outputs may have to walk."""
LONGEST_INT = 2**53
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(_DAY.pattern + r"T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{6})?Z")


class Part(NamedTuple):
    """The outcome of one repository."""

    folder: str
    """Where it lies, from the folder that all paths of the report begin at; empty for that folder itself."""
    report: Report
    """All places in it begin with ``folder``."""
    fails: bool = False
    """It has findings that count, by its own configuration or the options."""
    unreached: bool = False
    """A host that should have been looked at showed nothing."""
    interrupted: bool = False
    fault: str = ""
    """Why it could not be checked at all, or empty."""


class Kept(NamedTuple):
    """What one shard found."""

    number: int
    of: int
    """It is shard ``number`` of so many."""
    asked: str
    """A digest of all that was asked, the same in every shard."""
    repositories: int
    """In all shards together."""
    today: date
    detail: Literal["quiet", "normal", "verbose"]
    fail_on_unchecked: bool
    parts: tuple[Part, ...]


class Bad(Exception):
    """What is wrong with a file, and where in it."""


# writing ---------------------------------------------------------------------


def text_of(kept: Kept) -> str:
    """Write it as JSON in ASCII, a value on each line; the same value gives the same text.

    The text of a private key is withheld, as every output would.
    """
    table = _Writing()
    table.write(kept, Kept)
    tool = json.dumps({"name": "pincheck", "version": __version__})
    head = f'{{\n"format": "{FORMAT}",\n"version": {VERSION},\n"tool": {tool},\n"values": [\n'
    return head + ",\n".join(table.lines) + "\n]\n}\n"


class _Writing:
    """A table of values under way."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._numbers: dict[str, int] = {}
        self._known: dict[int, int] = {}
        self._alive: list[Any] = []
        """What ``_known`` knows by its identity must not go away meanwhile."""

    def write(self, value: Any, hint: Any) -> Any:
        """The JSON value that stands for a value of the annotated type."""
        plain = _WRITERS.get(hint)
        return plain(value) if plain else self._other(value, hint)

    def _other(self, value: Any, hint: Any) -> Any:
        origin = get_origin(hint)
        if origin is None:
            return self._filed(value, hint)
        if origin is Literal:
            return value
        if origin in (Union, types.UnionType):
            return None if value is None else self.write(value, _but_none(hint))
        if origin is tuple:
            return [self.write(each, of) for each, of in zip(value, _each(hint, len(value)), strict=True)]
        if origin is frozenset:
            return sorted((self.write(each, get_args(hint)[0]) for each in value), key=json.dumps)
        key, of = get_args(hint)
        return [[self.write(name, key), self.write(each, of)] for name, each in value.items()]

    def _filed(self, value: Any, kind: Any) -> int:
        """The number of a value's line in the table, written now if it is not there."""
        if (known := self._known.get(id(value))) is not None:
            return known
        if kind is bytes:
            line = json.dumps(["", b2a_base64(value, newline=False).decode("ascii")])
        else:
            shown = _without_keys(value)
            fields = [self.write(getattr(shown, name), hint) for name, hint in fields_of(kind).items()]
            line = json.dumps([kind.__name__, *fields], separators=(",", ":"))
        number = self._numbers.setdefault(line, len(self.lines))
        if number == len(self.lines):
            self.lines.append(line)
        self._known[id(value)] = number
        self._alive.append(value)
        return number


_WRITERS: dict[Any, Callable[[Any], Any]] = {
    str: withheld,
    int: lambda value: value,
    bool: lambda value: value,
    date: lambda value: value.isoformat(),
    datetime: lambda value: value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z",
}


def _without_keys(value: Any) -> Any:
    """The value without what may hold a private key, none of which any output draws."""
    if isinstance(value, PrivateKey | CertificateFile):
        return value._replace(data=b"")
    if isinstance(value, Location) and withheld(value.text) != value.text:
        return value._replace(text="")
    return value


# reading ---------------------------------------------------------------------


def read(root: dict[str, Any]) -> Kept:
    """Take the document of a file, parsed; raise ``Bad`` for whatever is wrong with it."""
    if type(root.get("version")) is not int or root["version"] != VERSION:
        raise Bad(f"is of another version of the format; this pincheck reads version {VERSION}")
    tool = root.get("tool")
    made_by = tool.get("version") if isinstance(tool, dict) else None
    if made_by != __version__:
        raise Bad(
            f"was made by pincheck {visible(str(made_by), 50)}; merge it with the same, this is {__version__}"
        )
    lines = root.get("values")
    if not isinstance(lines, list) or not lines:
        raise Bad("values: must be a list")
    table = _Reading()
    for line in lines:
        table.take(line)
    kept = table.values[-1]
    if not isinstance(kept, Kept):
        raise Bad("values: must end in a Kept")
    if table.weights[-1] > MAX_WEIGHT:
        raise Bad("is more than this pincheck can draw; make more shards")
    return kept


class _Reading:
    """A table of values read so far."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self.weights: list[int] = []
        self._weight = 0

    def take(self, line: Any) -> None:
        """Add a line's value to the table."""
        self._weight = 1
        name = line[0] if isinstance(line, list) and line else None
        kind = _classes().get(name) if isinstance(name, str) else None
        try:
            if name == "" and len(line) == 2:
                self.values.append(_bytes(line[1]))
                self._weight += len(line[1]) // 16
            elif kind:
                self.values.append(self._made(kind, line[1:]))
            else:
                raise Bad("must be a list that begins with the name of a class")
        except Bad as fault:
            raise Bad(f"values[{len(self.values)}]: {fault}") from None
        self.weights.append(self._weight)

    def _made(self, kind: type, fields: list[Any]) -> Any:
        hints = fields_of(kind)
        if len(fields) != len(hints):
            raise Bad(f"{kind.__name__} must have {len(hints)} fields, not {len(fields)}")
        read = []
        for field, (name, hint) in zip(fields, hints.items(), strict=True):
            try:
                read.append(self._read(field, hint))
            except Bad as fault:
                raise Bad(f"{kind.__name__}.{name} {fault}") from None
        value = kind(*read)
        if wrong := _INVARIANTS.get(kind, _fine)(value):
            raise Bad(f"{kind.__name__} {wrong}")
        return value

    def _read(self, raw: Any, hint: Any) -> Any:
        self._weight += 1
        if isinstance(hint, type) and get_origin(hint) is None:
            reader = _READERS.get(hint)
            if not reader:
                return self._referred(raw, hint)
            if isinstance(raw, str):
                self._weight += len(raw) // 16
            return reader(raw)
        return self._composed(raw, hint, get_origin(hint))

    def _composed(self, raw: Any, hint: Any, origin: Any) -> Any:
        if origin is Literal:
            if not isinstance(raw, str) or raw not in get_args(hint):
                raise Bad(f"must be one of {', '.join(get_args(hint))}")
            return raw
        if origin in (Union, types.UnionType):
            return None if raw is None else self._read(raw, _but_none(hint))
        if not isinstance(raw, list):
            raise Bad("must be a list")
        if origin is tuple:
            each = _each(hint, len(raw))
            if len(each) != len(raw):
                raise Bad(f"must have {len(each)} items")
            return tuple([self._read(one, of) for one, of in zip(raw, each, strict=True)])
        if origin is frozenset:
            return frozenset([self._read(one, get_args(hint)[0]) for one in raw])
        key, of = get_args(hint)
        if not all(isinstance(pair, list) and len(pair) == 2 for pair in raw):
            raise Bad("must be a list of pairs")
        return {self._read(name, key): self._read(one, of) for name, one in raw}

    def _referred(self, raw: Any, kind: type) -> Any:
        if type(raw) is not int or not 0 <= raw < len(self.values) or type(self.values[raw]) is not kind:
            raise Bad(f"must be the number of a {kind.__name__} above it")
        self._weight += self.weights[raw]
        return self.values[raw]


def _bytes(raw: Any) -> bytes:
    try:
        return a2b_base64(_str(raw), strict_mode=True)
    except (Error, ValueError):
        raise Bad("no base64") from None


def _str(raw: Any) -> str:
    if not isinstance(raw, str):
        raise Bad("must be a text")
    return raw


def _int(raw: Any) -> int:
    if type(raw) is not int or not 0 <= raw < LONGEST_INT:
        raise Bad("must be a number that is not negative")
    return raw


def _bool(raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise Bad("must be true or false")
    return raw


def _date(raw: Any) -> date:
    try:
        if not _DAY.fullmatch(_str(raw)):
            raise ValueError
        return date.fromisoformat(raw)
    except ValueError:
        raise Bad("must be a date such as 2026-11-20") from None


def _datetime(raw: Any) -> datetime:
    try:
        if not _TIME.fullmatch(_str(raw)):
            raise ValueError
        return datetime.fromisoformat(raw)
    except ValueError:
        raise Bad("must be a time such as 2026-11-20T03:04:05Z") from None


_READERS: dict[Any, Callable[[Any], Any]] = {
    str: _str,
    int: _int,
    bool: _bool,
    date: _date,
    datetime: _datetime,
}


def _fine(value: Any) -> str:
    return ""


def _placed(at: Location) -> str:
    return "" if min(at.line, at.column, at.end_line, at.end_column) > 0 else "must count from 1"


def _verified(each: chains.Verification) -> str:
    return "" if each.pin_sets else "must have a pin set"


def _numbered(kept: Kept) -> str:
    return "" if 1 <= kept.number <= kept.of else "must have a number from 1 to how many there are"


_INVARIANTS: dict[Any, Callable[[Any], str]] = {
    Location: _placed,
    chains.Verification: _verified,
    Kept: _numbered,
}
"""What the model promises beyond its types, and outputs count on."""


# the model's annotations -----------------------------------------------------


@cache
def fields_of(kind: type) -> Mapping[str, Any]:
    """The fields of a class of the model, in order, with their types."""
    known: dict[str, Any] = {}
    for module in (knowledge, chains, changes, advice, model):
        known |= vars(module)
    return {name: hint for name, hint in get_type_hints(kind, None, known).items() if name in kind._fields}  # type: ignore[attr-defined]


@cache
def _classes() -> Mapping[str, type]:
    """Every class that can be reached from ``Kept``, by name."""
    found: dict[str, type] = {}

    def reach(hint: Any) -> None:
        if hasattr(hint, "_fields") and hint.__name__ not in found:
            found[hint.__name__] = hint
            for each in fields_of(hint).values():
                reach(each)
        for each in () if get_origin(hint) is Literal else get_args(hint):
            reach(each)

    reach(Kept)
    return found


def _but_none(hint: Any) -> Any:
    (only,) = (each for each in get_args(hint) if each is not type(None))
    return only


def _each(hint: Any, number: int) -> tuple[Any, ...]:
    """The type of each item of a tuple."""
    types_of = get_args(hint)
    return (types_of[0],) * number if types_of[-1:] == (...,) else types_of


def parsed(contents: bytes) -> Any:
    """The JSON of a file that somebody else may have made; raise ``Bad`` if it is none."""
    if sum(map(contents.count, (b",", b"[", b"{"))) > MAX_VALUES:
        raise Bad(f"more than {MAX_VALUES:,} values")
    try:
        return json.loads(contents.decode("utf-8"))
    except RecursionError:
        raise Bad("nested too deep") from None
    except ValueError:
        raise Bad("no JSON") from None
