"""The pages behind the pictures of docs/github.md are what pincheck says today."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PICTURES = sorted((ROOT / "docs" / "pictures").glob("*.png"))


def test_the_pages_are_fresh() -> None:
    done = subprocess.run(
        [sys.executable, "tools/pictures.py", "--check"], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("picture", PICTURES, ids=lambda path: path.name)
def test_a_picture_is_small_and_has_its_page(picture: Path) -> None:
    assert picture.stat().st_size < 150_000
    assert picture.with_suffix(".html").exists()
