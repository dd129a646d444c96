"""Start the Action: make it a virtual environment of its own, and run ``pincheck.action`` there.

Run by action.yml with ``python -I``. The workspace is the current folder and may be a stranger's
pull request that holds ``venv.py``, ``pip/`` or ``pincheck/``: every Python here is isolated, starts
in a folder of our own, and sees none of the environment's ``PYTHON…`` variables.
"""

import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent


def main() -> int:
    """Return the exit code of ``pincheck.action``, or 2 if it could not be installed."""
    folder = Path(tempfile.mkdtemp(prefix="pincheck-", dir=os.environ.get("RUNNER_TEMP") or None))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment.setdefault("GITHUB_WORKSPACE", os.getcwd())

    def python(executable: str, *arguments: str) -> int:
        return subprocess.run(
            (executable, "-I", "-X", "utf8", *arguments), cwd=folder, env=environment, check=False
        ).returncode

    has_pip = importlib.util.find_spec("pip") is not None  # then the new environment needs none: 2 s less
    options = ("--without-pip",) if has_pip else ()
    if python(sys.executable, "-m", "venv", *options, str(folder / "venv")):
        return _failed("the runner's Python cannot make a virtual environment; add actions/setup-python")
    own = str(folder / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))
    pip = (sys.executable, "-m", "pip", "--python", own) if has_pip else (own, "-m", "pip")
    if python(*pip, *_INSTALL, "--requirement", str(HERE / "requirements.lock")):
        return _failed("its dependencies could not be installed; the lines above say why")
    _add_pincheck(own)
    return python(own, "-m", "pincheck.action")


_INSTALL = (
    "install", "--quiet", "--disable-pip-version-check", "--no-input", "--no-compile",
    "--require-hashes", "--only-binary=:all:", "--no-deps",
)  # fmt: skip


def _add_pincheck(python: str) -> None:
    """Let ``python`` import this checkout as it is: nothing is built, so nothing of a build is run."""
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    answer = subprocess.run((python, "-I", "-X", "utf8", "-c", ask), check=True, stdout=subprocess.PIPE)
    packages = Path(answer.stdout.decode("utf-8").strip())
    (packages / "pincheck.pth").write_text(f"{HERE}\n", encoding="locale")


def _failed(reason: str) -> int:
    print(f"::error title=pincheck::pincheck did not run: {reason}", flush=True)
    return 2


if __name__ == "__main__":
    sys.exit(main())
