"""A pinned host could not be looked at.

Its name did not resolve, its addresses are not to be asked, or nothing there spoke TLS. That is neither a match nor a
mismatch: nothing is known about these pins. ``--fail-on-unchecked`` turns it into exit code 1.

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
```text title="api.shop.example at 203.0.113.7 fails"
nothing answered within 10 s
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

Sources: a check that could not be made is reported as such (``SECURITY.md``).
"""

from collections.abc import Iterator

from pincheck.model import Context, Problem
from pincheck.model.chains import Failure, Survey, Verification
from pincheck.registry import rule
from pincheck.rules import _live as live
from pincheck.rules import _wording as wording

FEW = 3
"""More hosts that failed for the same reason are one finding, or a run without a network would be a flood."""


@rule(Survey, "note")
def check(survey: Survey, context: Context) -> Iterator[Problem]:
    """Say so for each host of which no chain was seen, and once for many with one reason.

    Hosts that were left out (bounds, an interruption, a recording without them) are *not checked*, no finding.
    """
    groups: dict[tuple[Failure, ...], dict[str, Verification]] = {}
    for host, verification in _unseen(survey).items():
        groups.setdefault(_failures(verification), {})[host] = verification
    for failures, hosts in groups.items():
        if failures[0].kind == "skipped":
            continue
        alone = [[host] for host in hosts] if len(hosts) <= FEW else [list(hosts)]
        for names in alone:
            yield _problem(hosts[names[0]], names, failures)


def _unseen(survey: Survey) -> dict[str, Verification]:
    """The hosts of which no chain was seen, each with the first configuration that covers it."""
    seen = {each.target.host for each in survey.observations if each.served}
    found: dict[str, Verification] = {}
    for each in survey.verifications:
        if each.host not in seen:
            found.setdefault(each.host, each)
    return found


def _failures(verification: Verification) -> tuple[Failure, ...]:
    """What was met at its addresses, each kind once."""
    failures = (look.observation.failure for look in verification.looks)
    return tuple(dict.fromkeys(each for each in failures if each))


def _problem(verification: Verification, hosts: list[str], failures: tuple[Failure, ...]) -> Problem:
    reasons = "; ".join(list(dict.fromkeys(each.reason for each in failures))[:2])
    return Problem(
        live.at(verification),
        f"{wording.named(hosts)}: could not be looked at ({reasons}); whether the pins match is not known",
        remedy=_remedy({each.kind for each in failures}),
        hosts=tuple(hosts),
        context=verification.first.context,
    )


def _remedy(kinds: set[str]) -> str:
    if kinds == {"forbidden"}:
        return "if the address is yours to ask, allow it with --allow-address"
    if kinds == {"handshake"}:
        return "see with another client what answers there, and whether it is the host that the app talks to"
    return "look from a network that reaches it, or give its address with --connect-to"
