"""platform-drift: one host, different pins."""

import time

import pace
import pytest
from builders import (
    ANDROID,
    HOST,
    IOS,
    KEYS,
    LEAF_HASH,
    OKHTTP,
    START,
    TRUSTKIT,
    at,
    check,
    context,
    pin_set,
    project,
    said,
    stated,
)

from pincheck.model import Defect, Gap, Problem

A, B, C, D = KEYS
B_, C_, D_ = "r/mIkG3eEpVd…", "++MBgDH5WGvL…", "O/Phoy+imsiF…"
LOCKED = "; a key that one takes and the other does not locks users out"


def android(*texts: str, **given):
    return pin_set(*texts, **{"path": "a.xml", "semantics": ANDROID, **given})


def ios(*texts: str, **given):
    return pin_set(*texts, **{"path": "b.plist", "semantics": IOS, **given})


def test_two_platforms() -> None:
    assert check("platform-drift", project(android(A, B), ios(A, C))) == [
        Problem(
            at(1, "b.plist"),
            f"{HOST}: iOS pins {C_} where Android pins {B_}" + LOCKED,
            remedy="make the pins the same everywhere, or state them under hosts in .pincheck.yml",
            hosts=(HOST,),
            related=((at(1, "a.xml"), f"Android pins {C_[:0]}{min(START, B_)} and {B_}"),),
        )
    ]


@pytest.mark.parametrize(
    ("sides", "message"),
    [
        pytest.param((android(A, B), ios(A)), f"iOS lacks {B_}, which Android pins", id="iOS lacks one"),
        pytest.param((android(A), ios(A, B)), f"Android lacks {B_}, which iOS pins", id="Android lacks one"),
        pytest.param(
            (android(A, B, path="1"), android(A, B, path="2"), ios(A, B, C)),
            f"App Transport Security in b.plist pins {C_}, which Android in 1 and 1 more lack",
            id="the odd one has more than the majority",
        ),
        pytest.param(
            (ios(A, C), android(A, B, variant="main"), android(A, B, path="c.xml", variant="play")),
            f"App Transport Security pins {C_} where Android (main) and 1 more pin {B_}",
            id="the majority is right, wherever it stands",
        ),
        pytest.param(
            (android(A, B, variant="main"), android(C, D, path="c.xml", variant="play")),
            f"Android (play) pins {C_} and {D_} where Android (main) pins {START} and {B_}",
            id="two flavours",
        ),
        pytest.param(
            (ios(A, B), ios(A, C, semantics=TRUSTKIT)),
            f"TrustKit pins {C_} where App Transport Security pins {B_}",
            id="two mechanisms of one file",
        ),
        pytest.param(
            (ios(A, B), ios(A, C, path="share.plist")),
            f"App Transport Security in share.plist pins {C_} where App Transport Security in b.plist pins {B_}",
            id="an extension",
        ),
    ],
)
def test_who_is_the_odd_one_out(sides, message: str) -> None:
    assert said("platform-drift", project(*sides)) == [f"{HOST}: {message}{LOCKED}"]


@pytest.mark.parametrize(
    "sides",
    [
        pytest.param((android(A, B), ios(B, A)), id="the same keys in another order"),
        pytest.param((android(A, B), ios("sha256/" + A, B)), id="the same keys, one misspelt"),
        pytest.param((android(A), ios(A, "A" * 43 + "=")), id="a placeholder makes no difference"),
        pytest.param((android(A, B), ios(C, hosts=("b.example",))), id="different hosts"),
        pytest.param((android(A, B), ios(C, context="test")), id="a test"),
        pytest.param((android(A, B), ios(C, context="debug")), id="a debug build"),
        pytest.param((android(A, B), ios(C, read=False)), id="never read"),
        pytest.param((android(A, B), ios("???", A)), id="a pin that cannot be read"),
        pytest.param((android(A, B), pin_set(C, path="c", semantics=LEAF_HASH)), id="certificate hashes"),
        pytest.param((android(A, B), ios(C, dynamic=True)), id="pins from a service"),
        pytest.param((android(A, B), ios()), id="no pins"),
        pytest.param((ios(A), ios(B, line=5), android(A, B)), id="declarations that the client joins"),
        pytest.param(
            (android(C, hosts=("shop.example",), below=True), android(A, line=5), ios(A)),
            id="a nearer declaration replaces the wider one",
        ),
    ],
)
def test_no_drift(sides) -> None:
    assert said("platform-drift", project(*sides)) == []


def test_a_wider_pattern_is_compared_at_the_hosts_it_covers() -> None:
    wide = android(A, B, hosts=("shop.example",), below=True)
    assert [p.hosts for p in check("platform-drift", project(wide, ios(A, C)))] == [(HOST,)]


def test_wildcards_are_compared_below_their_name() -> None:
    first, second = (
        pin_set(A, key, hosts=("*.shop.example",), path=path, semantics=OKHTTP)
        for key, path in (("sha256/" + B, "1"), ("sha256/" + C, "2"))
    )
    assert [p.hosts for p in check("platform-drift", project(first, second))] == [("*.shop.example",)]


def test_stated_hosts_are_left_to_declared_drift() -> None:
    subject = project(android(A, B), ios(A, C))
    assert said("platform-drift", subject, context(stated(HOST, A, B))) == []
    assert said("platform-drift", subject, context(stated("*.shop.example", A, B))) == []


def test_what_is_not_known_in_full_is_not_compared() -> None:
    gap = Gap("ios-ats", at(3, "b.plist"), "?", (HOST,), context="production")
    assert said("platform-drift", project(android(A, B), ios(A, C), gaps=(gap,))) == []
    unread = Defect("misplaced", at(1, "a.xml"), "no manifest names it")
    assert said("platform-drift", project(android(A, B), ios(A, C), defects=(unread,))) == []


def test_many_hosts_and_pins_take_no_time() -> None:
    hosts = tuple(f"h{number}.example" for number in range(3000))
    subject = project(android(A, B, hosts=hosts, below=True), ios(A, C, hosts=hosts, below=True))
    started = time.perf_counter()
    assert len(said("platform-drift", subject)) == len(hosts)
    assert time.perf_counter() - started < pace.allowed(2)
