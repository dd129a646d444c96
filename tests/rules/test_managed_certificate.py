"""Certificates of providers that change keys themselves."""

from typing import Any

import pytest
from builders import ANDROID, TODAY_ALONE, check, pin_set
from seen import AMAZON, CLOUDFLARE, LETS_ENCRYPT, PARTNER, chain, key, seen

from pincheck import providers
from pincheck.model.knowledge import Knowledge, Provider

RULE = "managed-certificate"
LEAF, CA, ROOT, SPARE = key("leaf"), key("ca"), key("root"), key("spare")
KNOWN = {each.name: each for each in providers.providers()}
ROOTS = KNOWN["Amazon"].pinnable
LEAF_ONLY = ANDROID._replace(compares="leaf")
ISSUERS_ONLY = ANDROID._replace(compares="issuers")


def verification(issuer: str, *pins: str, **changed: Any) -> Any:
    return seen(pin_set(*pins, **changed), chain(issuer, LEAF, CA, ROOT))


def says(name: str) -> str:
    return f"api.shop.example: 203.0.113.7 serves a certificate of {name}, which {KNOWN[name].advice}"


def see(name: str) -> str:
    return f"; see {KNOWN[name].source} (read {KNOWN[name].read})"


FIVE = ", ".join(f"{pin[:12]}…" for pin in ROOTS)
PIN_ALL = f"pin all 5 keys that it lets be pinned ({FIVE}), or leave the host unpinned"
PIN_LEAF = (
    "pin the host's own key and renew with it, and a spare key, instead of CAs; or leave the host unpinned"
)
NOTHING = (
    "nothing of this chain can be pinned safely: serve a certificate of a key of your own,"
    " or leave the host unpinned and watch the logs of certificate transparency"
)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(
            verification(AMAZON, CA.base64, SPARE.base64),
            [(None, says("Amazon"), PIN_ALL + see("Amazon"))],
            id="an intermediate of Amazon",
        ),
        pytest.param(
            verification(AMAZON, *ROOTS[:4]),
            [(None, says("Amazon"), PIN_ALL + see("Amazon"))],
            id="four of its five roots",
        ),
        pytest.param(verification(AMAZON, *ROOTS), [], id="exactly what may be pinned"),
        pytest.param(verification(AMAZON, CA.base64, *ROOTS), [], id="more than what may be pinned"),
        pytest.param(
            verification(AMAZON, *ROOTS, semantics=LEAF_ONLY),
            [(None, says("Amazon"), NOTHING + see("Amazon"))],
            id="a client that looks at the leaf only",
        ),
        pytest.param(
            verification(LETS_ENCRYPT, CA.base64, SPARE.base64),
            [(None, says("Let's Encrypt"), PIN_LEAF + see("Let's Encrypt"))],
            id="an intermediate of Let's Encrypt",
        ),
        pytest.param(verification(LETS_ENCRYPT, LEAF.base64, SPARE.base64), [], id="one's own key"),
        pytest.param(
            verification(LETS_ENCRYPT, LEAF.base64, SPARE.base64, semantics=ISSUERS_ONLY),
            [(None, says("Let's Encrypt"), NOTHING + see("Let's Encrypt"))],
            id="a client that does not look at the leaf",
        ),
        pytest.param(
            verification(CLOUDFLARE, LEAF.base64, CA.base64),
            [(None, says("Cloudflare"), NOTHING + see("Cloudflare"))],
            id="a CA of Cloudflare's name",
        ),
        pytest.param(verification(PARTNER, CA.base64, SPARE.base64), [], id="a partner of it is no proof"),
        pytest.param(
            verification("CN=x,O=Microsoft Corporation", CA.base64, SPARE.base64),
            [
                (
                    None,
                    says("Microsoft") + ", as a secondary source has it",
                    "pin all 6 keys that it lets be pinned ("
                    + ", ".join(f"{pin[:12]}…" for pin in KNOWN["Microsoft"].pinnable)
                    + "), or leave the host unpinned"
                    + see("Microsoft"),
                )
            ],
            id="a secondary source",
        ),
        pytest.param(
            verification("CN=x,O=DigiCert Inc", CA.base64, SPARE.base64), [], id="one that rotates nothing"
        ),
        pytest.param(
            verification(AMAZON, CA.base64, SPARE.base64, dynamic=True),
            [("note", says("Amazon"), PIN_ALL + see("Amazon"))],
            id="pins that can change without a release",
        ),
        pytest.param(verification(AMAZON), [], id="no pins"),
    ],
)
def test_a_managed_certificate(given: Any, expected: list[object]) -> None:
    assert [(each.severity, each.message, each.remedy) for each in check(RULE, given)] == expected


def test_addresses_are_told_together() -> None:
    path = chain(AMAZON, LEAF, CA, ROOT)
    (found,) = check(RULE, seen(pin_set(CA.base64, SPARE.base64), path, path))
    assert found.message.startswith(
        "api.shop.example: 203.0.113.7 and 203.0.113.8 serve a certificate of Amazon"
    )


@pytest.mark.parametrize("confidence", ["med", "low"])
def test_general_knowledge_says_nothing(confidence: Any) -> None:
    own = KNOWN["Amazon"]._replace(name="Own", confidence=confidence, advice="rotates")
    context = TODAY_ALONE._replace(knowledge=Knowledge({}, (Provider(*own),)))
    found = check(RULE, verification(AMAZON, CA.base64, SPARE.base64), context)
    assert [each.message for each in found] == [
        "api.shop.example: 203.0.113.7 serves a certificate of Own, which rotates, as a secondary source has it"
    ] * (confidence == "med")
