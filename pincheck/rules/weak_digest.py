"""A pin is a SHA-1 hash.

Collisions of SHA-1 have been made since 2017, and nobody should have to argue whether that reaches a
pin. Most clients take SHA-256 only and refuse such a pin or never match it.

Bad:

```xml title="app/src/main/res/xml/network_security_config.xml"
<network-security-config>
  <domain-config>
    <domain>api.shop.example</domain>
    <pin-set expiration="2027-03-01">
      <pin digest="SHA-1">uf4VaV0T/XdpzoVH/+ZwLwpVSPo=</pin>
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

Sources: https://shattered.io; RFC 7469 §2.1.1 (SHA-256 is the only algorithm); OkHttp's
``CertificatePinner`` documentation advises against ``sha1/``.
"""

from collections.abc import Iterator

from pincheck.model import Context, PinSet, Problem
from pincheck.registry import rule
from pincheck.rules import _wording as wording


@rule(PinSet, "error")
def check(pin_set: PinSet, context: Context) -> Iterator[Problem]:
    """Say so for each SHA-1 pin, whether its client takes it or not; milder where it may be none."""
    hosts, names = wording.hosts(pin_set), pin_set.host_names
    for pin in pin_set.pins:
        if pin.pin and pin.pin.algorithm == "sha1" and not pin.placeholder:
            takes = "does not take" if pin.fault else "still takes"
            yield Problem(
                pin.at,
                f"{hosts}, pin {wording.pin_text(pin)}: a SHA-1 hash, which is broken for collisions"
                f" and which {pin_set.semantics.client} {takes}",
                remedy="replace it by the SHA-256 pin of the same key",
                hosts=names,
                pin=wording.written(pin),
                severity="warning" if pin_set.inferred or not pin_set.semantics.enforced else None,
            )
