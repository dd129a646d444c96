"""The day is near on which no pin matches any more.

For every pin set pincheck works out the first day on which users are locked out if nobody changes anything: the leaf is
renewed with a new key, the certificate of a pinned CA ends, or the pin set expires in a client that then refuses. The
report always names that day; it is a finding once it is nearer than ``expiry-horizon-days``: an error where it is
certain, else a warning, as where it hangs on whether the host keeps its key or moves to a spare one that is pinned.
State ``reuses-key`` in ``.pincheck.yml`` if you know.

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
leaf  4uNsWoOWEDyO2wY4xV4wq/afk+21C+pySGNiupnCNk8=  until 2026-12-24  api.shop.example
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

or, if renewals keep the key:

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
leaf  4uNsWoOWEDyO2wY4xV4wq/afk+21C+pySGNiupnCNk8=  until 2026-12-24  api.shop.example
CA    X9COh1MV/QLSI0Lx5MrS/QNOqXD9E5yHcoHCO/6W/Tg=  until 2031-06-01  Example Issuing CA
root  J/wzzqc/D2ii4Hd/ar8dJ0rmONoPycNHM0impIrozs4=  until 2040-01-01  Example Root, not sent
```
```yaml title=".pincheck.yml"
version: 1
hosts:
  api.shop.example:
    reuses-key: true
```

Sources: certbot makes a new key at each renewal unless told ``--reuse-key``; RFC 5280 §4.1.2.5.
"""

from collections.abc import Iterator

from pincheck.lockout import EXPIRES, HAS_EXPIRED, LEAF_ENDS, consequence, is_now
from pincheck.model import Context, Problem
from pincheck.model.chains import Lockout, Verification
from pincheck.registry import rule
from pincheck.rules import _live as live


@rule(Verification, "warning")
def check(verification: Verification, context: Context) -> Iterator[Problem]:
    """Say so for a lock-out within the horizon; one that is here, by mismatch or expiry, is said by others."""
    end = verification.lockout
    if end is None or end.day is None or end.then == "open":
        return
    if is_now(end) or end.reason == HAS_EXPIRED:
        return
    days = (end.day - context.today).days
    if days > context.policy.expiry_horizon_days:
        return
    milder = live.severity(verification, end.certain)
    yield live.problem(
        verification,
        f"{_when(days)}, on {end.day}, {consequence(end, verification.first.semantics.client)}",
        remedy=_remedy(end),
        severity=milder or "error",
    )


def _when(days: int) -> str:
    if days == 0:
        return "today"
    count = f"{abs(days)} {'day' if abs(days) == 1 else 'days'}"
    return f"in {count}" if days > 0 else f"{count} ago"


def _remedy(end: Lockout) -> str:
    if end.reason == EXPIRES:
        return "release fresh pins with a later expiration in time for users to update"
    ship = "ship the pin of the next key in time for users to update"
    if end.reason.startswith(LEAF_ENDS):
        return f"{ship}, or renew with the same key and state reuses-key: true in .pincheck.yml"
    return f"{ship}, or move the host to a key that a spare pin is of"
