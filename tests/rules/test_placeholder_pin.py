"""placeholder-pin: texts that no key has."""

import pytest
from builders import HOST, IOS, KEYS, at, check, pin_set, said

from pincheck.model import Problem

ZEROS = "A" * 43 + "="
NOTHING = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


def test_it_says_why_and_what_it_means_for_the_set() -> None:
    assert check("placeholder-pin", pin_set(KEYS[0], ZEROS)) == [
        Problem(
            at(3),
            f"{HOST}, pin AAAAAAAAAAAA…: no real pin (one repeated byte); it matches no certificate and is no backup",
            remedy="replace it by the pin of a real key, kept as a backup if the host does not use it",
            hosts=(HOST,),
            pin=ZEROS,
        )
    ]


@pytest.mark.parametrize(
    ("subject", "message"),
    [
        pytest.param(
            pin_set(NOTHING),
            f"{HOST}, pin 47DEQpj8HBSa…: no real pin (the hash of empty input: the command that made it read no key);"
            " no certificate matches any pin that is written here",
            id="hash of nothing, alone",
        ),
        pytest.param(
            pin_set("YOUR_PIN_HERE"),
            f"{HOST}, pin YOUR_PIN_HER…: no real pin (a placeholder); the app crashes",
            id="a text the client refuses",
        ),
        pytest.param(
            pin_set("YOUR_PIN_HERE", KEYS[0], semantics=IOS),
            f"{HOST}, pin YOUR_PIN_HER…: no real pin (a placeholder); it matches no certificate and is no backup",
            id="a text the client only never matches",
        ),
        pytest.param(
            pin_set("sha256/" + ZEROS),
            f"{HOST}, pin sha256/AAAAA…: no real pin (one repeated byte); the app crashes",
            id="malformed too",
        ),
    ],
)
def test_the_effect(subject, message: str) -> None:
    assert said("placeholder-pin", subject) == [message]


def test_a_real_pin_is_none() -> None:
    assert said("placeholder-pin", pin_set(*KEYS)) == []
