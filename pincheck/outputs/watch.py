"""The one issue of a scheduled watch: what is wrong by now, and what is to come."""

from collections.abc import Iterator, Sequence

from pincheck.model import SEVERITIES, Finding, Report
from pincheck.model.review import IssueDraft
from pincheck.outputs import _facts
from pincheck.outputs._markdown import capped, code, prose, row
from pincheck.outputs._seen import needs, unseen
from pincheck.outputs._summary import fitting, item

TITLE = "Certificate pins need attention"
"""Always the same: the issue is known by its marker, and its subject in a mailbox stays one thread."""
_FROM_LOGS = "unpinned-key-in-log"
_MOST_ROWS, _REST = 50, "{} more: see the job summary"


def issue(report: Report) -> IssueDraft:
    """What the issue is to say; an empty body closes it, if nothing of what it told of is unseen.

    Something is wrong where there is an active error or warning: that takes in a lock-out within the policy's
    horizon (rule ``lockout-date``), and leaves out what is no part of what users run, whose findings are notes.
    What was not checked, old CA data with it, is told beside what is wrong, and opens no issue by itself.
    A second run of a day with the same outcome gives the same text.
    """
    wrong = [finding for finding in report.active if finding.severity != "note"]
    wrong.sort(key=lambda finding: SEVERITIES.index(finding.severity))
    body = fitting(_lines(report, wrong)) if wrong else ""
    return IssueDraft(TITLE, body, needs(wrong, report), unseen(report))


def _lines(report: Report, wrong: Sequence[Finding]) -> Iterator[str]:
    yield f"pincheck last looked on {report.today.isoformat()}: {_facts.by_severity(wrong)}."
    yield from _section("Wrong now", [finding for finding in wrong if finding.rule != _FROM_LOGS])
    yield from _section(
        "Issued, and not served yet", [finding for finding in wrong if finding.rule == _FROM_LOGS]
    )
    yield from _calendar(report)
    yield from _not_checked(report)
    yield from (
        "",
        "<sub>A scheduled run edits this issue as things change, and closes it when all is well.</sub>",
    )


def _section(title: str, findings: Sequence[Finding]) -> Iterator[str]:
    if findings:
        yield from ("", f"### {title}", "")
        yield from capped(map(item, findings), len(findings), f"- {_REST}", _MOST_ROWS)


def _calendar(report: Report) -> Iterator[str]:
    """The first day of trouble of each host and client, the nearest first."""
    rows = _facts.lockouts(report)
    if not rows:
        return
    yield from (
        "",
        "### Lock-out calendar",
        "",
        row(("day", "host", "client", "what happens")),
        row(["---"] * 4),
    )
    cells = ((each.day, code(each.host), prose(each.client), prose(each.what)) for each in rows)
    yield from capped(map(row, cells), len(rows), f"\n{_REST}", _MOST_ROWS)


def _not_checked(report: Report) -> Iterator[str]:
    entries = _facts.not_checked(report)
    if entries:
        yield from ("", "### Not checked", "")
        listed = (f"- {code(each.what)}: {prose(each.reason)}" for each in entries)
        yield from capped(listed, len(entries), f"- {_REST}", _MOST_ROWS)
