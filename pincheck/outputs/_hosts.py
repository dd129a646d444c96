"""Each host beside each platform: what is served, and the day its users are locked out, in few words."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING

from pincheck.model import Finding, PinSet, Report
from pincheck.outputs import _facts
from pincheck.outputs._markdown import code, prose

if TYPE_CHECKING:
    from pincheck.model.chains import Lockout, Verification

_PLATFORMS = {"android": "Android", "ios": "iOS", "jvm": "JVM", "any": ""}
_EVIDENT = ("Android", "App Transport Security")
"""Clients that go without saying on their platform."""
NOT_ASKED, NOT_KNOWN = "not asked", "not known"
_UNDONE_BY = (
    "host-never-matches",
    "malformed-config",
    "malformed-pin",
    "misplaced-declaration",
    "pinning-not-enforced",
)
"""Rules whose errors keep a declaration from doing what its pins, compared alone, would do."""


def rows(report: Report, pin_sets: Iterable[PinSet]) -> Iterator[tuple[str, str, str, str]]:
    """Cells of a table in Markdown, trouble first: host, platform, verdict, lock-out.

    Of all hosts that were looked at; if nobody looked, of those of ``pin_sets`` of which the files tell something.
    """
    undoing = _Undoing(report)
    if report.survey is None:
        ours = (each for each in pin_sets if each.context == _facts.PRODUCTION)
        found = [
            (code(name), _platform(each), *_unasked(each, undoing.of(each), report.today))
            for each in ours
            for name in each.host_names
        ]
        yield from (row for row in dict.fromkeys(found) if row[2:] != (NOT_ASKED, NOT_KNOWN))
        return
    seen = [each for each in report.survey.verifications if each.first.context == _facts.PRODUCTION]
    seen.sort(key=lambda each: (_order(each.lockout), each.host))
    yield from dict.fromkeys(
        (
            code(each.host),
            _platform(each.first),
            _verdict(each, undoing.of(*each.pin_sets)),
            _end(each.lockout, report.today),
        )
        for each in seen
    )


class _Undoing:
    """The errors that keep declarations from working, found by their files."""

    def __init__(self, report: Report) -> None:
        self._by_path: dict[str, list[Finding]] = {}
        for finding in report.active:
            if finding.rule in _UNDONE_BY and finding.severity == "error":
                self._by_path.setdefault(finding.at.path, []).append(finding)

    def of(self, *pin_sets: PinSet) -> str:
        """``see `malformed-pin` `` where one is about a host of these; else empty."""
        rules = dict.fromkeys(
            finding.rule
            for pin_set in pin_sets
            for finding in self._by_path.get(pin_set.at.path, ())
            if not finding.hosts or {*finding.hosts} & {*pin_set.host_names}
        )
        return f"see {', '.join(map(code, rules))}" if rules else ""


def locks_out_by(verifications: Iterable["Verification"], today: date, days: int) -> str:
    """``now``, or ``on`` the first day within ``days`` on which users are refused; else empty."""
    ends = [each.lockout for each in verifications if each.lockout]
    near = [
        end.day for end in ends if end.then == "closed" and end.day and end.day <= today + timedelta(days)
    ]
    if not near:
        return ""
    return "now" if min(near) <= today else f"on {min(near).isoformat()}"


def _platform(pin_set: PinSet) -> str:
    client, platform = pin_set.semantics.client, _PLATFORMS[pin_set.semantics.platform]
    notes = [client] if client not in (*_EVIDENT, platform) or not platform else []
    notes += [pin_set.variant] if pin_set.variant not in ("", "main", "src/main") else []
    if not platform:
        return prose(", ".join(notes))
    return platform + (f" ({prose(', '.join(notes))})" if notes else "")


def _verdict(verification: "Verification", undone: str) -> str:
    from pincheck.lockout import NOT_EVERYWHERE, NOTHING_MATCHES, is_now

    end = verification.lockout
    if end and is_now(end):
        if end.reason == NOTHING_MATCHES:
            return "**no pin matches**"
        where = "some of what is served" if end.reason == NOT_EVERYWHERE else "some releases"
        return f"**no pin matches** on {where}"
    if not any(look.observation.served for look in verification.looks):
        return "not reached"
    states = {verdict.state for look in verification.looks for verdict in look.verdicts}
    if "match" in states:
        if undone:
            return f"matches, but **{undone}**"
        return "matches, but some releases refuse the certificate" if "refused" in states else "matches"
    return "**certificate refused**" if "refused" in states else NOT_KNOWN


def _end(end: "Lockout | None", today: date) -> str:
    """When the client refuses; what is less than certain is said."""
    from pincheck.lockout import EXPIRES, HAS_EXPIRED, LEAF_ENDS

    if end is None:
        return NOT_KNOWN
    if end.day is None:
        return "not while its key is kept"
    day = end.day.isoformat()
    if end.then == "open":
        if end.reason not in (EXPIRES, HAS_EXPIRED):
            return "never, as it only reports"
        return f"never, but unpinned since {day}" if end.day <= today else f"never, but unpinned from {day}"
    if end.day <= today:
        return "**now**" if end.certain else "probably **now**"
    if end.certain:
        return f"**{day}**"
    return f"{day}, unless its key is kept" if end.reason.startswith(LEAF_ENDS) else f"{day}, probably"


def _unasked(pin_set: PinSet, undone: str, today: date) -> tuple[str, str]:
    """Verdict and lock-out where nobody looked."""
    return (f"{NOT_ASKED}; **{undone}**", NOT_KNOWN) if undone else (NOT_ASKED, _by_expiry(pin_set, today))


def _by_expiry(pin_set: PinSet, today: date) -> str:
    """All that files tell of it."""
    day = pin_set.expires.day if pin_set.expires else None
    if not day or pin_set.semantics.expiry == "none":
        return NOT_KNOWN
    if pin_set.semantics.expiry == "refused":
        return "**now**" if day <= today else f"**{day}** at the latest"
    return f"{NOT_KNOWN}; unpinned {'since' if day <= today else 'from'} {day}"


def _order(end: "Lockout | None") -> tuple[int, date]:
    if end is None or end.day is None:
        return (2 if end else 1), date.max
    return (1 if end.then == "open" else 0), end.day
