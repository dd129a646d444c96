"""declared-drift: declarations against the pins that the configuration states."""

import pytest
from builders import (
    HOST,
    IOS,
    KEYS,
    LEAF_HASH,
    PATH,
    at,
    check,
    context,
    pin_set,
    project,
    said,
    stated,
)

from pincheck.model import Problem

A, B, C, _ = KEYS
B_, C_ = "r/mIkG3eEpVd…", "++MBgDH5WGvL…"


def test_one_pin_missing_and_one_too_many() -> None:
    assert check("declared-drift", project(pin_set(A, C)), context(stated(HOST, A, B))) == [
        Problem(
            at(1),
            f"{HOST}: Android lacks {B_}, which .pincheck.yml:7 states, and pins {C_}, which it does not state",
            remedy="make the declaration and the configuration agree",
            hosts=(HOST,),
            pin=C,
            related=((at(7, ".pincheck.yml"), "the pins stated for this host"),),
            context="production",
        )
    ]


@pytest.mark.parametrize(
    ("sets", "host", "expected"),
    [
        pytest.param((pin_set(A, B),), HOST, [], id="as stated"),
        pytest.param(
            (pin_set(A),), HOST, [(1, f"lacks {B_}, which .pincheck.yml:7 states")], id="one missing"
        ),
        pytest.param(
            (pin_set(A, B, C),),
            HOST,
            [(4, f"pins {C_}, which .pincheck.yml:7 does not state")],
            id="one too many, at its line",
        ),
        pytest.param((pin_set(A, "sha256/" + B),), HOST, [], id="a misspelt pin is another rule's"),
        pytest.param((pin_set(A, C, hosts=("b.example",)),), HOST, [], id="another host"),
        pytest.param(
            (pin_set(A, hosts=("shop.example",), below=True),),
            HOST,
            [(1, f"lacks {B_}, which .pincheck.yml:7 states")],
            id="a wider pattern",
        ),
        pytest.param(
            (pin_set(A, B, hosts=("shop.example",), below=True), pin_set(A, line=5)),
            HOST,
            [(5, f"lacks {B_}, which .pincheck.yml:7 states")],
            id="the nearest declaration counts",
        ),
        pytest.param(
            (pin_set(A, semantics=IOS), pin_set(B, line=5, semantics=IOS)),
            HOST,
            [],
            id="the client joins them",
        ),
        pytest.param(
            (pin_set(A, semantics=LEAF_HASH),), HOST, [], id="certificate hashes cannot be compared"
        ),
        pytest.param(
            (pin_set(A),),
            "*.shop.example",
            [(1, f"lacks {B_}, which .pincheck.yml:7 states")],
            id="a wildcard of the policy",
        ),
        pytest.param((pin_set(A),), "*.other.example", [], id="a wildcard of other names"),
        pytest.param(
            (pin_set(A, hosts=("shop.example",)),),
            "*.shop.example",
            [],
            id="a wildcard spares the name itself",
        ),
        pytest.param(
            (pin_set(A, hosts=("shop.example",), below=True),),
            "*.shop.example",
            [(1, f"lacks {B_}, which .pincheck.yml:7 states")],
            id="wildcard against subdomains",
        ),
    ],
)
def test_what_differs(sets, host: str, expected: list[tuple[int, str]]) -> None:
    problems = check("declared-drift", project(*sets), context(stated(host, A, B)))
    assert [(p.at.line, p.message.partition(" Android ")[2]) for p in problems] == expected


def test_the_nearest_pattern_of_the_policy_counts() -> None:
    given = context(stated("*.shop.example", B, C), stated(HOST, A, B))
    assert said("declared-drift", project(pin_set(A, B)), given) == []


def test_each_file_is_judged_for_itself_with_its_context() -> None:
    subject = project(pin_set(A), pin_set(A, path="b", context="test"))
    problems = check("declared-drift", subject, context(stated(HOST, A, B)))
    assert [(p.at.path, p.context) for p in problems] == [(PATH, "production"), ("b", "test")]


def test_nothing_is_stated() -> None:
    assert said("declared-drift", project(pin_set(A))) == []
