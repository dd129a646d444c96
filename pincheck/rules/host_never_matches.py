"""A host is written so that it matches no connection.

The client compares host names, and this is none: it holds a scheme, a port, a path or a wildcard that
the client does not know. The pins below it protect nothing, silently.

Bad:

```xml title="app/src/main/res/xml/network_security_config.xml"
<network-security-config>
  <domain-config>
    <domain>https://api.shop.example/</domain>
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
  <domain-config>
    <domain>api.shop.example</domain>
    <pin-set expiration="2027-03-01">
      <pin digest="SHA-256">C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M=</pin>
      <pin digest="SHA-256">r/mIkG3eEpVdm+u/ko/cwxzOMo1bk4TyHIlByibiA5E=</pin>
    </pin-set>
  </domain-config>
</network-security-config>
```

Sources: AOSP ``ApplicationConfig.java``; Apple's documentation of ``NSPinnedDomains``; TrustKit's
``TSKPinningValidator.m``.
"""

from collections.abc import Iterator

from pincheck.model import Context, PinSet, Problem
from pincheck.registry import rule
from pincheck.rules import _wording as wording


@rule(PinSet, "error")
def check(pin_set: PinSet, context: Context) -> Iterator[Problem]:
    """Say so for each host with a fault, if there are pins that it keeps from being used."""
    for host in pin_set.hosts:
        if host.fault and pin_set.pins:
            yield Problem(
                host.at,
                f'host "{wording.shown(host.text)}" {host.fault.what}: {host.fault.effect},'
                " so no connection gets these pins",
                remedy=host.fault.remedy or "write the bare host name, in lower case",
                hosts=(host.text,),
            )
