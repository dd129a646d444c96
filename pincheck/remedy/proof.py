"""What a fix comes to, seen before it leaves: the tree judged again with the edits made."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Protocol

from pincheck.edits import Page
from pincheck.model import DeclaredPin, Edit, Finding, Fix, PinSet, Report, SourceFile
from pincheck.readers import syntax
from pincheck.readers.unreadable import Unreadable
from pincheck.remedy.known import Proposal, Read

Identity = tuple[str, str, tuple[str, ...], str]
MASKED = frozenset({"malformed-pin", "duplicate-pin", "placeholder-pin", "unresolved-pin"})
"""What a fix may not bring for a pin that it writes, where other rules had no say about the pin before."""

USELESS = frozenset({"retired-ca-key"})
"""What may not come with a pin that a fix adds, however grave it is there: no host can serve such a key."""
LOOK = 50
"""Looks at a finding that cost as much as a proof."""
COSTLY_BYTES, COSTLY_PINS = 20_000, 100
"""How large a file, and how much declared in all, doubles the cost of judging again."""


class Judge(Protocol):
    """Judges the tree again, with other bytes in some files."""

    def __call__(self, changed: Mapping[str, bytes]) -> Report: ...


class Proof:
    """Judges proposals, each set of edits once."""

    def __init__(self, again: Judge, read: Read, work: float) -> None:
        self._again = again
        self._read = read
        self._left = work
        self._kept = work / 2

    @property
    def is_spent(self) -> bool:
        """Whether no work is left."""
        return self._left <= 0

    def affords(self, path: str) -> bool:
        """Tell whether a look at a finding in a file leaves half of the work for proofs, and spend it if so."""
        cost = self._cost([path]) / LOOK
        if self._left - cost < self._kept:
            return False
        self._left -= cost
        return True

    def sift(self, batch: Sequence[Proposal]) -> list[Proposal]:
        """Those that hold, of proposals that do not touch each other; none where no work is left."""
        if not batch or self.is_spent:
            return []
        self._left -= self._cost({each.edits[0].at.path for each in batch})
        if self._hold(batch):
            return list(batch)
        middle = len(batch) // 2
        return [*self.sift(batch[:middle]), *self.sift(batch[middle:])] if middle else []

    def _hold(self, batch: Sequence[Proposal]) -> bool:
        """Tell whether the edits do what is announced, and nothing else."""
        distinct = list({each.key: each for each in batch}.values())
        changed = self._made(edit for each in distinct for edit in each.edits)
        if changed is None or not all(self._is_sound(path, data) for path, data in changed.items()):
            return False
        after = self._again(changed)
        declared = [
            _declared(each)
            for pin_set in self._before.project.pin_sets
            for each in _announced(pin_set, distinct)
        ]
        written = [pin for each in batch for pin in each.pins]
        return (
            [_declared(each) for each in after.project.pin_sets] == declared
            and _beside(after) == _beside(self._before)
            and self._mends(after, [each.finding for each in batch], written)
            and not (any(each.reshapes for each in batch) and _grave(after) - _grave(self._before))
        )

    def together(self, chosen: Sequence[tuple[Finding, Fix]]) -> bool:
        """Tell whether fixes that hold one by one hold together."""
        edits = dict.fromkeys(edit for _, fix in chosen for edit in fix.edits)
        changed = self._made(edits)
        if changed is None:
            return False
        after = self._again(changed)
        findings = [finding for finding, _ in chosen]
        written = [edit.new for edit in edits]
        return _beside(after) == _beside(self._before) and self._mends(after, findings, written, loose=True)

    @cached_property
    def _before(self) -> Report:
        return self._again({})

    def _made(self, edits: Iterable[Edit]) -> dict[str, bytes] | None:
        """The files with edits made; None where that cannot be."""
        by_path: dict[str, list[Edit]] = {}
        for edit in edits:
            by_path.setdefault(edit.at.path, []).append(edit)
        made = {path: self._changed(path, own) for path, own in by_path.items()}
        found = {path: data for path, data in made.items() if data is not None}
        return found if len(found) == len(made) else None

    def _cost(self, paths: Collection[str]) -> float:
        """What judging again costs: it grows with the files changed and with all that is declared."""
        changed = sum(len(self._read(path) or b"") for path in paths)
        return 1 + changed / COSTLY_BYTES + self._size / COSTLY_PINS

    @cached_property
    def _size(self) -> int:
        sets = self._before.project.pin_sets
        return sum(1 + len(each.pins) + len(each.hosts) for each in sets)

    def _changed(self, path: str, edits: Iterable[Edit]) -> bytes | None:
        data = self._read(path)
        return None if data is None else Page(path, data).with_edits(edits)

    def _is_sound(self, path: str, data: bytes) -> bool:
        """Whether the language's grammar errs nowhere it did not before; JSON may be read more strictly by others."""
        before = self._read(path)
        if before is None or not syntax.readable(path):
            return before is not None and _is_json(data) >= _is_json(before)
        try:
            errors = [len(syntax.read(SourceFile(path, each)).errors) for each in (before, data)]
        except Unreadable:
            return False
        return errors[1] <= errors[0]

    def _mends(
        self, after: Report, findings: Iterable[Finding], written: Sequence[str], loose: bool = False
    ) -> bool:
        """Whether the findings are gone, and none has come but what the pins as they were written hid.

        Of a finding that only a look at hosts makes, nothing shows offline.
        """
        before, now = _counted(self._before), _counted(after)
        mended = {each for each in map(_identity, findings) if each in before}
        if any(before[each] <= now[each] for each in mended):
            return False
        spoken = {each[:3] for each in before}
        come = now - before
        return all(
            pin
            and (any(pin in text or text in pin for text in written) if loose else pin in written)
            and (rule not in MASKED or (rule, path, hosts) in spoken)
            for rule, path, hosts, pin in come
        )


def _is_json(data: bytes) -> bool:
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        return False
    return True


def _announced(pin_set: PinSet, proposals: Iterable[Proposal]) -> tuple[PinSet, ...]:
    """What becomes of a pin set by all proposals."""
    found: tuple[PinSet, ...] = (pin_set,)
    for proposal in proposals:
        found = tuple(after for before in found for after in proposal.announced(before))
    return found


def _counted(report: Report) -> Counter[Identity]:
    return Counter(map(_identity, report.active))


def _grave(report: Report) -> Counter[Identity]:
    found = (each for each in report.active if each.severity == "error" or each.rule in USELESS)
    return Counter(map(_identity, found))


def _identity(finding: Finding) -> Identity:
    return finding.rule, finding.at.path, tuple(sorted(finding.hosts)), finding.pin


def _declared(pin_set: PinSet) -> tuple[Any, ...]:
    """A pin set without its places; the order of its pins does not count."""
    expires = pin_set.expires
    return (
        pin_set.mechanism,
        pin_set.at.path,
        tuple((host.text, host.name, host.depth, host.apex, host.fault) for host in pin_set.hosts),
        sorted(map(_pin, pin_set.pins), key=repr),
        pin_set.semantics,
        pin_set.context,
        pin_set.variant,
        expires and (expires.text, expires.day),
        [(anchor.source, anchor.overrides_pins, anchor.files) for anchor in pin_set.anchors],
        pin_set.read,
        pin_set.dynamic,
        [each.hosts for each in pin_set.cleartext],
        [(file.name, file.paths) for file in pin_set.files],
        pin_set.by_hand,
        pin_set.inferred,
    )


def _pin(pin: DeclaredPin) -> tuple[Any, ...]:
    return pin.text, pin.at.path, pin.pin, pin.fault, pin.placeholder, pin.suspicion, pin.certificate_file


def _beside(report: Report) -> tuple[Any, ...]:
    """All else that the files declare, without places, and what could not be read."""
    project = report.project
    return (
        [(each.kind, each.at.path, each.what, each.hosts) for each in project.defects],
        [(each.mechanism, each.at.path, each.reason, each.hosts, each.text) for each in project.gaps],
        [(each.at.path, each.kind) for each in project.private_keys],
        [each.path for each in project.certificate_files],
        [(each.at.path, each.rules, each.reason) for each in project.suppressions],
        report.not_checked,
    )
