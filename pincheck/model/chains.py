"""What hosts serve, what clients make of it, and the day it locks users out."""

from datetime import date, datetime
from typing import Literal, NamedTuple

from pincheck.model.pins import Pin, PinSet

Offer = Literal["default", "rsa", "ecdsa"]
"""What a client offers in its handshake.

``default`` is TLS 1.3 and 1.2 with everything; the others are TLS 1.2 with the suites of one key type.
"""

Platform = Literal["android", "ios", "jvm", "any"]


class Certificate(NamedTuple):
    """The facts of one certificate that rules and outputs need; plain values only."""

    der: bytes
    """Empty for a trust anchor of which only name and key are known."""
    spki: Pin
    subject: str
    """RFC 4514 text."""
    issuer: str
    not_before: datetime
    """UTC, aware."""
    not_after: datetime
    is_ca: bool
    key: str = ""
    """Type and size of the key: ``RSA 2048``, ``EC P-256``, ``Ed25519``."""
    issuer_is_linked: bool = False
    """It says where its issuer's certificate can be fetched (AIA caIssuers, RFC 5280 §4.2.2.1)."""

    @property
    def name(self) -> str:
        """The subject for people."""
        return common_name(self.subject)


def common_name(text: str) -> str:
    """The common name in RFC 4514 text, without its escapes; all of the text if there is none."""
    import re

    found = re.search(r"(?:^|,)CN=((?:\\.|[^,\\])*)", text)
    return re.sub(r"\\(.)", r"\1", found[1]) if found else text


class Target(NamedTuple):
    """Where to look."""

    host: str
    """Lower case, A-labels, no trailing dot."""
    port: int = 443


class Failure(NamedTuple):
    """Why a look showed no chain."""

    kind: Literal["unresolved", "forbidden", "unreachable", "handshake", "absent", "skipped"]
    """No address, an address that is not to be asked, no connection, no TLS, no such deployment at this
    address (that is an answer, no fault), or not asked at all."""
    reason: str
    """A clause for people: ``nothing answered within 10 s``."""


class Observation(NamedTuple):
    """One look at one address of a host with one offer: the served chain, or why there is none."""

    target: Target
    at: datetime
    """UTC, aware."""
    address: str = ""
    """The IP address asked; empty where none was found, or where a proxy resolved the name."""
    offer: Offer = "default"
    served: tuple[bytes, ...] = ()
    """Each certificate in DER, as sent, in the order sent."""
    protocol: str = ""
    """``TLSv1.3``, ``TLSv1.2``."""
    failure: Failure | None = None


class Release(NamedTuple):
    """A release of a platform, as far as its trust store goes."""

    platform: Platform
    version: str
    """``14``, ``12.1.3``; empty for a platform without releases."""

    def __str__(self) -> str:
        return f"{_PLATFORMS[self.platform]} {self.version}".rstrip()


_PLATFORMS = {"android": "Android", "ios": "iOS", "jvm": "the JVM", "any": "Mozilla"}


class VerifiedPath(NamedTuple):
    """Leaf to trust anchor, as a client may build it."""

    certificates: tuple[Certificate, ...]
    releases: frozenset[Release]
    """The releases whose trust store holds the anchor."""
    doubt: str = ""
    """Why the path is not proven (``its root is known by name and key only``), or empty."""


class Verdict(NamedTuple):
    """What the client makes of one observation on one platform release."""

    release: Release
    state: Literal["match", "mismatch", "unsupported", "refused", "unknown"]
    """It connects, it refuses because of the pins, it refuses because it cannot hash a key, it refuses the
    certificate whatever the pins say, or that cannot be told."""
    pins: tuple[Pin, ...] = ()
    """Those of the set that match."""
    path: tuple[Certificate, ...] = ()
    """The certificates whose pins were compared, leaf first."""
    reason: str = ""
    """Why it refuses, why nothing can be told, or what makes the verdict less than certain."""
    certain: bool = True
    """False where the path is not proven, or how the pins are compared is not known."""


class Look(NamedTuple):
    """One observation, and what each release makes of it."""

    observation: Observation
    verdicts: tuple[Verdict, ...]
    """One for each release, oldest first; none where no chain was seen."""
    fault: str = ""
    """What keeps every client from building a path: a word of ``pki.paths``, or empty."""
    reason: str = ""
    """The same for people."""
    chain: tuple[Certificate, ...] = ()
    """What was sent, in its order, without what is no certificate."""


class Lockout(NamedTuple):
    """The first day on which a client refuses the host, or stops pinning it, if nobody changes anything."""

    day: date | None
    """None if no such day is known."""
    reason: str
    """What happens then."""
    certain: bool
    """False where it hangs on whether a key is used again."""
    then: Literal["closed", "open"]
    """Whether the client refuses every connection from then on, or goes on unpinned."""


class Verification(NamedTuple):
    """What one client's configuration says about one host, held against all that the host serves."""

    host: str
    pin_sets: tuple[PinSet, ...]
    """Those that count for the host together; never empty."""
    looks: tuple[Look, ...]
    lockout: Lockout | None = None
    """None where nothing was seen."""
    complete: bool = True
    """False where the code adds pins that could not be read."""

    @property
    def first(self) -> PinSet:
        """The pin set to point at."""
        return self.pin_sets[0]


class Survey(NamedTuple):
    """All that was looked at in a run."""

    observations: tuple[Observation, ...] = ()
    verifications: tuple[Verification, ...] = ()

    @property
    def unreached(self) -> tuple[str, ...]:
        """The hosts that were to be looked at, and showed nothing at all on some port."""
        reached = {each.target for each in self.observations if each.served}
        silent = (each.target.host for each in self.observations if each.target not in reached)
        return tuple(dict.fromkeys(silent))
