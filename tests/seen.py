"""What was seen of a host, as plain values: chains without certificates."""

from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256

from scanning import TODAY

from pincheck.lockout import Habit, lockout
from pincheck.model import Pin, PinSet
from pincheck.model.chains import Certificate, Look, Observation, Release, Target, Verdict, Verification

AMAZON = "CN=Amazon RSA 2048 M04,O=Amazon,C=US"
LETS_ENCRYPT = "CN=YE1,O=Let's Encrypt,C=US"
CLOUDFLARE = r"CN=Cloudflare TLS Issuing ECC CA 1,O=CLOUDFLARE\, INC.,C=US"
PARTNER = "CN=Sectigo Public Server Authentication CA DV R36,O=Sectigo Limited,C=GB"
ANDROID_17 = Release("android", "17")


def key(name: str) -> Pin:
    """A pin that is of nothing but this name."""
    return Pin("spki", "sha256", sha256(name.encode()).digest())


def certificate(subject: str, issuer: str, spki: Pin, days: int = 90, is_ca: bool = False) -> Certificate:
    """One that began a month ago."""
    start = datetime.combine(TODAY, time(), UTC) - timedelta(days=30)
    return Certificate(
        f"{subject} {spki.base64}".encode(), spki, subject, issuer, start, start + timedelta(days=days), is_ca
    )


def chain(
    issuer: str, leaf: Pin, intermediate: Pin, root: Pin, host: str = "api.shop.example", days: int = 90
) -> tuple[Certificate, ...]:
    """Leaf, intermediate and root."""
    above = "CN=Some Root"
    return (
        certificate(f"CN={host}", issuer, leaf, days),
        certificate(issuer, above, intermediate, 1800, is_ca=True),
        certificate(above, above, root, 7200, is_ca=True),
    )


def seen(
    pin_set: PinSet,
    *chains: tuple[Certificate, ...],
    host: str = "api.shop.example",
    today: date = TODAY,
    reuses_key: bool | None = None,
) -> Verification:
    """What Android 17 makes of chains, each at an address of its own."""
    at = datetime.combine(today, time(12), UTC)
    looks = []
    for number, path in enumerate(chains, 7):
        pins = tuple(
            each.pin for each in pin_set.pins if each.pin and any(each.pin == one.spki for one in path)
        )
        verdict = Verdict(ANDROID_17, "match" if pins else "mismatch", pins, path)
        observation = Observation(Target(host), at, f"203.0.113.{number}", served=(b"x",))
        looks.append(Look(observation, (verdict,), chain=path[:2]))
    return Verification(host, (pin_set,), tuple(looks), lockout((pin_set,), looks, today, Habit(reuses_key)))
