"""An expiration moved to the latest day that the policy allows."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta

from pincheck.coverage import nearest
from pincheck.lockout import Habit, lockout
from pincheck.model import Edit, Expiry, Finding, PinSet, Semantics
from pincheck.model.chains import Certificate, Lockout, Look, Verification
from pincheck.remedy.known import Known, Proposal


def propose(finding: Finding, known: Known) -> Iterator[Proposal]:
    """Propose the day, unless the hosts refuse the pins then for certain: then that day.

    Pins that have expired are not enforced: a later day would bring them back, and lock users out if they are stale.
    So what all their hosts serve has to be known, and all of it to hold a pin of each set.
    """
    sets = [each for each in known.report.project.pin_sets if each.expires and each.expires.at == finding.at]
    days = {each.expires.day for each in sets if each.expires}
    formats = {each.semantics.expiry_format for each in sets}
    if not sets or len(days) != 1 or len(formats) != 1 or any(each.inferred for each in sets):
        return
    latest = known.report.today + timedelta(days=known.policy.expiry_latest_days)
    ends = list(_ends(sets, known))
    if finding.rule == "pin-set-expired" and not _all_in_use(sets, known):
        return
    day = min([latest, *(end.day for end in ends if end.day)])
    current = next(iter(days))
    if current and current.year >= 100 and finding.rule != "pin-set-expires-late" and day <= current:
        return
    new = written(day, sets[0].semantics)
    if sets[0].expires is None or known.text_at(finding.at) != sets[0].expires.text:
        return

    def announced(other: PinSet) -> tuple[PinSet]:
        if other.expires is None or other.expires.at != finding.at:
            return (other,)
        return (other._replace(expires=Expiry(new, finding.at, day)),)

    first = next((end for end in ends if end.day == day), None)
    says = f"move the expiration to {day}" + (f", when {first.reason}" if first and day < latest else "")
    yield Proposal(finding, says, (Edit(finding.at, new),), announced)


def written(day: date, semantics: Semantics) -> str:
    """A day as the client reads it; an epoch is its first second in UTC."""
    if semantics.expiry_format == "epoch":
        return str(int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()))
    return day.isoformat()


def _verifications(sets: Iterable[PinSet], known: Known) -> list[Verification]:
    survey = known.report.survey
    wanted = {id(each) for each in sets}
    return [
        each
        for each in (survey.verifications if survey else ())
        if any(id(pin_set) in wanted for pin_set in each.pin_sets)
    ]


def _ends(sets: list[PinSet], known: Known) -> Iterator[Lockout]:
    """The certain days from which a host refuses the pins, if the sets did not expire."""
    reuses = {
        host.pattern.lower(): host.reuses_key for host in known.policy.hosts if host.reuses_key is not None
    }
    for verification in _verifications(sets, known):
        endless = tuple(each._replace(expires=None) for each in verification.pin_sets)
        habit = Habit(reuses.get(nearest(verification.host, reuses)))
        for look in verification.looks:
            for verdict in look.verdicts:
                alone = look._replace(verdicts=(verdict,))
                end = lockout(endless, (alone,), known.report.today, habit, verification.complete)
                if end and end.day and end.certain and end.then == "closed":
                    yield end
            yield from _chain_ends(verification, look)


def _chain_ends(verification: Verification, look: Look) -> Iterator[Lockout]:
    """The same for a set that has expired, which no verdict tells: when the last pinned certificate ends."""
    if not any(verdict.state == "match" and not verdict.path for verdict in look.verdicts):
        return
    for pin_set in verification.pin_sets:
        held = _held(pin_set, look)
        if held:
            last = max(held, key=lambda each: each.not_after)
            reason = f"the pinned certificate of {last.name} ends"
            yield Lockout(last.not_after.date(), reason, True, "closed")


def _all_in_use(sets: list[PinSet], known: Known) -> bool:
    """Whether each host of each set was looked at, and every chain that was seen holds a pin of it.

    Of names that only a wildcard covers nobody knows which there are, nor what they serve.
    """
    seen = _verifications(sets, known)
    hosts = {(host.name, host.depth, pin_set) for pin_set in sets for host in pin_set.hosts if not host.fault}
    looked_at = {(each.host, "exact", pin_set) for each in seen for pin_set in each.pin_sets}
    if not hosts or not hosts <= looked_at:
        return False
    looked = [look for each in seen for look in each.looks]
    return (
        all(each.complete for each in seen)
        and all(look.chain and not look.fault for look in looked if look.observation.offer == "default")
        and all(
            _held(pin_set, look)
            for each in seen
            for pin_set in each.pin_sets
            for look in each.looks
            if look.chain
        )
    )


def _held(pin_set: PinSet, look: Look) -> list[Certificate]:
    """The leaf and its issuer, as far as a usable pin is of their keys: whatever path a client builds holds both."""
    from pincheck.pki.certificates import open_der
    from pincheck.pki.signatures import is_signed_by

    pins = {pin.pin for pin in pin_set.pins if pin.pin and not pin.fault and not pin.placeholder}
    leaf, *others = look.chain or (None,)
    opened = open_der(leaf.der) if leaf else None
    if not leaf or not opened or pin_set.semantics.compares not in ("path", "leaf"):
        return []
    issuers = (other for other in others if (issuer := open_der(other.der)) and is_signed_by(opened, issuer))
    certain = [leaf, *(issuers if pin_set.semantics.compares == "path" else ())]
    return [each for each in certain if each.spki in pins]
