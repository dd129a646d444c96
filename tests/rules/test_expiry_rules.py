"""pin-set-expired, -expires-soon, -expires-late and missing-expiry: never two of them on one set."""

from datetime import date, timedelta

import pytest
from builders import HOST, IOS, KEYS, REFUSING, TODAY_ALONE, TRUSTKIT, at, check, context, pin_set, said
from scanning import TODAY

from pincheck.model import Expiry, Problem

RULES = ("missing-expiry", "pin-set-expired", "pin-set-expires-late", "pin-set-expires-soon")


def speaking(subject, given=TODAY_ALONE) -> list[str]:
    return [rule for rule in RULES if check(rule, subject, given)]


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        pytest.param(-1, ["pin-set-expired"], id="yesterday"),
        pytest.param(0, ["pin-set-expired"], id="today"),
        pytest.param(1, ["pin-set-expires-soon"], id="tomorrow"),
        pytest.param(90, ["pin-set-expires-soon"], id="last day of the horizon"),
        pytest.param(91, [], id="behind the horizon"),
        pytest.param(398, [], id="last day that is not late"),
        pytest.param(399, ["pin-set-expires-late"], id="late"),
    ],
)
def test_which_rule_speaks(days: int, expected: list[str]) -> None:
    assert speaking(pin_set(*KEYS, expires=TODAY + timedelta(days))) == expected


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        pytest.param(pin_set(*KEYS), ["missing-expiry"], id="none set"),
        pytest.param(pin_set(*KEYS, semantics=IOS), [], id="none known to the client"),
        pytest.param(pin_set(*KEYS, dynamic=True), [], id="pins from a service"),
        pytest.param(pin_set(), [], id="no pins"),
        pytest.param(pin_set(expires=date(2020, 1, 1)), [], id="no pins, expired"),
        pytest.param(pin_set(*KEYS, expires="2038/1/19"), [], id="a date that is none"),
    ],
)
def test_sets_without_a_day(subject, expected: list[str]) -> None:
    assert speaking(subject) == expected


def test_the_policy_moves_the_limits() -> None:
    subject = pin_set(*KEYS, expires=TODAY + timedelta(60))
    assert speaking(subject, context(expiry_horizon_days=59)) == []
    assert speaking(subject, context(expiry_horizon_days=0, expiry_latest_days=30)) == [
        "pin-set-expires-late"
    ]
    assert speaking(subject, context(expiry_latest_days=30)) == ["pin-set-expires-soon"]


def test_expired() -> None:
    assert check("pin-set-expired", pin_set(*KEYS, expires=date(2026, 6, 1))) == [
        Problem(
            at(1),
            f"{HOST}: the pin set expired on 2026-06-01, so Android connects unpinned",
            remedy="release fresh pins with a later expiration",
            hosts=(HOST,),
        )
    ]


@pytest.mark.parametrize(
    ("subject", "message"),
    [
        pytest.param(
            pin_set(*KEYS, expires=TODAY),
            "the pin set expires today, 2026-11-23, so Android connects unpinned",
            id="today",
        ),
        pytest.param(
            pin_set(*KEYS, expires=date(2026, 1, 1), semantics=REFUSING),
            "the pin set expired on 2026-01-01, so Approov refuses every connection",
            id="a client that refuses",
        ),
        pytest.param(
            pin_set(*KEYS, expires=date(2026, 1, 1), semantics=IOS),
            "the pin set expired on 2026-01-01",
            id="a client nobody knows this of",
        ),
        pytest.param(
            pin_set(*KEYS)._replace(expires=Expiry("30-6-1", at(1), date(30, 6, 1))),
            'the expiration "30-6-1" is read as the year 30, so Android connects unpinned',
            id="a year of two digits",
        ),
    ],
)
def test_what_expired_says(subject, message: str) -> None:
    assert said("pin-set-expired", subject) == [f"{HOST}: {message}"]


def test_expires_soon() -> None:
    assert check("pin-set-expires-soon", pin_set(*KEYS, expires=date(2026, 12, 31))) == [
        Problem(
            at(1),
            f"{HOST}: the pin set expires in 38 days, on 2026-12-31 (at UTC+14 from 10:00 UTC the day before);"
            " from then on Android connects unpinned",
            remedy="release fresh pins with a later expiration in time for users to update",
            hosts=(HOST,),
        )
    ]
    assert said("pin-set-expires-soon", pin_set(*KEYS, expires=date(2026, 11, 24), semantics=TRUSTKIT)) == [
        f"{HOST}: the pin set expires tomorrow, on 2026-11-24; from then on TrustKit connects unpinned"
    ]


def test_expires_late() -> None:
    assert check("pin-set-expires-late", pin_set(*KEYS, expires=date(9999, 12, 31))) == [
        Problem(
            at(1),
            f"{HOST}: the pin set expires on 9999-12-31, in 2912116 days; until then every version that nobody"
            " updates insists on these pins",
            remedy="set a day at most 398 days ahead, and move it with each release",
            hosts=(HOST,),
        )
    ]


def test_a_service_can_move_a_late_day() -> None:
    assert speaking(pin_set(*KEYS, expires=date(2036, 1, 1), dynamic=True)) == []


def test_missing() -> None:
    assert check("missing-expiry", pin_set(*KEYS)) == [
        Problem(
            at(1),
            f"{HOST}: the pin set never expires; once its pins match no more, a version that nobody updates"
            " stays locked out",
            remedy="set an expiration at most 398 days ahead",
            hosts=(HOST,),
        )
    ]
