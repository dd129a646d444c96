"""What happened to each declaration, by its place."""

from collections.abc import Callable, Hashable, Iterable
from typing import NamedTuple

from pincheck.changes.matching import Identity, Path, matched
from pincheck.model import (
    DeclaredPin,
    HostPattern,
    PinSet,
    Report,
)
from pincheck.model.changes import DeclarationChange


def declarations(before: Report, after: Report, path: Path) -> list[DeclarationChange]:
    """What happened to each declaration, by its place; one that just moved is not there."""
    old, new = _declared(before, path), _declared(after, str)
    passes: tuple[Callable[[_Declared], Identity | None], ...] = (
        lambda each: (each.place, each.hosts, each.content),
        lambda each: (each.place, each.hosts, each.compares),
        lambda each: (each.place, each.hosts),
        lambda each: (each.platform, each.hosts, each.content),
        lambda each: (each.platform, each.hosts) if each.hosts else None,
        lambda each: (each.place,),
    )
    pairs = matched(old, new, passes)
    paired = {id(each) for pair in pairs for each in pair}
    found = [
        _changed(one, other)
        for one, other in pairs
        if (one.hosts, one.content) != (other.hosts, other.content)
    ]
    found += [DeclarationChange("removed", each.pin_set, None) for each in old if id(each) not in paired]
    found += [DeclarationChange("added", None, each.pin_set) for each in new if id(each) not in paired]
    return sorted(found, key=_order)


class _Declared(NamedTuple):
    """A pin set, and what it is known by."""

    pin_set: PinSet
    place: Identity
    platform: str
    hosts: frozenset[Hashable]
    content: Identity
    """Its pins, files and expiry, as far as a client can tell them apart, and what it compares them with."""

    @property
    def compares(self) -> str:
        return self.pin_set.semantics.compares


def _declared(report: Report, path: Path) -> list[_Declared]:
    return [
        _Declared(
            each,
            (each.mechanism, path(each.at.path), each.variant),
            each.semantics.platform,
            frozenset(map(_covered, each.hosts)),
            (
                frozenset(map(_pin, each.pins)),
                frozenset(path(file) for one in each.files for file in one.paths),
                _day(each),
                each.semantics.compares,
            ),
        )
        for each in _joined(report.project.pin_sets)
    ]


def _joined(pin_sets: Iterable[PinSet]) -> list[PinSet]:
    """Those that pin; one for all that a client takes together, such as each ``add`` of OkHttp for one host."""
    found: dict[Hashable, PinSet] = {}
    for each in pin_sets:
        if each.pins or each.files:
            whole = found.setdefault(_owner(each), each)
            if whole is not each:
                found[_owner(each)] = whole._replace(
                    pins=whole.pins + each.pins, files=whole.files + each.files
                )
    return list(found.values())


def _owner(pin_set: PinSet) -> Hashable:
    """Equal for the sets that are one to the client."""
    if pin_set.semantics.lookup != "union" or not pin_set.hosts:
        return id(pin_set)
    hosts = frozenset(map(_covered, pin_set.hosts))
    place = (pin_set.at.path, pin_set.mechanism, pin_set.variant, pin_set.context, pin_set.read)
    return (*place, hosts, pin_set.semantics, _day(pin_set))


def _changed(one: _Declared, other: _Declared) -> DeclarationChange:
    before, after = one.pin_set, other.pin_set
    had, has = {_pin(pin) for pin in before.pins}, {_pin(pin) for pin in after.pins}
    return DeclarationChange(
        "changed",
        before,
        after,
        tuple(pin for pin in after.pins if _pin(pin) not in had),
        tuple(pin for pin in before.pins if _pin(pin) not in has),
        tuple(dict.fromkeys(_label(host) for host in after.hosts if _covered(host) not in one.hosts)),
        tuple(dict.fromkeys(_label(host) for host in before.hosts if _covered(host) not in other.hosts)),
    )


def _pin(pin: DeclaredPin) -> Hashable:
    """The key, or the text where none can be meant; a spelling that the client refuses is another pin."""
    return (pin.pin or pin.text, bool(pin.fault), bool(pin.placeholder))


def _label(host: HostPattern) -> str:
    """``shop.example (with subdomains)``: a pattern by what it covers."""
    if host.fault or host.depth == "exact" or "*" in host.text:
        return host.text
    return f"{host.text} (with subdomains)"


def _covered(host: HostPattern) -> Hashable:
    """What a pattern covers, however it is written; the text where that is nothing."""
    return host.text if host.fault else (host.name, host.depth, host.apex)


def _day(pin_set: PinSet) -> str:
    expires = pin_set.expires
    return "" if expires is None else expires.day.isoformat() if expires.day else expires.text


def _order(change: DeclarationChange) -> tuple[str, int, int, str]:
    at = (change.after or change.before).at  # type: ignore[union-attr]  # one of both is there
    return at.path, at.line, at.column, change.kind
