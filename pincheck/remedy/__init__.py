"""Findings -> edits of files, where the right value is known and nothing has to be guessed.

Each module here proposes the edits for one kind of fault; what leaves is what ``proof`` has seen to hold.
"""

from pincheck.model import Finding, Fix, Policy, Report
from pincheck.remedy import certificate, duplicate, expiry, missing, spelling
from pincheck.remedy.known import Known, Propose, Read
from pincheck.remedy.proof import Judge, Proof

__all__ = ["Judge", "Read", "fixes", "hold"]

PROPOSE: dict[str, Propose] = {
    "malformed-pin": spelling.propose,
    "pin-set-expired": expiry.propose,
    "pin-set-expires-soon": expiry.propose,
    "pin-set-expires-late": expiry.propose,
    "platform-drift": missing.from_platform,
    "declared-drift": missing.from_configuration,
    "certificate-hash-pin": certificate.propose,
    "duplicate-pin": duplicate.propose,
}
MAX_PROOFS = 400
"""Beyond, findings are left without a fix: each proof judges the whole tree again."""


def fixes(report: Report, policy: Policy, read: Read, again: Judge) -> tuple[Fix, ...]:
    """The fixes of active findings, in their order, each proven by itself.

    ``read`` gives the bytes that the report was made of, and ``again`` the report on the tree with other bytes
    in some files, offline. A fix is proven if then the declarations differ in what it announces and in nothing
    else, its finding is gone, no other has come, and every file that could be read still can.
    """
    wanted = [each for each in report.active if each.rule in PROPOSE and each.context in policy.contexts]
    if not wanted:
        return ()
    known, proof = Known(report, policy, read), Proof(again, read, MAX_PROOFS)
    found = (_fix(finding, known, proof) for finding in wanted)
    return tuple(fix for fix in found if fix)


def hold(report: Report, fixes: tuple[Fix, ...], read: Read, again: Judge) -> bool:
    """Tell whether several fixes can be made together: the finding of each is gone, and no other has come."""
    named = {finding.fingerprint: finding for finding in report.active}
    return Proof(again, read, 1).together([(named[fix.fingerprint], fix) for fix in fixes])


def _fix(finding: Finding, known: Known, proof: Proof) -> Fix | None:
    for proposal in PROPOSE[finding.rule](finding, known):
        if proof.holds(proposal):
            return Fix(finding.fingerprint, proposal.says, proposal.edits)
    return None
