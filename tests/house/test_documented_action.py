"""What the pages say of the Action is what action.yml and its own repository say."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from pincheck import __version__

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/github.md").read_text(encoding="utf-8")
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
QUOTING = (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("tests/**/*.py"), *ROOT.glob(".github/**/*.yml"))  # fmt: skip


def table(title: str) -> list[tuple[str, str]]:
    """The first two cells of each row of the table below a title."""
    section = PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    rows = [line.split(" | ") for line in section.splitlines() if line.startswith("| `")]
    return [(row[0].removeprefix("| "), row[1]) for row in rows]


def quoted(pattern: str) -> Iterator[tuple[str, ...]]:
    for path in QUOTING:
        yield from re.findall(pattern, path.read_text(encoding="utf-8"))


def test_every_input_has_a_row() -> None:
    assert sorted(name for name, _ in table("Inputs")) == sorted(f"`{name}`" for name in ACTION["inputs"])


def test_a_default_that_is_a_value_is_the_action_s() -> None:
    shown = {name.strip("`"): default for name, default in table("Inputs")}
    values = {name: each["default"] for name, each in ACTION["inputs"].items() if each["default"]}
    assert {name: f"`{value}`".replace("${{ ", "").replace(" }}", "") for name, value in values.items()} == {
        name: default for name, default in shown.items() if re.fullmatch("`[^`]+`", default)
    }


def test_every_output_has_a_row() -> None:
    names = ", ".join(name for name, _ in table("Outputs and exit codes"))
    assert sorted(names.split(", ")) == sorted(f"`{name}`" for name in ACTION["outputs"])


def test_an_action_is_named_by_one_version_everywhere() -> None:
    versions = dict.fromkeys(quoted(r"uses: ((?:actions|github)/[a-z/-]+)@(v[0-9]+)"))
    assert len(versions) == len({name for name, _ in versions})


def test_pincheck_is_named_by_its_own_version() -> None:
    assert set(quoted(r"pincheck/pincheck@v([0-9.]*[0-9])|rev: v([0-9.]*[0-9])")) == {
        (__version__, ""),
        ("", __version__),
    }
