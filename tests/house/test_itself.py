"""pincheck on its own repository."""

from pathlib import Path

import pytest

from pincheck.cli import main

ROOT = Path(__file__).resolve().parents[2]


def test_its_own_repository_is_clean(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    assert main(["check", "--fail-on", "warning"]) == 0
    assert capsys.readouterr().err == ""
