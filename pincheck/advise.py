"""Should this host be pinned at all? A reasoned verdict for each pinned host, from the facts that a run found.

``advice`` is pure; what is not known is said to be unknown. A host that nothing pins gets no advice: not to pin is no
fault.
"""

from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from typing import Any, Literal, NamedTuple

from pincheck import providers
from pincheck.comparison import holds, usable
from pincheck.coverage import BELOW, Coverage, Unread, in_production, nearest
from pincheck.lockout import consequence, is_now
from pincheck.model import HostPattern, Pin, PinSet, Policy, Report
from pincheck.model.advice import Certainty, HostAdvice, Point, Word
from pincheck.model.chains import Certificate, Verification
from pincheck.model.knowledge import Confidence, Issuance, Knowledge, Milestone, Provider
from pincheck.outputs._escape import visible
from pincheck.providers import ThirdParty

_WIDTH = 110
MAX_CHAINS = 3
"""Different certificates of one host that are spoken of."""
_CERTAINTY: dict[Confidence, Certainty] = {"high": "certain", "med": "probable", "low": "probable"}


def advice(
    report: Report,
    knowledge: Knowledge,
    hosts: Sequence[str] = (),
    policy: Policy = Policy(),
    release_days: int | None = None,
) -> tuple[HostAdvice, ...]:
    """Return the advice for each host that the app's releases pin, by name; ``hosts`` are those asked for, if not all.

    ``release_days`` is how long a release takes to reach nearly all users, None if nobody states it.
    """
    wanted = {host.lower().rstrip(".") for host in hosts}
    found = (
        _advice(facts, report, knowledge, release_days)
        for facts in _facts(report, knowledge, policy)
        if not wanted or facts.host.lower() in wanted
    )
    return tuple(sorted(found, key=lambda each: each.host))


# facts -------------------------------------------------------------------------


class _Facts(NamedTuple):
    """What is known of a host."""

    host: str
    sets: tuple[PinSet, ...]
    pins: tuple[Pin, ...]
    seen: tuple[Verification, ...]
    """What clients make of it; empty where no chain was seen."""
    chains: tuple[tuple[str, tuple[Certificate, ...]], ...]
    """Addresses, and what they serve: one for each leaf."""
    owner: ThirdParty | None
    running: tuple[Provider, ...]
    complete: bool
    """False where more pins may be declared than could be read."""
    kept: bool | None
    """Whether renewals keep the leaf's key."""
    kept_why: Point

    @property
    def leaf_is_pinned(self) -> bool:
        """Whether a pin is of the leaf, wherever one was seen."""
        leaves = [chain[0] for _, chain in self.chains]
        return bool(leaves) and all(any(holds(pin, leaf) for pin in self.pins) for leaf in leaves)

    @property
    def in_chain(self) -> frozenset[Pin]:
        """The pins that are of what is served, or of a path that a client builds from it."""
        certificates = [each for _, chain in self.chains for each in chain]
        matched = (
            pin
            for verification in self.seen
            for look in verification.looks
            for v in look.verdicts
            for pin in v.pins
        )
        return frozenset([*(p for p in self.pins if any(holds(p, each) for each in certificates)), *matched])

    @property
    def compares_leaf_only(self) -> bool:
        """Whether some client looks at nothing but the leaf."""
        return any(each.semantics.compares == "leaf" for each in self.sets)


def _facts(report: Report, knowledge: Knowledge, policy: Policy) -> Iterator[_Facts]:
    coverage = Coverage(in_production(report.project))
    verifications: dict[str, list[Verification]] = {}
    for each in report.survey.verifications if report.survey else ():
        if any(each.first.context == "production" and look.chain for look in each.looks):
            verifications.setdefault(each.host, []).append(each)
    known, unread = knowledge.providers or providers.providers(), Unread(report.project.gaps)
    for label, name in _names(coverage, verifications).items():
        sides = coverage.sides(name)
        sets = tuple(each for side in sides for each in side.pin_sets if each.pins or each.files)
        if not sets:
            continue
        seen = tuple(verifications.get(label, ()))
        chains = _chains(seen)
        issuers = [providers.provider_of(chain[0].issuer, known) for _, chain in chains]
        running = tuple(dict.fromkeys(each for each in issuers if each))
        kept = _kept(label, running, knowledge.issuances, policy)
        pins = tuple(dict.fromkeys(pin.pin for each in sets for pin in each.pins if pin.pin and usable(pin)))
        complete = not any(each in unread for each in sets) and all(each.complete for each in seen)
        owner = providers.third_party(name, providers.third_parties())
        yield _Facts(label, sets, pins, seen, chains, owner, running, complete, *kept)


def _names(coverage: Coverage, seen: Collection[str]) -> dict[str, str]:
    """The hosts to speak of, and the name by which to ask for each: those of patterns, and those looked at."""
    found = {host: host for host in seen}
    for name in coverage.names:
        patterns: list[HostPattern] = [pattern for pattern, _ in coverage.patterns(name)]
        if any(pattern.apex for pattern in patterns):
            found.setdefault(name, name)
        elif not any(pattern.matches(host) for pattern in patterns for host in seen):
            found.setdefault(patterns[0].text, BELOW + name)
    return found


def _chains(seen: Sequence[Verification]) -> tuple[tuple[str, tuple[Certificate, ...]], ...]:
    """What a phone gets, one chain for each leaf; of other handshakes where that showed nothing."""
    looks = [look for each in seen for look in each.looks if look.chain]
    usual = [look for look in looks if look.observation.offer == "default"] or looks
    by_leaf: dict[bytes, tuple[str, tuple[Certificate, ...]]] = {}
    for look in usual:
        by_leaf.setdefault(look.chain[0].der, (look.observation.address or "a proxy", look.chain))
    return tuple(by_leaf.values())[:MAX_CHAINS]


def _kept(
    host: str, running: Sequence[Provider], issuances: Sequence[Issuance] | None, policy: Policy
) -> tuple[bool | None, Point]:
    """Whether renewals keep the leaf's key: by the logs, else by what is stated, else by what the provider says."""
    logged = sorted(
        {each for each in issuances or () if _covers(each.host, host)}, key=lambda each: each.not_before
    )
    if len(logged) > 1:
        return _kept_by_log(logged)
    stated = {each.pattern.lower(): each.reuses_key for each in policy.hosts if each.reuses_key is not None}
    reuses = stated.get(nearest(host, stated))
    if reuses is not None:
        what = "renewals keep the key" if reuses else "renewals bring a new key"
        return reuses, Point("keys", what, f"stated as reuses-key in {policy.path}", "probable")
    fresh = next((each for each in running if each.new_keys), None)
    if fresh:
        return False, Point("keys", "renewals bring a new key", _source(fresh), _CERTAINTY[fresh.confidence])
    hint = "no log was asked" if issuances is None else "the logs hold no two certificates of it"
    return None, Point(
        "keys", "whether renewals keep the key", f"{hint}, and reuses-key is not stated", "unknown"
    )


def _kept_by_log(logged: Sequence[Issuance]) -> tuple[bool, Point]:
    same = sum(before.spki == after.spki for before, after in pairwise(logged))
    renewals, first = len(logged) - 1, logged[0].not_before
    evidence = f"{len(logged)} certificates in the logs since {first}, by {logged[0].source}"
    text = "all" if same == renewals else "none" if not same else f"{same}"
    return same == renewals, Point(
        "keys", f"{text} of the last {renewals} renewals kept the key", evidence, "certain"
    )


def _covers(name: str, host: str) -> bool:
    return name == host or (name.startswith("*.") and host.partition(".")[2] == name[2:])


# the verdict -------------------------------------------------------------------


class _Backup(NamedTuple):
    """Whether the app survives the loss of the key or CA that is now in use."""

    state: Literal["real", "none", "same", "unproven"]
    point: Point


def _advice(facts: _Facts, report: Report, knowledge: Knowledge, release_days: int | None) -> HostAdvice:
    backup = _backup(facts, knowledge)
    word, reason = _verdict(facts, backup)
    points = [*_certificate(facts, report), *_matching(facts)]
    if word != "better not pinned":
        if facts.leaf_is_pinned or not facts.chains:
            points.append(facts.kept_why)
        points += [*_pace(facts, report, knowledge), backup.point, *_removals(facts)]
        points.append(_releases(facts, report, release_days))
    points.append(_expiry(facts))
    return HostAdvice(
        facts.host, word, reason, tuple(points), tuple(_instead(facts)) if word == "better not pinned" else ()
    )


def _verdict(facts: _Facts, backup: _Backup) -> tuple[Word, str]:
    """The word, and the fact that decided."""
    if facts.owner:
        return "better not pinned", f"{facts.owner.operator} runs the host, not you"
    for provider in facts.running:
        if provider.new_keys and (not provider.pinnable or facts.compares_leaf_only):
            return "better not pinned", f"{provider.name} changes keys and CAs at will"
    if not facts.complete:
        return "not enough known", "a part of the pins cannot be read"
    if any(each.lockout and is_now(each.lockout) for each in facts.seen):
        return "pin differently", "some of what the host serves now matches no pin"
    unheeded = [each for each in facts.running if not _is_heeded(facts, each)]
    if unheeded:
        return "pin differently", f"the pins hang on CAs that {unheeded[0].name} changes at will"
    if _hangs_on_leaf(facts) and facts.kept is False:
        return "pin differently", "the only pin in use is of a key that renewals replace"
    if backup.state == "none" and facts.pins:
        return "pin differently", "there is no backup pin"
    return _verdict_of_the_rest(facts, backup)


def _verdict_of_the_rest(facts: _Facts, backup: _Backup) -> tuple[Word, str]:
    """Where nothing speaks against the pins."""
    if not facts.pins:
        return "not enough known", "it is pinned by certificate files only"
    if not facts.chains:
        return "not enough known", "what the host serves was not seen"
    if _hangs_on_leaf(facts) and facts.kept is None:
        return "not enough known", "nobody says whether renewals keep the pinned key"
    if facts.running and all(_names_keys(facts, each) for each in facts.running):
        return "keep pinning", f"all keys are pinned that {facts.running[0].name} says may be"
    if backup.state == "real":
        return "keep pinning", "a pin matches, and a proven one stands by for a change of the key in use"
    if backup.state == "same":
        return "pin differently", "every pin is of one CA"
    return "not enough known", "whose key the backup pin is of is not proven"


def _is_heeded(facts: _Facts, provider: Provider) -> bool:
    """Whether the pins are such as the provider's habits let live."""
    if not provider.rotates and not provider.new_keys:
        return True
    return _names_keys(facts, provider) or (facts.leaf_is_pinned and not provider.new_keys)


def _names_keys(facts: _Facts, provider: Provider) -> bool:
    """Whether all keys are pinned that the provider says may be."""
    pinned = {pin.base64 for pin in facts.pins if pin.hashed == "spki"}
    return bool(provider.pinnable) and pinned.issuperset(provider.pinnable) and not facts.compares_leaf_only


def _hangs_on_leaf(facts: _Facts) -> bool:
    """Whether no pin but that of the leaf matches."""
    issuers = [each for _, chain in facts.chains for each in chain[1:]]
    issuers += [
        each
        for verification in facts.seen
        for look in verification.looks
        for verdict in look.verdicts
        if verdict.pins
        for each in verdict.path[1:]
    ]
    return facts.leaf_is_pinned and not any(holds(pin, each) for pin in facts.pins for each in issuers)


# points ------------------------------------------------------------------------


def _certificate(facts: _Facts, report: Report) -> Iterator[Point]:
    """Who runs the certificate."""
    if facts.owner:
        owner = facts.owner
        states = f", which states that {owner.states}" if owner.states else ""
        certainty = _CERTAINTY[owner.confidence]
        yield Point("certificate", f"the host is run by {owner.operator}{states}", _source(owner), certainty)
    for address, chain in facts.chains:
        known = providers.provider_of(chain[0].issuer, facts.running)
        by, where = f"issued by {_name(chain[0])}", f"served at {address}"
        if known:
            where = f"{where}; {_source(known)}"
            certainty = _CERTAINTY[known.confidence]
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


def _source(known: Provider | ThirdParty) -> str:
    return f"{known.source}, read {known.read}"


def _matching(facts: _Facts) -> Iterator[Point]:
    """The nearest day of trouble."""
    ends = [(each.lockout, each.first) for each in facts.seen if each.lockout and each.lockout.day]
    if ends:
        end, first = min(ends, key=lambda pair: str(pair[0].day))
        when = "now" if is_now(end) else f"on {end.day}"
        evidence = f"what was served, against {first.at.path}:{first.at.line}"
        text = f"{when}: {consequence(end, first.semantics.client)}"
        yield Point("pins", text, evidence, "certain" if end.certain else "probable")


def _pace(facts: _Facts, report: Report, knowledge: Knowledge) -> Iterator[Point]:
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


def _backup(facts: _Facts, knowledge: Knowledge) -> _Backup:
    """Whether a pin is left when the key or the CA in use falls."""
    if len(facts.pins) < 2:
        return _Backup("none", Point("backup", "there is one pin and no other", _places(facts), "certain"))
    if not facts.chains:
        return _unseen_backup(facts, knowledge)
    spare = [pin for pin in facts.pins if pin not in facts.in_chain]
    if not spare:
        return _Backup(
            "none", Point("backup", "every pin is of the chain served now", _places(facts), "certain")
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
        return _Backup("real", Point("backup", text, how.get(other.source, other.source), "certain"))
    if len(proven) == len(spare) and used:
        text = f"every backup pin is of the CA in use ({', '.join(sorted(used))})"
        return _Backup("same", Point("backup", text, "the table of CA keys", "certain"))
    return _Backup("unproven", _unproven(spare, knowledge))


def _unseen_backup(facts: _Facts, knowledge: Knowledge) -> _Backup:
    """The same, where it is not known which pin is in use."""
    families = [each.family for each in map(knowledge.of, facts.pins) if each.is_proven and each.family]
    named = ", ".join(sorted({name for family in families for name in family}))
    if any(not a & b for a in families for b in families):
        return _Backup(
            "real",
            Point("backup", f"the pins are of several CAs: {named}", "the table of CA keys", "certain"),
        )
    if len(families) == len(facts.pins):
        return _Backup("same", Point("backup", f"every pin is of {named}", "the table of CA keys", "certain"))
    return _Backup("unproven", _unproven(facts.pins, knowledge))


def _unproven(pins: Sequence[Pin], knowledge: Knowledge) -> Point:
    """What is stated of pins, if anything is."""
    for each in map(knowledge.of, pins):
        if each.source == "stated" and each.at:
            what = ", ".join(sorted(each.family)) or each.name or "a key that is kept offline"
            evidence = f"stated at {each.at.path}:{each.at.line}, not proven"
            return Point("backup", f"a pin is of {visible(what, 80)}", evidence, "probable")
    return Point("backup", "whose keys the pins are of", "nothing proves it", "unknown")


def _families(facts: _Facts, knowledge: Knowledge) -> frozenset[str]:
    """Who certifies what is in use."""
    keys = [each.spki for _, chain in facts.chains for each in chain]
    return frozenset(name for key in (*keys, *facts.in_chain) for name in knowledge.of(key).family)


def _removals(facts: _Facts) -> Iterator[Point]:
    """Pinned roots that are trusted no more, or are not to be."""
    known = providers.removals()
    found: dict[Milestone, list[str]] = {}
    for pin in facts.pins:
        milestone = known.get(pin.base64) if pin.hashed == "spki" else None
        if milestone:
            found.setdefault(milestone, []).append(f"{pin.base64[:12]}…")
    for each, pins in sorted(found.items()):
        text = f"{each.day}: {each.what} (pinned: {', '.join(pins)})"
        yield Point("calendar", text, each.source, _CERTAINTY[each.confidence])


_PAST = {
    "unpinned": "go on unpinned",
    "refused": "refuse every connection",
    "none": "pin on, as they know no date",
}
"""What installed versions do past the expiration."""


def _expiry(facts: _Facts) -> Point:
    """What lets installed versions in again."""
    if all(each.dynamic for each in facts.sets):
        return Point(
            "expiry", "the pins come from a service and change without a release", _places(facts), "certain"
        )
    ends = [each for each in facts.sets if each.expires and each.expires.day]
    if len(ends) < len(facts.sets):
        text = "no date ends the pins of installed versions: who does not update stays locked out"
        return Point("expiry", text, _places(facts), "certain")
    last = max(str(each.expires.day) for each in ends if each.expires)
    then = " or ".join(dict.fromkeys(_PAST[each.semantics.expiry] for each in ends))
    return Point("expiry", f"from {last} on installed versions {then}", _places(facts), "certain")


def _places(facts: _Facts) -> str:
    first = facts.sets[0].at
    more = f" and {len(facts.sets) - 1} more" if len(facts.sets) > 1 else ""
    return f"{first.path}:{first.line}{more}"


def _releases(facts: _Facts, report: Report, release_days: int | None) -> Point:
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


def _instead(facts: _Facts) -> Iterator[Point]:
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


# text --------------------------------------------------------------------------


def as_text(found: Sequence[HostAdvice], asked: Sequence[str] = ()) -> str:
    """Return a paragraph for each host, and a line for each that was asked for and that nothing pins."""
    blocks = ["\n".join(_lines(each)) + "\n" for each in found]
    blocks += [
        f"{visible(host)}: not pinned here, so there is nothing to advise\n" for host in _others(found, asked)
    ]
    return "\n".join(blocks) or "no host is pinned here, so there is nothing to advise\n"


def as_markdown(found: Sequence[HostAdvice], asked: Sequence[str] = ()) -> str:
    """Return the same in Markdown, as a section of the third level for each host."""
    from pincheck.outputs._markdown import code, prose

    lines = []
    for each in found:
        lines += [f"### {code(each.host)}: {each.verdict}", "", f"Because {prose(each.reason)}.", ""]
        lines += [f"- {point.about}: {prose(_said(point))}" for point in (*each.points, *each.instead)]
        lines.append("")
    lines += [f"{code(host)} is not pinned here: nothing to advise.\n" for host in _others(found, asked)]
    return "\n".join(lines) or "No host is pinned here: nothing to advise.\n"


def as_json(found: Sequence[HostAdvice], asked: Sequence[str] = ()) -> str:
    """Return a document of version 1; hosts that were asked for and that nothing pins are ``not_pinned``."""
    from pincheck.outputs._json import text_of

    hosts: list[dict[str, Any]] = [
        {
            "host": each.host,
            "verdict": each.verdict,
            "reason": each.reason,
            "points": [point._asdict() for point in each.points],
            "instead": [point._asdict() for point in each.instead],
        }
        for each in found
    ]
    return text_of({"version": 1, "hosts": hosts, "not_pinned": _others(found, asked)})


def _lines(each: HostAdvice) -> Iterator[str]:
    yield f"{visible(each.host)}: {each.verdict}, as {visible(each.reason)}"
    for point in (*each.points, *each.instead):
        yield from _wrapped(f"  {point.about:<12} {_said(point)}")


def _wrapped(line: str) -> list[str]:
    """The line in the width of a page, what follows below its text; an address stays whole."""
    from textwrap import wrap

    return wrap(line, _WIDTH, subsequent_indent=" " * 15, break_long_words=False, break_on_hyphens=False)


def _said(point: Point) -> str:
    lead = {"certain": "", "probable": "probably: ", "unknown": "not known: "}[point.certainty]
    return f"{lead}{visible(point.text)} ({visible(point.evidence)})"


def _others(found: Sequence[HostAdvice], asked: Sequence[str]) -> list[str]:
    known = {each.host.lower() for each in found}
    return [host for host in dict.fromkeys(asked) if host.lower().rstrip(".") not in known]
