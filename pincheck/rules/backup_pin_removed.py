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

Sources: RFC 7469 §4.3 (a backup pin is required).
"""

from collections.abc import Iterator

from pincheck.model import Context, Location, Problem
from pincheck.model.changes import Change
from pincheck.registry import rule
from pincheck.rules import _change
from pincheck.rules._change import Key, Keys, Pair, PinSets, Unknown


@rule(Change, "warning")
def check(change: Change, context: Context) -> Iterator[Problem]:
    """Say so where the pin stood that was removed; ``missing-backup-pin`` speaks of what is left."""
    keys, unknown = Keys(change), Unknown(change, context)
    for pair in _change.pairs(change, context):
        if not pair.after or unknown.hides(pair):
            continue
        for before, after in _change.lists(pair):
            had, left = keys.usable(before), keys.meant(after)
            if len(had) > 1 and len(left) == 1 and left.keys() <= had.keys():
                removed = [key for digest, key in had.items() if digest not in left]
                yield _problem(pair, before, after, removed, next(iter(left.values())))


def _problem(pair: Pair, before: PinSets, after: PinSets, removed: list[Key], left: Key) -> Problem:
    pin, be, backup = ("pins", "were", "its backups") if removed[1:] else ("pin", "was", "its backup")
    place, gone = _place(before, after, removed[0])
    return Problem(
        place,
        f"{_change.named(pair.hosts)}: this change removes the {pin} {_change.keys(removed)}, which {be} {backup}:"
        f" versions that ship with it let in {left.name} alone",
        remedy="keep a second pin: this one, or that of another key",
        hosts=pair.hosts,
        pin=removed[0].text,
        related=((after[0].at, "what is left"),),
        context=after[0].context,
        gone=gone,
    )


def _place(before: PinSets, after: PinSets, removed: Key) -> tuple[Location, bool]:
    """Where the pin stood, and that it is gone; a constant that the declaration named may still stand there."""
    if any(each.at.path == removed.at.path for each in before):
        return removed.at, True
    return after[0].at, False
