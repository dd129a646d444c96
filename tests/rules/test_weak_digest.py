"""weak-digest: SHA-1 pins."""

import pytest
from builders import ANDROID, HOST, KEYS, OKHTTP, at, check, pin_set, said

from pincheck.model import Problem

SHA1 = "uf4VaV0T/XdpzoVH/+ZwLwpVSPo="


def test_a_sha1_pin_that_the_client_takes() -> None:
    assert check("weak-digest", pin_set("sha1/" + SHA1, semantics=OKHTTP)) == [
        Problem(
            at(2),
            f"{HOST}, pin sha1/uf4VaV0…: a SHA-1 hash, which is broken for collisions and which OkHttp still takes",
            remedy="replace it by the SHA-256 pin of the same key",
            hosts=(HOST,),
            pin="sha1/" + SHA1,
        )
    ]


@pytest.mark.parametrize(
    ("text", "semantics", "expected"),
    [
        pytest.param(SHA1, ANDROID, ["does not take"], id="refused by the client"),
        pytest.param(KEYS[0], ANDROID, [], id="SHA-256"),
        pytest.param("A" * 27 + "=", ANDROID, [], id="a placeholder"),
    ],
)
def test_what_is_said(text: str, semantics, expected: list[str]) -> None:
    messages = said("weak-digest", pin_set(text, semantics=semantics))
    assert [message.partition("Android ")[2] for message in messages] == expected


def test_a_pin_known_by_its_shape_is_a_warning() -> None:
    (problem,) = check("weak-digest", pin_set("sha1/" + SHA1, semantics=OKHTTP, inferred=True))
    assert problem.severity == "warning"
