"""How git is run: the program, its options and its environment.

Nothing run here reads a repository's hooks, file system monitor, filters, pagers or remotes, and no
variable of the environment but those named below reaches it, so no token does either.
"""

import os
import re
import subprocess
from collections.abc import Mapping, Sequence

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


class GitFailed(Exception):
    """git refused; the message is its own first line."""


class DubiousOwnership(GitFailed):
    """git does not trust the folder because another user owns it (container jobs)."""


class Running:
    """A git command under way; ``fields`` waits for it."""

    def __init__(self, folder: str, arguments: tuple[str, ...], glob: bool = False) -> None:
        self._process = started(folder, arguments, glob)

    def output(self, accepted: tuple[int, ...] = (0,), strict: bool = False) -> bytes:
        """What git printed; raise ``GitFailed`` for an exit code not ``accepted``.

        With ``strict`` an error is a failure whatever the code: git grep goes on where an object is missing.
        """
        output, complaint = self._process.communicate()
        wrong = strict and re.search(rb"(?m)^(?:error|fatal): ", complaint)
        if wrong or self._process.returncode not in accepted:
            raise failure(complaint)
        return output

    def fields(self, accepted: tuple[int, ...] = (0,), strict: bool = False) -> list[str]:
        """The NUL-separated output."""
        output = self.output(accepted, strict)
        return os.fsdecode(output.removesuffix(b"\0")).split("\0") if output else []


def started(
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


def failure(complaint: bytes) -> GitFailed:
    """What git complains of, as an error."""
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
