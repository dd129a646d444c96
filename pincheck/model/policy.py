"""What the user asks for."""

from datetime import date
from typing import TYPE_CHECKING, Literal, NamedTuple

from pincheck.model.declarations import Suppression
from pincheck.model.pins import Pin
from pincheck.model.source import CodeContext, Location, Severity, Text

if TYPE_CHECKING:
    from pincheck.model.changes import Change
    from pincheck.model.knowledge import Knowledge


class StatedPin(NamedTuple):
    """A pin of the team's source of truth, and what the team states about it."""

    text: str
    pin: Pin
    at: Location
    role: Literal["current", "backup", ""] = ""
    ca: str = ""
    key: str = ""
    """``offline`` if the key is kept away from any server."""
    file: str = ""
    """A CSR, certificate or public key in the repository that proves the pin."""
    owner: str = ""
    created: str = ""


class HostPolicy(NamedTuple):
    """What the configuration says about one host or pattern."""

    pattern: str
    """As written; ``*.shop.example`` speaks of the names below."""
    at: Location
    pins: tuple[StatedPin, ...] = ()
    names: tuple[str, ...] = ()
    """Concrete names to look at for a wildcard."""
    skip: str = ""
    """Why this host is not judged, or empty."""
    port: int = 0
    """Where it is looked at; 0 if that is left to the URLs in code, else 443."""
    reuses_key: bool | None = None
    """Whether its certificate is renewed with the same key; None if nobody states it."""


class Mapping(NamedTuple):
    """Where to find hosts and pins in a JSON or YAML file of the project's own."""

    files: tuple[str, ...]
    hosts: str
    """Path to the hosts, such as ``servers[].host``; empty if the file does not tell."""
    pins: str
    expires: str = ""
    hashed: Literal["spki", "certificate"] = "spki"
    platform: Literal["android", "ios", "any"] = "any"
    """Which app reads the file."""
    stated: tuple[Text, ...] = ()
    """Hosts that the configuration names itself."""


class Policy(NamedTuple):
    """The configuration's meaning; the defaults are a project without one."""

    path: str = ""
    """Of the configuration file, or empty."""
    fail_on: Literal["error", "warning", "note", "never"] = "error"
    expiry_horizon_days: int = 90
    """A release has to reach users before a pin set expires; nearer is a finding."""
    expiry_latest_days: int = 398
    """Farther is a finding: forgotten pins would outlive every certificate."""
    severities: tuple[tuple[str, Severity | Literal["off"]], ...] = ()
    """Rule name and severity where it differs from the rule's own."""
    contexts: tuple[CodeContext, ...] = ("production",)
    """Findings elsewhere are lowered to notes."""
    hosts: tuple[HostPolicy, ...] = ()
    mappings: tuple[Mapping, ...] = ()
    ignores: tuple[Suppression, ...] = ()
    exclude: tuple[str, ...] = ()
    release_days: int | None = None
    """How long a release takes to reach nearly all users; None if nobody states it."""


class Context(NamedTuple):
    """All that a rule may know beside its subject."""

    today: date
    policy: Policy = Policy()
    knowledge: "Knowledge | None" = None
    """Whose keys the pins are of; None where nothing is pinned, so that nothing needs to be known."""
    change: "Change | None" = None
    """What made the state that is judged of an earlier one; None where it is judged by itself."""
