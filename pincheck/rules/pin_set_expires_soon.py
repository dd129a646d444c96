"""A pin set expires before a new release can reach everybody.

The next pins have to be built, reviewed, released and installed first. Users who update late fall past
the day: their app connects unpinned, or not at all where the client refuses. The horizon is
``expiry-horizon-days``, 90 by default.

Bad:

```xml title="app/src/main/res/xml/network_security_config.xml"
<network-security-config>
  <domain-config>
    <domain>api.shop.example</domain>
    <pin-set expiration="2026-12-31">
      <pin digest="SHA-256">C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M=</pin>
      <pin digest="SHA-256">r/mIkG3eEpVdm+u/ko/cwxzOMo1bk4TyHIlByibiA5E=</pin>
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

Sources: AOSP ``NetworkSecurityTrustManager.java`` (00:00 in the device's time zone, so the first
devices reach the day 14 hours before UTC does); Android Lint ``PinSetExpiry``.
"""

from collections.abc import Iterator

from pincheck.model import Context, PinSet, Problem
from pincheck.registry import rule
from pincheck.rules import _wording as wording
from pincheck.rules._expiry import afterwards, standing


@rule(PinSet, "warning")
def check(pin_set: PinSet, context: Context) -> Iterator[Problem]:
    """Say so within the policy's horizon."""
    expires = pin_set.expires
    if standing(pin_set, context) != "soon" or not expires or not expires.day:
        return
    days = (expires.day - context.today).days
    left = "tomorrow" if days == 1 else f"in {days} days"
    zone = " (at UTC+14 from 10:00 UTC the day before)" if pin_set.semantics.expiry_zone == "local" else ""
    effect = afterwards(pin_set)
    yield Problem(
        expires.at,
        f"{wording.hosts(pin_set)}: the pin set expires {left}, on {expires.day}{zone}"
        + (f"; from then on {effect}" if effect else ""),
        remedy="release fresh pins with a later expiration in time for users to update",
        hosts=pin_set.host_names,
    )
