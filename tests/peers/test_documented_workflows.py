"""The workflows that the documentation shows are right by the linters of others."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from programs import FOLDERS, program

pytestmark = pytest.mark.peer

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "docs/github.md", "docs/sharding.md")
]
WORKFLOWS = [
    workflow
    for page in PAGES
    for workflow in re.findall(r"```yaml\n(# \.github/workflows/\S+\n.*?)```", page, re.DOTALL)
]
TAGS = "rules:\n  unpinned-uses:\n    disable: true\n"
"""The page says itself that tags may be replaced by hashes."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("documented")
    workflows = root / ".github" / "workflows"
    workflows.mkdir(parents=True)
    subprocess.run(["git", "init", "-q", str(root)], check=True, timeout=60)
    (root / "zizmor.yml").write_text(TAGS, encoding="utf-8")
    for number, text in enumerate(WORKFLOWS):
        (workflows / f"{number}.yml").write_text(text, encoding="utf-8")
    return root


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        pytest.param("zizmor", ["--offline", "--persona=pedantic", "--config=zizmor.yml", ".github/workflows"], id="zizmor"),
        pytest.param("actionlint", [], id="actionlint"),
    ],
)  # fmt: skip
def test_a_linter_has_nothing_to_say(folder: Path, name: str, arguments: list[str]) -> None:
    path = os.pathsep.join([*map(str, FOLDERS), os.environ["PATH"]])
    done = subprocess.run(
        [program(name), *arguments],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (0, done.stdout)


def test_all_are_read() -> None:
    assert len(WORKFLOWS) == sum(page.count("\njobs:\n") for page in PAGES) == 10
