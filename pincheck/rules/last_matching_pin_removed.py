"""A change removes the only pin that matches what a host serves.

The hosts were looked at, and both states held against the same chains: the versions before the change connect, those
that ship with it do not. Whoever updates is locked out.

Bad:

```xml title="before: app/src/main/res/xml/network_security_config.xml"
<!-- before the change -->
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
```xml title="app/src/main/res/xml/network_security_config.xml"
<!-- after the change -->
<network-security-config>
  <domain-config>
    <domain>api.shop.example</domain>
    <pin-set expiration="2027-12-01">
      <pin digest="SHA-256">KSBMvsIuk4V/ZckrDOVKkEoUv/wX4B5Vwf+k6K5RMhk=</pin>
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

Good:

```xml title="before: app/src/main/res/xml/network_security_config.xml"
<!-- before the change -->
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
```xml title="app/src/main/res/xml/network_security_config.xml"
<!-- after the change -->
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

A host that is no longer pinned at all is left to ``pinning-removed``.

Sources: Android ``NetworkSecurityTrustManager``, OkHttp ``CertificatePinner.check``, TrustKit
``ssl_pin_verifier.m``: a connection without a matching pin is refused.
"""

from collections.abc import Iterator, Sequence

from pincheck.model import Context, Pin, Problem, Said
from pincheck.model.chains import Look, Release, Verdict, Verification
from pincheck.model.changes import Change
from pincheck.registry import rule
from pincheck.rules import _change
from pincheck.rules import _live as live
from pincheck.rules import _wording as wording
from pincheck.rules._change import Keys, Pair, Seen, Unknown


@rule(Change, "error")
def check(change: Change, context: Context) -> Iterator[Problem]:
    """Say so for every host that let some client in by pins that are removed, and now does not.

    It speaks in place of ``pin-mismatch``, which does not know which pin to keep.
    """
    if not change.seen_before or not change.seen_after:
        return
    keys, unknown = Keys(change), Unknown(change, context)
    hosts = tuple(dict.fromkeys(each.host for each in change.seen_before.verifications))
    before, after = Seen(change.seen_before), Seen(change.seen_after)
    for pair in _change.pairs(change, context, hosts):
        if pair.after and not unknown.hides(pair):
            for host in pair.hosts:
                was, now = before.of(host, pair.before), after.of(host, pair.after)
                if was and now:
                    yield from _judged(was, now, pair, keys)


def _judged(before: Verification, after: Verification, pair: Pair, keys: Keys) -> Iterator[Problem]:
    kept = keys.meant(pair.after)
    now = {_place(look, verdict): verdict for look, verdict in live.judged(after)}
    lost = [
        (look, verdict, now[_place(look, verdict)])
        for look, verdict in live.judged(before)
        if verdict.state == "match"
        and verdict.pins
        and _place(look, verdict) in now
        and now[_place(look, verdict)].state == "mismatch"
        and not any(keys.same(pin.digest) in kept for pin in verdict.pins)
    ]
    if lost:
        yield _problem(after, pair, lost)


def _place(look: Look, verdict: Verdict) -> tuple[object, str, str, Release]:
    seen = look.observation
    return seen.target, seen.address, seen.offer, verdict.release


def _problem(after: Verification, pair: Pair, lost: Sequence[tuple[Look, Verdict, Verdict]]) -> Problem:
    removed = tuple(dict.fromkeys(pin for _, verdict, _ in lost for pin in verdict.pins))
    refusing = [verdict for _, _, verdict in lost]
    looks = [look for look, _, _ in lost]
    what = "the only pins that match" if removed[1:] else "the only pin that matches"
    other_build = _change.fallback(pair.before, pair.after)
    whole = not any(verdict.state == "match" for _, verdict in live.judged(after))
    return Problem(
        live.at(after),
        f"{wording.shown(after.host)}: this change removes {wording.keys(removed)}, {what} {live.what_serve(looks)}:"
        f" in new versions {live.effect(after)}{'' if whole else ' there'}"
        f"{other_build and f' by the pins{other_build}'}{live.hedge(after, refusing)}",
        remedy="keep it until the host serves a key that another pin of the set is of",
        hosts=(after.host,),
        pin=_written(pair, removed[0]),
        context=after.first.context,
        severity=live.severity(after, not other_build and all(verdict.certain for verdict in refusing)),
        speaks_for=() if other_build else (Said("pin-mismatch", live.at(after), (after.host,)),),
    )


def _written(pair: Pair, removed: Pin) -> str:
    every = (pin for each in pair.before for pin in each.pins if pin.pin == removed)
    return next((wording.written(pin) for pin in every), removed.base64)
