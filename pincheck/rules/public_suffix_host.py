"""A pattern covers a whole public suffix.

Below a public suffix everybody can have a name: ``*.co.uk`` or ``*.cloudfront.net`` holds the hosts of strangers to
your pins, and the app refuses them wherever it meets them. TrustKit does not start with such a pattern: it raises an
exception. A name below the suffix, such as ``d1234.cloudfront.net``, is a host like any other.

Bad:

```xml title="app/src/main/res/xml/network_security_config.xml"
<network-security-config>
  <domain-config>
    <domain includeSubdomains="true">cloudfront.net</domain>
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
    <domain includeSubdomains="true">shop.example</domain>
    <pin-set expiration="2027-03-01">
      <pin digest="SHA-256">C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M=</pin>
      <pin digest="SHA-256">r/mIkG3eEpVdm+u/ko/cwxzOMo1bk4TyHIlByibiA5E=</pin>
    </pin-set>
  </domain-config>
</network-security-config>
```

Sources: the Public Suffix List (https://publicsuffix.org), private part included; TrustKit's ``parse_configuration.m``.
"""

from collections.abc import Iterator

from pincheck import suffixes
from pincheck.model import Context, HostPattern, PinSet, Problem
from pincheck.registry import rule
from pincheck.rules import _wording as wording

_REFUSING = ("TrustKit",)
"""The clients that raise an exception for it when they start."""


@rule(PinSet, "error")
def check(pin_set: PinSet, context: Context) -> Iterator[Problem]:
    """Say so for each pattern that reaches below a suffix."""
    if not pin_set.pins and not pin_set.files:
        return
    for host in pin_set.hosts:
        if host.depth != "exact" and not host.fault and suffixes.is_public_suffix(host.name):
            yield Problem(
                host.at,
                f"{wording.shown(host.text)}: {_what(host, pin_set.semantics.client)}",
                remedy="name the hosts that are yours, or the domain below the suffix that you own",
                hosts=(host.text,),
            )


def _what(host: HostPattern, client: str) -> str:
    name = wording.shown(host.name)
    if client in _REFUSING:
        return f"{name} is a public suffix, for which {client} raises an exception when it starts: the app crashes"
    return f"covers every name below the public suffix {name}, so {client} holds hosts of strangers to these pins"
