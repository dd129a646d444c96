"""duplicate-pin: one key twice in a pin set."""

import base64

import pytest
from builders import HOST, KEYS, START, at, check, pin_set, said

from pincheck.model import Problem

A, B = KEYS[:2]


def test_the_second_copy_is_named_with_the_first() -> None:
    assert check("duplicate-pin", pin_set(A, B, A)) == [
        Problem(
            at(4),
            f"{HOST}, pin {START}: the same as in line 2; Android counts it once, so it is no backup",
            remedy="replace it by the pin of another key, or remove it",
            hosts=(HOST,),
            pin=A,
            related=((at(2), "first written here"),),
        )
    ]


@pytest.mark.parametrize(
    ("texts", "count"),
    [
        pytest.param((A, B), 0, id="two keys"),
        pytest.param((A, A, A), 2, id="three copies"),
        pytest.param(("A" * 43 + "=",) * 2, 0, id="placeholders are another rule's"),
        pytest.param(("???", "???"), 0, id="no key at all"),
    ],
)
def test_how_many(texts: tuple[str, ...], count: int) -> None:
    assert len(said("duplicate-pin", pin_set(*texts))) == count


COUNTED = "Android counts it once, so it is no backup"
FAULTY = "even spelt right it is no backup"


@pytest.mark.parametrize(
    ("other", "effect"),
    [
        pytest.param(A.rstrip("="), COUNTED, id="without padding"),
        pytest.param(base64.b64decode(A).hex(), FAULTY, id="in hexadecimal"),
        pytest.param("sha256/" + A, FAULTY, id="with a prefix"),
    ],
)
def test_another_spelling_of_the_same_key(other: str, effect: str) -> None:
    [message] = said("duplicate-pin", pin_set(A, other))
    assert message.endswith(f"the same as in line 2, spelt differently; {effect}")
