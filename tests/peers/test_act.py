"""act runs the Action as a consumer's workflow calls it."""

import json
from pathlib import Path
from typing import NamedTuple

import pytest
from acting import Run, Runner
from samples import APP, NSC_PATH
from trees import git, repository, write

pytestmark = [pytest.mark.peer, pytest.mark.timeout(180)]

RULES = ["missing-backup-pin", "pin-set-expires-late"]


class Consumer(NamedTuple):
    """A repository whose workflow uses the Action at each push."""

    folder: Path
    runner: Runner

    def run(self, inputs: dict[str, str] | None = None, environment: dict[str, str] | None = None) -> Run:
        """Write the workflow, commit it and let act run it."""
        write(self.folder, {".github/workflows/pins.yml": self.runner.workflow("push", inputs, environment)})
        git(self.folder, "add", "-A", "-f")
        git(self.folder, "commit", "-qm", "workflow")
        return self.runner.run(self.folder, "push")


@pytest.fixture
def consumer(tmp_path: Path, clone: Path, surroundings: dict[str, str]) -> Consumer:
    """A consumer with the sample app, in a folder with a space in its name."""
    kept = tmp_path / "kept"
    kept.mkdir()
    return Consumer(repository(tmp_path / "the shop", dict(APP)), Runner(clone, surroundings, kept))


def test_findings_are_annotations_outputs_a_summary_and_a_failed_step(consumer: Consumer) -> None:
    run = consumer.run({"sarif-file": "reports/pins.sarif"})
    assert run.results == ["failure", "failure"], run.records
    assert ("error", "missing-backup-pin", NSC_PATH, "5") in run.annotations
    assert "outputs: 2 2 1 1 reports/pins.sarif" in run.text
    assert "missing-backup-pin" in run.summary
    report = json.loads((run.kept / "report.json").read_text())
    assert [finding["rule"] for finding in report["findings"]] == RULES
    assert run.sarif == RULES


def test_fail_on_never_reports_and_passes(consumer: Consumer) -> None:
    run = consumer.run({"fail-on": "never"})
    assert run.results == ["success", "success"]
    assert ("error", "missing-backup-pin", NSC_PATH, "5") in run.annotations


def test_paths_in_a_working_directory_are_annotated_from_the_workspace(consumer: Consumer) -> None:
    (consumer.folder / "mobile").mkdir()
    (consumer.folder / "app").rename(consumer.folder / "mobile" / "app")
    run = consumer.run({"working-directory": "mobile", "paths": "app/src\n", "sarif-file": "pins.sarif"})
    assert run.results == ["failure", "failure"]
    assert ("error", "missing-backup-pin", f"mobile/{NSC_PATH}", "5") in run.annotations
    assert "outputs: 2 2 1 1 mobile/pins.sarif" in run.text


def test_a_wrong_input_is_said_and_fails(consumer: Consumer) -> None:
    run = consumer.run({"fail-on": "sometimes"})
    messages = [record["arg"] for record in run.records if record.get("command") == "error"]
    assert messages == ["fail-on: 'sometimes' is not known; write error, warning, note or never"]
    assert run.results == ["failure", "failure"]


TWICE = """\
on: push
jobs:
  pins:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - uses: octo/pincheck@v1
        with: {fail-on: never}
      - id: pins
        uses: octo/pincheck@v1
        with: {fail-on: never, working-directory: app}
        env: {PIP_FIND_LINKS: nowhere}
"""


def test_a_second_step_of_the_job_installs_nothing(consumer: Consumer) -> None:
    write(consumer.folder, {".github/workflows/pins.yml": TWICE})
    git(consumer.folder, "add", "-A")
    git(consumer.folder, "commit", "-qm", "workflow")
    run = consumer.runner.run(consumer.folder, "push")
    assert run.results == ["success", "success"], run.text
    assert run.annotations.count(("error", "missing-backup-pin", NSC_PATH, "5")) == 2


HOSTILE = """\
import pathlib
pathlib.Path({mark!r}).touch()
raise SystemExit("hostile module ran")
"""
MODULES = (
    "venv.py", "ensurepip/__init__.py", "pip/__init__.py", "pip/__main__.py", "pincheck/__init__.py",
    "pincheck/action.py", "pincheck/__main__.py", "sitecustomize.py", "usercustomize.py", "subprocess.py",
    "tempfile.py", "pathlib.py", "secrets.py", "yaml.py", "site.py", "action/bootstrap.py", "setup.py",
)  # fmt: skip
PIP_CONFIGURATION = "[global]\nindex-url = file:///nowhere\ntarget = /nowhere\nrequire-virtualenv = broken\n"


def test_modules_planted_in_the_workspace_are_not_run(consumer: Consumer, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    code = (
        HOSTILE.format(mark=str(mark))
        .replace("import pathlib\n", "import os\n")
        .replace(f"pathlib.Path({str(mark)!r}).touch()", f"os.mkdir({str(mark)!r})")
    )
    plants: dict[str, str | bytes] = dict.fromkeys(MODULES, code)
    plants |= dict.fromkeys(
        ("pip.conf", "pip.ini", ".pip/pip.conf", ".config/pip/pip.conf"), PIP_CONFIGURATION
    )
    plants |= {
        "requirements.lock": "evil==1\n",
        "pyvenv.cfg": "home = /nowhere\n",
        "evil.pth": "import setup\n",
    }
    write(consumer.folder, plants)
    run = consumer.run(environment={"PYTHONPATH": "${{ github.workspace }}", "PYTHONSTARTUP": "setup.py"})
    assert not mark.exists(), run.text
    assert ("error", "missing-backup-pin", NSC_PATH, "5") in run.annotations


def test_nothing_a_repository_holds_is_taken_for_a_workflow_command(consumer: Consumer) -> None:
    name = "app/src/main/res/xml/a%0A::error title=forged::x\n::error title=forged::y.xml"
    original = (consumer.folder / NSC_PATH).read_text()
    write(
        consumer.folder,
        {name: original.replace("api.shop", "::error title=forged::z&#10;::error title=forged::")},
    )
    for shown in ("github", "terminal"):
        run = consumer.run({"format": shown, "fail-on": "never"})
        assert run.results == ["success", "success"], shown
        assert not [title for _, title, _, _ in run.annotations if title == "forged"], shown
