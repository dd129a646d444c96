"""Each outage is reported before its day, and a healthy twin is silent."""

from pathlib import Path

import pytest
from outages.scenarios import SCENARIOS, Play, Scenario
from served import TITLE, observer, served
from trees import write

from pincheck import config, registry
from pincheck.discover import discover
from pincheck.model import Context, Finding, Policy
from pincheck.scan import scan
from pincheck.trees import WorkTree


def findings(root: Path, play: Play, scenario: Scenario) -> list[Finding]:
    """What a run on the scenario's day says."""
    write(root, dict(play.files))
    policy = (
        config.load(str(root / ".pincheck.yml"), ".pincheck.yml")
        if ".pincheck.yml" in play.files
        else Policy()
    )
    parsers = registry.parsers()
    found = discover(["."], WorkTree(str(root)), parsers)
    blocks = [
        served(title, text, scenario.day) for title, text in play.hosts.items() if TITLE.fullmatch(title)
    ]
    eyes = observer(*blocks) if blocks else None
    return list(scan(found.sources, parsers, Context(scenario.day, policy), eyes).findings)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.name)
def test_the_outage_is_reported_before_it_comes(scenario: Scenario, tmp_path: Path) -> None:
    said = {
        finding.rule
        for finding in findings(tmp_path, scenario.before, scenario)
        if finding.severity != "note"
    }
    assert set(scenario.rules) <= said


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.name)
def test_a_healthy_twin_is_silent(scenario: Scenario, tmp_path: Path) -> None:
    said = [
        (each.rule, each.message)
        for each in findings(tmp_path, scenario.healthy, scenario)
        if each.severity != "note"
    ]
    assert said == []
