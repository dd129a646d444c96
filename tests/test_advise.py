"""Whether a host is worth its pins, by what a run found."""

import json
from datetime import date
from typing import Any

import pytest
from builders import ANDROID, IOS, KEYS, OKHTTP, REFUSING, at, pin_set
from scanning import TODAY
from seen import AMAZON, CLOUDFLARE, LETS_ENCRYPT, PARTNER, chain, key, seen

from pincheck import providers
from pincheck.advise import advice
from pincheck.model import Gap, HostPolicy, Pin, PinSet, Policy, Project, Report
from pincheck.model.advice import HostAdvice, Point
from pincheck.model.chains import Survey
from pincheck.model.knowledge import CaKey, Identity, Issuance, Knowledge
from pincheck.outputs.advice import as_json, as_markdown, as_text

HOST = "api.shop.example"
LEAF, CA, ROOT, SPARE, OTHER_CA = key("leaf"), key("ca"), key("root"), key("spare"), key("other ca")
AMAZON_ROOTS = providers.providers()[0].pinnable


def identity(pin: Pin, name: str, operator: str) -> Identity:
    ca = CaKey(pin, "root", operator, (operator,), name, date(2020, 1, 1), date(2040, 1, 1))
    return Identity("ca-table", "root", name, ca.family, ca=ca)


KNOWN = Knowledge(
    {
        CA: identity(CA, "Example CA", "Example"),
        ROOT: identity(ROOT, "Example Root", "Example"),
        OTHER_CA: identity(OTHER_CA, "Other Root", "Other"),
        SPARE: Identity("evidence", "key", "keys/spare.csr"),
    }
)
REUSED = Policy(path=".pincheck.yml", hosts=(HostPolicy(HOST, at(3, ".pincheck.yml"), reuses_key=True),))


def pinned(*pins: Pin | str, **changed: Any) -> PinSet:
    return pin_set(*(pin if isinstance(pin, str) else pin.base64 for pin in pins), **changed)


def advised(
    pins: PinSet,
    issuer: str = "",
    knowledge: Knowledge = KNOWN,
    root: Pin = ROOT,
    gaps: Any = (),
    **options: Any,
) -> HostAdvice:
    """The advice for one pin set and its host, which serves a chain of the issuer if one is named."""
    survey = Survey((), (seen(pins, chain(issuer, LEAF, CA, root)),)) if issuer else None
    report = Report(TODAY, project=Project((pins,), gaps=gaps), survey=survey)
    (found,) = advice(report, knowledge, **options)
    return found


def logged(*keys: Pin) -> Knowledge:
    """Certificates of the host in the logs, one a month."""
    return KNOWN._replace(
        issuances=tuple(
            Issuance(HOST, each, "x", "y", date(2026, n, 1), date(2026, n + 1, 1), False, "a log")
            for n, each in enumerate(keys, 1)
        )
    )


@pytest.mark.parametrize(
    ("given", "verdict", "reason"),
    [
        pytest.param(
            advised(pinned(CA, OTHER_CA), PARTNER),
            "keep pinning",
            "a pin matches, and a proven one stands by for a change of the key in use",
            id="a backup of another CA",
        ),
        pytest.param(
            advised(pinned(LEAF, SPARE), LETS_ENCRYPT, policy=REUSED),
            "keep pinning",
            "a pin matches, and a proven one stands by for a change of the key in use",
            id="one's own key, which renewals keep, and a spare one",
        ),
        pytest.param(
            advised(
                pinned(*AMAZON_ROOTS),
                AMAZON,
                root=Pin("spki", "sha256", pin_set(AMAZON_ROOTS[0]).pins[0].pin.digest),
            ),  # type: ignore[union-attr]
            "keep pinning",
            "all keys are pinned that Amazon says may be",
            id="all that a provider lets be pinned",
        ),
        pytest.param(
            advised(pinned(CA, OTHER_CA), AMAZON),
            "pin differently",
            "the pins hang on CAs that Amazon changes at will",
            id="an intermediate of a provider with pinnable roots",
        ),
        pytest.param(
            advised(pinned(CA, OTHER_CA), LETS_ENCRYPT),
            "pin differently",
            "the pins hang on CAs that Let's Encrypt changes at will",
            id="an intermediate that is picked at random",
        ),
        pytest.param(
            advised(pinned(SPARE, OTHER_CA), PARTNER),
            "pin differently",
            "some of what the host serves now matches no pin",
            id="no pin matches",
        ),
        pytest.param(
            advised(pinned(LEAF, SPARE), PARTNER, logged(key("old"), LEAF)),
            "pin differently",
            "the only pin in use is of a key that renewals replace",
            id="renewals have replaced the key",
        ),
        pytest.param(advised(pinned(CA), PARTNER), "pin differently", "there is no backup pin", id="one pin"),
        pytest.param(
            advised(pinned(LEAF, CA), PARTNER),
            "pin differently",
            "there is no backup pin",
            id="all of one chain",
        ),
        pytest.param(
            advised(
                pinned(CA, OTHER_CA),
                PARTNER,
                Knowledge(KNOWN.identities | {OTHER_CA: identity(OTHER_CA, "Two", "Example")}),
            ),
            "pin differently",
            "every pin is of one CA",
            id="a backup of the same CA",
        ),
        pytest.param(
            advised(pinned(LEAF, CA), CLOUDFLARE),
            "better not pinned",
            "Cloudflare changes keys and CAs at will",
            id="a provider that lets nothing be pinned",
        ),
        pytest.param(
            advised(pinned(*AMAZON_ROOTS, semantics=ANDROID._replace(compares="leaf")), AMAZON),
            "better not pinned",
            "Amazon changes keys and CAs at will",
            id="a client that looks at the leaf only",
        ),
        pytest.param(
            advised(pinned(CA, OTHER_CA, hosts=("firestore.googleapis.com",))),
            "better not pinned",
            "Google runs the host, not you",
            id="somebody else's host",
        ),
        pytest.param(
            advised(pinned(CA, OTHER_CA)),
            "not enough known",
            "what the host serves was not seen",
            id="nobody looked",
        ),
        pytest.param(
            advised(pinned(LEAF, SPARE), PARTNER),
            "not enough known",
            "nobody says whether renewals keep the pinned key",
            id="a key of unknown habits",
        ),
        pytest.param(
            advised(pinned(CA, key("whose")), PARTNER),
            "not enough known",
            "whose key the backup pin is of is not proven",
            id="an unproven backup",
        ),
        pytest.param(
            advised(pinned(CA), PARTNER, gaps=(Gap("nsc", at(9), "a pin is computed"),)),
            "not enough known",
            "a part of the pins cannot be read",
            id="pins that cannot be read",
        ),
    ],
)
def test_a_verdict(given: HostAdvice, verdict: str, reason: str) -> None:
    assert (given.verdict, given.reason, bool(given.instead)) == (
        verdict,
        reason,
        verdict == "better not pinned",
    )


PLACE = "app/network.xml:1"
WHOLE = HostAdvice(
    HOST,
    "keep pinning",
    "a pin matches, and a proven one stands by for a change of the key in use",
    (
        Point(
            "certificate",
            "issued by Sectigo Limited, Sectigo Public Server Authentication CA DV R36,"
            " whose word on pinning is not known here",
            "served at 203.0.113.7",
            "certain",
        ),
        Point(
            "pins",
            "on 2027-01-22: the host's leaf certificate ends; unless it is renewed with a pinned key,"
            " Android refuses every connection",
            f"what was served, against {PLACE}",
            "probable",
        ),
        Point(
            "keys",
            "all of the last 2 renewals kept the key",
            "3 certificates in the logs since 2026-01-01, by a log",
            "certain",
        ),
        Point(
            "calendar",
            "the leaf's pin must survive 5 renewals a year, 8 from 2029-03-15",
            "a certificate of 90 days; https://cabforum.org/2025/04/11/"
            "ballot-sc081v3-introduce-schedule-of-reducing-validity-and-data-reuse-periods/",
            "probable",
        ),
        Point(
            "backup",
            "a pin is of keys/spare.csr, a key of your own; which CA would sign it is open",
            "a file that holds it",
            "certain",
        ),
        Point(
            "releases",
            "a release takes 80 days to reach users; 60 are left, which is too late",
            "release-days",
            "probable",
        ),
        Point("expiry", "from 2027-06-01 on installed versions go on unpinned", PLACE, "certain"),
    ),
    (),
)


def test_every_point_has_its_evidence() -> None:
    pins = pinned(LEAF, SPARE, expires=date(2027, 6, 1))
    assert advised(pins, PARTNER, logged(LEAF, LEAF, LEAF), release_days=80) == WHOLE


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        pytest.param((LEAF, LEAF, LEAF), "all of the last 2 renewals kept the key", id="all"),
        pytest.param((key("a"), LEAF, LEAF), "1 of the last 2 renewals kept the key", id="some"),
        pytest.param((key("a"), key("b"), LEAF), "none of the last 2 renewals kept the key", id="none"),
        pytest.param((LEAF,), "whether renewals keep the key", id="too few to tell"),
    ],
)
def test_the_logs_tell_whether_keys_are_kept(keys: tuple[Pin, ...], text: str) -> None:
    found = advised(pinned(LEAF, SPARE), PARTNER, logged(*keys))
    assert [each.text for each in found.points if each.about == "keys"] == [text]


@pytest.mark.parametrize(
    ("pins", "text"),
    [
        pytest.param(
            pinned(CA, OTHER_CA),
            "no date ends the pins of installed versions: who does not update stays locked out",
            id="no date",
        ),
        pytest.param(
            pinned(CA, OTHER_CA, dynamic=True),
            "the pins come from a service and change without a release",
            id="dynamic",
        ),
        pytest.param(
            pinned(CA, OTHER_CA, expires=date(2027, 6, 1), semantics=REFUSING),
            "from 2027-06-01 on installed versions refuse every connection",
            id="a client that refuses from then on",
        ),
        pytest.param(
            pinned(CA, OTHER_CA, expires=date(2027, 6, 1), semantics=IOS),
            "from 2027-06-01 on installed versions pin on, as they know no date",
            id="a client that knows no date",
        ),
    ],
)
def test_what_lets_installed_versions_in(pins: PinSet, text: str) -> None:
    assert [each.text for each in advised(pins).points if each.about == "expiry"] == [text]


def test_what_is_only_stated_is_said_to_be() -> None:
    stated = Identity("stated", "", "", frozenset({"Other"}), at=at(5, ".pincheck.yml"))
    found = advised(pinned(CA, LEAF, OTHER_CA), PARTNER, Knowledge({**KNOWN.identities, OTHER_CA: stated}))
    assert [each for each in found.points if each.about == "backup"] == [
        Point("backup", "a pin is of Other", "stated at .pincheck.yml:5, not proven", "probable")
    ]


def test_roots_that_go_are_named_with_their_day() -> None:
    found = [each.text for each in advised(pinned(*KEYS[:2])).points if each.about == "calendar"]
    assert found == [
        "2026-04-15: Chrome and Mozilla no longer trust the first generation of DigiCert's roots (pinned: r/mIkG3eEpVd…)",
        "2030-06-04: trust in ISRG Root X1 ends, by the estimate of Let's Encrypt itself (pinned: C5+lpZ7tcVwm…)",
    ]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param((), ["*.shop.example", "api.shop.example", "pay.shop.example"], id="all"),
        pytest.param(("PAY.shop.example.",), ["pay.shop.example"], id="one"),
        pytest.param(("www.shop.example",), [], id="one that is not pinned"),
    ],
)
def test_hosts_asked_for(asked: tuple[str, ...], expected: list[str]) -> None:
    prefixed = [f"sha256/{each.base64}" for each in (CA, OTHER_CA)]
    hosts = ("pay.shop.example", "api.shop.example", "*.shop.example")
    project = Project((pin_set(*prefixed, hosts=hosts, semantics=OKHTTP),))
    assert [each.host for each in advice(Report(TODAY, project=project), KNOWN, asked)] == expected


def test_an_app_without_pins_is_not_nagged() -> None:
    empty = advice(Report(TODAY), KNOWN)
    texts = (as_text(empty), as_markdown(empty), json.loads(as_json(empty)))
    assert texts == (
        "no host is pinned here, so there is nothing to advise\n",
        "No host is pinned here: nothing to advise.\n",
        {"version": 1, "hosts": [], "not_pinned": []},
    )
    assert as_text(empty, ["x.example"]) == "x.example: not pinned here, so there is nothing to advise\n"


SMALL = HostAdvice(
    HOST,
    "better not pinned",
    "it is so",
    (Point("keys", "a \x1b[31m thing", "a|b", "unknown"),),
    (Point("instead", "do so", "RFC 1", "probable"),),
)


def test_text_is_short_and_safe() -> None:
    assert as_text([SMALL], [HOST, "x\x1b.example"]) == (
        "api.shop.example: better not pinned, as it is so\n"
        "  keys         not known: a \\x1b[31m thing (a|b)\n"
        "  instead      probably: do so (RFC 1)\n"
        "\n"
        "x\\x1b.example: not pinned here, so there is nothing to advise\n"
    )


def test_long_lines_are_wrapped() -> None:
    point = Point("keys", "word " * 25 + "end", "https://shop.example/" + "a" * 120, "certain")
    lines = as_text([SMALL._replace(points=(point,), instead=())]).splitlines()[1:]
    assert lines == [
        f"  keys         {'word ' * 19}".rstrip(),
        f"               {'word ' * 6}end",
        f"               (https://shop.example/{'a' * 120})",
    ]


def test_markdown_is_safe() -> None:
    assert as_markdown([SMALL]) == (
        "### `api.shop.example`: better not pinned\n"
        "\n"
        "Because it is so.\n"
        "\n"
        "- keys: not known: a &#92;x1b\\[31m thing (a&#124;b)\n"
        "- instead: probably: do so (RFC 1)\n"
    )


def test_json_holds_all() -> None:
    assert json.loads(as_json([SMALL], ["x.example"])) == {
        "version": 1,
        "hosts": [
            {
                "host": HOST,
                "verdict": "better not pinned",
                "reason": "it is so",
                "points": [
                    {"about": "keys", "text": "a \x1b[31m thing", "evidence": "a|b", "certainty": "unknown"}
                ],
                "instead": [
                    {"about": "instead", "text": "do so", "evidence": "RFC 1", "certainty": "probable"}
                ],
            }
        ],
        "not_pinned": ["x.example"],
    }


def test_the_date_of_one_app_ends_no_pins_of_another() -> None:
    dated = pinned(CA, expires=date(2027, 6, 1))
    dateless = pinned(CA)._replace(at=at(7, "Pins.kt"))
    (found,) = advice(Report(TODAY, project=Project((dated, dateless))), KNOWN)
    text = "no date ends the pins of installed versions: who does not update stays locked out"
    assert [each for each in found.points if each.about == "expiry"] == [
        Point("expiry", text, "Pins.kt:7", "certain")
    ]
