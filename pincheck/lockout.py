"""The first day on which a client refuses a host, or stops pinning it, if nobody changes anything."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from pincheck.comparison import pin_of, pins_by_list
from pincheck.model import Pin, PinSet
from pincheck.model.chains import Certificate, Lockout, Look, Verdict

_NEVER = Lockout(None, "a stated reuse of the key keeps it matching", True, "closed")


def lockout(
    pin_sets: Sequence[PinSet], looks: Sequence[Look], today: date, reuses_key: bool | None
) -> Lockout | None:
    """The earliest end over all addresses, deployments and releases; None where nothing was seen.

    A leaf's pin ends with its certificate, unless the key is used again, which ``reuses_key`` states; the pin
    of a CA with that CA's certificate; the pin of a whole certificate with that certificate in any case; all
    pins with the pin set.
    """
    verdicts = [verdict for look in looks for verdict in look.verdicts]
    if not any(verdict.state in ("match", "mismatch") for verdict in verdicts):
        return None
    enforced = all(pin_set.semantics.enforced for pin_set in pin_sets)
    ends = [end for verdict in _distinct(verdicts) if (end := _end(pin_sets, verdict, today, reuses_key))]
    if not enforced:
        ends = [end._replace(then="open") for end in ends]
    ends += _expiries(pin_sets)
    known = [end for end in ends if end.day]
    if not known:
        return ends[0] if ends else None
    return min(known, key=lambda end: (end.day or date.max, end.then == "open", not end.certain))


def consequence(end: Lockout, client: str) -> str:
    """What happens on the day, as a clause: ``the pin set expires, and Android goes on unpinned``."""
    if end.day is None:
        return end.reason
    if end.then == "open":
        return f"{end.reason}, and {client} goes on unpinned"
    if end.certain:
        return f"{end.reason}, and {client} refuses every connection"
    return f"{end.reason}; unless it is renewed with the same key, {client} refuses every connection"


def _distinct(verdicts: Iterable[Verdict]) -> Iterator[Verdict]:
    """The verdicts without those that differ by their release only."""
    seen = set()
    for verdict in verdicts:
        key = (verdict.state, verdict.pins, tuple(each.spki for each in verdict.path), verdict.path[:1])
        if key not in seen:
            seen.add(key)
            yield verdict


def _end(
    pin_sets: Sequence[PinSet], verdict: Verdict, today: date, reuses_key: bool | None
) -> Lockout | None:
    """When one verdict ends: the first list of pins whose last pin goes."""
    if verdict.state in ("mismatch", "unsupported"):
        return Lockout(today, "no pin matches what it serves", True, "closed")
    if verdict.state != "match" or not verdict.path:
        return None
    lists = [
        [end for pin in pins if pin in verdict.pins for end in _ends(pin, verdict.path, reuses_key)]
        for pins in pins_by_list(pin_sets).values()
    ]
    if trusted := _anchor_ends(pin_sets, verdict.path):
        lists.append([trusted])
    last = [max(ends, key=lambda end: (end.day or date.max, end.certain)) for ends in lists if ends]
    known = [end for end in last if end.day]
    return min(known, key=lambda end: end.day or date.max) if known else (last[0] if last else None)


def _ends(pin: Pin, path: Sequence[Certificate], reuses_key: bool | None) -> Iterator[Lockout]:
    for index, certificate in enumerate(path):
        if pin == pin_of(certificate, pin):
            yield _end_of(pin, certificate, index == 0, reuses_key)


def _end_of(pin: Pin, certificate: Certificate, is_leaf: bool, reuses_key: bool | None) -> Lockout:
    day = certificate.not_after.date()
    name = certificate.name
    if pin.hashed == "certificate":
        return Lockout(day, f"the pinned certificate of {name} ends", True, "closed")
    if not is_leaf:
        return Lockout(day, f"the certificate of the pinned CA {name} ends", True, "closed")
    if reuses_key:
        return _NEVER
    if reuses_key is None:
        return Lockout(day, "its leaf certificate ends", False, "closed")
    return Lockout(day, "its leaf certificate ends, and renewals bring a new key as stated", True, "closed")


def _anchor_ends(pin_sets: Sequence[PinSet], path: Sequence[Certificate]) -> Lockout | None:
    """When the trust ends that the app brings itself: a bundled trust anchor or pinned certificate file."""
    first = pin_sets[0]
    bundled = first.anchors and not any(anchor.source == "system" for anchor in first.anchors)
    if not path or not (bundled or first.files):
        return None
    anchor = path[-1] if bundled or first.semantics.files == "anchors" else path[0]
    if first.files and first.semantics.files == "keys":
        return None
    reason = f"the bundled certificate of {anchor.name} ends"
    return Lockout(anchor.not_after.date(), reason, True, "closed")


def _expiries(pin_sets: Sequence[PinSet]) -> Iterator[Lockout]:
    for pin_set in pin_sets:
        if pin_set.expires and pin_set.expires.day:
            day = pin_set.expires.day
            if pin_set.semantics.expiry == "refused":
                yield Lockout(day, "the pin set expires", True, "closed")
            elif pin_set.semantics.expiry == "unpinned":
                yield Lockout(day, "the pin set expires", True, "open")
