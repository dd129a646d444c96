"""A pin set expires only after every certificate of today is gone.

The expiration limits the harm of forgotten pins: a version that nobody updates comes back to life when
its pins lapse. Years ahead, it limits nothing. The limit is ``expiry-latest-days``, 398 by default, the
longest life a public certificate may have had. A list that a service hands out can be replaced on any
day and is left alone.

Bad:

```xml title="app/src/main/res/xml/network_security_config.xml"
<network-security-config>
  <domain-config>
    <domain>api.shop.example</domain>
    <pin-set expiration="2036-01-01">
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

Sources: CA/Browser Forum Baseline Requirements §6.3.2 (398 days, from March 2026 200);
https://developer.android.com/privacy-and-security/security-config#CertificatePinning.
"""

from collections.abc import Iterator

from pincheck.model import Context, PinSet, Problem
from pincheck.registry import rule
from pincheck.rules import _wording as wording
from pincheck.rules._expiry import standing


@rule(PinSet, "warning")
def check(pin_set: PinSet, context: Context) -> Iterator[Problem]:
    """Say so beyond the policy's limit."""
    expires = pin_set.expires
    if standing(pin_set, context) != "late" or pin_set.dynamic or not expires or not expires.day:
        return
    days = (expires.day - context.today).days
    yield Problem(
        expires.at,
        f"{wording.hosts(pin_set)}: the pin set expires on {expires.day}, in {days} days; until then"
        " every version that nobody updates insists on these pins",
        remedy=f"set a day at most {context.policy.expiry_latest_days} days ahead, and move it with each release",
        hosts=pin_set.host_names,
    )
