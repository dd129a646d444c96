"""unpinned-key-in-log: which logged certificates are news, and which pins are of them."""

from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from builders import ANDROID, HOST, IOS, LEAF_HASH, check, pin_set
from scanning import TODAY

from pincheck.model import Context, Pin, PinnedFile, PinSet, Problem
from pincheck.model.chains import Certificate, Look, Observation, Release, Target, Verdict, Verification
from pincheck.model.knowledge import CaKey, Identity, Issuance, Knowledge

RULE = "unpinned-key-in-log"
AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
LEAF, SPARE, NEW, ISSUER, ROOT, OTHER_CA, OTHER_ROOT = (
    Pin("spki", "sha256", sha256(bytes([number])).digest()) for number in range(1, 8)
)
LEAF_PINS = ANDROID._replace(compares="leaf")
ATS_CAS = IOS._replace(compares="issuers")


def certificate(spki: Pin, name: str, issuer: str, start: int = -60, end: int = 30) -> Certificate:
    """A certificate from some days before today to some days after."""
    return Certificate(
        b"", spki, f"CN={name}", f"CN={issuer}", AT + timedelta(start), AT + timedelta(end), name != HOST
    )


SERVED = certificate(LEAF, HOST, "Example Issuing CA")
PATH = (
    SERVED,
    certificate(ISSUER, "Example Issuing CA", "Example Root", -900, 900),
    certificate(ROOT, "Example Root", "Example Root", -900, 3000),
)


def seen(*path: Certificate) -> Look:
    """A look that showed a path."""
    observation = Observation(Target(HOST), AT, "203.0.113.7", served=(b"x",))
    return Look(observation, (Verdict(Release("android", "14"), "match", (), path),), chain=path[:2])


def verification(*pin_sets: PinSet, looks: tuple[Look, ...] = (seen(*PATH),), **changed: Any) -> Verification:
    return Verification(HOST, pin_sets, looks)._replace(**changed)


def logged(spki: Pin = NEW, issuer: str = "Example Issuing CA", **changed: Any) -> Issuance:
    """A certificate issued three days ago."""
    issuance = Issuance(
        HOST, spki, f"CN={issuer},O=Example Trust", "Example Trust", TODAY - timedelta(3),
        TODAY + timedelta(87), False, "Cert Spotter", ISSUER if issuer == "Example Issuing CA" else OTHER_CA,
    )  # fmt: skip
    return issuance._replace(**changed)


def knowing(*issuances: Issuance, **identities: Any) -> Context:
    return Context(TODAY, knowledge=Knowledge({}, issuances=issuances)._replace(**identities))


def pins(*keys: Pin, **options: Any) -> PinSet:
    return pin_set(*(key.base64 for key in keys), **options)


def said(subject: Verification, given: Context) -> list[str]:
    return [problem.message for problem in check(RULE, subject, given)]


def test_what_it_says() -> None:
    own = pins(LEAF, SPARE)
    assert check(RULE, verification(own), knowing(logged())) == [
        Problem(
            own.at,
            "api.shop.example: Example Issuing CA issued a certificate on 2026-11-20 that none of its 2 pins"
            f" ({SPARE.base64[:12]}… and {LEAF.base64[:12]}…) matches: once it is served, Android refuses every"
            " connection;"
            " what is served now ends in 30 days, on 2026-12-23",
            remedy=f"ship the pin {NEW.base64} first, or have it reissued from a"
            " pinned key or CA; if you did not order it, ask that CA to revoke it",
            hosts=(HOST,),
            context="production",
        )
    ]


@pytest.mark.parametrize(
    "issuance",
    [
        pytest.param(logged(LEAF), id="the key is pinned"),
        pytest.param(logged(revoked=True), id="revoked"),
        pytest.param(logged(not_after=TODAY - timedelta(1)), id="ended"),
        pytest.param(logged(host="www.shop.example"), id="another host"),
        pytest.param(logged(host="*.api.shop.example"), id="a wildcard below"),
        pytest.param(logged(not_before=TODAY - timedelta(60)), id="served now"),
        pytest.param(logged(not_before=TODAY - timedelta(90)), id="older than what is served"),
    ],
)
def test_what_is_no_news(issuance: Issuance) -> None:
    assert said(verification(pins(LEAF, SPARE)), knowing(issuance)) == []


def test_what_it_says_of_one_pin() -> None:
    (message,) = said(verification(pins(LEAF)), knowing(logged()))
    assert message.startswith(
        "api.shop.example: Example Issuing CA issued a certificate on 2026-11-20 that its one pin"
        f" ({LEAF.base64[:12]}…) does not match: once it is served, Android refuses every connection;"
    )


def test_a_wildcard_above_counts() -> None:
    assert len(said(verification(pins(LEAF)), knowing(logged(host="*.shop.example")))) == 1


def test_nothing_is_said_where_no_log_was_asked() -> None:
    assert said(verification(pins(LEAF)), Context(TODAY)) == []
    assert said(verification(pins(LEAF)), Context(TODAY, knowledge=Knowledge({}))) == []


def test_an_older_certificate_than_one_of_the_same_ca_is_no_news_and_one_of_another_ca_is() -> None:
    late = certificate(SPARE, HOST, "Example Issuing CA", -1, 80)
    looks = (seen(*PATH), seen(late, *PATH[1:]))
    both = knowing(logged(), logged(issuer="Other CA", spki=OTHER_ROOT))
    assert [
        each.split(" issued")[0] for each in said(verification(pins(LEAF, SPARE), looks=looks), both)
    ] == ["api.shop.example: Other CA"]


NONE: dict[str, Any] = {}
TABLE = {"table_day": date(2026, 11, 1)}


def ca(spki: Pin, kind: Any, operator: str) -> Identity:
    key = CaKey(spki, kind, operator, (operator,), f"{operator} CA", date(2020, 1, 1), date(2040, 1, 1))
    return Identity("ca-table", kind, key.name, key.family, ca=key)


def identities(**operators: str) -> dict[str, Any]:
    known = {"ISSUER": (ISSUER, "intermediate"), "OTHER_CA": (OTHER_CA, "intermediate"),
        "OTHER_ROOT": (OTHER_ROOT, "root"), "SPARE": (SPARE, "intermediate")}  # fmt: skip
    found = {known[name][0]: ca(*known[name], operator) for name, operator in operators.items()}
    return TABLE | {"identities": found}


@pytest.mark.parametrize(
    ("pin_sets", "issuance", "known", "expected"),
    [
        pytest.param([pins(LEAF, ISSUER)], logged(), NONE, "", id="its CA is pinned"),
        pytest.param([pins(LEAF, ISSUER)], logged(issuer="Other CA"), TABLE, "hedged", id="the CA before is pinned"),
        pytest.param([pins(ROOT)], logged(), NONE, "", id="the root above its CA is pinned"),
        pytest.param([pins(ROOT)], logged(issuer="Other CA"), TABLE, "", id="a root that may be above another CA"),
        pytest.param([pins(ROOT)], logged(issuer_spki=None), NONE, "", id="its CA is known by name only"),
        pytest.param([pins(LEAF)], logged(issuer="Other CA"), NONE, "said", id="the leaf alone is pinned"),
        pytest.param([pins(LEAF, SPARE)], logged(issuer="Other CA"), NONE, "hedged", id="a pin nobody knows"),
        pytest.param([pins(LEAF, SPARE)], logged(issuer="Other CA"), TABLE, "said", id="a pin of no public CA"),
        pytest.param(
            [pins(OTHER_ROOT)], logged(issuer="Other CA"), identities(OTHER_ROOT="B", OTHER_CA="B"), "",
            id="a root of its family",
        ),
        pytest.param(
            [pins(OTHER_ROOT)], logged(issuer="Other CA"), identities(OTHER_ROOT="C", OTHER_CA="B"), "said",
            id="a root of another family",
        ),
        pytest.param(
            [pins(OTHER_ROOT)], logged(issuer="Other CA"), identities(OTHER_ROOT="C"), "",
            id="a root, and a CA the table does not know",
        ),
        pytest.param(
            [pins(SPARE)], logged(issuer="Other CA"), identities(SPARE="B", OTHER_CA="B"), "hedged",
            id="another intermediate of its family",
        ),
        pytest.param([pins(LEAF, semantics=LEAF_PINS)], logged(), NONE, "said", id="only leaves are compared"),
        pytest.param([pins(ISSUER, semantics=LEAF_PINS)], logged(), NONE, "said", id="a CA's pin for leaves"),
        pytest.param([pins(NEW, semantics=ATS_CAS)], logged(), TABLE, "said", id="a leaf's pin for CAs"),
        pytest.param(
            [pins(LEAF, semantics=LEAF_PINS), pins(ISSUER, semantics=ATS_CAS)], logged(), NONE, "said",
            id="one of two lists",
        ),
        pytest.param([pins(LEAF), pins(NEW)], logged(), NONE, "", id="another set holds it"),
        pytest.param([pins(LEAF, semantics=LEAF_HASH)], logged(), NONE, "", id="whole certificates"),
        pytest.param([pins(LEAF)._replace(files=(PinnedFile("api", ("api.cer",)),))], logged(), NONE, "", id="files"),
        pytest.param([pins(LEAF, expires=TODAY)], logged(), NONE, "", id="the pins have expired"),
        pytest.param([pins(LEAF, expires=TODAY + timedelta(1))], logged(), NONE, "said", id="they have not yet"),
        pytest.param([pin_set("short")], logged(), NONE, "", id="no usable pin"),
    ],
)  # fmt: skip
def test_whether_pins_fit(
    pin_sets: list[PinSet], issuance: Issuance, known: dict[str, Any], expected: str
) -> None:
    found = said(verification(*pin_sets), knowing(issuance, **known))
    assert ["hedged" if ", unless a pinned CA is above that CA:" in each else "said" for each in found] == (
        [expected] if expected else []
    )


def test_a_sha1_pin_cannot_be_compared_with_what_a_log_tells() -> None:
    own = pins(LEAF)
    sha1 = own.pins[0]._replace(pin=Pin("spki", "sha1", b"x" * 20))
    assert said(verification(own._replace(pins=(sha1,))), knowing(logged())) == []


@pytest.mark.parametrize(
    ("subject", "severity"),
    [
        pytest.param(verification(pins(LEAF)), None, id="refused"),
        pytest.param(verification(pins(LEAF, semantics=ANDROID._replace(enforced=False))), "note", id="only reported"),
        pytest.param(verification(pins(LEAF), complete=False), "warning", id="more pins that cannot be read"),
    ],
)  # fmt: skip
def test_how_grave_it_is(subject: Verification, severity: str | None) -> None:
    assert [problem.severity for problem in check(RULE, subject, knowing(logged()))] == [severity]


def test_a_precertificate_and_its_certificate_are_one_and_more_of_a_ca_are_counted() -> None:
    twice = [logged(), logged(source="crt.sh"), logged(SPARE, not_before=TODAY - timedelta(2))]
    (message,) = said(verification(pins(LEAF)), knowing(*twice))
    assert message.startswith(
        "api.shop.example: Example Issuing CA issued a certificate on 2026-11-21 (and 1 more by it) that its one"
    )


@pytest.mark.parametrize(
    ("looks", "ending"),
    [
        pytest.param((), "whether it is served now is not known; it ends on 2027-02-18", id="not looked at"),
        pytest.param(
            (seen(certificate(LEAF, HOST, "Proxy", 0, 9))._replace(fault="private"),),
            "whether it is served now is not known; it ends on 2027-02-18", id="a proxy in the host's place",
        ),
        pytest.param(
            (seen(certificate(LEAF, HOST, "X", -60, 0)),), "what is served now ends today, on 2026-11-23", id="today"
        ),
        pytest.param(
            (seen(certificate(LEAF, HOST, "X", -60, 1)),), "what is served now ends in 1 day, on 2026-11-24",
            id="tomorrow",
        ),
        pytest.param(
            (seen(certificate(LEAF, HOST, "X", -60, -1)),), "what is served now has ended, on 2026-11-22", id="ended"
        ),
    ],
)  # fmt: skip
def test_how_long_there_is(looks: tuple[Look, ...], ending: str) -> None:
    given = knowing(logged(), table_day=TODAY)
    (message,) = said(verification(pins(LEAF), looks=looks), given)
    assert message.endswith("; " + ending)


def test_a_hostile_name_of_a_ca_is_shown_harmless() -> None:
    (message,) = said(
        verification(pins(LEAF)), knowing(logged(issuer="\x1b[31m" + "x" * 500), table_day=TODAY)
    )
    assert message.isprintable()
    assert len(message) < 330
