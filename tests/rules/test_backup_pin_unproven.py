"""backup-pin-unproven: nothing shows that the key of a backup pin exists."""

from typing import Any

import pytest
from builders import ANDROID, HOST, IOS, at, check, pin_set, project, said
from builders import stated as policy
from whose import LEAF, OTHER, OWN, X1, knowing, leaf, spki, stated

from pincheck.model import HostPolicy, Problem

RULE = "backup-pin-unproven"
SEEN = {HOST: frozenset([spki(LEAF), spki(X1)])}


def test_a_pin_in_no_chain_that_was_seen() -> None:
    given = knowing(given={LEAF: leaf()}, seen=SEEN)
    assert check(RULE, project(pin_set(LEAF, OWN)), given) == [
        Problem(
            at(3),
            f"{HOST}: Y3auZNyaWAH5… is in no chain that was seen, of no known CA and without evidence: nothing shows"
            " that a key is kept to fall back on before Android refuses every connection",
            remedy="name the CSR, certificate or public key as file: in .pincheck.yml, or its ca, key: offline, owner"
            " or created; replace it if nobody knows the key",
            hosts=(HOST,),
            pin=OWN,
            context="production",
        )
    ]


def test_all_unknown_offline_is_said_once() -> None:
    assert said(RULE, project(pin_set(LEAF, OWN)), knowing()) == [
        f"{HOST}: 4uNsWoOWEDyO… and Y3auZNyaWAH5… are of no known CA and without evidence; one may be the host's own,"
        " and no other is proven: nothing shows that a key is kept to fall back on before Android refuses every"
        " connection"
    ]


def test_what_pin_mismatch_says_is_enough() -> None:
    assert check(RULE, project(pin_set(OWN, OTHER)), knowing(seen=SEEN)) == []


def test_the_same_pins_in_several_places_are_one_finding() -> None:
    subject = project(
        pin_set(LEAF, OWN, path="test.xml", context="test"),
        pin_set(OWN, LEAF, hosts=("b.example",)),
        pin_set(LEAF, OWN, path="ios.plist", semantics=IOS),
    )
    (problem,) = check(RULE, subject, knowing())
    assert (problem.at, problem.hosts) == (at(3), ("b.example", HOST))
    assert problem.related == (
        (at(3, "ios.plist"), "declared here too"),
        (at(3, "test.xml"), "declared here too"),
    )
    assert problem.context == "production"
    assert problem.message.endswith("before Android or App Transport Security refuses every connection")


def roles(**by_role: str) -> HostPolicy:
    host = policy(HOST, *by_role.values())
    pins = tuple(pin._replace(role=role) for pin, role in zip(host.pins, by_role, strict=True))  # type: ignore[arg-type]
    return host._replace(pins=pins)


@pytest.mark.parametrize(
    ("pins", "known", "pinned"),
    [
        pytest.param((X1, OWN), {}, [], id="offline the unknown one may be the leaf"),
        pytest.param((X1, OWN, OTHER), {}, [], id="so may either of two beside a CA"),
        pytest.param((OWN,), {}, [], id="a single pin is another rule's"),
        pytest.param(
            (LEAF, OWN), {"given": {LEAF: leaf()}}, [OWN], id="the host's is known, from another run's eyes"
        ),
        pytest.param((LEAF, OWN), {"given": {OWN: stated(offline=True)}}, [], id="the rest may be the leaf"),
        pytest.param((X1, OWN), {"seen": SEEN}, [OWN], id="live, beside a CA"),
        pytest.param(
            (X1, OWN, OTHER), {"seen": SEEN, "given": {OWN: stated("Sectigo")}}, [OTHER], id="one is stated"
        ),
        pytest.param((LEAF, OWN), {"seen": {"b.example": SEEN[HOST]}}, [OWN], id="another host was seen"),
    ],
)
def test_which_pins(pins: tuple[str, ...], known: dict[str, Any], pinned: list[str]) -> None:
    assert [problem.pin for problem in check(RULE, project(pin_set(*pins)), knowing(**known))] == pinned


def test_a_host_that_was_not_seen_may_serve_the_pin() -> None:
    subject = project(pin_set(X1, OWN, hosts=(HOST, "b.example")))
    assert check(RULE, subject, knowing(seen=SEEN)) == []


def test_what_the_configuration_calls_them() -> None:
    one = project(pin_set(X1, OWN))
    assert [each.pin for each in check(RULE, one, knowing(roles(backup=OWN)))] == [OWN]
    assert check(RULE, one, knowing(roles(current=OWN))) == []
    two = project(pin_set(LEAF, OWN))
    assert [each.pin for each in check(RULE, two, knowing(roles(current=LEAF)))] == [OWN]
    assert spki(LEAF) not in knowing().knowledge.identities  # type: ignore[union-attr]


def test_a_client_that_only_reports_locks_nobody_out() -> None:
    subject = project(pin_set(LEAF, OWN, semantics=ANDROID._replace(enforced=False)))
    assert check(RULE, subject, knowing()) == []
