"""``pincheck fix``: what a run can mend -> files written, or a diff."""

import os
import stat
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pincheck import discover, edits, files, remedy, run
from pincheck.again import Again
from pincheck.edits import Page
from pincheck.model import Finding, Fix, Report
from pincheck.outputs._escape import visible
from pincheck.outputs._facts import counted


class Change(NamedTuple):
    """A file and what becomes of it."""

    path: str
    before: bytes
    after: bytes
    fixes: tuple[tuple[Finding, Fix], ...]

    @property
    def diff(self) -> str:
        """The change as a unified diff."""
        return edits.unified(self.path, self.before, self.after)


class Left(NamedTuple):
    """A file that is left as it is, and why."""

    path: str
    why: str

    def __str__(self) -> str:
        return f"{self.path}: {self.why}"


class Mended(NamedTuple):
    """What a run found to mend, before anything is written."""

    root: str
    changes: tuple[Change, ...]
    """By path."""
    later: int
    """Fixes that wait for the next run, since they touch the same place as another."""
    unfixed: int
    """Active errors and warnings that have no fix."""
    unseen: int
    """Findings that were not looked into, since there are so many."""
    outcome: run.Outcome


def look(request: run.Request, watch: discover.Watch = discover.unwatched) -> Mended:
    """Check a tree, and work out what can be mended in it; nothing is written."""
    root = request.root or run.root_of(request.paths)
    paths = tuple(os.path.abspath(path) for path in request.paths)
    outcome = run.check(request._replace(root=root, paths=paths), watch)
    report, policy = outcome.report, outcome.policy
    if not any(finding.rule in remedy.PROPOSE for finding in report.active):
        return Mended(root, (), 0, _unfixed(report.active, frozenset()), 0, outcome)
    assert outcome.again
    again = outcome.again()
    found = remedy.look(report, policy, again.read, again)
    by_finding = {finding.fingerprint: finding for finding in report.active}
    pairs = [(by_finding[fix.fingerprint], fix) for fix in found.fixes]
    chosen = _holding(_chosen(pairs), report, again)
    changes = tuple(_changes(chosen, again))
    unfixed = _unfixed(report.active, found.unseen.union(fix.fingerprint for fix in found.fixes))
    return Mended(root, changes, len(pairs) - len(chosen), unfixed, len(found.unseen), outcome)


def apply(mended: Mended) -> list[Left]:
    """Write the changes; return the files that were left as they are."""
    return [Left(change.path, why) for change in mended.changes if (why := _written(mended.root, change))]


def _chosen(pairs: Iterable[tuple[Finding, Fix]]) -> list[tuple[Finding, Fix]]:
    """The fixes that do not touch the same place; of those that do, the first."""
    chosen: list[tuple[Finding, Fix]] = []
    taken: dict[str, list[Fix]] = {}
    for finding, fix in pairs:
        path = fix.edits[0].at.path
        if not any(edits.clash(fix.edits, other.edits) for other in taken.get(path, ())):
            chosen.append((finding, fix))
            taken.setdefault(path, []).append(fix)
    return chosen


def _holding(
    chosen: Sequence[tuple[Finding, Fix]], report: Report, again: Again
) -> list[tuple[Finding, Fix]]:
    """As many as hold together: all, the first of each file, or the first."""
    firsts = {fix.edits[0].at.path: (finding, fix) for finding, fix in reversed(chosen)}
    for tried in (list(chosen), list(reversed(firsts.values())), list(chosen[:1])):
        if len(tried) < 2 or remedy.hold(report, tuple(fix for _, fix in tried), again.read, again):
            return tried
    return []


def _changes(chosen: Sequence[tuple[Finding, Fix]], again: Again) -> Iterable[Change]:
    for path in sorted({fix.edits[0].at.path for _, fix in chosen}):
        own = tuple(pair for pair in chosen if pair[1].edits[0].at.path == path)
        before = again.read(path)
        assert before is not None  # a fix is proven on it
        after = Page(path, before).with_edits(dict.fromkeys(edit for _, fix in own for edit in fix.edits))
        if after is not None and after != before:
            yield Change(path, before, after, own)


def _unfixed(active: Iterable[Finding], others: frozenset[str]) -> int:
    """How many errors and warnings there are beside others, by fingerprint."""
    return sum(each.severity != "note" and each.fingerprint not in others for each in active)


# writing -----------------------------------------------------------------------


def _written(root: str, change: Change) -> str:
    """Put the new bytes in place of the old ones, all or nothing; return why not, or an empty string."""
    top = os.path.realpath(root)
    full = os.path.join(top, *change.path.split("/"))
    folder = os.path.dirname(full)
    if os.path.realpath(folder) != folder or not full.startswith(os.path.join(top, "")):
        return "a link leads to it, so it is left as it is"
    try:
        status = os.lstat(full)
        if not stat.S_ISREG(status.st_mode):
            return "is no plain file any more, so it is left as it is"
        if not status.st_mode & 0o222:
            return "is read-only, so it is left as it is; make it writable and run again"
        with open(full, "rb") as file:
            if file.read(len(change.before) + 1) != change.before:
                return "has changed meanwhile, so it is left as it is; run again"
        files.replace(full, change.after, stat.S_IMODE(status.st_mode))
    except OSError as error:
        return f"cannot be written: {error.strerror}"
    except files.Unusable as error:
        return error.why
    return ""


# saying ------------------------------------------------------------------------


def summary(mended: Mended, shown: bool, left: Sequence[Left] = ()) -> str:
    """What was done, or would be: a line for each fix, then what no fix is known for."""
    refused = {each.path for each in left}
    lines = [
        f"{visible(change.path)}:{finding.at.line}  {finding.rule}: {visible(fix.says)}"
        for change in mended.changes
        if change.path not in refused
        for finding, fix in change.fixes
    ]
    number = len(lines)
    done = f"{counted(number, 'finding')} {'can be fixed' if shown else 'fixed'}"
    lines.append(
        f"{done} in {counted(len(mended.changes) - len(refused), 'file')}"
        if number
        else f"nothing {'fixed' if refused or mended.unseen else 'to fix'}"
    )
    if mended.later:
        lines[-1] += f"; {mended.later} more in the next run"
    if mended.unseen:
        many = counted(mended.unseen, "finding")
        lines.append(f"{many} not looked into, too many for one run: run again, or name fewer paths")
    if mended.unfixed:
        what = "error or warning" if mended.unfixed == 1 else "errors and warnings"
        lines.append(f"{mended.unfixed:,} {what} without a fix: a person has to decide; see pincheck check")
    return "\n".join(lines) + "\n"
