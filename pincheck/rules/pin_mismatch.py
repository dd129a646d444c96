"""No pin matches what the host serves: users are locked out now.

Each client was asked for its own comparison, with the path that it builds on each of its platform's releases, at
every address and for every kind of key that the host serves. Whatever it would compare, no pin is in it.

Bad:

```xml title="app/src/main/res/xml/network_security_config.xml"
<network-security-config>
  <domain-config>
    <domain>api.shop.example</domain>
    <pin-set expiration="2027-12-01">
      <pin digest="SHA-256">2OyeT74JThFn7Wl1Zgi1lZFFV+CWrNw9cetUZjSrWOE=</pin>
      <pin digest="SHA-256">KSBMvsIuk4V/ZckrDOVKkEoUv/wX4B5Vwf+k6K5RMhk=</pin>
    </pin-set>
  </domain-config>
</network-security-config>
```
```text title="api.shop.example at 203.0.113.7 serves"
leaf  4uNsWoOWEDyO2wY4xV4wq/afk+21C+pySGNiupnCNk8=  until 2028-02-01  api.shop.example
CA    X9COh1MV/QLSI0Lx5MrS/QNOqXD9E5yHcoHCO/6W/Tg=  until 2031-06-01  Example Issuing CA
root  J/wzzqc/D2ii4Hd/ar8dJ0rmONoPycNHM0impIrozs4=  until 2040-01-01  Example Root, not sent
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

Sources: Android ``NetworkSecurityTrustManager``, OkHttp ``CertificatePinner.check``, TrustKit
``ssl_pin_verifier.m``: a connection without a matching pin is refused.
"""

from collections.abc import Iterator

from pincheck.model import Context, Problem
from pincheck.model.chains import Verification
from pincheck.registry import rule
from pincheck.rules import _live as live
from pincheck.rules import _wording as wording


@rule(Verification, "error")
def check(verification: Verification, context: Context) -> Iterator[Problem]:
    """Say so if some verdicts are against the pins and none is for them."""
    verdicts = live.judged(verification)
    against = [(look, verdict) for look, verdict in verdicts if verdict.state == "mismatch"]
    if not against or len(against) < len(verdicts) or not live.pins_anything(verification):
        return
    verdict = against[0][1]
    if not verdict.path:  # a pin set that has expired, of which another rule speaks
        return
    certain = all(each.certain for _, each in against)
    yield Problem(
        live.at(verification),
        f"{wording.shown(verification.host)}: none of {live.pins(verification)} is in"
        f" {live.what_serve([each for each, _ in against])} ({live.chain(verdict.path)}):"
        f" {live.effect(verification)} now{_hedge(verification, verdict.reason, certain)}",
        remedy=f"ship the pin of a key that is served, such as {verdict.path[0].spki.base64}, or serve a pinned key",
        hosts=(verification.host,),
        related=live.related(verification),
        severity=live.severity(verification, certain),
        context=verification.first.context,
    )


def _hedge(verification: Verification, reason: str, certain: bool) -> str:
    if not verification.complete:
        return ", unless a pin that cannot be read here matches"
    if verification.first.dynamic:
        return ", unless its service has sent other pins"
    if not certain:
        return f"; less than certain, as {reason or 'how these pins are compared is not known'}"
    return ""
