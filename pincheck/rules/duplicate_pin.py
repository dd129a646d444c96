"""A pin set holds the same key twice.

Clients keep pins as a set: the second copy is dropped. Such a set looks as if it held a backup and does
not, and the copy is often what is left of a backup pin that somebody meant to paste.

Bad:

```xml title="app/src/main/res/xml/network_security_config.xml"
<network-security-config>
  <domain-config>
    <domain>api.shop.example</domain>
    <pin-set expiration="2027-03-01">
      <pin digest="SHA-256">C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M=</pin>
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

Sources: AOSP ``PinSet.java`` and TrustKit's ``parse_configuration.m`` (pins are collected in a set).
"""

from collections.abc import Iterator

from pincheck.model import Context, DeclaredPin, Pin, PinSet, Problem
from pincheck.registry import rule
from pincheck.rules import _wording as wording


@rule(PinSet, "warning")
def check(pin_set: PinSet, context: Context) -> Iterator[Problem]:
    """Say so for each pin that means a key which an earlier pin of the set means."""
    hosts, names = wording.hosts(pin_set), pin_set.host_names
    first: dict[Pin, DeclaredPin] = {}
    for pin in pin_set.pins:
        if not pin.pin or pin.placeholder:
            continue
        original = first.setdefault(pin.pin, pin)
        if original is not pin:
            effect = f"{pin_set.semantics.client} counts it once, so it is no backup"
            if pin.fault or original.fault:
                effect = "even spelt right it is no backup"
            spelt = "" if original.text.strip() == pin.text.strip() else ", spelt differently"
            yield Problem(
                pin.at,
                f"{hosts}, pin {wording.pin_text(pin)}: the same as in {wording.place(original.at, pin.at)}{spelt};"
                f" {effect}",
                remedy="replace it by the pin of another key, or remove it",
                hosts=names,
                pin=wording.written(pin),
                related=((original.at, "first written here"),),
            )
