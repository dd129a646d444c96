"""A certificate was issued for the host whose key and CA no pin matches.

Public CAs log every certificate before or as they hand it out, so the logs show it before the host serves it: there is
time to ship its pin, or to have it reissued from a pinned key or CA. A certificate that is served now, one that is
revoked or has ended, and one older than what is served is no news. Where only a root is pinned and the new
certificate's CA may chain to it, nothing is said. The logs are asked with ``--ct`` only.

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
```text title="public logs"
2026-11-20 to 2027-02-18  KSBMvsIuk4V/ZckrDOVKkEoUv/wX4B5Vwf+k6K5RMhk=  api.shop.example
  by X9COh1MV/QLSI0Lx5MrS/QNOqXD9E5yHcoHCO/6W/Tg=  CN=Example Issuing CA,O=Example Trust
```

Good:

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
leaf  4uNsWoOWEDyO2wY4xV4wq/afk+21C+pySGNiupnCNk8=  until 2026-12-24  api.shop.example
CA    X9COh1MV/QLSI0Lx5MrS/QNOqXD9E5yHcoHCO/6W/Tg=  until 2031-06-01  Example Issuing CA
root  J/wzzqc/D2ii4Hd/ar8dJ0rmONoPycNHM0impIrozs4=  until 2040-01-01  Example Root, not sent
```
```text title="public logs"
2026-11-20 to 2027-02-18  KSBMvsIuk4V/ZckrDOVKkEoUv/wX4B5Vwf+k6K5RMhk=  api.shop.example
  by X9COh1MV/QLSI0Lx5MrS/QNOqXD9E5yHcoHCO/6W/Tg=  CN=Example Issuing CA,O=Example Trust
```

Sources: RFC 9162 §1 (what logs are for); Chrome's and Apple's policies, by which a certificate has to be logged to be
taken.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Literal

from pincheck.comparison import compared, holds, pins_by_list
from pincheck.ct.names import covering
from pincheck.model import Context, Pin, PinSet, Problem
from pincheck.model.chains import Certificate, Verification, common_name
from pincheck.model.knowledge import Issuance, Knowledge
from pincheck.registry import rule
from pincheck.rules import _live as live
from pincheck.rules import _wording as wording

Fit = Literal["yes", "no", "unlikely"]
"""Whether a pin is of a certificate's key or CA: yes or perhaps, no, or not as far as is known."""


@rule(Verification, "warning")
def check(verification: Verification, context: Context) -> Iterator[Problem]:
    """Say so once for each CA that issued such certificates, of the newest."""
    known = context.knowledge
    current = _current(verification.pin_sets, context.today)
    if not known or not known.issuances or not current or not live.pins_anything(verification):
        return
    served = _served(verification)
    issuances = (each for each in known.issuances if covering([each.host], verification.host))
    fits: dict[str, list[tuple[Issuance, Fit]]] = {}
    for issuance in _news(issuances, served, context.today):
        fit = _fit(current, issuance, verification, known)
        if fit != "yes":
            fits.setdefault(issuance.issuer, []).append((issuance, fit))
    for found in fits.values():
        newest, fit = max(found, key=lambda each: each[0].not_before)
        yield _problem(verification, newest, fit, len(found), served, context.today)


def _problem(
    verification: Verification,
    issuance: Issuance,
    fit: Fit,
    number: int,
    served: Sequence[Certificate],
    today: date,
) -> Problem:
    who = wording.shown(common_name(issuance.issuer))
    several = f" (and {number - 1} more by it)" if number > 1 else ""
    doubt = ", unless a pinned CA is above that CA" if fit == "unlikely" else ""
    what = f"{who} issued a certificate on {issuance.not_before}{several} that {_unmet(verification)}{doubt}"
    return live.problem(
        verification,
        f"{what}: once it is served, {live.effect(verification)}; {_when(issuance, served, today)}",
        remedy=f"ship the pin {issuance.spki.base64} first, or have it reissued from a pinned key or CA;"
        " if you did not order it, ask that CA to revoke it",
        severity=live.severity(verification, fit == "no"),
    )


def _unmet(verification: Verification) -> str:
    pins = live.pins(verification)
    return f"none of {pins} matches" if len(live.keys(verification)) > 1 else f"{pins} does not match"


def _when(issuance: Issuance, served: Sequence[Certificate], today: date) -> str:
    """How long there is, as far as is known."""
    if not served:
        return f"whether it is served now is not known; it ends on {issuance.not_after}"
    end = min(each.not_after.date() for each in served)
    days = (end - today).days
    if days < 0:
        return f"what is served now has ended, on {end}"
    return f"what is served now ends {_in(days)}, on {end}"


def _in(days: int) -> str:
    return "today" if days == 0 else f"in {days} {'day' if days == 1 else 'days'}"


def _news(issuances: Iterable[Issuance], served: Sequence[Certificate], today: date) -> Iterator[Issuance]:
    """The certificates that may be deployed, each once."""
    seen = set()
    for each in issuances:
        identity = (each.spki, each.not_before, each.not_after)
        if identity in seen or each.revoked or each.not_after < today or _is_past(each, served):
            continue
        seen.add(identity)
        yield each


def _is_past(issuance: Issuance, served: Sequence[Certificate]) -> bool:
    """Whether a certificate is served, or a later one from the same CA is, or only later ones are."""
    starts = [each.not_before.date() for each in served]
    same = [
        each.not_before.date() for each in served if common_name(each.issuer) == common_name(issuance.issuer)
    ]
    return bool(starts) and (
        issuance.not_before <= min(starts) or issuance.not_before <= max(same, default=date.min)
    )


def _served(verification: Verification) -> tuple[Certificate, ...]:
    """The leaf certificates that the host serves now, each once; what a proxy shows in its place is none."""
    looks = (look for look in verification.looks if look.chain and look.fault != "private")
    return tuple(dict.fromkeys(look.chain[0] for look in looks))


def _current(pin_sets: Iterable[PinSet], today: date) -> tuple[PinSet, ...]:
    """The pin sets that have not expired; what those do is said by other rules."""
    return tuple(
        each
        for each in pin_sets
        if each.semantics.expiry == "none"
        or not (each.expires and each.expires.day and each.expires.day <= today)
    )


# whether pins match --------------------------------------------------------------


def _fit(pin_sets: Sequence[PinSet], issuance: Issuance, verification: Verification, known: Knowledge) -> Fit:
    """How the pins fit: each list of pins has to hold one that matches."""
    if any(each.files for each in pin_sets):
        return "yes"  # whole certificates and anchors in files: a logged key says nothing of them
    fits: list[Fit] = []
    for compares, pins in pins_by_list(pin_sets).items():
        own = [_fit_of(pin, compares, issuance, verification, known) for pin in pins]
        fits += ["yes" if "yes" in own else "unlikely" if "unlikely" in own else "no"] if own else []
    return "no" if "no" in fits else "unlikely" if "unlikely" in fits else "yes"


def _fit_of(pin: Pin, compares: str, issuance: Issuance, verification: Verification, known: Knowledge) -> Fit:
    if pin.hashed != "spki" or pin.algorithm != "sha256":
        return "yes"  # a search tells neither the whole certificate nor other digests
    if pin == issuance.spki and compares != "issuers":
        return "yes"
    if compares == "leaf":
        return "no"
    if pin == issuance.issuer_spki:
        return "yes"
    return _fit_above(pin, issuance, verification, known)


def _fit_above(pin: Pin, issuance: Issuance, verification: Verification, known: Knowledge) -> Fit:
    """Whether a pin is of a CA at or above the one that issued.

    Where it is a CA's and what is above the issuer is not known, a root's may be, an intermediate's hardly. Families
    are compared only where the table tells both: searches call operators by other names.
    """
    paths = [verdict.path for look in verification.looks for verdict in look.verdicts if verdict.path]
    above = [each for path in paths for each in _from_issuer(compared(path, "issuers"), issuance)]
    if any(holds(pin, each) for each in above):
        return "yes"
    identity = known.of(pin)
    role = identity.role or _role(pin, paths)
    issuer = known.of(issuance.issuer_spki).ca if issuance.issuer_spki else None
    if role in ("leaf", "key") or (identity.ca and issuer and not identity.ca.family & issuer.family):
        return "no"
    if role == "root":
        return "yes"
    if role == "intermediate":
        return "unlikely"
    return "no" if known.table_day or above else "unlikely"


def _from_issuer(path: Sequence[Certificate], issuance: Issuance) -> Sequence[Certificate]:
    """The part of a path from the CA that issued on; by name where its key is not told."""
    for index, each in enumerate(path):
        by_name = not issuance.issuer_spki and each.name == common_name(issuance.issuer)
        if each.spki == issuance.issuer_spki or by_name:
            return path[index:]
    return ()


def _role(pin: Pin, paths: Iterable[Sequence[Certificate]]) -> str:
    """What a pin is of in the paths that are seen; empty if it is of nothing there."""
    for path in paths:
        for index, each in enumerate(path):
            if holds(pin, each):
                return "leaf" if index == 0 else "root" if index == len(path) - 1 else "intermediate"
    return ""
