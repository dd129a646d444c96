"""Rules x subjects -> findings: severities, suppressions, fingerprints, order."""

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from pincheck.model import (
    SEVERITIES,
    CodeContext,
    Context,
    Defect,
    Finding,
    Gap,
    PinSet,
    PrivateKey,
    Problem,
    Project,
    Said,
    Severity,
    Suppression,
)
from pincheck.registry import Rule, rules

if TYPE_CHECKING:
    from pincheck.model.chains import Survey
    from pincheck.model.changes import Change


def evaluate(
    project: Project,
    survey: "Survey | None",
    context: Context,
    whole: bool = True,
    change: "Change | None" = None,
) -> tuple[Finding, ...]:
    """Return what the rules say of the project, in order of path, line, column and rule.

    ``whole`` tells that a whole repository was read, so that an ignore of its configuration which
    silences nothing here silences nothing anywhere. ``change`` is what made the project of an earlier one.
    """
    subjects: dict[type, Sequence[Any]] = {
        PinSet: [pin_set for pin_set in project.pin_sets if pin_set.read],
        Defect: project.defects,
        Gap: project.gaps,
        PrivateKey: project.private_keys,
        Project: [project],
    }
    if survey:
        from pincheck.model.chains import Verification

        subjects |= {type(survey): [survey], Verification: survey.verifications}
    if change:
        subjects[type(change)] = [change]
        context = context._replace(change=change)
    written = (*project.suppressions, *context.policy.ignores)
    if not written and not any(subjects[kind] for kind in subjects if kind is not Project):
        return ()
    known = {rule.name: rule for rule in rules()}
    judged = _Judged(context, _Silencers(project.suppressions, context))
    for rule in known.values():
        for subject in subjects.get(rule.subject, ()):
            judged.add(rule, subject, rule.check(subject, context))
    unused = known["unused-suppression"]
    for idle in judged.idle(written if whole else project.suppressions, known):
        judged.add(unused, idle, unused.check(idle, context))
    return judged.findings()


class _Judged:
    """The problems of a run, stamped."""

    def __init__(self, context: Context, silencers: "_Silencers") -> None:
        self._context = context
        self._silencers = silencers
        self._overrides = dict(context.policy.severities)
        self._found: list[Finding] = []
        self._speakers: dict[Said, list[Said]] = {}

    def add(self, rule: Rule, subject: object, problems: Iterable[Problem]) -> None:
        for problem in problems:
            purpose: CodeContext = problem.context or getattr(subject, "context", None) or "production"
            if severity := self._severity(rule, problem, purpose):
                self._found.append(
                    Finding(
                        rule.name, severity, problem.message, problem.remedy, problem.at,
                        problem.hosts, problem.pin, problem.related, purpose, "", gone=problem.gone,
                    )
                )  # fmt: skip
                for said in problem.speaks_for:
                    self._speakers.setdefault(said, []).append(_said(self._found[-1]))

    def _severity(self, rule: Rule, problem: Problem, purpose: CodeContext) -> Severity | None:
        """The severity that counts, or None if the rule is off."""
        override = self._overrides.get(rule.name)
        if override == "off":
            return None
        severity: Severity = override or problem.severity or rule.severity
        return severity if purpose in self._context.policy.contexts else SEVERITIES[-1]

    def idle(self, written: Sequence[Suppression], known: Container[str]) -> Iterator[Suppression]:
        """The suppressions that silence nothing, that are past their date, or that name no rule."""
        used = {id(fit) for finding in self._found for fit in self._silencers.of(finding)}
        for suppression in written:
            unknown = tuple(name for name in suppression.rules if name not in known)
            off = suppression.rules and all(self._overrides.get(name) == "off" for name in suppression.rules)
            if id(suppression) not in used and not off:
                yield suppression
            elif unknown:
                yield suppression._replace(rules=unknown)

    def findings(self) -> tuple[Finding, ...]:
        ordered = sorted(self._found, key=lambda f: (f.at.path, f.at.line, f.at.column, f.rule, f.message))
        return tuple(_told_once(tuple(_stamped(ordered, self._silencers)), self._speakers))


class _Silencers:
    """The suppressions that still count, ready to be asked about a finding."""

    def __init__(self, written: Iterable[Suppression], context: Context) -> None:
        today = context.today.isoformat()
        self._by_line: dict[tuple[str, int], list[Suppression]] = {}
        for suppression in written:
            self._by_line.setdefault((suppression.at.path, suppression.at.line), []).append(suppression)
        self._ignores = [one for one in context.policy.ignores if not one.until or one.until >= today]
        self._skipped = {host.pattern.lower(): host.skip for host in context.policy.hosts if host.skip}

    def of(self, finding: Finding) -> Iterator[Suppression]:
        """The suppressions that fit: comments on the line or the line above, and the configuration's.

        No comment of today stands beside a place that is gone.
        """
        path, line = ("", 0) if finding.gone else (finding.at.path, finding.at.line)
        above = (one for one in self._by_line.get((path, line - 1), ()) if one.alone)
        near = (*self._by_line.get((path, line), ()), *above)
        for suppression in (*near, *self._ignores):
            if _fits(suppression, finding):
                yield suppression

    def reason(self, finding: Finding) -> str | None:
        """Why a finding is silenced, or None."""
        if finding.rule == "unused-suppression":
            return None
        for suppression in self.of(finding):
            return suppression.why
        if self._skipped and finding.hosts and all(host.lower() in self._skipped for host in finding.hosts):
            return self._skipped[finding.hosts[0].lower()]
        return None


def _fits(suppression: Suppression, finding: Finding) -> bool:
    if suppression.rules and finding.rule not in suppression.rules:
        return False
    if suppression.path and not fnmatchcase(finding.at.path, suppression.path):
        return False
    host = suppression.host.lower()
    return not host or any(fnmatchcase(name.lower(), host) for name in finding.hosts)


def _stamped(findings: Iterable[Finding], silencers: _Silencers) -> Iterator[Finding]:
    """Number equal findings, fingerprint them and mark the suppressed ones."""
    numbers: Counter[tuple[str, ...]] = Counter()
    for finding in findings:
        identity = (finding.rule, finding.at.path, *sorted(finding.hosts), finding.pin)
        numbers[identity] += 1
        fingerprint = _fingerprint(identity, numbers[identity])
        yield finding._replace(fingerprint=fingerprint, suppressed=silencers.reason(finding))


def _said(finding: Finding) -> Said:
    return Said(finding.rule, finding.at, finding.hosts)


def _told_once(findings: Sequence[Finding], speakers: Mapping[Said, Sequence[Said]]) -> Iterator[Finding]:
    """The findings without those that an active one speaks for, whose severity it takes over."""
    if not speakers:
        yield from findings
        return
    active = [finding for finding in findings if finding.suppressed is None]
    speaking = {_said(finding) for finding in active}
    spoken_for: set[int] = set()
    severities: dict[Said, list[Severity]] = {}
    for finding in active:
        for speaker in speaking.intersection(speakers.get(_said(finding), ())):
            spoken_for.add(id(finding))
            severities.setdefault(speaker, []).append(finding.severity)
    for finding in findings:
        if id(finding) not in spoken_for:
            every = (finding.severity, *severities.get(_said(finding), ()))
            yield finding._replace(severity=min(every, key=SEVERITIES.index))


def _fingerprint(identity: tuple[str, ...], number: int) -> str:
    from hashlib import sha256

    text = "\0".join((*identity, *([str(number)] if number > 1 else [])))
    return sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:32]
