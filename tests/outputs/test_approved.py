"""Every output of the fixed report, held against an approved file.

``PINCHECK_APPROVE=1 pytest tests/outputs/test_approved.py`` writes the files anew; read the difference.
"""

import os
from collections.abc import Callable
from pathlib import Path

import fixed
import pytest

from pincheck import inventory
from pincheck.model import Report
from pincheck.outputs import annotations, json_v1, markdown, sarif, terminal

APPROVED = Path(__file__).parent / "approved"

DRAWN: dict[str, tuple[Callable[[Report], str], Report]] = {
    "terminal.txt": (terminal.render, fixed.REPORT),
    "terminal-verbose.txt": (terminal.render, fixed.REPORT._replace(detail="verbose")),
    "live.txt": (terminal.render, fixed.LIVE),
    "live.json": (json_v1.render, fixed.LIVE),
    "live.md": (markdown.render, fixed.LIVE),
    "terminal-quiet.txt": (terminal.render, fixed.REPORT._replace(detail="quiet")),
    "report.json": (json_v1.render, fixed.REPORT),
    "report.sarif": (sarif.render, fixed.REPORT),
    "annotations.txt": (annotations.render, fixed.REPORT),
    "report.md": (markdown.render, fixed.REPORT),
    "compared.txt": (terminal.render, fixed.COMPARED),
    "compared-quiet.txt": (terminal.render, fixed.COMPARED._replace(detail="quiet")),
    "compared.json": (json_v1.render, fixed.COMPARED),
    "compared.sarif": (sarif.render, fixed.COMPARED),
    "compared.md": (markdown.render, fixed.COMPARED),
    "compared-annotations.txt": (annotations.render, fixed.COMPARED),
    "unchanged.txt": (terminal.render, fixed.UNCHANGED),
    "unchanged.md": (markdown.render, fixed.UNCHANGED),
    "nothing.md": (markdown.render, fixed.NOTHING),
    "pins.json": (inventory.as_json, fixed.REPORT),
    "pins.txt": (inventory.as_table, fixed.REPORT),
}


@pytest.mark.parametrize("name", DRAWN)
def test_as_approved(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "rules", fixed.rules)
    monkeypatch.setattr(sarif, "__version__", "0")
    monkeypatch.setattr(json_v1, "__version__", "0")
    render, report = DRAWN[name]
    drawn = render(report)
    path = APPROVED / name
    if os.environ.get("PINCHECK_APPROVE"):
        path.write_text(drawn, encoding="utf-8", newline="\n")
    assert drawn == path.read_bytes().decode("utf-8")
