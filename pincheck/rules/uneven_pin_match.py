"""The pins match at some addresses or for some kinds of key only.

A host behind several addresses, or with an RSA and an ECDSA certificate, serves one user this chain and another that.
Whoever meets the other is locked out, and the next attempt may work: hard to reproduce, easy to see from here. Phones
offer both kinds of key; what only a client gets that is held to one of them is a warning.

Each address is asked with the offer of a phone, then by TLS 1.2 with the suites of RSA and of ECDSA alone. Python
cannot narrow the signature algorithms of TLS 1.3, so a certificate that only those would bring out is not seen.

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
leaf  4uNsWoOWEDyO2wY4xV4wq/afk+21C+pySGNiupnCNk8=  until 2028-02-01  api.shop.example
CA    X9COh1MV/QLSI0Lx5MrS/QNOqXD9E5yHcoHCO/6W/Tg=  until 2031-06-01  Example Issuing CA
root  J/wzzqc/D2ii4Hd/ar8dJ0rmONoPycNHM0impIrozs4=  until 2040-01-01  Example Root, not sent
```
```text title="api.shop.example at 203.0.113.8 serves"
leaf  KSBMvsIuk4V/ZckrDOVKkEoUv/wX4B5Vwf+k6K5RMhk=  until 2028-02-01  api.shop.example
CA    pafH2VM9sls/SRGSf2ShEvSTa9bb9FLMq7F7r7/Imgs=  until 2031-06-01  Example Issuing CA 2
root  J/wzzqc/D2ii4Hd/ar8dJ0rmONoPycNHM0impIrozs4=  until 2040-01-01  Example Root, not sent
```

Good:

```xml title="app/src/main/res/xml/network_security_config.xml"
<network-security-config>
  <domain-config>
    <domain>api.shop.example</domain>
    <pin-set expiration="2027-12-01">
      <pin digest="SHA-256">4uNsWoOWEDyO2wY4xV4wq/afk+21C+pySGNiupnCNk8=</pin>
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
```text title="api.shop.example at 203.0.113.8 serves"
leaf  KSBMvsIuk4V/ZckrDOVKkEoUv/wX4B5Vwf+k6K5RMhk=  until 2028-02-01  api.shop.example
CA    pafH2VM9sls/SRGSf2ShEvSTa9bb9FLMq7F7r7/Imgs=  until 2031-06-01  Example Issuing CA 2
root  J/wzzqc/D2ii4Hd/ar8dJ0rmONoPycNHM0impIrozs4=  until 2040-01-01  Example Root, not sent
```

Sources: RFC 8446 §4.4.2.2 (the server picks a certificate by what the client offers); each client
compares the one it got.
"""

from collections.abc import Iterator

from pincheck.model import Context, Problem
from pincheck.model.chains import Look, Release, Verdict, Verification
from pincheck.registry import rule
from pincheck.rules import _live as live

Pair = tuple[Look, Verdict]


@rule(Verification, "error")
def check(verification: Verification, context: Context) -> Iterator[Problem]:
    """Say so for the latest release that connects here and is refused there."""
    for release in reversed(live.looked_at(verification)):
        here, there = _split(verification, release)
        if here and there:
            yield _problem(verification, here, there)
            return


def _split(verification: Verification, release: Release) -> tuple[list[Pair], list[Pair]]:
    """What a release connects to, and where it refuses because of the pins."""
    pairs = [pair for pair in live.judged(verification) if pair[1].release == release]
    here = [pair for pair in pairs if pair[1].state == "match"]
    return here, [pair for pair in pairs if pair[1].state == "mismatch" and not _by_release(pair[0])]


def _by_release(look: Look) -> bool:
    """Whether the release decides there, of which device-dependent-match speaks."""
    return any(verdict.state == "match" for verdict in look.verdicts)


def _problem(verification: Verification, here: list[Pair], there: list[Pair]) -> Problem:
    usual = [pair for pair in there if not live.is_rare(verification, pair[0])]
    rare, there = not usual, usual or there
    certain = not rare and all(verdict.certain for _, verdict in there)
    path = there[0][1].path
    return live.problem(
        verification,
        f"{live.pins(verification)} {_match(verification)}"
        f" {live.what_serve([look for look, _ in here])}, but not {live.what_serve([look for look, _ in there])}"
        f" ({live.chain(path)}): {live.effect(verification)} there"
        + (_who(there[0][0]) if rare else live.hedge(verification, [verdict for _, verdict in there])),
        remedy=f"ship a pin of that chain too, such as {path[0].spki.base64}, or serve one chain everywhere",
        severity=live.severity(verification, certain),
    )


def _match(verification: Verification) -> str:
    return "matches" if len(live.keys(verification)) == 1 else "match"


def _who(look: Look) -> str:
    """Who meets a deployment that the default offer does not get, a clause."""
    kind = "RSA" if look.observation.offer == "rsa" else "ECDSA"
    return f"; phones offer both kinds of key and get the first, so only a client held to {kind} is refused"
