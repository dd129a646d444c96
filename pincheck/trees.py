"""A state of a folder: its files listed, searched and read. Here the one that stands on disk; ``commits`` has others.

Nothing outside the root is read: symbolic links are not followed.
"""

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal, NamedTuple, Protocol

from pincheck import git
from pincheck.errors import ConfigError, UsageError

MAX_BYTES = 5 * 1024 * 1024
"""Larger files are not read."""
LARGE_INDEX_BYTES = 200_000
"""The index of a tree of some thousand files."""


class Search(NamedTuple):
    """What is looked for, and in which files."""

    markers: tuple[bytes, ...]
    """One of these must stand in the file."""
    pathspecs: tuple[str, ...]
    """As git understands them, relative to the folder searched."""
    text_only: bool = False
    """Of no meaning to a tree: who reads a file that was found sees whether it is text."""


class Names(NamedTuple):
    """The files of a folder, relative to it."""

    all: list[str]
    """With what is listed as if it were a file: links, submodules, repositories inside (they end in ``/``)."""
    loose: list[str]
    """Those that no search of the tree looks into."""
    left_out: Sequence[str] = ()
    """Those of the repository that a sparse checkout does not bring."""


class Refused(Exception):
    """A file that is there and is not read; the message says why."""


class Tree(Protocol):
    """All paths are relative to the root, with ``/``; ``.`` is the root itself."""

    @property
    def root(self) -> str:
        """The folder, absolute and without links, that paths begin at; a commit's may be missing on disk."""

    def resolved(self, path: str) -> str:
        """Where a path leads that the user names, absolute or from the root; raise ``UsageError`` for one outside."""

    def kind(self, path: str) -> Literal["folder", "file", ""]:
        """What stands at a path."""

    def is_large(self, folder: str) -> bool:
        """Tell whether listing takes longer than Python needs to load what reads the files."""

    def listing(self, folder: str) -> Callable[[], Names] | None:
        """Begin to list a folder; None where it must be walked. Both may raise ``git.GitFailed``."""

    def search(self, folder: str, search: Search) -> Callable[[], list[str]]:
        """Begin to search a folder; the names found are relative to it."""

    def walk(
        self, folder: str, unreadable: Callable[[OSError], None], generated: frozenset[str]
    ) -> Iterator[str]:
        """Yield the files below a folder, relative to it, without those of folders so named."""

    def contents(self, path: str) -> bytes | None:
        """The bytes of a file, or None for what is no plain file, or is not there; raise ``Refused`` or OSError."""

    def nearest(self, names: Iterable[str]) -> str:
        """The first file with one of the names at the root or above it, not above the repository, or nothing.

        Its path may begin with ``../``. Raise ``ConfigError`` for a link that leaves the repository.
        """

    def file(self, path: str, most_bytes: int) -> bytes:
        """Read a file of the repository, by a path that may begin with ``../``; raise ``files.Unusable``.

        Links are followed as far as they stay in the repository.
        """


class WorkTree:
    """The files on disk; where git knows them, git lists and searches them."""

    def __init__(self, root: str) -> None:
        self.root = os.path.realpath(root)
        self._top = git.work_tree(self.root) or self.root
        self._inside: dict[str, bool] = {}

    def resolved(self, path: str) -> str:
        return from_root(path, os.path.realpath(os.path.join(self.root, path)), self.root)

    def kind(self, path: str) -> Literal["folder", "file", ""]:
        full = os.path.join(self.root, path)
        return "folder" if os.path.isdir(full) else "file" if os.path.isfile(full) else ""

    def is_large(self, folder: str) -> bool:
        top = git.work_tree(os.path.join(self.root, folder))
        try:
            return bool(top) and os.stat(os.path.join(top, ".git", "index")).st_size > LARGE_INDEX_BYTES
        except OSError:
            return False

    def listing(self, folder: str) -> Callable[[], Names] | None:
        place = os.path.join(self.root, folder)
        if not git.work_tree(place):
            return None
        running = git.files(place)
        return lambda: _tagged(running.fields(), place)

    def search(self, folder: str, search: Search) -> Callable[[], list[str]]:
        running = git.containing(os.path.join(self.root, folder), search.markers, search.pathspecs)
        return lambda: running.fields((0, 1))

    def walk(
        self, folder: str, unreadable: Callable[[OSError], None], generated: frozenset[str]
    ) -> Iterator[str]:
        place = os.path.join(self.root, folder)
        prefix = "" if folder == "." else folder + "/"
        for parent, folders, names in os.walk(place, onerror=unreadable):
            below = os.path.relpath(parent, place).replace(os.sep, "/")
            start = "" if below == "." else below + "/"
            self._inside[(prefix + start).rstrip("/")] = True  # no link led here
            folders[:] = sorted(name for name in folders if name not in generated)
            yield from (start + name for name in names)

    def contents(self, path: str) -> bytes | None:
        full = os.path.join(self.root, path)
        if not self._is_inside(path.rpartition("/")[0]):
            return None
        try:
            status = os.lstat(full)
            if not stat.S_ISREG(status.st_mode):
                return None
            expect_size(status.st_size)
            with open(full, "rb", opener=_no_follow) as file:
                return file.read(MAX_BYTES + 1)
        except (FileNotFoundError, NotADirectoryError):
            return None

    def _is_inside(self, folder: str) -> bool:
        """Tell whether no part of a folder's path is a link."""
        if folder not in self._inside:
            full = os.path.join(self.root, folder) if folder else self.root
            self._inside[folder] = os.path.realpath(full) == full
        return self._inside[folder]

    def nearest(self, names: Iterable[str]) -> str:
        names = tuple(names)
        for folder in upwards(self.root, self._top):
            for name in names:
                path = os.path.join(folder, name)
                if os.path.lexists(path):
                    if os.path.islink(path) and not os.path.realpath(path).startswith(self._top + os.sep):
                        raise ConfigError(f"{name}: is a link that leaves the repository")
                    return os.path.relpath(path, self.root).replace(os.sep, "/")
        return ""

    def file(self, path: str, most_bytes: int) -> bytes:
        from pincheck import files

        full = os.path.realpath(os.path.join(self.root, path))
        if os.path.isabs(path) or not full.startswith(os.path.join(self._top, "")):
            raise files.Unusable(path, "lies outside the repository and is not read")
        return files.read(full, most_bytes)


def expect_size(size: int) -> None:
    """Raise ``Refused`` for a file of so many bytes that it is not read."""
    if size > MAX_BYTES:
        raise Refused(f"larger than {MAX_BYTES // 1024 // 1024} MB")


def from_root(path: str, place: str, root: str) -> str:
    """A place as seen from the root, with ``/``; ``path`` is what the user calls it."""
    relative = os.path.relpath(place, root).replace(os.sep, "/")
    if relative == ".." or relative.startswith("../"):
        raise UsageError(f"{path}: lies outside {root}")
    return relative


def upwards(folder: str, top: str) -> Iterator[str]:
    """Yield a folder and those above it, up to ``top``."""
    while True:
        yield folder
        if folder == top or os.path.dirname(folder) == folder:
            return
        folder = os.path.dirname(folder)


def _tagged(entries: list[str], place: str) -> Names:
    """The names behind the letters of ``git.files``; what a sparse checkout leaves out is not on disk."""
    left_out = {
        entry for entry in entries if entry[0] == "S" and not os.path.lexists(os.path.join(place, entry[2:]))
    }
    here = [entry for entry in entries if entry not in left_out] if left_out else entries
    return Names(
        [entry[2:] for entry in here],
        [entry[2:] for entry in here if entry[0] == "?"],
        [entry[2:] for entry in entries if entry in left_out] if left_out else [],
    )


def _no_follow(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
