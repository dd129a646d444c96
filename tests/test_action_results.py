"""What is written where something is in the way."""

from datetime import date
from pathlib import Path

import pytest

from pincheck.action import results
from pincheck.action.inputs import Inputs
from pincheck.errors import UsageError
from pincheck.model import Report

REPORT = Report(date(2026, 11, 23))
FILES = ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT")


@pytest.fixture
def runner(tmp_path: Path) -> dict[str, str]:
    """The files that a runner hands to a step."""
    return {"RUNNER_TEMP": str(tmp_path)} | {name: str(tmp_path / name) for name in FILES}


def inputs(folder: Path, sarif_file: str = "") -> Inputs:
    return Inputs(str(folder), str(folder), sarif_file=sarif_file)


def test_a_folder_where_sarif_is_to_go_takes_nothing_else(tmp_path: Path, runner: dict[str, str]) -> None:
    taken = tmp_path / "pins.sarif"
    taken.mkdir()
    with pytest.raises(
        UsageError, match=r"^sarif-file: .*/pins\.sarif: is a folder or a device; name a file$"
    ):
        results.deliver(REPORT, inputs(tmp_path, str(taken)), runner)
    lines = Path(runner["GITHUB_OUTPUT"]).read_text().splitlines()
    values = {name.partition("<<")[0]: value for name, value in zip(lines[::3], lines[1::3], strict=True)}
    assert Path(values.pop("report-file")).exists()
    assert values == {**results.outputs(REPORT), "sarif-file": ""}
    assert Path(runner["GITHUB_STEP_SUMMARY"]).read_text()


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_the_runner_that_cannot_be_written(
    tmp_path: Path, runner: dict[str, str], name: str
) -> None:
    with pytest.raises(UsageError) as refused:
        results.deliver(REPORT, inputs(tmp_path), runner | {name: str(tmp_path)})
    assert str(refused.value) == f"{name}: {tmp_path} cannot be written: Is a directory"


def test_a_temporary_folder_that_is_none(tmp_path: Path, runner: dict[str, str]) -> None:
    with pytest.raises(UsageError) as refused:
        results.deliver(REPORT, inputs(tmp_path), runner | {"RUNNER_TEMP": "/nowhere"})
    assert str(refused.value) == "RUNNER_TEMP: no file can be made in /nowhere: No such file or directory"
