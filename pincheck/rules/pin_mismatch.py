"""No pin matches what the host serves: users are locked out now.

Each client was asked for its own comparison, with the path that it builds on each of its platform's releases, at
every address and for every kind of key that the host serves. Whatever it would compare, no pin is in it. In a change
that brings such pins it is those who update who are locked out; where it takes away the pin that matched,
``last-matching-pin-removed`` says so instead.

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
from pincheck.model.chains import Certificate, Look, Survey, Verdict, Verification
from pincheck.registry import rule
from pincheck.rules import _live as live
from pincheck.rules._change import Installed

Pair = tuple[Look, Verdict]


@rule(Survey, "error")
def check(survey: Survey, context: Context) -> Iterator[Problem]:
    """Say so for each host of which some verdicts are against the pins and none is for them."""
    refusing = [each for each in survey.verifications if _against(each)]
    installed = Installed(context, [each.host for each in refusing])
    for verification in refusing:
        yield _problem(verification, installed.may_be_refused(verification))


def _against(verification: Verification) -> list[Pair]:
    """What refuses the host, if all does; nothing where another rule speaks."""
    verdicts = live.judged(verification)
    against = [(look, verdict) for look, verdict in verdicts if verdict.state == "mismatch"]
    if not against or len(against) < len(verdicts) or not live.pins_anything(verification):
        return []
    verdict = against[0][1]
    if not verdict.path:  # a pin set that has expired, of which another rule speaks
        return []
    if live.skipped(verification, verdict):  # of which unsupported-key speaks
        return []
    return against


def _problem(verification: Verification, shipped: bool) -> Problem:
    """``shipped`` tells that installed versions may be locked out; else only those to come are."""
    against = _against(verification)
    verdict = against[0][1]
    certain = all(each.certain for _, each in against)
    hedge = live.hedge(verification, [each for _, each in against])
    return live.problem(
        verification,
        f"{_what(verification, against)} ({live.chain(verdict.path)}):{'' if shipped else ' in new versions'}"
        f" {live.effect(verification)}{_where(verification, shipped)}{hedge}",
        remedy=_remedy(verification, verdict, shipped),
        severity=live.severity(verification, certain),
    )


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


def _where(verification: Verification, shipped: bool) -> str:
    """``now``, or where only some addresses could be judged, ``there``."""
    if not verification.first.semantics.enforced:
        return ""
    unseen = any(
        (look.observation.failure and look.observation.failure.kind != "absent") or look.fault
        for look in verification.looks
    )
    return " there" if unseen else " now" if shipped else ""


def _remedy(verification: Verification, verdict: Verdict, shipped: bool) -> str:
    """What to ship instead, in the kind that the client compares, and what to serve."""
    compares, listed = live.lacking(verification, verdict)
    certificate = verdict.path[1] if compares == "issuers" and verdict.path[1:] else verdict.path[0]
    pinned = "the pinned certificate"
    if not listed:
        served = "one of the chain that is served"
    elif all(pin.hashed == "certificate" for pin in listed):
        served = f"the hash of what is served, such as {_whole(verification, certificate)}"
    else:
        pinned, served = "a pinned key", f"the pin of what is served, such as {certificate.spki.base64}"
    if shipped:
        return f"serve {pinned} again, which alone lets installed versions in; then ship {served}"
    return f"ship {served}, or release this only once the host serves {pinned}"


def _whole(verification: Verification, certificate: Certificate) -> str:
    """The hash of a certificate, of the kind that is pinned."""
    from base64 import b64encode
    from hashlib import new

    algorithm = live.keys(verification)[0].algorithm
    digest = new(algorithm, certificate.der, usedforsecurity=False)
    codec = verification.first.semantics.codec
    return digest.hexdigest() if codec.hexadecimal else b64encode(digest.digest()).decode()
