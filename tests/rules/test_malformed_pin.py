"""malformed-pin: pins that the client cannot use, and pins that look mistyped."""

import base64

import pytest
from builders import ANDROID, HOST, IOS, KEYS, OKHTTP, START, at, check, pin, pin_set

from pincheck.model import Problem

A = KEYS[0]
BYTES = base64.b64decode(A)
COLONS = BYTES.hex(":")
SHORT = base64.b64encode(BYTES[:31]).decode()
SHA1 = base64.b64encode(BYTES[:20]).decode()


def test_it_says_what_the_client_does_and_what_to_write() -> None:
    assert check("malformed-pin", pin_set("sha256/" + A, KEYS[1])) == [
        Problem(
            at(2),
            f"{HOST}, pin sha256/C5+lp…: starts with sha256/, which is read as part of the key: 37 bytes"
            " instead of 32; the app crashes",
            remedy=f"write {A}",
            hosts=(HOST,),
            pin="sha256/" + A,
        )
    ]


@pytest.mark.parametrize(
    ("text", "semantics", "remedy"),
    [
        pytest.param(A, OKHTTP, f"write sha256/{A}", id="prefix missing"),
        pytest.param(
            COLONS,
            ANDROID,
            f"write {A} if it is the hash of an SPKI; hexadecimal is more often that of a certificate",
            id="hexadecimal, whose kind nobody knows",
        ),
        pytest.param(
            SHA1, ANDROID, "write the SHA-256 of the same SPKI: 20 bytes are a SHA-1 hash", id="SHA-1"
        ),
        pytest.param(
            SHORT,
            ANDROID,
            "write the SHA-256 of the key's SPKI in base64: 44 characters, the last one =",
            id="a byte lost",
        ),
        pytest.param(A.rstrip("="), IOS, f"write {A}", id="padding missing"),
    ],
)
def test_the_remedy_names_the_text_where_it_is_known(text: str, semantics, remedy: str) -> None:
    problems = check("malformed-pin", pin_set(text, semantics=semantics))
    assert [problem.remedy for problem in problems] == [remedy]


def test_a_certificate_s_hash_is_not_to_be_respelt() -> None:
    declared = pin("sha256/" + A, certificate_file="certs/api.pem")
    problems = check("malformed-pin", pin_set(declared))
    assert [problem.remedy for problem in problems] == [
        "write the SPKI pin of certs/api.pem: this is the hash of the whole file"
    ]


def test_a_mistyped_last_character_is_a_warning() -> None:
    text = A[:-2] + "N="
    assert check("malformed-pin", pin_set(text)) == [
        Problem(
            at(2),
            f"{HOST}, pin {START}: ends in N, which no encoder writes there: a character is mistyped or lost;"
            " Android takes it all the same",
            remedy="compute the pin again from the certificate or the key",
            hosts=(HOST,),
            pin=text,
            severity="warning",
        )
    ]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(A, id="a good pin"),
        pytest.param(f" {A}\n", id="white space that the client skips"),
        pytest.param("YOUR_PIN_HERE", id="a placeholder, which is another rule's"),
    ],
)
def test_nothing_to_say(text: str) -> None:
    assert check("malformed-pin", pin_set(text)) == []


def test_a_hostile_text_is_cut_and_printable() -> None:
    [problem] = check("malformed-pin", pin_set("\x1b[31m" + "!" * 100_000, hosts=("a\x07b.example",)))
    assert problem.message.startswith("a?b.example, pin ?[31m!!!!!!!…: ")
    assert len(problem.message) < 400
    assert len(problem.pin) == 400
