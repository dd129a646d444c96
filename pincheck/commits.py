"""A tree as a commit holds it, read from git's objects: nothing is checked out.

Line endings and filters are not applied: a file of Git LFS is its pointer here.
"""

import os
import posixpath
import shlex
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Literal, NamedTuple

from pincheck import files, git
from pincheck.errors import ConfigError, UsageError
from pincheck.trees import Names, Search, expect_size, from_root, upwards

MAX_SEARCHED_BYTES = 100 * 1024 * 1024
"""git keeps the whole of a file that it searches in memory; GitHub takes none that is larger."""
MAX_UNSEARCHED = 100
MAX_LINKS = 20


class Found(NamedTuple):
    """The commit that a revision means."""

    name: str
    """Its hash."""
    shown: str
    """How messages call it."""
    notes: tuple[str, ...] = ()


def named(folder: str, revision: str) -> Found:
    """The commit that a revision means in the repository of ``folder``; raise ``UsageError`` if there is none."""
    shown = revision[:12] if git.is_hash(revision) else revision.removeprefix("refs/remotes/")
    top = git.work_tree(folder)
    if not top:
        raise UsageError(f"{shown}: {folder} is in no git repository, so there is nothing to compare with")
    with _told(folder, shown):
        name = git.known(top, revision)
        if not name:
            raise UsageError(f"{revision}: {_missing(top, revision)}")
        return Found(name, shown)


def forked(folder: str, revision: str, head: str) -> Found:
    """Where ``head`` left ``revision``; ``revision`` itself if it is a full hash, or shares no history."""
    found = named(folder, revision)
    if git.is_hash(revision):
        return found
    after = named(folder, head)
    with _told(folder, found.shown):
        if base := git.merge_base(git.work_tree(folder), found.name, after.name):
            return found._replace(name=base)
    note = f"{found.shown} and {after.shown} share no history here, so {found.shown} as it is now is compared with"
    return found._replace(notes=(note,))


def renamed(folder: str, base: Found, head: Found | None) -> dict[str, str]:
    """Path now -> path before, relative to ``folder``; without ``head`` as far as the index knows."""
    top = git.work_tree(folder)
    prefix = os.path.relpath(os.path.realpath(folder), top).replace(os.sep, "/") + "/"
    prefix = "" if prefix == "./" else prefix
    with _told(folder, base.shown):
        pairs = git.renames(top, base.name, head.name if head else "").items()
    inside = [pair for pair in pairs if all(path.startswith(prefix) for path in pair)]
    return {now[len(prefix) :]: before[len(prefix) :] for now, before in inside}


def left_out(folder: str) -> frozenset[str]:
    """The files, by their path from the top, that a sparse checkout leaves out of the work tree."""
    with _told(folder, "the index"):
        return git.left_out(git.work_tree(folder))


def _missing(folder: str, revision: str) -> str:
    """What to say, and do, about a revision that git does not know."""
    depth = _depth(folder)
    if git.is_hash(revision):
        return f"no such commit here; fetch it: git fetch {depth}origin {revision}"
    branch = revision.removeprefix("refs/remotes/").removeprefix("origin/")
    if not branch.isprintable() or branch.startswith("-") or any(sign in branch for sign in "~^:?*[\\ @"):
        return "no such commit here"
    wanted = shlex.quote(f"{branch}:refs/remotes/origin/{branch}")
    return f"no such commit here; if it is a branch of origin, fetch it: git fetch {depth}origin {wanted}"


def _depth(folder: str) -> str:
    """The option that keeps a history cut off where it is."""
    return "--depth=1 " if git.is_shallow(folder) else ""


@contextmanager
def _told(folder: str, shown: str) -> Iterator[None]:
    """Turn what git refuses into an error that names the commit and what to do."""
    try:
        yield
    except git.GitFailed as error:
        raise _unusable(folder, shown, error) from None


def _unusable(folder: str, shown: str, error: git.GitFailed) -> UsageError:
    top = git.work_tree(folder)
    if isinstance(error, git.DubiousOwnership):
        return UsageError(
            f"{shown}: git does not trust {top}, which another user owns;"
            f" to fix it: git config --global --add safe.directory {shlex.quote(top)}"
        )
    fix = ""
    if isinstance(error, git.ObjectsMissing):
        fix = f"; fetch them: git fetch --refetch --no-filter {_depth(top)}origin {' '.join(error.commits)}"
    return UsageError(f"{shown}: git could not read it: {error}{fix}")


class Commit:
    """The tree of one commit, seen from a folder that need not stand on disk."""

    def __init__(self, root: str, found: Found, without: frozenset[str] = frozenset()) -> None:
        """``without`` are files, by their path from the top, that are to be passed over."""
        self.root = os.path.realpath(root)
        self._top = git.work_tree(self.root)
        self._below = os.path.relpath(self.root, self._top).replace(os.sep, "/")
        self._found = found
        with self._telling():
            everything = git.entries(self._top, found.name)
        self._entries = {path: entry for path, entry in everything.items() if path not in without}
        self._without = without
        self._objects = git.Objects(self._top)

    def close(self) -> None:
        """End what git does for it."""
        self._objects.close()

    def resolved(self, path: str) -> str:
        # Links on the way to the repository are those on disk; in it those of the commit.
        full = os.path.normpath(os.path.join(self.root, path))
        above = next((each for each in upwards(full, "") if os.path.realpath(each) == self._top), "")
        if not above:
            raise UsageError(f"{path}: lies outside {self.root}")
        place = os.path.relpath(full, above).replace(os.sep, "/")
        target = self._target("" if place == "." else place) or place
        return from_root(path, os.path.normpath(os.path.join(self._top, target)), self.root)

    def kind(self, path: str) -> Literal["folder", "file", ""]:
        place = self._place(path)
        entry = self._entries.get(self._target(place))
        if not place or (entry and entry.mode == "040000"):
            return "folder"
        return "file" if entry and entry.mode.startswith("100") else ""

    def is_large(self, folder: str) -> bool:
        return False

    def listing(self, folder: str) -> Callable[[], Names] | None:
        return lambda: Names(list(self.walk(folder)), [])

    def search(self, folder: str, search: Search) -> Callable[[], list[str]]:
        place = self._place(folder)
        entry = self._entries.get(place)
        if place and (not entry or entry.mode != "040000"):
            return list
        tree = entry.name if entry else self._found.name
        with self._telling():
            pathspecs = (*search.pathspecs, *self._too_large(folder))
            running = git.containing(self._top, search.markers, pathspecs, tree)
        return lambda: self._names(running, len(tree) + 1, self._prefix(folder))

    def _names(self, running: git.Running, before: int, prefix: str) -> list[str]:
        with self._telling():
            fields = running.fields((0, 1), strict=True)
        names = [field[before:] for field in fields]
        return [name for name in names if prefix + name not in self._without]

    def _too_large(self, folder: str) -> list[str]:
        """Pathspecs that keep git from files of a size that would fill the memory."""
        large = [name for name in self.walk(folder) if self._size(folder, name) > MAX_SEARCHED_BYTES]
        if len(large) > MAX_UNSEARCHED:
            raise git.GitFailed(
                f"{len(large):,} files are larger than {MAX_SEARCHED_BYTES // 1024 // 1024} MB"
            )
        return [f":(exclude,literal){name}" for name in large]

    def _size(self, folder: str, name: str) -> int:
        return self._entries[self._prefix(folder) + name].size

    def walk(
        self,
        folder: str,
        unreadable: Callable[[OSError], None] | None = None,
        generated: frozenset[str] = frozenset(),
    ) -> Iterator[str]:
        prefix = self._prefix(folder)
        for path, entry in self._entries.items():
            if path.startswith(prefix) and entry.mode != "040000":
                yield path[len(prefix) :]

    def contents(self, path: str) -> bytes | None:
        entry = self._entries.get(self._place(path))
        if not entry or not entry.mode.startswith("100"):
            return None
        expect_size(entry.size)
        return self._read(entry)

    def _read(self, entry: git.Entry) -> bytes:
        with self._telling():
            return self._objects.read(entry.name)

    def _telling(self) -> AbstractContextManager[None]:
        return _told(self.root, self._found.shown)

    def nearest(self, names: Iterable[str]) -> str:
        names = tuple(names)
        folder, above = self._place("."), ""
        while True:
            for name in names:
                path = posixpath.join(folder, name)
                if path in self._entries:
                    if not self._target(path):
                        raise ConfigError(f"{name}: is a link that leaves the repository")
                    return above + name
            if not folder:
                return ""
            folder, above = posixpath.dirname(folder), above + "../"

    def file(self, path: str, most_bytes: int) -> bytes:
        place = self._place(path)
        if posixpath.isabs(path) or place == ".." or place.startswith("../"):
            raise files.Unusable(path, "lies outside the repository and is not read")
        target = self._target(place)
        entry = self._entries.get(target)
        if not entry:
            raise files.Unusable(path, "cannot be read: No such file or directory")
        if not entry.mode.startswith("100"):
            raise files.Unusable(path, "is a folder, not a file")
        if entry.size > most_bytes:
            raise files.Unusable(path, f"is larger than {most_bytes // 1024 // 1024} MB")
        return self._read(entry)

    def _target(self, place: str) -> str:
        """Where a path leads that may be, or lie behind, links; nothing if that is no place of the tree."""
        seen, ahead, links = "", place.split("/"), 0
        while ahead:
            step = posixpath.normpath(posixpath.join(seen, ahead.pop(0)))
            if step == ".." or step.startswith("../"):
                return ""
            entry = self._entries.get(step)
            if entry and entry.mode == "120000":
                links += 1
                to = os.fsdecode(self._read(entry)) if entry.size < 4096 else "/"
                if to.startswith("/") or links > MAX_LINKS:
                    return ""
                ahead = to.split("/") + ahead
            else:
                seen = "" if step == "." else step
        return seen

    def _place(self, path: str) -> str:
        """A path from the root as one from the top of the repository, without links; the top itself is empty."""
        place = posixpath.normpath(posixpath.join(self._below, path))
        return "" if place == "." else place

    def _prefix(self, folder: str) -> str:
        place = self._place(folder)
        return f"{place}/" if place else ""
