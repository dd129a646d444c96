"""Hosts that somebody else runs."""

import pytest
from builders import KEYS, OKHTTP, check, pin_set

RULE = "third-party-host"
GOOGLE = "https://developers.google.com/public-key-infrastructure/faq/connecting-to-google (read 2026-11-23)"
STATES = "which states that neither intermediates nor roots are to be hard-coded as chains are not static"


@pytest.mark.parametrize(
    ("hosts", "expected"),
    [
        pytest.param(
            ("firestore.googleapis.com",),
            [(None, f"firestore.googleapis.com: is run by Google, {STATES}", ("firestore.googleapis.com",))],
            id="one",
        ),
        pytest.param(
            ("api.shop.example", "identitytoolkit.googleapis.com", "shop.firebaseio.com"),
            [
                (
                    None,
                    f"identitytoolkit.googleapis.com, shop.firebaseio.com: are run by Google, {STATES}",
                    ("identitytoolkit.googleapis.com", "shop.firebaseio.com"),
                )
            ],
            id="two of one operator beside one's own",
        ),
        pytest.param(
            ("graph.facebook.com",),
            [
                (
                    "note",
                    "graph.facebook.com: is run by Meta, which may change the keys at will",
                    ("graph.facebook.com",),
                )
            ],
            id="general knowledge is a note",
        ),
        pytest.param(("api.shop.example", "notamazonaws.com"), [], id="one's own"),
    ],
)
def test_a_host_of_somebody_else(hosts: tuple[str, ...], expected: list[object]) -> None:
    found = check(RULE, pin_set(*KEYS[:2], hosts=hosts))
    assert [(each.severity, each.message, each.hosts) for each in found] == expected


def test_the_source_is_named() -> None:
    (found,) = check(RULE, pin_set(*KEYS[:2], hosts=("**.googleapis.com",), semantics=OKHTTP))
    assert found.remedy == f"leave it to the platform's check of certificates; see {GOOGLE}"


def test_without_pins_nothing_is_said() -> None:
    assert check(RULE, pin_set(hosts=("firestore.googleapis.com",))) == []
