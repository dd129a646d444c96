"""One tree and its settings -> one report: found, read and judged."""

import gc
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from pincheck import discover, git, registry
from pincheck.model import Context, NotChecked, Policy, Report, SourceFile
from pincheck.run.request import Outcome, Request
from pincheck.settings import Settings
from pincheck.trees import Tree

if TYPE_CHECKING:
    from pincheck.again import Again
    from pincheck.looking import Looking
    from pincheck.model.advice import HostAdvice
    from pincheck.model.changes import Earlier
    from pincheck.scan import Observer


class State(NamedTuple):
    """One tree, judged."""

    report: Report
    notes: tuple[str, ...]
    sources: tuple[SourceFile, ...]
    again: "Callable[[], Again]"
    earlier: "Earlier | None"
    """What it was judged beside."""
    evidence: Mapping[str, bytes | str]
    """What was read of files that the configuration names, by path: the contents, or why there are none."""


def judged(
    request: Request,
    tree: Tree,
    by: Settings,
    watch: discover.Watch,
    observer: "Observer | None",
    earlier: "Callable[[Sequence[SourceFile]], Earlier] | None" = None,
) -> State:
    """Find and read what the request names in a tree, and judge it."""
    policy = by.policy
    parsers = _parsers(policy, live=bool(observer))
    listing = discover.start(request.paths, tree, parsers, (*policy.exclude, *request.exclude))
    if listing.is_large:
        from pincheck import scan  # noqa: F401 - loaded while git is at work
    found = listing.read(watch)
    context = Context(request.today or datetime.now(UTC).date(), policy)
    whole = is_whole(request.paths, tree.root)
    followed: list[SourceFile] = []
    evidence: dict[str, bytes | str] = {}
    before = earlier(found.sources) if earlier else None

    def more(names: frozenset[str]) -> Iterator[SourceFile]:
        for source in listing.holding(names):
            followed.append(source)
            yield source

    def read(path: str) -> bytes | str:
        if path not in evidence:
            evidence[path] = by.read(path)
        return evidence[path]

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
        read,
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
    return State(report, found.notes, found.sources, again, before, evidence)


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


def is_whole(paths: Sequence[str], root: str) -> bool:
    """Tell whether a run reads the whole root, and the root is no part of a larger work tree."""
    return _is_all(paths, root) and git.work_tree(root) in ("", os.path.realpath(root))


def _is_all(paths: Sequence[str], root: str) -> bool:
    """Tell whether a run reads the whole root."""
    return os.path.realpath(root) in [os.path.realpath(os.path.join(root, path)) for path in paths]


def _parsers(policy: Policy, live: bool) -> tuple[registry.Parser, ...]:
    if not policy.mappings:
        return registry.parsers(live)
    from pincheck.mappings import mapped_parsers

    return (*registry.parsers(live), *mapped_parsers(policy.mappings))


def _idle_mappings(policy: Policy, found: discover.Discovery) -> tuple[NotChecked, ...]:
    """The mappings that fit no file, be it one that could not be read."""
    paths = [*(source.path for source in found.sources), *(entry.what for entry in found.not_checked)]
    return tuple(
        NotChecked(f"mapping {', '.join(files)}", "no file that is read matches", is_path=False)
        for files in dict.fromkeys(mapping.files for mapping in policy.mappings)
        if not any(registry.fits(path, files) for path in paths)
    )


def outcome(state: State, by: Settings, looking: "Looking | None", notes: Sequence[str] = ()) -> Outcome:
    """What comes of a run, with the advice of one that looked at hosts."""
    report, notes = state.report, (*notes, *state.notes)
    made = Outcome(report, by.policy, notes, again=state.again, config_place=by.place)
    if not looking:
        return made
    advised = report._replace(advice=advice(report, by.policy))
    return made._replace(report=advised, notes=(*notes, *looking.notes), interrupted=looking.interrupted)


def advice(report: Report, policy: Policy, hosts: Sequence[str] = ()) -> "tuple[HostAdvice, ...]":
    """Whether each pinned host is worth its pins; ``hosts`` are those asked for, if not all."""
    from pincheck import advise
    from pincheck.model.knowledge import Knowledge

    return advise.advice(report, report.knowledge or Knowledge({}), hosts, policy, policy.release_days)


def looking_of(request: Request) -> "Looking | None":
    """What looks at the hosts; None for an offline run."""
    if not request.live:
        return None
    from pincheck.looking import Looking

    return request.live if isinstance(request.live, Looking) else Looking(request.live)


def unsilenced(report: Report, policy: Policy, whole: bool) -> Report:
    """The report without the effect of the comments that ask to ignore something."""
    if not report.project.suppressions:
        return report
    from pincheck.evaluate import evaluate

    project = report.project._replace(suppressions=())
    context = Context(report.today, policy, report.knowledge)
    return report._replace(project=project, findings=evaluate(project, report.survey, context, whole))
