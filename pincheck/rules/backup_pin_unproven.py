"""Nothing shows that the key of a backup pin exists.

A backup pin helps only if somebody still holds its key. A pin that is in no chain the host serves, of no known CA,
and for which ``.pincheck.yml`` names neither a file nor a CA, an offline key, an owner or a date, may be of a key
that was lost years ago, or mistyped: nobody finds out before the day it is needed.

A run that looks at hosts knows which pins are in use, and names each other one. Offline any unknown pin may be the
host's own: it is reported if the configuration calls it a backup, if another pin is known to be the host's, or if
all pins of a list are unknown, as hardly more than one of them can be. Where no pin matches what is served, that is
said by ``pin-mismatch`` alone.

Bad:

```xml title="app/src/main/res/xml/network_security_config.xml"
<network-security-config>
  <domain-config>
    <domain>api.shop.example</domain>
    <pin-set expiration="2027-03-01">
      <pin digest="SHA-256">4uNsWoOWEDyO2wY4xV4wq/afk+21C+pySGNiupnCNk8=</pin>
      <pin digest="SHA-256">Y3auZNyaWAH5pgBJHfVTDQpBRb3ufGtRRVz+bNg5ymo=</pin>
    </pin-set>
  </domain-config>
</network-security-config>
```
```text title="api.shop.example at 203.0.113.7 serves"
leaf  4uNsWoOWEDyO2wY4xV4wq/afk+21C+pySGNiupnCNk8=  until 2028-02-01  api.shop.example
CA    X9COh1MV/QLSI0Lx5MrS/QNOqXD9E5yHcoHCO/6W/Tg=  until 2031-06-01  Example Issuing CA
root  J/wzzqc/D2ii4Hd/ar8dJ0rmONoPycNHM0impIrozs4=  until 2040-01-01  Example Root, not sent
```

Offline, where every pin is unknown:

```xml title="app/src/main/res/xml/network_security_config.xml"
<network-security-config>
  <domain-config>
    <domain>api.shop.example</domain>
    <pin-set expiration="2027-03-01">
      <pin digest="SHA-256">4uNsWoOWEDyO2wY4xV4wq/afk+21C+pySGNiupnCNk8=</pin>
      <pin digest="SHA-256">Y3auZNyaWAH5pgBJHfVTDQpBRb3ufGtRRVz+bNg5ymo=</pin>
    </pin-set>
  </domain-config>
</network-security-config>
```

Good:

```yaml title=".pincheck.yml"
version: 1
hosts:
  api.shop.example:
    pins:
      - pin: 4uNsWoOWEDyO2wY4xV4wq/afk+21C+pySGNiupnCNk8=
        role: current
      - pin: Y3auZNyaWAH5pgBJHfVTDQpBRb3ufGtRRVz+bNg5ymo=
        role: backup
        key: offline
        owner: platform team
        created: 2026-02-01
```
```xml title="app/src/main/res/xml/network_security_config.xml"
<network-security-config>
  <domain-config>
    <domain>api.shop.example</domain>
    <pin-set expiration="2027-03-01">
      <pin digest="SHA-256">4uNsWoOWEDyO2wY4xV4wq/afk+21C+pySGNiupnCNk8=</pin>
      <pin digest="SHA-256">Y3auZNyaWAH5pgBJHfVTDQpBRb3ufGtRRVz+bNg5ymo=</pin>
    </pin-set>
  </domain-config>
</network-security-config>
```

Sources: RFC 7469 §4.3 (the backup key is to be kept safe offline, and to be usable).
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pincheck.coverage import nearest
from pincheck.model import Context, DeclaredPin, Pin, Problem, Project, Severity
from pincheck.model.knowledge import Identity, Knowledge
from pincheck.registry import rule
from pincheck.rules import _identity as identity
from pincheck.rules import _wording as wording
from pincheck.rules._identity import Listed

MAX_RELATED = 20


@rule(Project, "warning")
def check(project: Project, context: Context) -> Iterator[Problem]:
    """Say so once for the same pins, wherever they are declared, at the last of them."""
    knowledge = context.knowledge
    if not knowledge:
        return
    said: dict[tuple[str, frozenset[Pin | None]], list[_Unproven]] = {}
    for listed in identity.lists(project):
        unknown = [pin for pin in listed.pins if pin.pin and knowledge.of(pin.pin).source == "unknown"]
        if unknown and len(listed.pins) > 1 and listed.enforced:
            found = _of(listed, unknown, knowledge, context)
            if found:
                said.setdefault((found.why, frozenset(pin.pin for pin in found.pins)), []).append(found)
    for alike in said.values():
        yield _problem(sorted(alike, key=lambda each: each.listed.first.context != "production"))


class _Unproven(NamedTuple):
    """Pins of a list that nothing proves."""

    listed: Listed
    pins: Sequence[DeclaredPin]
    why: str
    severity: Severity | None = None
    """Milder where nobody has looked, and any of the pins may be the one that is served."""


_OF_NOBODY = "of no known CA and without evidence"


def _of(
    listed: Listed, unknown: Sequence[DeclaredPin], knowledge: Knowledge, context: Context
) -> _Unproven | None:
    served = _served(listed, knowledge)
    if served is None:
        return _offline(listed, unknown, knowledge, _roles(listed, context))
    if served.isdisjoint(pin.pin for pin in listed.pins):
        return None
    return _Unproven(listed, unknown, f"in no chain that was seen, {_OF_NOBODY}")


def _served(listed: Listed, knowledge: Knowledge) -> frozenset[Pin] | None:
    """The keys that the hosts of a list serve; None unless each that it covers by name was seen."""
    patterns = [host for each in listed.pin_sets for host in each.hosts if not host.fault]
    seen = [[host for host in knowledge.seen if pattern.matches(host)] for pattern in patterns]
    whole = all(
        hosts and (not pattern.apex or pattern.name in hosts)
        for pattern, hosts in zip(patterns, seen, strict=True)
    )
    if not patterns or not whole:
        return None
    return frozenset[Pin]().union(*(knowledge.seen[host] for hosts in seen for host in hosts))


def _offline(
    listed: Listed, unknown: Sequence[DeclaredPin], knowledge: Knowledge, roles: dict[object, str]
) -> _Unproven | None:
    """What can be said of pins any of which may be the leaf's."""
    backups = [pin for pin in unknown if roles.get(pin.pin) == "backup"]
    others = [pin for pin in unknown if roles.get(pin.pin) != "current"]
    known = [knowledge.of(pin.pin) for pin in listed.pins if pin.pin]
    if backups:
        return _Unproven(listed, backups, f"stated as backup, {_OF_NOBODY}")
    if others and (len(others) < len(unknown) or any(map(_is_the_hosts, known))):
        return _Unproven(listed, others, f"not the pin that is known to be the host's, {_OF_NOBODY}")
    if len(others) == len(listed.pins):
        why = f"{_OF_NOBODY}; one may be the host's own, and no other is proven"
        return _Unproven(listed, others, why, "note")
    return None


def _is_the_hosts(who: Identity) -> bool:
    return who.role == "leaf" and who.is_proven


def _roles(listed: Listed, context: Context) -> dict[object, str]:
    """What the configuration says each pin is for, by the nearest pattern for a host of the list."""
    stated = {host.pattern.lower(): host for host in context.policy.hosts if host.pins}
    found: dict[object, str] = {}
    for each in listed.pin_sets if stated else ():
        for host in each.hosts:
            if pattern := nearest(host.name, stated):
                found |= {pin.pin: pin.role for pin in stated[pattern].pins}
    return found


def _problem(alike: Sequence[_Unproven]) -> Problem:
    first = alike[0]
    hosts = tuple(dict.fromkeys(host for each in alike for host in each.listed.hosts))
    number, last = len(first.pins), first.pins[-1]
    clients = " or ".join(dict.fromkeys(each.listed.client for each in alike[:3]))
    return Problem(
        last.at,
        f"{wording.named(hosts)}: {wording.keys(pin.pin for pin in first.pins if pin.pin)}"
        f" {'are' if number > 1 else 'is'} {first.why}: nothing shows that a key is kept to fall back on before"
        f" {clients} refuses every connection",
        remedy="name the CSR, certificate or public key as file: in .pincheck.yml, or its ca, key: offline, owner or"
        " created; replace it if nobody knows the key",
        hosts=hosts,
        pin=wording.written(last),
        related=tuple((each.pins[-1].at, "declared here too") for each in alike[1:MAX_RELATED]),
        context=first.listed.first.context,
        severity=first.severity,
    )
