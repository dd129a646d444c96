"""Plain http stays allowed for a pinned host.

A connection without TLS has no certificate, so no pin is checked. One link, redirect or old constant
with ``http://`` is enough to send a request past all pins.

Bad:

```xml title="app/src/main/res/xml/network_security_config.xml"
<network-security-config>
  <domain-config cleartextTrafficPermitted="true">
    <domain>api.shop.example</domain>
    <pin-set expiration="2027-03-01">
      <pin digest="SHA-256">C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M=</pin>
      <pin digest="SHA-256">r/mIkG3eEpVdm+u/ko/cwxzOMo1bk4TyHIlByibiA5E=</pin>
    </pin-set>
  </domain-config>
</network-security-config>
```

Good:

```xml title="app/src/main/res/xml/network_security_config.xml"
<network-security-config>
  <domain-config cleartextTrafficPermitted="false">
    <domain>api.shop.example</domain>
    <pin-set expiration="2027-03-01">
      <pin digest="SHA-256">C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M=</pin>
      <pin digest="SHA-256">r/mIkG3eEpVdm+u/ko/cwxzOMo1bk4TyHIlByibiA5E=</pin>
    </pin-set>
  </domain-config>
</network-security-config>
```

Sources: https://developer.android.com/privacy-and-security/security-config#CleartextTrafficPermitted.
"""

from collections.abc import Iterator

from pincheck.model import Context, Location, PinSet, Problem, Project
from pincheck.registry import rule
from pincheck.rules import _wording as wording


@rule(Project, "warning")
def check(project: Project, context: Context) -> Iterator[Problem]:
    """Say so once for each place that lets http through, with all pinned hosts it speaks of."""
    for at, found in _by_place(project).items():
        hosts = tuple(dict.fromkeys(host for _, named in found for host in named))
        pin_set = found[0][0]
        yield Problem(
            at,
            f"{wording.named(hosts)}: {pin_set.semantics.client} also connects over plain http,"
            " where no pin is checked",
            remedy="forbid cleartext for these hosts",
            hosts=hosts,
            context=pin_set.context,
        )


def _by_place(project: Project) -> dict[Location, list[tuple[PinSet, tuple[str, ...]]]]:
    found: dict[Location, list[tuple[PinSet, tuple[str, ...]]]] = {}
    for pin_set in project.pin_sets:
        for place in pin_set.cleartext if pin_set.read and pin_set.pins else ():
            found.setdefault(place.at, []).append((pin_set, place.hosts))
    return found
