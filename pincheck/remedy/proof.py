"""What a fix comes to, seen before it leaves: the tree judged again with the edits made."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
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


class Judge(Protocol):
    """Judges the tree again, with other bytes in some files."""

    def __call__(self, changed: Mapping[str, bytes]) -> Report: ...


class Proof:
    """Judges proposals, each set of edits once."""

    def __init__(self, again: Judge, read: Read, most: int) -> None:
        self._again = again
        self._read = read
        self._left = most
        self._after: dict[tuple[Edit, ...], Report | None] = {}

    def holds(self, proposal: Proposal) -> bool:
        """Tell whether the edits do what is announced, and nothing else."""
        after = self._with(proposal.edits)
        if after is None:
            return False
        before = self._before.project.pin_sets
        expected = [_declared(each) for pin_set in before for each in proposal.announced(pin_set)]
        return (
            [_declared(each) for each in after.project.pin_sets] == expected
            and _beside(after) == _beside(self._before)
            and self._mends(after, [proposal.finding], proposal.pins)
            and not (proposal.adds and _errors(after) - _errors(self._before))
        )

    def together(self, chosen: Sequence[tuple[Finding, Fix]]) -> bool:
        """Tell whether fixes that hold one by one hold together."""
        edits: dict[str, dict[Edit, None]] = {}
        for _, fix in chosen:
            for edit in fix.edits:
                edits.setdefault(edit.at.path, {})[edit] = None
        changed = {path: self._changed(path, tuple(own)) for path, own in edits.items()}
        if any(data is None for data in changed.values()):
            return False
        after = self._again({path: data for path, data in changed.items() if data is not None})
        findings = [finding for finding, _ in chosen]
        written = [edit.new for own in edits.values() for edit in own]
        return _beside(after) == _beside(self._before) and self._mends(after, findings, written, loose=True)

    @cached_property
    def _before(self) -> Report:
        return self._again({})

    def _with(self, edits: tuple[Edit, ...]) -> Report | None:
        """The report with the edits made; None where they cannot be."""
        if edits not in self._after:
            path = edits[0].at.path
            data = self._changed(path, edits)
            usable = data is not None and self._left > 0 and self._is_sound(path, data)
            self._left -= usable
            self._after[edits] = self._again({path: data}) if usable and data is not None else None
        return self._after[edits]

    def _changed(self, path: str, edits: tuple[Edit, ...]) -> bytes | None:
        data = self._read(path)
        return None if data is None else Page(path, data).with_edits(edits)

    def _is_sound(self, path: str, data: bytes) -> bool:
        """Whether the language's grammar errs nowhere it did not before."""
        before = self._read(path)
        if before is None or not syntax.readable(path):
            return before is not None
        try:
            errors = [len(syntax.read(SourceFile(path, each)).errors) for each in (before, data)]
        except Unreadable:
            return False
        return errors[1] <= errors[0]

    def _mends(
        self, after: Report, findings: Iterable[Finding], written: Sequence[str], loose: bool = False
    ) -> bool:
        """Whether the findings are gone, and none has come but what the pins as they were written hid."""
        before, now = _counted(self._before), _counted(after)
        mended = Counter(dict.fromkeys(map(_identity, findings), 1))
        if any(before[each] - now[each] < number for each, number in mended.items()):
            return False
        spoken = {each[:3] for each in before}
        come = now - before
        return all(
            pin
            and (any(pin in text or text in pin for text in written) if loose else pin in written)
            and (rule not in MASKED or (rule, path, hosts) in spoken)
            for rule, path, hosts, pin in come
        )


def _counted(report: Report) -> Counter[Identity]:
    return Counter(map(_identity, report.active))


def _errors(report: Report) -> Counter[Identity]:
    return Counter(_identity(finding) for finding in report.active if finding.severity == "error")


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
