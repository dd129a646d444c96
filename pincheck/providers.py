"""Who runs certificates for others and what they say of pinning, and the days on which rules for certificates change.

Facts that the package carries, each with its source, and pure functions on them. They stand in ``data/providers.yml``,
``data/calendar.yml`` and ``data/third-party-hosts.csv``, and are read when they are first asked for.
"""

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, cast

from pincheck.model.knowledge import Confidence, Milestone, Provider

if TYPE_CHECKING:
    from pincheck.model.pins import Pin
    from pincheck.readers.tree import Node

DAYS_A_YEAR = 365
CONFIDENCES = ("high", "med", "low")


class ThirdParty(NamedTuple):
    """A domain whose hosts an app's owner does not run."""

    domain: str
    """Lower case; the names below it are meant too."""
    operator: str
    states: str
    """What the operator says of pinning, a clause; empty where nothing is known."""
    source: str
    read: date
    confidence: Confidence


class Pace(NamedTuple):
    """How often a certificate has to be renewed from a day on."""

    since: date
    longest_days: int
    """How long a certificate lasts at most."""
    a_year: int
    """Renewals a year, at least."""


# what is carried ---------------------------------------------------------------


@lru_cache
def providers() -> tuple[Provider, ...]:
    """All providers that are known, in the order of the file."""
    return tuple(
        Provider(
            _text(each, "name"),
            tuple(_texts(each, "issuers")),
            _text(each, "advice"),
            tuple(_texts(each, "pinnable")),
            _text(each, "rotates") == "true",
            _text(each, "new-keys") == "true",
            _text(each, "source"),
            date.fromisoformat(_text(each, "read")),
            _confidence(_text(each, "confidence")),
        )
        for each in _entries("providers")
    )


@lru_cache
def milestones() -> tuple[Milestone, ...]:
    """All days on which the rules for certificates change, the earliest first."""
    return tuple(_milestone(each) for each in _entries("calendar"))


@lru_cache
def removals() -> Mapping[str, Milestone]:
    """The day that clients stop trusting a root, by the SPKI pin of its key in base64."""
    return {pin: _milestone(each) for each in _entries("calendar") for pin in _texts(each, "pins")}


@lru_cache
def third_parties() -> tuple[ThirdParty, ...]:
    """The domains of others that apps are known to pin, in the order of the file.

    Every run on pins asks for them, so they are read without a library: no field of the table holds a comma.
    """
    rows = (line.split(",") for line in _data("third-party-hosts.csv").decode("utf-8").splitlines()[1:])
    return tuple(
        ThirdParty(domain, operator, states, source, date.fromisoformat(read), _confidence(confidence))
        for domain, operator, states, source, read, confidence in rows
    )


# whose it is -------------------------------------------------------------------


def provider_of(issuer: str, known: Iterable[Provider]) -> Provider | None:
    """The provider whose expressions fit a part of an issuing CA's name (RFC 4514 text); None if none does.

    Each expression has to fit a whole part. Operators are told as the table of CA keys calls them, too.
    """
    parts = name_parts(issuer)
    return next(
        (
            each
            for each in known
            if any(re.fullmatch(expression, part) for expression in each.issuers for part in parts)
        ),
        None,
    )


def name_parts(text: str) -> tuple[str, ...]:
    r"""The parts of a name in RFC 4514 text, without escapes: ``CN=a\, b,O=c`` -> ``CN=a, b``, ``O=c``."""
    parts = re.findall(r"(?:\\.|[^\\,+])+", text, re.DOTALL)
    return tuple(re.sub(r"\\([0-9a-fA-F]{2}|.)", _unescaped, part, flags=re.DOTALL) for part in parts)


def third_party(host: str, known: Iterable[ThirdParty]) -> ThirdParty | None:
    """Whose domain a host, or the name of a pattern, belongs to; None if to nobody known."""
    return next((each for each in known if host == each.domain or host.endswith("." + each.domain)), None)


# the calendar ------------------------------------------------------------------


def horizon(pin: "Pin", day: date, known: Mapping[str, Milestone]) -> Milestone | None:
    """The milestone that takes a pinned root out of trust, on ``day`` or later; ``known`` is ``removals()``.

    None for a key that is to stay, as far as is known, and for one that is gone already.
    """
    found = known.get(pin.base64) if pin.hashed == "spki" else None
    return found if found and found.day >= day else None


def renewals(
    day: date, lifetime_days: int, known: Sequence[Milestone], operator: str = ""
) -> tuple[Pace, ...]:
    """How often a leaf is to be renewed from ``day`` on, and from each day on which that grows, earliest first.

    ``lifetime_days`` is how long the leaf lasts that is served now; ``operator`` is that of its CA, as milestones name
    it. A leaf pin has to survive every one of these renewals.
    """
    limits = [each for each in known if each.longest_days and each.issuer in ("", operator)]
    found: list[Pace] = []
    for since in sorted({day, *(each.day for each in limits if each.day > day)}):
        allowed = [each.longest_days or 0 for each in limits if each.day <= since]
        longest = max(min([lifetime_days, *allowed]), 1)
        pace = Pace(since, longest, -(-DAYS_A_YEAR // longest))
        if not found or pace.a_year > found[-1].a_year:
            found.append(pace)
    return tuple(found)


def in_words(paces: Sequence[Pace]) -> str:
    """``2 renewals a year, 4 from 2027-03-15, 8 from 2029-03-15``; the first holds now."""
    first, *later = paces
    noun = "renewal" if first.a_year == 1 else "renewals"
    return ", ".join(
        [f"{first.a_year} {noun} a year", *(f"{each.a_year} from {each.since}" for each in later)]
    )


# reading -----------------------------------------------------------------------


def _milestone(entry: "Node") -> Milestone:
    days = _text(entry, "days")
    return Milestone(
        date.fromisoformat(_text(entry, "day")),
        _text(entry, "what"),
        int(days) if days else None,
        _text(entry, "issuer"),
        _text(entry, "source"),
        _confidence(_text(entry, "confidence")),
    )


@lru_cache
def _entries(name: str) -> "tuple[Node, ...]":
    """The entries of a file of ours."""
    from pincheck.model.source import SourceFile
    from pincheck.readers.yaml_text import read_documents

    (document,) = read_documents(SourceFile(f"{name}.yml", _data(f"{name}.yml")), strict=True)
    return document.entries[0][1].items


def _data(name: str) -> bytes:
    with open(os.path.join(os.path.dirname(__file__), "data", name), "rb") as file:
        return file.read()


def _text(entry: "Node", key: str) -> str:
    node = entry.get(key)
    return node.value if node else ""


def _texts(entry: "Node", key: str) -> list[str]:
    node = entry.get(key)
    return [item.value for item in node.items] if node else []


def _confidence(text: str) -> Confidence:
    if text not in CONFIDENCES:
        raise ValueError(text)
    return cast("Confidence", text)


def _unescaped(match: re.Match[str]) -> str:
    return chr(int(match[1], 16)) if len(match[1]) == 2 else match[1]
