"""Write docs/outages.md from the scenarios of the tests, or say with --check that it is stale."""

import importlib
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
SCENARIOS: Any = importlib.import_module("outages.scenarios").SCENARIOS

PAGE = ROOT / "docs" / "outages.md"
HEAD = """\
<!-- Generated from tests/outages/scenarios.py by tools/outage_page.py. -->

# Outages, played again

Each of these happened, or nearly. `tests/outages/` plays its class of fault again, with a repository and hosts as they
were:
a run on the day given, before the outage, has to report the rules named, and a healthy twin of it nothing.

| outage | what happened | run of | reported by | source |
| --- | --- | --- | --- | --- |
"""


def page() -> str:
    """The page, in Markdown."""
    return HEAD + "".join(
        f"| {each.name} | {each.what} | {each.day} | {', '.join(map(_rule, each.rules))} | <{each.source}> |\n"
        for each in SCENARIOS
    )


def _rule(name: str) -> str:
    return f"[{name}](rules/{name}.md)"


def main(arguments: list[str]) -> int:
    """Return 0 if the page is fresh (or was written), 1 if it is stale."""
    if arguments == ["--check"]:
        fresh = PAGE.exists() and PAGE.read_text(encoding="utf-8") == page()
        if not fresh:
            print("docs/outages.md is stale; run: make generate", file=sys.stderr)
        return not fresh
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
