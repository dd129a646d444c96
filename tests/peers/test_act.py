"""act runs the Action as a consumer's workflow calls it."""

import json
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from programs import program
from samples import APP, NSC_PATH
from trees import git, repository, write

pytestmark = [pytest.mark.peer, pytest.mark.timeout(180)]

RULES = ["missing-backup-pin", "pin-set-expires-late"]
WORKFLOW = """\
name: pins
on: push
jobs:
  pins:
    runs-on: ubuntu-latest
    {environment}
    steps:
      - uses: actions/checkout@v4
      - id: pins
        uses: octo/pincheck@v1
        {inputs}
      - if: always()
        env:
          FINDINGS: ${{{{ steps.pins.outputs.findings }}}}
          ERRORS: ${{{{ steps.pins.outputs.errors }}}}
          SARIF: ${{{{ steps.pins.outputs.sarif-file }}}}
          REPORT: ${{{{ steps.pins.outputs.report-file }}}}
          KEPT: {kept}
        run: |
          echo "outputs: $FINDINGS $ERRORS $SARIF"
          cp "$REPORT" "$KEPT/report.json"
          if [ -n "$SARIF" ]; then cp "$SARIF" "$KEPT/out.sarif"; fi
"""


class Run(NamedTuple):
    """What act saw."""

    records: list[dict[str, Any]]
    kept: Path

    @property
    def results(self) -> list[str]:
        """How the step and the job ended."""
        main = [r for r in self.records if r.get("stage") == "Main" and r.get("stepID") == ["pins"]]
        step = [r["stepResult"] for r in main if r.get("stepResult")]
        return [*step, *(r["jobResult"] for r in self.records if r.get("jobResult"))]

    @property
    def annotations(self) -> list[tuple[str, str, str, str]]:
        """Level, title, file and line."""
        return [
            (
                r["command"],
                r["kvPairs"].get("title", ""),
                r["kvPairs"].get("file", ""),
                r["kvPairs"].get("line", ""),
            )
            for r in self.records
            if r.get("command") in ("error", "warning", "notice")
        ]

    @property
    def text(self) -> str:
        """What the steps printed that is no command."""
        return "".join(r["msg"] for r in self.records if r.get("raw_output"))

    @property
    def summary(self) -> str:
        """The job summary."""
        return "".join(r["content"] for r in self.records if r.get("command") == "summary")


class Consumer(NamedTuple):
    """A repository whose workflow uses the Action."""

    folder: Path
    clone: Path
    surroundings: dict[str, str]

    def run(self, inputs: dict[str, str] | None = None, environment: dict[str, str] | None = None) -> Run:
        """Write the workflow, commit it and let act run it."""
        kept = self.folder.parent / "kept"
        kept.mkdir(exist_ok=True)
        text = WORKFLOW.format(
            kept=kept,
            inputs=f"with: {json.dumps(inputs)}" if inputs else "",
            environment=f"env: {json.dumps(environment)}" if environment else "",
        )
        write(self.folder, {".github/workflows/pins.yml": text})
        git(self.folder, "add", "-A", "-f")
        git(self.folder, "commit", "-qm", "workflow")
        home = Path(self.surroundings["HOME"])
        write(home, {".config/act/actrc": ""})
        passed = [f"--env={name}={self.surroundings[name]}" for name in ("PIP_NO_INDEX", "PIP_FIND_LINKS")]
        done = subprocess.run(
            [
                program("act"), "push", "-P", "ubuntu-latest=-self-hosted", "--no-cache-server", "--json",
                "--local-repository", f"octo/pincheck@v1={self.clone}",
                "--env=GITHUB_REPOSITORY=octo/shop", *passed,
            ],
            cwd=self.folder, env=self.surroundings, capture_output=True, text=True, timeout=150,
        )  # fmt: skip
        records = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        assert any(record.get("jobResult") for record in records), done.stdout + done.stderr
        return Run(records, kept)


@pytest.fixture
def consumer(tmp_path: Path, clone: Path, surroundings: dict[str, str]) -> Consumer:
    """A consumer with the sample app, in a folder with a space in its name."""
    return Consumer(repository(tmp_path / "the shop", dict(APP)), clone, surroundings)


def test_findings_are_annotations_outputs_a_summary_and_a_failed_step(consumer: Consumer) -> None:
    run = consumer.run({"sarif-file": "reports/pins.sarif"})
    assert run.results == ["failure", "failure"], run.records
    assert ("error", "missing-backup-pin", NSC_PATH, "5") in run.annotations
    assert "outputs: 2 1 reports/pins.sarif" in run.text
    assert "missing-backup-pin" in run.summary
    report = json.loads((run.kept / "report.json").read_text())
    assert [finding["rule"] for finding in report["findings"]] == RULES
    sarif = json.loads((run.kept / "out.sarif").read_text())
    assert [result["ruleId"] for result in sarif["runs"][0]["results"]] == RULES


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
    assert "outputs: 2 1 mobile/pins.sarif" in run.text


def test_a_wrong_input_is_said_and_fails(consumer: Consumer) -> None:
    run = consumer.run({"fail-on": "sometimes"})
    messages = [record["arg"] for record in run.records if record.get("command") == "error"]
    assert messages == ["fail-on: 'sometimes' is not known; write error, warning, note or never"]
    assert run.results == ["failure", "failure"]


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
