"""Which pins count for a host: several declarations of one client taken together.

A *side* is what one client's configuration, as a rule one file, says about one host. Rules that
compare platforms, targets or the team's own list compare sides.
"""

from collections.abc import Container, Iterable, Iterator, Sequence
from typing import NamedTuple

from pincheck.model import Gap, HostPattern, Pin, PinSet, Project

Configuration = tuple[str, str, str]

MAX_HOST = 253
"""Longest name of a host (RFC 1035 §2.3.4, without the final dot)."""
BELOW = "below."
DEEP_BELOW = "deep.below."
"""Labels for a name one or two levels under another, to ask how deep a pattern reaches."""


class Side(NamedTuple):
    """The pin sets of one client's configuration that count for a host; never empty."""

    pin_sets: tuple[PinSet, ...]
    keys: frozenset[Pin]
    """The keys meant; a misspelt pin counts as the key it means, a placeholder does not count."""
    comparable: bool
    """Whether it is known which keys these are, and they stay so until the next release."""

    @property
    def first(self) -> PinSet:
        """The one to point at."""
        return self.pin_sets[0]


class Coverage:
    """Some pin sets by the hosts they cover; ``unread`` pins make theirs incomparable."""

    def __init__(self, pin_sets: Iterable[PinSet], unread: "Unread | None" = None) -> None:
        self._unread = unread or Unread(())
        self._by_name: dict[str, list[tuple[HostPattern, PinSet]]] = {}
        self._sides: dict[tuple[int, ...], Side] = {}
        for pin_set in pin_sets:
            for pattern in pin_set.hosts:
                if not pattern.fault and len(pattern.name) <= MAX_HOST:
                    self._by_name.setdefault(pattern.name, []).append((pattern, pin_set))

    @property
    def names(self) -> tuple[str, ...]:
        """The names that some pattern is made of, in order, each once."""
        return tuple(self._by_name)

    def patterns(self, name: str) -> Sequence[tuple[HostPattern, PinSet]]:
        """The patterns made of exactly this name."""
        return self._by_name.get(name, ())

    def sides(self, host: str) -> tuple[Side, ...]:
        """What each client's configuration says about a host, as its ``lookup`` goes."""
        longest: dict[Configuration, str] = {}
        found: dict[Configuration, dict[int, PinSet]] = {}
        for pattern, pin_set in self._covering(host):
            owner = configuration(pin_set)
            name = longest.setdefault(owner, pattern.name)
            if pin_set.semantics.lookup == "union" or pattern.name == name:
                found.setdefault(owner, {})[id(pin_set)] = pin_set
        return tuple(self._side(own) for own in found.values())

    def _covering(self, host: str) -> Iterator[tuple[HostPattern, PinSet]]:
        """The patterns that match a host, those with the longest name first."""
        name = host
        while name:
            for pattern, pin_set in self.patterns(name):
                if pattern.matches(host):
                    yield pattern, pin_set
            name = name.partition(".")[2]

    def _side(self, own: dict[int, PinSet]) -> Side:
        """Equal sides are one object, so that a file with many hosts is looked at once."""
        identity = tuple(own)
        if identity not in self._sides:
            pin_sets = tuple(own.values())
            comparable = all(_known(pin_set) and pin_set not in self._unread for pin_set in pin_sets)
            self._sides[identity] = Side(pin_sets, frozenset(meant_keys(pin_sets)), comparable)
        return self._sides[identity]


class Unread:
    """The places where a declaration takes something from elsewhere that cannot be read."""

    def __init__(self, gaps: Iterable[Gap]) -> None:
        self._places = {(gap.at.path, host) for gap in gaps for host in gap.hosts or ("",)}

    def __contains__(self, pin_set: PinSet) -> bool:
        """Whether a pin set may hold more pins than those that were read."""
        path = pin_set.at.path
        return any((path, host) in self._places for host in ("", *pin_set.host_names))


def in_production(project: Project) -> tuple[PinSet, ...]:
    """The pin sets that a release reads: not misplaced, not of tests, and named by the app."""
    return counting(project, ("production",))


def counting(project: Project, contexts: Container[str]) -> tuple[PinSet, ...]:
    """The pin sets of some contexts that a client reads: not misplaced, and named by the app."""
    ignored = {defect.at for defect in project.defects if defect.kind == "misplaced"}
    unread = {pin_set.at.path for pin_set in project.pin_sets if pin_set.read and pin_set.at in ignored}
    return tuple(
        pin_set
        for pin_set in project.pin_sets
        if pin_set.read and pin_set.context in contexts and pin_set.at.path not in unread
    )


def nearest(name: str, patterns: Container[str]) -> str:
    """The pattern of a policy that speaks of a name: itself, else the longest wildcard; or empty."""
    if name in patterns:
        return name
    parent = name.partition(".")[2]
    while parent and "*." + parent not in patterns:
        parent = parent.partition(".")[2]
    return "*." + parent if parent else ""


def configuration(pin_set: PinSet) -> Configuration:
    """What tells one client's configuration from another's: path, mechanism, variant."""
    return pin_set.at.path, pin_set.mechanism, pin_set.variant


def meant_keys(pin_sets: Iterable[PinSet]) -> tuple[Pin, ...]:
    """The keys that some pin sets mean, in order, each once, placeholders left out."""
    return tuple(
        dict.fromkeys(
            pin.pin for pin_set in pin_sets for pin in pin_set.pins if pin.pin and not pin.placeholder
        )
    )


def _known(pin_set: PinSet) -> bool:
    return not pin_set.dynamic and all(
        pin.placeholder or (pin.pin and pin.pin.hashed == "spki" and pin.pin.algorithm == "sha256")
        for pin in pin_set.pins
    )
