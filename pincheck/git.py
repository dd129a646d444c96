"""The only place that runs git, hardened against what a hostile repository may configure.

Nothing run here reads a repository's hooks, file system monitor, filters, pagers or remotes, and no
variable of the environment but those named below reaches it, so no token does either.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterable

_OPTIONS = (
    "--no-pager",
    "--no-optional-locks",
    "--literal-pathspecs",
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


class Running:
    """A git command under way; ``fields`` waits for it."""

    def __init__(self, folder: str, arguments: tuple[str, ...], glob: bool = False) -> None:
        options = [option for option in _OPTIONS if not (glob and option == "--literal-pathspecs")]
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ} | _SET
        try:
            self._process = subprocess.Popen(
                [_program(), *options, *arguments],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        except OSError as error:
            raise GitFailed(f"git cannot be run: {error.strerror}") from None

    def fields(self, accepted: tuple[int, ...] = (0,)) -> list[str]:
        """The NUL-separated output; raise ``GitFailed`` for an exit code not ``accepted``."""
        output, complaint = self._process.communicate()
        if self._process.returncode not in accepted:
            message = complaint.decode("utf-8", "replace").strip()
            first = message.partition("\n")[0].removeprefix("fatal: ")
            raise (DubiousOwnership if "dubious ownership" in message else GitFailed)(first)
        return os.fsdecode(output.removesuffix(b"\0")).split("\0") if output else []


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


def containing(
    folder: str, markers: Iterable[bytes], pathspecs: Iterable[str], text_only: bool = False
) -> Running:
    """Start listing the tracked files, as they are in the work tree, that hold one of ``markers``.

    git grep takes no ``--end-of-options`` before git 2.43; ``--`` guards the only operands it gets.
    """
    only = ("-I",) if text_only else ()
    arguments = ("grep", "-lz", *only, "--no-recurse-submodules", "--no-textconv", *_wanted(set(markers)))
    return Running(folder, (*arguments, "--", *pathspecs), glob=True)


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
