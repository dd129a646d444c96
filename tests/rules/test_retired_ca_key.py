"""retired-ca-key: a CA key that has expired, or that the newest release no longer trusts."""

from datetime import date

import pytest
from builders import ANDROID, HOST, IOS, at, check, pin_set, project, said
from whose import AMAZON, DST, GEOTRUST, GLOBAL, OWN, X1, knowing, spki

from pincheck.model import Problem, TrustAnchor

RULE = "retired-ca-key"
EXPIRED = f"{HOST}: Vjs8r4z+80wj… is of the CA key DST Root CA X3, which expired on 2021-09-30: no valid chain holds it"
JVM = ANDROID._replace(platform="jvm")


def test_an_expired_key_beside_one_other() -> None:
    assert check(RULE, project(pin_set(X1, DST)), knowing()) == [
        Problem(
            at(3),
            f"{EXPIRED}, and it leaves one pin without a backup",
            remedy="replace it by the pin of a key in use, or of a root that is trusted and that you could move to",
            hosts=(HOST,),
            pin=DST,
            context="production",
        )
    ]


@pytest.mark.parametrize(
    ("pins", "severity", "ending"),
    [
        pytest.param((DST,), None, ", and it is the only pin; Android refuses every connection", id="alone"),
        pytest.param((DST, OWN), None, ", and it leaves one pin without a backup", id="one is left"),
        pytest.param((DST, X1, AMAZON), "warning", "; 2 other pins are left", id="two are left"),
    ],
)
def test_what_is_left(pins: tuple[str, ...], severity: str | None, ending: str) -> None:
    (problem,) = check(RULE, project(pin_set(*pins)), knowing())
    assert (problem.severity, problem.message) == (severity, EXPIRED + ending)


def test_pins_past_their_day_refuse_nothing_yet() -> None:
    (message,) = said(RULE, project(pin_set(DST, expires=date(2026, 1, 1))), knowing())
    assert (
        message == f"{EXPIRED}, and it is the only pin; renewed as they are, Android refuses every connection"
    )


def test_none_is_left() -> None:
    assert [
        message.partition("holds it")[2] for message in said(RULE, project(pin_set(DST, GEOTRUST)), knowing())
    ] == [", nor any other of its pins; Android refuses every connection"] * 2


@pytest.mark.parametrize(
    ("semantics", "reason"),
    [
        pytest.param(ANDROID, "is a root that Android 17 does not trust any more", id="Android"),
        pytest.param(IOS, "is a root that iOS 26 does not trust any more", id="iOS"),
        pytest.param(
            ANDROID._replace(platform="any"),
            "is a root that Android 17 and iOS 26 do not trust any more",
            id="either",
        ),
    ],
)
def test_a_root_out_of_the_stores(semantics, reason: str) -> None:
    assert said(RULE, project(pin_set(X1, GEOTRUST, semantics=semantics)), knowing()) == [
        f"{HOST}: SQVGZiOrQXi+… is of the CA key GeoTrust Primary Certification Authority, which {reason}:"
        " no valid chain holds it, and it leaves one pin without a backup"
    ]


@pytest.mark.parametrize(
    "subject",
    [
        pytest.param(project(pin_set(X1, GLOBAL)), id="trusted"),
        pytest.param(project(pin_set(X1, OWN)), id="no CA key"),
        pytest.param(project(pin_set(X1, GEOTRUST, semantics=JVM)), id="a platform whose store is not known"),
        pytest.param(
            project(pin_set(X1, GEOTRUST, anchors=(TrustAnchor("@raw/ca", at()),))),
            id="the app trusts its own",
        ),
        pytest.param(project(pin_set(X1, DST, read=False)), id="never read"),
    ],
)
def test_where_nothing_is_said(subject) -> None:
    assert check(RULE, subject, knowing()) == []


def test_one_platform_that_trusts_it_is_enough_for_a_client_of_both() -> None:
    both = ANDROID._replace(platform="any")
    given = knowing(dropped={spki(GEOTRUST): frozenset({"android"})})
    assert check(RULE, project(pin_set(X1, GEOTRUST, semantics=both)), given) == []


def test_a_certificate_since_the_table_was_made_makes_it_a_warning() -> None:
    (problem,) = check(RULE, project(pin_set(DST)), knowing(table_day=date(2021, 1, 1)))
    assert (problem.severity, "expired on 2021-09-30 by what was known on 2021-01-01" in problem.message) == (
        "warning",
        True,
    )


def test_of_pins_known_by_their_shape_nothing_is_counted() -> None:
    (problem,) = check(RULE, project(pin_set(DST, inferred=True)), knowing())
    assert (problem.severity, problem.message) == ("warning", EXPIRED)
