"""The pins match on some releases of the platform only.

Which path a device builds depends on the trust anchors that its release holds: a pin of a root, or of a cross-signed
certificate, may be in the path on new devices and not on old ones. pincheck says which releases refuse; where the
newest one does, that is an error.

Bad:

```xml title="app/src/main/res/xml/network_security_config.xml"
<network-security-config>
  <domain-config>
    <domain>api.shop.example</domain>
    <pin-set expiration="2027-12-01">
      <pin digest="SHA-256">J/wzzqc/D2ii4Hd/ar8dJ0rmONoPycNHM0impIrozs4=</pin>
      <pin digest="SHA-256">2OyeT74JThFn7Wl1Zgi1lZFFV+CWrNw9cetUZjSrWOE=</pin>
    </pin-set>
  </domain-config>
</network-security-config>
```
```text title="api.shop.example at 203.0.113.7 serves"
leaf  4uNsWoOWEDyO2wY4xV4wq/afk+21C+pySGNiupnCNk8=  until 2028-02-01  api.shop.example
CA    X9COh1MV/QLSI0Lx5MrS/QNOqXD9E5yHcoHCO/6W/Tg=  until 2031-06-01  Example Issuing CA
root  J/wzzqc/D2ii4Hd/ar8dJ0rmONoPycNHM0impIrozs4=  until 2040-01-01  Example Root, not sent, trusted from Android 14 on
```

Good:

```xml title="app/src/main/res/xml/network_security_config.xml"
<network-security-config>
  <domain-config>
    <domain>api.shop.example</domain>
    <pin-set expiration="2027-12-01">
      <pin digest="SHA-256">J/wzzqc/D2ii4Hd/ar8dJ0rmONoPycNHM0impIrozs4=</pin>
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

Sources: Conscrypt ``TrustManagerImpl`` prefers an issuer of the device's own store to a certificate that was
sent; which roots each release trusts: ``pincheck/data/README.md``.
"""

from collections.abc import Iterator

from pincheck.model import Context, Problem
from pincheck.model.chains import Look, Verdict, Verification
from pincheck.registry import rule
from pincheck.rules import _live as live


@rule(Verification, "warning")
def check(verification: Verification, context: Context) -> Iterator[Problem]:
    """Say so for the first look at which some releases connect, and others find no pin or trust no root."""
    if not live.pins_anything(verification):
        return
    for state in ("mismatch", "refused"):
        for look in sorted(verification.looks, key=lambda look: live.is_rare(verification, look)):
            failing = [each for each in look.verdicts if each.state == state]
            if failing and any(each.state == "match" for each in look.verdicts):
                yield _problem(verification, look, failing)
                break


def _problem(verification: Verification, look: Look, failing: list[Verdict]) -> Problem:
    known = [verdict.release for verdict in look.verdicts]
    which = live.releases([verdict.release for verdict in failing], known)
    last = failing[-1]
    by_pins = last.state == "mismatch"
    why = f"no pin is in the path built there: {live.chain(last.path)}" if by_pins else last.reason
    client = verification.first.semantics.client
    effect = live.effect(verification) if by_pins else f"{client} refuses every connection"
    hedge = live.hedge(verification, failing) if by_pins else ""
    milder = live.severity(verification, last.certain) if by_pins else None
    return live.problem(
        verification,
        f"what {live.place(look)} serves is accepted by some releases only;"
        f" {effect} on {which} ({why}){hedge}",
        remedy="pin a key that is in the path on every release, such as the leaf's or the issuing CA's"
        if by_pins
        else "serve a chain that these releases trust, or raise the app's minimum version",
        severity=milder or ("error" if by_pins and _newest(look, failing) else None),
    )


def _newest(look: Look, failing: list[Verdict]) -> bool:
    """Whether the newest release of some platform is among those that refuse."""
    newest = {verdict.release.platform: verdict.release for verdict in look.verdicts}
    return any(verdict.release in newest.values() for verdict in failing)
