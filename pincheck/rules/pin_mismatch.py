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

from pincheck.comparison import holds
from pincheck.model import Context, Problem
from pincheck.model.chains import Certificate, Look, Verdict, Verification
from pincheck.registry import rule
from pincheck.rules import _live as live

Pair = tuple[Look, Verdict]


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
    if live.skipped(verification, verdict):  # of which unsupported-key speaks
        return
    certain = all(each.certain for _, each in against)
    hedge = live.hedge(verification, [each for _, each in against])
    yield live.problem(
        verification,
        f"{_what(verification, against)} ({live.chain(verdict.path)}):"
        f" {live.effect(verification)}{_where(verification)}{hedge}",
        remedy=_remedy(verification, verdict),
        severity=live.severity(verification, certain),
    )


_ALONE = "which alone lets installed versions in"


def _what(verification: Verification, against: list[Pair]) -> str:
    """Which pins are not met in what: ``none of its 2 pins (…) is in what 203.0.113.7 serves``."""
    look, verdict = against[0]
    looks = [each for each, _ in against]
    compares, listed = live.lacking(verification, verdict)
    if not listed and verification.first.semantics.files == "anchors":
        return f"{live.what_serve(looks)} leads to none of its pinned certificate files"
    served = live.what_serve(looks)
    elsewhere = any(holds(pin, each) for pin in listed for each in (*look.chain, *verdict.path))
    if compares == "served":
        where = f"in {served}"
    elif not elsewhere:
        where = f"in the path built from {served}"
    elif compares == "leaf":
        where = f"the leaf's in {served}, and nothing else is compared"
    elif compares == "issuers":
        where = f"a CA's in {served}, and the leaf is not compared with these"
    else:
        where = f"in the path built from {served}, though one is sent"
    if len(listed) == 1:
        return f"{live.pins(verification, listed)} is not {where}"
    return f"none of {live.pins(verification, listed)} is {where}"


def _where(verification: Verification) -> str:
    """``now``, or where only some addresses could be judged, ``there``."""
    if not verification.first.semantics.enforced:
        return ""
    unseen = any(
        (look.observation.failure and look.observation.failure.kind != "absent") or look.fault
        for look in verification.looks
    )
    return " there" if unseen else " now"


def _remedy(verification: Verification, verdict: Verdict) -> str:
    """What to ship instead, in the kind that the client compares."""
    compares, listed = live.lacking(verification, verdict)
    if not listed:
        return f"serve the pinned certificate again, {_ALONE}; then ship one of the chain that is served"
    certificate = verdict.path[1] if compares == "issuers" and verdict.path[1:] else verdict.path[0]
    if all(pin.hashed == "certificate" for pin in listed):
        return (
            f"serve the pinned certificate again, {_ALONE}; then ship the hash of what is served, such as"
            f" {_whole(verification, certificate)}"
        )
    return (
        f"serve a pinned key again, {_ALONE}; then ship the pin of what is served, such as"
        f" {certificate.spki.base64}"
    )


def _whole(verification: Verification, certificate: Certificate) -> str:
    """The hash of a certificate, of the kind that is pinned."""
    from base64 import b64encode
    from hashlib import new

    algorithm = live.keys(verification)[0].algorithm
    digest = new(algorithm, certificate.der, usedforsecurity=False)
    codec = verification.first.semantics.codec
    return digest.hexdigest() if codec.hexadecimal else b64encode(digest.digest()).decode()
