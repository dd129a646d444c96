"""A change leaves a host one pin where it had two or more.

The versions before it could be let in by a spare key; those that ship with this change know one key only. The
day that key is lost or has to be changed, they are locked out until their users update.

Bad:

```xml title="before: app/src/main/res/xml/network_security_config.xml"
<!-- before the change -->
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
```xml title="app/src/main/res/xml/network_security_config.xml"
<!-- after the change -->
<network-security-config>
  <domain-config>
    <domain>api.shop.example</domain>
    <pin-set expiration="2027-03-01">
      <pin digest="SHA-256">C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M=</pin>
    </pin-set>
  </domain-config>
</network-security-config>
```

Good:

```xml title="before: app/src/main/res/xml/network_security_config.xml"
<!-- before the change -->
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
```xml title="app/src/main/res/xml/network_security_config.xml"
<!-- after the change -->
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

In a change this speaks in place of ``missing-backup-pin``, and is as grave as that would be. The pin that is gone has
no line for a comment: only the configuration can silence this.

Sources: RFC 7469 §4.3 (a backup pin is required).
"""

from collections.abc import Iterator, Set
from typing import NamedTuple

from pincheck.model import Context, Location, PinSet, Problem, Said
from pincheck.model.changes import Change
from pincheck.registry import rule
from pincheck.rules import _change
from pincheck.rules import _wording as wording
from pincheck.rules._change import Key, Keys, PinSets, Unknown


@rule(Change, "warning")
def check(change: Change, context: Context) -> Iterator[Problem]:
    """Say so where the pin stood that was removed, in place of ``missing-backup-pin``, which knows only what is left.

    Where users are locked out now, ``last-matching-pin-removed`` speaks.
    """
    keys, unknown = Keys(change), Unknown(change, context)
    fate = _change.fate(change)
    found: dict[tuple[object, ...], tuple[Loss, dict[str, None], set[str]]] = {}
    for pair, before, after in _change.still_pinned(change, context, unknown):
        had, left = keys.usable(before), keys.meant(after)
        if len(had) > 1 and len(left) == 1 and left.keys() <= had.keys():
            removed = [key for digest, key in had.items() if digest not in left]
            loss = Loss(before, after, removed, next(iter(left.values())))
            identity = (*(key.at for key in removed), loss.left.name, after[0].at)
            told = [host for host in pair.hosts if fate(host, pair) != "lost"]
            _, hosts, names = found.setdefault(identity, (loss, {}, set()))
            hosts.update(dict.fromkeys(told))
            names.update(name for name in pair.names if _change.base(name) in map(_change.base, told))
    for loss, hosts, names in found.values():
        if hosts or not any(each.hosts for each in loss.before):
            yield _problem(loss, tuple(hosts), names)


class Loss(NamedTuple):
    """Pins that are removed, and the one that is left."""

    before: PinSets
    after: PinSets
    removed: list[Key]
    left: Key


def _problem(loss: Loss, hosts: tuple[str, ...], names: Set[str]) -> Problem:
    before, after, removed, left = loss
    place, gone = _place(before, after, removed[0])
    return Problem(
        place,
        f"{_change.named(hosts)}: this change removes {_change.keys(removed)} and leaves {left.name} alone: versions"
        f" that ship with it have no backup pin{wording.too_few(after[0])}",
        remedy="keep a second pin: this one, or that of another spare key",
        hosts=hosts,
        pin=removed[0].text,
        related=((after[0].at, "what is left"),),
        context=after[0].context,
        gone=gone,
        speaks_for=tuple(
            Said("missing-backup-pin", each.at, each.host_names) for each in _bereft(loss, names)
        ),
    )


def _bereft(loss: Loss, names: Set[str]) -> Iterator[PinSet]:
    """The sets left that had a backup for all that they cover; what a build falls back on may never have had one."""
    if not _change.fallback(loss.before, loss.after):
        yield from (each for each in loss.after if all(_change.asked(host) <= names for host in each.hosts))


def _place(before: PinSets, after: PinSets, removed: Key) -> tuple[Location, bool]:
    """Where the pin stood, and that it is gone; a constant that the declaration named may still stand there."""
    if any(each.at.path == removed.at.path for each in before):
        return removed.at, True
    return after[0].at, False
