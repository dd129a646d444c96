"""malformed-config, misplaced-declaration and pinning-not-enforced: what the parsers saw, passed on."""

import pytest
from builders import ANDROID, HOST, IOS, KEYS, at, check, pin_set, project, said

from pincheck.model import Defect, Gap, Problem

RULES = {"malformed": "malformed-config", "misplaced": "misplaced-declaration"}
A, B = KEYS[:2]
DEBUG = pin_set(A, B, context="debug")


def defect(kind, *hosts: str, line: int = 4, what: str = "a second <pin-set>: the app crashes") -> Defect:
    return Defect(kind, at(line), what, "keep one", hosts, "warning", "debug")


@pytest.mark.parametrize("kind", RULES)
def test_a_defect_goes_to_the_rule_of_its_kind(kind) -> None:
    problem = Problem(
        at(4),
        f"{HOST}: a second <pin-set>: the app crashes",
        remedy="keep one",
        hosts=(HOST,),
        severity="warning",
        context="debug",
    )
    for other, rule in RULES.items():
        assert check(rule, defect(kind, HOST)) == ([problem] if other == kind else [])


@pytest.mark.parametrize(
    ("hosts", "what", "lead"),
    [
        pytest.param((), "bad", "", id="no host"),
        pytest.param(("a.example",), "a.example is declared twice", "", id="the host is in the text"),
        pytest.param(tuple("abcde"), "?", "a, b, c and 2 more: ", id="many hosts"),
    ],
)
def test_the_hosts_lead_unless_they_are_named(hosts: tuple[str, ...], what: str, lead: str) -> None:
    assert said("malformed-config", defect("malformed", *hosts, what=what)) == [lead + what]


def test_an_inherited_setting_is_one_finding_for_all_its_hosts() -> None:
    defects = (defect("unenforced", "a.example"), defect("unenforced", "b.example"), defect("malformed"))
    assert [p.hosts for p in check("pinning-not-enforced", project(defects=defects))] == [
        ("a.example", "b.example")
    ]


def test_a_platform_that_pins_in_debug_builds_only() -> None:
    assert check("pinning-not-enforced", project(DEBUG)) == [
        Problem(
            at(1),
            f"{HOST}: pinned in debug builds only; nothing that Android release builds read declares a pin",
            remedy="declare the pins where release builds read them too",
            hosts=(HOST,),
            context="production",
        )
    ]


@pytest.mark.parametrize(
    ("subject", "count"),
    [
        pytest.param(
            project(DEBUG, pin_set(A, B, semantics=IOS)), 1, id="another platform pins in production"
        ),
        pytest.param(project(DEBUG, pin_set(A, B, hosts=("b.example",))), 0, id="a release pins something"),
        pytest.param(project(pin_set(A, B, context="test")), 0, id="tests are no debug builds"),
        pytest.param(
            project(DEBUG, gaps=(Gap("okhttp", at(9), "?", context="production"),)),
            0,
            id="a release may pin unseen",
        ),
        pytest.param(project(DEBUG, defects=(defect("misplaced"),)), 0, id="nobody reads that file"),
        pytest.param(
            project(DEBUG, pin_set(A, B, semantics=ANDROID._replace(platform="any"))),
            0,
            id="a file for any platform",
        ),
    ],
)
def test_when_debug_only_is_said(subject, count: int) -> None:
    assert len(said("pinning-not-enforced", subject)) == count
