"""A file breaks the grammar of the client that reads it.

Pin declarations are read on the user's phone, not at build time: a duplicate host, a date that is none
or a list that is empty shows as a crash at start, as a failed first connection, or as no pinning at all.

Bad:

```xml title="app/src/main/res/xml/network_security_config.xml"
<network-security-config>
  <domain-config>
    <domain>api.shop.example</domain>
    <pin-set expiration="2027-03-01">
      <pin digest="SHA256">C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M=</pin>
      <pin digest="SHA256">r/mIkG3eEpVdm+u/ko/cwxzOMo1bk4TyHIlByibiA5E=</pin>
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

Sources: AOSP ``XmlConfigSource.java``; TrustKit's ``parse_configuration.m``; Apple's ``SecPolicy.c``
(``parseNSPinnedDomains``).
"""

from collections.abc import Iterator

from pincheck.model import Context, Defect, Problem
from pincheck.registry import rule
from pincheck.rules import _wording as wording


@rule(Defect, "error")
def check(defect: Defect, context: Context) -> Iterator[Problem]:
    """Pass on what the parser saw, for the hosts it concerns."""
    if defect.kind == "malformed":
        yield wording.of_defect(defect)
