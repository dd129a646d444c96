"""The one comment that sums up a pull request; empty where there is nothing to say.

A pull request hears of what it does: of findings that are new, of pins that it takes away, of findings that it
hides, and, where it touches a host's pins, of a lock-out of that host within ``HORIZON_DAYS``. What was there before
is counted, not told again, so that a pull request that touches no pin hears nothing. Notes on what no user runs
(tests, examples) are left to the job summary.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from pincheck.model import SEVERITIES, DeclaredPin, Finding, HostPattern, PinSet, Policy, Report
from pincheck.model.review import Summary
from pincheck.outputs import _facts
from pincheck.outputs._hosts import locks_out_by, rows
from pincheck.outputs._markdown import capped, code, link, place, prose, row, sentence, within

if TYPE_CHECKING:
    from pincheck.model.changes import DeclarationChange, Hidden, Since

MOST_CHARACTERS = 50_000
"""GitHub refuses more than 65,536 in one body; the others are left for a marker."""
HORIZON_DAYS = Policy().expiry_horizon_days
_MOST_ROWS = 25
"""Of one table or list; what is hidden is listed as far as there is room."""
_FEW = 5
_CUT = "The rest is left out: it is too long for a comment. The job summary has more."
_UNCOMPARED = "there is nothing to compare with: every finding counts as new"


def told(report: Report) -> list[Finding]:
    """The new findings that a reviewer hears of, gravest first.

    No notes on tests and examples, and none that another pin has made of one that was there before.
    """
    kept = set(_kept(report))
    ours = [f for f in report.new if f.severity != "note" or f.context == _facts.PRODUCTION]
    found = [finding for finding in ours if finding not in kept]
    return sorted(found, key=lambda finding: SEVERITIES.index(finding.severity))


def _kept(report: Report) -> list[Finding]:
    """The notes that are new in their pin alone."""
    before = {_about(finding) for finding in report.since.fixed} if report.since else ()
    return [note for note in report.new if note.severity == "note" and _about(note) in before]


def _about(finding: Finding) -> tuple[object, ...]:
    """What stays the same where only the pin is another."""
    return finding.rule, finding.at.path, finding.hosts


def summary(report: Report, uncompared: str = "") -> Summary:
    """The parts of it; ``uncompared`` is a clause on why the report was compared with nothing, if that is known."""
    headline, since = _headline(report), report.since
    if not headline:
        return Summary()
    findings = told(report)
    why = "" if since else uncompared or _UNCOMPARED
    head = (f"## pincheck: {headline}", *(("", f"{sentence(why[:1].upper() + why[1:])}.") if why else ()))
    items = {finding.fingerprint: item(finding) for finding in findings}
    return Summary(head, tuple(_table(report)), items, tuple(_rest(report, items)))


def text(parts: Summary, commented: Collection[str]) -> str:
    """The Markdown, at most ``MOST_CHARACTERS`` of it; ``commented`` are fingerprints told in comments."""
    return fitting(_lines(parts, commented))


def fitting(lines: Iterable[str], joint: str = "\n") -> str:
    """What of the lines fits in a comment, counted in UTF-16 units: never less than GitHub counts."""
    return joint.join(within(lines, MOST_CHARACTERS, _CUT, lambda line: len(line.encode("utf-16-le")) // 2))


def context(finding: Finding) -> str:
    """`` (test)`` where it is not in what users run."""
    return "" if finding.context == _facts.PRODUCTION else f" ({finding.context})"


def _headline(report: Report) -> str:
    """The gravest thing there is to say; empty if nothing is."""
    since = report.since
    if found := told(report):
        return _counted(found, "new ")
    if since and (hiding := [each for each in since.hidden if each.counts]):
        return f"this change hides {_facts.counted(len(hiding), 'finding')}"
    if since and since.hidden:
        return "nothing is hidden: the ignores and settings of this change do not count"
    if lost := {what for change in since.declarations for what in _lost(change)} if since else ():
        return f"{'pins' if 'pins' in lost else 'pinned hosts'} removed, nothing new is wrong"
    if since and (day := _nearest(report, since)):
        return f"nothing new is wrong, but users are locked out {day}"
    return ""


def _lines(parts: Summary, commented: Collection[str]) -> Iterator[str]:
    elsewhere = [listed for fingerprint, listed in parts.findings.items() if fingerprint not in commented]
    there = len(parts.findings) - len(elsewhere)
    yield from parts.head
    if there:
        yield from ("", f"{_said_there(there, len(parts.findings))}.")
    yield from parts.table
    if elsewhere:
        yield from ("", "### Elsewhere" if there else "### New findings", "")
        yield from capped(elsewhere, len(elsewhere), "- {} more: see the job summary", _MOST_ROWS)
    yield from parts.rest


def _rest(report: Report, told: Collection[str]) -> Iterator[str]:
    if report.since:
        yield from _changes(report.since)
        yield from _hidden(report.since.hidden, told)
    yield from _aside(report)


def _counted(findings: Sequence[Finding], adjective: str) -> str:
    numbers = ((sum(f.severity == severity for f in findings), severity) for severity in SEVERITIES)
    return ", ".join(_facts.counted(number, adjective + severity) for number, severity in numbers if number)


def _lost(change: "DeclarationChange") -> Iterator[str]:
    """What users lose by it: ``pins``, ``hosts``."""
    if not _is_ours(change):
        return
    if change.kind == "removed" or change.pins_removed:
        yield "pins"
    if change.hosts_removed:
        yield "hosts"


def _nearest(report: Report, since: "Since") -> str:
    """``now`` or ``on 2026-12-24``: the first lock-out within the horizon of hosts whose pins are touched."""
    by_name: dict[str, list[HostPattern]] = {}
    for change in since.declarations:
        for host in change.after.hosts if change.after else ():
            by_name.setdefault(host.name, []).append(host)
    seen = report.survey.verifications if report.survey else ()
    found = [each for each in seen if any(host.matches(each.host) for host in _above(each.host, by_name))]
    return locks_out_by(found, report.today, HORIZON_DAYS)


def _above(name: str, by_name: Mapping[str, list[HostPattern]]) -> Iterator[HostPattern]:
    """The patterns on a name and on those above it."""
    while name:
        yield from by_name.get(name, ())
        name = name.partition(".")[2]


# sections --------------------------------------------------------------------


def _table(report: Report) -> Iterator[str]:
    """Hosts beside platforms; offline only those that the change or a new finding is about."""
    found = list(rows(report, _concerned(report)))
    if not found:
        return
    yield from ("", row(("host", "platform", "verdict", "users locked out")), row(["---"] * 4))
    yield from capped(map(row, found), len(found), "\n{} more: see the job summary.", _MOST_ROWS)


def _concerned(report: Report) -> tuple[PinSet, ...]:
    if report.since is None:
        return report.project.pin_sets
    paths = {finding.at.path for finding in told(report)}
    changed = {change.after.at for change in report.since.declarations if change.after}
    return tuple(each for each in report.project.pin_sets if each.at in changed or each.at.path in paths)


def item(finding: Finding) -> str:
    """A finding as a line of a list."""
    fix = f" **Fix:** {sentence(finding.remedy)}." if finding.remedy else ""
    lead = f"- **{finding.severity}** · {link(finding.rule)}{context(finding)} · {_found_at(finding)}"
    return f"{lead}<br>{sentence(finding.message)}.{fix}"


def _found_at(finding: Finding) -> str:
    """Its place; one that is gone is told as such."""
    return place(finding.at) + (" before the change" if finding.gone else "")


def _changes(since: "Since") -> Iterator[str]:
    ours = [each for each in since.declarations if _is_ours(each)]
    if ours:
        yield from ("", f"### What changed since {code(since.base)}", "")
        yield from capped(map(_change, ours), len(ours), "- {} more", _MOST_ROWS)


def _is_ours(change: "DeclarationChange") -> bool:
    return any(state.context == _facts.PRODUCTION for state in (change.before, change.after) if state)


def _change(change: "DeclarationChange") -> str:
    state = change.after or change.before
    assert state is not None
    added, removed = _facts.told_apart(change, _short)
    parts = [
        *([f"{change.kind}"] if change.kind != "changed" else []),
        *_signed("−", [code(pin) for pin in removed]),
        *_signed("+", [code(pin) for pin in added]),
        *_signed("−", [code(host) for host in change.hosts_removed]),
        *_signed("+", [code(host) for host in change.hosts_added]),
        *_expiry(change),
        *filter(None, [_facts.comparison(change)]),
    ]
    hosts = _some([code(host) for host in state.host_names]) or "hosts not in the source"
    done = ", ".join(parts) or "other certificate files"
    return f"- {hosts} · {prose(state.semantics.client)} · {place(state.at)}<br>{done}"


def _signed(sign: str, texts: list[str]) -> Iterator[str]:
    if texts:
        yield f"{sign} {_some(texts)}"


def _short(pin: DeclaredPin) -> str:
    """As written, cut as messages cut it."""
    prefix = re.match(r"sha(?:256|1)//?", pin.text)
    most = 12 + (prefix.end() if prefix else 0)
    return pin.text[:most] + "…" if len(pin.text) > most + 1 else pin.text


def _some(texts: list[str]) -> str:
    return ", ".join(texts[:_FEW]) + (f" and {len(texts) - _FEW:,} more" if len(texts) > _FEW else "")


def _expiry(change: "DeclarationChange") -> Iterator[str]:
    if change.before and change.after:
        before, after = _facts.expiration(change.before.expires), _facts.expiration(change.after.expires)
        if before != after:
            yield f"expires {prose(after or 'never')} instead of {prose(before or 'never')}"


def _hidden(hidden: "Sequence[Hidden]", told: Collection[str]) -> Iterator[str]:
    if hidden:
        does = "hides" if any(each.counts for each in hidden) else "would hide"
        yield from ("", f"### What this change {does}", "")
        yield from (_hiding(each, each.finding.fingerprint in told) for each in hidden)


def _hiding(each: "Hidden", told: bool) -> str:
    """``told`` where the finding itself is in the summary or a comment already."""
    finding = each.finding
    at = f" ({place(each.at)})" if each.at else ""
    effect = "" if each.counts else "; without effect: a stranger's change does not decide how it is judged"
    lead = f"- **{finding.severity}** · {link(finding.rule)} · {_found_at(finding)}"
    return f"{lead}: {prose(each.how)}{at}{effect}" + ("" if told else f"<br>{sentence(finding.message)}.")


def _aside(report: Report) -> Iterator[str]:
    """What needs no reading: one line for each."""
    since = report.since
    new = {*map(_about, report.new)}
    if gone := [f for f in since.fixed if _about(f) not in new] if since else ():
        listed = [f"{code(f.rule)} at {place(f.at)}" for f in gone]
        yield from ("", f"**No longer found:** {_some(listed)}.")
    if since and (before := len(report.active) - len(report.new) + len(_kept(report))):
        yield from ("", f"**There before:** {_facts.counted(before, 'finding')}, not told again.")
    if entries := _facts.not_checked(report):
        listed = [f"{prose(each.what)} ({prose(each.reason)})" for each in entries]
        yield from ("", f"**Not checked:** {_some(listed)}.")


def _said_there(number: int, of: int) -> str:
    if number == of:
        return "It is commented on its line" if of == 1 else "Each is commented on its line"
    return f"{number:,} of {of:,} {'is commented on its line' if number == 1 else 'are commented on their lines'}"
