"""Paths in several git work trees -> each checked by itself, and what all of them together came to.

No rule looks from one repository into another. Their hosts are looked at together, each once.
"""

import os
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from pincheck import git, joining, moving, run, shards
from pincheck.errors import PincheckError, UsageError
from pincheck.kept import Kept, Part
from pincheck.model import NotChecked, Report
from pincheck.moving import Move
from pincheck.shards import WHOLE, Shard

if TYPE_CHECKING:
    from pincheck.looking import Live, Looking
    from pincheck.model.chains import Observation, Target

Detail = Literal["quiet", "normal", "verbose"]
Ask = Callable[[Sequence["Target"]], Sequence["Observation"]]
Counts = Callable[[run.Outcome], bool]
"""Whether a repository's findings are to fail the run."""


class Tree(NamedTuple):
    """One repository, and what of it is to be checked."""

    folder: str
    """What its paths are called by in the report; empty where they are called as they are."""
    root: str
    paths: tuple[str, ...]
    """Absolute."""
    is_there: bool = True


class Outcome(NamedTuple):
    """What a run over several repositories came to."""

    today: date
    detail: Detail
    parts: tuple[Part, ...]
    notes: tuple[str, ...]

    @property
    def report(self) -> Report:
        """One report on all."""
        return joining.joined(self.parts, self.today, self.detail)

    @property
    def faults(self) -> tuple[str, ...]:
        """Why repositories could not be checked."""
        return tuple(f"{part.folder}: {part.fault}" for part in self.parts if part.fault)

    @property
    def fails(self) -> bool:
        """A repository has findings that count."""
        return any(part.fails for part in self.parts)

    @property
    def unreached(self) -> bool:
        """A host that should have been looked at showed nothing."""
        return any(part.unreached for part in self.parts)

    @property
    def interrupted(self) -> bool:
        """The user stopped the looking at hosts."""
        return any(part.interrupted for part in self.parts)


def trees(paths: Sequence[str], divided: bool = False, always: bool = False) -> tuple[Tree, ...]:
    """The repositories that the paths lie in, by folder; none if that is not more than one and not ``always``.

    Where they are to be ``divided`` among shards, those of other shards need not be there, so each path must
    then be a repository of its own: raise ``UsageError`` if two lie in one, which no shard may take apart.
    """
    found: dict[str, list[str]] = {}
    absent: list[str] = []
    for path in dict.fromkeys(paths):
        if os.path.exists(path):
            found.setdefault(git.work_tree(path) or os.path.realpath(path), []).append(path)
        else:
            absent.append(path)
    tops = [top for top in found if git.work_tree(top)]
    if not always and len(tops) < 2 and not (divided and absent and len(paths) > 1):
        return ()
    if divided or always:
        _expect_whole(found)
    written = [(_written_top(own[0], top), top, own) for top, own in found.items()]
    written += [(os.path.abspath(path), "", [path]) for path in absent]
    base = _base([place for place, _, _ in written])
    return tuple(sorted(_tree(place, top, own, base) for place, top, own in written))


def _expect_whole(found: dict[str, list[str]]) -> None:
    for top, paths in found.items():
        if len(paths) > 1:
            raise UsageError(
                f"{paths[0]} and {paths[1]} lie in one repository; name it once, a shard takes it whole"
            )
        if not git.work_tree(top):
            raise UsageError(f"{paths[0]}: lies in no git repository; a shard takes whole repositories")


def _written_top(path: str, top: str) -> str:
    """The absolute path of a work tree as the user wrote it, links not followed, if that names it at all."""
    place = os.path.abspath(path)
    while os.path.realpath(place) != top:
        if os.path.dirname(place) == place:
            return top
        place = os.path.dirname(place)
    return place


def _base(places: Sequence[str]) -> str:
    """Where reported paths begin: the current folder if all lies in it, else the one that holds all."""
    here = os.path.abspath(os.getcwd())
    return here if os.path.commonpath([here, *places]) == here else os.path.commonpath(places)


def _tree(place: str, top: str, paths: Sequence[str], base: str) -> Tree:
    folder = os.path.relpath(place, base).replace(os.sep, "/")
    root = top if not top or os.path.isdir(top) else os.path.dirname(top)
    absolute = tuple(os.path.abspath(path) for path in paths)
    return Tree("" if folder == "." else folder, root, absolute, bool(top))


# checking --------------------------------------------------------------------


def check(found: Sequence[Tree], request: run.Request, counts: Counts) -> Outcome:
    """Check each repository as ``request`` says, whose own paths do not count.

    A repository that is not there, or whose configuration or history cannot be used, is not checked, and costs no
    other anything: see ``joining.common_fault`` for what is wrong with the request itself.
    """
    if request.live:
        request = request._replace(live=_seeing(found, request))
    today = request.today or datetime.now(UTC).date()
    parts = []
    notes: dict[str, None] = {}
    for tree in found:
        part, said = _part(tree, request._replace(today=today), counts)
        parts.append(part)
        notes |= dict.fromkeys(said)
    return Outcome(today, request.detail, tuple(parts), tuple(notes))


def kept_of(outcome: Outcome, whole: Sequence[Tree], options: Any) -> Kept:
    """What a shard saves; ``whole`` are the repositories of all shards, ``options`` those of the command line."""
    shard: Shard = options.shard or WHOLE
    asked = [f"{name}={getattr(options, name)!s}" for name in _ASKED]
    asked += [tree.folder for tree in whole]
    return Kept(
        shard.number, shard.of, shards.digest(asked), len(whole),
        outcome.today, outcome.detail, bool(options.fail_on_unchecked), outcome.parts,
    )  # fmt: skip


_ASKED = (
    "config", "exclude", "rules", "today", "detail", "ca_data", "fail_on", "fail_on_unchecked",
    "live", "recorded", "trust_anchors", "ct", "connect_to", "resolve", "allow_address", "base", "fail_on_new",
)  # fmt: skip
"""The options that shards of one division share; those that only say how fast to look may differ."""


def _part(tree: Tree, request: run.Request, counts: Counts) -> tuple[Part, tuple[str, ...]]:
    try:
        outcome = run.check(_asked(tree, request))
    except PincheckError as error:
        return _faulty(tree, request, str(error)), ()
    config = outcome.policy.path
    given = {config: _named(request.config, tree)} if request.config and config else {}
    report = moving.moved(outcome.report, Move(tree.folder, config, given))
    notes = tuple(note if note in _shared(request) else f"{tree.folder}: {note}" for note in outcome.notes)
    part = Part(tree.folder, report, counts(outcome), outcome.unreached, outcome.interrupted)
    return part, notes


def _asked(tree: Tree, request: run.Request) -> run.Request:
    if not tree.is_there:
        raise UsageError(joining.ABSENT)
    return request._replace(paths=tree.paths, root=tree.root)


def _faulty(tree: Tree, request: run.Request, reason: str) -> Part:
    assert request.today
    missed = NotChecked(tree.folder or ".", reason)
    return Part(
        tree.folder, Report(request.today, not_checked=(missed,), detail=request.detail), fault=reason
    )


def _named(config: str, tree: Tree) -> str:
    """What the joined report calls a configuration that was given for all."""
    inside = os.path.relpath(os.path.realpath(config), os.path.realpath(tree.root)).replace(os.sep, "/")
    if not inside.startswith("../"):
        return f"{tree.folder}/{inside}" if tree.folder else inside
    return (
        os.path.normpath(config).replace(os.sep, "/")
        if not os.path.isabs(config)
        else os.path.basename(config)
    )


def _shared(request: run.Request) -> tuple[str, ...]:
    """What is to be said once, as it is about the looking and no repository."""
    return getattr(request.live, "notes", ())


# looking at hosts ------------------------------------------------------------


class _Wanted(Exception):
    """Ends a check where it wants to know what hosts serve."""

    def __init__(self, targets: "Sequence[Target]") -> None:
        super().__init__()
        self.targets = targets


def _seeing(found: Sequence[Tree], request: run.Request) -> "Looking":
    """What knows already what the hosts of all repositories serve: they were asked side by side, each once.

    Each repository is read once more for that, up to the point where its hosts are known; to wait for the hosts
    of one before the next is read would take a day for some thousand.
    """
    from pincheck.looking import Live, Looking

    live = request.live
    assert isinstance(live, Live)
    looking = Looking(live)
    ask, look_up = looking.observer.observe, looking.observer.logs
    wanted: dict[Target, None] = {}

    def note(targets: "Sequence[Target]") -> "Sequence[Observation]":
        raise _Wanted(targets)

    looking.observer = looking.observer._replace(observe=note, logs=None)
    for tree in found:
        try:
            run.check(_asked(tree, request._replace(live=looking)))
        except _Wanted as these:
            wanted |= dict.fromkeys(these.targets)
        except PincheckError:  # said when it is checked
            continue
    ask(tuple(wanted))
    looking.observer = looking.observer._replace(observe=ask, logs=look_up)
    return looking


def sharded(live: "Live", shard: Shard) -> "Looking":
    """What looks at a shard's own hosts, leaves the others out, and saves a recording that knows so."""
    from pincheck import recorded
    from pincheck.looking import Looking

    recorded.expect_writable(live.record)
    looking = Looking(live._replace(record=""))
    divided = _Divided(looking.observer.observe, live.record, shard)
    looking.observer = looking.observer._replace(observe=divided.of)
    return looking


class _Divided:
    """Looks at a part of the targets; ``ask`` remembers what it has seen."""

    def __init__(self, ask: Ask, path: str, shard: Shard) -> None:
        self._ask, self._path, self._shard = ask, path, shard
        self._asked: dict[Target, None] = {}
        self._started = datetime.now(UTC)

    def of(self, targets: "Sequence[Target]") -> "Sequence[Observation]":
        """The observations of the shard's own targets, and that the others are left to others."""
        from pincheck import recorded
        from pincheck.model.chains import Failure, Observation

        left = Failure("skipped", f"left to the other shards, as this is {self._shard}")
        self._asked |= dict.fromkeys(targets)
        seen = self._ask([target for target in self._asked if self._is_own(target)])
        asked = shards.digest(sorted(f"{target.host}:{target.port}" for target in self._asked))
        division = recorded.Division(self._shard, asked)
        recorded.save(self._path, seen, self._started, division)
        return [
            each
            for target in targets
            for each in (
                self._ask([target])
                if self._is_own(target)
                else [Observation(target, self._started, failure=left)]
            )
        ]

    def _is_own(self, target: "Target") -> bool:
        return self._shard.holds(target.host)
