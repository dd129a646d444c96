"""What hosts serve, written as the pages of live rules do: a chain by roles, pins, ends and names.

    leaf  4uNsWoOW…k8=  until 2028-02-01  api.shop.example
    CA    X9COh1MV…Tg=  until 2031-06-01  Example Issuing CA
    root  J/wzzqc/…s4=  until 2040-01-01  Example Root, not sent

Each pin is that of a key made from a small number, so that pages can show it. Behind the name may follow
``not sent``, ``of no trust store``, ``trusted from Android 14 on`` and ``links to its issuer``.
"""

import re
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec
from scanning import TODAY
from worlds import Authority

from pincheck.model.chains import Failure, Observation, Target
from pincheck.pki.trust import EVERY, RELEASES, Trust, anchors
from pincheck.scan import Observer

AT = datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=UTC)
TITLE = re.compile(
    r"(?P<host>\S+) at (?P<address>\S+)(?: \(TLS 1.2 with (?P<key>RSA|ECDSA)\))? (?P<what>serves|fails)"
)
LINE = re.compile(r"(leaf|CA|root) +(\S+) +until (\S+) +([^,]+)((?:, [^,]+)*)")


@cache
def key_of(pin: str) -> Any:
    """The private key of a pin that a page shows."""
    return next(key for key in _keys() if _pin(key) == pin)


@cache
def _keys() -> tuple[Any, ...]:
    curves = [ec.SECP256R1()] * 20
    keys = [ec.derive_private_key(1001 + n, curve) for n, curve in enumerate(curves)]
    return (*keys, ec.derive_private_key(1001, ec.SECP521R1()))


@cache
def _pin(key: Any) -> str:
    import base64
    import hashlib

    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(spki).digest()).decode()


class Served(NamedTuple):
    """One observation, and the roots that some releases trust."""

    observation: Observation
    anchors: tuple[Any, ...]


def served(title: str, text: str, day: date = TODAY) -> Served:
    """What a block of a page says, seen at noon of a day; raise ``ValueError`` if it says nothing."""
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    heading = TITLE.fullmatch(title)
    if not heading:
        raise ValueError(title)
    offer: Any = (heading["key"] or "default").lower()
    target = Target(heading["host"])
    if heading["what"] == "fails":
        failure = Failure("unreachable", text.strip())
        return Served(Observation(target, at, heading["address"], offer, failure=failure), ())
    lines = [LINE.fullmatch(line).groups() for line in text.strip().splitlines()]  # type: ignore[union-attr]
    chain, anchors = _chain(lines, at)
    protocol = "TLSv1.3" if offer == "default" else "TLSv1.2"
    return Served(Observation(target, at, heading["address"], offer, chain, protocol), anchors)


def _chain(lines: list[tuple[str, ...]], at: datetime) -> tuple[tuple[bytes, ...], tuple[Any, ...]]:
    """The certificates as sent, and the anchors."""
    above: Authority | None = None
    sent: list[bytes] = []
    trusted = []
    for role, pin, until, name, tail in reversed(lines):
        words = [word.strip() for word in tail.split(",") if word.strip()]
        end = datetime.fromisoformat(until).replace(tzinfo=UTC)
        start = min(at - timedelta(days=60), end - timedelta(days=90))
        aia = "http://ca.example/issuer.cer" if "links to its issuer" in words else ""
        if role == "leaf":
            issuer = above or Authority(
                "Example CA that is not sent", start=start, key=key_of(pin_number(20))
            )
            leaf = issuer.leaf(name, key=key_of(pin), start=start, end=end, aia=aia)
            sent.append(leaf.chain[0])
            continue
        above = Authority(name, above, key=key_of(pin), start=start, end=end, aia=aia)
        if role == "root" and "of no trust store" not in words:
            trusted.append(_trusted(above.der, words))
        if "not sent" not in words:
            sent.append(above.der)
    return tuple(reversed(sent)), tuple(trusted)


def pin_number(number: int) -> str:
    """The pin of the key made from a number."""
    return _pin(_keys()[number - 1])


def _trusted(der: bytes, words: list[str]) -> Any:
    releases = EVERY
    for word in words:
        if found := re.fullmatch(r"trusted from (Android|iOS) (\S+) on", word):
            own = RELEASES["android" if found[1] == "Android" else "ios"]
            first = [each.version for each in own].index(found[2])
            releases = releases - frozenset(own[:first])
    (anchor,) = anchors([der], releases)
    return anchor


def observer(*blocks: Served) -> Observer:
    """Looks at what the blocks say; of a host that none speaks of nothing is seen."""

    def observe(targets: Any) -> list[Observation]:
        return [
            each.observation for target in targets for each in blocks if each.observation.target == target
        ]

    return Observer(observe, Trust(anchor for each in blocks for anchor in each.anchors))
