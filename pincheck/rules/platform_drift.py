"""One host has different pins in different parts of the app.

Android and iOS, or two flavours, targets or extensions, were given their pins at different times. The
host can then change to a key that one of them knows and lock the other out. A host whose pins are stated
in the configuration is judged by ``declared-drift`` instead.

Bad:

```xml title="app/src/main/res/xml/network_security_config.xml"
<network-security-config>
  <domain-config>
    <domain>api.shop.example</domain>
    <pin-set expiration="2027-03-01">
      <pin digest="SHA-256">C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M=</pin>
      <pin digest="SHA-256">r/mIkG3eEpVdm+u/ko/cwxzOMo1bk4TyHIlByibiA5E=</pin>
    </pin-set>
  </domain-config>
</network-security-config>
```

```xml title="app/src/play/res/xml/network_security_config.xml"
<network-security-config>
  <domain-config>
    <domain>api.shop.example</domain>
    <pin-set expiration="2027-03-01">
      <pin digest="SHA-256">C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M=</pin>
      <pin digest="SHA-256">Y3auZNyaWAH5pgBJHfVTDQpBRb3ufGtRRVz+bNg5ymo=</pin>
    </pin-set>
  </domain-config>
</network-security-config>
```

Good:

```xml title="app/src/main/res/xml/network_security_config.xml"
<network-security-config>
  <domain-config>
    <domain>api.shop.example</domain>
    <pin-set expiration="2027-03-01">
      <pin digest="SHA-256">C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M=</pin>
      <pin digest="SHA-256">r/mIkG3eEpVdm+u/ko/cwxzOMo1bk4TyHIlByibiA5E=</pin>
    </pin-set>
  </domain-config>
</network-security-config>
```

```xml title="app/src/play/res/xml/network_security_config.xml"
<network-security-config>
  <domain-config>
    <domain>api.shop.example</domain>
    <pin-set expiration="2027-03-01">
      <pin digest="SHA-256">C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M=</pin>
      <pin digest="SHA-256">r/mIkG3eEpVdm+u/ko/cwxzOMo1bk4TyHIlByibiA5E=</pin>
    </pin-set>
  </domain-config>
</network-security-config>
```

Sources: RFC 7469 §4.3 (a backup helps only where it is pinned).
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pincheck.coverage import BELOW, Coverage, Side, Unread, in_production, nearest
from pincheck.model import Context, Location, Pin, Problem, Project
from pincheck.registry import rule
from pincheck.rules import _wording as wording

MAX_RELATED = 20
_PLATFORMS = {"android": "Android", "ios": "iOS"}


@rule(Project, "warning")
def check(project: Project, context: Context) -> Iterator[Problem]:
    """Say so once for each host on which two configurations disagree."""
    coverage = Coverage(in_production(project), Unread(project.gaps))
    stated = {host.pattern.lower() for host in context.policy.hosts if host.pins}
    said: dict[tuple[int, ...], _Drift | None] = {}
    for name in coverage.names:
        if nearest(name, stated):
            continue
        for host, text in ((name, name), (BELOW + name, f"*.{name}")):
            if host != name and all(pattern.depth == "exact" for pattern, _ in coverage.patterns(name)):
                continue
            sides = [side for side in coverage.sides(host) if side.comparable and side.keys]
            identity = tuple(map(id, sides))
            if identity not in said:
                said[identity] = _drift(sides)
            if drift := said[identity]:
                yield drift.problem(text)
                break


class _Drift(NamedTuple):
    """How some sides disagree, in words that fit every host they disagree on."""

    at: Location
    difference: str
    related: tuple[tuple[Location, str], ...]

    def problem(self, host: str) -> Problem:
        return Problem(
            self.at,
            f"{wording.shown(host)}: {self.difference}; a key that one takes and the other does not"
            " locks users out",
            remedy="make the pins the same everywhere, or state them under hosts in .pincheck.yml",
            hosts=(host,),
            related=self.related,
        )


def _drift(sides: Sequence[Side]) -> _Drift | None:
    """The disagreement, with the odd one out; None if all sides hold the same keys."""
    groups: dict[frozenset[Pin], list[Side]] = {}
    for side in sides:
        groups.setdefault(side.keys, []).append(side)
    if len(groups) < 2:
        return None
    largest = max(len(group) for group in groups.values())
    leading = [keys for keys, group in groups.items() if len(group) == largest]
    if len(leading) > 1:  # no majority: the fuller set is the one to follow, else the first
        leading.sort(key=len, reverse=True)
    reference = groups[leading[0]][0]
    odd = next(side for keys, group in groups.items() if keys != leading[0] for side in group)
    labels = _labels(sides)
    others = largest - 1
    related = [
        (side.first.at, f"{labels[id(side)]} pins {wording.keys(side.keys)}")
        for side in sides
        if side is not odd
    ]
    return _Drift(
        odd.first.at,
        _difference(labels[id(odd)], odd.keys, labels[id(reference)], reference.keys, others),
        tuple(related[:MAX_RELATED]),
    )


def _difference(
    odd: str, odd_keys: frozenset[Pin], reference: str, reference_keys: frozenset[Pin], others: int
) -> str:
    """Both sides in words; ``others`` is how many more hold the reference's keys."""
    missing, extra = reference_keys - odd_keys, odd_keys - reference_keys
    who = f"{reference} and {others} more" if others else reference
    pin, lack = ("pin", "lack") if others else ("pins", "lacks")
    if not extra:
        return f"{odd} lacks {wording.keys(missing)}, which {who} {pin}"
    if not missing:
        return f"{odd} pins {wording.keys(extra)}, which {who} {lack}"
    return f"{odd} pins {wording.keys(extra)} where {who} {pin} {wording.keys(missing)}"


def _labels(sides: Sequence[Side]) -> dict[int, str]:
    """What tells each side from the others: platform, client, variant or file."""
    for label in (_by_platform, _by_client, _by_variant, _by_path):
        labels = [label(side) for side in sides]
        if len(set(labels)) == len(labels):
            break
    return {id(side): text for side, text in zip(sides, labels, strict=True)}


def _by_platform(side: Side) -> str:
    semantics = side.first.semantics
    return _PLATFORMS.get(semantics.platform, semantics.client)


def _by_client(side: Side) -> str:
    return side.first.semantics.client


def _by_variant(side: Side) -> str:
    variant = side.first.variant
    return f"{_by_client(side)} ({wording.shown(variant)})" if variant else _by_client(side)


def _by_path(side: Side) -> str:
    return f"{_by_variant(side)} in {wording.shown(side.first.at.path)}"
