"""The points that an advice rests on: each a fact, where it is from, and how certain it is."""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from pincheck import providers
from pincheck.advise.facts import CERTAINTY, Facts, source_of
from pincheck.lockout import consequence, is_now
from pincheck.model import Pin, PinSet, Report
from pincheck.model.advice import Point
from pincheck.model.chains import Certificate
from pincheck.model.knowledge import Knowledge, Milestone
from pincheck.outputs._escape import visible


class Backup(NamedTuple):
    """Whether the app survives the loss of the key or CA that is now in use."""

    state: Literal["real", "none", "same", "unproven"]
    point: Point


def certificate(facts: Facts, report: Report) -> Iterator[Point]:
    """Who runs the certificate."""
    if facts.owner:
        owner = facts.owner
        states = f", which states that {owner.states}" if owner.states else ""
        certainty = CERTAINTY[owner.confidence]
        yield Point(
            "certificate", f"the host is run by {owner.operator}{states}", source_of(owner), certainty
        )
    for address, chain in facts.chains:
        known = providers.provider_of(chain[0].issuer, facts.running)
        by, where = f"issued by {_name(chain[0])}", f"served at {address}"
        if known:
            where = f"{where}; {source_of(known)}"
            certainty = CERTAINTY[known.confidence]
            yield Point("certificate", f"{by}: {known.name} {known.advice}", where, certainty)
        else:
            yield Point("certificate", f"{by}, whose word on pinning is not known here", where, "certain")
    if not facts.chains and not facts.owner:
        hint = "the host showed no certificate" if report.survey else "nobody looked; --live does"
        yield Point("certificate", "who runs the certificate", hint, "unknown")


def _name(leaf: Certificate) -> str:
    """Organisation and common name of the issuer."""
    parts = dict(part.split("=", 1) for part in providers.name_parts(leaf.issuer) if "=" in part)
    return (
        ", ".join(visible(parts[key], 80) for key in ("O", "CN") if key in parts)
        or "an issuer without a name"
    )


def matching(facts: Facts) -> Iterator[Point]:
    """The nearest day of trouble."""
    ends = [(each.lockout, each.first) for each in facts.seen if each.lockout and each.lockout.day]
    if ends:
        end, first = min(ends, key=lambda pair: str(pair[0].day))
        when = "now" if is_now(end) else f"on {end.day}"
        evidence = f"what was served, against {first.at.path}:{first.at.line}"
        text = f"{when}: {consequence(end, first.semantics.client)}"
        yield Point("pins", text, evidence, "certain" if end.certain else "probable")


def pace(facts: Facts, report: Report, knowledge: Knowledge) -> Iterator[Point]:
    """What a leaf's pin has to survive."""
    if not facts.leaf_is_pinned:
        return
    chain = facts.chains[0][1]
    cas = (knowledge.of(each.spki).ca for each in chain[1:])
    operator = next((ca.operator for ca in cas if ca), "")
    lifetime = (chain[0].not_after - chain[0].not_before).days
    known = knowledge.milestones or providers.milestones()
    paces = providers.renewals(report.today, lifetime, known, operator)
    days = [each.since for each in paces[1:]]
    causes = [
        each for each in known if each.longest_days and each.day in days and each.issuer in ("", operator)
    ]
    sources = dict.fromkeys(each.source for each in causes)
    text = f"the leaf's pin must survive {providers.in_words(paces)}"
    sure = all(each.confidence == "high" for each in causes)
    evidence = "; ".join([f"a certificate of {lifetime} days", *sources])
    yield Point("calendar", text, evidence, "certain" if sure else "probable")


def backup(facts: Facts, knowledge: Knowledge) -> Backup:
    """Whether a pin is left when the key or the CA in use falls."""
    if len(facts.pins) < 2:
        return Backup(
            "none", Point("backup", "there is one pin and no other", _places(facts.sets), "certain")
        )
    if not facts.chains:
        return _unseen_backup(facts, knowledge)
    spare = [pin for pin in facts.pins if pin not in facts.in_chain]
    if not spare:
        return Backup(
            "none", Point("backup", "every pin is of the chain served now", _places(facts.sets), "certain")
        )
    used = _families(facts, knowledge)
    proven = [each for each in map(knowledge.of, spare) if each.is_proven]
    other = next((e for e in proven if e.role == "key" or (used and e.family and not e.family & used)), None)
    if other:
        how = {
            "ca-table": "the table of CA keys",
            "observed": "a chain that was seen",
            "evidence": "a file that holds it",
        }
        text = f"a pin is of {visible(other.name, 80) or 'a key without a name'}"
        text += (
            ", a key of your own; which CA would sign it is open"
            if other.role == "key"
            else ", of another CA"
        )
        return Backup("real", Point("backup", text, how.get(other.source, other.source), "certain"))
    if len(proven) == len(spare) and used:
        text = f"every backup pin is of the CA in use ({', '.join(sorted(used))})"
        return Backup("same", Point("backup", text, "the table of CA keys", "certain"))
    return Backup("unproven", _unproven(spare, knowledge))


def _unseen_backup(facts: Facts, knowledge: Knowledge) -> Backup:
    """The same, where it is not known which pin is in use."""
    families = [each.family for each in map(knowledge.of, facts.pins) if each.is_proven and each.family]
    named = ", ".join(sorted({name for family in families for name in family}))
    if any(not a & b for a in families for b in families):
        return Backup(
            "real",
            Point("backup", f"the pins are of several CAs: {named}", "the table of CA keys", "certain"),
        )
    if len(families) == len(facts.pins):
        return Backup("same", Point("backup", f"every pin is of {named}", "the table of CA keys", "certain"))
    return Backup("unproven", _unproven(facts.pins, knowledge))


def _unproven(pins: Sequence[Pin], knowledge: Knowledge) -> Point:
    """What is stated of pins, if anything is."""
    for each in map(knowledge.of, pins):
        if each.source == "stated" and each.at:
            what = ", ".join(sorted(each.family)) or each.name or "a key that is kept offline"
            evidence = f"stated at {each.at.path}:{each.at.line}, not proven"
            return Point("backup", f"a pin is of {visible(what, 80)}", evidence, "probable")
    return Point("backup", "whose keys the pins are of", "nothing proves it", "unknown")


def _families(facts: Facts, knowledge: Knowledge) -> frozenset[str]:
    """Who certifies what is in use."""
    keys = [each.spki for _, chain in facts.chains for each in chain]
    return frozenset(name for key in (*keys, *facts.in_chain) for name in knowledge.of(key).family)


def removals(facts: Facts) -> Iterator[Point]:
    """Pinned roots that are trusted no more, or are not to be."""
    known = providers.removals()
    found: dict[Milestone, list[str]] = {}
    for pin in facts.pins:
        milestone = known.get(pin.base64) if pin.hashed == "spki" else None
        if milestone:
            found.setdefault(milestone, []).append(f"{pin.base64[:12]}…")
    for each, pins in sorted(found.items()):
        text = f"{each.day}: {each.what} (pinned: {', '.join(pins)})"
        yield Point("calendar", text, each.source, CERTAINTY[each.confidence])


_PAST = {
    "unpinned": "go on unpinned",
    "refused": "refuse every connection",
    "none": "pin on, as they know no date",
}
"""What installed versions do past the expiration."""


def expiry(facts: Facts) -> Point:
    """What lets installed versions in again."""
    if all(each.dynamic for each in facts.sets):
        return Point(
            "expiry",
            "the pins come from a service and change without a release",
            _places(facts.sets),
            "certain",
        )
    ends = [each for each in facts.sets if each.expires and each.expires.day]
    if len(ends) < len(facts.sets):
        text = "no date ends the pins of installed versions: who does not update stays locked out"
        endless = [each for each in facts.sets if each not in ends]
        return Point("expiry", text, _places(endless), "certain")
    last = max(str(each.expires.day) for each in ends if each.expires)
    then = " or ".join(dict.fromkeys(_PAST[each.semantics.expiry] for each in ends))
    return Point("expiry", f"from {last} on installed versions {then}", _places(ends), "certain")


def _places(sets: Sequence[PinSet]) -> str:
    first = sets[0].at
    more = f" and {len(sets) - 1} more" if len(sets) > 1 else ""
    return f"{first.path}:{first.line}{more}"


def releases(facts: Facts, report: Report, release_days: int | None) -> Point:
    """Whether a release comes in time."""
    if release_days is None:
        return Point(
            "releases", "how long a release takes to reach users", "release-days is not stated", "unknown"
        )
    days = [
        (each.lockout.day - report.today).days for each in facts.seen if each.lockout and each.lockout.day
    ]
    left = f"; {max(min(days), 0)} are left" if days else ""
    late = ", which is too late" if days and min(days) < release_days else ""
    return Point(
        "releases",
        f"a release takes {release_days} days to reach users{left}{late}",
        "release-days",
        "probable",
    )


def instead(facts: Facts) -> Iterator[Point]:
    """What protects a host that is not pinned."""
    if not facts.owner:
        text = "watch certificate transparency for certificates of the host that you did not order"
        yield Point("instead", text, "RFC 9162", "certain")
        if any(each.name == "Cloudflare" for each in facts.running):
            text = "a CAA record, which Universal SSL is reported to override"
            yield Point("instead", text, "CISA VA-26-183-01, title only", "probable")
        else:
            text = "let a CAA record name the CAs, and the account where they support it, that may issue"
            yield Point("instead", text, "RFC 8659, RFC 8657", "certain")
    text = "have the app report failed handshakes and the chains met, without refusing them for their keys"
    yield Point(
        "instead", text, "run-time monitoring: report-only pins, where the library has them", "certain"
    )
