"""missing-backup-pin: fewer than two distinct keys."""

import pytest
import scanning
from builders import HOST, IOS, KEYS, LEAF_HASH, START, TRUSTKIT, at, check, pin_set, project, said
from scanning import KEY_A

from pincheck.model import Gap, PinSet, Problem

A, B = KEYS[:2]
ZEROS = "A" * 43 + "="


def test_one_pin() -> None:
    assert check("missing-backup-pin", project(pin_set(A))) == [
        Problem(
            at(1),
            f"{HOST}: {START} is the only pin; once that key leaves the host's chain, Android refuses every connection",
            remedy="add the pin of a spare key kept offline, or of a key of another CA",
            hosts=(HOST,),
            pin=A,
            context="production",
        )
    ]


def test_a_pin_known_by_its_shape_may_have_company() -> None:
    (problem,) = check("missing-backup-pin", project(pin_set(A, hosts=(), inferred=True)))
    assert (problem.severity, problem.message) == (
        "warning",
        f"an unknown host: {START} is the only pin here; if the code compares no other, Android refuses every"
        " connection once that key leaves the host's chain",
    )


def ios(*texts: str, host: str = HOST, line: int = 1, **changed) -> PinSet:
    return pin_set(*texts, hosts=(host,), line=line, semantics=IOS, **changed)


@pytest.mark.parametrize(
    ("subject", "lines"),
    [
        pytest.param(project(pin_set(A, B)), [], id="two keys"),
        pytest.param(project(pin_set(A, A)), [1], id="one key twice"),
        pytest.param(project(pin_set(A, A.rstrip("="))), [1], id="one key in two spellings"),
        pytest.param(project(pin_set(A, ZEROS)), [1], id="a placeholder is no backup"),
        pytest.param(project(pin_set(A, "sha256/" + B)), [], id="a misspelt backup is another rule's"),
        pytest.param(project(pin_set()), [], id="no pin"),
        pytest.param(project(pin_set(A, read=False)), [], id="never read"),
        pytest.param(
            project(pin_set(A), gaps=(Gap("x", at(3), "?", (HOST,)),)),
            [],
            id="a second pin comes from elsewhere",
        ),
        pytest.param(
            project(pin_set(A), gaps=(Gap("x", at(3), "?", ("b.example",)),)),
            [1],
            id="another host's comes from there",
        ),
        pytest.param(project(ios(A), ios(B, line=5)), [], id="joined by the client"),
        pytest.param(
            project(ios(A), ios(B, host="shop.example", line=5, below=True)),
            [5],
            id="joined for one host of two",
        ),
        pytest.param(
            project(pin_set(A), pin_set(B, line=5)), [1, 5], id="not joined: the nearest one counts"
        ),
        pytest.param(project(ios(A), ios(B, path="b.plist")), [1, 1], id="not joined: two files"),
        pytest.param(
            project(ios(A), pin_set(B, line=5, semantics=IOS._replace(compares="leaf"))),
            [1, 5],
            id="not joined: one list for leaves, one for issuers",
        ),
    ],
)
def test_where_it_is_said(subject, lines: list[int]) -> None:
    assert [problem.at.line for problem in check("missing-backup-pin", subject)] == lines


def test_a_certificate_hash_that_a_service_can_replace() -> None:
    [problem] = check("missing-backup-pin", project(pin_set(A, semantics=LEAF_HASH, dynamic=True)))
    assert problem.severity == "warning"
    assert problem.message == (
        f"{HOST}: {START} is the only pin; once the host renews its certificate, Wultra refuses every connection"
        " until the service sends another"
    )
    assert problem.remedy == "publish the fingerprint of the next certificate before the host uses it"


TWO = TRUSTKIT._replace(minimum_pins=2)


@pytest.mark.parametrize(
    ("subject", "effect"),
    [
        pytest.param(pin_set(A, semantics=TWO), ", and TrustKit takes no fewer than two", id="one"),
        pytest.param(pin_set(A, A, semantics=TWO), ", and TrustKit takes no fewer than two", id="one twice"),
        pytest.param(
            pin_set(A, ZEROS, semantics=TWO),
            "; once that key leaves the host's chain, TrustKit refuses every connection",
            id="a placeholder makes the client's two",
        ),
        pytest.param(
            pin_set(A, semantics=TWO._replace(minimum_pins=1)),
            "; once that key leaves the host's chain, TrustKit refuses every connection",
            id="as many as it wants",
        ),
    ],
)
def test_a_client_that_wants_more(subject: PinSet, effect: str) -> None:
    assert said("missing-backup-pin", project(subject)) == [f"{HOST}: {START} is the only pin{effect}"]


def test_hosts_that_are_unknown() -> None:
    [message] = said("missing-backup-pin", project(pin_set(A, hosts=())))
    assert message.startswith("an unknown host: ")


def test_a_set_that_has_expired_locks_nobody_out_until_it_is_renewed() -> None:
    nsc = (
        "<network-security-config><domain-config><domain>api.shop.example</domain>"
        f'<pin-set expiration="2024-01-01"><pin digest="SHA-256">{KEY_A}</pin></pin-set>'
        "</domain-config></network-security-config>"
    )
    assert scanning.said({"res/xml/nsc.xml": nsc}, "missing-backup-pin") == [
        (
            "missing-backup-pin",
            1,
            f"api.shop.example: {KEY_A[:12]}… is the only pin; renewed as it is, it locks users out once that key"
            " leaves the host's chain",
        )
    ]
