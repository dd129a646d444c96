"""rotating-ca-pin: an intermediate of a CA that rotates them, and nothing above or below it."""

from datetime import date

import pytest
from builders import HOST, at, check, pin_set, project
from whose import AMAZON, GLOBAL, LEAF, OTHER, OWN, R12, TABLE, X1, knowing, leaf, spki, stated

from pincheck.model import Problem
from pincheck.model.knowledge import Identity, Provider

RULE = "rotating-ca-pin"
ENCRYPT = Provider(
    "Let's Encrypt",
    ("O=Let's Encrypt", r"O=ISRG \(Let's Encrypt\)"),
    "advises against pinning",
    (),
    rotates=True,
    new_keys=True,
    source="https://ca.example/pinning",
    read=date(2026, 8, 1),
    confidence="med",
)


def test_an_intermediate_alone() -> None:
    assert check(RULE, project(pin_set(R12, GLOBAL)), knowing(providers=(ENCRYPT,))) == [
        Problem(
            at(2),
            f"{HOST}: kZwN96eHtZft… is of R12, an intermediate of Let's Encrypt, which rotates them without notice;"
            " once a renewal comes from another, Android refuses every connection that no other pin matches",
            remedy="pin the root above it, or the host's own key; see https://ca.example/pinning (read 2026-08-01)",
            hosts=(HOST,),
            pin=R12,
            context="production",
        )
    ]


@pytest.mark.parametrize(
    ("pins", "given", "number"),
    [
        pytest.param((R12,), {}, 1, id="by itself"),
        pytest.param((R12, X1), {}, 0, id="its root"),
        pytest.param((R12, AMAZON), {}, 1, id="another root"),
        pytest.param((R12, LEAF), {LEAF: leaf()}, 0, id="the leaf"),
        pytest.param((R12, OWN), {OWN: stated(offline=True)}, 0, id="a key of one's own"),
        pytest.param((R12, OWN), {}, 0, id="what may be the leaf"),
        pytest.param((X1, GLOBAL), {}, 0, id="roots"),
    ],
)
def test_beside_which_pins(pins: tuple[str, ...], given: dict[str, Identity], number: int) -> None:
    found = check(RULE, project(pin_set(*pins)), knowing(given=given, providers=(ENCRYPT,)))
    assert len(found) == number


def test_a_root_that_is_too_new_for_the_stores() -> None:
    ca = TABLE[spki(R12)]._replace(spki=spki(OTHER), name="Root YR")
    young = {OTHER: Identity("ca-table", "intermediate", ca.name, ca.family, ca=ca)}
    for pins in ((OTHER, GLOBAL), (R12, OTHER)):
        assert check(RULE, project(pin_set(*pins)), knowing(given=young, providers=(ENCRYPT,))) == []


def test_an_operator_that_does_not_rotate() -> None:
    still = ENCRYPT._replace(rotates=False)
    assert check(RULE, project(pin_set(R12)), knowing(providers=(still,))) == []
    assert check(RULE, project(pin_set(R12)), knowing()) == []
