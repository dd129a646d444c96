"""Paths -> the SourceFiles worth parsing.

In a git work tree, and in a commit, git lists the files and searches them for the formats' markers, at the
speed of the fastest search tools; elsewhere, and for untracked files, the folder is walked and read here.
"""

import os
import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from pincheck import git
from pincheck.errors import UsageError
from pincheck.model import NotChecked, SourceFile
from pincheck.registry import ANY_FILE, Parser, claiming, compiled, fits, tails
from pincheck.trees import Names, Refused, Search, Tree

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
_GIT_LOOKS_AT = 8000
"""Bytes in which a NUL makes a file binary, as git sees it unless attributes tell otherwise (xdiff-interface.c)."""


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

    def searches(self) -> list[Search]:
        """The searches for markers: through named files, and through the text of all others."""
        named = [parser for parser in self._named if parser.markers]
        anywhere = {m for parser in self.parsers if parser.files == ANY_FILE for m in parser.markers}
        markers = {marker for parser in named for marker in parser.markers} | anywhere
        pathspecs = _pathspecs(named)
        found = []
        if named:
            sought = {*map(_starting_rarely, markers), *_BYTE_ORDER_MARKS}
            found.append(Search(tuple(sorted(sought)), (*pathspecs, f":(exclude){_TRANSLATED}")))
        if anywhere:
            others = (".", *(f":(exclude){pathspec}" for pathspec in pathspecs))
            found.append(Search(tuple(sorted(anywhere)), others, text_only=True))
        return found


def discover(
    paths: Sequence[str],
    tree: Tree,
    parsers: Sequence[Parser],
    exclude: Sequence[str] = (),
    watch: Watch = unwatched,
) -> Discovery:
    """Return the files below ``paths`` that some parser wants, in order of their path.

    ``paths`` are relative to the tree's root or absolute, and lie in it. A file named there is read
    whatever its folder; a folder named there is read although it may be generated or ignored.
    """
    return start(paths, tree, parsers, exclude).read(watch)


def start(
    paths: Sequence[str], tree: Tree, parsers: Sequence[Parser], exclude: Sequence[str] = ()
) -> "Listing":
    """Begin what ``discover`` does, and let git work while the caller does something else."""
    listing = Listing(tree, _Formats(parsers), compiled(tuple(exclude)))
    for path in dict.fromkeys(paths):
        listing.add(tree.resolved(path))
    return listing


class Listing:
    """Collects the names to read, each once."""

    def __init__(self, tree: Tree, formats: _Formats, exclude: re.Pattern[str]) -> None:
        self._tree = tree
        self._formats = formats
        self._exclude = exclude
        self._seen = 0
        self._at_work: list[_AtWork] = []
        self.is_large = False
        """Whether git will take longer than Python needs to load what reads the files."""
        self._to_read: set[str] = set()
        self._if_text: set[str] = set()
        self._to_search: set[str] = set()
        self._not_checked: list[NotChecked] = []
        self._skipped = 0
        self._notes: list[str] = []
        self._walked: list[str] = []
        self._kept: dict[str, _Kept] = {}
        self._given: set[str] = set()

    def add(self, path: str) -> None:
        kind = self._tree.kind(path)
        if kind == "folder":
            self._add_folder(path)
        elif kind == "file":
            self._seen += 1
            self._to_read.add(path)
        else:
            raise UsageError(f"{path}: no such file or folder")

    def _add_folder(self, folder: str) -> None:
        self.is_large = self.is_large or self._tree.is_large(folder)
        try:
            if names := self._tree.listing(folder):
                searches = [(each, self._tree.search(folder, each)) for each in self._formats.searches()]
                self._at_work.append(_AtWork(folder, names, searches))
                return
        except git.GitFailed as error:
            self._say(error)
        self._add_walk(folder)

    def _collect(self, at_work: "_AtWork") -> None:
        """Wait for git; walk the folder if it refuses, or knows nothing of it."""
        try:
            found = self._add_with_git(*at_work)
        except git.DubiousOwnership:
            top = git.work_tree(os.path.join(self._tree.root, at_work.folder))
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

    def _add_with_git(
        self,
        folder: str,
        listing: Callable[[], Names],
        searches: Iterable[tuple[Search, Callable[[], list[str]]]],
    ) -> bool:
        """Take what git listed and found in a folder; False if it knows nothing of it."""
        names = listing()
        keep = _Kept("" if folder == "." else folder + "/", self._exclude, (*names.all, *names.left_out))
        self._kept[folder] = keep
        loose, special = keep(names.loose), keep(self._formats.special(names.all))
        for search, found in searches:
            (self._if_text if search.text_only else self._to_read).update(keep(found()))
        self._to_read.update(filter(self._formats.unmarked, special))
        self._to_search.update(loose, filter(self._formats.expected, special))
        self._seen += len(names.all)
        self._not_checked.extend(
            NotChecked(path, "a git repository of its own; run pincheck in it")
            for path in keep(self._other_repositories(folder, names.all))
        )
        if left_out := len(keep(names.left_out)):
            what = f"{left_out:,} files" if left_out > 1 else "one file"
            self._not_checked.append(NotChecked(what, "left out by the sparse checkout", is_path=False))
        return bool(names.all or names.left_out)

    def _add_walk(self, folder: str) -> None:
        found = list(self._tree.walk(folder, self._unreadable_folder, _GENERATED))
        self._seen += len(found)
        kept = _Kept("" if folder == "." else folder + "/", self._exclude, found)(found)
        self._walked += kept
        self._to_search.update(kept)

    def _unreadable_folder(self, error: OSError) -> None:
        path = os.path.relpath(str(error.filename), self._tree.root).replace(os.sep, "/")
        self._not_checked.append(NotChecked(path, f"the folder cannot be read: {error.strerror}"))

    def read(self, watch: Watch = unwatched) -> Discovery:
        """Wait for git, and read what it found."""
        for at_work in self._at_work:
            self._collect(at_work)
        sources = []
        for path in watch(sorted(self._to_read | self._if_text | self._to_search), "reading files"):
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
        found = [path for path in self._standing(map(str.encode, wanted), FILES) if path not in self._given]
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
        found = self._standing(wanted, globs)
        for path in found if len(found) <= MAX_CANDIDATES else ():
            data = self._contents(path)
            if data is not None and any(host in data for host in wanted):
                yield SourceFile(path, data)

    def _standing(self, texts: Iterable[bytes], globs: tuple[str, ...]) -> list[str]:
        """The files of some names that hold one of the texts, or that nobody searched, in order."""
        search = Search(tuple(texts), tuple("*" + tail for tail in tails(globs)))
        paths = set(self._walked)
        for folder, keep in self._kept.items():
            paths.update(keep(self._tree.search(folder, search)()))
        return [path for path in sorted(paths) if fits(path, globs)]

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
            data = self._tree.contents(path)
            return self._expected(path, data) if data is not None else None
        except Refused as refusal:
            reason = str(refusal)
        except OSError as error:
            reason = f"cannot be read: {error.strerror}"
        if self._formats.named(path):
            self._not_checked.append(NotChecked(path, reason))
        else:
            self._skipped += 1
        return None

    def _expected(self, path: str, data: bytes) -> bytes | None:
        """The bytes, or None if only a text was wanted and that is none.

        Raise ``Refused`` for a file that should be of some format and is neither text nor a binary plist.
        """
        if path in self._to_read:
            return data
        if path in self._if_text and path not in self._to_search and b"\0" in data[:_GIT_LOOKS_AT]:
            return None
        if path in self._to_search and self._formats.expected(path):
            text = data.startswith((b"bplist", *_BYTE_ORDER_MARKS, b"<\0", b"\0<"))
            if b"\0" in data[:8192] and not text:
                raise Refused("binary, not the text that its name promises")
        return data

    def _other_repositories(self, folder: str, listed: Sequence[str]) -> Iterator[str]:
        """Repositories inside this one: those that git lists as a folder, and submodules checked out."""
        for name in listed:
            if name.endswith("/"):
                yield name[:-1]
            elif name.endswith(".gitmodules"):
                yield from self._submodules(folder, name.removesuffix(".gitmodules"))

    def _submodules(self, folder: str, inner: str) -> Iterator[str]:
        try:
            held = self._tree.contents(f"{folder}/{inner}.gitmodules".removeprefix("./"))
        except (Refused, OSError):
            return
        place = os.path.normpath(os.path.join(self._tree.root, folder))
        for name in re.findall(r"(?m)^[ \t]*path[ \t]*=[ \t]*(.*\S)", os.fsdecode((held or b"")[:100_000])):
            inside = os.path.normpath(os.path.join(place, inner, name))
            if inside.startswith(place + os.sep) and os.path.lexists(os.path.join(inside, ".git")):
                yield inner + name


class _AtWork(NamedTuple):
    """What git does for one folder."""

    folder: str
    names: Callable[[], Names]
    searches: list[tuple[Search, Callable[[], list[str]]]]


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
        for name in self._listed:
            if name == "config.xml" or name.endswith("/config.xml"):
                yield name.removesuffix("config.xml") + "platforms/"


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
