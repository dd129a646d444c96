"""A pin set has no expiration, though its client knows one.

Without one, a version that nobody updates is locked out for good once the host's keys have moved on.
Whether that or unpinned connections is the smaller harm is a choice; this note asks you to make it.

Bad:

```xml title="app/src/main/res/xml/network_security_config.xml"
<network-security-config>
  <domain-config>
    <domain>api.shop.example</domain>
    <pin-set>
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

Sources: https://developer.android.com/privacy-and-security/security-config#CertificatePinning; TrustKit's
``TSKExpirationDate``.
"""

from collections.abc import Iterator

from pincheck.model import Context, PinSet, Problem
from pincheck.registry import rule
from pincheck.rules import _wording as wording
from pincheck.rules._expiry import standing


@rule(PinSet, "note")
def check(pin_set: PinSet, context: Context) -> Iterator[Problem]:
    """Say so where nothing else limits how long the pins live."""
    if standing(pin_set, context) == "missing":
        yield Problem(
            pin_set.at,
            f"{wording.hosts(pin_set)}: the pin set never expires; once its pins match no more, a version"
            " that nobody updates stays locked out",
            remedy=f"set an expiration at most {context.policy.expiry_latest_days} days ahead",
            hosts=pin_set.host_names,
        )
