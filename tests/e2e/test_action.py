"""The Action's inputs and outputs, without a runner (``tests/peers/test_act.py`` has one)."""

import json
import os
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest
from programs import ROOT
from trees import git, repository, write

from pincheck.action import __main__ as action
from pincheck.action import inputs, results
from pincheck.action.inputs import Inputs
from pincheck.action.step import Token
from pincheck.errors import UsageError
from pincheck.model import Location, NotChecked, Problem, Report

NSC_PATH = "app/src/main/res/xml/network_security_config.xml"
NSC = """\
<network-security-config>
    <domain-config>
        <domain>api.shop.example</domain>
        <pin-set>
            <pin digest="SHA-256">C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M=</pin>
        </pin-set>
    </domain-config>
</network-security-config>
"""


class Step(NamedTuple):
    """A step's surroundings."""

    workspace: Path
    temp: Path
    environment: pytest.MonkeyPatch

    def run(self, **inputs: str) -> int:
        for name, value in inputs.items():
            self.environment.setenv(f"PINCHECK_{name.upper()}", value)
        return action.main()

    @property
    def outputs(self) -> dict[str, str]:
        """``GITHUB_OUTPUT`` as the runner reads it."""
        lines = iter((self.temp / "output").read_text().splitlines())
        found = {}
        for line in lines:
            name, _, delimiter = line.partition("<<")
            found[name] = "\n".join(iter(lambda: next(lines), delimiter))
        return found


@pytest.fixture
def step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Step:
    workspace = repository(tmp_path / "work space", {NSC_PATH: NSC})
    temp = tmp_path / "temp"
    temp.mkdir()
    for name in [name for name in os.environ if name.startswith(("PINCHECK_", "GITHUB_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GITHUB_WORKSPACE", str(workspace))
    monkeypatch.setenv("RUNNER_TEMP", str(temp))
    monkeypatch.setenv("GITHUB_OUTPUT", str(temp / "output"))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(temp / "summary"))
    monkeypatch.chdir(temp)
    return Step(workspace, temp, monkeypatch)


def test_a_step_without_inputs_reports_everywhere(step: Step, capsys: pytest.CaptureFixture[str]) -> None:
    assert step.run() == 1
    outputs = step.outputs
    report_file = Path(outputs.pop("report-file"))
    assert outputs == {
        "findings": "2", "new": "2", "errors": "1", "warnings": "0", "earliest-lockout": "", "sarif-file": "",
    }  # fmt: skip
    assert report_file.parent == step.temp
    assert {finding["path"] for finding in json.loads(report_file.read_text())["findings"]} == {NSC_PATH}
    assert capsys.readouterr().out.startswith(f"::error file={NSC_PATH},line=4,")
    assert "missing-backup-pin" in (step.temp / "summary").read_text()


@pytest.mark.parametrize(
    ("fail_on", "code"),
    [("error", 1), ("warning", 1), ("note", 1), ("never", 0), ("", 0)],
)
def test_fail_on_wins_over_the_configuration(step: Step, fail_on: str, code: int) -> None:
    write(step.workspace, {".pincheck.yml": "version: 1\nfail-on: never\n"})
    assert step.run(fail_on=fail_on) == code


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        pytest.param({"fail_on": "often"}, "fail-on: 'often' is not known; write error, warning, note or never"),
        pytest.param({"working_directory": "ios"}, "working-directory: there is no folder ios"),
        pytest.param({"working_directory": "up"}, "working-directory: {work}/up lies outside the workspace; name a place inside it"),
        pytest.param({"working_directory": ".."}, "working-directory: {work}/.. lies outside the workspace; name a place inside it"),
        pytest.param({"sarif_file": "up/x.sarif"}, "sarif-file: {work}/./up lies outside the workspace; name a place inside it"),
        pytest.param({"sarif_file": "app/"}, "sarif-file: {work}/./app/ names no file"),
        pytest.param({"mode": "pull_request"}, "mode: 'pull_request' is not known; write pull-request, push, watch or report"),
        pytest.param({"base_ref": "--output=x"}, "base-ref: '--output=x' names no branch, tag or commit"),
        pytest.param({"base_ref": "main:refs/heads/x"}, "base-ref: 'main:refs/heads/x' names no branch, tag or commit"),
        pytest.param({"max_comments": "many"}, "max-comments: 'many' is no number from 0 to 100"),
        pytest.param({"max_comments": "101"}, "max-comments: '101' is no number from 0 to 100"),
        pytest.param({"comment": "yes"}, "comment: 'yes' is not known; write true or false"),
        pytest.param({"ct": "true"}, "ct: counts with live: true or a recording only"),
        pytest.param({"mode": "report"}, "mode report needs a token; leave the input token out, or give it one"),
        pytest.param({"token": "ghp_se\ncret"}, "token: holds blanks or characters that no token has"),
        pytest.param({"paths": "ios"}, "ios: no such file or folder"),
        pytest.param({"paths": "../x"}, "../x: lies outside {work}"),
    ],
)  # fmt: skip
def test_a_wrong_input_is_said_with_its_name(
    step: Step, capsys: pytest.CaptureFixture[str], inputs: dict[str, str], message: str
) -> None:
    (step.workspace / "up").symlink_to("..")
    assert step.run(**inputs) == 2
    said = message.format(work=os.path.realpath(step.workspace)).replace("/./", "/")
    assert capsys.readouterr().out.replace("/./", "/") == f"::error title=pincheck::{said}\n"


def test_a_link_where_the_sarif_file_goes_is_replaced_and_not_followed(step: Step) -> None:
    victim = step.temp / "victim"
    victim.write_text("as it was")
    (step.workspace / "pins.sarif").symlink_to(victim)
    assert step.run(sarif_file="pins.sarif") == 1
    assert victim.read_text() == "as it was"
    assert not (step.workspace / "pins.sarif").is_symlink()
    assert json.loads((step.workspace / "pins.sarif").read_text())["version"] == "2.1.0"


def test_other_formats_are_printed_where_no_command_is_read(
    step: Step, capsys: pytest.CaptureFixture[str]
) -> None:
    assert step.run(format="terminal") == 1
    first, *report, last = capsys.readouterr().out.splitlines()
    token = first.removeprefix("::stop-commands::")
    assert (len(token), last) == (32, f"::{token}::")
    assert any("missing-backup-pin" in line for line in report)


def test_a_bug_is_told_from_findings(
    step: Step, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("pincheck.run.check", broken)
    assert step.run() == 3
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("::stop-commands::")
    assert lines[-3:] == [
        "RuntimeError: boom",
        lines[0].replace("stop-commands::", "") + "::",
        "::error title=pincheck::pincheck failed; this is a bug in pincheck, not in what it read",
    ]


def test_paths_are_told_from_the_workspace(tmp_path: Path) -> None:
    at = Location("a.xml", 1, 2, 3, 4)
    report = Report(
        date(2026, 11, 23),
        not_checked=(
            NotChecked("broken.plist", "why"),
            NotChecked("live hosts", "offline run", is_path=False),
        ),
        config=".pincheck.yml",
    )
    given = Inputs(str(tmp_path), str(tmp_path / "mobile"))
    problem = Problem(at, "message", related=((at, "here"),))
    moved = results.from_workspace(report._replace(findings=(problem,)), given)
    there = at._replace(path="mobile/a.xml")
    assert moved == report._replace(
        findings=(problem._replace(at=there, related=((there, "here"),)),),
        not_checked=(
            NotChecked("mobile/broken.plist", "why"),
            NotChecked("live hosts", "offline run", is_path=False),
        ),
        config="mobile/.pincheck.yml",
    )
    above = Problem(Location(".pincheck.yml", 1, 1, 1, 2), "an idle entry")
    moved = results.from_workspace(report._replace(findings=(above,)), given, "../.pincheck.yml")
    assert (moved.config, moved.findings[0].at.path) == (".pincheck.yml", ".pincheck.yml")


def test_an_output_cannot_end_its_own_delimiter() -> None:
    first, value, last = results.as_outputs({"sarif-file": "a"}).splitlines()
    name, _, delimiter = first.partition("<<")
    assert (name, value, last) == ("sarif-file", "a", delimiter)
    assert results.as_outputs({"a": "b"}) != results.as_outputs({"a": "b"})


def test_inputs_name_places_from_the_working_directory(step: Step) -> None:
    given = inputs.read({
        "GITHUB_WORKSPACE": str(step.workspace), "PINCHECK_WORKING_DIRECTORY": "app", "PINCHECK_PATHS": " src\n\nx y \n",
        "PINCHECK_CONFIG": "pins.yml", "PINCHECK_SARIF_FILE": "out/pins.sarif", "PINCHECK_CA_DATA": "ca.json",
        "PINCHECK_TRUST_ANCHORS": "a.pem\nb c.pem", "PINCHECK_BASE_REF": "release/1.2", "PINCHECK_MAX_COMMENTS": "0",
        "PINCHECK_FAIL_ON_NEW": "false", "PINCHECK_COMMENT": "false", "PINCHECK_RESOLVE": "true",
    })  # fmt: skip
    root = os.path.realpath(step.workspace / "app")
    assert given == Inputs(
        workspace=os.path.realpath(step.workspace),
        root=root,
        paths=("src", "x y"),
        config=f"{root}/pins.yml",
        base_ref="release/1.2",
        fail_on_new=False,
        sarif_file=f"{root}/out/pins.sarif",
        ca_data=f"{root}/ca.json",
        trust_anchors=(f"{root}/a.pem", f"{root}/b c.pem"),
        comment=False,
        max_comments=0,
        resolve=True,
    )
    assert given.prefix == "app"
    with pytest.raises(UsageError, match="format: 'yaml' is not known"):
        inputs.read({"GITHUB_WORKSPACE": str(step.workspace), "PINCHECK_FORMAT": "yaml"})


def test_the_defaults_are_those_of_action_yml() -> None:
    import yaml

    document = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    (only,) = document["runs"]["steps"]
    assert only["env"] == {
        f"PINCHECK_{name.upper().replace('-', '_')}": f"${{{{ inputs.{name} }}}}"
        for name in document["inputs"]
    }
    defaults = {
        f"PINCHECK_{name.upper().replace('-', '_')}": each["default"]
        for name, each in document["inputs"].items()
        if name != "token"
    }
    here = {"GITHUB_WORKSPACE": "."}
    assert inputs.read(here | defaults) == inputs.read(here)
    assert {*document["outputs"]} == {
        *results.outputs(Report(date(2026, 11, 23))),
        "sarif-file",
        "report-file",
    }


def test_the_token_reaches_no_child_and_no_text(step: Step, capsys: pytest.CaptureFixture[str]) -> None:
    seen = []
    step.environment.setattr(
        "pincheck.run.check", lambda request: seen.append((os.environ.copy(), request)) or 1 / 0
    )
    step.environment.setattr("pincheck.action.modes.BY_EVENT", {})
    assert step.run(token="ghs_secret") == 3
    assert [name for name, value in seen[0][0].items() if "ghs_secret" in value] == []
    assert "ghs_secret" not in capsys.readouterr().out
    assert repr(Token("ghs_secret")) == "(token)"


@pytest.mark.parametrize(
    ("repository_id", "code", "effect"),
    [(1, 0, ""), (2, 1, ", which does not count in this change")],
    ids=["own branch", "fork"],
)
def test_only_an_own_branch_decides_how_it_is_judged(
    step: Step, repository_id: int, code: int, effect: str
) -> None:
    backup = '            <pin digest="SHA-256">r/mIkG3eEpVdm+u/ko/cwxzOMo1bk4TyHIlByibiA5E=</pin>\n'
    write(step.workspace, {NSC_PATH: NSC.replace("        </pin-set>", f"{backup}        </pin-set>")})
    git(step.workspace, "commit", "-qam", "with a backup")
    base = git(step.workspace, "rev-parse", "HEAD").strip()
    write(step.workspace, {NSC_PATH: NSC, ".pincheck.yml": "version: 1\nrules: {missing-backup-pin: off}\n"})
    git(step.workspace, "add", "-A")
    git(step.workspace, "commit", "-qm", "without, and nobody is to hear of it")
    pull = {
        "number": 7,
        "base": {"sha": base, "repo": {"id": 1}},
        "head": {"sha": git(step.workspace, "rev-parse", "HEAD").strip(), "repo": {"id": repository_id}},
    }
    (step.temp / "event.json").write_text(json.dumps({"pull_request": pull}))
    step.environment.setenv("GITHUB_EVENT_NAME", "pull_request")
    step.environment.setenv("GITHUB_EVENT_PATH", str(step.temp / "event.json"))
    assert step.run() == code
    assert (step.outputs["errors"], step.outputs["new"]) == (str(code), "1")
    hidden = f"before the change: the configuration now makes it a warning{effect}\n"
    assert hidden in (step.temp / "summary").read_text()
