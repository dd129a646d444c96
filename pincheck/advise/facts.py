"""A report -> what is known of each host that the app's releases pin."""

from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from pincheck import providers
from pincheck.comparison import holds, usable
from pincheck.coverage import BELOW, Coverage, Unread, in_production, nearest
from pincheck.model import HostPattern, Pin, PinSet, Policy, Report
from pincheck.model.advice import Certainty, Point
from pincheck.model.chains import Certificate, Verification
from pincheck.model.knowledge import Confidence, Issuance, Knowledge, Provider
from pincheck.providers import ThirdParty

MAX_CHAINS = 3
"""Different certificates of one host that are spoken of."""

CERTAINTY: dict[Confidence, Certainty] = {"high": "certain", "med": "probable", "low": "probable"}


class Facts(NamedTuple):
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


def facts_of(report: Report, knowledge: Knowledge, policy: Policy) -> Iterator[Facts]:
    """Return what is known of each host, in no order."""
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
        yield Facts(label, sets, pins, seen, chains, owner, running, complete, *kept)


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
        return False, Point("keys", "renewals bring a new key", source_of(fresh), CERTAINTY[fresh.confidence])
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


def source_of(known: Provider | ThirdParty) -> str:
    """Where what is known of a provider is from, and when it was read."""
    return f"{known.source}, read {known.read}"
