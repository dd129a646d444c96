"""A clone of this working tree as others would fetch it, and surroundings that nothing leaks into."""

import os
import shutil
import sys
from pathlib import Path

import pytest
from programs import FOLDERS, ROOT, missing
from trees import git

WHEELS = ROOT / ".tools" / "wheels"


@pytest.fixture(scope="session")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This working tree, what git ignores left out, committed to a repository of its own."""
    target = tmp_path_factory.mktemp("clone") / "pincheck"
    for name in git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0"):
        if name and (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name, follow_symlinks=False)
    git(target, "init", "-q")
    git(target, "add", "-A")
    git(target, "commit", "-qm", "as it is")
    return target


@pytest.fixture
def surroundings(tmp_path: Path) -> dict[str, str]:
    """An environment with an empty home, whose installers read only the folder of wheels."""
    if not any(WHEELS.glob("*.whl")):
        missing("the wheels of requirements.lock are not there")
    home = tmp_path / "home"
    home.mkdir()
    path = [str(Path(sys.executable).parent), *map(str, FOLDERS), os.environ["PATH"]]
    return {
        "PATH": os.pathsep.join(path),
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PRE_COMMIT_HOME": str(tmp_path / "pre-commit"),
        "PREK_HOME": str(tmp_path / "prek"),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(WHEELS),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "UV_OFFLINE": "1",
        "UV_FIND_LINKS": str(WHEELS),
        "UV_CACHE_DIR": str(tmp_path / "uv"),
        "UV_PYTHON_DOWNLOADS": "never",
    }
