"""What hosts serve and what clients make of it."""

from datetime import datetime
from typing import NamedTuple

from pincheck.model.pins import Pin, PinSet


class Certificate(NamedTuple):
    """The facts of one certificate that rules and outputs need; plain values only."""

    der: bytes
    spki: Pin
    subject: str
    """RFC 4514 text."""
    issuer: str
    not_before: datetime
    """UTC, aware."""
    not_after: datetime
    is_ca: bool


class Target(NamedTuple):
    """Where to look."""

    host: str
    port: int = 443
    address: str = ""


class Observation(NamedTuple):
    """One look at one target: the served chain, or why there is none."""

    target: Target
    at: datetime
    served: tuple[Certificate, ...] = ()
    failure: str = ""


class VerifiedPath(NamedTuple):
    """Leaf to trust anchor, as a client may build it."""

    certificates: tuple[Certificate, ...]
    stores: tuple[str, ...]
    """The platform releases whose trust store holds the anchor."""


class Verification(NamedTuple):
    """One pin set held against one observation."""

    pin_set: PinSet
    observation: Observation
    paths: tuple[VerifiedPath, ...]
    matching: tuple[Pin, ...]
