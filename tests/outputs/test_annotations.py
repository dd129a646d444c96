"""GitHub annotations: what is shown, and what happens past ten of a kind."""

import fixed
import pytest

from pincheck.model import Location, Report
from pincheck.model.changes import Since
from pincheck.outputs import annotations

AT = Location("app/a,b:c%.xml", 3, 5, 3, 9)


def report(errors: int = 0, warnings: int = 0, notes: int = 0) -> Report:
    kinds = ["note"] * notes + ["warning"] * warnings + ["error"] * errors
    return Report(fixed.REPORT.today, tuple(fixed.finding("malformed-pin", AT, "x", kind) for kind in kinds))


def test_a_finding_is_one_command() -> None:
    found = fixed.finding("malformed-pin", AT, "api.shop.example: 50 %", remedy="mend it")
    assert annotations.render(Report(fixed.REPORT.today, (found,))) == (
        "::error file=app/a%2Cb%3Ac%25.xml,line=3,endLine=3,col=5,endColumn=9,title=malformed-pin"
        "::api.shop.example: 50 %25%0Afix: mend it\n"
    )


def test_columns_are_given_only_within_one_line() -> None:
    found = fixed.finding("malformed-pin", Location("a", 3, 5, 4, 9), "x")
    assert annotations.render(Report(fixed.REPORT.today, (found,))) == (
        "::error file=a,line=3,endLine=4,title=malformed-pin::x\n"
    )


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        pytest.param(report(), (0, 0, 0, ""), id="none"),
        pytest.param(report(10, 10, 10), (10, 10, 10, ""), id="just full"),
        pytest.param(report(13), (10, 0, 1, "3 more findings"), id="too many errors"),
        pytest.param(report(11, 2, 9), (10, 2, 10, "1 more finding"), id="one slot left"),
        pytest.param(report(11, 2, 10), (10, 2, 10, "2 more findings"), id="no slot left"),
        pytest.param(report(0, 0, 1500), (0, 0, 10, "1,491 more findings"), id="too many notes"),
    ],
)
def test_at_most_ten_of_a_kind_errors_first(given: Report, shown: tuple[int, int, int, str]) -> None:
    lines = annotations.render(given).splitlines()
    numbers = [
        sum(line.startswith(f"::{kind} ") for line in lines) for kind in ("error", "warning", "notice")
    ]
    more = (
        lines[-1].rpartition("::")[2].removesuffix(": see the job summary")
        if "more" in "".join(lines[-1:])
        else ""
    )
    assert (*numbers, more) == shown
    assert lines == sorted(lines, key=lambda line: "error warning notice".find(line[2:].partition(" ")[0]))


@pytest.mark.parametrize(
    "hidden",
    [
        pytest.param({"suppressed": "known"}, id="suppressed"),
        pytest.param({"context": "test"}, id="in a test"),
        pytest.param({"context": "example"}, id="in an example"),
        pytest.param({"context": "debug"}, id="in a debug build"),
    ],
)
def test_only_active_findings_of_production(hidden: dict[str, str]) -> None:
    found = fixed.finding("malformed-pin", AT, "x", **hidden)
    assert annotations.render(Report(fixed.REPORT.today, (found,))) == ""


@pytest.mark.parametrize(
    ("new", "last"),
    [
        pytest.param(12, "", id="all new"),
        pytest.param(0, "12 findings were there before, in main", id="none new"),
        pytest.param(11, "1 more finding; 1 finding was there before, in main", id="some of both"),
    ],
)
def test_only_what_is_new_is_shown(new: int, last: str) -> None:
    found = [fixed.finding("malformed-pin", AT, "x", fingerprint=str(n)) for n in range(12)]
    since = Since("main", frozenset(str(n) for n in range(new)))
    lines = annotations.render(Report(fixed.REPORT.today, tuple(found), since=since)).splitlines()
    notices = (
        [f"::notice title=pincheck::{last}: see the job summary"]
        if last
        else ["::notice title=pincheck::2 more findings: see the job summary"]
    )
    assert (len(lines) - 1, lines[-1:]) == (min(new, 10), notices)


def test_what_is_gone_has_no_line() -> None:
    found = fixed.finding("pinning-removed", AT, "x", "warning", gone=True)
    assert annotations.render(Report(fixed.REPORT.today, (found,))) == (
        "::warning file=app/a%2Cb%3Ac%25.xml,title=pinning-removed::x%0Ait stood in line 3 before the change\n"
    )
