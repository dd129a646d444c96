"""The examples on every rule's page: the bad ones are found by that rule, the good ones are not.

A block titled ``before: path`` is a file of the state before a change, which the other blocks are the state after of.
"""

import re
from pathlib import Path

import pytest
from logged import TITLE as LOGS
from logged import logged
from scanning import TODAY
from served import TITLE, observer, served

from pincheck import config, registry
from pincheck.discover import discover
from pincheck.model import Context, Finding, Policy, Report
from pincheck.model.changes import Earlier
from pincheck.scan import scan

CONFIG = ".pincheck.yml"
BEFORE = "before: "
BLOCK = re.compile(r"^```\w+ title=\"([^\"]+)\"\n(.*?)^```\n", re.MULTILINE | re.DOTALL)

Example = dict[str, str]


def sections(page: str) -> dict[str, str]:
    """What stands between the headings of a page."""
    parts = re.split(r"^(Bad|Good|Sources):", page, flags=re.MULTILINE)
    return {"": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}


def examples(section: str) -> list[Example]:
    """The examples of a section; blocks that follow one another are the files of one example."""
    found: list[Example] = []
    end = -1
    for match in BLOCK.finditer(section):
        if end < 0 or section[end : match.start()].strip():
            found.append({})
        found[-1][match[1]] = match[2]
        end = match.end()
    return found


def every_example(heading: str) -> list[object]:
    return [
        pytest.param(rule.name, example, id=f"{rule.name} {number}")
        for rule in registry.rules()
        for number, example in enumerate(examples(sections(rule.page).get(heading, "")), 1)
    ]


def findings(root: Path, example: Example) -> list[Finding]:
    """What a run says of the example as a folder, and of the hosts as it says they serve."""
    before = {name.removeprefix(BEFORE): text for name, text in example.items() if name.startswith(BEFORE)}
    after = {name: text for name, text in example.items() if not name.startswith(BEFORE)}
    if not before:
        return list(scanned(root, after).findings)
    hosts = {title: text for title, text in after.items() if TITLE.fullmatch(title)}
    was = scanned(root / "before", before | hosts)
    return list(scanned(root / "after", after, Earlier(was.project, was.survey)).findings)


def scanned(root: Path, example: Example, earlier: Earlier | None = None) -> Report:
    """The report on files and hosts."""
    hosts = [served(title, text) for title, text in example.items() if TITLE.fullmatch(title)]
    for name, text in example.items():
        if TITLE.fullmatch(name) or name == LOGS:
            continue
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    policy = Policy()
    if CONFIG in example:
        policy = config.load(str(root / CONFIG), CONFIG)
    parsers = registry.parsers()
    found = discover(["."], str(root), parsers)
    assert found.not_checked == ()
    eyes = observer(*hosts) if hosts else None
    if eyes and LOGS in example:
        known = logged(example[LOGS])
        eyes = eyes._replace(logs=lambda hosts: (known.issuances or (), ()))
    return scan(found.sources, parsers, Context(TODAY, policy), eyes, earlier=earlier)


@pytest.mark.parametrize(("rule", "example"), every_example("Bad"))
def test_a_bad_example_is_found(rule: str, example: Example, tmp_path: Path) -> None:
    found = [finding for finding in findings(tmp_path, example) if finding.rule == rule]
    assert found
    assert [finding for finding in found if len(finding.message) > 250] == []


@pytest.mark.parametrize(("rule", "example"), every_example("Good"))
def test_a_good_example_is_not_found(rule: str, example: Example, tmp_path: Path) -> None:
    assert [finding for finding in findings(tmp_path, example) if finding.rule == rule] == []


@pytest.mark.parametrize("rule", registry.rules(), ids=lambda rule: rule.name)
def test_a_page_is_whole(rule: registry.Rule) -> None:
    parts = sections(rule.page)
    first = rule.page.partition("\n")[0]
    assert first.endswith(".")
    assert len(first) <= 120
    assert examples(parts["Bad"])
    assert examples(parts["Good"])
    assert parts.get("Sources", "").strip()
    assert re.search(r"^```", parts["Sources"], re.MULTILINE) is None
