"""For GitHub: workflow commands that put findings on the lines of a pull request.

Source: https://docs.github.com/actions/reference/workflow-commands-for-github-actions; the escaping
is that of ``@actions/core`` (``command.ts``).
"""

from collections.abc import Iterable, Iterator

from pincheck.model import SEVERITIES, Finding, Report, Severity
from pincheck.outputs import _facts
from pincheck.outputs._escape import visible
from pincheck.registry import output

COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}
CAP = 10
"""Of each kind in one step; GitHub drops the rest without a word."""


@output("github")
def render(report: Report) -> str:
    """Return one line per finding that concerns production code and is not suppressed, gravest first.

    Where more are found than GitHub shows, the last notice counts the rest.
    """
    shown: list[Finding] = []
    for severity in SEVERITIES:
        shown += list(_of(report, severity))[:CAP]
    hidden = sum(1 for severity in SEVERITIES for _ in _of(report, severity)) - len(shown)
    if hidden and sum(finding.severity == "note" for finding in shown) == CAP:
        shown.pop()
        hidden += 1
    lines = [_command(finding) for finding in shown]
    if hidden:
        lines.append(
            f"::notice title=pincheck::{_facts.counted(hidden, 'more finding')}: see the job summary"
        )
    return "".join(line + "\n" for line in lines)


def _of(report: Report, severity: Severity) -> Iterator[Finding]:
    return (f for f in report.active if f.severity == severity and f.context == _facts.PRODUCTION)


def _command(finding: Finding) -> str:
    message = visible(finding.message)
    if finding.remedy:
        message += "\nfix: " + visible(finding.remedy)
    properties = ",".join(f"{name}={escaped_property(value)}" for name, value in _properties(finding))
    return f"::{COMMANDS[finding.severity]} {properties}::{escaped_data(message)}"


def _properties(finding: Finding) -> Iterable[tuple[str, str]]:
    """Where to show it; GitHub takes columns only within one line."""
    at = finding.at
    yield "file", visible(at.path)
    yield "line", str(at.line)
    yield "endLine", str(max(at.line, at.end_line))
    if at.end_line == at.line:
        yield "col", str(at.column)
        yield "endColumn", str(max(at.column, at.end_column))
    yield "title", finding.rule


def escaped_data(text: str) -> str:
    """A message, so that it stays on its line."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escaped_property(text: str) -> str:
    """A property's value, so that it neither ends itself nor the command."""
    return escaped_data(text).replace(":", "%3A").replace(",", "%2C")
