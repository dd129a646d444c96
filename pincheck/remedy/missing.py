"""A pin that one side lacks, copied from the other platform or from the source of truth."""

from collections.abc import Iterable, Iterator

from pincheck.coverage import BELOW, Coverage, Side, Unread, in_production, nearest
from pincheck.model import DeclaredPin, Finding, HostPolicy, Pin, PinSet
from pincheck.remedy import siblings
from pincheck.remedy.known import Known, Proposal, is_clean, read_as, rewritten, spelling_of, start

MOST_SIBLINGS = 3
"""Pins beside which the missing one is tried to be put."""


def from_platform(finding: Finding, known: Known) -> Iterator[Proposal]:
    """Propose the pins that all other sides have, where this one has no others of its own."""
    project = known.report.project
    coverage = Coverage(in_production(project), Unread(project.gaps))
    for host in _names(finding.hosts[0]):
        sides = [side for side in coverage.sides(host) if side.comparable and side.keys]
        own = [side for side in sides if side.first.at == finding.at]
        others = [side for side in sides if side.first.at != finding.at]
        if len(own) != 1 or not others or len({side.keys for side in others}) != 1:
            continue
        missing = others[0].keys - own[0].keys
        written = {pin.pin for side in others for each in side.pin_sets for pin in each.pins if is_clean(pin)}
        if missing and own[0].keys < others[0].keys and missing <= written:
            where = f"which {others[0].first.at.path} pins"
            yield from _added(finding, own[0], _ordered(others[0], missing), where, known)
            return


def from_configuration(finding: Finding, known: Known) -> Iterator[Proposal]:
    """Propose the pins that the configuration states, where the declaration has no others."""
    policies = {host.pattern: host for host in known.policy.hosts if host.pins}
    policy = policies.get(finding.hosts[0]) if finding.hosts else None
    if not policy:
        return
    project = known.report.project
    coverage = Coverage((each for each in project.pin_sets if each.read), Unread(project.gaps))
    stated = tuple(dict.fromkeys(each.pin for each in policy.pins))
    for host in _stated_names(policy, coverage, {pattern.lower() for pattern in policies}):
        for side in coverage.sides(host):
            missing = [pin for pin in stated if pin not in side.keys]
            if side.first.at == finding.at and side.comparable and missing and side.keys < set(stated):
                where = f"which {policy.at.path}:{policy.at.line} states"
                yield from _added(finding, side, missing, where, known)
                return


def _names(text: str) -> tuple[str, ...]:
    return (BELOW + text[2:].lower(),) if text.startswith("*.") else (text.lower(),)


def _stated_names(policy: HostPolicy, coverage: Coverage, stated: set[str]) -> Iterator[str]:
    pattern = policy.pattern.lower()
    if not pattern.startswith("*."):
        yield pattern
        return
    yield BELOW + pattern[2:]
    yield from (name for name in coverage.names if nearest(name, stated) == pattern)


def _ordered(side: Side, pins: Iterable[Pin]) -> list[Pin]:
    """Pins in the order in which a side declares them."""
    wanted = set(pins)
    every = dict.fromkeys(pin.pin for pin_set in side.pin_sets for pin in pin_set.pins)
    return [pin for pin in every if pin in wanted]


def _added(finding: Finding, side: Side, pins: list[Pin], where: str, known: Known) -> Iterator[Proposal]:
    target = side.first
    alike = all(
        each.host_names == target.host_names and each.semantics == target.semantics for each in side.pin_sets
    )
    if not alike or any(each.inferred or each.dynamic for each in side.pin_sets):
        return
    told = [start(pin.base64) for pin in pins]
    says = f"add the pin{'s' * (len(told) > 1)} {' and '.join(told)}, {where}"
    clean = [(each, pin) for each in side.pin_sets for pin in each.pins if is_clean(pin)]
    clean.sort(key=lambda pair: (pair[1].at.path == target.at.path, pair[1].at[1:3]))
    for pin_set, sibling in reversed(clean[-MOST_SIBLINGS:]):
        yield from _beside(finding, pin_set, sibling, pins, says, known)


def _beside(
    finding: Finding, pin_set: PinSet, sibling: DeclaredPin, pins: list[Pin], says: str, known: Known
) -> Iterator[Proposal]:
    page, there = known.page(sibling.at.path), known.text_at(sibling.at)
    texts = [spelling_of(pin, pin_set.semantics, sibling.text) for pin in pins]
    new = [rewritten(sibling, there, text) for text in texts]
    if not page or not there or any(each is None for each in new):
        return
    for edits in siblings.added(page, sibling.at, [each for each in new if each]):

        def announced(other: PinSet) -> PinSet:
            """Whatever takes the sibling takes the new ones too."""
            own = [each for each in other.pins if each.at == sibling.at]
            lead = own[0].text.removesuffix(there) if own else ""
            more = [read_as(sibling, lead + each, other) for each in new if own and each]
            return other._replace(pins=(*other.pins, *more))

        yield Proposal(finding, says, edits, announced, tuple(texts), adds=True)
