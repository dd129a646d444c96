"""What a pull request is told: comments on lines of its diff, each with the next step, and one summary."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from pincheck.model import Finding, Fix, Location, Report
from pincheck.model.review import Comment, Diff, Draft, Side
from pincheck.outputs import _facts
from pincheck.outputs._lines import Lines, Places
from pincheck.outputs._markdown import link, place, prose, sentence
from pincheck.outputs._seen import needs, unseen
from pincheck.outputs._summary import context, fitting, summary, told

if TYPE_CHECKING:
    from pincheck.model.changes import Since

_MOST_TOLD = 5
"""Findings in one comment."""
_MOST_RELATED = 3


def draft(report: Report, diff: Diff, most: int = 20, uncompared: str = "") -> Draft:
    """What to show on a pull request with these lines; at most ``most`` comments, the gravest.

    Where the report was compared with nothing, every finding counts as new, and the summary says so, and why if
    that is given as a clause.
    """
    findings = told(report)
    groups = _by_line(findings, report, diff)[: max(0, most)]
    return Draft(
        comments=tuple(_comment(group, report) for group in groups),
        open=frozenset(finding.fingerprint for finding in report.active),
        summary=summary(report, uncompared),
        silenced=_silenced(report),
        needs=needs(findings, report),
        unseen=unseen(report),
    )


def _silenced(report: Report) -> frozenset[str]:
    """Of findings that somebody wants not to see, and would otherwise."""
    found = [finding for finding in report.findings if finding.suppressed is not None]
    hidden = [each.finding for each in report.since.hidden if each.counts] if report.since else []
    return frozenset(finding.fingerprint for finding in (*found, *hidden))


# comments --------------------------------------------------------------------


class _Placed(NamedTuple):
    """A finding that has a place on the diff."""

    finding: Finding
    lines: Lines
    fix: Fix | None = None
    suggestion: str | None = None
    """What the fix makes of the lines, each with its break; None if a suggestion cannot say it."""


def _by_line(findings: Iterable[Finding], report: Report, diff: Diff) -> list[list[_Placed]]:
    """Those that can be commented on, the ones that begin on the same line together."""
    places, moved = Places(diff), dict(_moved(report.since))
    fixes = {fix.fingerprint: fix for fix in report.fixes}
    groups: dict[tuple[object, ...], list[_Placed]] = {}
    for finding in findings:
        fix = None if finding.gone else fixes.get(finding.fingerprint)
        if fix and (mended := places.replaced(fix)):
            placed = _Placed(finding, mended[0], fix, mended[1])
        elif lines := places.of(*_place(finding, diff, moved)):
            placed = _Placed(finding, lines, fix)
        else:
            continue
        groups.setdefault(placed.lines[:3], []).append(placed)
    return list(groups.values())


def _place(finding: Finding, diff: Diff, moved: Mapping[str, str]) -> tuple[Location, Side]:
    at = finding.at
    if not finding.gone:
        return at, "RIGHT"
    return at if at.path in diff else at._replace(path=moved.get(at.path, at.path)), "LEFT"


def _moved(since: "Since | None") -> Iterator[tuple[str, str]]:
    """Path before and path now of files with pins: a diff knows a renamed file by its new path."""
    for change in since.declarations if since else ():
        if change.before and change.after and change.before.at.path != change.after.at.path:
            yield change.before.at.path, change.after.at.path


def _comment(group: Sequence[_Placed], report: Report) -> Comment:
    """One for all that begins on a line; the gravest finding that has a suggestion gives it."""
    lead = next((each for each in group if each.suggestion is not None), group[0])
    path, side, first, last = lead.lines
    findings = [each.finding for each in group]
    fingerprints = tuple(finding.fingerprint for finding in findings)
    bodies = _body(group, lead), _body(group)
    return Comment(path, first, last, side, fingerprints, *bodies, needs(findings, report))


def _body(group: Sequence[_Placed], lead: _Placed | None = None) -> str:
    """What is said of each, and behind what is said of ``lead`` its suggestion."""
    block = _block(lead.suggestion) if lead and lead.suggestion is not None else ""
    told = [*([lead] if lead else []), *(each for each in group if each is not lead)][:_MOST_TOLD]
    paragraphs = [text for each in told for text in _said(each, bool(block) and each is lead)]
    if (more := len(group) - _MOST_TOLD) > 0:
        paragraphs.append(f"And {_facts.counted(more, 'more finding')} on this line: see the job summary.")
    if block:
        paragraphs.insert(len(list(_said(told[0], suggests=True))), block)
    return fitting(paragraphs, "\n\n")


def _said(placed: _Placed, suggests: bool) -> Iterator[str]:
    """Paragraphs on one finding; ``suggests`` where its fix is there to click."""
    finding, fix = placed.finding, placed.fix
    yield f"**{finding.severity}** · {link(finding.rule)}{context(finding)}"
    yield f"{sentence(finding.message)}."
    if finding.remedy:
        by_hand = f" `pincheck fix` does it: {sentence(fix.says)}." if fix and not suggests else ""
        yield f"**Fix:** {sentence(finding.remedy)}.{by_hand}"
    if finding.related:
        listed = (f"{place(at)} ({prose(why)})" for at, why in finding.related[:_MOST_RELATED])
        yield "See also " + ", ".join(listed) + "."


def _block(text: str) -> str:
    """The suggestion, in a fence longer than any in it."""
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence}suggestion\n{text}{fence}"
