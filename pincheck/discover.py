"""Paths -> the SourceFiles worth parsing.

In a git work tree git lists the files and searches them for the formats' markers, at the speed of
the fastest search tools; elsewhere, and for untracked files, the folder is walked and read here.
Nothing outside the root is read: symbolic links are not followed.
"""

import os
import re
import shlex
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from pincheck import git
from pincheck.errors import UsageError
from pincheck.model import NotChecked, SourceFile
from pincheck.registry import ANY_FILE, Parser, claiming, compiled, fits, tails

MAX_BYTES = 5 * 1024 * 1024
"""Larger files are not read."""
MAX_DEFINING_BYTES = 1024 * 1024
"""Larger files are not searched for what a name means."""
SHORTEST_MARKER = 4
SHORTEST_NAME = 3
MAX_NAMES = 200
MAX_CANDIDATES = 4000
MAX_HOLDING = 40
"""Files that one name may stand in before it says nothing."""

_GENERATED = frozenset(
    {
        *("build", "obj", ".build", ".cxx", ".gradle", ".dart_tool", ".symlinks", "DerivedData"),
        *("Pods", "Carthage", "node_modules", ".yarn", ".expo", ".next"),
        *(".venv", "venv", "__pycache__", ".tox", ".mypy_cache", ".idea", ".git", ".hg", ".svn"),
    }
)
"""Folders that tools fill; what stands there is a copy or somebody else's."""
_TRANSLATED = "*/values-*/*.xml"
"""Android's resources for a language or a kind of screen: they say again what the default ones say."""
_SETTINGS = ("*.json", "*.jsonc", "*.json5", "*.yml", "*.yaml", "*.toml")
"""Files that name hosts and, beside those of code, define nothing."""
_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")


Watch = Callable[[Sequence[Any], str], Iterable[Any]]
"""Gives the items back one by one, and may show how far it is; the text says what is being done."""


def unwatched(items: Sequence[Any], doing: str) -> Iterable[Any]:
    """The items, and nothing shown."""
    return items


class Discovery(NamedTuple):
    """What was found to read."""

    sources: tuple[SourceFile, ...]
    not_checked: tuple[NotChecked, ...]
    seen: int
    """Files listed."""
    skipped: int
    """Files that could not be read and whose name fits no format."""
    notes: tuple[str, ...] = ()
    """What the user should know about how the files were found."""


class _Formats:
    """The parsers' globs and markers, as a search needs them."""

    def __init__(self, parsers: Sequence[Parser]) -> None:
        self.parsers = parsers
        self._named = [parser for parser in parsers if parser.files != ANY_FILE]
        self._unmarked = _globs(parser.files for parser in self._named if not parser.markers)
        self._expected = _globs(parser.expected for parser in parsers)
        self._special = tails((*self._unmarked, *self._expected))

    def special(self, names: Iterable[str]) -> list[str]:
        """The names that may matter whatever the file holds, ``unmarked`` or ``expected``."""
        return [name for name in names if name.endswith(self._special)]

    def unmarked(self, name: str) -> bool:
        """Tell whether some parser reads every file of this name."""
        return fits(name, self._unmarked)

    def expected(self, name: str) -> bool:
        """Tell whether a file of this name should be of some format."""
        return fits(name, self._expected)

    def named(self, name: str) -> bool:
        """Tell whether some parser reads files of this name, and not just any file."""
        return any(fits(name, parser.files) for parser in self._named)

    def searches(self, folder: str) -> list[git.Running]:
        """Start searching the tracked files for markers: named files, and the text of all others."""
        named = [parser for parser in self._named if parser.markers]
        anywhere = {m for parser in self.parsers if parser.files == ANY_FILE for m in parser.markers}
        markers = {marker for parser in named for marker in parser.markers} | anywhere
        pathspecs = _pathspecs(named)
        started = []
        if named:
            sought = {*map(_starting_rarely, markers), *_BYTE_ORDER_MARKS}
            started.append(git.containing(folder, sought, (*pathspecs, f":(exclude){_TRANSLATED}")))
        if anywhere:
            others = (".", *(f":(exclude){pathspec}" for pathspec in pathspecs))
            started.append(git.containing(folder, sorted(anywhere), others, text_only=True))
        return started


def discover(
    paths: Sequence[str],
    root: str,
    parsers: Sequence[Parser],
    exclude: Sequence[str] = (),
    watch: Watch = unwatched,
) -> Discovery:
    """Return the files below ``paths`` that some parser wants, in order of their path.

    ``paths`` are relative to ``root`` or absolute, and lie in it. A file named there is read
    whatever its folder; a folder named there is read although it may be generated or ignored.
    """
    return start(paths, root, parsers, exclude).read(watch)


def start(
    paths: Sequence[str], root: str, parsers: Sequence[Parser], exclude: Sequence[str] = ()
) -> "Listing":
    """Begin what ``discover`` does, and let git work while the caller does something else."""
    listing = Listing(root, _Formats(parsers), compiled(tuple(exclude)))
    for path in dict.fromkeys(paths):
        listing.add(_relative(path, root))
    return listing


class Listing:
    """Collects the names to read, each once."""

    def __init__(self, root: str, formats: _Formats, exclude: re.Pattern[str]) -> None:
        self._root = os.path.realpath(root)
        self._formats = formats
        self._exclude = exclude
        self._seen = 0
        self._at_work: list[_AtWork] = []
        self.is_large = False
        """Whether git will take longer than Python needs to load what reads the files."""
        self._to_read: set[str] = set()
        self._to_search: set[str] = set()
        self._not_checked: list[NotChecked] = []
        self._skipped = 0
        self._notes: list[str] = []
        self._inside: dict[str, bool] = {}
        self._walked: list[str] = []
        self._kept: dict[str, _Kept] = {}
        self._given: set[str] = set()

    def add(self, path: str) -> None:
        full = os.path.join(self._root, path)
        if os.path.isdir(full):
            self._add_folder(path)
        elif os.path.isfile(full):
            self._seen += 1
            self._to_read.add(path)
        else:
            raise UsageError(f"{path}: no such file or folder")

    def _add_folder(self, folder: str) -> None:
        place = os.path.join(self._root, folder)
        if top := git.work_tree(place):
            self.is_large = self.is_large or _is_large(top)
            try:
                at_work = _AtWork(folder, git.files(place), self._formats.searches(place))
            except git.GitFailed as error:
                self._say(error)
            else:
                self._at_work.append(at_work)
                return
        self._add_walk(folder)

    def _collect(self, at_work: "_AtWork") -> None:
        """Wait for git; walk the folder if it refuses, or knows nothing of it."""
        try:
            found = self._add_with_git(*at_work)
        except git.DubiousOwnership:
            top = git.work_tree(os.path.join(self._root, at_work.folder))
            self._notes.append(
                f"git does not trust {top}, which another user owns, so ignored files were read too;"
                f" to fix it: git config --global --add safe.directory {shlex.quote(top)}"
            )
            found = False
        except git.GitFailed as error:
            self._say(error)
            found = False
        if not found:
            self._add_walk(at_work.folder)

    def _say(self, error: git.GitFailed) -> None:
        self._notes.append(f"git could not list the files ({error}), so ignored files were read too")

    def _add_with_git(self, folder: str, files: git.Running, searches: list[git.Running]) -> bool:
        """Take what git listed and found in a folder; False if it knows nothing of it."""
        place = os.path.join(self._root, folder)
        listed = files.fields()
        keep = _Kept("" if folder == "." else folder + "/", self._exclude, listed)
        self._kept[folder] = keep
        loose = keep(entry[2:] for entry in listed if entry[0] == "?")
        special = keep(entry[2:] for entry in self._formats.special(listed))
        for search in searches:
            self._to_read.update(keep(search.fields((0, 1))))
        self._to_read.update(filter(self._formats.unmarked, special))
        self._to_search.update(loose, filter(self._formats.expected, special))
        self._seen += len(listed)
        self._not_checked.extend(
            NotChecked(path, "a git repository of its own; run pincheck in it")
            for path in keep(_other_repositories(place, listed))
        )
        return bool(listed)

    def _add_walk(self, folder: str) -> None:
        place = os.path.join(self._root, folder)
        prefix = "" if folder == "." else folder + "/"
        found: list[str] = []
        for parent, folders, files in os.walk(place, onerror=self._unreadable_folder):
            below = os.path.relpath(parent, place).replace(os.sep, "/")
            start = "" if below == "." else below + "/"
            self._inside[(prefix + start).rstrip("/")] = True  # no link led here
            folders[:] = sorted(name for name in folders if name not in _GENERATED)
            found.extend(start + name for name in files)
        self._seen += len(found)
        kept = _Kept(prefix, self._exclude, found)(found)
        self._walked += kept
        self._to_search.update(kept)

    def _unreadable_folder(self, error: OSError) -> None:
        path = os.path.relpath(str(error.filename), self._root).replace(os.sep, "/")
        self._not_checked.append(NotChecked(path, f"the folder cannot be read: {error.strerror}"))

    def read(self, watch: Watch = unwatched) -> Discovery:
        """Wait for git, and read what it found."""
        for at_work in self._at_work:
            self._collect(at_work)
        sources = []
        for path in watch(sorted(self._to_read | self._to_search), "reading files"):
            data = self._contents(path)
            if data is None:
                continue
            source = SourceFile(path, data)
            if claiming(self._formats.parsers, source):
                sources.append(source)
        return Discovery(
            tuple(sources), tuple(self._not_checked), self._seen, self._skipped, tuple(self._notes)
        )

    def holding(self, names: frozenset[str]) -> Iterator[SourceFile]:
        """Yield the files that seem to define, or call, one of the names, each once.

        A name that stands in very many files says nothing, and is passed over.
        """
        from pincheck.following.sources import FILES

        wanted = sorted(name for name in names if len(name) >= SHORTEST_NAME and name.isascii())[:MAX_NAMES]
        if not wanted:
            return
        paths = {path for path in self._walked if fits(path, FILES)}
        for folder in self._kept:
            place = os.path.join(self._root, folder)
            search = git.containing(place, map(str.encode, wanted), ["*" + tail for tail in tails(FILES)])
            paths.update(self._kept[folder](search.fields((0, 1))))
        found = [path for path in sorted(paths) if path not in self._given and fits(path, FILES)]
        if len(found) > MAX_CANDIDATES:
            return
        yield from self._defining(found, wanted)

    def mentioning(self, hosts: Iterable[str]) -> Iterator[SourceFile]:
        """Yield the files of code and settings in which one of the hosts (lower case) stands, each once.

        Of very many such files there are none: that many say nothing.
        """
        from pincheck.following.sources import FILES

        globs = (*FILES, *_SETTINGS)
        wanted = [host.encode() for host in sorted(set(hosts))[:MAX_NAMES] if len(host) >= SHORTEST_MARKER]
        if not wanted:
            return
        paths = {path for path in self._walked if fits(path, globs)}
        for folder in self._kept:
            search = git.containing(
                os.path.join(self._root, folder), wanted, ["*" + tail for tail in tails(globs)]
            )
            paths.update(self._kept[folder](search.fields((0, 1))))
        found = [path for path in sorted(paths) if fits(path, globs)]
        for path in found if len(found) <= MAX_CANDIDATES else ():
            data = self._contents(path)
            if data is not None and any(host in data for host in wanted):
                yield SourceFile(path, data)

    def _defining(self, paths: Iterable[str], names: Sequence[str]) -> Iterator[SourceFile]:
        """Read files, and keep those in which a name stands as one that is defined or called."""
        listed = "|".join(map(re.escape, names)).encode()
        defines = re.compile(
            rb"(?<![A-Za-z0-9$])("
            + listed
            + rb")(?:\s*(?::[^=\n{}]{0,80})?(?:=|\()|[\"'<]|\s*:|[ \t]+\S+[ \t]*$)",
            re.MULTILINE,
        )
        holding: dict[bytes, list[SourceFile]] = {}
        for path in paths:
            data = self._contents(path)
            if data is None or len(data) > MAX_DEFINING_BYTES:
                continue
            for name in {match[1] for match in defines.finditer(data)}:
                holding.setdefault(name, []).append(SourceFile(path, data))
        kept = {each.path: each for files in holding.values() if len(files) <= MAX_HOLDING for each in files}
        self._given.update(kept)
        yield from (kept[path] for path in sorted(kept))

    def _contents(self, path: str) -> bytes | None:
        """The bytes of a file, or None: not there any more, not a plain file, or not readable."""
        try:
            return self._open(path)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except _Refused as refusal:
            reason = str(refusal)
        except OSError as error:
            reason = f"cannot be read: {error.strerror}"
        if self._formats.named(path):
            self._not_checked.append(NotChecked(path, reason))
        else:
            self._skipped += 1
        return None

    def _open(self, path: str) -> bytes | None:
        full = os.path.join(self._root, path)
        if not self._is_inside(path.rpartition("/")[0]):
            return None
        status = os.lstat(full)
        if not stat.S_ISREG(status.st_mode):
            return None
        if status.st_size > MAX_BYTES:
            raise _Refused(f"larger than {MAX_BYTES // 1024 // 1024} MB")
        with open(full, "rb", opener=_no_follow) as file:
            data = file.read(MAX_BYTES + 1)
        if path in self._to_search and path not in self._to_read and self._formats.expected(path):
            self._refuse_binary(data)
        return data

    def _is_inside(self, folder: str) -> bool:
        """Tell whether no part of a folder's path is a link."""
        if folder not in self._inside:
            full = os.path.join(self._root, folder) if folder else self._root
            self._inside[folder] = os.path.realpath(full) == full
        return self._inside[folder]

    def _refuse_binary(self, data: bytes) -> None:
        """Raise for a file that should be of some format and is neither text nor a binary plist."""
        if b"\0" in data[:8192] and not data.startswith((b"bplist", *_BYTE_ORDER_MARKS, b"<\0", b"\0<")):
            raise _Refused("binary, not the text that its name promises")


class _AtWork(NamedTuple):
    """What git does for one folder."""

    folder: str
    files: git.Running
    searches: list[git.Running]


def _is_large(work_tree: str) -> bool:
    """Tell a tree of some thousand files by the size of its index."""
    try:
        return os.stat(os.path.join(work_tree, ".git", "index")).st_size > 200_000
    except OSError:
        return False


class _Refused(Exception):
    """A file that is there and is not read; the message says why."""


class _Kept:
    """Filters listed names: no generated folders, nothing excluded; gives them their prefix."""

    def __init__(self, prefix: str, exclude: re.Pattern[str], listed: Sequence[str]) -> None:
        self._prefix = prefix
        self._exclude = exclude
        self._listed = listed

    def __call__(self, names: Iterable[str]) -> list[str]:
        kept = [self._prefix + name for name in names if not _GENERATED.intersection(name.split("/")[:-1])]
        if any("platforms/" in name for name in kept):
            platforms = tuple(self._prefix + folder for folder in self._cordova_platforms())
            kept = [name for name in kept if not name.startswith(platforms)] if platforms else kept
        return [name for name in kept if not self._exclude.search(name)]

    def _cordova_platforms(self) -> Iterator[str]:
        """The generated ``platforms/`` folders: those beside a Cordova ``config.xml``."""
        for entry in self._listed:
            if entry.endswith(("/config.xml", "H config.xml", "? config.xml")) or entry == "config.xml":
                yield entry.removeprefix("H ").removeprefix("? ").removesuffix("config.xml") + "platforms/"


def _other_repositories(place: str, listed: Sequence[str]) -> Iterator[str]:
    """Repositories inside this one: those that git lists as a folder, and submodules checked out."""
    for entry in listed:
        if entry.endswith("/"):
            yield entry[2:-1]
        elif entry.endswith(".gitmodules"):
            yield from _submodules(place, entry[2:].removesuffix(".gitmodules"))


def _submodules(place: str, folder: str) -> Iterator[str]:
    path = os.path.join(place, folder, ".gitmodules")
    try:
        with open(path, "rb", opener=_no_follow) as file:
            text = os.fsdecode(file.read(100_000))
    except OSError:
        return
    for name in re.findall(r"(?m)^[ \t]*path[ \t]*=[ \t]*(.*\S)", text):
        inside = os.path.normpath(os.path.join(place, folder, name))
        if inside.startswith(os.path.normpath(place) + os.sep) and os.path.lexists(
            os.path.join(inside, ".git")
        ):
            yield folder + name


def _starting_rarely(marker: bytes) -> bytes:
    """The marker from its first character on that is not common in code, if enough is left.

    An expression is tried wherever one of its first characters stands: searching for these takes half the
    time, and finds some more files, in which the marker itself is looked for again.
    """
    start = next((n for n, byte in enumerate(marker) if byte not in b"etioarnslcdumg"), 0)
    return marker[start:] if len(marker) - start >= SHORTEST_MARKER else marker


def _pathspecs(parsers: Iterable[Parser]) -> tuple[str, ...]:
    """Patterns for git that let through all that the globs fit, and little else.

    With one leading star git compares plain ends, which is several times as fast as matching globs.
    """
    ends = {tail for parser in parsers for tail in tails(parser.files)}
    needed = (end for end in ends if not any(end != other and end.endswith(other) for other in ends))
    return tuple(sorted("*" + end for end in needed))


def _globs(each: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(glob for globs in each for glob in globs))


def _relative(path: str, root: str) -> str:
    """``path`` as seen from ``root``, with ``/``; ``.`` is the root itself."""
    full = os.path.realpath(os.path.join(root, path))
    relative = os.path.relpath(full, os.path.realpath(root)).replace(os.sep, "/")
    if relative == ".." or relative.startswith("../"):
        raise UsageError(f"{path}: lies outside {root}")
    return relative


def _no_follow(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
