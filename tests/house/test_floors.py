"""Imports point down, and every dependency has its reason."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
PROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_imports_keep_to_the_floors() -> None:
    program = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stdout


def test_every_runtime_dependency_says_why() -> None:
    block = PROJECT.partition("\ndependencies = [\n")[2].partition("\n]")[0].splitlines()
    assert [line for line in block if not re.fullmatch(r'  "[^"]+", +# \w.+', line)] == []
    assert len(block) == len(tomllib.loads(PROJECT)["project"]["dependencies"])


def test_the_lock_holds_what_the_project_asks_for() -> None:
    locked: dict[str, list[str]] = {}
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    for name, version in re.findall(r"^([\w.-]+)==([\w.]+)", text, re.MULTILINE):
        locked.setdefault(_plain(name), []).append(version)
    wanted = [Requirement(line) for line in tomllib.loads(PROJECT)["project"]["dependencies"]]
    unmet = [
        str(requirement)
        for requirement in wanted
        if not locked.get(_plain(requirement.name))
        or not all(version in requirement.specifier for version in locked[_plain(requirement.name)])
    ]
    assert unmet == []


def test_every_file_of_the_lock_is_hashed_and_no_index_is_named() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8").replace("\\\n", " ")
    entries = [line for line in text.splitlines() if not line.startswith("#")]
    entry = re.compile(r"[\w.-]+==[\w.]+ (?:; [^#]+?)?\s*(?:--hash=sha256:[0-9a-f]{64}\s*)+")
    assert [line for line in entries if not entry.fullmatch(line)] == []


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
