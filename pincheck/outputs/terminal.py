"""For people: each finding with its source line, and what was not checked."""

import re
from collections.abc import Iterable, Iterator
from typing import IO

from pincheck.model import Finding, Location, Report
from pincheck.outputs import _facts
from pincheck.outputs._cells import width
from pincheck.outputs._escape import WITHHELD, visible
from pincheck.registry import output

Segment = tuple[str, str]
"""A text and its style, in rich's words; empty for plain."""
Line = list[Segment]

STYLES = {"error": "bold red", "warning": "bold yellow", "note": "bold cyan"}
FEW = 5
"""How many entries of *not checked* are listed unless the user asks for all."""
MANY = 10
"""How many days of trouble are."""
_INDENT = "  "


@output("terminal")
def render(report: Report) -> str:
    """Return the report as plain text; empty if the user wants quiet and nothing is wrong."""
    return _plain(lines(report))


def print_colours(report: Report, stream: IO[str]) -> None:
    """Write the same lines in colour to a terminal; plain if it has none or ``NO_COLOR`` is set."""
    print_lines(lines(report), stream)


def print_lines(shown: Iterable[Line], stream: IO[str]) -> None:
    """Write lines in colour to a terminal; plain if it has none or ``NO_COLOR`` is set."""
    from rich.console import Console
    from rich.text import Text

    if reconfigure := getattr(stream, "reconfigure", None):
        reconfigure(errors="backslashreplace")
    console = Console(file=stream, highlight=False, markup=False, emoji=False)
    if console.no_color or not console.color_system:
        stream.write(_plain(shown))
    else:
        with console.capture() as capture:
            for line in shown:
                console.print(Text.assemble(*line), soft_wrap=True)
        stream.write(capture.get())
    stream.flush()


def progress_bar(doing: str, total: int) -> "ProgressBar":
    """Start a progress bar on standard error."""
    return ProgressBar(doing, total)


class ProgressBar:
    """How far a run has come; gone from the terminal once closed."""

    def __init__(self, doing: str, total: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
        self._progress = Progress(*columns, console=Console(stderr=True), transient=True)
        self._task = self._progress.add_task(visible(doing), total=total)
        self._progress.start()

    def show(self, done: int) -> None:
        self._progress.update(self._task, completed=done)

    def close(self) -> None:
        self._progress.stop()


# what is said ----------------------------------------------------------------


def lines(report: Report) -> Iterator[Line]:
    """Yield what is said of a report, line by line."""
    if report.detail == "quiet":
        for finding in report.active:
            if finding.severity != "note":
                yield [*_head(finding, report), ("  " + _message(finding), "")]
        return
    for finding in report.findings:
        if _is_listed(finding, report):
            yield from _finding(finding, report)
            yield []
    yield from _closing(report)


def _is_listed(finding: Finding, report: Report) -> bool:
    return report.detail == "verbose" or (finding.suppressed is None and not _is_aside(finding))


def _is_aside(finding: Finding) -> bool:
    """A note on a test, an example or a debug build: such notes are many and seldom wanted."""
    return finding.severity == "note" and finding.context != _facts.PRODUCTION


def _finding(finding: Finding, report: Report) -> Iterator[Line]:
    yield _head(finding, report)
    if finding.suppressed is not None:
        yield [(f"{_INDENT}suppressed: {visible(finding.suppressed)}", "dim")]
    yield [(_INDENT + _message(finding), "")]
    yield from _source(finding.at, STYLES[finding.severity])
    if finding.remedy:
        remedy = visible(finding.remedy)
        yield [(_INDENT, ""), ("fix:", "bold green"), (f" {remedy}", "")]
    for at, why in finding.related:
        yield [(_INDENT, ""), ("see:", "bold"), (f" {_facts.place(at)}  {visible(why)}", "")]


def _head(finding: Finding, report: Report) -> Line:
    return [
        (_facts.found_at(finding), "bold"),
        ("  ", ""),
        (finding.severity, STYLES[finding.severity]),
        (f"  {finding.rule}", ""),
        *_standing(finding, report),
    ]


def _standing(finding: Finding, report: Report) -> Line:
    """Whether a finding is new, where that is known."""
    if report.since is None or finding.suppressed is not None:
        return []
    is_new = finding.fingerprint in report.since.new
    return [("  new", "bold")] if is_new else [("  was there before", "dim")]


def _message(finding: Finding) -> str:
    return visible(finding.message)


def _closing(report: Report) -> Iterator[Line]:
    """The counts, and what stays unknown."""
    if friendly := _facts.clean(report):
        yield [(friendly, "bold green" if _facts.declared(report) else "bold")]
    else:
        yield [(f"{_facts.severities(report)}; {_facts.extent(report)}", "bold")]
    yield from _since(report)
    yield from _aside(report)
    if known := _facts.known_as_of(report):
        yield [(known, "")]
    yield from _live(report)
    yield from _not_checked(report)


def _since(report: Report) -> Iterator[Line]:
    """What is new, and what the change hides."""
    since = report.since
    if since is None:
        return
    yield [(_facts.news(report), "bold")]
    most = len(since.hidden) if report.detail == "verbose" else FEW
    for hidden in since.hidden[:most]:
        finding = hidden.finding
        what = f" {_facts.found_at(finding)}  {finding.severity}  {finding.rule}: {_facts.hiding(hidden)}"
        yield [("hidden by the change:" if hidden.counts else "not hidden:", "yellow"), (what, "")]
    if len(since.hidden) > most:
        yield [("hidden by the change:", "yellow"), (f" {len(since.hidden) - most:,} more (--verbose)", "")]


def _live(report: Report) -> Iterator[Line]:
    """How many hosts were looked at, and for each the first day of trouble."""
    if seen := _facts.looked_at(report):
        yield [(seen, "")]
    rows = _facts.lockouts(report)
    if not rows:
        return
    yield [("first day users are locked out, or no longer protected, if nothing is changed:", "bold")]
    most = len(rows) if report.detail == "verbose" else MANY
    for row in rows[:most]:
        yield [
            (f"{_INDENT}{row.day:10}", "bold"),
            (
                f"  {visible(row.host)}  {visible(row.client)}, {_facts.place(row.at)}: {visible(row.what)}",
                "",
            ),
        ]
    if len(rows) > most:
        yield [(f"{_INDENT}{len(rows) - most:,} more (--verbose)", "")]


def _aside(report: Report) -> Iterator[Line]:
    hint = "" if report.detail == "verbose" else " (--verbose)"
    if asides := sum(_is_aside(finding) for finding in report.active):
        yield [(f"{_facts.counted(asides, 'note')} in test, example and debug files{hint}", "")]
    if silenced := len(_facts.suppressed(report)):
        yield [(f"{_facts.counted(silenced, 'suppressed finding')}{hint}", "")]


def _not_checked(report: Report) -> Iterator[Line]:
    others = _facts.not_checked(report)
    if others[:1] == (_facts.LIVE_HOSTS,):
        yield [(f"{others[0].what} not checked ({others[0].reason})", "")]
        others = others[1:]
    most = len(others) if report.detail == "verbose" else FEW
    for entry in others[:most]:
        yield [("not checked:", "yellow"), (f" {visible(entry.what)}: {visible(entry.reason)}", "")]
    if len(others) > most:
        yield [("not checked:", "yellow"), (f" {len(others) - most:,} more (--verbose)", "")]


def _plain(shown: Iterable[Line]) -> str:
    return "".join("".join(text for text, _ in line) + "\n" for line in shown)


# the source line -------------------------------------------------------------

_WIDEST = 100
"""Terminal cells of a source line that are shown."""
_BEFORE = 30
"""Cells shown left of the span where a line is windowed."""
_TAB = "    "


def _source(at: Location, style: str) -> Iterator[Line]:
    """The line and a run of carets under the span; nothing if the text is not kept."""
    pieces = _pieces(at.text)
    start = at.column - 1
    if not pieces or start > len(pieces):
        return
    end = at.end_column - 1 if at.end_line == at.line else len(pieces)
    first, last = _window(pieces, start)
    shown = ("…" if first else "") + "".join(pieces[first:last]) + ("…" if last < len(pieces) else "")
    before = width("".join(pieces[first:start])) + (1 if first else 0)
    under = max(1, width("".join(pieces[start : min(max(end, start), last)])))
    gutter = f"{at.line:>5} | "
    yield [(gutter, "dim"), (shown.rstrip(), "")]
    yield [(" " * (len(gutter) - 2) + "| ", "dim"), (" " * before + "^" * under, style)]


def _pieces(text: str) -> list[str]:
    """What is shown for each character of a line."""
    shown = visible(text)
    if shown == text:
        return list(text)
    if shown == WITHHELD:
        return []
    pieces = [_TAB if character == "\t" else visible(character) for character in text]
    for match in re.finditer(r"##(?=\[)", text):
        pieces[match.end() - 1] = r"\x23"
    return pieces


def _window(pieces: list[str], start: int) -> tuple[int, int]:
    """The first and last (exclusive) of the pieces that fit, so that the span is seen."""
    widths = [width(piece) for piece in pieces]
    if sum(widths) <= _WIDEST:
        return 0, len(pieces)
    first, left = start, 0
    while first and left + widths[first - 1] <= _BEFORE:
        first -= 1
        left += widths[first]
    last, right = first, 0
    while last < len(pieces) and right + widths[last] <= _WIDEST:
        right += widths[last]
        last += 1
    return first, last
