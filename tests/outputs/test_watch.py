"""The issue of a scheduled watch."""

import os
from pathlib import Path

import fixed
import pytest

from pincheck.model import Finding, NotChecked, Report
from pincheck.model.review import IssueDraft
from pincheck.outputs import _markdown, watch

APPROVED = Path(__file__).parent / "approved"
AT = fixed.REPORT.findings[0].at
LOGGED = fixed.finding(
    "unpinned-key-in-log", AT, "api.shop.example: Some CA issued a certificate on 2026-11-20 that does not match",
    "warning", "ship its pin first",
)  # fmt: skip
OLD = NotChecked(
    "the table of CA keys",
    "what is known of CA keys is 200 days old (as of 2026-05-07); run pincheck ca update",
    is_path=False,
)
WATCHED = fixed.LIVE._replace(findings=(*fixed.LIVE.findings, LOGGED), not_checked=(OLD,))


def test_as_approved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_markdown, "__version__", "0")
    draft = watch.issue(WATCHED)
    path = APPROVED / "watch.md"
    if os.environ.get("PINCHECK_APPROVE"):
        path.write_text(draft.body + "\n", encoding="utf-8", newline="\n")
    assert (draft.title, draft.body + "\n") == (watch.TITLE, path.read_bytes().decode("utf-8"))


@pytest.mark.parametrize(
    "findings",
    [
        pytest.param((), id="clean"),
        pytest.param((fixed.finding("coverage-drift", AT, "differs", "note"),), id="a note"),
        pytest.param(
            (fixed.finding("pin-mismatch", AT, "no pin matches", suppressed="known"),), id="silenced"
        ),
    ],
)
def test_all_is_well(findings: tuple[Finding, ...]) -> None:
    well = WATCHED._replace(findings=findings)
    unseen = {"pay.shop.example": "`pay.shop.example` could not be looked at"}
    assert watch.issue(well) == IssueDraft(watch.TITLE, "", unseen=unseen)


def test_a_day_tells_once_that_it_looked() -> None:
    assert watch.issue(WATCHED) == watch.issue(WATCHED)
    later = watch.issue(WATCHED._replace(today=fixed.REPORT.today.replace(day=24)))
    changed = set(watch.issue(WATCHED).body.split("\n")) ^ set(later.body.split("\n"))
    assert sorted(line[:34] for line in changed) == [
        f"pincheck last looked on 2026-11-{day}" for day in (23, 24)
    ]


def test_a_long_issue_is_cut_and_what_is_to_come_stays() -> None:
    many = tuple(fixed.finding(f"rule-{n}", AT, "x" * 1_000) for n in range(400))
    body = watch.issue(Report(fixed.REPORT.today, many)).body
    assert len(body) < 50_000
    assert "- 350 more: see the job summary" in body or body.endswith("The job summary has more.")
