"""For a job summary or a file: findings, what to do, the pins, and what was not checked."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from pincheck.model import SEVERITIES, Finding, PinSet, Report
from pincheck.outputs import _facts
from pincheck.outputs._markdown import capped, code, prose, row, within
from pincheck.registry import output

if TYPE_CHECKING:
    from pincheck.model.changes import DeclarationChange, Since

MOST_BYTES = 900_000
"""GitHub drops a job summary of more than 1 MiB as a whole."""
MOST_ROWS = 500
"""Of one table or list."""
_CUT = "The rest is left out: the report is too long."


@output("markdown")
def render(report: Report) -> str:
    """Return a Markdown document (GitHub's flavour) of at most ``MOST_BYTES`` in UTF-8."""
    return "\n".join(within(_lines(report), MOST_BYTES, _CUT, lambda line: len(line.encode()))) + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield f"## pincheck: {_verdict(report)}"
    yield ""
    yield f"{_facts.extent(report).capitalize()}, judged for {report.today.isoformat()}."
    if report.since:
        yield from _compared(report, report.since)
    elif active := _grave_first(report.active):
        yield from _findings(active)
        yield from _steps(active)
    if silenced := _facts.suppressed(report):
        yield from _silenced(silenced)
    if pin_sets := _facts.declared(report):
        yield from _pin_sets(pin_sets)
    yield from _lockouts(report)
    yield from _advice(report)
    yield from _not_checked(report)


def _verdict(report: Report) -> str:
    if found := _facts.severities(report):
        return found
    return "nothing wrong" if _facts.declared(report) else "no pins"


def _grave_first(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))


# what a change did -----------------------------------------------------------


def _compared(report: Report, since: "Since") -> Iterator[str]:
    """What is new before what was there already."""
    yield from ("", f"{prose(_sentence(_facts.news(report)))}.")
    if new := _grave_first(report.new):
        yield from _findings(new, "New findings")
        yield from _steps(new)
    if since.hidden:
        yield from ("", "### Silenced or made milder by the change", "")
        listed = (
            f"- {_severity(each.finding)} {code(each.finding.rule)} — {_found_at(each.finding)}:"
            f" {prose(_facts.hiding(each))}"
            for each in since.hidden
        )
        yield from capped(listed, len(since.hidden), "- {} more", MOST_ROWS)
    if since.declarations:
        yield from _declarations(since.declarations)
    if old := _grave_first(_facts.old(report)):
        summary = f"{_facts.counted(len(old), 'finding')} that {_facts.were(len(old))} there before"
        yield from _folded(summary, _rows(old))
    if since.fixed:
        yield from _folded(f"{len(since.fixed):,} fixed", _rows(_grave_first(since.fixed)))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _folded(summary: str, lines: Iterable[str]) -> Iterator[str]:
    """Lines that a reader has to unfold; GitHub wants blank lines between HTML and Markdown."""
    yield from ("", f"<details><summary>{summary}</summary>", "")
    yield from lines
    yield from ("", "</details>")


_DONE = {"added": "added", "removed": "**removed**", "changed": "changed"}


def _declarations(changes: "tuple[DeclarationChange, ...]") -> Iterator[str]:
    yield from ("", "### Declarations", "")
    yield from _table(
        ("change", "hosts", "declared by", "difference", "place"),
        (
            (
                _DONE[each.kind],
                _hosts(pin_set),
                _declared_by(pin_set),
                prose(_facts.difference(each)) or _size(pin_set),
                code(_facts.place(pin_set.at)) + ("" if each.after else " before the change"),
            )
            for each in changes
            if (pin_set := each.after or each.before)
        ),
        len(changes),
    )


def _size(pin_set: PinSet) -> str:
    return _facts.counted(len(pin_set.pins), "pin") if pin_set.pins else _number(pin_set)


# findings --------------------------------------------------------------------


def _findings(findings: list[Finding], heading: str = "Findings") -> Iterator[str]:
    yield from ("", f"### {heading}", "")
    yield from _rows(findings)


def _rows(findings: list[Finding]) -> Iterator[str]:
    yield from _table(
        ("severity", "rule", "place", "message"),
        (
            (
                _severity(finding),
                code(finding.rule),
                _found_at(finding),
                prose(finding.message),
            )
            for finding in findings
        ),
        len(findings),
    )


def _found_at(finding: Finding) -> str:
    return code(_facts.place(finding.at)) + (" before the change" if finding.gone else "")


def _severity(finding: Finding) -> str:
    word = f"**{finding.severity}**" if finding.severity == "error" else finding.severity
    return word if finding.context == _facts.PRODUCTION else f"{word} ({finding.context})"


def _steps(findings: list[Finding]) -> Iterator[str]:
    """Each next step once, with the places it is for."""
    places: dict[tuple[str, str], list[str]] = {}
    for finding in findings:
        if finding.remedy:
            places.setdefault((finding.rule, finding.remedy), []).append(_found_at(finding))
    if not places:
        return
    yield from ("", "### What to do", "")
    steps = (f"- {code(rule)}: {prose(remedy)} — {_few(at)}" for (rule, remedy), at in places.items())
    yield from capped(steps, len(places), "- {} more", MOST_ROWS)


def _few(places: list[str]) -> str:
    listed = ", ".join(places[:3])
    return listed + (f" and {_facts.counted(len(places) - 3, 'more place')}" if len(places) > 3 else "")


def _silenced(findings: tuple[Finding, ...]) -> Iterator[str]:
    yield from ("", "### Suppressed", "")
    yield from _table(
        ("rule", "place", "reason"),
        ((code(f.rule), code(_facts.place(f.at)), prose(f.suppressed or "")) for f in findings),
        len(findings),
    )


def _pin_sets(pin_sets: tuple[PinSet, ...]) -> Iterator[str]:
    yield from ("", "### Pin sets", "")
    yield from _table(
        ("hosts", "declared by", "pins", "expires", "place"),
        ((_hosts(s), _declared_by(s), _number(s), _expires(s), code(_facts.place(s.at))) for s in pin_sets),
        len(pin_sets),
    )


def _hosts(pin_set: PinSet) -> str:
    names = pin_set.host_names
    listed = ", ".join(code(name) for name in names[:5]) or "not in the source"
    return listed + (f" and {len(names) - 5:,} more" if len(names) > 5 else "")


def _number(pin_set: PinSet) -> str:
    if pin_set.files and not pin_set.pins:
        return _facts.counted(len(pin_set.files), "certificate file")
    return str(len(pin_set.pins))


def _declared_by(pin_set: PinSet) -> str:
    notes = [prose(pin_set.variant)] if pin_set.variant else []
    if pin_set.context != _facts.PRODUCTION:
        notes.append(pin_set.context)
    if not pin_set.read:
        notes.append("never read")
    return code(pin_set.mechanism) + (f" ({', '.join(notes)})" if notes else "")


def _expires(pin_set: PinSet) -> str:
    expiration = _facts.expiration(pin_set.expires)
    return prose(expiration) if expiration else "not set"


def _advice(report: Report) -> Iterator[str]:
    """The verdict of `pincheck advise` on each host, which tells the facts behind it."""
    if not report.advice:
        return
    yield from ("", "### Should these hosts be pinned?", "")
    rows = ((code(each.host), each.verdict, prose(each.reason)) for each in report.advice)
    yield from _table(("host", "verdict", "because"), rows, len(report.advice))


def _lockouts(report: Report) -> Iterator[str]:
    rows = _facts.lockouts(report)
    if not rows:
        return
    yield from ("", "### First day users are locked out, or no longer protected, if nothing is changed", "")
    yield from _table(
        ("day", "host", "client", "what happens", "place"),
        (
            (row.day, code(row.host), prose(row.client), prose(row.what), code(_facts.place(row.at)))
            for row in rows
        ),
        len(rows),
    )


def _not_checked(report: Report) -> Iterator[str]:
    entries = _facts.not_checked(report)
    if not entries:
        return
    yield from ("", "### Not checked", "")
    listed = (f"- {code(entry.what)}: {prose(entry.reason)}" for entry in entries)
    yield from capped(listed, len(entries), "- {} more", MOST_ROWS)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]], number: int) -> Iterator[str]:
    yield row(head)
    yield row("---" for _ in head)
    yield from capped(map(row, rows), number, "\n{} more", MOST_ROWS)
