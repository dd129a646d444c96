"""The only place that runs git, hardened against what a hostile repository may configure.

Nothing run here reads a repository's hooks, file system monitor, filters, pagers or remotes, and no
variable of the environment but those named below reaches it, so no token does either. ``fetch`` alone
asks a remote, with whatever the repository's configuration says about reaching it.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

_OPTIONS = (
    "--no-pager",
    "--no-optional-locks",
    "--literal-pathspecs",
    "--no-replace-objects",
    "-c", "safe.bareRepository=explicit",
    "-c", "core.fsmonitor=false",
    "-c", "core.hooksPath=/dev/null",
    "-c", "core.untrackedCache=false",
    "-c", "core.quotePath=false",
    "-c", "submodule.recurse=false",
)  # fmt: skip
_PASSED_ON = ("PATH", "HOME", "USERPROFILE", "XDG_CONFIG_HOME", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP")
_SET = {
    "LC_ALL": "C",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_ATTR_NOSYSTEM": "1",
}
_HASH = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


class GitFailed(Exception):
    """git refused; the message is its own first line."""


class DubiousOwnership(GitFailed):
    """git does not trust the folder because another user owns it (container jobs)."""


def work_tree(folder: str) -> str:
    """The work tree that ``folder`` lies in, or an empty string; told without running git."""
    folder = os.path.realpath(folder)
    while True:
        if os.path.exists(os.path.join(folder, ".git")):
            return folder
        parent = os.path.dirname(folder)
        if parent == folder:
            return ""
        folder = parent


class ObjectsMissing(GitFailed):
    """A partial clone lacks objects of commits."""

    def __init__(self, objects: int, names: Sequence[str]) -> None:
        super().__init__(f"{objects:,} of its objects are not here, because this is a partial clone")
        self.commits = tuple(names)
        """By their hashes."""


class Running:
    """A git command under way; ``fields`` waits for it."""

    def __init__(self, folder: str, arguments: tuple[str, ...], glob: bool = False) -> None:
        self._process = _started(folder, arguments, glob)

    def output(self, accepted: tuple[int, ...] = (0,), strict: bool = False) -> bytes:
        """What git printed; raise ``GitFailed`` for an exit code not ``accepted``.

        With ``strict`` an error is a failure whatever the code: git grep goes on where an object is missing.
        """
        output, complaint = self._process.communicate()
        wrong = strict and re.search(rb"(?m)^(?:error|fatal): ", complaint)
        if wrong or self._process.returncode not in accepted:
            raise _failure(complaint)
        return output

    def fields(self, accepted: tuple[int, ...] = (0,), strict: bool = False) -> list[str]:
        """The NUL-separated output."""
        output = self.output(accepted, strict)
        return os.fsdecode(output.removesuffix(b"\0")).split("\0") if output else []


def _started(
    folder: str,
    arguments: Sequence[str],
    glob: bool = False,
    more: Mapping[str, str] | None = None,
    stdin: int = subprocess.DEVNULL,
    stderr: int = subprocess.PIPE,
) -> "subprocess.Popen[bytes]":
    """Start git; ``more`` are variables of the environment that it gets beside the usual ones."""
    options = [option for option in _OPTIONS if not (glob and option == "--literal-pathspecs")]
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ} | _SET
    try:
        return subprocess.Popen(
            [_program(), *options, *arguments],
            cwd=folder,
            env={**environment, **(more or {})},
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=stderr,
            start_new_session=more is not None,
        )
    except OSError as error:
        raise GitFailed(f"git cannot be run: {error.strerror}") from None


def _failure(complaint: bytes) -> GitFailed:
    message = complaint.decode("utf-8", "replace").strip()
    told = [line for line in message.split("\n") if not line.startswith("warning: ")]
    first = "".join(told[:1]).removeprefix("fatal: ").removeprefix("error: ")
    return (DubiousOwnership if "dubious ownership" in message else GitFailed)(first or "it gave no reason")


def _program() -> str:
    """The first git of an absolute folder on the PATH: never one that lies in the repository read."""
    name = "git.exe" if os.name == "nt" else "git"
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        path = os.path.join(folder, name)
        if os.path.isabs(folder) and os.access(path, os.X_OK) and os.path.isfile(path):
            return path
    raise GitFailed("git is not installed")


def files(folder: str) -> Running:
    """Start listing the files below ``folder``, relative to it: tracked, and untracked but not ignored.

    Each name follows a letter and a blank; the letter of an untracked file is ``?``.
    """
    asked = ("ls-files", "-z", "-t", "--cached", "--others", "--exclude-standard")
    return Running(folder, (*asked, "--end-of-options", "--", "."))


def containing(folder: str, markers: Iterable[bytes], pathspecs: Iterable[str], tree: str = "") -> Running:
    """Start listing the files that hold one of ``markers``: the tracked ones as they are in the work tree.

    With ``tree``, the hash of a tree object, those of that tree, each name behind the hash and a colon; the
    folder is then the top of a work tree. Attributes decide nothing: a file that is declared binary is searched.
    git grep takes no ``--end-of-options`` before git 2.43; ``--`` guards the only operands it gets.
    """
    arguments = ("grep", "-lz", "--no-recurse-submodules", "--no-textconv", *_wanted(set(markers)))
    return Running(folder, (*arguments, *([tree] if tree else []), "--", *pathspecs), glob=True)


def _wanted(markers: set[bytes]) -> tuple[str, ...]:
    """The markers as git grep takes them, without those that hold another.

    git looks for fixed strings one after the other, and for an expression with all of them at once:
    with fifty, twice as fast. How a Mac's regular expressions do is not known, so they are not used there.
    """
    needed: list[bytes] = []
    for marker in sorted(markers, key=lambda each: (len(each), each)):
        if not any(shorter in marker for shorter in needed):
            needed.append(marker)
    if sys.platform == "darwin":
        return ("-F", *(word for marker in needed for word in ("-e", os.fsdecode(marker))))
    return (
        "-E",
        "-e",
        "|".join(os.fsdecode(re.sub(rb"([][\\.*+?(){}^$|])", rb"\\\1", each)) for each in needed),
    )


# commits -----------------------------------------------------------------------


def is_hash(text: str) -> bool:
    """Tell whether a text is the full hash of an object, SHA-1 or SHA-256."""
    return bool(_HASH.fullmatch(text))


def commit(folder: str, revision: str) -> str:
    """The full hash of a commit that is here, or an empty string; raise ``GitFailed`` if git refuses to look.

    ``revision`` may come from anybody: it is never taken for an option, and no text makes it a range.
    """
    if not revision.isprintable() or revision.startswith(("-", "^")) or not 0 < len(revision) <= 300:
        return ""
    wanted = f"{revision}^{{commit}}"
    found = Running(folder, ("rev-parse", "--verify", "--quiet", "--end-of-options", wanted)).output((0, 1))
    name = found.decode("ascii", "replace").strip()
    return name if is_hash(name) else ""


def known(folder: str, revision: str) -> str:
    """As ``commit``; a branch may be known as one of ``origin`` only, as in a checkout of one commit."""
    found = commit(folder, revision)
    return found if found or is_hash(revision) else commit(folder, f"refs/remotes/origin/{revision}")


def parents(folder: str, name: str) -> tuple[str, ...]:
    """The parents that the commit with the hash ``name`` names, be they here or not; raise ``GitFailed``."""
    head = Running(folder, ("cat-file", "commit", _hash(name))).output().partition(b"\n\n")[0]
    return tuple(line[7:].decode("ascii") for line in head.split(b"\n") if line.startswith(b"parent "))


def merge_base(folder: str, one: str, other: str) -> str:
    """The best common ancestor of two commits given by their hashes, or an empty string if none is here."""
    found = Running(folder, ("merge-base", _hash(one), _hash(other))).output((0, 1))
    return found.decode("ascii", "replace").partition("\n")[0].strip()


def is_shallow(folder: str) -> bool:
    """Tell whether the history is cut off."""
    return Running(folder, ("rev-parse", "--is-shallow-repository")).output().strip() == b"true"


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
        compared = ("diff-tree", *options, *plain, _hash(base), _hash(head), "--")
    else:
        compared = ("diff-index", "--cached", *options, *plain, _hash(base), "--")
    fields = Running(folder, compared).fields()
    return {fields[at + 2]: fields[at + 1] for at in range(0, len(fields) - 2, 3)}


def left_out(folder: str) -> frozenset[str]:
    """The tracked files, relative to the top ``folder``, that a sparse checkout leaves out of the work tree."""
    listed = Running(folder, ("ls-files", "-z", "-t", "--cached", "--end-of-options", "--", ".")).fields()
    return frozenset(entry[2:] for entry in listed if entry.startswith("S "))


def _hash(name: str) -> str:
    if not is_hash(name):
        raise GitFailed(f"{name[:80]!r} is no hash of a commit")
    return name


# trees -------------------------------------------------------------------------


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
    asked = ("ls-tree", "-r", "-t", "-l", "-z", "--full-tree", _hash(name))
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
    if missing := _missing(folder, names):
        raise ObjectsMissing(len(missing), names)


def _missing(folder: str, names: Sequence[str]) -> list[str]:
    """The objects of commits, by their hashes, that a partial clone has not brought.

    Of a folder that is missing itself, what it holds is not known.
    """
    partial = ("config", "--get-regexp", r"^(extensions\.partialclone|remote\..*\.promisor)$")
    if not Running(folder, partial).output((0, 1)):
        return []
    asked = ("rev-list", "--objects", "--no-walk", "--missing=print", *map(_hash, names), "--")
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
            self._reading = _started(
                self._folder, ("cat-file", "--batch"), stdin=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        into, out = self._reading.stdin, self._reading.stdout
        assert into
        assert out
        try:
            into.write(_hash(name).encode() + b"\n")
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


# fetching ----------------------------------------------------------------------

FETCH_SECONDS = 300
MAX_COMPLETED = 50_000
"""Objects; who left out more has a reason not to want them."""
_REF = re.compile(r"refs/[A-Za-z0-9._/+@#=,-]{1,250}")
_REACHED_BY = (
    *(
        "http_proxy",
        "https_proxy",
        "no_proxy",
        "all_proxy",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "NO_PROXY",
        "ALL_PROXY",
    ),
    *("SSH_AUTH_SOCK", "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO"),
)
"""Variables that say how a remote is reached."""
_FETCHING = (
    "-c", "gc.auto=0",
    "-c", "maintenance.auto=false",
    "-c", "fetch.writeCommitGraph=false",
    "-c", "credential.interactive=never",
    "-c", "remote.origin.uploadpack=git-upload-pack",
    "fetch", "--quiet", "--no-write-fetch-head", "--no-tags", "--no-prune", "--no-auto-gc",
    "--recurse-submodules=no", "--refmap=",
)  # fmt: skip


def fetch(folder: str, refs: Iterable[str]) -> None:
    """Bring commits from ``origin``: full hashes, or whole names of refs (``refs/pull/7/head``), at once.

    Only objects come: no ref moves, and the work tree stays. Of history no more comes than the commits
    themselves where it is cut off already; a whole history would be cut off by that, so it is left whole. A
    partial clone stays one: see ``complete``. Raise ``GitFailed``, also after ``FETCH_SECONDS``.
    """
    wanted = [ref for ref in dict.fromkeys(refs) if not (is_hash(ref) and commit(folder, ref))]
    for ref in wanted:
        if not is_hash(ref) and (not _REF.fullmatch(ref) or ".." in ref or "@{" in ref):
            raise GitFailed(f"{ref[:80]!r} is no name of a ref")
    if wanted:
        depth = ("--depth=1",) if is_shallow(folder) else ()
        _bring(folder, (*_FETCHING, *depth), wanted)


def complete(folder: str, names: Sequence[str]) -> None:
    """Bring from ``origin`` what a partial clone lacks of commits that are here, given by their hashes.

    Raise ``GitFailed``, also where that is more than ``MAX_COMPLETED`` objects.
    """
    missing = _missing(folder, names)
    if len(missing) > MAX_COMPLETED:
        raise ObjectsMissing(len(missing), names)
    if missing:
        # The remote leaves out what belongs to commits that it is told are here, and that is what is needed.
        _bring(folder, ("-c", "fetch.negotiationAlgorithm=noop", *_FETCHING, "--no-filter"), missing)


def _bring(folder: str, fetching: Sequence[str], wanted: Sequence[str]) -> None:
    more = {name: os.environ[name] for name in _REACHED_BY if name in os.environ}
    more |= {"GIT_ALLOW_PROTOCOL": "https:http:ssh:file", "GIT_ASKPASS": "", "SSH_ASKPASS": ""}
    arguments = (*fetching, "--stdin", "--end-of-options", "origin")
    process = _started(folder, arguments, more=more, stdin=subprocess.PIPE)
    try:
        _, complaint = process.communicate("\n".join(wanted).encode(), timeout=FETCH_SECONDS)
    except subprocess.TimeoutExpired:
        _end(process)
        raise GitFailed(f"origin did not answer in {FETCH_SECONDS} seconds") from None
    except BaseException:
        _end(process)
        raise
    if process.returncode:
        raise _failure(complaint)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End git and what it started to reach the remote, which would outlive it."""
    if os.name == "posix":
        import signal
        from contextlib import suppress

        with suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.communicate()
