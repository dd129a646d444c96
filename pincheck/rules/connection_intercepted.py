"""What was seen ends in a private CA, so it says nothing about the host.

A proxy that opens TLS, on the network where pincheck ran, shows its own certificates in place of the host's. The
pins are not held against them. If the CA is the host's own, let pincheck know it.

Bad:

```xml title="app/src/main/res/xml/network_security_config.xml"
<network-security-config>
  <domain-config>
    <domain>api.shop.example</domain>
    <pin-set expiration="2027-12-01">
      <pin digest="SHA-256">4uNsWoOWEDyO2wY4xV4wq/afk+21C+pySGNiupnCNk8=</pin>
      <pin digest="SHA-256">2OyeT74JThFn7Wl1Zgi1lZFFV+CWrNw9cetUZjSrWOE=</pin>
    </pin-set>
  </domain-config>
</network-security-config>
```
```text title="api.shop.example at 203.0.113.7 serves"
leaf  KSBMvsIuk4V/ZckrDOVKkEoUv/wX4B5Vwf+k6K5RMhk=  until 2027-02-01  api.shop.example
root  pafH2VM9sls/SRGSf2ShEvSTa9bb9FLMq7F7r7/Imgs=  until 2040-01-01  Corporate Proxy CA, of no trust store
```

Good:

```xml title="app/src/main/res/xml/network_security_config.xml"
<network-security-config>
  <domain-config>
    <domain>api.shop.example</domain>
    <pin-set expiration="2027-12-01">
      <pin digest="SHA-256">4uNsWoOWEDyO2wY4xV4wq/afk+21C+pySGNiupnCNk8=</pin>
      <pin digest="SHA-256">2OyeT74JThFn7Wl1Zgi1lZFFV+CWrNw9cetUZjSrWOE=</pin>
    </pin-set>
  </domain-config>
</network-security-config>
```
```text title="api.shop.example at 203.0.113.7 serves"
leaf  4uNsWoOWEDyO2wY4xV4wq/afk+21C+pySGNiupnCNk8=  until 2028-02-01  api.shop.example
CA    X9COh1MV/QLSI0Lx5MrS/QNOqXD9E5yHcoHCO/6W/Tg=  until 2031-06-01  Example Issuing CA
root  J/wzzqc/D2ii4Hd/ar8dJ0rmONoPycNHM0impIrozs4=  until 2040-01-01  Example Root, not sent
```

Sources: RFC 7469 §2.6 (a pin of a private trust anchor may be overridden by local policy); the trust
stores in ``pincheck/data/README.md``.
"""

from collections.abc import Iterator

from pincheck.comparison import holds
from pincheck.model import Context, Problem
from pincheck.model.chains import Survey, Verification
from pincheck.registry import rule
from pincheck.rules import _live as live


@rule(Survey, "warning")
def check(survey: Survey, context: Context) -> Iterator[Problem]:
    """Say so once for each host."""
    for verification, looks in live.by_host(survey, lambda look: look.fault == "private"):
        own = any(holds(pin, each) for pin in live.keys(verification) for each in looks[0].chain)
        yield live.problem(
            verification,
            f"{live.what_serve(looks)} leads to no public CA"
            f" ({looks[0].reason}): {_whose(verification, own)}",
            remedy="name the CA with --trust-anchors if the app trusts it"
            if own
            else "look from another network; if the CA is the host's own, name it with --trust-anchors",
        )


def _whose(verification: Verification, own: bool) -> str:
    if own:
        client = verification.first.semantics.client
        return f"a private CA with a pinned key in its chain; whether {client} trusts it is not known"
    return "a private CA, or a proxy in the host's place; the pins were not checked"
