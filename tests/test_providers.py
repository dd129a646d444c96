"""What is carried of providers, third parties and the calendar, and what is made of it."""

import csv
import re
from base64 import b64decode
from datetime import date
from pathlib import Path

import pytest

from pincheck import providers
from pincheck.model import Pin
from pincheck.providers import Pace

TODAY = date(2026, 11, 23)
LE = "ISRG (Let's Encrypt)"
DATA = Path(providers.__file__).parent / "data"


def spki(text: str) -> Pin:
    return Pin("spki", "sha256", b64decode(text))


X1 = spki("C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M=")
DIGICERT_G1 = spki("r/mIkG3eEpVdm+u/ko/cwxzOMo1bk4TyHIlByibiA5E=")


@pytest.mark.parametrize("each", providers.providers(), ids=lambda each: each.name)
def test_every_provider_is_whole(each: providers.Provider) -> None:
    assert each.source.startswith("https://")
    assert date(2026, 1, 1) <= each.read <= TODAY
    assert each.confidence in providers.CONFIDENCES
    assert each.advice
    assert len(each.advice) <= 130
    assert each.issuers
    assert [text for text in each.issuers if not re.match(r"(O|CN)=", text)] == []
    assert [re.compile(text) for text in each.issuers]
    assert [len(b64decode(pin, validate=True)) for pin in each.pinnable] == [32] * len(each.pinnable)
    assert len(set(each.pinnable)) == len(each.pinnable)


@pytest.mark.parametrize("each", providers.milestones(), ids=lambda each: f"{each.day} {each.issuer}")
def test_every_milestone_is_whole(each: providers.Milestone) -> None:
    assert each.source.startswith("https://")
    assert each.confidence in providers.CONFIDENCES
    assert each.what
    assert each.longest_days is None or 0 < each.longest_days < 398


def test_the_calendar_is_in_order() -> None:
    days = [each.day for each in providers.milestones()]
    assert days == sorted(days)
    assert set(providers.removals().values()) <= set(providers.milestones())
    assert [len(b64decode(pin, validate=True)) for pin in providers.removals()] == [32] * 8


@pytest.mark.parametrize("each", providers.third_parties(), ids=lambda each: each.domain)
def test_every_third_party_is_whole(each: providers.ThirdParty) -> None:
    assert re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", each.domain)
    assert each.operator
    assert each.source.startswith("https://")
    assert each.read <= TODAY
    assert each.confidence in providers.CONFIDENCES
    assert each.states or each.confidence == "low"


def test_no_domain_is_told_twice() -> None:
    domains = [each.domain for each in providers.third_parties()]
    assert len(set(domains)) == len(domains)


@pytest.mark.parametrize(
    ("issuer", "expected"),
    [
        pytest.param("CN=Amazon RSA 2048 M04,O=Amazon,C=US", "Amazon", id="organisation and name"),
        pytest.param("CN=Amazon ECDSA 256 S17", "Amazon", id="name alone"),
        pytest.param("CN=YE1,O=Let's Encrypt,C=US", "Let's Encrypt", id="an organisation"),
        pytest.param("CN=Root YE,O=ISRG,C=US", "Let's Encrypt", id="its younger organisation"),
        pytest.param("CN=WE1,O=Google Trust Services,C=US", "Google Trust Services", id="an intermediate"),
        pytest.param("CN=YE1,O=ISRG (Let's Encrypt)", "Let's Encrypt", id="an operator of the table"),
        pytest.param("CN=GTS Root R1,O=Google Trust Services LLC", "Google Trust Services", id="a root"),
        pytest.param(
            r"CN=Cloudflare TLS Issuing ECC CA 1,O=CLOUDFLARE\, INC.,C=US", "Cloudflare", id="escaped comma"
        ),
        pytest.param(
            "CN=Cloudflare TLS Issuing ECC CA 3,O=SSL Corporation", "Cloudflare", id="its name on another's"
        ),
        pytest.param("CN=Cloudflare TLS Issuing RSA CA 1,O=SSL Corporation", "Cloudflare", id="named so"),
        pytest.param(
            "CN=SSL.com TLS Issuing RSA CA R1,O=SSL Corporation", None, id="a partner alone is no proof"
        ),
        pytest.param(
            "CN=Sectigo Public Server Authentication CA DV R36,O=Sectigo Limited", None, id="no statement"
        ),
        pytest.param(r"CN=x\,O=Amazon,O=Someone", None, id="an organisation inside a name"),
        pytest.param("CN=x,O=Amazonia", None, id="a longer organisation"),
        pytest.param("CN=Amazon RSA 2048 M04 of ours", None, id="a longer name"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_an_issuer_names_its_provider(issuer: str, expected: str | None) -> None:
    found = providers.provider_of(issuer, providers.providers())
    assert (found.name if found else None) == expected


def test_pins_of_the_files_are_of_roots_so_named() -> None:
    with (DATA / "trust-stores.csv").open(encoding="utf-8") as file:
        names = {row["spki_sha256"]: row["name"] for row in csv.DictReader(file)}
    text = (DATA / "providers.yml").read_text("utf-8") + (DATA / "calendar.yml").read_text("utf-8")
    said = re.findall(r"- (\S{43}=)  # (.+)", text)
    assert len(said) == 19
    assert [each for each in said if names.get(each[0], each[1]) != each[1]] == []
    assert [name for pin, name in said if pin not in names] == [
        "Microsoft TLS RSA Root G2",
        "Microsoft TLS ECC Root G2",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(r"CN=a\, b,O=c", ("CN=a, b", "O=c"), id="an escaped comma"),
        pytest.param(r"CN=a\2C b+OU=d,O=c", ("CN=a, b", "OU=d", "O=c"), id="in hex, and several in one"),
        pytest.param("", (), id="nothing"),
    ],
)
def test_parts_of_a_name(text: str, expected: tuple[str, ...]) -> None:
    assert providers.name_parts(text) == expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        pytest.param("firestore.googleapis.com", "Google", id="below"),
        pytest.param("googleapis.com", "Google", id="itself"),
        pytest.param("a1.execute-api.eu-west-1.amazonaws.com", "Amazon", id="far below"),
        pytest.param("mygoogleapis.com", None, id="ends alike"),
        pytest.param("api.shop.example", None, id="one's own"),
    ],
)
def test_whose_host_it_is(host: str, expected: str | None) -> None:
    found = providers.third_party(host, providers.third_parties())
    assert (found.operator if found else None) == expected


@pytest.mark.parametrize(
    ("pin", "day", "expected"),
    [
        pytest.param(X1, TODAY, date(2030, 6, 4), id="to come"),
        pytest.param(DIGICERT_G1, date(2026, 4, 15), date(2026, 4, 15), id="today"),
        pytest.param(DIGICERT_G1, TODAY, None, id="past"),
        pytest.param(X1._replace(hashed="certificate"), TODAY, None, id="a certificate hash"),
        pytest.param(spki("hxqRlPTu1bMS/0DITB1SSu0vd4u/8l8TjPgfaAp63Gc="), TODAY, None, id="to stay"),
    ],
)
def test_a_root_has_its_horizon(pin: Pin, day: date, expected: date | None) -> None:
    found = providers.horizon(pin, day, providers.removals())
    assert (found.day if found else None) == expected


@pytest.mark.parametrize(
    ("lifetime", "operator", "expected", "words"),
    [
        pytest.param(
            200,
            "",
            (Pace(TODAY, 200, 2), Pace(date(2027, 3, 15), 100, 4), Pace(date(2029, 3, 15), 47, 8)),
            "2 renewals a year, 4 from 2027-03-15, 8 from 2029-03-15",
            id="any CA",
        ),
        pytest.param(
            398,
            "",
            (Pace(TODAY, 200, 2), Pace(date(2027, 3, 15), 100, 4), Pace(date(2029, 3, 15), 47, 8)),
            "2 renewals a year, 4 from 2027-03-15, 8 from 2029-03-15",
            id="the next is shorter than this one",
        ),
        pytest.param(
            90,
            LE,
            (Pace(TODAY, 90, 5), Pace(date(2027, 2, 10), 64, 6), Pace(date(2028, 2, 16), 45, 9)),
            "5 renewals a year, 6 from 2027-02-10, 9 from 2028-02-16",
            id="a CA of its own calendar",
        ),
        pytest.param(6, LE, (Pace(TODAY, 6, 61),), "61 renewals a year", id="short already"),
        pytest.param(0, "", (Pace(TODAY, 1, 365),), "365 renewals a year", id="hostile"),
    ],
)
def test_a_leaf_pin_has_to_survive_renewals(
    lifetime: int, operator: str, expected: tuple[Pace, ...], words: str
) -> None:
    paces = providers.renewals(TODAY, lifetime, providers.milestones(), operator)
    assert (paces, providers.in_words(paces)) == (expected, words)
