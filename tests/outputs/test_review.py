"""What a pull request is told: where, how much, and when nothing."""

import os
from pathlib import Path
from typing import Any

import fixed
import pulls
import pytest
from pulls import fix, hunk, on, summary

from pincheck.model import DeclaredPin, Edit, Finding, Fix, Location, Report
from pincheck.model.chains import Lockout, Survey
from pincheck.model.changes import DeclarationChange, Hidden, Since
from pincheck.model.review import Comment, Diff, Draft
from pincheck.outputs import _facts, _hosts, _markdown, review
from pincheck.outputs._summary import text

APPROVED = Path(__file__).parent / "approved"
LINES = ["<a>", "  <pin>AAAA</pin>", "  <pin>BBBB</pin>", "</a>"]
DIFF: Diff = {"a.xml": (hunk(*LINES),)}


@pytest.fixture(autouse=True)
def _version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_markdown, "__version__", "0")


def found(at: Location, rule: str = "malformed-pin", **more: Any) -> Finding:
    return fixed.finding(rule, at, "api.shop.example: never matches", **more)


def reported(*findings: Finding, fixes: tuple[Fix, ...] = (), **since: Any) -> Report:
    """A report in which all findings are new."""
    new = frozenset(each.fingerprint for each in findings)
    return Report(fixed.REPORT.today, findings, since=Since("main", new)._replace(**since), fixes=fixes)


def placed(draft: Draft) -> list[tuple[str, int, int, str]]:
    return [comment[:4] for comment in draft.comments]


def test_a_comment_whole() -> None:
    at = on(LINES, 2, column=8, end=12)
    finding = found(at, remedy="write CCCC", related=((on(LINES, 1, "b/b.plist"), "iOS pins it too"),))
    plain = (
        "**error** · [`malformed-pin`](https://github.com/pincheck/pincheck/blob/v0/docs/rules/malformed-pin.md)\n\n"
        "`api.shop.example`: never matches.\n\n"
        "**Fix:** write CCCC.{}\n\n"
        "See also `b/b.plist:1` (iOS pins it too)."
    )
    body = plain.format("") + "\n\n```suggestion\n  <pin>CCCC</pin>\n```"
    plain = plain.format(" `pincheck fix` does it: mend it.")
    draft = review.draft(reported(finding, fixes=(fix(finding, Edit(at, "CCCC")),)), DIFF)
    needs = frozenset({"a.xml", "b", "b/b.plist"})
    comments = (Comment("a.xml", 2, 2, "RIGHT", (finding.fingerprint,), body, plain, needs),)
    unseen = {"live hosts": "no host was looked at"}
    assert draft == Draft(
        comments, frozenset({finding.fingerprint}), draft.summary, needs=needs, unseen=unseen
    )
    assert summary(draft) == "## pincheck: 1 new error\n\nIt is commented on its line."


def test_what_no_comment_tells_is_in_the_summary() -> None:
    draft = review.draft(reported(found(on(LINES, 2), remedy="write CCCC")), DIFF)
    assert text(draft.summary, []) == (
        "## pincheck: 1 new error\n\n### New findings\n\n"
        "- **error** · [`malformed-pin`](https://github.com/pincheck/pincheck/blob/v0/docs/rules/malformed-pin.md)"
        " · `a.xml:2`<br>`api.shop.example`: never matches. **Fix:** write CCCC."
    )


def test_what_is_silenced_is_known() -> None:
    silenced, hidden = found(on(LINES, 2), suppressed="known"), found(on(LINES, 3))
    hides = (
        Hidden(hidden, "the configuration now leaves its file out"),
        Hidden(found(PIN, "x"), "y", counts=False),
    )
    report = reported(silenced, hidden=hides)
    assert review.draft(report, DIFF).silenced == {silenced.fingerprint, hidden.fingerprint}


SHIFTED: Diff = {"a.xml": (hunk("<!-- one more -->", *LINES),)}
TWICE: Diff = {"a.xml": (hunk("x"), hunk(LINES[1], first=8), hunk(LINES[1], first=20))}
PARTS: Diff = {"a.xml": (hunk(*LINES[:2]), hunk(*LINES[2:], first=3))}
PIN = on(LINES, 2)


@pytest.mark.parametrize(
    ("at", "diff", "expected"),
    [
        pytest.param(PIN, DIFF, [("a.xml", 2, 2, "RIGHT")], id="its line"),
        pytest.param(PIN, {"a.xml": (hunk(LINES[1] + "\r", first=2),)}, [("a.xml", 2, 2, "RIGHT")], id="CRLF"),
        pytest.param(PIN, SHIFTED, [("a.xml", 3, 3, "RIGHT")], id="shifted by the merge"),
        pytest.param(PIN, TWICE, [], id="shifted, and twice there"),
        pytest.param(PIN, {"a.xml": (hunk("  <pin>EEEE</pin>", first=2),)}, [], id="another text"),
        pytest.param(PIN, {"a.xml": (hunk(*LINES[:1]),)}, [], id="not in a hunk"),
        pytest.param(PIN, {"b.xml": (hunk(*LINES),)}, [], id="another file"),
        pytest.param(PIN, {"a.xml": (hunk(*LINES, side="LEFT"),)}, [], id="a line that was deleted"),
        pytest.param(PIN, {"a.xml": ()}, [], id="no patch"),
        pytest.param(PIN._replace(text=""), DIFF, [], id="text not kept"),
        pytest.param(PIN._replace(end_line=4, end_column=5), DIFF, [("a.xml", 2, 4, "RIGHT")], id="several lines"),
        pytest.param(PIN._replace(end_line=4, end_column=1), DIFF, [("a.xml", 2, 3, "RIGHT")], id="whole lines"),
        pytest.param(PIN._replace(end_line=3), PARTS, [("a.xml", 2, 2, "RIGHT")], id="over two hunks"),
        pytest.param(PIN._replace(end_line=1), DIFF, [("a.xml", 2, 2, "RIGHT")], id="ends before it begins"),
    ],
)  # fmt: skip
def test_where(at: Location, diff: Diff, expected: list[tuple[str, int, int, str]]) -> None:
    draft = review.draft(reported(found(at)), diff)
    assert placed(draft) == expected
    assert ("**error**" in summary(draft)) == (not expected)  # told in the summary instead


@pytest.mark.parametrize("diff_path", ["a.xml", "moved.xml"])
def test_a_place_of_before_is_on_the_left(diff_path: str) -> None:
    finding = found(on(LINES, 2), "backup-pin-removed", gone=True)
    before = fixed._ANDROID_SET._replace(at=on(LINES, 1))
    change = DeclarationChange("changed", before, before._replace(at=on(LINES, 1, "moved.xml")))
    diff = {diff_path: (hunk(*LINES, side="LEFT"), hunk(*LINES[:1]))}
    draft = review.draft(reported(finding, declarations=(change,)), diff)
    assert placed(draft) == [(diff_path, 2, 2, "LEFT")]


def test_findings_of_a_line_share_a_comment_and_its_one_suggestion() -> None:
    pin = on(LINES, 2, column=8, end=12)
    note = found(on(LINES, 2, column=1), "unused-suppression", severity="note")
    error, warning = found(pin), found(pin, "duplicate-pin", severity="warning")
    fixes = (fix(error, Edit(pin, "CCCC")), fix(warning, Edit(pin, "DDDD")))
    (comment,) = review.draft(reported(note, warning, error, fixes=fixes), DIFF).comments
    assert comment.fingerprints == (error.fingerprint, warning.fingerprint, note.fingerprint)
    assert (comment.body.count("```suggestion"), "CCCC" in comment.body) == (1, True)
    assert comment.body.index("```suggestion") < comment.body.index("duplicate-pin")


def test_the_gravest_are_commented() -> None:
    warning = found(on(LINES, 2), "duplicate-pin", severity="warning")
    draft = review.draft(reported(warning, found(on(LINES, 3))), DIFF, most=1)
    assert (placed(draft), "`a.xml:2`" in summary(draft)) == ([("a.xml", 3, 3, "RIGHT")], True)
    assert "1 of 2 is commented on its line." in summary(draft)
    assert review.draft(reported(warning), DIFF, most=0).comments == ()


def test_only_what_is_new_and_active_is_commented() -> None:
    new, old, silenced = (
        found(on(LINES, number), suppressed="known" if number == 4 else None) for number in (2, 3, 4)
    )
    draft = review.draft(reported(new, old, silenced, new=frozenset({new.fingerprint})), DIFF)
    assert (placed(draft), draft.open) == ([("a.xml", 2, 2, "RIGHT")], {new.fingerprint, old.fingerprint})
    assert "**There before:** 1 finding, not told again." in summary(draft)


def test_a_note_on_another_pin_is_no_news() -> None:
    before, note = (found(on(LINES, number), "backup-pin-unproven", severity="note") for number in (2, 3))
    wrong = found(on(LINES, 4))
    draft = review.draft(reported(note, wrong, fixed=(before._replace(fingerprint="b"),)), DIFF)
    assert (placed(draft), summary(draft)) == (
        [("a.xml", 4, 4, "RIGHT")],
        "## pincheck: 1 new error\n\nIt is commented on its line.\n\n"
        "**There before:** 1 finding, not told again.",
    )
    assert summary(review.draft(reported(note, fixed=(before,)), DIFF)) == ""


def test_a_place_of_before_is_called_that() -> None:
    gone = found(on(LINES, 2), "backup-pin-removed", gone=True)
    text = summary(review.draft(reported(gone, hidden=(Hidden(gone, "it says so"),)), {}))
    told = [line.partition("<br>")[0] for line in text.splitlines() if line.startswith("- ")]
    rule = "[`backup-pin-removed`](https://github.com/pincheck/pincheck/blob/v0/docs/rules/backup-pin-removed.md)"
    assert told == [
        f"- **error** · {rule} · `a.xml:2` before the change",
        f"- **error** · {rule} · `a.xml:2` before the change: it says so",
    ]


def test_why_there_is_no_base_is_said_once() -> None:
    report = reported(found(on(LINES, 2)))._replace(since=None)
    why = "the base, *main*, is not here: every finding counts as new; give actions/checkout fetch-depth: 0"
    lines = [summary(review.draft(report, DIFF, uncompared=given)).split("\n")[2] for given in (why, "")]
    assert lines == [
        "The base, \\*main\\*, is not here: every finding counts as new; give actions/checkout fetch-depth: 0.",
        "There is nothing to compare with: every finding counts as new.",
    ]
    assert "nothing to compare" not in summary(
        review.draft(reported(found(on(LINES, 2))), DIFF, uncompared="")
    )


def test_what_a_stranger_would_hide_is_told_once() -> None:
    told, old = found(PIN), found(on(LINES, 3), "weak-digest")
    hidden = tuple(Hidden(each, "it says so", counts=False) for each in (told, old))
    text = summary(review.draft(reported(told, hidden=hidden), DIFF))
    place, without = (
        "https://github.com/pincheck/pincheck/blob/v0/docs/rules",
        ("it says so; without effect: a stranger's change does not decide how it is judged"),
    )
    assert text.partition("### ")[2] == (
        "What this change would hide\n\n"
        f"- **error** · [`malformed-pin`]({place}/malformed-pin.md) · `a.xml:2`: {without}\n"
        f"- **error** · [`weak-digest`]({place}/weak-digest.md) · `a.xml:3`: {without}<br>"
        "`api.shop.example`: never matches."
    )


def test_pins_that_begin_alike_are_told_apart() -> None:
    before = fixed._ANDROID_SET
    old, new = (DeclaredPin("AB+/" * times, before.at, None) for times in (10, 11))
    change = DeclarationChange("changed", before, before, (new,), (old,))
    assert (
        summary(review.draft(reported(declarations=(change,)), {}))
        .splitlines()[-1]
        .endswith(f"<br>− `{old.text}`, + `{new.text}`")
    )
    assert _facts.difference(change) == f"pins added: {new.text}; pins removed: {old.text}"


@pytest.mark.parametrize(
    ("rule", "severity", "hosts", "verdicts"),
    [
        pytest.param("malformed-pin", "error", ("api.shop.example",), ("matches, but **see `malformed-pin`**", "not asked; **see `malformed-pin`**"), id="of its host"),
        pytest.param("malformed-config", "error", (), ("matches, but **see `malformed-config`**", "not asked; **see `malformed-config`**"), id="of the file"),
        pytest.param("malformed-pin", "warning", ("api.shop.example",), ("matches", "not asked"), id="taken all the same"),
        pytest.param("malformed-pin", "error", ("www.shop.example",), ("matches", "not asked"), id="of another host"),
        pytest.param("missing-backup-pin", "error", ("api.shop.example",), ("matches", "not asked"), id="works so far"),
    ],
)  # fmt: skip
def test_a_declaration_that_does_not_work_is_not_just_matching(
    rule: str, severity: Any, hosts: tuple[str, ...], verdicts: tuple[str, str]
) -> None:
    pin_set = fixed._ANDROID_SET._replace(hosts=fixed._ANDROID_SET.hosts[:1])
    finding = found(pin_set.at, rule, severity=severity)._replace(hosts=hosts)
    (look, _), (_, match) = VERIFICATION.looks, VERIFICATION.looks[0].verdicts
    seen = VERIFICATION._replace(pin_sets=(pin_set,), looks=(look._replace(verdicts=(match,)),))
    offline = reported(finding)
    live = offline._replace(survey=Survey(verifications=(seen,)))
    assert tuple(row[2] for report in (live, offline) for row in _hosts.rows(report, [pin_set])) == verdicts


def test_a_host_that_nobody_asked_and_files_tell_nothing_of_is_no_row() -> None:
    dated = fixed._ANDROID_SET._replace(hosts=fixed._ANDROID_SET.hosts[:1])
    assert dated.expires
    assert len(list(_hosts.rows(reported(), [dated]))) == 1
    assert list(_hosts.rows(reported(), [dated._replace(expires=None)])) == []


# suggestions -----------------------------------------------------------------


def edit(number: int, column: int, end: int, new: str, lines: list[str] = LINES, end_line: int = 0) -> Edit:
    at = on(lines, number, column=column, end=end)
    return Edit(at._replace(end_line=end_line or number), new)


TICKS = ["`", "x ```` y", "`"]
MARK = ["<!-- Pincheck: x -->", "b"]
HIDDEN = ["a\u202eb", "b"]


@pytest.mark.parametrize(
    ("edits", "lines", "expected"),
    [
        pytest.param([edit(2, 8, 12, "CC")], LINES, (2, 2, "  <pin>CC</pin>\n"), id="a word"),
        pytest.param([edit(2, 3, 3, "x"), edit(2, 8, 12, "CC")], LINES, (2, 2, "  x<pin>CC</pin>\n"), id="two of a line"),
        pytest.param([edit(1, 2, 3, "b"), edit(4, 3, 4, "b")], LINES, (1, 4, "<b>\n" + "\n".join(LINES[1:3]) + "\n</b>\n"), id="two lines"),
        pytest.param([edit(2, 18, 18, "\n  <pin>C</pin>")], LINES, (2, 2, LINES[1] + "\n  <pin>C</pin>\n"), id="a new line"),
        pytest.param([edit(2, 1, 1, "", end_line=3)], LINES, (2, 2, ""), id="a line goes"),
        pytest.param([edit(2, 8, 12, "CC", ["", LINES[1]])], LINES, (2, 2, "  <pin>CC</pin>\n"), id="elsewhere"),
        pytest.param([edit(2, 8, 12, "AAAA")], LINES, None, id="changes nothing"),
        pytest.param([edit(2, 8, 5, "CC", end_line=3)], LINES, None, id="into the next line"),
        pytest.param([edit(2, 8, 1, "", end_line=3)], LINES, None, id="joins two lines"),
        pytest.param([edit(2, 8, 12, "C\u202eC")], LINES, None, id="not all to be seen"),
        pytest.param([edit(1, 1, 2, "x", HIDDEN)], HIDDEN, None, id="a line not all to be seen"),
        pytest.param([edit(1, 21, 21, "x", MARK)], MARK, None, id="a mark of ours"),
        pytest.param([edit(2, 1, 2, "X", TICKS)], TICKS, (2, 2, "X ```` y\n"), id="a fence inside"),
        pytest.param([edit(2, 8, 12, "C" * 9000)], LINES, None, id="too long"),
        pytest.param([], LINES, None, id="no edits"),
    ],
)  # fmt: skip
def test_suggestions(edits: list[Edit], lines: list[str], expected: tuple[int, int, str] | None) -> None:
    finding = found(on(lines, 2))
    (comment,) = review.draft(
        reported(finding, fixes=(fix(finding, *edits),)), {"a.xml": (hunk(*lines),)}
    ).comments
    assert ("suggestion\n" in comment.body) == (expected is not None)
    if expected:
        first, last, text = expected
        fence = "`````" if "````" in text else "```"
        assert comment[1:3] == (first, last)
        assert comment.body == f"{comment.plain}\n\n{fence}suggestion\n{text}{fence}"


@pytest.mark.parametrize(
    "diff", [PARTS, {"a.xml": (hunk(*LINES[:3]),)}, {"a.xml": (hunk(*LINES, side="LEFT"),)}]
)
def test_no_suggestion_beyond_a_hunk(diff: Diff) -> None:
    finding = found(on(LINES, 1))
    fixed_by = fix(finding, edit(1, 2, 3, "b"), edit(4, 3, 4, "b"))
    for comment in review.draft(reported(finding, fixes=(fixed_by,)), diff).comments:
        assert comment.body == comment.plain


# the summary -----------------------------------------------------------------


@pytest.mark.parametrize(("name", "report"), [("review.md", pulls.OFFLINE), ("review-live.md", pulls.LIVE), ("review-no-base.md", pulls.LIVE._replace(since=None))])  # fmt: skip
def test_as_approved(name: str, report: Report) -> None:
    draft = review.draft(report, pulls.DIFF)
    comments = "".join(
        f"\n\n---- {c.path} {c.start_line}-{c.line} {c.side}\n\n{c.body}" for c in draft.comments
    )
    path = APPROVED / name
    if os.environ.get("PINCHECK_APPROVE"):
        path.write_text(summary(draft) + comments + "\n", encoding="utf-8", newline="\n")
    assert summary(draft) + comments + "\n" == path.read_bytes().decode("utf-8")


QUIET = Report(fixed.REPORT.today, fixed.REPORT.findings[:5], fixed.REPORT.project, since=Since("main"))
REMOVED = DeclarationChange("removed", fixed._ANDROID_SET, None)
ADDED = DeclarationChange("added", None, fixed._ANDROID_SET)
NARROWED = DeclarationChange("changed", fixed._ANDROID_SET, fixed._ANDROID_SET, hosts_removed=("a.example",))
HIDES = Hidden(fixed.REPORT.findings[0], "a new comment silences it")
VERIFICATION = fixed.LIVE.survey.verifications[0]  # type: ignore[union-attr]
NOTE = found(on(LINES, 2, "test/a.xml"), severity="note", context="test")


def ends(day: Any, then: Any = "closed") -> Any:
    lockout = Lockout(day, "the host's leaf certificate ends", True, then)
    return fixed.LIVE.survey._replace(verifications=(VERIFICATION._replace(lockout=lockout),))  # type: ignore[union-attr]


TODAY = fixed.REPORT.today
NEAR, FAR = TODAY.replace(month=12), TODAY.replace(year=2027)


@pytest.mark.parametrize(
    ("report", "headline"),
    [
        pytest.param(Report(TODAY), "", id="clean, no base"),
        pytest.param(QUIET, "", id="all was there before"),
        pytest.param(QUIET._replace(survey=ends(NEAR)), "", id="a lock-out that is none of its business"),
        pytest.param(reported(declarations=(ADDED,)), "", id="pins added"),
        pytest.param(reported(NOTE), "", id="a note on a test"),
        pytest.param(reported(found(on(LINES, 2), suppressed="known")), "", id="silenced before"),
        pytest.param(reported(declarations=(ADDED,))._replace(survey=ends(NEAR)), "## pincheck: nothing new is wrong, but users are locked out on 2026-12-23", id="a lock-out of the pins touched"),
        pytest.param(reported(declarations=(ADDED,))._replace(survey=ends(TODAY)), "## pincheck: nothing new is wrong, but users are locked out now", id="now"),
        pytest.param(reported(declarations=(ADDED,))._replace(survey=ends(FAR)), "", id="a far lock-out"),
        pytest.param(reported(declarations=(ADDED,))._replace(survey=ends(NEAR, "open")), "", id="goes on unpinned"),
        pytest.param(reported(declarations=(REMOVED,)), "## pincheck: pins removed, nothing new is wrong", id="pins removed"),
        pytest.param(reported(declarations=(NARROWED,)), "## pincheck: pinned hosts removed, nothing new is wrong", id="a pinned host removed"),
        pytest.param(reported(hidden=(HIDES,)), "## pincheck: this change hides 1 finding", id="hidden"),
        pytest.param(reported(hidden=(HIDES._replace(counts=False),)), "## pincheck: nothing is hidden: the ignores and settings of this change do not count", id="hidden by a stranger"),
        pytest.param(reported(found(on(LINES, 2)), hidden=(HIDES,)), "## pincheck: 1 new error", id="new"),
    ],
)  # fmt: skip
def test_silent_when_there_is_nothing_to_say(report: Report, headline: str) -> None:
    assert summary(review.draft(report, {})).partition("\n")[0] == headline


def test_a_long_summary_is_cut_on_a_whole_row() -> None:
    hidden = tuple(Hidden(found(on(LINES, 2), remedy="x"), f"{n} " * 300) for n in range(200))
    text = summary(review.draft(reported(hidden=hidden), {}))
    assert 48_000 < len(text) <= 50_000
    *_, row, blank, last = text.split("\n")
    assert (row.endswith("never matches."), blank, last[:24]) == (True, "", "The rest is left out: it")


@pytest.mark.parametrize("text", ["@a " * 333, "😀" * 999])
def test_a_long_comment_is_cut(text: str) -> None:
    finding = [found(on(LINES, 2), f"rule-{n}")._replace(message=text, remedy=text * 9) for n in range(9)]
    (comment,) = review.draft(reported(*finding), DIFF).comments
    assert len(comment.body.encode("utf-16-le")) <= 100_000
    assert len(comment.fingerprints) == 9


def test_many_lines_are_found_quickly() -> None:
    lines = [f"line {n}" for n in range(20_000)]
    many = [found(Location("a.xml", n + 2, 1, n + 2, 2, lines[n]), f"rule-{n}") for n in range(0, 20_000, 4)]
    assert len(review.draft(reported(*many), {"a.xml": (hunk(*lines),)}).comments) == 20


def test_what_pins_are_compared_with_is_a_difference() -> None:
    before = fixed._ANDROID_SET._replace(semantics=fixed._ANDROID_SET.semantics._replace(compares="leaf"))
    after = before._replace(semantics=before.semantics._replace(compares="issuers"))
    change = DeclarationChange("changed", before, after, (), before.pins[:1])
    compared = "compared with the CAs above the leaf instead of the leaf"
    last = summary(review.draft(reported(declarations=(change,)), {})).splitlines()[-1]
    assert last.partition("<br>")[2] == f"− `{before.pins[0].text[:12]}…`, {compared}"
    assert _facts.difference(change) == f"pins removed: {before.pins[0].text[:12]}…; {compared}"
