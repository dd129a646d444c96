"""Start the Action: make it a virtual environment of its own, and run ``pincheck.action`` there.

Run by action.yml with ``python -I``, outside the workspace, which may be a stranger's pull request that
holds ``venv.py``, ``pip/`` or ``pincheck/``: every Python here is isolated, starts in a folder of our
own, and sees none of the environment's ``PYTHON…`` variables.

The environment lies in the runner's temporary folder, which the runner empties before and after each
job: later steps of the job find it there, and no other job ever does.
"""

import hashlib
import importlib.util
import os
import shutil
import signal
import stat
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
LOCK = HERE / "requirements.lock"
READY = "ready"
"""Stands in an environment that is whole."""
TOKENS = (
    "PINCHECK_TOKEN", "GITHUB_TOKEN", "GH_TOKEN", "ACTIONS_RUNTIME_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
)  # fmt: skip
_ELSEWHERE = ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_DRY_RUN", "PIP_PYTHON")
"""Variables by which pip would install somewhere else, or nothing, and be content."""
_INSTALL = (
    "install", "--quiet", "--disable-pip-version-check", "--no-input", "--no-compile",
    "--require-hashes", "--only-binary=:all:", "--no-deps", "--no-user",
)  # fmt: skip


class _Failed(Exception):
    """The environment cannot be made; the message says why."""


def main() -> int:
    """Return the exit code of ``pincheck.action``, or 2 if it could not be installed."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    try:
        folder = _kept() or _new(_for_installers(variables))
        code = _run(folder, variables, str(_python(folder)), "-m", "pincheck.action")
    except _Failed as failed:
        return _refused(str(failed))
    except OSError as error:
        return _refused(f"{error.filename or LOCK}: {error.strerror}")
    if not _temporary():
        shutil.rmtree(folder, ignore_errors=True)
    return code


def _for_installers(variables: dict[str, str]) -> dict[str, str]:
    """The variables without what they are not to see."""
    return {name: value for name, value in variables.items() if name not in (*TOKENS, *_ELSEWHERE)}


def _refused(why: str) -> int:
    print(f"::error title=pincheck::pincheck did not run: {why}", flush=True)
    return 2


def _temporary() -> str:
    """The runner's folder for this job; empty if there is none, and then nothing is kept."""
    return os.environ.get("RUNNER_TEMP", "")


def _place() -> Path:
    """Where this very environment is kept: any other Action, Python or lock has another place."""
    parts = (str(HERE), sys.version, sys.platform, sysconfig.get_platform(), os.path.realpath(sys.executable))
    key = hashlib.sha256(
        b"\0".join([*(part.encode("utf-8", "surrogateescape") for part in parts), LOCK.read_bytes()])
    )
    return Path(_temporary(), f"pincheck-{key.hexdigest()[:16]}")


def _kept() -> Path | None:
    """The environment that an earlier step left, if it is whole and nobody else could have made it."""
    if not _temporary():
        return None
    place = _place()
    return place if _is_ours(place) and (place / READY).is_file() and _python(place).exists() else None


def _is_ours(folder: Path) -> bool:
    """Whether this is a folder, no link, that belongs to us and that nobody else may write to.

    Windows has no such mode; its temporary folders belong to their user alone.
    """
    try:
        status = os.lstat(folder)
    except OSError:
        return False
    tag: int = getattr(status, "st_reparse_tag", 0)  # a junction of Windows has one
    if tag or not stat.S_ISDIR(status.st_mode):
        return False
    return sys.platform == "win32" or (status.st_uid == os.getuid() and not status.st_mode & 0o077)


def _keep(draft: Path) -> Path:
    """Put a whole environment where later steps look for it; where that cannot be done it is used as it is."""
    if not _temporary():
        return draft
    place = _place()
    try:
        (draft / READY).touch()
        os.rename(draft, place)
    except OSError:  # another step was faster, or something has a file open, as a virus scanner
        return draft
    return place


def _new(variables: dict[str, str]) -> Path:
    """An environment made now, kept if it can be."""
    draft = Path(tempfile.mkdtemp(prefix="pincheck-", dir=_temporary() or None))
    try:
        _make(draft, variables)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return _keep(draft)


def _make(folder: Path, variables: dict[str, str]) -> None:
    has_pip = importlib.util.find_spec("pip") is not None  # then the environment needs none: 3 s less
    options = ("--without-pip",) if has_pip else ()
    if _run(folder, variables, sys.executable, "-m", "venv", *options, str(folder / "venv")):
        raise _Failed("the runner's Python cannot make a virtual environment; add actions/setup-python")
    own = str(_python(folder))
    pip = (sys.executable, "-m", "pip", "--python", own) if has_pip else (own, "-m", "pip")
    if _run(folder, variables, *pip, *_INSTALL, "--requirement", str(LOCK)):
        raise _Failed("its dependencies could not be installed; the lines above say why")
    _add_pincheck(folder / "venv")


def _run(folder: Path, variables: dict[str, str], python: str, *arguments: str) -> int:
    """Run Python to its end. A runner that cancels a job interrupts this process alone: it is passed on.

    Windows interrupts all that share a console.
    """
    command = (python, "-I", "-X", "utf8", *arguments)
    with subprocess.Popen(command, cwd=folder, env=variables) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                if os.name == "posix":
                    process.send_signal(signal.SIGINT)


def _python(folder: Path) -> Path:
    return folder / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _add_pincheck(environment: Path) -> None:
    """Let its Python import this checkout as it is: nothing is built, so nothing of a build is run."""
    base = str(environment)
    packages = Path(sysconfig.get_path("purelib", "venv", vars={"base": base, "platbase": base}))
    (packages / "pincheck.pth").write_text(f"{HERE}\n", encoding="locale")


if __name__ == "__main__":
    sys.exit(main())
