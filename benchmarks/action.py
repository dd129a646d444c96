"""Time the Action on the sample app: the first step of a job, which installs, and later ones, which do not.

    python benchmarks/action.py --rounds 5                        # wheels from the package index, no cache
    python benchmarks/action.py --rounds 5 --wheels .tools/wheels # the same without a network

Runs the script of action.yml as a runner does: in a workspace, with a temporary folder of the job that is
empty at its start. The rows after the steps are the parts of the first one, each in a process of its own.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
STEPS = ("first step", "second step", "third step")
BOUNDS = {"first step": 20.0, "second step": 3.0}
"""Seconds."""


def main() -> int:
    """Print a table; the exit code is 1 if a bound is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--wheels", default="", help="install from this folder instead of a package index")
    options = parser.parse_args()
    seconds: dict[str, list[float]] = {}
    for _ in range(options.rounds):
        for name, took in [*_job(options.wheels), *_parts(options.wheels)]:
            seconds.setdefault(name, []).append(took)
    print("| what | wall s (min–max) | bound |\n| --- | --- | --- |")
    missed = False
    for name, all_of_it in seconds.items():
        middle = statistics.median(all_of_it)
        bound = BOUNDS.get(name)
        missed |= bound is not None and middle > bound
        verdict = f"≤ {bound:.0f}: {'missed' if middle > bound else 'met'}" if bound else ""
        print(f"| {name} | {middle:.2f} ({min(all_of_it):.2f}–{max(all_of_it):.2f}) | {verdict} |")
    return int(missed)


def _job(wheels: str) -> list[tuple[str, float]]:
    """The seconds of each step of one job."""
    document = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    (step,) = document["runs"]["steps"]
    with tempfile.TemporaryDirectory() as folder:
        action, workspace, temp = (Path(folder, name) for name in ("action", "work space", "temp"))
        temp.mkdir()
        shutil.copytree(ROOT / "examples" / "shop", workspace)
        _checkout(action)
        environment = _environment(wheels) | {
            "GITHUB_ACTION_PATH": str(action), "GITHUB_WORKSPACE": str(workspace), "RUNNER_TEMP": str(temp),
            "GITHUB_OUTPUT": str(temp / "output"), "GITHUB_STEP_SUMMARY": str(temp / "summary"),
            "PINCHECK_FAIL_ON": "never", "GITHUB_EVENT_NAME": "push",
        }  # fmt: skip
        return [(name, _seconds(["bash", "-e", "-c", step["run"]], workspace, environment)) for name in STEPS]


def _checkout(target: Path) -> None:
    """The Action as a runner downloads it: nothing compiled yet."""
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("pincheck", "action"):
        shutil.copytree(ROOT / name, target / name, ignore=ignored)
    shutil.copy(ROOT / "requirements.lock", target)


def _parts(wheels: str) -> list[tuple[str, float]]:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        venv = [sys.executable, "-I", "-m", "venv", "--without-pip", f"{folder}/venv"]
        pip = [
            sys.executable, "-I", "-m", "pip", "--python", f"{folder}/venv/bin/python", "install", "--quiet",
            "--disable-pip-version-check", "--no-compile", "--require-hashes", "--only-binary=:all:", "--no-deps",
            "--requirement", str(ROOT / "requirements.lock"),
        ]  # fmt: skip
        return [
            ("of it: the virtual environment", _seconds(venv, place, _environment(wheels))),
            ("of it: pip", _seconds(pip, place, _environment(wheels))),
        ]


def _environment(wheels: str) -> dict[str, str]:
    """This Python first on the PATH, and no cache that a fresh runner does not have."""
    kept = {name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ}
    kept |= {
        name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "REQUESTS_"))
    }
    kept["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    kept |= {"PIP_NO_CACHE_DIR": "1"}
    return kept | ({"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(Path(wheels).resolve())} if wheels else {})


def _seconds(command: list[str], folder: Path, environment: dict[str, str]) -> float:
    start = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
