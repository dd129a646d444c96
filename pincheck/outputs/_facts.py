"""What every output says of a report in the same words: counts, gaps, kinds of pins, what a change did."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

from pincheck.model import (
    SEVERITIES,
    DeclaredPin,
    Expiry,
    Finding,
    HostPattern,
    Location,
    NotChecked,
    PinSet,
    Report,
)
from pincheck.outputs._escape import visible

if TYPE_CHECKING:
    from pincheck.model.chains import Verification
    from pincheck.model.changes import DeclarationChange, Hidden

PRODUCTION = "production"
LIVE_HOSTS = NotChecked("live hosts", "offline run", is_path=False)


def counted(number: int, noun: str) -> str:
    """``1 file``, ``1,204 files``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def severities(report: Report) -> str:
    """``2 errors, 1 note``: the active findings, gravest first; empty if there are none."""
    return by_severity(report.active)


def by_severity(findings: Iterable[Finding]) -> str:
    """``2 errors, 1 note``, gravest first; empty without any."""
    every = [finding.severity for finding in findings]
    numbers = ((every.count(severity), severity) for severity in SEVERITIES)
    return ", ".join(counted(number, severity) for number, severity in numbers if number)


def suppressed(report: Report) -> tuple[Finding, ...]:
    """The findings that the user has silenced."""
    return tuple(finding for finding in report.findings if finding.suppressed is not None)


def extent(report: Report) -> str:
    """``3 pin sets in 2 files and 1 by certificate file in 1 file``, or that there are none."""
    sets, by_file = pinning(report), pinning_by_file(report)
    if sets and by_file:
        return f"{_sets(sets)} and {len(by_file):,} by certificate file in {_files(by_file)}"
    if by_file:
        return f"{counted(len(by_file), 'pin set')} by certificate file in {_files(by_file)}"
    if sets:
        return _sets(sets)
    if report.project.gaps or report.not_checked:
        return f"no pins found in {counted(report.files_seen, 'file')}"
    return f"no pins declared in {counted(report.files_seen, 'file')}"


def _sets(sets: tuple[PinSet, ...]) -> str:
    return f"{counted(len(sets), 'pin set')} in {_files(sets)}"


def _files(sets: tuple[PinSet, ...]) -> str:
    return counted(len({pin_set.at.path for pin_set in sets}), "file")


def clean(report: Report) -> str:
    """The one line that says all, if there is no active finding; else empty."""
    if report.active:
        return ""
    if not declared(report):
        return extent(report)
    return f"{extent(report)}, nothing wrong" + (" but what is suppressed" if suppressed(report) else "")


def pinning(report: Report) -> tuple[PinSet, ...]:
    """The pin sets that hold a pin."""
    return tuple(pin_set for pin_set in report.project.pin_sets if pin_set.pins)


def pinning_by_file(report: Report) -> tuple[PinSet, ...]:
    """The pin sets that hold no pin but certificate files."""
    return tuple(pin_set for pin_set in report.project.pin_sets if pin_set.files and not pin_set.pins)


def declared(report: Report) -> tuple[PinSet, ...]:
    """The pin sets that hold a pin or a certificate file, in the order of their files."""
    return tuple(pin_set for pin_set in report.project.pin_sets if pin_set.pins or pin_set.files)


def not_checked(report: Report) -> tuple[NotChecked, ...]:
    """All that a user would expect to be checked and that was not: live hosts, pinned certificates, files, gaps.

    Live hosts come first, and only where something is declared for them and nobody looked.
    """
    declares = (declared(report) or report.project.gaps) and report.survey is None
    entries = [LIVE_HOSTS] if declares else []
    if by_file := [pin_set for pin_set in declared(report) if pin_set.files]:
        what = f"{counted(len(by_file), 'pin set')} by certificate file"
        entries.append(NotChecked(what, "neither the certificates' dates nor a spare certificate"))
    entries += report.not_checked
    if report.files_skipped:
        entries.append(
            NotChecked(counted(report.files_skipped, "file"), "not readable; the name fits no known format")
        )
    entries += (NotChecked(place(gap.at), gap.reason) for gap in report.project.gaps)
    return tuple(entries)


_LAST = {"now": 0, "not known": 2, "never": 3}
"""How the days that are no dates are sorted between those that are."""


class LockoutRow(NamedTuple):
    """When one client's users are locked out of one host, in words."""

    day: str
    """ISO date; ``now``, or ``never`` or ``not known`` where there is none."""
    host: str
    client: str
    what: str
    """What happens then."""
    at: Location


def looked_at(report: Report) -> str:
    """``3 hosts looked at``, ``2 of 3 hosts could be looked at``; empty where there was none to look at."""
    if not report.survey or not report.survey.observations:
        return ""
    hosts = dict.fromkeys(each.target.host for each in report.survey.observations)
    seen = {each.target.host for each in report.survey.observations if each.served}
    if len(seen) == len(hosts):
        return f"{counted(len(hosts), 'host')} looked at"
    number = f"{len(seen):,}" if seen else "none"
    return f"{number} of {counted(len(hosts), 'host')} could be looked at"


def known_as_of(report: Report) -> str:
    """Of which day the facts on CA keys are; empty where no pin is of one."""
    known = report.knowledge
    if not known or not known.table_day or not any(each.ca for each in known.identities.values()):
        return ""
    return f"CA keys as known on {known.table_day}"


def lockouts(report: Report) -> tuple[LockoutRow, ...]:
    """The first day of trouble for each client and host that was looked at, the nearest first."""
    seen = [each for each in report.survey.verifications if _was_seen(each)] if report.survey else []
    rows = [_lockout(each) for each in seen]
    return tuple(sorted(rows, key=lambda row: (_LAST.get(row.day, 1), row.day, row.host, row.client)))


def _lockout(verification: "Verification") -> LockoutRow:
    from pincheck.lockout import consequence, is_now

    end, first = verification.lockout, verification.first
    client = first.semantics.client + (f" ({first.variant})" if first.variant not in ("", "main") else "")
    if end is None:
        reasons = [look.reason for look in verification.looks]
        what = next(filter(None, reasons), "no release could be judged")
        return LockoutRow("not known", verification.host, client, what, first.at)
    day = "now" if is_now(end) else end.day.isoformat() if end.day else "never"
    return LockoutRow(day, verification.host, client, consequence(end, "the app"), first.at)


def _was_seen(verification: "Verification") -> bool:
    """Whether any chain of the host was seen; the others are listed as not checked."""
    return any(look.observation.served for look in verification.looks)


def earlier(report: Report) -> str:
    """What a report was compared with, as messages call it; empty if with nothing."""
    return (visible(report.since.base) or "the state before") if report.since else ""


def old(report: Report) -> tuple[Finding, ...]:
    """The active findings that were there before; none if the report was compared with nothing."""
    since = report.since
    return tuple(f for f in report.active if f.fingerprint not in since.new) if since else ()


def news(report: Report) -> str:
    """``new since main: 2 errors; 3 findings were there before; 1 fixed``; empty if compared with nothing."""
    since = report.since
    if since is None:
        return ""
    number, fixed = len(old(report)), len(since.fixed)
    first = by_severity(report.new)
    parts = [f"new since {earlier(report)}: {first}" if first else f"nothing new since {earlier(report)}"]
    if number:
        parts.append(f"{counted(number, 'finding')} {were(number)} there before")
    if fixed:
        parts.append(f"{fixed:,} fixed")
    return "; ".join(parts)


def were(number: int) -> str:
    """The verb for a number of things that were."""
    return "was" if number == 1 else "were"


def hiding(hidden: "Hidden") -> str:
    """What hides a finding, and where: ``a new comment silences it (app/nsc.xml:4:6)``; and whether that counts."""
    where = f" ({place(hidden.at)})" if hidden.at else ""
    return visible(hidden.how) + where + ("" if hidden.counts else ", which does not count in this change")


def difference(change: "DeclarationChange") -> str:
    """``pins added: ++MBgDH5WGvL…; hosts removed: pay.shop.example``; empty if the whole is added or removed."""
    before, after = change.before, change.after
    if not before or not after:
        return ""
    added, removed = told_apart(change, _start)
    parts = [
        _listed("pins added", added),
        _listed("pins removed", removed),
        _listed("hosts added", change.hosts_added),
        _listed("hosts removed", change.hosts_removed),
    ]
    was, now = expiration(before.expires), expiration(after.expires)
    if was != now:
        parts.append(f"expires: {now or 'never'} instead of {was or 'never'}")
    parts.append(comparison(change))
    return visible("; ".join(filter(None, parts)) or "other certificate files")


_COMPARED = {
    "path": "all of the verified path",
    "leaf": "the leaf",
    "issuers": "the CAs above the leaf",
    "served": "all that is served",
}


def comparison(change: "DeclarationChange") -> str:
    """``compared with the leaf instead of the CAs above the leaf``; empty if nothing changed in that."""
    was, now = (each and _COMPARED[each.semantics.compares] for each in (change.before, change.after))
    return f"compared with {now} instead of {was}" if was and now and was != now else ""


def told_apart(
    change: "DeclarationChange", short: Callable[[DeclaredPin], str]
) -> tuple[list[str], list[str]]:
    """The pins added and removed, in short; as written where pins of both would read the same."""
    added, removed = change.pins_added, change.pins_removed
    alike = {*map(short, added)} & {*map(short, removed)}

    def shown(pin: DeclaredPin) -> str:
        return pin.text if short(pin) in alike else short(pin)

    return [*map(shown, added)], [*map(shown, removed)]


FEW_NAMES = 4
"""Of pins or hosts in a sentence; the others are counted."""


def _listed(what: str, texts: Iterable[str]) -> str:
    every = list(texts)
    more = f" and {len(every) - FEW_NAMES:,} more" if len(every) > FEW_NAMES else ""
    return f"{what}: {', '.join(every[:FEW_NAMES])}{more}" if every else ""


def _start(pin: DeclaredPin) -> str:
    """Enough of a pin to find it by."""
    text = pin.pin.base64 if pin.pin else pin.text.strip() or "(empty)"
    return text[:12] + ("…" if len(text) > 12 else "")


def found_at(finding: Finding) -> str:
    """The place of a finding; one that is gone is told as such."""
    return place(finding.at) + (" (before the change)" if finding.gone else "")


def place(at: Location) -> str:
    """``path:line:column``, on one line."""
    return f"{visible(at.path)}:{at.line}:{at.column}"


def pin_kind(pin: DeclaredPin) -> str:
    """What a pin text is.

    ``placeholder`` (no real pin), ``malformed`` (the client cannot use it), or what is hashed and how:
    ``spki-sha256``, ``spki-sha1``, ``cert-sha256``, ``cert-sha1``.
    """
    if pin.placeholder:
        return "placeholder"
    if pin.fault or not pin.pin:
        return "malformed"
    hashed = "cert" if pin.pin.hashed == "certificate" or pin.certificate_file else "spki"
    return f"{hashed}-{pin.pin.algorithm}"


def includes_subdomains(hosts: tuple[HostPattern, ...]) -> bool | None:
    """Whether names below the hosts are covered; None if that differs among them, or without any."""
    flags = {host.depth != "exact" for host in hosts}
    return flags.pop() if len(flags) == 1 else None


def expiration(expires: Expiry | None) -> str | None:
    """The ISO date, or the text as written if the client cannot read it; None if nothing is set."""
    if expires is None:
        return None
    return expires.day.isoformat() if expires.day else expires.text
