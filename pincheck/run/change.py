"""Two states of a repository, or one that is not the work tree -> a report that tells what a change did."""

from collections.abc import Sequence
from contextlib import ExitStack

from pincheck import changes, commits, discover, settings
from pincheck.commits import Found
from pincheck.model import SourceFile
from pincheck.model.changes import Earlier
from pincheck.run import deciding, judging
from pincheck.run.request import Outcome, Request
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
    renamed = commits.renamed(root, base, head)
    return _since(request, base, before, after, renamed, watch, opened)


def _alone(request: Request, tree: Tree, watch: discover.Watch, opened: ExitStack) -> Outcome:
    """Judge a commit, or a stranger's change of which the state before is not known."""
    notes: tuple[str, ...] = ()
    if not request.strange:
        by = deciding.settings_of(request, tree)
    else:
        named = request.config and not deciding.from_root(request.config, tree.root)
        by = (settings.outside if named else settings.defaults)(tree, request.config, request.rules)
        request, notes = deciding.as_before(request, tree.root, None, opened)
        notes = ("the state before the change is not known, so its configuration does not count", *notes)
    looking = judging.looking_of(request)
    state = judging.judged(request, tree, by, watch, looking.observer if looking else None)
    report = state.report
    if request.strange:
        report = judging.unsilenced(report, by.policy, judging.is_whole(request.paths, tree.root))
    return judging.outcome(state._replace(report=report), by.policy, looking, notes)


def _since(
    request: Request,
    base: Found,
    before: Tree,
    after: Tree,
    renamed: dict[str, str],
    watch: discover.Watch,
    opened: ExitStack,
) -> Outcome:
    """Judge both states by the same observations, and tell what the change did."""
    by_before, notes = deciding.settings_before(request, before, base.shown)
    by_after = by_before if request.strange else deciding.settings_of(request, after)
    if request.strange:
        request, more = deciding.as_before(request, after.root, before, opened)
        notes = (*notes, *more)
    looking = judging.looking_of(request)
    observer, remembering = (looking.observer, looking.remembering) if looking else (None, None)
    held = tuple(path for path in request.paths if before.kind(discover.relative(path, before.root)))
    old = judging.judged(request._replace(paths=held), before, by_before, watch, observer)

    def earlier(sources: Sequence[SourceFile]) -> Earlier:
        moved = {**_moved(old.sources, sources, after, renamed), **renamed}
        return Earlier(old.report.project, old.report.survey, moved)

    new = judging.judged(request, after, by_after, watch, observer, earlier)
    plain = own = None
    by_own = deciding.settings_in_vain(request, after) if request.strange else by_after
    policies = (by_before.policy, by_own.policy) if by_own else None
    if by_own and by_own.data != by_before.data:
        other = by_own if request.strange else by_before
        judged = judging.judged(request, after, other, watch, remembering, earlier).report
        plain, own = (None, judged) if request.strange else (judged, None)
    assert new.earlier
    moved = new.earlier.renamed
    report = changes.since(base.shown, old.report, new.report, moved, plain, request.strange, policies, own)
    return judging.outcome(new._replace(report=report), by_after.policy, looking, (*base.notes, *notes))


def _moved(
    old: Sequence[SourceFile], new: Sequence[SourceFile], after: Tree, renamed: dict[str, str]
) -> dict[str, str]:
    """Path now -> path before of files moved as they are, of which git need not know yet."""
    taken = {source.path for source in old}
    gone = {source.data: source.path for source in old if not after.kind(source.path)}
    return {
        source.path: gone[source.data]
        for source in new
        if source.path not in taken and source.data in gone and gone[source.data] not in renamed.values()
    }
