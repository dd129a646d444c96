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
from pincheck.model.chains import Survey
from pincheck.registry import rule
from pincheck.rules import _live as live
from pincheck.rules import _wording as wording


@rule(Survey, "note")
def check(survey: Survey, context: Context) -> Iterator[Problem]:
    """Say so once for each host of which no chain was seen at all."""
    seen = {each.target.host for each in survey.observations if each.served}
    said = set()
    for verification in survey.verifications:
        host = verification.host
        if host in seen or host in said:
            continue
        said.add(host)
        failures = [look.observation for look in verification.looks if look.observation.failure]
        reasons = dict.fromkeys(each.failure.reason for each in failures if each.failure)
        yield Problem(
            live.at(verification),
            f"{wording.shown(host)}: could not be looked at ({'; '.join(list(reasons)[:2])}); whether its pins match"
            " is not known",
            remedy=_remedy({each.failure.kind for each in failures if each.failure}),
            hosts=(host,),
            context=verification.first.context,
        )


def _remedy(kinds: set[str]) -> str:
    if kinds == {"forbidden"}:
        return "if the address is yours to ask, allow it with --allow-address"
    if kinds == {"skipped"}:
        return "raise the bound, or look at fewer hosts in one run"
    return "look from a network that reaches it, or give its address with --connect-to"
