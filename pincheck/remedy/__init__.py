"""Findings -> edits of files, where the right value is known and nothing has to be guessed.

Each module here proposes the edits for one kind of fault; what leaves is what ``proof`` has seen to hold.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from pincheck.edits import clash
from pincheck.model import Fix, Policy, Report
from pincheck.remedy import certificate, duplicate, expiry, missing, spelling
from pincheck.remedy.known import Known, Proposal, Propose, Read
from pincheck.remedy.proof import Judge, Proof

__all__ = ["Found", "Judge", "Read", "fixes", "hold", "look", "undated"]

PROPOSE: dict[str, Propose] = {
    "malformed-pin": spelling.propose,
    "pin-set-expired": expiry.propose,
    "pin-set-expires-soon": expiry.propose,
    "pin-set-expires-late": expiry.propose,
    "platform-drift": missing.from_platform,
    "declared-drift": missing.from_configuration,
    "certificate-hash-pin": certificate.propose,
    "pin-mismatch": certificate.served,
    "duplicate-pin": duplicate.propose,
}
WORK = 500.0
"""What may be spent on a run: to judge a small app again costs 1. Beyond, findings are left to the next run."""


class Found(NamedTuple):
    """What can be mended, as far as the work goes."""

    fixes: tuple[Fix, ...]
    """In the order of the findings."""
    unseen: frozenset[str]
    """The fingerprints of findings for which no work was left."""


def fixes(report: Report, policy: Policy, read: Read, again: Judge) -> tuple[Fix, ...]:
    """The fixes of active findings, in their order; see ``look``."""
    return look(report, policy, read, again).fixes


def look(report: Report, policy: Policy, read: Read, again: Judge) -> Found:
    """Find the fixes of active findings.

    ``read`` gives the bytes that the report was made of, and ``again`` the report on the tree with other bytes
    in some files, offline. A fix is proven if then the declarations differ in what it announces and in nothing
    else, its finding is gone (if it is one that shows offline), no other has come, and every file that could be read
    still can.
    """
    wanted = [each for each in report.active if each.rule in PROPOSE and each.context in policy.contexts]
    if not wanted:
        return Found((), frozenset())
    known, proof = Known(report, policy, read), Proof(again, read, WORK)
    waiting = {
        finding.fingerprint: PROPOSE[finding.rule](finding, known)
        for finding in wanted
        if proof.affords(finding.at.path)
    }
    proven: dict[str, Proposal] = {}
    tried = _next(waiting, waiting)
    while tried and not proof.is_spent:
        batch = _apart(tried.values())
        held = {each.finding.fingerprint: each for each in proof.sift(batch)}
        proven |= held
        failed = [each.finding.fingerprint for each in batch if each.finding.fingerprint not in held]
        rest = {name: each for name, each in tried.items() if name not in held and name not in failed}
        unproven = {name: tried[name] for name in failed} if proof.is_spent else _next(waiting, failed)
        tried = {**unproven, **rest}
    found = (proven.get(finding.fingerprint) for finding in wanted)
    unseen = {finding.fingerprint for finding in wanted}.difference(waiting).union(tried)
    return Found(
        tuple(Fix(each.finding.fingerprint, each.says, each.edits) for each in found if each),
        frozenset(unseen),
    )


def undated(report: Report) -> Report:
    """The report without findings on days, which hang on what hosts serve."""
    found = (each for each in report.findings if PROPOSE.get(each.rule) is not expiry.propose)
    return report._replace(findings=tuple(found))


def hold(report: Report, fixes: tuple[Fix, ...], read: Read, again: Judge) -> bool:
    """Tell whether several fixes can be made together: the finding of each is gone, and no other has come."""
    named = {finding.fingerprint: finding for finding in report.active}
    return Proof(again, read, WORK).together([(named[fix.fingerprint], fix) for fix in fixes])


def _next(waiting: Mapping[str, Iterator[Proposal]], names: Iterable[str]) -> dict[str, Proposal]:
    """The next proposal for each finding that has one."""
    found = ((name, next(waiting[name], None)) for name in names)
    return {name: proposal for name, proposal in found if proposal}


def _apart(proposals: Iterable[Proposal]) -> list[Proposal]:
    """Those that can be seen to hold at once: what adds or removes has a file to itself, or is the same."""
    chosen: dict[str, list[Proposal]] = {}
    for proposal in proposals:
        own = chosen.setdefault(proposal.edits[0].at.path, [])
        if all(
            each.key == proposal.key
            or not (each.reshapes or proposal.reshapes or clash(each.edits, proposal.edits))
            for each in own
        ):
            own.append(proposal)
    return [each for own in chosen.values() for each in own]
