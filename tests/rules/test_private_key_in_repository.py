"""private-key-in-repository: keys of pins, keys beside certificates, and others."""

import pytest
from builders import HOST, KEYS, START, at, check, pin, pin_set, private_key, project

from pincheck.model import Problem

A = pin(KEYS[0]).pin
assert A


def test_the_key_of_a_pin() -> None:
    assert check(
        "private-key-in-repository", project(pin_set(*KEYS), private_keys=(private_key(spki=A.digest),))
    ) == [
        Problem(
            at(1, "server/api.key"),
            f"{HOST}: the private key (EC) of pin {START} is in the repository; every reader of it can pose as"
            " the host, and the app accepts that",
            remedy="ship the pin of a new key, replace this one at the host, and take it out of the history",
            hosts=(HOST,),
            pin=KEYS[0],
            related=((at(2), "pinned here"),),
            severity="error",
            context="production",
        )
    ]


@pytest.mark.parametrize(
    ("key", "severity", "start"),
    [
        pytest.param(
            private_key(), "warning", "a private key (EC) is in the repository", id="of nobody knows what"
        ),
        pytest.param(
            private_key(spki=b"?" * 32), "warning", "a private key (EC) is in the repository", id="of no pin"
        ),
        pytest.param(
            private_key(beside="res/raw/ca.pem"),
            "error",
            "a private key (EC) lies beside the pinned certificate res/raw/ca.pem",
            id="beside a pinned certificate",
        ),
        pytest.param(
            private_key("encrypted PKCS#8"),
            "note",
            "a private key (encrypted PKCS#8, encrypted) is in the repository",
            id="encrypted",
        ),
        pytest.param(
            private_key("RSA", data=b"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"),
            "note",
            "a private key (RSA, encrypted) is in the repository",
            id="encrypted in the older form",
        ),
        pytest.param(
            private_key(context="test"), "warning", "a private key (EC) is in the repository", id="of a test"
        ),
    ],
)
def test_other_keys(key, severity, start: str) -> None:
    [problem] = check("private-key-in-repository", project(pin_set(*KEYS), private_keys=(key,)))
    assert (problem.severity, problem.context) == (severity, key.context)
    assert problem.message.startswith(start)
    assert "secret" not in problem.message
