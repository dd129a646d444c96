"""Two states of a repository, or one that is not the work tree -> a report that tells what a change did."""

from collections.abc import Sequence
from contextlib import ExitStack, suppress
from typing import NamedTuple

from pincheck import changes, commits, discover
from pincheck.commits import Found
from pincheck.errors import PincheckError
from pincheck.model import Report, SourceFile
from pincheck.model.changes import Earlier
from pincheck.run import deciding, judging
from pincheck.run.request import Outcome, Request
from pincheck.settings import Settings
from pincheck.trees import Tree, WorkTree


def check(request: Request, root: str, watch: discover.Watch) -> Outcome:
    """Judge what the request asks for, of the repository that the folder ``root`` lies in."""
    with ExitStack() as opened:
        return _compared(request, root, watch, opened)


def _compared(request: Request, root: str, watch: discover.Watch, opened: ExitStack) -> Outcome:
    """Judge the state after a change, and the one before it where there is one to compare with."""

    def opening(found: Found, without: frozenset[str] = frozenset()) -> Tree:
        commit = commits.Commit(root, found, without)
        opened.callback(commit.close)
        return commit

    head = commits.named(root, request.head) if request.head else None
    after = opening(head) if head else WorkTree(root)
    if not request.base:
        return _alone(request, after, watch, opened)
    base = commits.forked(root, request.base, request.head or "HEAD")
    before = opening(base, frozenset() if head else commits.left_out(root))
    ruling, rules = base, before
    if request.strange:
        # A stranger chooses where to branch off, which may be before a rule was made.
        ruling = commits.named(root, request.ruled_by or request.base)
        rules = before if ruling.name == base.name else opening(ruling)
    states = _States(base, before, ruling, rules, after, commits.renamed(root, base, head))
    return _since(request, states, watch, opened)


def _alone(request: Request, tree: Tree, watch: discover.Watch, opened: ExitStack) -> Outcome:
    """Judge a commit, or a stranger's change of which the state before is not known."""
    notes: tuple[str, ...] = ()
    if not request.strange:
        by = deciding.settings_of(request, tree)
    else:
        by = deciding.settings_outside(request, tree)
        kept = deciding.as_before(request, None, tree, opened)
        request = kept.request
        notes = (
            "the state before the change is not known, so its configuration does not count",
            *kept.notes,
        )
    looking = judging.looking_of(request)
    state = judging.judged(request, tree, by, watch, looking.observer if looking else None)
    report = state.report
    if request.strange:
        report = judging.unsilenced(report, by.policy, judging.is_whole(request.paths, tree.root))
    return judging.outcome(state._replace(report=report), by, looking, notes)


class _States(NamedTuple):
    """What a change leads from and to."""

    base: Found
    before: Tree
    ruling: Found
    rules: Tree
    """Whose configuration and evidence count as those from before the change."""
    after: Tree
    renamed: dict[str, str]
    """Path after -> path before, as far as git knows."""


class _Way(NamedTuple):
    """By what a state is judged."""

    request: Request
    settings: Settings


def _since(request: Request, states: _States, watch: discover.Watch, opened: ExitStack) -> Outcome:
    """Judge both states by the same observations, and tell what the change did.

    The state after is judged once more where the change has another configuration, and where it has other
    evidence, to tell what that hides; of a stranger's change neither counts.
    """
    base, before, ruling, rules, after, renamed = states
    by_before, notes = deciding.settings_before(request, rules, ruling.shown)
    kept = deciding.as_before(request, rules, after, opened)
    if request.strange:
        by_own = deciding.settings_in_vain(request, after)
        counts, other = _Way(kept.request, by_before), _Way(request, by_own or by_before)
    else:
        by_own = deciding.settings_of(request, after)
        counts, other = _Way(request, by_own), _Way(kept.request, by_before)
    looking = judging.looking_of(counts.request)
    observer = looking.observer if looking else None
    held = tuple(path for path in request.paths if before.kind(before.resolved(path)))
    old = judging.judged(counts.request._replace(paths=held), before, by_before, watch, observer)

    def earlier(sources: Sequence[SourceFile]) -> Earlier:
        moved = {**_moved(old.sources, sources, after, renamed), **renamed}
        return Earlier(old.report.project, old.report.survey, moved)

    def otherwise(request: Request, settings: Settings) -> Report:
        again = looking.judging_by(request.live) if looking else None
        return judging.judged(request, after, settings, watch, again, earlier).report

    new = judging.judged(counts.request, after, counts.settings, watch, observer, earlier)
    configured = proven = None
    if other.settings.data != counts.settings.data:
        configured = otherwise(counts.request, other.settings)
    evidence = (
        *kept.changed,
        *(path for path, data in new.evidence.items() if other.settings.read(path) != data),
    )
    if evidence:
        with suppress(PincheckError):  # what does not count, or counts no more, may be broken
            proven = otherwise(other.request, counts.settings._replace(read=other.settings.read))
    assert new.earlier
    report = changes.since(
        base.shown,
        old.report,
        new.report,
        new.earlier.renamed,
        request.strange,
        changes.Otherwise(
            configured, (by_before.policy, by_own.policy) if by_own else None, proven, evidence
        ),
    )
    noted = (*base.notes, *notes, *(kept.notes if request.strange else ()))
    return judging.outcome(new._replace(report=report), counts.settings, looking, noted)


def _moved(
    old: Sequence[SourceFile], new: Sequence[SourceFile], after: Tree, renamed: dict[str, str]
) -> dict[str, str]:
    """Path now -> path before of files moved as they are, of which git need not know yet."""
    taken, known = {source.path for source in old}, set(renamed.values())
    gone = {source.data: source.path for source in old if not after.kind(source.path)}
    return {
        source.path: gone[source.data]
        for source in new
        if source.path not in taken and source.data in gone and gone[source.data] not in known
    }
