"""SARIF as GitHub takes it in: its limits, and Microsoft's validator with GitHub's rules."""

import json
import subprocess
from pathlib import Path
from typing import Any

import fixed
import jsonschema
import pytest
from programs import program

from pincheck.model import Location, Report
from pincheck.outputs import sarif

UNMET = {
    "SARIF2002",  # a message by id: GitHub wants its text
    "SARIF2003",  # the address of the repository: not known offline
    "SARIF2006",  # the schema's address cannot be reached: no network
    "SARIF2009",  # rule ids like ABC123: ours are names
    "SARIF2010",  # the source itself: it may hold secrets, and GitHub shows its own copy
    "SARIF2011",
}
"""Notes of the validator that do not apply."""

REPORTS = [
    pytest.param(fixed.REPORT, id="all kinds of things"),
    pytest.param(fixed.NOTHING, id="nothing"),
    pytest.param(fixed.COMPARED, id="compared with an earlier state"),
    pytest.param(fixed.hostile("\n::error::\x1b[0m[a](b){0}|`\u202e:%0A\udcff.xml"), id="hostile"),
]


@pytest.mark.peer
@pytest.mark.parametrize("report", REPORTS)
def test_the_validator_finds_nothing(report: Report, tmp_path: Path) -> None:
    multitool = Path(program("Sarif.Multitool"))
    file, verdict = tmp_path / "out.sarif", tmp_path / "verdict.sarif"
    file.write_text(sarif.render(report), encoding="utf-8")
    options = ["--rule-kind", "Sarif;Ghas", "--level", "Error;Warning;Note", "--output", str(verdict)]
    subprocess.run([multitool, "validate", file, *options], capture_output=True, timeout=60, check=False)
    (run,) = json.loads(verdict.read_text(encoding="utf-8-sig"))["runs"]
    assert [result for result in run["results"] if result["ruleId"] not in UNMET] == []
    assert {result["level"] for result in run["results"]} <= {"note"}
    assert run["invocations"][0].get("toolExecutionNotifications", []) == []
    schema = json.loads((multitool.parent / "sarif-2.1.0.json").read_text(encoding="utf-8-sig"))
    jsonschema.validate(json.loads(file.read_text(encoding="utf-8")), schema)


def run_of(report: Report) -> dict[str, Any]:
    (run,) = json.loads(sarif.render(report))["runs"]
    assert isinstance(run, dict)
    return run


def test_each_finding_is_a_result_of_its_rule() -> None:
    run = run_of(fixed.REPORT)
    rules = run["tool"]["driver"]["rules"]
    seen = [(rules[r["ruleIndex"]]["id"], r["ruleId"], r["level"]) for r in run["results"]]
    assert seen == [(f.rule, f.rule, f.severity) for f in fixed.REPORT.findings]
    assert [r["partialFingerprints"]["primaryLocationLineHash"] for r in run["results"]] == [
        f.fingerprint for f in fixed.REPORT.findings
    ]


def test_rules_keep_to_the_limits_of_github() -> None:
    for rule in run_of(fixed.REPORT)["tool"]["driver"]["rules"]:
        assert 0 < len(rule["shortDescription"]["text"]) <= 1024
        assert 0 < len(rule["fullDescription"]["text"]) <= 1024
        assert rule["help"]["text"]
        assert rule["help"]["markdown"]
        assert len(rule["properties"]["tags"]) <= 10
        assert 0 < float(rule["properties"]["security-severity"]) < 10


def test_compared_with_an_earlier_state_each_result_says_whether_it_is_new() -> None:
    states = [result["baselineState"] for result in run_of(fixed.COMPARED)["results"]]
    assert states == ["new", *["unchanged"] * 6, "new"]
    assert [result.get("baselineState") for result in run_of(fixed.REPORT)["results"]] == [None] * 7


def test_a_comment_suppresses_in_the_source_and_the_configuration_outside() -> None:
    found = [result.get("suppressions") for result in run_of(fixed.REPORT)["results"][-2:]]
    assert found == [
        [{"kind": "inSource", "status": "accepted", "justification": "second key ordered"}],
        [{"kind": "external", "status": "accepted", "justification": "moves to another team"}],
    ]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        pytest.param(Location("a", 1, 1, 1, 1), (1, 1, 1, 2), id="a file without lines"),
        pytest.param(Location("a", 3, 5, 3, 9), (3, 5, 3, 9), id="within a line"),
        pytest.param(Location("a", 3, 5, 4, 1), (3, 5, 4, 1), id="up to the next line"),
        pytest.param(Location("a", 3, 5, 2, 9), (3, 5, 3, 9), id="ends before it starts"),
    ],
)
def test_a_region_is_never_empty(at: Location, expected: tuple[int, ...]) -> None:
    report = Report(fixed.REPORT.today, (fixed.finding("malformed-pin", at, "x"),))
    region = run_of(report)["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert tuple(region.values()) == expected


def many(number: int, message: str) -> Report:
    at = Location("a.xml", 1, 1, 1, 2)
    notes = [fixed.finding("malformed-pin", at, message, "note")] * number
    return Report(fixed.REPORT.today, (*notes, fixed.finding("malformed-pin", at, "last", "error")))


@pytest.mark.parametrize(
    ("report", "kept"),
    [
        pytest.param(many(1_000, "x" * 20_000), None, id="too long"),
        pytest.param(many(400, "x"), 401, id="not too many"),
        pytest.param(many(600, "x"), 500, id="too many"),
    ],
)
def test_too_much_is_cut_and_said_so(
    report: Report, kept: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sarif, "MOST_RESULTS", 500)
    monkeypatch.setattr(sarif, "MOST_BYTES", 1_000_000)
    text = sarif.render(report)
    run = json.loads(text)["runs"][0]
    cut = len(report.findings) - len(run["results"])
    said = [n["message"]["text"] for n in run["invocations"][0]["toolExecutionNotifications"]]
    assert len(text) < 1_100_000
    assert run["results"][-1]["message"]["text"] == "last."
    assert said == ([f"{cut} results left out: more than code scanning takes in."] if cut else [])
    assert kept in (None, len(run["results"]))
