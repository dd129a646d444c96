"""Third-party programs: where ``tools/peers.py`` puts them, or on PATH."""

import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = (
    ROOT / ".tools" / "venv" / "bin",
    ROOT / ".tools" / "node_modules" / "@microsoft" / "sarif-multitool-linux",
)


def program(name: str) -> str:
    """The path of a program; without it the test is skipped, or fails if PINCHECK_REQUIRE_PEERS is 1."""
    path = os.pathsep.join([*map(str, FOLDERS), os.environ.get("PATH", "")])
    return shutil.which(name, path=path) or missing(f"{name} is not installed")


def missing(reason: str) -> str:
    """Skip the test, or fail it where every peer is required."""
    if os.environ.get("PINCHECK_REQUIRE_PEERS") == "1":
        pytest.fail(reason)
    pytest.skip(f"{reason}; `make test` installs what can be installed here")
