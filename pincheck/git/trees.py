"""What the trees of commits hold, and which files were renamed from one to the other."""

import subprocess
from collections.abc import Sequence
from typing import NamedTuple

from pincheck.git.commits import commit, expect_hash
from pincheck.git.running import GitFailed, Running, started


class ObjectsMissing(GitFailed):
    """A partial clone lacks objects of commits."""

    def __init__(self, objects: int, names: Sequence[str]) -> None:
        super().__init__(f"{objects:,} of its objects are not here, because this is a partial clone")
        self.commits = tuple(names)
        """By their hashes."""


class Entry(NamedTuple):
    """What stands at a path of a commit's tree."""

    mode: str
    """``100644``, ``100755`` a file; ``120000`` a link; ``160000`` a submodule; ``040000`` a folder."""
    name: str
    """The object's hash."""
    size: int
    """Bytes; 0 but for files and links."""


def entries(folder: str, name: str) -> dict[str, Entry]:
    """All that the tree of the commit with the hash ``name`` holds, by path from the top, in git's order.

    Raise ``GitFailed``, also where a partial clone has not brought all of it.
    """
    _expect_all(folder, [name])
    asked = ("ls-tree", "-r", "-t", "-l", "-z", "--full-tree", expect_hash(name))
    found = {}
    for field in Running(folder, asked).fields(strict=True):
        words, _, path = field.partition("\t")
        mode, _, hashed, size = words.split()
        if size == "BAD":
            raise GitFailed(f"the contents of {path} are not here")
        found[path] = Entry(mode, hashed, int(size) if size != "-" else 0)
    return found


def _expect_all(folder: str, names: Sequence[str]) -> None:
    """Raise ``ObjectsMissing`` where a partial clone lacks some of commits: each would be asked for singly."""
    if lacking := missing(folder, names):
        raise ObjectsMissing(len(lacking), names)


def missing(folder: str, names: Sequence[str]) -> list[str]:
    """The objects of commits, by their hashes, that a partial clone has not brought.

    Of a folder that is missing itself, what it holds is not known.
    """
    partial = ("config", "--get-regexp", r"^(extensions\.partialclone|remote\..*\.promisor)$")
    if not Running(folder, partial).output((0, 1)):
        return []
    asked = ("rev-list", "--objects", "--no-walk", "--missing=print", *map(expect_hash, names), "--")
    listed = Running(folder, asked).output().decode("ascii", "replace").split("\n")
    return [line[1:] for line in listed if line.startswith("?")]


class Objects:
    """Reads the contents of objects, as they are stored: no filter and no line ending is applied."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._reading: subprocess.Popen[bytes] | None = None

    def read(self, name: str) -> bytes:
        """The contents of an object; who asks knows its size, which is the bound on memory."""
        if not self._reading:
            self._reading = started(
                self._folder, ("cat-file", "--batch"), stdin=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        into, out = self._reading.stdin, self._reading.stdout
        assert into
        assert out
        try:
            into.write(expect_hash(name).encode() + b"\n")
            into.flush()
            told = out.readline().split()
            if len(told) != 3:
                raise GitFailed(f"the object {name} is not here")
            data = out.read(int(told[2]) + 1)
        except OSError as error:
            raise GitFailed(f"git stopped: {error.strerror}") from None
        return data[:-1]

    def close(self) -> None:
        """End git."""
        if self._reading:
            self._reading.kill()
            self._reading.communicate()
            self._reading = None


RENAMES = 1000
"""With more files added and removed than that, git looks for unchanged ones only."""


def renames(folder: str, base: str, head: str = "") -> dict[str, str]:
    """Path now -> path before, relative to ``folder``, of the files that git takes for renamed.

    ``base`` and ``head`` are hashes of commits; without ``head`` the index is compared. The work tree is
    not looked at, so no filter runs. Raise ``GitFailed``, also where a partial clone lacks what is compared.
    """
    _expect_all(folder, [base, head or commit(folder, "HEAD") or base])
    options = ("-r", "-M", f"-l{RENAMES}", "--diff-filter=R", "--name-status", "-z", "--relative")
    plain = ("--no-ext-diff", "--no-textconv", "--ignore-submodules=all", "--no-color")
    if head:
        compared = ("diff-tree", *options, *plain, expect_hash(base), expect_hash(head), "--")
    else:
        compared = ("diff-index", "--cached", *options, *plain, expect_hash(base), "--")
    fields = Running(folder, compared).fields()
    return {fields[at + 2]: fields[at + 1] for at in range(0, len(fields) - 2, 3)}
