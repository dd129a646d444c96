"""What has to be seen to find something again, and what a run did not see."""

from datetime import UTC, datetime

import fixed
import pytest

from pincheck.model import Finding, Location, NotChecked, Report
from pincheck.model.chains import Observation, Survey, Target
from pincheck.model.knowledge import Knowledge
from pincheck.outputs._seen import needs, unseen
from pincheck.run import Request, check

AT = Location("app/src/a.xml", 1, 1, 1, 2, "x")
FILE = frozenset({"app", "app/src", "app/src/a.xml"})
HOST = frozenset({"live hosts", "a.example"})
OFFLINE = Report(fixed.REPORT.today)
LIVE = OFFLINE._replace(survey=Survey())
A, B = Target("a.example"), Target("b.example", 8443)
NOW = datetime(2026, 11, 23, tzinfo=UTC)


def found(rule: str, **more: object) -> Finding:
    return fixed.finding(rule, AT, "wrong", hosts=("a.example",))._replace(**more)


@pytest.mark.parametrize(
    ("rule", "report", "expected"),
    [
        pytest.param("malformed-pin", LIVE, FILE, id="files alone tell"),
        pytest.param("pin-mismatch", LIVE, FILE | HOST, id="a host tells"),
        pytest.param("certificate-refused", LIVE, FILE | HOST, id="a rule on all that was seen"),
        pytest.param("last-matching-pin-removed", LIVE, FILE | HOST, id="a change, hosts looked at"),
        pytest.param("last-matching-pin-removed", OFFLINE, FILE, id="a change, nobody looked"),
        pytest.param("unpinned-key-in-log", LIVE, FILE | HOST | {"public logs"}, id="a log tells"),
    ],
)
def test_what_it_takes(rule: str, report: Report, expected: frozenset[str]) -> None:
    assert needs([found(rule)], report) == expected


def test_what_other_places_are_told_takes_them_too() -> None:
    finding = found("platform-drift", related=((AT._replace(path="b.plist"), "iOS"),))
    assert needs([finding], OFFLINE) == FILE | {"b.plist"}


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        pytest.param(LIVE, {}, id="all"),
        pytest.param(OFFLINE, {"live hosts": "no host was looked at"}, id="offline"),
        pytest.param(
            LIVE._replace(not_checked=(NotChecked("a b.xml", "larger than *5* MB"), NotChecked("x", "y", is_path=False))),
            {"a b.xml": "`a b.xml` was not checked (larger than \\*5\\* MB)"},
            id="a file",
        ),
        pytest.param(
            LIVE._replace(not_checked=(NotChecked("public logs for a.example", "down", is_path=False),)),
            {"public logs": "public logs for a.example could not be read (down)"},
            id="logs",
        ),
        pytest.param(
            LIVE._replace(knowledge=Knowledge({})), {"public logs": "no public logs were asked"}, id="logs not asked"
        ),
        pytest.param(
            LIVE._replace(survey=Survey((Observation(A, NOW, served=(b"x",)), Observation(A, NOW), Observation(B, NOW)))),
            {"b.example": "`b.example` could not be looked at"},
            id="a host",
        ),
    ],
)  # fmt: skip
def test_what_was_not_seen(report: Report, expected: dict[str, str]) -> None:
    assert unseen(report) == expected


PIN = "C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M="
NSC = (
    "<network-security-config>\n<domain-config>\n<domain>a.example</domain>\n<pin-set>\n"
    f'<pin digest="SHA-256">{PIN}</pin>\n</pin-set>\n</domain-config>\n</network-security-config>\n'
)


@pytest.mark.parametrize(
    "broken", [NSC.replace("</domain-config>", ""), NSC + " " * 6 * 1024 * 1024], ids=["no XML", "too large"]
)
def test_a_file_that_cannot_be_read_any_more(tmp_path, broken: str) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "app/src/main/res/xml/network_security_config.xml"
    path.parent.mkdir(parents=True)
    path.write_text(NSC)
    before = check(Request(root=str(tmp_path), paths=(str(tmp_path),))).report
    path.write_text(broken)
    after = check(Request(root=str(tmp_path), paths=(str(tmp_path),))).report
    assert before.findings
    assert needs(before.findings, before) & unseen(after).keys() == {
        "app/src/main/res/xml/network_security_config.xml"
    }
