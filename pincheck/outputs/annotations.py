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

    Compared with an earlier state, only what is new is shown. Where more are found than GitHub shows, or were there
    before, the last notice counts the rest.
    """
    shown: list[Finding] = []
    for severity in SEVERITIES:
        shown += list(_of(report, severity))[:CAP]
    hidden = sum(1 for severity in SEVERITIES for _ in _of(report, severity)) - len(shown)
    old = sum(finding.context == _facts.PRODUCTION for finding in _facts.old(report))
    if (hidden or old) and sum(finding.severity == "note" for finding in shown) == CAP:
        shown.pop()
        hidden += 1
    lines = [_command(finding) for finding in shown]
    if rest := _rest(hidden, old, report):
        lines.append(f"::notice title=pincheck::{escaped_data(rest)}: see the job summary")
    return "".join(line + "\n" for line in lines)


def _rest(hidden: int, old: int, report: Report) -> str:
    """What is not shown: ``3 more findings``, ``2 findings were there before main``."""
    parts = [_facts.counted(hidden, "more finding")] if hidden else []
    if old:
        base = _facts.earlier(report)
        parts.append(f"{_facts.counted(old, 'finding')} {_facts.were(old)} there before, in {base}")
    return "; ".join(parts)


def _of(report: Report, severity: Severity) -> Iterator[Finding]:
    return (f for f in report.new if f.severity == severity and f.context == _facts.PRODUCTION)


def _command(finding: Finding) -> str:
    message = visible(finding.message)
    if finding.remedy:
        message += "\nfix: " + visible(finding.remedy)
    if finding.gone:
        message += f"\nit stood in line {finding.at.line} before the change"
    properties = ",".join(f"{name}={escaped_property(value)}" for name, value in _properties(finding))
    return f"::{COMMANDS[finding.severity]} {properties}::{escaped_data(message)}"


def _properties(finding: Finding) -> Iterable[tuple[str, str]]:
    """Where to show it; GitHub takes columns only within one line. What is gone has no line any more."""
    at = finding.at
    yield "file", visible(at.path)
    if finding.gone:
        yield "title", finding.rule
        return
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
