"""Pull requests made of text, for the tests of what they are told."""

from datetime import date

import fixed

from pincheck.model import Edit, Expiry, Finding, Fix, Location, PinSet, Report
from pincheck.model.changes import DeclarationChange, Hidden, Since
from pincheck.model.review import Diff, Draft, Hunk, Side
from pincheck.outputs._summary import text


def hunk(*lines: str, first: int = 1, side: Side = "RIGHT") -> Hunk:
    """Lines that follow each other, from a number on."""
    return Hunk({(side, number): text for number, text in enumerate(lines, first)})


def on(lines: list[str], number: int, path: str = "a.xml", column: int = 1, end: int = 2) -> Location:
    """A place in one of these lines, the first of which is 1."""
    return Location(path, number, column, number, end, lines[number - 1])


def summary(draft: Draft) -> str:
    """What it says once all comments are made."""
    commented = [fingerprint for comment in draft.comments for fingerprint in comment.fingerprints]
    return text(draft.summary, commented)


def fix(finding: Finding, *edits: Edit) -> Fix:
    return Fix(finding.fingerprint, "mend it", edits)


NSC_LINES = (
    "    <domain-config>",
    '      <domain includeSubdomains="true">api.shop.example</domain>',
    "      <domain>pay.shop.example</domain>",
    '      <pin-set expiration="2026-12-24">',
    fixed._PIN_LINE,
    "      </pin-set>",
)
"""Lines 4 to 9 of the file that the fixed report is about."""
DIFF: Diff = {fixed.NSC: (hunk(*NSC_LINES, first=4),)}

_BEFORE = fixed._ANDROID_SET
_AFTER: PinSet = _BEFORE._replace(
    expires=Expiry("2027-06-30", Location(fixed.NSC, 7, 28, 7, 38), date(2027, 6, 30))
)
_OLD = fixed.finding("weak-digest", Location(fixed.NSC, 8, 1, 8, 2), "SHA-1 is weak", "warning")
SINCE = Since(
    base="main",
    new=frozenset(each.fingerprint for each in fixed.REPORT.findings[:2]),
    fixed=(_OLD,),
    declarations=(
        DeclarationChange("changed", _BEFORE, _AFTER, fixed._ATS_SET.pins[2:], _BEFORE.pins, (), ("old.shop.example",)),
        DeclarationChange("removed", fixed._ATS_SET, None),
        DeclarationChange("added", None, fixed._TEST_SET),
    ),
    hidden=(
        Hidden(fixed.REPORT.findings[5], "a new comment silences it", fixed._COMMENT.at),
        Hidden(fixed.REPORT.findings[2], "the configuration now switches the rule off", counts=False),
    ),
)  # fmt: skip
_EDIT = Edit(Location(fixed.NSC, 7, 28, 7, 38, NSC_LINES[3]), "2027-12-26")
_ISSUE = fixed.REPORT.findings[1]._replace(at=_EDIT.at)
_FINDINGS = (
    fixed.REPORT.findings[0]._replace(at=fixed.REPORT.findings[0].at._replace(text=NSC_LINES[3])),
    _ISSUE,
)
OFFLINE: Report = fixed.REPORT._replace(
    findings=(*_FINDINGS, *fixed.REPORT.findings[2:]), since=SINCE, fixes=(fix(_ISSUE, _EDIT),)
)
LIVE: Report = OFFLINE._replace(survey=fixed.LIVE.survey)
