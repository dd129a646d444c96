"""A request -> a report: configuration, discovery and the pipeline put together."""

import gc
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from pincheck import discover, git, registry, settings
from pincheck.errors import ConfigError
from pincheck.model import Context, NotChecked, Policy, Report, SourceFile
from pincheck.settings import Settings
from pincheck.trees import Tree, WorkTree

if TYPE_CHECKING:
    from pincheck.again import Again
    from pincheck.commits import Found
    from pincheck.looking import Live, Looking
    from pincheck.model.advice import HostAdvice
    from pincheck.model.changes import Earlier
    from pincheck.scan import Observer

MAX_KEPT_BYTES = 128 * 1024 * 1024
"""Of a recording, the largest file that a request may name."""


class Request(NamedTuple):
    """What to check, and how."""

    paths: tuple[str, ...] = (".",)
    root: str = ""
    """The folder that reported paths are relative to; empty: see ``root_of``."""
    config: str = ""
    """Path of the configuration; empty: the nearest ``.pincheck.yml`` at or above the root."""
    exclude: tuple[str, ...] = ()
    rules: tuple[tuple[str, Any], ...] = ()
    """Rule names and the level they are set to, over the configuration's."""
    today: date | None = None
    detail: Literal["quiet", "normal", "verbose"] = "normal"
    live: "Live | Looking | None" = None
    """How to look at hosts, or what looks at them already; None for an offline run."""
    ca_data: str = ""
    """Path of a table of CA keys, or empty for the one that comes along."""
    base: str = ""
    """The revision to compare with, or empty: a full hash is taken as it is, of any other where the change left it."""
    head: str = ""
    """The revision to check instead of the work tree, or empty."""
    strange: bool = False
    """The change is a stranger's and does not decide how it is judged: configuration, evidence and all other files
    of the repository that the request names are those of the base. Without one the defaults hold, and no comment
    of the tree silences anything."""


class Outcome(NamedTuple):
    """A report, and what the user should know about how it came about."""

    report: Report
    policy: Policy
    notes: tuple[str, ...]
    interrupted: bool = False
    """The user stopped the looking at hosts."""
    again: "Callable[[], Again] | None" = None
    """Makes what judges the tree once more, with some files changed."""

    @property
    def unreached(self) -> bool:
        """Whether a host that should have been looked at showed nothing at all."""
        seen = self.report.survey.observations if self.report.survey else ()
        reached = {each.target for each in seen if each.served}
        return any(each.target not in reached for each in seen)


def check(request: Request, watch: discover.Watch = discover.unwatched) -> Outcome:
    """Run the whole pipeline; raise ``UsageError`` or ``ConfigError`` for what the user must mend."""
    root = request.root or root_of(request.paths)
    if not request.root and root != os.getcwd():
        request = request._replace(paths=tuple(map(os.path.abspath, request.paths)))
    if request.base or request.head or request.strange:
        with ExitStack() as open_commits:
            return _compared(request, root, watch, open_commits)
    tree = WorkTree(root)
    by = _settings(request, tree)
    looking = _looking(request)
    state = _judged(request, tree, by, watch, looking.observer if looking else None)
    return _outcome(state, by.policy, looking)


def _outcome(
    state: "_State", policy: Policy, looking: "Looking | None", notes: Sequence[str] = ()
) -> Outcome:
    report, notes = state.report, (*notes, *state.notes)
    if not looking:
        return Outcome(report, policy, notes, again=state.again)
    report = report._replace(advice=advice(report, policy))
    return Outcome(report, policy, (*notes, *looking.notes), looking.interrupted, state.again)


class _State(NamedTuple):
    """One tree, judged."""

    report: Report
    notes: tuple[str, ...]
    sources: tuple[SourceFile, ...]
    again: "Callable[[], Again]"
    earlier: "Earlier | None"
    """What it was judged beside."""


def _judged(
    request: Request,
    tree: Tree,
    by: Settings,
    watch: discover.Watch,
    observer: "Observer | None",
    earlier: "Callable[[Sequence[SourceFile]], Earlier] | None" = None,
) -> _State:
    """Find and read what the request names in a tree, and judge it."""
    policy = by.policy
    parsers = _parsers(policy, live=bool(observer))
    listing = discover.start(request.paths, tree, parsers, (*policy.exclude, *request.exclude))
    if listing.is_large:
        from pincheck import scan  # noqa: F401 - loaded while git is at work
    found = listing.read(watch)
    context = Context(request.today or datetime.now(UTC).date(), policy)
    whole = _is_whole(request.paths, tree.root)
    followed: list[SourceFile] = []
    before = earlier(found.sources) if earlier else None

    def more(names: frozenset[str]) -> Iterator[SourceFile]:
        for source in listing.holding(names):
            followed.append(source)
            yield source

    def again() -> "Again":
        from pincheck.again import Again

        return Again(found.sources, parsers, context, whole, followed)

    report = _scanned(
        found.sources,
        parsers,
        context,
        whole,
        more,
        observer._replace(mentioning=listing.mentioning) if observer else None,
        request.ca_data,
        by.read,
        before,
    )
    # What a configuration from above says of other folders is none of this run's business.
    sees_all = bool(request.config) or not by.is_above
    idle = _idle_mappings(policy, found) if sees_all and _is_all(request.paths, tree.root) else ()
    report = report._replace(
        not_checked=tuple(sorted((*found.not_checked, *report.not_checked, *idle))),
        files_seen=found.seen,
        files_read=len(found.sources),
        files_skipped=found.skipped,
        detail=request.detail,
    )
    return _State(report, found.notes, found.sources, again, before)


def advice(report: Report, policy: Policy, hosts: Sequence[str] = ()) -> "tuple[HostAdvice, ...]":
    """Whether each pinned host is worth its pins; ``hosts`` are those asked for, if not all."""
    from pincheck import advise
    from pincheck.model.knowledge import Knowledge

    return advise.advice(report, report.knowledge or Knowledge({}), hosts, policy, policy.release_days)


def _looking(request: Request) -> "Looking | None":
    if not request.live:
        return None
    from pincheck.looking import Looking

    return request.live if isinstance(request.live, Looking) else Looking(request.live)


def _scanned(
    sources: Sequence[SourceFile],
    parsers: Sequence[registry.Parser],
    context: Context,
    whole: bool,
    more: Callable[[frozenset[str]], Iterable[SourceFile]],
    observer: "Observer | None",
    ca_data: str,
    read: Callable[[str], bytes | str],
    earlier: "Earlier | None",
) -> Report:
    """The report on the sources; where there is nothing to read, nothing that reads is loaded."""
    if not sources and not context.policy.ignores and not observer and not earlier:
        return Report(context.today, config=context.policy.path)
    from pincheck import scan

    with _uncollected():
        facts = scan.Facts(ca_data, read)
        return scan.scan(sources, parsers, context, observer, whole, more, facts, earlier)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Look for no garbage meanwhile: a scan makes much that is kept to its end, and hardly a cycle."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _is_whole(paths: Sequence[str], root: str) -> bool:
    """Tell whether a run reads the whole root, and the root is no part of a larger work tree."""
    return _is_all(paths, root) and git.work_tree(root) in ("", os.path.realpath(root))


def _is_all(paths: Sequence[str], root: str) -> bool:
    """Tell whether a run reads the whole root."""
    return os.path.realpath(root) in [os.path.realpath(os.path.join(root, path)) for path in paths]


def root_of(paths: Sequence[str]) -> str:
    """The folder that paths are reported from: the current one if it holds them all, else theirs."""
    here = os.getcwd()
    places = [os.path.realpath(path) for path in paths]
    if os.path.commonpath([os.path.realpath(here), *places]) == os.path.realpath(here):
        return here
    folders = [place if os.path.isdir(place) else os.path.dirname(place) for place in places]
    return os.path.commonpath(folders)


def _parsers(policy: Policy, live: bool) -> tuple[registry.Parser, ...]:
    if not policy.mappings:
        return registry.parsers(live)
    from pincheck.mappings import mapped_parsers

    return (*registry.parsers(live), *mapped_parsers(policy.mappings))


def _idle_mappings(policy: Policy, found: discover.Discovery) -> tuple[NotChecked, ...]:
    """The mappings that fit no file, be it one that could not be read."""
    paths = [*(source.path for source in found.sources), *(entry.what for entry in found.not_checked)]
    return tuple(
        NotChecked(f"mapping {', '.join(files)}", "no file that is read matches")
        for files in dict.fromkeys(mapping.files for mapping in policy.mappings)
        if not any(registry.fits(path, files) for path in paths)
    )


# a change ----------------------------------------------------------------------


def _compared(request: Request, root: str, watch: discover.Watch, opened: ExitStack) -> Outcome:
    """Judge the state after a change, and the one before it where there is one to compare with."""
    from pincheck import commits

    def opening(found: "Found", without: frozenset[str] = frozenset()) -> Tree:
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
        by = _settings(request, tree)
    else:
        named = request.config and not _from_root(request.config, tree.root)
        by = (settings.outside if named else settings.defaults)(tree, request.config, request.rules)
        request, notes = _as_before(request, tree.root, None, opened)
        notes = ("the state before the change is not known, so its configuration does not count", *notes)
    looking = _looking(request)
    state = _judged(request, tree, by, watch, looking.observer if looking else None)
    report = state.report
    if request.strange:
        report = _unsilenced(report, by.policy, _is_whole(request.paths, tree.root))
    return _outcome(state._replace(report=report), by.policy, looking, notes)


def _since(
    request: Request,
    base: "Found",
    before: Tree,
    after: Tree,
    renamed: dict[str, str],
    watch: discover.Watch,
    opened: ExitStack,
) -> Outcome:
    """Judge both states by the same observations, and tell what the change did."""
    from pincheck import changes
    from pincheck.model.changes import Earlier

    by_before, notes = _settings_before(request, before, base.shown)
    by_after = by_before if request.strange else _settings(request, after)
    if request.strange:
        request, more = _as_before(request, after.root, before, opened)
        notes = (*notes, *more)
    looking = _looking(request)
    observer, remembering = (looking.observer, looking.remembering) if looking else (None, None)
    held = tuple(path for path in request.paths if before.kind(discover.relative(path, before.root)))
    old = _judged(request._replace(paths=held), before, by_before, watch, observer)

    def earlier(sources: Sequence[SourceFile]) -> Earlier:
        moved = {**_moved(old.sources, sources, after, renamed), **renamed}
        return Earlier(old.report.project, old.report.survey, moved)

    new = _judged(request, after, by_after, watch, observer, earlier)
    plain = own = None
    by_own = _settings_own(request, after) if request.strange else by_after
    policies = (by_before.policy, by_own.policy) if by_own else None
    if by_own and by_own.data != by_before.data:
        other = by_own if request.strange else by_before
        judged = _judged(request, after, other, watch, remembering, earlier).report
        plain, own = (None, judged) if request.strange else (judged, None)
    assert new.earlier
    moved = new.earlier.renamed
    report = changes.since(base.shown, old.report, new.report, moved, plain, request.strange, policies, own)
    return _outcome(new._replace(report=report), by_after.policy, looking, (*base.notes, *notes))


def _settings(request: Request, tree: Tree) -> Settings:
    """The settings that a tree asks for itself, or a configuration that the user names."""
    if not request.config:
        return settings.found(tree, request.rules)
    path = "" if isinstance(tree, WorkTree) else _from_root(request.config, tree.root)
    if path:
        return settings.named(tree, path, request.rules)
    return settings.outside(tree, request.config, request.rules)


def _settings_before(request: Request, tree: Tree, shown: str) -> tuple[Settings, tuple[str, ...]]:
    """The settings of the state before, and notes; where they make no sense, or are new, the defaults."""
    path = _from_root(request.config, tree.root) if request.config else ""
    if path and not tree.kind(path):
        note = f"{path} is not in {shown}, so the defaults hold"
        return settings.defaults(tree, "", request.rules), ((note,) if request.strange else ())
    try:
        return _settings(request, tree), ()
    except ConfigError as error:
        if request.strange or (request.config and not path):
            raise ConfigError(f"{error} (in {shown})" if request.strange else str(error)) from None
        note = f"{error} (in {shown}), so the state before is judged by the defaults"
        return settings.defaults(tree, "", request.rules), (note,)


def _settings_own(request: Request, tree: Tree) -> Settings | None:
    """The settings that a stranger's change asks for, in vain; None where they make no sense."""
    try:
        return _settings(request, tree)
    except ConfigError:
        return None


def _from_root(path: str, root: str) -> str:
    """The path from the root of a file that lies in the repository; nothing for one outside.

    One whose name lies in it counts, wherever links lead: they may be of the change.
    """
    root = os.path.realpath(root)
    within = os.path.join(git.work_tree(root) or root, "")
    full = os.path.abspath(path)
    if not full.startswith(within):
        folder, name = os.path.split(full)
        full = os.path.join(os.path.realpath(folder), name)
    return os.path.relpath(full, root).replace(os.sep, "/") if full.startswith(within) else ""


def _as_before(
    request: Request, root: str, before: Tree | None, opened: ExitStack
) -> tuple[Request, tuple[str, ...]]:
    """The request with the files of the repository that it names taken from the state before, and notes.

    One that is not there is not used. Files outside the repository stay what they are.
    """
    from pincheck import files

    notes: list[str] = []

    def kept(path: str) -> str:
        inside = _from_root(path, root) if path else ""
        if not inside:
            return path
        try:
            data = before.file(inside, MAX_KEPT_BYTES) if before else None
        except files.Unusable:
            data = None
        if data is None:
            notes.append(f"{inside} is not used, because it may be of the change that is checked")
            return ""
        return opened.enter_context(_copied(os.path.basename(path), data))

    live = request.live
    if live:
        from pincheck.looking import Looking

        assert not isinstance(live, Looking)  # what looks already is handed over for trees of one's own
        recorded = kept(live.recorded)
        anchors = tuple(filter(None, map(kept, live.trust_anchors)))
        live = live._replace(recorded=recorded, trust_anchors=anchors) if recorded or live.options else None
    return request._replace(ca_data=kept(request.ca_data), live=live), tuple(notes)


@contextmanager
def _copied(name: str, data: bytes) -> Iterator[str]:
    """A file of that name which holds the data, for as long as it is needed."""
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="pincheck-") as folder:
        path = os.path.join(folder, name)
        with open(path, "wb") as file:
            file.write(data)
        yield path


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


def _unsilenced(report: Report, policy: Policy, whole: bool) -> Report:
    """The report without the effect of the comments that ask to ignore something."""
    if not report.project.suppressions:
        return report
    from pincheck.evaluate import evaluate

    project = report.project._replace(suppressions=())
    context = Context(report.today, policy, report.knowledge)
    return report._replace(project=project, findings=evaluate(project, report.survey, context, whole))
