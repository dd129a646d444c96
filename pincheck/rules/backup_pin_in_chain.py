"""Every pin is in the chain that the host serves now: there is no backup.

A backup pin is of a key that the host does not use yet (RFC 7469 §4.3). Pins of the leaf and of its CA fall together on
the day the host moves to another CA, by choice or because that CA is distrusted.

Bad:

```xml title="app/src/main/res/xml/network_security_config.xml"
<network-security-config>
  <domain-config>
    <domain>api.shop.example</domain>
    <pin-set expiration="2027-12-01">
      <pin digest="SHA-256">4uNsWoOWEDyO2wY4xV4wq/afk+21C+pySGNiupnCNk8=</pin>
      <pin digest="SHA-256">X9COh1MV/QLSI0Lx5MrS/QNOqXD9E5yHcoHCO/6W/Tg=</pin>
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

Sources: RFC 7469 §2.5 and §4.3.
"""

from collections.abc import Iterable, Iterator
from functools import partial

from pincheck.comparison import holds, pins_by_list
from pincheck.model import Context, Pin, Problem
from pincheck.model.chains import Certificate, Verification
from pincheck.registry import rule
from pincheck.rules import _live as live


@rule(Verification, "warning")
def check(verification: Verification, context: Context) -> Iterator[Problem]:
    """Say so if there are several keys in a list of pins, and each is in some path that was seen."""
    matching = [
        verdict for _, verdict in live.judged(verification) if verdict.state == "match" and verdict.path
    ]
    served = {certificate for verdict in matching for certificate in verdict.path}
    if not verification.complete or _changes(verification):
        return
    lists = (listed for listed in pins_by_list(verification.pin_sets).values() if len(listed) > 1)
    keys = next((listed for listed in lists if all(map(partial(_is_in, served), listed))), ())
    if not keys:
        return
    yield live.problem(
        verification,
        f"{live.pins(verification, keys)} are all in what it serves now, so none"
        f" is a backup: once it moves to a new key of another CA, {live.effect(verification)}",
        remedy="add the pin of a spare key kept offline, which another CA would certify",
        severity="note" if live.severity(verification) == "note" else None,
    )


def _is_in(served: Iterable[Certificate], key: Pin) -> bool:
    return any(holds(key, each) for each in served)


def _changes(verification: Verification) -> bool:
    """Whether pins may come from elsewhere, or are of certificates, where no spare one could be pinned."""
    certificates = all(pin.hashed == "certificate" for pin in live.keys(verification))
    return certificates or any(each.dynamic or each.files for each in verification.pin_sets)
