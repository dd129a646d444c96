"""The reports of several repositories -> one, as if their folders were one tree that no rule looks across."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import chain
from typing import Any, Literal, TypeVar

from pincheck.kept import Part
from pincheck.model import (
    Finding,
    Pin,
    Project,
    Report,
)
from pincheck.model.advice import HostAdvice
from pincheck.model.chains import Survey
from pincheck.model.changes import Since
from pincheck.model.knowledge import Identity, Knowledge

T = TypeVar("T")
ABSENT = "no such file or folder"
_SURENESS = ("ca-table", "observed", "evidence", "stated", "unknown")


def joined(parts: Iterable[Part], today: date, detail: Literal["quiet", "normal", "verbose"]) -> Report:
    """One report on the parts, whatever order they come in; that of a single folder is its own."""
    parts = sorted(parts, key=lambda part: part.folder)
    if len(parts) == 1 and not parts[0].folder and not parts[0].fault:
        return parts[0].report
    reports = [part.report for part in parts]
    checked = {part.folder for part in parts if not part.fault}
    missed = {entry for each in reports for entry in each.not_checked}
    return Report(
        today,
        findings=tuple(sorted((f for each in reports for f in each.findings), key=_order)),
        project=_project([each.project for each in reports]),
        # A repository does not look into those within it, which may have been checked by themselves.
        not_checked=tuple(sorted(entry for entry in missed if entry.what not in checked)),
        files_seen=sum(each.files_seen for each in reports),
        files_read=sum(each.files_read for each in reports),
        files_skipped=sum(each.files_skipped for each in reports),
        detail=detail,
        advice=_advice(parts),
        survey=_survey([each.survey for each in reports if each.survey is not None]),
        knowledge=_knowledge([each.knowledge for each in reports if each.knowledge is not None]),
        since=_since(reports),
        fixes=tuple(fix for each in reports for fix in each.fixes),
    )


def common_fault(parts: Sequence[Part]) -> str:
    """What keeps each of several repositories from being checked, in the same words; empty if some differ.

    It is then the request that is wrong, a rule's name or the configuration given for all.
    """
    reasons = {part.fault for part in parts}
    reason = reasons.pop() if len(parts) > 1 and len(reasons) == 1 else ""
    return "" if reason == ABSENT else reason


def _order(finding: Finding) -> tuple[Any, ...]:
    at = finding.at
    return (at.path, at.line, at.column, finding.rule, finding.message)


def _project(projects: Sequence[Project]) -> Project:
    return (
        Project(*(tuple(chain.from_iterable(own)) for own in zip(*projects, strict=True)))
        if projects
        else Project()
    )


def _survey(surveys: Sequence[Survey]) -> Survey | None:
    """All that was seen; an observation that several repositories share once."""
    if not surveys:
        return None
    return Survey(
        tuple(dict.fromkeys(each for survey in surveys for each in survey.observations)),
        tuple(each for survey in surveys for each in survey.verifications),
    )


def _advice(parts: Sequence[Part]) -> tuple[HostAdvice, ...]:
    """Each host once; of one that repositories differ about, where each verdict is from."""
    verdicts: dict[str, dict[HostAdvice, None]] = {}
    for part in parts:
        for each in part.report.advice:
            verdicts.setdefault(each.host, {})[each] = None
    found: dict[HostAdvice, None] = {}
    for part in parts:
        for each in part.report.advice:
            differs = len(verdicts[each.host]) > 1
            found[each._replace(host=f"{each.host} in {part.folder or '.'}") if differs else each] = None
    return tuple(found)


def _knowledge(known: Sequence[Knowledge]) -> Knowledge | None:
    """What is known in any repository; of a pin what the surest source says, the first folder's among equals."""
    if not known:
        return None
    identities: dict[Pin, Identity] = {}
    for each in known:
        for pin, identity in each.identities.items():
            before = identities.get(pin)
            if before is None or _SURENESS.index(identity.source) < _SURENESS.index(before.source):
                identities[pin] = identity
    asked = [each.issuances for each in known if each.issuances is not None]
    days = [each.table_day for each in known if each.table_day]
    return Knowledge(
        identities,
        providers=_once(each.providers for each in known),
        milestones=_once(each.milestones for each in known),
        issuances=_once(asked) if asked else None,
        table_day=min(days, default=None),
        dropped=_united(each.dropped for each in known),
        newest={name: text for each in known for name, text in each.newest.items()},
        seen=_united(each.seen for each in known),
    )


def _once(several: Iterable[tuple[T, ...]]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(dict.fromkeys(several))))


def _united(several: Iterable[Mapping[Any, frozenset[Any]]]) -> dict[Any, frozenset[Any]]:
    found: dict[Any, set[Any]] = {}
    for each in several:
        for name, values in each.items():
            found.setdefault(name, set()).update(values)
    return {name: frozenset(values) for name, values in found.items()}


def _since(reports: Sequence[Report]) -> Since | None:
    """How all differ from their earlier states; where there is none to compare with, all is new."""
    compared = [each.since for each in reports if each.since]
    if not compared:
        return None
    new = {finding.fingerprint for each in reports for finding in each.new}
    return Since(
        ", ".join(dict.fromkeys(each.base for each in compared)),
        frozenset(new),
        tuple(sorted((f for each in compared for f in each.fixed), key=_order)),
        tuple(change for each in compared for change in each.declarations),
        tuple(hidden for each in compared for hidden in each.hidden),
    )
