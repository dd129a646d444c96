"""Every pin hangs on one CA: there is no backup from a different one.

On the day that CA is distrusted, refuses to issue, or is left for another, no pin matches what the host serves, and
every installed app is locked out. Two CA keys are of different CAs if no operator stands behind both. The pin of a
key of your own, kept offline, counts as a backup from a different CA wherever another pin or the host shows the CA
in use: any other CA can certify it.

Whose keys the pins are of is proven by the table of CA keys or by a chain that was seen. Where it rests on a ``ca:``
of ``.pincheck.yml`` the finding is a warning, and says so. Nothing is said while a pin is unknown.

Bad:

```xml title="app/src/main/res/xml/network_security_config.xml"
<network-security-config>
  <domain-config>
    <domain>api.shop.example</domain>
    <pin-set expiration="2027-03-01">
      <pin digest="SHA-256">C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M=</pin>
      <pin digest="SHA-256">diGVwiVYbubAI3RW4hB9xU8e/CH2GnkuvVFZE8zmgzI=</pin>
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

A key of your own that is kept offline is a backup too:

```yaml title=".pincheck.yml"
version: 1
hosts:
  api.shop.example:
    pins:
      - C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M=
      - pin: Y3auZNyaWAH5pgBJHfVTDQpBRb3ufGtRRVz+bNg5ymo=
        key: offline
```
```xml title="app/src/main/res/xml/network_security_config.xml"
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

Sources: RFC 7469 §4.3; the Common CA Database tells which operator holds a CA's key and which roots it chains to.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations

from pincheck.model import Context, DeclaredPin, Problem, Project
from pincheck.model.knowledge import Identity
from pincheck.registry import rule
from pincheck.rules import _identity as identity
from pincheck.rules import _wording as wording
from pincheck.rules._identity import Listed

MAX_FAMILIES = 50
"""Sets of operators that are compared with one another; so many are of different CAs."""


@rule(Project, "error")
def check(project: Project, context: Context) -> Iterator[Problem]:
    """Say so for a list of several keys, each of a known CA, no two of them of different ones.

    CA keys that are retired do not count: ``retired-ca-key`` speaks of those, and of what they leave.
    """
    if not context.knowledge:
        return
    for listed in identity.lists(project):
        known = [
            (pin, context.knowledge.of(pin.pin))
            for pin in listed.pins
            if pin.pin and not identity.retired(pin.pin, listed, context)
        ]
        if (
            listed.enforced
            and not listed.first.files
            and len(known) > 1
            and _is_one([who for _, who in known])
        ):
            yield _problem(listed, known)


def _is_one(identities: Sequence[Identity]) -> bool:
    """Whether each has a family, and no two of these are disjoint."""
    families = {each.family for each in identities}
    if frozenset() in families or len(families) > MAX_FAMILIES:
        return False
    return all(one & other for one, other in combinations(families, 2))


def _problem(listed: Listed, known: Sequence[tuple[DeclaredPin, Identity]]) -> Problem:
    proven = all(identity.is_certified(who) for _, who in known)
    shared = frozenset.intersection(*(who.family for _, who in known)) or known[0][1].family
    ca = wording.shown(" or ".join(sorted(shared)))
    stated = next((who for _, who in known if not identity.is_certified(who)), None)
    doubt = f" (proven of some, stated in {identity.where_stated(stated)} of others)" if stated else ""
    first = known[0][0]
    number = "both pins" if len(known) == 2 else f"all {len(known)} pins"
    if len(known) < len(listed.pins):
        number += " that are not retired"
    return Problem(
        first.at,
        f"{wording.named(listed.hosts)}: {number} hang on {ca}{doubt}: {_named(known)};"
        f" once the host leaves that CA, {listed.client} refuses every connection",
        remedy="add the pin of a root of another CA that you could move to, or of a spare key of your own kept offline",
        hosts=listed.hosts,
        pin=wording.written(first),
        context=listed.first.context,
        severity=identity.milder(listed, proven),
    )


def _named(known: Sequence[tuple[DeclaredPin, Identity]]) -> str:
    """The first pins and whose they are, and the number of the others."""
    return wording.listed([identity.whose(pin, who) for pin, who in known], 2)
