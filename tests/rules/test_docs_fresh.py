"""docs/rules/ is what the rules say today."""

from pathlib import Path

from pincheck.explain import stale_pages


def test_no_page_is_stale() -> None:
    assert stale_pages(str(Path(__file__).resolve().parents[2] / "docs" / "rules")) == []
