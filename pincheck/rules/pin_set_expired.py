"""The expiration of a pin set has passed.

Past that day most clients connect unpinned, silently and for good: the app still works, and nothing
tells that its pins no longer protect anybody. Some clients refuse every connection instead.

Bad:

```xml title="app/src/main/res/xml/network_security_config.xml"
<network-security-config>
  <domain-config>
    <domain>api.shop.example</domain>
    <pin-set expiration="2026-06-01">
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

Sources: AOSP ``NetworkSecurityTrustManager.java`` and ``XmlConfigSource.java`` (00:00 in the device's
time zone; ``30-6-1`` is the year 30); TrustKit's ``TSKPinningValidator.m`` (UTC).
"""

from collections.abc import Iterator

from pincheck.model import Context, PinSet, Problem
from pincheck.registry import rule
from pincheck.rules import _wording as wording
from pincheck.rules._expiry import afterwards, standing


@rule(PinSet, "error")
def check(pin_set: PinSet, context: Context) -> Iterator[Problem]:
    """Say so from the day itself on."""
    expires = pin_set.expires
    if standing(pin_set, context) != "expired" or not expires or not expires.day:
        return
    if expires.day.year < 100:
        when = f'the expiration "{wording.shown(expires.text)}" is read as the year {expires.day.year}'
    elif expires.day == context.today:
        when = f"the pin set expires today, {expires.day}"
    else:
        when = f"the pin set expired on {expires.day}"
    effect = afterwards(pin_set)
    yield Problem(
        expires.at,
        f"{wording.hosts(pin_set)}: {when}" + (f", so {effect}" if effect else ""),
        remedy="release fresh pins with a later expiration",
        hosts=pin_set.host_names,
    )
