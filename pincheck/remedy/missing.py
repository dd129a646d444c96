"""A pin that one side lacks, copied from the other platform or from the source of truth."""

from collections.abc import Callable, Container, Iterable, Iterator, Sequence

from pincheck.coverage import BELOW, Coverage, Side, Unread, in_production, nearest
from pincheck.model import DeclaredPin, Finding, HostPolicy, Location, Pin, PinSet
from pincheck.remedy import siblings
from pincheck.remedy.known import Known, Proposal, is_clean, read_as, rewritten, shown, start

Announced = Callable[[PinSet], tuple[PinSet, ...]]

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
            where = f"which {shown(others[0].first.at.path)} pins"

            def is_wanted(name: str, pins: frozenset[Pin] = missing, here: Location = finding.at) -> bool:
                found = [side for side in coverage.sides(name) if side.comparable and side.first.at != here]
                return bool(found) and all(pins <= side.keys for side in found)

            yield from _added(finding, own[0], _ordered(others[0], missing), where, known, is_wanted)
            return


def from_configuration(finding: Finding, known: Known) -> Iterator[Proposal]:
    """Propose the pins that the configuration states, where the declaration has no others."""
    by_pattern = {host.pattern.lower(): host for host in known.policy.hosts if host.pins}
    policy = by_pattern.get(finding.hosts[0].lower()) if finding.hosts else None
    if not policy:
        return
    project = known.report.project
    coverage = Coverage((each for each in project.pin_sets if each.read), Unread(project.gaps))
    stated = tuple(dict.fromkeys(each.pin for each in policy.pins))
    for host in _stated_names(policy, coverage, by_pattern):
        for side in coverage.sides(host):
            missing = [pin for pin in stated if pin not in side.keys]
            if side.first.at == finding.at and side.comparable and missing and side.keys < set(stated):
                where = f"which {shown(policy.at.path)}:{policy.at.line} states"

                def is_wanted(name: str, pins: Sequence[Pin] = missing) -> bool:
                    own = by_pattern.get(nearest(name, by_pattern))
                    return own is not None and {each.pin for each in own.pins}.issuperset(pins)

                yield from _added(finding, side, missing, where, known, is_wanted)
                return


def _names(text: str) -> tuple[str, ...]:
    return (BELOW + text[2:].lower(),) if text.startswith("*.") else (text.lower(),)


def _stated_names(policy: HostPolicy, coverage: Coverage, stated: Container[str]) -> Iterator[str]:
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


def _added(
    finding: Finding,
    side: Side,
    pins: list[Pin],
    where: str,
    known: Known,
    is_wanted: Callable[[str], bool],
) -> Iterator[Proposal]:
    """Propose pins for all hosts of a side, if they are wanted for each; ``is_wanted`` is asked for names."""
    target = side.first
    alike = all(
        each.host_names == target.host_names and each.semantics == target.semantics for each in side.pin_sets
    )
    several_lists = target.inferred and len(side.pin_sets) > 1  # each may be compared by itself
    if not alike or several_lists or any(each.dynamic for each in side.pin_sets):
        return
    if not all(_is_compared(pin, target, known) for pin in pins):
        return
    told = [start(pin.base64) for pin in pins]
    says = f"add the pin{'s' * (len(told) > 1)} {' and '.join(told)}, {where}"
    clean = [(each, pin) for each in side.pin_sets for pin in each.pins if is_clean(pin)]
    clean.sort(key=lambda pair: (pair[1].at.path == target.at.path, pair[1].at[1:3]))
    for pin_set, sibling in reversed(clean[-MOST_SIBLINGS:]):
        users = [each for each, _ in known.users(sibling.at)]
        hosts = [host for each in users for host in each.hosts]
        if not all(each.hosts for each in users) or not all(
            is_wanted(host.name if host.apex else BELOW + host.name) for host in hosts
        ):
            continue
        yield from _beside(finding, pin_set, sibling, pins, says, known)


def _is_compared(pin: Pin, pin_set: PinSet, known: Known) -> bool:
    """Tell whether a list of pins for leaves, or for issuers, takes the key of a pin; others take every key."""
    wanted = {"leaf": ("leaf",), "issuers": ("intermediate", "root")}.get(pin_set.semantics.compares)
    knowledge = known.report.knowledge
    return wanted is None or (knowledge is not None and knowledge.of(pin).role in wanted)


def _beside(
    finding: Finding, pin_set: PinSet, sibling: DeclaredPin, pins: list[Pin], says: str, known: Known
) -> Iterator[Proposal]:
    page, there = known.page(sibling.at.path), known.text_at(sibling.at)
    texts = [_spelt_alike(pin, sibling) for pin in pins]
    new = [rewritten(sibling, there, text) for text in texts if text]
    if not page or not there or not all(new) or not all(texts):
        return
    changed = [each for each in new if each]
    for edits in siblings.added(page, sibling.at, changed):
        ways = {"joined": _joined(sibling, there, changed), "apart": _apart(sibling, there, changed)}
        for way, announced in ways.items():
            yield Proposal(finding, says, edits, announced, tuple(texts), way)


def _spelt_alike(pin: Pin, sibling: DeclaredPin) -> str:
    """A pin as its sibling is spelt; empty where that is no standard base64, whatever its client makes of it."""
    like = sibling.pin.base64 if sibling.pin else ""
    return sibling.text.replace(like, pin.base64) if like and sibling.text.count(like) == 1 else ""


def _joined(sibling: DeclaredPin, there: str, new: list[str]) -> Announced:
    """Whatever takes the sibling takes the new ones too."""

    def announced(other: PinSet) -> tuple[PinSet]:
        return (other._replace(pins=(*other.pins, *_more(other, sibling, there, new))),)

    return announced


def _apart(sibling: DeclaredPin, there: str, new: list[str]) -> Announced:
    """Each new one is a pin set like the sibling's, as where a call gives one pin."""

    def announced(other: PinSet) -> tuple[PinSet, ...]:
        more = _more(other, sibling, there, new)
        return (other, *(other._replace(pins=(pin,)) for pin in more))

    return announced


def _more(pin_set: PinSet, sibling: DeclaredPin, there: str, new: list[str]) -> list[DeclaredPin]:
    """The new pins as the client of a set reads them, if it has the sibling."""
    own = next((each for each in pin_set.pins if each.at == sibling.at), None)
    if own is None:
        return []
    lead = own.text.removesuffix(there)
    return [read_as(sibling, lead + each, pin_set) for each in new]
