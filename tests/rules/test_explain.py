"""The pages of the rules, as text and as a folder."""

from pathlib import Path

import pytest

from pincheck import explain
from pincheck.errors import UsageError
from pincheck.registry import rules


def test_a_page_has_heading_severity_body_and_how_to_silence_it() -> None:
    page = explain.page("missing-backup-pin")
    assert page.startswith(
        "# missing-backup-pin\n\nSeverity: error by default.\n\nA pin set holds fewer than two"
    )
    assert "pincheck: ignore[missing-backup-pin] the reason" in page
    assert page.endswith("rules:\n  missing-backup-pin: note\n```\n")


def test_an_idle_ignore_cannot_be_ignored() -> None:
    assert "ignore[unused-suppression]" not in explain.page("unused-suppression")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing-backup", 'unknown rule "missing-backup"; did you mean "missing-backup-pin"?'),
        ("PIN_SET_EXPIRED", 'unknown rule "PIN_SET_EXPIRED"; did you mean "pin-set-expired"?'),
        ("zzz", 'unknown rule "zzz"; `pincheck explain` lists them all'),
    ],
)
def test_an_unknown_rule(name: str, message: str) -> None:
    with pytest.raises(UsageError) as raised:
        explain.page(name)
    assert str(raised.value) == message


def test_the_index_names_every_rule_once() -> None:
    lines = explain.index().splitlines()
    assert [line.split()[:2] for line in lines] == [[rule.name, rule.severity] for rule in rules()]


def test_pages_in_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    assert len(explain.stale_pages(str(folder))) == len(rules()) + 1
    explain.write_pages(str(folder))
    assert explain.stale_pages(str(folder)) == []
    (folder / "weak-digest.md").write_text("old")
    (folder / "gone.md").write_text("old")
    (folder / "duplicate-pin.md").unlink()
    assert explain.stale_pages(str(folder)) == ["duplicate-pin.md", "gone.md", "weak-digest.md"]
    explain.write_pages(str(folder))
    assert explain.stale_pages(str(folder)) == []
