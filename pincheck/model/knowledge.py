"""What is known of keys, CAs and providers beside what the repository and its hosts say."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Literal, NamedTuple

from pincheck.model.pins import Pin
from pincheck.model.source import Location

Confidence = Literal["high", "med", "low"]
"""Read in the primary source, taken from a secondary one, or general knowledge; only the first makes errors."""


class CaKey(NamedTuple):
    """A key of a public CA, as the Common CA Database knows it."""

    spki: Pin
    kind: Literal["root", "intermediate"]
    operator: str
    """The organisation that holds the key, brands folded together."""
    root_operators: tuple[str, ...]
    """Those of the roots that it chains to."""
    name: str
    """Common name of the newest certificate of the key."""
    not_before: date
    not_after: date
    """The earliest start and the latest end over all its certificates."""

    @property
    def family(self) -> frozenset[str]:
        """Who has to fall for the key to fall; two pins are of different CAs when their families are disjoint."""
        own = self.operator in self.root_operators or not self.root_operators
        return frozenset([self.operator] if own else self.root_operators)


class Identity(NamedTuple):
    """Whose key a pin is of, and how that is known."""

    source: Literal["ca-table", "observed", "evidence", "stated", "unknown"]
    """The table of CA keys, a chain that was seen, a file of the repository that holds the key, the words of the
    configuration, or nothing."""
    role: Literal["leaf", "intermediate", "root", "key", ""] = ""
    """``key`` is one of the team's own, that no chain shows."""
    name: str = ""
    """What to call it: the CA's or the certificate's name, or the file."""
    family: frozenset[str] = frozenset()
    """Who certifies it: of a CA key its own family, of a leaf that of the CA that was seen or is stated; empty if
    that is not known, or is a CA of one's own."""
    offline: bool = False
    """The configuration states that the private key is kept away from any server."""
    at: Location | None = None
    """Where the configuration speaks of it."""
    ca: CaKey | None = None

    @property
    def is_proven(self) -> bool:
        """Whether more than the team's own words stand behind it."""
        return self.source in ("ca-table", "observed", "evidence")


class Provider(NamedTuple):
    """Somebody who runs certificates for others, and what they say about pinning."""

    name: str
    issuers: tuple[str, ...]
    """Expressions (``re``) for the organisation or common name of an issuing CA in RFC 4514 text."""
    advice: str
    """What they state about pinning, in our words, as a clause."""
    pinnable: tuple[str, ...]
    """SPKI pins, base64, that they say may be pinned; none if nothing may."""
    rotates: bool
    """They change or randomise intermediates without notice."""
    new_keys: bool
    """Their renewals bring a new key."""
    source: str
    """Address of what they say."""
    read: date
    """The day it was read."""
    confidence: Confidence


class Milestone(NamedTuple):
    """A day on which the rules for certificates change."""

    day: date
    what: str
    """A clause: ``public TLS certificates last at most 100 days``."""
    longest_days: int | None
    """The longest life of a certificate from then on, where that is what changes."""
    issuer: str
    """The CA operator it is about; empty for all."""
    source: str
    confidence: Confidence


class Issuance(NamedTuple):
    """A certificate that a public log holds for a host."""

    host: str
    """A name of it that the host is covered by."""
    spki: Pin
    issuer: str
    """RFC 4514 text, or the CA's name as the log's search tells."""
    issuer_operator: str
    not_before: date
    not_after: date
    revoked: bool
    source: str
    """Which search told it."""
    issuer_spki: Pin | None = None
    """The key it is signed with; None if the search does not tell."""


class Knowledge(NamedTuple):
    """All of it, for the rules of one run."""

    identities: Mapping[Pin, Identity]
    providers: tuple[Provider, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    issuances: tuple[Issuance, ...] | None = None
    """None if no log was asked."""
    table_day: date | None = None
    """When the table of CA keys was made."""
    dropped: Mapping[Pin, frozenset[str]] = MappingProxyType({})
    """For each pinned root of the table, the platforms (``android``, ``ios``) that trusted it in some release, and
    no longer do in the newest."""
    newest: Mapping[str, str] = MappingProxyType({})
    """What those releases are called, by platform; empty if no store was asked."""
    seen: Mapping[str, frozenset[Pin]] = MappingProxyType({})
    """The keys in the verified paths of each host of which one was seen."""

    def of(self, pin: Pin) -> Identity:
        """The identity of a pin; unknown if nobody tells."""
        return self.identities.get(pin) or Identity("unknown")
