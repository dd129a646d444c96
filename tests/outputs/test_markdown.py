"""The Markdown report: what it caps."""

import fixed
import pytest

from pincheck.model import Location, NotChecked, Report
from pincheck.outputs import markdown

AT = Location("a.xml", 1, 1, 1, 2)


def test_many_rows_are_counted() -> None:
    found = tuple(fixed.finding("malformed-pin", AT, f"finding {n}") for n in range(1_234))
    lines = markdown.render(Report(fixed.REPORT.today, found)).splitlines()
    assert (sum(line.startswith("| **error**") for line in lines), lines.count("734 more")) == (500, 1)


def test_a_long_report_is_cut_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markdown, "MOST_ROWS", 5_000)
    entries = tuple(NotChecked(f"{n}例" * 100, "例" * 900) for n in range(900))
    page = markdown.render(Report(fixed.REPORT.today, not_checked=entries))
    assert len(page.encode()) <= markdown.MOST_BYTES
    assert page.endswith("\nThe rest is left out: the report is too long.\n")


def test_certificate_files_are_counted_and_listed() -> None:
    lines = markdown.render(fixed.ONLY_FILES).splitlines()
    assert lines[:3] == [
        "## pincheck: nothing wrong", "", "1 pin set by certificate file in 1 file, judged for 2026-11-23.",
    ]  # fmt: skip
    assert "| `cert-file` | 2 certificate files | not set |" in lines[8]
    assert lines[-1] == (
        "- `1 pin set by certificate file`: neither the certificates' dates nor a spare certificate"
    )
