"""The first day on which a client refuses a host, or stops pinning it, if nobody changes anything."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import NamedTuple

from pincheck.comparison import holds, pins_by_list
from pincheck.model import Pin, PinSet
from pincheck.model.chains import Certificate, Lockout, Look, Verdict
from pincheck.model.knowledge import Milestone

_BUNDLED = "the bundled certificate"
LEAF_ENDS = "the host's leaf certificate ends"
EXPIRES = "the pin set expires"
HAS_EXPIRED = "the pin set has expired"
NOTHING_MATCHES = "no pin matches what the host serves"
NOT_EVERYWHERE = "no pin matches some of what the host serves"
NOT_ON_ALL = "no pin matches on some releases"
_NEVER = Lockout(None, "a stated reuse of the key keeps it matching", True, "closed")


class Habit(NamedTuple):
    """Whether a host's renewals keep its key."""

    stated: bool | None = None
    """By the configuration; None if it says nothing."""
    logged: bool | None = None
    """By public logs: what the last renewals did, which promises nothing."""


_NOT_KNOWN = Habit()


def lockout(
    pin_sets: Sequence[PinSet],
    looks: Sequence[Look],
    today: date,
    habit: Habit = _NOT_KNOWN,
    complete: bool = True,
    removals: Mapping[str, Milestone] = MappingProxyType({}),
) -> Lockout | None:
    """The earliest end over all addresses, what they serve by default, and releases; None where nothing was seen.

    A leaf's pin ends with its certificate, unless the key is used again, as its ``habit`` may be; the pin of a
    CA with that CA's certificate, or with the trust in it, by ``removals`` (base64 pin -> the day, an estimate);
    the pin of a whole certificate with that certificate in any case; all pins with the pin set. That nobody
    changes anything includes the host: a spare pin makes no end less certain. None is certain where the pins are
    not ``complete``, or not known for what they are.
    What is served to one kind of key only counts where nothing else was seen: it is not what phones get.
    """
    verdicts = [verdict for look in _usual(looks) for verdict in look.verdicts]
    judged = [verdict for verdict in verdicts if verdict.state in ("match", "mismatch", "unsupported")]
    if not judged:
        return None
    until = _until(pin_sets)
    outlook = _Outlook(habit, {pin: each for pin, each in removals.items() if each.day > today})
    ends = [end for verdict in _distinct(judged) if (end := _end(pin_sets, verdict, until, outlook))]
    refusing = [verdict for verdict in judged if _refuses(verdict)]
    if refusing:
        ends.append(_now(refusing, judged, looks, today))
    if not complete or any(each.inferred or each.by_hand or each.dynamic for each in pin_sets):
        ends = [end._replace(certain=False) if end.day else end for end in ends]
    if not all(pin_set.semantics.enforced for pin_set in pin_sets):
        ends = [end._replace(then="open") for end in ends]
    ends += _expiry(pin_sets, today)
    known = [end for end in ends if end.day]
    if not known:
        return ends[0] if ends else None
    return min(known, key=lambda end: (end.day or date.max, end.then == "open", not end.certain))


class _Outlook(NamedTuple):
    habit: Habit
    removals: Mapping[str, Milestone]


def is_now(end: Lockout) -> bool:
    """Whether it is no day to come: a client refuses already, somewhere."""
    return end.reason in (NOTHING_MATCHES, NOT_EVERYWHERE, NOT_ON_ALL)


def consequence(end: Lockout, client: str) -> str:
    """What happens on the day, as a clause: ``the pin set expires, and Android goes on unpinned``."""
    if end.day is None:
        return end.reason
    if is_now(end):
        which = "there" if end.reason != NOTHING_MATCHES else "every connection"
        if end.then == "open":
            return f"{end.reason}, and {client} connects all the same"
        if not end.certain:
            return f"{end.reason}, and {client} would refuse {which}; less than certain"
        return f"{end.reason}, and {client} refuses {which}"
    if end.then == "open":
        goes_on = "goes on unpinned" if end.reason in (EXPIRES, HAS_EXPIRED) else "connects all the same"
        return f"{end.reason}, and {client} {goes_on}"
    if end.certain:
        return f"{end.reason}, and {client} refuses every connection"
    if end.reason.startswith(_BUNDLED):
        return (
            f"{end.reason}; unless {client} takes a trust anchor that has ended, it refuses every connection"
        )
    if end.reason.startswith(LEAF_ENDS):
        return f"{end.reason}; unless it is renewed with a pinned key, {client} refuses every connection"
    return f"{end.reason}; unless what is served then is pinned, {client} refuses every connection"


def _usual(looks: Sequence[Look]) -> Sequence[Look]:
    """The looks with what a phone offers, if they showed anything, else all."""
    usual = [look for look in looks if look.observation.offer == "default"]
    return usual if any(look.verdicts for look in usual) else looks


def _now(refusing: list[Verdict], judged: list[Verdict], looks: Sequence[Look], today: date) -> Lockout:
    """A lock-out that is here, for all or for some."""
    reason = NOTHING_MATCHES
    if len(refusing) < len(judged):
        both = any(
            any(each.state == "match" for each in look.verdicts) and any(map(_refuses, look.verdicts))
            for look in looks
        )
        reason = NOT_ON_ALL if both else NOT_EVERYWHERE
    return Lockout(today, reason, all(verdict.certain for verdict in refusing), "closed")


def _refuses(verdict: Verdict) -> bool:
    return verdict.state in ("mismatch", "unsupported") and bool(verdict.path)


def _distinct(verdicts: Iterable[Verdict]) -> Iterator[Verdict]:
    """The verdicts without those that differ by their release only."""
    seen = set()
    for verdict in verdicts:
        key = (verdict.state, verdict.pins, verdict.path)
        if key not in seen:
            seen.add(key)
            yield verdict


def _end(
    pin_sets: Sequence[PinSet],
    verdict: Verdict,
    until: Mapping[Pin, date],
    outlook: _Outlook,
) -> Lockout | None:
    """When one verdict ends: the first list of pins whose last pin goes."""
    if verdict.state != "match" or not verdict.path:
        return None
    declared = pins_by_list(pin_sets)
    of_files = tuple(pin for pin in verdict.pins if not any(pin in pins for pins in declared.values()))
    lists = [
        [
            _no_later(end, until.get(pin))
            for pin in pins
            if pin in verdict.pins
            for end in _ends(pin, verdict.path, outlook)
        ]
        for pins in (*declared.values(), of_files)
    ]
    if trusted := _anchor_ends(pin_sets, verdict.path):
        lists.append([trusted])
    last = [max(ends, key=lambda end: (end.day or date.max, end.certain)) for ends in lists if ends]
    known = [end for end in last if end.day]
    return min(known, key=lambda end: end.day or date.max) if known else (last[0] if last else None)


def _no_later(end: Lockout, day: date | None) -> Lockout:
    """The end of a pin, or of its pin set if that comes first."""
    return Lockout(day, EXPIRES, True, "closed") if day and day < (end.day or date.max) else end


def _ends(pin: Pin, path: Sequence[Certificate], outlook: _Outlook) -> Iterator[Lockout]:
    """When each certificate ends that a pin is of; where its kind was only guessed, the other kind counts too."""
    other = pin._replace(hashed="spki" if pin.hashed == "certificate" else "certificate")
    found = [
        _end_of(like, certificate, index == 0, outlook)
        for like in (pin, other)
        for index, certificate in enumerate(path)
        if holds(like, certificate)
    ]
    yield from found


def _end_of(pin: Pin, certificate: Certificate, is_leaf: bool, outlook: _Outlook) -> Lockout:
    day = certificate.not_after.date()
    name = certificate.name
    if pin.hashed == "certificate":
        return Lockout(day, f"the pinned certificate of {name} ends", True, "closed")
    if not is_leaf:
        removal = outlook.removals.get(pin.base64)
        if removal and removal.day < day:
            return Lockout(removal.day, f"{removal.what} (expected)", False, "closed")
        return Lockout(day, f"the certificate of the pinned CA {name} ends", True, "closed")
    return _of_leaf(day, outlook.habit)


def _of_leaf(day: date, habit: Habit) -> Lockout:
    if habit.stated:
        return _NEVER
    if habit.stated is False:
        return Lockout(day, f"{LEAF_ENDS}, and renewals bring a new key as stated", True, "closed")
    if habit.logged is None:
        return Lockout(day, LEAF_ENDS, False, "closed")
    past = "kept its key" if habit.logged else "brought new keys"
    return Lockout(day, f"{LEAF_ENDS}, and by public logs the last renewals {past}", False, "closed")


def _anchor_ends(pin_sets: Sequence[PinSet], path: Sequence[Certificate]) -> Lockout | None:
    """When the trust ends that the app brings itself; not certain, as Android takes an anchor that has ended."""
    first = pin_sets[0]
    bundled = first.anchors and not any(anchor.source == "system" for anchor in first.anchors)
    if not bundled and not (first.files and first.semantics.files == "anchors"):
        return None
    anchor = path[-1]
    reason = f"{_BUNDLED} of {anchor.name} ends"
    return Lockout(anchor.not_after.date(), reason, False, "closed")


def _until(pin_sets: Sequence[PinSet]) -> dict[Pin, date]:
    """The last day of pins that a client refuses once their set has expired."""
    found: dict[Pin, date] = {}
    for pin_set in pin_sets:
        refused = pin_set.semantics.expiry == "refused" and pin_set.expires and pin_set.expires.day
        for pin in pin_set.pins:
            if pin.pin:
                found[pin.pin] = max(found.get(pin.pin, date.min), refused or date.max)
    return {pin: day for pin, day in found.items() if day < date.max}


def _expiry(pin_sets: Sequence[PinSet], today: date) -> Iterator[Lockout]:
    """When the last of the pin sets has expired, if all of them do."""
    days = [pin_set.expires.day if pin_set.expires else None for pin_set in pin_sets]
    expiry = pin_sets[0].semantics.expiry if pin_sets else "none"
    last = max((day for day in days if day), default=None)
    if last and all(days) and expiry != "none":
        reason = HAS_EXPIRED if last <= today else EXPIRES
        certain = not any(pin_set.dynamic for pin_set in pin_sets)
        yield Lockout(last, reason, certain, "open" if expiry == "unpinned" else "closed")
