"""A pin is of a CA key that has expired, or that the newest release of the platform no longer trusts.

Such a pin matches nothing that a host can serve to a current phone. It looks like a backup and is none; where it was
the pin that matched, users who update their system are locked out. Beside two or more pins that can still match it
is a warning: nobody is locked out by it, but it will be taken for a spare.

Bad:

```xml title="app/src/main/res/xml/network_security_config.xml"
<network-security-config>
  <domain-config>
    <domain>api.shop.example</domain>
    <pin-set expiration="2027-03-01">
      <pin digest="SHA-256">C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M=</pin>
      <pin digest="SHA-256">Vjs8r4z+80wjNcr1YKepWQboSIRi63WsWXhIMN+eWys=</pin>
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
      <pin digest="SHA-256">++MBgDH5WGvL9Bcn5Be30cRcL0f5O+NyoXuWtQdX1aI=</pin>
    </pin-set>
  </domain-config>
</network-security-config>
```

Sources: the validity of all certificates of the key that the Common CA Database knows; the root stores of Android,
iOS and Mozilla as recorded for their newest release. A root that other operators have cross-signed, and a
platform's root beside trust anchors of the app's own, are not held against these stores.
"""

from collections.abc import Iterator

from pincheck.model import Context, DeclaredPin, Problem, Project
from pincheck.model.knowledge import Identity
from pincheck.registry import rule
from pincheck.rules import _identity as identity
from pincheck.rules import _wording as wording
from pincheck.rules._expiry import standing
from pincheck.rules._identity import Listed, Retirement


@rule(Project, "error")
def check(project: Project, context: Context) -> Iterator[Problem]:
    """Say so for each such pin of each list; where pins are joined, what is left is counted over all."""
    said = set()
    for listed in identity.lists(project):
        reasons = {pin: identity.retired(pin.pin, listed, context) for pin in listed.pins if pin.pin}
        left = sum(reason is None for reason in reasons.values())
        for pin, reason in reasons.items():
            if reason and pin.at not in said:
                said.add(pin.at)
                yield _problem(listed, pin, reason, left, context)


def _problem(listed: Listed, pin: DeclaredPin, why: Retirement, left: int, context: Context) -> Problem:
    who = context.knowledge.of(pin.pin) if context.knowledge and pin.pin else Identity("unknown")
    return Problem(
        pin.at,
        f"{wording.named(listed.hosts)}: {identity.key(pin)} is of the CA key {wording.shown(who.name)}, which"
        f" {why.reason}: no valid chain holds it{_left(listed, left, context)}",
        remedy="replace it by the pin of a key in use, or of a root that is trusted and that you could move to",
        hosts=listed.hosts,
        pin=wording.written(pin),
        context=listed.first.context,
        severity=identity.milder(listed, proven=why.certain and left < 2),
    )


def _left(listed: Listed, left: int, context: Context) -> str:
    """What the list is without its retired keys; nothing where it is not known to be all."""
    if listed.doubtful:
        return ""
    if left > 1:
        return f"; {left} other pins are left"
    if left == 1:
        return ", and it leaves one pin without a backup"
    others = "nor any other of its pins" if len(listed.pins) > 1 else "and it is the only pin"
    if not listed.enforced:
        return f", {others}"
    lapsed = all(
        standing(each, context) == "expired" and each.semantics.expiry == "unpinned"
        for each in listed.pin_sets
    )
    renewed = "renewed as they are, " if lapsed else ""
    return f", {others}; {renewed}{listed.client} refuses every connection"
