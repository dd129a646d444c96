"""coverage-drift: hosts that one platform pins and the other does not."""

import pytest
from builders import ANDROID, IOS, KEYS, OKHTTP, TRUSTKIT, at, check, pin_set, project

from pincheck.model import Gap, Problem

SHOP = "shop.example"
OTHER = "other.example"


def android(*hosts: str, below: bool = False, semantics=ANDROID, **given):
    return pin_set(*KEYS, hosts=hosts, below=below, path="a.xml", semantics=semantics, **given)


def ios(*hosts: str, below: bool = False, semantics=IOS, **given):
    return pin_set(*KEYS, hosts=hosts, below=below, path="b.plist", semantics=semantics, **given)


def test_a_host_of_one_platform_only() -> None:
    assert check("coverage-drift", project(android(SHOP, OTHER), ios(OTHER))) == [
        Problem(
            at(1, "a.xml"),
            f"{SHOP} is pinned on Android only: iOS has no declaration that covers it",
            remedy="pin the same hosts for iOS, or say under ignore in .pincheck.yml why not",
            hosts=(SHOP,),
            related=((at(1, "b.plist"), "the pins for iOS begin here"),),
            severity="warning",
        )
    ]


@pytest.mark.parametrize(
    ("sides", "said"),
    [
        pytest.param((android(SHOP), ios(SHOP)), [], id="the same host"),
        pytest.param((android(SHOP, OTHER),), [], id="one platform only pins at all"),
        pytest.param(
            (android(OTHER), ios(OTHER, SHOP)),
            [("warning", f"{SHOP} is pinned on iOS only: Android has no declaration that covers it")],
            id="the other way round",
        ),
        pytest.param(
            (android(SHOP, below=True), ios(SHOP)),
            [
                (
                    "warning",
                    f"names below {SHOP} are pinned on Android only: the declaration for iOS does not include subdomains",
                )
            ],
            id="subdomains on one platform only",
        ),
        pytest.param(
            (android(SHOP, below=True), ios(SHOP, below=True)),
            [
                (
                    "note",
                    f"names two or more labels below {SHOP} are pinned on Android only:"
                    " subdomains go one label deep on iOS",
                )
            ],
            id="any depth against one label",
        ),
        pytest.param(
            (android(SHOP, below=True), ios(SHOP, below=True, semantics=TRUSTKIT)), [], id="any depth on both"
        ),
        pytest.param(
            (android("*.shop.example", semantics=OKHTTP), ios(SHOP, below=True)),
            [("warning", f"{SHOP} is pinned on iOS only: Android pins only names below it")],
            id="a wildcard without the name itself",
        ),
        pytest.param(
            (android(SHOP, OTHER, below=True), ios(OTHER, below=True, semantics=TRUSTKIT)),
            [
                (
                    "warning",
                    f"{SHOP} and names below it are pinned on Android only: iOS has no declaration that covers them",
                )
            ],
            id="with its subdomains",
        ),
        pytest.param(
            (android(SHOP, below=True), ios("api.shop.example", SHOP, below=True, semantics=TRUSTKIT)),
            [],
            id="covered by a wider pattern",
        ),
        pytest.param((android(SHOP), ios(SHOP), ios(OTHER, context="test")), [], id="a test"),
        pytest.param((android(SHOP, OTHER), ios(SHOP), ios()), [], id="hosts that are unknown"),
        pytest.param(
            (
                android(SHOP, OTHER),
                ios(SHOP),
                pin_set(*KEYS, hosts=(OTHER,), semantics=IOS._replace(platform="any")),
            ),
            [],
            id="a file for both platforms",
        ),
    ],
)
def test_what_is_said(sides, said: list[tuple[str, str]]) -> None:
    problems = check("coverage-drift", project(*sides))
    assert [(problem.severity, problem.message) for problem in problems] == said


def test_what_cannot_be_read_may_cover_it() -> None:
    for hosts in ((), (OTHER,)):
        gap = Gap("ios-ats", at(3), "?", hosts, context="production")
        assert check("coverage-drift", project(android(SHOP, OTHER), ios(SHOP), gaps=(gap,))) == []
