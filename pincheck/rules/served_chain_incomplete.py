"""The server does not send the certificates between its own and a trust anchor.

Android, OkHttp and most other clients fetch no missing certificate: they refuse the connection, whatever the pins say,
unless an earlier connection left the certificate with them. Apple's clients may fetch it. pincheck never does, as the
address is the server's choice.

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
leaf  4uNsWoOWEDyO2wY4xV4wq/afk+21C+pySGNiupnCNk8=  until 2028-02-01  api.shop.example, links to its issuer
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

Sources: RFC 5246 §7.4.2 (the sender's list holds each certificate but the root); Conscrypt builds from its
store, what was sent and what it remembers.
"""

from collections.abc import Iterator

from pincheck.model import Context, Problem
from pincheck.model.chains import Survey
from pincheck.registry import rule
from pincheck.rules import _live as live


@rule(Survey, "warning")
def check(survey: Survey, context: Context) -> Iterator[Problem]:
    """Say so once for each host."""
    for verification, looks in live.by_host(survey, lambda look: look.fault == "incomplete"):
        yield live.problem(
            verification,
            f"no whole chain comes from {live.places(looks)} ({looks[0].reason}):"
            " Android and OkHttp refuse the connection, Apple's clients may fetch what is missing (not verified)",
            remedy="let the server send its intermediates, all but the root",
        )
