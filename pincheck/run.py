"""A request -> a report: configuration, discovery and the pipeline put together."""

import gc
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from pincheck import discover, git, registry
from pincheck.errors import ConfigError
from pincheck.model import Context, NotChecked, Policy, Report, SourceFile

if TYPE_CHECKING:
    from pincheck.looking import Live, Looking
    from pincheck.model.advice import HostAdvice
    from pincheck.scan import Observer

CONFIG_NAMES = (".pincheck.yml", ".pincheck.yaml")


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


class Outcome(NamedTuple):
    """A report, and what the user should know about how it came about."""

    report: Report
    policy: Policy
    notes: tuple[str, ...]
    interrupted: bool = False
    """The user stopped the looking at hosts."""

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
    policy = _policy(request, root)
    looking = _looking(request)
    parsers = _parsers(policy, live=bool(looking))
    listing = discover.start(request.paths, root, parsers, (*policy.exclude, *request.exclude))
    if listing.is_large:
        from pincheck import scan  # noqa: F401 - loaded while git is at work
    found = listing.read(watch)
    today = request.today or datetime.now(UTC).date()
    whole = _is_whole(request.paths, root)
    observer = looking.observer._replace(mentioning=listing.mentioning) if looking else None
    report = _scanned(
        found.sources,
        parsers,
        Context(today, policy),
        whole,
        listing.holding,
        observer,
        request.ca_data,
        _evidence(request, root, policy),
    )
    idle = _idle_mappings(policy, found) if _sees_all(request, root, policy) else ()
    report = report._replace(
        not_checked=tuple(sorted((*found.not_checked, *report.not_checked, *idle))),
        files_seen=found.seen,
        files_read=len(found.sources),
        files_skipped=found.skipped,
        detail=request.detail,
    )
    if not looking:
        return Outcome(report, policy, found.notes)
    report = report._replace(advice=advice(report, policy))
    return Outcome(report, policy, (*found.notes, *looking.notes), looking.interrupted)


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
) -> Report:
    """The report on the sources; where there is nothing to read, nothing that reads is loaded."""
    if not sources and not context.policy.ignores and not observer:
        return Report(context.today, config=context.policy.path)
    from pincheck import scan

    with _uncollected():
        facts = scan.Facts(ca_data, read)
        return scan.scan(sources, parsers, context, observer, whole=whole, more=more, facts=facts)


def _evidence(request: Request, root: str, policy: Policy) -> Callable[[str], bytes | str]:
    """Who reads the files of evidence; nothing outside the repository is read, whatever links lead there.

    Their paths begin beside a configuration that was found, else at the root.
    """

    def read(path: str) -> bytes | str:
        from pincheck import files

        if "\0" in path:
            return "is no file name"
        named = request.config or not policy.path
        folder = root if named else os.path.dirname(_nearest_config(root))
        full = os.path.realpath(os.path.join(folder, path))
        top = git.work_tree(root) or os.path.realpath(root)
        if os.path.isabs(path) or not full.startswith(os.path.join(top, "")):
            return "lies outside the repository and is not read"
        try:
            return files.read(full, 1024 * 1024)
        except files.Unusable as error:
            return error.why

    return read


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
    top = os.path.realpath(root)
    named = (os.path.realpath(os.path.join(root, path)) for path in paths)
    return top in named and git.work_tree(root) in ("", top)


def root_of(paths: Sequence[str]) -> str:
    """The folder that paths are reported from: the current one if it holds them all, else theirs."""
    here = os.getcwd()
    places = [os.path.realpath(path) for path in paths]
    if os.path.commonpath([os.path.realpath(here), *places]) == os.path.realpath(here):
        return here
    folders = [place if os.path.isdir(place) else os.path.dirname(place) for place in places]
    return os.path.commonpath(folders)


def _policy(request: Request, root: str) -> Policy:
    path = request.config or _nearest_config(root)
    policy = Policy()
    if path:
        from pincheck import config

        policy = config.load(path, _shown(path, root))
    return policy._replace(severities=(*policy.severities, *_known_rules(request.rules)))


def _shown(path: str, root: str) -> str:
    """How messages name the configuration: from the root if it lies there, else by its name."""
    relative = os.path.relpath(os.path.realpath(path), os.path.realpath(root)).replace(os.sep, "/")
    return os.path.basename(path) if relative.startswith("../") else relative


def _nearest_config(root: str) -> str:
    """The configuration at the root or above it, not above the repository; empty if there is none."""
    top = git.work_tree(root) or os.path.realpath(root)
    folder = os.path.realpath(root)
    while True:
        for name in CONFIG_NAMES:
            path = os.path.join(folder, name)
            if os.path.lexists(path):
                if os.path.islink(path) and not os.path.realpath(path).startswith(top + os.sep):
                    raise ConfigError(f"{name}: is a link that leaves the repository")
                return path
        if folder == top or os.path.dirname(folder) == folder:
            return ""
        folder = os.path.dirname(folder)


def _known_rules(levels: Sequence[tuple[str, Any]]) -> tuple[tuple[str, Any], ...]:
    if not levels:
        return ()
    from pincheck import explain

    for name, _ in levels:
        explain.page(name)
    return tuple(levels)


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


def _sees_all(request: Request, root: str, policy: Policy) -> bool:
    """Tell whether the run sees every file that the configuration may mean.

    It does not if it was given single files or folders, or if the configuration was found above.
    """
    whole = os.path.realpath(root) in [os.path.realpath(os.path.join(root, path)) for path in request.paths]
    return whole and bool(request.config or os.path.lexists(os.path.join(root, policy.path)))
