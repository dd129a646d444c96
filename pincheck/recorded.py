"""Observations saved to a file and judged from it later, without a network.

The format is ``schemas/recording-v1.json``. A recording may come out of somebody else's pull request, so what is
read is checked by hand as it is taken: ``jsonschema`` takes seconds for a thousand hosts, and minutes for a
file made to hurt. A test holds the two against each other.
"""

import json
import re
from binascii import Error, a2b_base64, b2a_base64
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from ipaddress import ip_address
from typing import Any, NamedTuple, NoReturn, get_args

from pincheck import __version__, files
from pincheck.errors import UsageError
from pincheck.model.chains import Failure, Observation, Offer, Target
from pincheck.outputs._escape import LONGEST, visible
from pincheck.shards import MOST, Shard, complete

STALE_DAYS = 7
"""A recording that is older is said to be old: certificates of a week may have been replaced since."""
MAX_BYTES = 128 * 1024 * 1024
MAX_VALUES = 3_000_000
"""JSON values in a file; ten thousand hosts have a tenth of it."""
MAX_LOOKS = 100
"""Of one target; a survey takes half of it, three at each of sixteen addresses."""

VERSION = 1
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{6})?Z")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_ADDRESS = re.compile(r"[0-9a-fA-F.:]+(?:%[0-9A-Za-z.:_@~+-]+)?")
"""A zone (``fe80::1%eth0``) may stand behind an address, which is then one that was not asked."""
_PROTOCOL = re.compile(r"(?:TLS|SSL)v[0-9](?:\.[0-9])?")
_OFFERS: tuple[Offer, ...] = get_args(Offer)
_KINDS = get_args(Failure.__annotations__["kind"])


class Recording(NamedTuple):
    """What a recording says of the hosts asked for."""

    observations: tuple[Observation, ...]
    notes: tuple[str, ...]
    """What the user should know about it: that it is old, or from the future."""


class Division(NamedTuple):
    """Which part of a survey a recording holds."""

    shard: Shard
    asked: str
    """A digest of all that was to be looked at, the same in every part."""


def save(
    path: str, observations: Sequence[Observation], at: datetime, division: Division | None = None
) -> None:
    """Write the observations of a survey, or of a part of one, that was done ``at`` a time (aware) to a file.

    The same observations give the same bytes. The file appears whole or not at all; a link at
    ``path`` is replaced, not followed. Raise ``UsageError`` if it cannot be written.
    """
    files.replace(path, _text(observations, at, division))


def expect_writable(path: str) -> None:
    """Raise ``UsageError`` if ``save`` could not write there: better before a survey than behind it."""
    files.expect_replaceable(path)


def load(path: str, targets: Iterable[Target], now: datetime) -> Recording:
    """Return what the recording holds of the targets, in their order; within a target, in the recording's.

    A target that it does not hold gets one observation, ``skipped``. Raise ``UsageError`` that names the
    file and the place for whatever is wrong with it.
    """
    shown = visible(path)
    try:
        when, recorded, division = _document(_parsed(files.read(path, MAX_BYTES)))
    except _Bad as fault:
        raise UsageError(f"{shown}: {fault}") from None
    by_target: dict[Target, list[Observation]] = {}
    for observation in recorded:
        by_target.setdefault(observation.target, []).append(observation)
    for target, looks in by_target.items():
        if len(looks) > MAX_LOOKS:  # judging each costs a thousand times what it cost to write it
            host = f"{visible(target.host)}:{target.port}"
            raise UsageError(f"{shown}: {len(looks):,} observations of {host}, more than any survey makes")
    missing = Failure("skipped", f"not in the recording of {when.date()}")
    asked = [by_target.get(each) or [Observation(each, when, failure=missing)] for each in targets]
    notes = _notes(when, now)
    if division and division.shard.of > 1:
        notes = (*notes, f"the recording is shard {division.shard} of one; `pincheck merge` joins them")
    return Recording(tuple(one for each in asked for one in each), notes)


def _notes(when: datetime, now: datetime) -> tuple[str, ...]:
    days = (now.astimezone(UTC).date() - when.date()).days
    if days > STALE_DAYS:
        return (f"the recording is {days:,} days old: hosts may serve other certificates by now",)
    if days < 0:
        return (f"the recording is of {when.date()}, a day yet to come: is a clock wrong?",)
    return ()


# merging ---------------------------------------------------------------------


def merged(names: Sequence[str], documents: Sequence[Any]) -> str:
    """Join the recordings of all shards of one survey into one; ``documents`` are their parsed files.

    It is as old as the oldest, and holds the same in whatever order they are given. Raise ``UsageError`` that
    names the file if one is missing, there twice, of another survey or another pincheck, or faulty.
    """
    read = [_division_of(visible(name), root) for name, root in zip(names, documents, strict=True)]
    order = complete([*map(visible, names)], [(each.division.shard, each.division.asked) for each in read])
    looks = [observation for place in order for observation in read[place].observations]
    text = _text(looks, min(each.when for each in read), None)
    if len(text) > MAX_BYTES:
        raise UsageError(f"the recordings are more than {MAX_BYTES // 1024**2} MB together; judge them apart")
    return text


class _Part(NamedTuple):
    when: datetime
    observations: list[Observation]
    division: Division


def _division_of(name: str, root: Any) -> _Part:
    try:
        when, observations, division = _document(root)
        if root["tool"]["version"] != __version__:
            raise _Bad(f"was made by pincheck {visible(root['tool']['version'])}; this is {__version__}")
        if not division:
            raise _Bad("is no shard of a recording; --record writes one together with --shard K/N")
        for each in observations:
            if not division.shard.holds(each.target.host):
                raise _Bad(
                    f"holds {visible(each.target.host)}, which is of another shard than {division.shard}"
                )
    except _Bad as fault:
        raise UsageError(f"{name}: {fault}") from None
    return _Part(when, observations, division)


# writing ---------------------------------------------------------------------


def _text(observations: Sequence[Observation], at: datetime, division: Division | None) -> str:
    """A line for each certificate, by hash, and for each observation, so that two recordings can be compared."""
    filed: dict[str, bytes] = {}
    looks = [json.dumps(_looked(observation, filed)) for observation in observations]
    certificates = [f'"{key}": "{_base64(filed[key])}"' for key in sorted(filed)]
    tool = json.dumps({"name": "pincheck", "version": __version__})
    own = f'"shard": {json.dumps(_divided(division))},\n' if division else ""
    return (
        f'{{\n"version": {VERSION},\n"tool": {tool},\n"when": "{_time(at)}",\n{own}'
        f'"certificates": {{{_lines(certificates)}}},\n"observations": [{_lines(looks)}]\n}}\n'
    )


def _divided(division: Division) -> dict[str, Any]:
    return {"number": division.shard.number, "of": division.shard.of, "asked": division.asked}


def _lines(items: Sequence[str]) -> str:
    return "\n" + ",\n".join(items) + "\n" if items else ""


def _looked(observation: Observation, filed: dict[str, bytes]) -> dict[str, Any]:
    hashes = [sha256(der).hexdigest() for der in observation.served]
    filed.update(zip(hashes, observation.served, strict=True))
    failure = observation.failure
    return {
        "host": observation.target.host,
        "port": observation.target.port,
        "address": observation.address or None,
        "offer": observation.offer,
        "at": _time(observation.at),
        "protocol": observation.protocol or None,
        "served": hashes,
        "failure": failure and {"kind": failure.kind, "reason": visible(failure.reason)},
    }


def _time(at: datetime) -> str:
    return at.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def _base64(data: bytes) -> str:
    return b2a_base64(data, newline=False).decode("ascii")


# reading ---------------------------------------------------------------------


class _Bad(Exception):
    """What is wrong with the file, and where in it."""


def _parsed(contents: bytes) -> Any:
    if sum(map(contents.count, (b",", b"[", b"{"))) > MAX_VALUES:
        raise _Bad(f"more than {MAX_VALUES:,} values")
    try:
        return json.loads(contents.decode("utf-8"), parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise _Bad(f"line {error.lineno}: no JSON: {error.msg}; record anew") from None
    except UnicodeDecodeError:
        raise _Bad("no UTF-8; record anew") from None
    except RecursionError:
        raise _Bad("nested too deep; record anew") from None
    except ValueError:
        raise _Bad("holds a number of too many digits; record anew") from None


def _no_number(text: str) -> NoReturn:
    raise _Bad(f"{text} is no JSON; record anew")


def _document(root: Any) -> tuple[datetime, list[Observation], Division | None]:
    """When the recording was made, all that it holds, and of which part of a survey that is."""
    if isinstance(root, dict) and type(version := root.get("version")) is int and version != VERSION:
        raise _Bad(f"version {str(version)[:20]} of the format; this pincheck reads version {VERSION}")
    is_part = isinstance(root, dict) and "shard" in root
    _keys(root, "", _TOP | {"shard"} if is_part else _TOP)
    if type(root["version"]) is not int:
        raise _Bad(f"version: must be the number {VERSION}")
    _tool(root["tool"])
    when = _moment(root["when"], "when")
    filed = _certificates(root["certificates"])
    if not isinstance(root["observations"], list):
        raise _Bad(f"observations: must be a list, not {_kind(root['observations'])}")
    looks = [_observation(each, number, filed) for number, each in enumerate(root["observations"])]
    return when, looks, _division(root["shard"]) if is_part else None


_TOP = frozenset(("version", "tool", "when", "certificates", "observations"))
_LOOK = frozenset(("host", "port", "address", "offer", "at", "protocol", "served", "failure"))


def _division(value: Any) -> Division:
    _keys(value, "shard", frozenset(("number", "of", "asked")))
    number, of = value["number"], value["of"]
    if type(number) is not int or type(of) is not int or not 1 <= number <= of <= MOST:
        raise _Bad(f"shard: must be a number from 1 to that of all, at most {MOST:,}")
    if not isinstance(value["asked"], str) or not _SHA256.fullmatch(value["asked"]):
        raise _Bad("shard.asked: must be a SHA-256 in lower-case hex")
    return Division(Shard(number, of), value["asked"])


def _tool(value: Any) -> None:
    _keys(value, "tool", frozenset(("name", "version")))
    if value["name"] != "pincheck":
        raise _Bad('tool.name: must be "pincheck"')
    _text_of(value["version"], "tool.version", 0, 50)


def _certificates(value: Any) -> dict[str, bytes]:
    """The DER of each certificate by its SHA-256 in hex."""
    if not isinstance(value, dict):
        raise _Bad(f"certificates: must be an object, not {_kind(value)}")
    filed = {}
    for key, text in value.items():
        place = f"certificates.{visible(key, 64)}"
        if not _SHA256.fullmatch(key):
            raise _Bad(f"{place}: must be a SHA-256 in lower-case hex")
        try:
            filed[key] = a2b_base64(_text_of(text, place, 0, MAX_BYTES), strict_mode=True)
        except (Error, ValueError):
            raise _Bad(f"{place}: no base64") from None
        if sha256(filed[key]).hexdigest() != key:
            raise _Bad(
                f"{place}: the certificate has another SHA-256; the file was changed after it was made"
            )
    return filed


def _observation(value: Any, number: int, filed: dict[str, bytes]) -> Observation:
    place = f"observations[{number}]"
    _keys(value, place, _LOOK)
    address, protocol = value["address"], value["protocol"]
    if address is not None:
        _ip(address, f"{place}.address")
    if protocol is not None and not (isinstance(protocol, str) and _PROTOCOL.fullmatch(protocol)):
        raise _Bad(f"{place}.protocol: must be null or such as TLSv1.3")
    if value["offer"] not in _OFFERS:
        raise _Bad(f"{place}.offer: must be one of {', '.join(_OFFERS)}")
    served = _served(value["served"], f"{place}.served", filed)
    failure = None if value["failure"] is None else _failure(value["failure"], f"{place}.failure")
    if bool(served) == bool(failure):
        raise _Bad(f"{place}: must hold either served certificates or a failure")
    return Observation(
        target=Target(_text_of(value["host"], f"{place}.host", 1, 255), _port(value["port"], place)),
        at=_moment(value["at"], f"{place}.at"),
        address=address or "",
        offer=_OFFERS[_OFFERS.index(value["offer"])],
        served=served,
        protocol=protocol or "",
        failure=failure,
    )


def _ip(value: Any, place: str) -> None:
    try:
        if not isinstance(value, str) or len(value) > 64 or not _ADDRESS.fullmatch(value):
            raise ValueError
        ip_address(value)
    except ValueError:
        raise _Bad(f"{place}: must be null or an IP address") from None


def _port(value: Any, place: str) -> int:
    if type(value) is not int or not 1 <= value <= 65535:
        raise _Bad(f"{place}.port: must be a number from 1 to 65535")
    return value


def _served(value: Any, place: str, filed: dict[str, bytes]) -> tuple[bytes, ...]:
    if not isinstance(value, list):
        raise _Bad(f"{place}: must be a list, not {_kind(value)}")
    for number, key in enumerate(value):
        if not isinstance(key, str) or key not in filed:
            raise _Bad(f"{place}[{number}]: names no certificate of the recording")
    return tuple(filed[key] for key in value)


def _failure(value: Any, place: str) -> Failure:
    _keys(value, place, frozenset(("kind", "reason")))
    if not isinstance(value["kind"], str) or value["kind"] not in _KINDS:
        raise _Bad(f"{place}.kind: must be one of {', '.join(_KINDS)}")
    reason = _text_of(value["reason"], f"{place}.reason", 0, LONGEST)
    return Failure(value["kind"], visible(reason))  # type: ignore[arg-type]


def _moment(value: Any, place: str) -> datetime:
    try:
        if not isinstance(value, str) or not _TIME.fullmatch(value):
            raise ValueError
        return datetime.fromisoformat(value)
    except ValueError:
        raise _Bad(f"{place}: must be a time such as 2026-11-20T03:04:05Z") from None


def _text_of(value: Any, place: str, least: int, most: int) -> str:
    if not isinstance(value, str):
        raise _Bad(f"{place}: must be a text, not {_kind(value)}")
    if not least <= len(value) <= most:
        raise _Bad(f"{place}: must have {least} to {most:,} characters")
    return value


def _keys(value: Any, place: str, known: frozenset[str]) -> None:
    """Raise unless the value is an object of exactly these keys."""
    before = f"{place}: " if place else ""
    if not isinstance(value, dict):
        raise _Bad(f"{before}must be an object, not {_kind(value)}")
    if missing := sorted(known - value.keys()):
        raise _Bad(f'{before}"{missing[0]}" is missing')
    if unknown := sorted(value.keys() - known):
        raise _Bad(f'{before}unknown key "{visible(unknown[0], 60)}"')


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")
