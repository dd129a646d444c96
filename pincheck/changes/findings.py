"""Which findings were there before, which are new, and which are fixed."""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from pincheck.changes.matching import Identity, Path, matched
from pincheck.model import (
    SEVERITIES,
    Finding,
)


def is_new(finding: Finding, was: Finding | None) -> bool:
    """Whether it was not there before, was silenced, or was milder."""
    return was is None or was.suppressed is not None or is_graver(finding, was)


def is_graver(finding: Finding, other: Finding) -> bool:
    """Whether the one has the graver severity."""
    return SEVERITIES.index(finding.severity) < SEVERITIES.index(other.severity)


class Compared(NamedTuple):
    """The findings of two states beside each other."""

    was: dict[str, Finding]
    """Fingerprint now -> the finding of before that it is."""
    fixed: tuple[Finding, ...]
    """The active findings of before that are there no more, be it silenced."""


def compared(before: Sequence[Finding], after: Sequence[Finding], path: Path) -> Compared:
    """Pair the findings of both states, each used once; then those that speak of other hosts, host by host.

    What makes a fingerprint makes the pair: rule, path (now), hosts and pin. Equal ones are told apart by whether
    they are silenced, by their number, and by the text of their line, so that a silenced one does not
    pass for an active one. At last an active finding may have moved to another file. One that speaks of fewer hosts
    than before is not new, and one whose hosts others speak of now is not fixed.
    """
    old = _numbered(before, path)
    new = _numbered(after, str)
    passes: tuple[Callable[[_Numbered], Identity | None], ...] = (
        lambda each: (each.identity, each.is_active, each.number, each.finding.at.text),
        lambda each: (each.identity, each.is_active, each.finding.at.text),
        lambda each: (each.identity, each.is_active),
        lambda each: (each.identity, each.number),
        lambda each: (each.identity,),
        _anywhere,
    )
    pairs = matched(old, new, passes)
    paired = {id(each) for pair in pairs for each in pair}
    old, new = ([each for each in every if id(each) not in paired] for every in (old, new))
    pairs += _parts(new, old)
    still = {id(other) for other, _ in pairs} | {id(each) for _, each in _parts(old, new)}
    return Compared(
        {each.finding.fingerprint: other.finding for other, each in pairs},
        tuple(each.finding for each in old if each.is_active and id(each) not in still),
    )


def _parts(
    parts: Iterable["_Numbered"], wholes: Iterable["_Numbered"]
) -> list[tuple["_Numbered", "_Numbered"]]:
    """Each finding all of whose hosts others speak of, behind the mildest of these; each is used once for a host."""
    waiting: dict[Identity, deque[_Numbered]] = {}
    for whole in wholes:
        for about in whole.by_host:
            waiting.setdefault(about, deque()).append(whole)
    found = []
    for part in parts:
        if part.by_host and all(waiting.get(about) for about in part.by_host):
            held = [waiting[about].popleft() for about in part.by_host]
            found.append((max(held, key=lambda each: SEVERITIES.index(each.finding.severity)), part))
    return found


class _Numbered(NamedTuple):
    """A finding, and what it is known by."""

    finding: Finding
    identity: Identity
    number: int
    """Among those of the same identity."""

    @property
    def is_active(self) -> bool:
        return self.finding.suppressed is None

    @property
    def by_host(self) -> list[Identity]:
        """What it says, for each host; a silenced finding says other than an active one."""
        rule, path, _, pin = self.identity
        return [(rule, path, host, pin, self.is_active) for host in dict.fromkeys(self.finding.hosts)]


def _numbered(findings: Iterable[Finding], path: Path) -> list[_Numbered]:
    numbers: Counter[Identity] = Counter()
    found = []
    for finding in findings:
        identity = (finding.rule, path(finding.at.path), tuple(sorted(finding.hosts)), finding.pin)
        numbers[identity] += 1
        found.append(_Numbered(finding, identity, numbers[identity]))
    return found


def _anywhere(each: _Numbered) -> Identity | None:
    """An active finding wherever it stands, if it says what it is about."""
    finding = each.finding
    if not each.is_active or not (finding.hosts or finding.pin):
        return None
    return finding.rule, tuple(sorted(finding.hosts)), finding.pin
