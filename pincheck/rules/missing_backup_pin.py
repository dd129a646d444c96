"""A pin set holds fewer than two distinct keys.

When that one key is lost, or the CA replaces it, every installed app is locked out until its user
updates. A second pin, of a key kept elsewhere, lets the host change keys on any day.

Bad:

```xml title="app/src/main/res/xml/network_security_config.xml"
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

Sources: RFC 7469 §4.3 (a backup pin is required); Android Lint ``MissingBackupPin``; TrustKit for
iOS refuses a single pin when it enforces (``parse_configuration.m``).
"""

from collections.abc import Iterator

from pincheck.model import Context, PinSet, Problem
from pincheck.registry import rule


@rule(PinSet, "error")
def check(pin_set: PinSet, context: Context) -> Iterator[Problem]:
    """Say so for a set that means exactly one key, however often and however spelt."""
    keys = {pin.pin for pin in pin_set.pins if pin.pin and not pin.placeholder}
    if len(keys) != 1:
        return
    key = keys.pop()
    hosts = ", ".join(pin_set.host_names) or "these hosts"
    yield Problem(
        pin_set.at,
        f"{hosts}: {key.base64[:12]}… is the only key; when the host changes it,"
        f" {pin_set.semantics.client} refuses every connection",
        remedy="add the pin of a spare key, kept offline or at another CA",
        hosts=pin_set.host_names,
        pin=key.base64,
    )
