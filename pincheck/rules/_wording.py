"""How messages name hosts, pins and places: short, and safe to print."""

from collections.abc import Iterable, Sequence

from pincheck.model import DeclaredPin, Defect, Location, Pin, PinSet, Problem

MAX_HOSTS = MAX_PINS = 3
PIN_LENGTH = 12
"""Enough of a pin to find it by."""


def hosts(pin_set: PinSet) -> str:
    """The hosts of a pin set, or a word for hosts that the source does not tell."""
    return named(pin_set.host_names)


def named(names: Sequence[str]) -> str:
    """The first names and the number of the others."""
    if not names:
        return "an unknown host"
    first = ", ".join(shown(name) for name in names[:MAX_HOSTS])
    return f"{first} and {len(names) - MAX_HOSTS} more" if len(names) > MAX_HOSTS else first


def pin_text(pin: DeclaredPin) -> str:
    """The start of a pin as it is written."""
    return _start(pin.text.strip() or "(empty)")


def pin_key(pin: Pin) -> str:
    """The start of a pin in base64."""
    return _start(pin.base64)


def keys(pins: Iterable[Pin]) -> str:
    """The starts of the first pins, and the number of the others, in a fixed order."""
    every = sorted(pin_key(pin) for pin in pins)
    return listed(every, MAX_PINS)


def listed(texts: Sequence[str], most: int) -> str:
    """``a``, ``a and b``, ``a, b and c``; of more than ``most`` the first, and the number of the others."""
    told = [*texts[:most], *([f"{len(texts) - most} more"] if len(texts) > most else [])]
    return " and ".join([", ".join(told[:-1]), told[-1]] if told[1:] else told)


def too_few(pin_set: PinSet) -> str:
    """``, and TrustKit takes no fewer than two``, where a client refuses so few pins; or empty."""
    client, minimum = pin_set.semantics.client, pin_set.semantics.minimum_pins
    if len({pin.pin or pin.text for pin in pin_set.pins}) >= minimum:
        return ""
    return f", and {client} takes no fewer than {'two' if minimum == 2 else minimum}"


def written(pin: DeclaredPin) -> str:
    """The text of a pin for ``Problem.pin``: whole unless it is absurdly long."""
    return pin.text[:400]


def shown(text: str) -> str:
    """The text without anything that a terminal would obey, at most 80 characters."""
    clean = "".join(character if character.isprintable() else "?" for character in text[:81])
    return clean if len(clean) <= 80 else clean[:79] + "…"


def place(at: Location, seen_from: Location) -> str:
    """Where something stands, for a reader who looks at ``seen_from``."""
    return f"line {at.line}" if at.path == seen_from.path else f"{shown(at.path)}:{at.line}"


def _start(text: str) -> str:
    return shown(text[:PIN_LENGTH]) + ("…" if len(text) > PIN_LENGTH else "")


def of_defect(defect: Defect) -> Problem:
    """What a parser saw, led by the hosts it concerns unless it names one itself."""
    named_already = not defect.hosts or any(host in defect.what for host in defect.hosts[:MAX_HOSTS])
    lead = "" if named_already else f"{named(defect.hosts)}: "
    return Problem(
        defect.at,
        lead + defect.what,
        remedy=defect.remedy,
        hosts=defect.hosts,
        severity=defect.severity,
        context=defect.context,
    )
