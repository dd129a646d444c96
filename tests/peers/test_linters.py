"""Other people's linters find nothing in the project's own metadata."""

import os
import subprocess

import pytest
from programs import FOLDERS, ROOT, program

pytestmark = [pytest.mark.peer, pytest.mark.timeout(60)]

WORKFLOWS = [str(path.relative_to(ROOT)) for path in sorted((ROOT / ".github" / "workflows").glob("*.yml"))]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        pytest.param("zizmor", ["--offline", "--persona=pedantic", "action.yml", *WORKFLOWS], id="zizmor"),
        pytest.param("actionlint", WORKFLOWS, id="actionlint"),
        pytest.param(
            "check-jsonschema", ["--builtin-schema=vendor.github-actions", "action.yml"], id="action schema"
        ),
        pytest.param(
            "check-jsonschema", ["--builtin-schema=vendor.github-workflows", *WORKFLOWS], id="workflow schema"
        ),
        pytest.param("shellcheck", [".ci/run"], id="shellcheck"),
    ],
)
def test_a_linter_finds_nothing(name: str, arguments: list[str]) -> None:
    path = os.pathsep.join([*map(str, FOLDERS), os.environ["PATH"]])  # actionlint calls shellcheck
    done = subprocess.run(
        [program(name), *arguments],
        cwd=ROOT, env={**os.environ, "PATH": path}, capture_output=True, text=True, timeout=50,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_actions_own_script_is_clean() -> None:
    """No linter of workflows reads the ``run:`` of a composite action."""
    import yaml

    (step,) = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["runs"]["steps"]
    done = subprocess.run(
        [program("shellcheck"), "--shell=bash", "-"],
        input=step["run"], capture_output=True, text=True, timeout=50,
    )  # fmt: skip
    assert (step["shell"], "${{" in step["run"], done.stdout) == ("bash", False, "")
