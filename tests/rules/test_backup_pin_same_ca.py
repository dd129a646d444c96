"""backup-pin-same-ca: every pin hangs on one CA."""

from typing import Any

import pytest
from builders import ANDROID, HOST, IOS, OKHTTP, TODAY_ALONE, at, check, pin_set, project, said
from whose import AMAZON, DST, GLOBAL, ISRG, LEAF, OTHER, OWN, R12, X1, X2, knowing, leaf, stated

from pincheck.model import Gap, Problem
from pincheck.model.knowledge import Identity

RULE = "backup-pin-same-ca"
FREE = stated(offline=True)


def test_two_roots_of_one_operator() -> None:
    assert check(RULE, project(pin_set(X1, X2)), knowing()) == [
        Problem(
            at(2),
            f"{HOST}: both pins hang on {ISRG}: C5+lpZ7tcVwm… (ISRG Root X1) and diGVwiVYbubA… (ISRG Root X2);"
            " once the host leaves that CA, Android refuses every connection",
            remedy="add the pin of a root of another CA that you could move to, or of a spare key of your own"
            " kept offline",
            hosts=(HOST,),
            pin=X1,
            context="production",
        )
    ]


def test_a_stated_ca_is_said_to_be_no_proof() -> None:
    given = knowing(given={OWN: stated(ISRG)})
    (problem,) = check(RULE, project(pin_set(X1, OWN)), given)
    assert (problem.severity, problem.message) == (
        "warning",
        f"{HOST}: both pins hang on {ISRG} (proven of some, stated in .pincheck.yml:7 of others):"
        " C5+lpZ7tcVwm… (ISRG Root X1) and Y3auZNyaWAH5…; once the host leaves that CA, Android refuses every connection",
    )


def test_a_file_proves_the_key_and_not_its_ca() -> None:
    proven_key = Identity(
        "evidence", "key", "a request in a.csr", frozenset([ISRG]), at=at(7, ".pincheck.yml")
    )
    (problem,) = check(RULE, project(pin_set(X1, OWN)), knowing(given={OWN: proven_key}))
    assert problem.severity == "warning"


def test_what_a_retired_key_leaves() -> None:
    assert said(RULE, project(pin_set(X1, DST, X2)), knowing()) == [
        f"{HOST}: both pins that are not retired hang on {ISRG}: C5+lpZ7tcVwm… (ISRG Root X1) and diGVwiVYbubA…"
        " (ISRG Root X2); once the host leaves that CA, Android refuses every connection"
    ]


@pytest.mark.parametrize(
    ("pins", "given", "severities"),
    [
        pytest.param((X1, GLOBAL), {}, [], id="two operators"),
        pytest.param((X1, X2, AMAZON), {}, [], id="a third of another"),
        pytest.param((X1, R12), {}, [None], id="a root and its intermediate"),
        pytest.param((X1,), {}, [], id="one key is another rule's"),
        pytest.param((X1, OWN), {}, [], id="unknown beside it"),
        pytest.param((OWN, OTHER), {}, [], id="all unknown"),
        pytest.param((X1, OWN), {OWN: FREE}, [], id="an offline key: any other CA can certify it"),
        pytest.param((OWN, OTHER), {OWN: FREE, OTHER: FREE}, [], id="nothing shows a CA"),
        pytest.param((X1, LEAF), {LEAF: leaf()}, [None], id="the leaf that was seen, and its root"),
        pytest.param((X1, LEAF), {LEAF: leaf("DigiCert")}, [], id="a leaf under another CA"),
        pytest.param((LEAF, OWN), {LEAF: leaf(), OWN: FREE}, [], id="the leaf, and an offline key"),
        pytest.param(
            (LEAF, OWN), {LEAF: leaf(), OWN: stated(ISRG, True)}, ["warning"], id="an offline key of its CA"
        ),
        pytest.param((LEAF, OWN), {LEAF: leaf(), OWN: stated("Sectigo")}, [], id="stated to be of another"),
        pytest.param((X1, DST), {}, [], id="a retired one leaves one"),
    ],
)
def test_which_pins(pins: tuple[str, ...], given: dict[str, Identity], severities: list[Any]) -> None:
    found = check(RULE, project(pin_set(*pins)), knowing(given=given))
    assert [problem.severity for problem in found] == severities


def test_three_families_that_meet_in_pairs_are_of_one_another() -> None:
    def of(*operators: str) -> Identity:
        return Identity("observed", "intermediate", "CA", frozenset(operators))

    given = knowing(given={LEAF: of("A", "B"), OWN: of("B", "C"), OTHER: of("A", "C")})
    assert len(check(RULE, project(pin_set(LEAF, OWN, OTHER)), given)) == 1
    given = knowing(given={LEAF: of("A", "B"), OWN: of("B"), OTHER: of("A")})
    assert check(RULE, project(pin_set(LEAF, OWN, OTHER)), given) == []


@pytest.mark.parametrize(
    ("subject", "lines"),
    [
        pytest.param(
            project(
                pin_set("sha256/" + X1, semantics=OKHTTP), pin_set("sha256/" + X2, semantics=OKHTTP, line=5)
            ),
            [2],
            id="joined by the client",
        ),
        pytest.param(
            project(
                pin_set("sha256/" + X1, semantics=OKHTTP),
                pin_set("sha256/" + AMAZON, semantics=OKHTTP, line=5),
            ),
            [],
            id="joined with another CA",
        ),
        pytest.param(
            project(
                pin_set(X1, X2, semantics=IOS._replace(compares="issuers")),
                pin_set(AMAZON, line=5, semantics=IOS._replace(compares="leaf")),
            ),
            [2],
            id="another list has to match too",
        ),
        pytest.param(project(pin_set(X1, X2), pin_set(X1, X2, line=5)), [2], id="the same pins once a file"),
        pytest.param(project(pin_set(X1, X2), pin_set(X1, X2, path="b.xml")), [2, 2], id="two files"),
        pytest.param(project(pin_set(X1, X2, hosts=())), [2], id="hosts that are not known"),
        pytest.param(project(pin_set(X1, X2, read=False)), [], id="never read"),
        pytest.param(project(pin_set(X1, X2, dynamic=True)), [], id="a service sends others"),
        pytest.param(
            project(pin_set(X1, X2, semantics=ANDROID._replace(enforced=False))), [], id="only reports"
        ),
        pytest.param(
            project(pin_set(X1, X2), gaps=(Gap("x", at(3), "?", (HOST,)),)), [], id="a third is not read"
        ),
    ],
)
def test_which_count_together(subject: Any, lines: list[int]) -> None:
    assert [problem.at.line for problem in check(RULE, subject, knowing())] == lines


def test_a_pin_set_known_by_its_shape_is_a_warning() -> None:
    (problem,) = check(RULE, project(pin_set(X1, X2, inferred=True)), knowing())
    assert problem.severity == "warning"


def test_without_knowledge_nothing_is_said() -> None:
    assert check(RULE, project(pin_set(X1, X2)), TODAY_ALONE) == []
