"""``pincheck fix``: what a run can mend -> files written, or a diff."""

import os
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from pincheck import discover, edits, files, remedy, run
from pincheck.again import Again
from pincheck.edits import Page
from pincheck.model import Edit, Finding, Fix, Policy, Report
from pincheck.outputs._escape import visible
from pincheck.outputs._facts import counted

Pair = tuple[Finding, Fix]
MOST_ROUNDS = 5
"""How often a tree is looked at again with what was mended; beyond, the rest is left to the next run."""


class Change(NamedTuple):
    """A file and what becomes of it."""

    path: str
    before: bytes
    after: bytes
    fixes: tuple[Pair, ...]

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
    """Fixes that wait for the next run."""
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
    report = outcome.report
    if not any(finding.rule in remedy.PROPOSE for finding in report.active):
        return Mended(root, (), 0, _unfixed(report.active, frozenset()), 0, outcome)
    assert outcome.again
    draft = Draft(outcome.again())
    done, later, unseen = _mended(report, outcome.policy, draft)
    changes = tuple(draft.changes(done))
    gone = draft.gone() if done else frozenset()
    told = unseen.union(gone, (finding.fingerprint for finding, _ in (*done, *later)))
    return Mended(root, changes, len(later), _unfixed(report.active, told), len(unseen), outcome)


def apply(mended: Mended) -> list[Left]:
    """Write the changes; return the files that were left as they are."""
    return [Left(change.path, why) for change in mended.changes if (why := _written(mended.root, change))]


class Draft:
    """A tree with what was mended in it so far."""

    def __init__(self, again: Again) -> None:
        self._again = again
        self._made: dict[str, bytes] = {}

    def __call__(self, changed: Mapping[str, bytes]) -> Report:
        """The report on it with other bytes in some of its files."""
        return self._again({**self._made, **changed})

    def read(self, path: str) -> bytes | None:
        """The bytes of a file."""
        return self._made[path] if path in self._made else self._again.read(path)

    def make(self, pairs: Iterable[Pair]) -> None:
        """Make the edits of fixes that hold together."""
        by_path: dict[str, dict[Edit, None]] = {}
        for _, fix in pairs:
            by_path.setdefault(fix.edits[0].at.path, {}).update(dict.fromkeys(fix.edits))
        for path, own in by_path.items():
            before = self.read(path)
            after = None if before is None else Page(path, before).with_edits(own)
            assert after is not None  # they are proven on it
            self._made[path] = after

    def gone(self) -> frozenset[str]:
        """The fingerprints of findings that are there no more, fixed or by the way."""
        before = {finding.fingerprint for finding in self._again.before.active}
        return frozenset(before.difference(finding.fingerprint for finding in self({}).active))

    def changes(self, pairs: Iterable[Pair]) -> Iterator[Change]:
        """What becomes of each file, by path; ``pairs`` are the fixes made."""
        for path, after in sorted(self._made.items()):
            before = self._again.read(path)
            if before is not None and after != before:
                own = tuple(pair for pair in pairs if pair[1].edits[0].at.path == path)
                yield Change(path, before, after, own)


def _mended(report: Report, policy: Policy, draft: Draft) -> tuple[list[Pair], list[Pair], frozenset[str]]:
    """Mend a tree until nothing is left: the fixes made, those for the next run, and what was not looked into.

    What is mended may be what another fix waited for, such as a pin that can be copied once it is spelt right.
    """
    done: list[Pair] = []
    for _ in range(MOST_ROUNDS):
        found = remedy.look(report, policy, draft.read, draft)
        by_finding = {finding.fingerprint: finding for finding in report.active}
        pairs = [(by_finding[fix.fingerprint], fix) for fix in found.fixes]
        chosen = _holding(_chosen(pairs), report, draft)
        draft.make(chosen)
        done += chosen
        later = [pair for pair in pairs if pair not in chosen]
        if not chosen or found.unseen:
            break
        report = remedy.undated(draft({}))
    return done, later, found.unseen


def _chosen(pairs: Iterable[Pair]) -> list[Pair]:
    """The fixes that do not touch the same place; of those that do, the first."""
    chosen: list[Pair] = []
    taken: dict[str, list[Fix]] = {}
    for finding, fix in pairs:
        path = fix.edits[0].at.path
        if not any(edits.clash(fix.edits, other.edits) for other in taken.get(path, ())):
            chosen.append((finding, fix))
            taken.setdefault(path, []).append(fix)
    return chosen


def _holding(chosen: Sequence[Pair], report: Report, draft: Draft) -> list[Pair]:
    """As many as hold together: all, the first of each file, or the first."""
    firsts = {fix.edits[0].at.path: (finding, fix) for finding, fix in reversed(chosen)}
    for tried in (list(chosen), list(reversed(firsts.values())), list(chosen[:1])):
        if len(tried) < 2 or remedy.hold(report, tuple(fix for _, fix in tried), draft.read, draft):
            return tried
    return []


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
