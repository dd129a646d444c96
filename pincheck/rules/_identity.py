"""What rules on the keys behind pins share: which pins count together, and the words for whose they are."""

from collections.abc import Iterator
from typing import NamedTuple

from pincheck.coverage import BELOW, Coverage, Unread, configuration
from pincheck.model import Context, DeclaredPin, Pin, PinSet, Project, Severity
from pincheck.model.knowledge import Identity, Knowledge
from pincheck.rules import _wording as wording


class Listed(NamedTuple):
    """The pins, one for each key, of which a client needs one to match."""

    pin_sets: tuple[PinSet, ...]
    """Those of one configuration that give these pins, for whatever hosts; never empty."""
    pins: tuple[DeclaredPin, ...]

    @property
    def first(self) -> PinSet:
        """The pin set to point at."""
        return self.pin_sets[0]

    @property
    def hosts(self) -> tuple[str, ...]:
        """The host patterns as written, in order, each once."""
        return tuple(dict.fromkeys(host for each in self.pin_sets for host in each.host_names))

    @property
    def client(self) -> str:
        """Who compares the pins."""
        return self.first.semantics.client

    @property
    def enforced(self) -> bool:
        """Whether the client refuses a connection because of them."""
        return all(each.semantics.enforced for each in self.pin_sets)

    @property
    def doubtful(self) -> bool:
        """Whether it is not known what compares these pins, or whether they are all."""
        return any(each.inferred or each.by_hand for each in self.pin_sets)

    @property
    def own_anchors(self) -> bool:
        """Whether the app trusts other roots than its platform's, or pins certificate files too."""
        return any(
            each.files or any(anchor.source != "system" for anchor in each.anchors) for each in self.pin_sets
        )


def lists(project: Project) -> Iterator[Listed]:
    """Each list of pins that is read and wholly known, once for each configuration, in the order of the files."""
    found: dict[object, tuple[dict[int, PinSet], tuple[DeclaredPin, ...]]] = {}
    for pin_sets in _sides(project):
        groups: dict[str, dict[Pin, DeclaredPin]] = {}
        for pin_set in pin_sets:
            own = groups.setdefault(pin_set.semantics.compares, {})
            for pin in pin_set.pins:
                if pin.pin and not pin.placeholder:
                    own.setdefault(pin.pin, pin)
        for compares, pins in groups.items():
            if pins:
                identity = (configuration(pin_sets[0]), compares, frozenset(pins))
                sets, _ = found.setdefault(identity, ({}, tuple(pins.values())))
                sets.update((id(each), each) for each in pin_sets)
    every = [Listed(tuple(sets.values()), listed) for sets, listed in found.values()]
    yield from sorted(every, key=lambda each: (each.first.at.path, each.first.at.line))


def _sides(project: Project) -> Iterator[tuple[PinSet, ...]]:
    read = [pin_set for pin_set in project.pin_sets if pin_set.read]
    unread = Unread(project.gaps)
    coverage = Coverage(read, unread)
    seen: set[int] = set()
    for name in coverage.names:
        for host in (name, BELOW + name):
            for side in coverage.sides(host):
                if id(side) not in seen and side.comparable:
                    seen.add(id(side))
                    yield side.pin_sets
    for pin_set in read:
        if not pin_set.hosts and pin_set not in unread and not pin_set.dynamic and _are_keys(pin_set):
            yield (pin_set,)


def _are_keys(pin_set: PinSet) -> bool:
    return all(pin.placeholder or (pin.pin and pin.pin[:2] == ("spki", "sha256")) for pin in pin_set.pins)


def milder(listed: Listed, proven: bool) -> Severity | None:
    """A warning where what an error would say is not proven."""
    return None if proven and not listed.doubtful and listed.enforced else "warning"


# words -------------------------------------------------------------------------


def whose(pin: DeclaredPin, identity: Identity) -> str:
    """``C5+lpZ7tcVwm… (ISRG Root X1)``: a pin, and what is known of its key."""
    name = wording.shown(identity.name)
    if identity.source == "observed" and identity.role == "leaf":
        name = f"leaf of {name}"
    if not name and identity.offline:
        name = "an offline key"
    return f"{key(pin)} ({name})" if name else key(pin)


def key(pin: DeclaredPin) -> str:
    """The start of a pin in base64, without what a library wants before it."""
    return wording.pin_key(pin.pin) if pin.pin else wording.pin_text(pin)


def where_stated(identity: Identity) -> str:
    """``.pincheck.yml:7``: where the configuration speaks of a pin."""
    at = identity.at
    return f"{wording.shown(at.path)}:{at.line}" if at else "the configuration"


def is_certified(identity: Identity) -> bool:
    """Whether it is proven, and not just stated, which CA stands behind the key."""
    return bool(identity.family) and identity.source in ("ca-table", "observed")


class Retirement(NamedTuple):
    """That a pinned CA key can no longer match."""

    reason: str
    """A clause for the key: ``expired on 2025-09-15``."""
    certain: bool
    """False where the key may have got another certificate since the table was made."""


def retired(pin: Pin, listed: Listed, context: Context) -> Retirement | None:
    """Why a pinned CA key can no longer match; None if it can, or is none."""
    knowledge = context.knowledge
    ca = knowledge.of(pin).ca if knowledge else None
    if not knowledge or not ca:
        return None
    if ca.not_after < context.today:
        day = knowledge.table_day
        if day and day <= ca.not_after:
            return Retirement(f"expired on {ca.not_after.isoformat()} by what was known on {day}", False)
        return Retirement(f"expired on {ca.not_after.isoformat()}", True)
    dropped = knowledge.dropped.get(pin, frozenset())
    crossed = any(operator != ca.operator for operator in ca.root_operators)
    if ca.kind != "root" or crossed or listed.own_anchors:
        return None
    asked = _platforms(listed, knowledge)
    if not asked or not dropped.issuperset(asked):
        return None
    verb = "do" if len(asked) > 1 else "does"
    return Retirement(f"is a root that {' and '.join(asked.values())} {verb} not trust any more", True)


def _platforms(listed: Listed, knowledge: Knowledge) -> dict[str, str]:
    platform = listed.first.semantics.platform
    wanted = ("android", "ios") if platform == "any" else (platform,)
    return {each: knowledge.newest[each] for each in wanted if each in knowledge.newest}
