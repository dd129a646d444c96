"""Nothing shows that the key of a backup pin exists.

A backup pin helps only if somebody still holds its key. A pin that is in no chain the host serves, of no known CA,
and for which ``.pincheck.yml`` names neither a file nor a CA, an offline key, an owner or a date, may be of a key
that was lost years ago, or mistyped: nobody finds out before the day it is needed.

A run that looks at hosts knows which pins are in use, and names each other one. Offline any unknown pin may be the
host's own: it is reported if the configuration calls it a backup, if another pin is known to be the host's, or if
all pins of a list are unknown, as only one of them can be.

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

from pincheck.coverage import nearest
from pincheck.model import Context, DeclaredPin, Problem, Project
from pincheck.model.knowledge import Identity, Knowledge
from pincheck.registry import rule
from pincheck.rules import _identity as identity
from pincheck.rules import _wording as wording
from pincheck.rules._identity import Listed


@rule(Project, "warning")
def check(project: Project, context: Context) -> Iterator[Problem]:
    """Say so once for each list of several keys, at the last pin it is about."""
    knowledge = context.knowledge
    if not knowledge:
        return
    for listed in identity.lists(project):
        if len(listed.pins) < 2 or not listed.enforced:
            continue
        unknown = [pin for pin in listed.pins if pin.pin and knowledge.of(pin.pin).source == "unknown"]
        if not unknown:
            continue
        if _was_seen(listed, knowledge):
            yield _problem(listed, unknown, f"in no chain that was seen, {_OF_NOBODY}")
        else:
            yield from _offline(listed, unknown, knowledge, _roles(listed, context))


_OF_NOBODY = "of no known CA and without evidence"


def _was_seen(listed: Listed, knowledge: Knowledge) -> bool:
    """Whether each host that the list covers by name was seen, so that a pin in no chain is no leaf's."""
    patterns = [host for each in listed.side.pin_sets for host in each.hosts if not host.fault]
    return bool(patterns) and all(
        any(pattern.matches(host) for host in knowledge.seen)
        and (not pattern.apex or pattern.name in knowledge.seen)
        for pattern in patterns
    )


def _offline(
    listed: Listed, unknown: Sequence[DeclaredPin], knowledge: Knowledge, roles: dict[object, str]
) -> Iterator[Problem]:
    """What can be said of pins any of which may be the leaf's."""
    backups = [pin for pin in unknown if roles.get(pin.pin) == "backup"]
    others = [pin for pin in unknown if roles.get(pin.pin) != "current"]
    known = [knowledge.of(pin.pin) for pin in listed.pins if pin.pin]
    if backups:
        yield _problem(listed, backups, f"stated as backup, {_OF_NOBODY}")
    elif others and (len(others) < len(unknown) or any(map(_is_the_hosts, known))):
        yield _problem(listed, others, f"not the pin that is known to be the host's, {_OF_NOBODY}")
    elif len(others) == len(listed.pins):
        yield _problem(listed, others, f"{_OF_NOBODY}; one may be the host's own, and no other is proven")


def _is_the_hosts(who: Identity) -> bool:
    return who.role == "leaf" and who.is_proven


def _roles(listed: Listed, context: Context) -> dict[object, str]:
    """What the configuration says each pin is for, by the nearest pattern for a host of the list."""
    stated = {host.pattern.lower(): host for host in context.policy.hosts if host.pins}
    found: dict[object, str] = {}
    for each in listed.side.pin_sets if stated else ():
        for host in each.hosts:
            if pattern := nearest(host.name, stated):
                found |= {pin.pin: pin.role for pin in stated[pattern].pins}
    return found


def _problem(listed: Listed, pins: Sequence[DeclaredPin], why: str) -> Problem:
    keys = wording.keys(pin.pin for pin in pins if pin.pin)
    last = pins[-1]
    return Problem(
        last.at,
        f"{wording.hosts(listed.first)}: {keys} {'are' if len(pins) > 1 else 'is'} {why}: nothing shows that a key"
        f" is kept to fall back on before {listed.client} refuses every connection",
        remedy="name the CSR, certificate or public key as file: in .pincheck.yml, or its ca, key: offline, owner or"
        " created; replace it if nobody knows the key",
        hosts=listed.first.host_names,
        pin=wording.written(last),
        context=listed.first.context,
    )
