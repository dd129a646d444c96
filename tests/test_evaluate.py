"""Severities, suppressions, fingerprints and order."""

from datetime import date

import pytest
from scanning import KEY_A, KEY_B, report

from pincheck.model import HostPolicy, Location, Policy, Suppression

PATH = "app/src/main/res/xml/nsc.xml"
AT = Location(".pincheck.yml", 5, 1, 5, 2)


def config(*hosts: str, comment: str = "", pins: tuple[str, ...] = (KEY_A,)) -> str:
    listed = "".join(f'<pin digest="SHA-256">{pin}</pin>' for pin in pins)
    body = "\n".join(
        f'<domain-config><domain>{host}</domain>{comment and chr(10) + comment}\n<pin-set expiration="2027-09-01">{listed}</pin-set></domain-config>'
        for host in hosts
    )
    return f"<network-security-config>\n{body}\n</network-security-config>"


def outcome(text: str, policy: Policy = Policy(), path: str = PATH, today: date = date(2026, 11, 23)):
    findings = report({path: text}, policy, today).findings
    return [(finding.rule, finding.at.line, finding.severity, finding.suppressed) for finding in findings]


ONE = ("missing-backup-pin", 3, "error", None)
IGNORE = "<!-- pincheck: ignore[missing-backup-pin] ordered -->"


def test_a_finding_has_its_rules_severity():
    assert outcome(config("a.example")) == [ONE]


@pytest.mark.parametrize(("level", "expected"), [("warning", [(*ONE[:2], "warning", None)]), ("off", [])])
def test_the_policy_sets_severities(level, expected):
    assert outcome(config("a.example"), Policy(severities=(("missing-backup-pin", level),))) == expected


def test_the_last_word_on_a_rule_counts():
    levels = (("missing-backup-pin", "off"), ("missing-backup-pin", "note"))
    assert outcome(config("a.example"), Policy(severities=levels)) == [(*ONE[:2], "note", None)]


@pytest.mark.parametrize(
    "path", ["app/src/test/res/xml/nsc.xml", "docs/nsc.xml", "app/src/debug/res/xml/nsc.xml"]
)
def test_outside_production_findings_are_notes(path):
    assert ("missing-backup-pin", 3, "note", None) in outcome(config("a.example"), path=path)
    everywhere = Policy(contexts=("production", "test", "example", "debug"))
    assert ONE in outcome(config("a.example"), everywhere, path)


def test_a_comment_above_suppresses():
    assert outcome(config("a.example", comment=IGNORE)) == [("missing-backup-pin", 4, "error", "ordered")]


def test_a_comment_behind_something_speaks_of_its_own_line_only():
    text = config("a.example").replace("</domain>", f"</domain> {IGNORE}")
    assert outcome(text) == [("unused-suppression", 2, "warning", None), ONE]


def test_a_rule_that_does_not_exist_is_told_beside_one_that_does():
    comment = "<!-- pincheck: ignore[missing-backup-pin, missing-backup] ordered -->"
    assert outcome(config("a.example", comment=comment)) == [
        ("unused-suppression", 3, "warning", None),
        ("missing-backup-pin", 4, "error", "ordered"),
    ]


def test_a_comment_far_away_does_not_and_is_idle():
    text = f"{config('a.example')}\n\n{IGNORE}\n"
    assert outcome(text) == [ONE, ("unused-suppression", 6, "warning", None)]


def test_an_idle_suppression_of_a_rule_that_is_off_is_quiet():
    text = config("a.example", comment=IGNORE, pins=(KEY_A, KEY_B))
    assert outcome(text) == [("unused-suppression", 3, "warning", None)]
    assert outcome(text, Policy(severities=(("missing-backup-pin", "off"),))) == []


@pytest.mark.parametrize(
    ("fields", "suppressed"),
    [
        ({"rules": ("missing-backup-pin",)}, True),
        ({"rules": ()}, True),
        ({"rules": ("missing-expiry",)}, False),
        ({"rules": ("missing-backup-pin",), "host": "a.example"}, True),
        ({"rules": ("missing-backup-pin",), "host": "*.example"}, True),
        ({"rules": ("missing-backup-pin",), "host": "b.example"}, False),
        ({"rules": ("missing-backup-pin",), "path": "app/*"}, True),
        ({"rules": ("missing-backup-pin",), "path": "lib/*"}, False),
        ({"rules": ("missing-backup-pin",), "until": "2026-11-23"}, True),
        ({"rules": ("missing-backup-pin",), "until": "2026-11-22"}, False),
    ],
)
def test_the_configuration_ignores(fields, suppressed):
    ignore = Suppression(AT, reason="known", in_config=True, **fields)
    found = outcome(config("a.example"), Policy(ignores=(ignore,)))
    if suppressed:
        assert found == [(*ONE[:3], "known")]
    else:
        assert found == [("unused-suppression", 5, "warning", None), ONE]


def test_a_skipped_host_is_suppressed_with_the_reason():
    policy = Policy(hosts=(HostPolicy("a.example", AT, skip="a partner's host"),))
    assert outcome(config("a.example", "b.example"), policy) == [
        (*ONE[:3], "a partner's host"),
        ("missing-backup-pin", 5, "error", None),
    ]


def fingerprints(text: str, path: str = PATH) -> list[str]:
    return [finding.fingerprint for finding in report({path: text}).findings]


def test_a_fingerprint_stays_when_lines_move():
    assert fingerprints(config("a.example")) == fingerprints("\n\n" + config("a.example"))


def test_a_fingerprint_tells_path_host_and_pin():
    variants = [
        fingerprints(config("a.example")),
        fingerprints(config("b.example")),
        fingerprints(config("a.example", pins=(KEY_B,))),
        fingerprints(config("a.example"), "other.xml"),
    ]
    assert len({one for (one,) in variants}) == 4


def test_equal_fingerprints_in_one_file_are_numbered():
    found = fingerprints(config("a.example", "A.example"))
    assert len(set(found)) == len(found)


def test_findings_stand_in_order_of_place():
    files = {"b.xml": config("a.example", "c.example"), "a.xml": config("d.example")}
    places = [
        (finding.at.path, finding.at.line)
        for finding in report(files).findings
        if finding.rule == "missing-backup-pin"
    ]
    assert places == [("a.xml", 3), ("b.xml", 3), ("b.xml", 5)]
