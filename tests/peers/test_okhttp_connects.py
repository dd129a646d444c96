"""What OkHttp 3.13.1, 4.12.0 and 5.5.0 do on the JVM where its source leaves room for doubt.

Its chain cleaner takes a trusted issuer first, whatever was sent, and looks at no dates.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from live.cases import case_of, serving
from live.servers import LOOPBACK
from live_okhttp import VERSIONS, Answer, Ask, Question, talking

pytestmark = pytest.mark.peer

PATHS = {
    "simple": ("leaf", "intermediate", "root"),
    "reordered": ("leaf", "intermediate", "middle", "root"),
    "extra-trusted-root": ("leaf", "intermediate", "root"),
    "cross-signed-both-trusted": ("leaf", "intermediate", "root"),
    "cross-signed-old-trusted": ("leaf", "intermediate", "root", "cross-root"),
    "expired-intermediate": ("leaf", "intermediate", "root"),
    "anchored-intermediate": ("leaf", "intermediate"),
    "ip-address": ("leaf", "intermediate", "root"),
}
REFUSED = {
    "wrong-name": "name",
    "missing-intermediate": "untrusted",
    "expired-leaf": "untrusted",
    "self-signed": "untrusted",
    "ten-intermediates": "failed",
}


@pytest.fixture(scope="module", params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def ask(version: str) -> Iterator[Ask]:
    with talking(version) as asking:
        yield asking


@pytest.mark.parametrize("name", PATHS)
def test_the_pins_of_one_path_are_compared(tmp_path: Path, ask: Ask, name: str) -> None:
    pins = case_of(name).pins
    compared = tuple(pins[role] for role in PATHS[name])
    expected = {
        role: Answer("connected") if pin in compared else Answer("pinning", compared)
        for role, pin in pins.items()
    }
    assert answers(tmp_path, ask, name) == expected


@pytest.mark.parametrize("name", REFUSED)
def test_a_certificate_is_refused_before_its_pins(tmp_path: Path, ask: Ask, name: str) -> None:
    told = answers(tmp_path, ask, name)
    assert {role: answer.word for role, answer in told.items()} == dict.fromkeys(told, REFUSED[name])


def test_a_tenth_signer_is_too_many(tmp_path: Path, ask: Ask, version: str) -> None:
    word = "unclean" if version.startswith("3.") else "pinning"
    name = "nine-intermediates"
    assert answers(tmp_path, ask, name) == dict.fromkeys(case_of(name).pins, Answer(word))


def test_a_root_that_may_sign_leaves_only_is_minded_from_5_on(tmp_path: Path, ask: Ask, version: str) -> None:
    name = "root-that-may-sign-leaves-only"
    pins = case_of(name).pins
    compared = () if version.startswith("5.") else (pins["leaf"], pins["intermediate"], pins["root"])
    expected = {
        role: Answer("connected") if pin in compared else Answer("pinning", compared)
        for role, pin in pins.items()
    }
    assert answers(tmp_path, ask, name) == expected


def answers(tmp: Path, ask: Ask, name: str) -> dict[str, Answer]:
    """What comes of each pin of a case alone."""
    case = case_of(name)
    with serving("python", tmp, case) as running:
        port = running[LOOPBACK].port
        told = ask([Question(case.host, port, LOOPBACK, case.roots_pem, [pin]) for pin in case.pins.values()])
    return dict(zip(case.pins, told, strict=True))
