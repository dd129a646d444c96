"""Clients refuse the certificate that the host serves, whatever the pins say.

It has expired, is for another name, is signed with what nobody accepts any more, or ends in a trust anchor that no
release of the platform holds. Until that is mended, pins can be neither right nor wrong.

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
leaf  4uNsWoOWEDyO2wY4xV4wq/afk+21C+pySGNiupnCNk8=  until 2026-11-20  api.shop.example
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

Sources: RFC 5280 §6 (path validation); RFC 9525 (names).
"""

from collections.abc import Iterator

from pincheck.comparison import NOT_ITS_OWN
from pincheck.model import Context, Problem, Severity
from pincheck.model.chains import Look, Survey, Verification
from pincheck.registry import rule
from pincheck.rules import _live as live

_SAID_ELSEWHERE = ("private", "incomplete")
_NOT_KNOWN = ("given-up",)


@rule(Survey, "error")
def check(survey: Survey, context: Context) -> Iterator[Problem]:
    """Say so once for each host; that no recorded store holds a trust anchor is less than certain."""
    faulty = list(live.by_host(survey, _is_faulty))
    for verification, looks in faulty:
        rare = all(live.is_rare(verification, look) for look in looks)
        who = "a client that is held to this kind of key" if rare else "every client"
        what = f"the certificate at {live.places(looks)} is not valid: {looks[0].reason}; {who} refuses it"
        yield _problem(verification, what, "warning" if rare else None)
    said = {verification.host for verification, _ in faulty}
    for verification, looks in live.by_host(survey, _untrusted):
        if verification.host not in said:
            verdicts = looks[0].verdicts
            known = [verdict.release for verdict in verdicts]
            which = live.releases(known, known)
            what = f"{which} refuses the certificate at {live.places(looks)} ({verdicts[-1].reason})"
            certain = all(verdict.reason == NOT_ITS_OWN for verdict in verdicts)
            yield _problem(verification, what, None if certain else "warning")


def _is_faulty(look: Look) -> bool:
    return bool(look.fault) and look.fault not in (*_SAID_ELSEWHERE, *_NOT_KNOWN)


def _untrusted(look: Look) -> bool:
    """Whether there is a path, but no release of the client's platform trusts where it ends."""
    return bool(look.verdicts) and not look.fault and all(each.state == "refused" for each in look.verdicts)


def _problem(verification: Verification, what: str, severity: Severity | None) -> Problem:
    return live.problem(
        verification,
        f"{what}, whatever the pins say",
        remedy="let the host serve a valid certificate for this name, of a CA that the app trusts",
        severity=severity,
    )
