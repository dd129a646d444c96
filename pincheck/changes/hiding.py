"""Which findings a change keeps from being seen, by its comments, its configuration or its evidence."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from pincheck.changes.findings import is_graver
from pincheck.changes.matching import Path
from pincheck.model import (
    SEVERITIES,
    Finding,
    Location,
    Policy,
    Report,
    Suppression,
)
from pincheck.model.changes import Hidden


class Otherwise(NamedTuple):
    """The state after, judged by what does not count: of a stranger's change its own, else that of the state before.

    It is judged beside the same earlier state as the one that counts, or neither is.
    """

    configured: Report | None = None
    """By the other configuration; None if there is no other."""
    policies: tuple[Policy, Policy] | None = None
    """Of base and head; they tell more exactly what a changed configuration hides."""
    proven: Report | None = None
    """By other evidence: tables of CA keys, recordings, files that the configuration names."""
    evidence: tuple[str, ...] = ()
    """Paths of the files that differ."""


class Silenced:
    """Which comment silences a finding, and whether it was there before."""

    def __init__(self, before: Report, after: Report, path: Path) -> None:
        self._old = {(path(each.at.path), each.rules, each.reason) for each in before.project.suppressions}
        self._by_line: dict[tuple[str, int], list[Suppression]] = {}
        for each in after.project.suppressions:
            for line in (each.at.line, each.at.line + 1) if each.alone else (each.at.line,):
                self._by_line.setdefault((each.at.path, line), []).append(each)

    def by(self, finding: Finding) -> Suppression | None:
        """The comment; None if the finding is active, or the configuration silences it."""
        if finding.suppressed is None or finding.gone:
            return None
        for each in self._by_line.get((finding.at.path, finding.at.line), ()):
            fits = not each.rules or finding.rule in each.rules
            if fits and each.why == finding.suppressed:
                return each
        return None

    def is_old(self, comment: Suppression) -> bool:
        return (comment.at.path, comment.rules, comment.reason) in self._old


def by_comment(
    after: Report, was: Mapping[str, Finding], silenced: Silenced, strange: bool
) -> Iterator[Hidden]:
    """The findings that a comment silences and that were not silenced before."""
    for finding in after.findings:
        comment = silenced.by(finding)
        if comment and not _was_silenced(finding, was):
            old = silenced.is_old(comment)
            how = "a comment that was there before now silences it" if old else "a new comment silences it"
            yield Hidden(finding._replace(suppressed=None), how, comment.at, counts=not strange)


def unsilenced(
    findings: Iterable[Finding], was: Mapping[str, Finding], silenced: Silenced
) -> Iterator[Finding]:
    """The findings, those active that only a comment of a strange change silences."""
    for finding in findings:
        keeps = _was_silenced(finding, was) or not silenced.by(finding)
        yield finding if keeps else finding._replace(suppressed=None)


def _was_silenced(finding: Finding, was: Mapping[str, Finding]) -> bool:
    old = was.get(finding.fingerprint)
    return old is not None and old.suppressed is not None


def by_other_settings(after: Report, other: Otherwise, strange: bool) -> Iterator[Hidden]:
    """What the configuration and the evidence of the change hide, or would hide, each finding once."""
    told: set[str] = set()

    def ordered(by: Report) -> tuple[Report, Report]:
        return (after, by) if strange else (by, after)

    if other.configured:
        for hidden in _by_configuration(*ordered(other.configured), other.policies, not strange):
            told.add(hidden.finding.fingerprint)
            yield hidden
    if other.proven:
        for hidden in _by_evidence(*ordered(other.proven), other.evidence, not strange):
            if hidden.finding.fingerprint not in told:
                yield hidden


def _by_evidence(strict: Report, mild: Report, paths: Sequence[str], counts: bool) -> Iterator[Hidden]:
    """The active findings by the one evidence that are milder by the other, or not there at all."""
    found = {finding.fingerprint: finding for finding in mild.findings}
    names = " and ".join(paths[:2]) if len(paths) < 3 else f"{paths[0]} and {len(paths) - 1} more files"
    for finding in strict.active:
        other = found.get(finding.fingerprint)
        if other is None:
            yield Hidden(finding, f"by the changed {names} it is no finding", None, counts)
        elif other.suppressed is None and is_graver(finding, other):
            yield Hidden(finding, f"by the changed {names} it is a {other.severity}", None, counts)


def _by_configuration(
    strict: Report, mild: Report, policies: tuple[Policy, Policy] | None, counts: bool
) -> Iterator[Hidden]:
    """The active findings of the one judgement that are milder in the other, silenced, or not there at all."""
    found = {finding.fingerprint: finding for finding in mild.findings}
    configs = {strict.config, mild.config}
    known, left = _paths(strict), _paths(mild)
    policy = policies[1] if policies else Policy()
    for finding in strict.active:
        if finding.rule == "unused-suppression" and finding.at.path in configs:
            continue
        other = found.get(finding.fingerprint)
        if other is None:
            out = finding.at.path in known and finding.at.path not in left
            yield Hidden(finding, _absent(finding, out, policy, bool(policies)), None, counts)
        elif other.suppressed is not None:
            yield Hidden(finding, "the configuration now ignores it", _ignore(other, policy), counts)
        elif is_graver(finding, other):
            yield Hidden(finding, f"the configuration now makes it a {other.severity}", None, counts)
        elif policies and _fails(finding, policies[0]) and not _fails(finding, policies[1]):
            how = f"fail-on is now {policies[1].fail_on}, so that it fails no build"
            yield Hidden(finding, how, None, counts)


def left_out(after: Report, plain: Report, path: Path) -> Iterator[Finding]:
    """The findings; where a file still pins and is only left out, they say that instead of its removal."""
    removed = {finding.fingerprint for finding in plain.findings}
    still = _paths(plain) - _paths(after)
    for finding in after.findings:
        if finding.gone and finding.fingerprint not in removed and path(finding.at.path) in still:
            hosts = finding.message.partition(": ")[0]
            finding = finding._replace(
                message=f"{hosts}: the configuration now leaves out this file, which still declares these pins, so that"
                " what becomes of them is told no more",
                remedy="keep the file in, unless no release reads it",
            )
        yield finding


def _absent(finding: Finding, left_out: bool, policy: Policy, is_known: bool) -> str:
    if left_out:
        return "the configuration now leaves its file out"
    if dict(policy.severities).get(finding.rule) == "off":
        return "the configuration now switches its rule off"
    if is_known:
        return "by the changed configuration it is no finding"
    return "the configuration now switches its rule off, or makes it no finding"


def _ignore(finding: Finding, policy: Policy) -> Location | None:
    """The entry of the configuration that gives the reason."""
    ignores = ((each.why, each.at) for each in policy.ignores)
    skips = ((each.skip, each.at) for each in policy.hosts)
    return next((at for reason, at in (*ignores, *skips) if reason == finding.suppressed), None)


def _fails(finding: Finding, policy: Policy) -> bool:
    if policy.fail_on not in SEVERITIES:
        return False
    return SEVERITIES.index(finding.severity) <= SEVERITIES.index(policy.fail_on)


def _paths(report: Report) -> set[str]:
    """The files that something was read from."""
    project = report.project
    kinds = (project.pin_sets, project.defects, project.gaps, project.private_keys, project.suppressions)
    return {each.at.path for kind in kinds for each in kind} | {
        file.path for file in project.certificate_files
    }
