"""The host's certificate is of a provider that changes keys itself and advises against pinning.

Such providers renew, move to another intermediate or to another CA without notice, and every pin of their keys can
stop matching on any day. Where they say which keys may be pinned, pin all of those; where renewals can keep a key of
your own, pin that; else nothing of the chain can be pinned safely.

Bad:

```xml title="app/src/main/res/xml/network_security_config.xml"
<network-security-config>
  <domain-config>
    <domain>api.shop.example</domain>
    <pin-set expiration="2027-12-01">
      <pin digest="SHA-256">X9COh1MV/QLSI0Lx5MrS/QNOqXD9E5yHcoHCO/6W/Tg=</pin>
      <pin digest="SHA-256">2OyeT74JThFn7Wl1Zgi1lZFFV+CWrNw9cetUZjSrWOE=</pin>
    </pin-set>
  </domain-config>
</network-security-config>
```
```text title="api.shop.example at 203.0.113.7 serves"
leaf  4uNsWoOWEDyO2wY4xV4wq/afk+21C+pySGNiupnCNk8=  until 2028-02-01  api.shop.example
CA    X9COh1MV/QLSI0Lx5MrS/QNOqXD9E5yHcoHCO/6W/Tg=  until 2031-06-01  Amazon RSA 2048 M01
root  J/wzzqc/D2ii4Hd/ar8dJ0rmONoPycNHM0impIrozs4=  until 2040-01-01  Example Root, not sent
```

Good:

```xml title="app/src/main/res/xml/network_security_config.xml"
<network-security-config>
  <domain-config>
    <domain>api.shop.example</domain>
    <pin-set expiration="2027-12-01">
      <pin digest="SHA-256">++MBgDH5WGvL9Bcn5Be30cRcL0f5O+NyoXuWtQdX1aI=</pin>
      <pin digest="SHA-256">f0KW/FtqTjs108NpYj42SrGvOB2PpxIVM8nWxjPqJGE=</pin>
      <pin digest="SHA-256">NqvDJlas/GRcYbcWE8S/IceH9cq77kg0jVhZeAPXq8k=</pin>
      <pin digest="SHA-256">9+ze1cZgR9KO1kZrVDxA4HQ6voHRCSVNz4RdTCx4U8U=</pin>
      <pin digest="SHA-256">KwccWaCgrnaw6tsrrSO61FgLacNgG2MMLq8GE6+oP5I=</pin>
    </pin-set>
  </domain-config>
</network-security-config>
```
```text title="api.shop.example at 203.0.113.7 serves"
leaf  4uNsWoOWEDyO2wY4xV4wq/afk+21C+pySGNiupnCNk8=  until 2028-02-01  api.shop.example
CA    X9COh1MV/QLSI0Lx5MrS/QNOqXD9E5yHcoHCO/6W/Tg=  until 2031-06-01  Amazon RSA 2048 M01
root  J/wzzqc/D2ii4Hd/ar8dJ0rmONoPycNHM0impIrozs4=  until 2040-01-01  Example Root, not sent
```

Sources: what each provider states, at the address that the message names. A CA that issues for others too, as the
partners of Cloudflare do, proves nothing and is not taken for the provider.
"""

from collections.abc import Iterator, Sequence

from pincheck import providers
from pincheck.comparison import holds
from pincheck.model import Context, Problem
from pincheck.model.chains import Look, Verification
from pincheck.model.knowledge import Provider
from pincheck.registry import rule
from pincheck.rules import _live as live
from pincheck.rules import _wording as wording


@rule(Verification, "warning")
def check(verification: Verification, context: Context) -> Iterator[Problem]:
    """Say so for each provider whose certificate is served, where the pins hang on keys that are not to be pinned."""
    if not live.pins_anything(verification):
        return
    known = (context.knowledge and context.knowledge.providers) or providers.providers()
    found: dict[Provider, list[Look]] = {}
    for look in verification.looks:
        provider = providers.provider_of(look.chain[0].issuer, known) if look.chain else None
        if provider and (provider.rotates or provider.new_keys) and provider.confidence != "low":
            found.setdefault(provider, []).append(look)
    for provider, looks in found.items():
        if not _is_heeded(verification, provider, looks):
            yield _problem(verification, provider, looks)


def _is_heeded(verification: Verification, provider: Provider, looks: Sequence[Look]) -> bool:
    """Whether all keys are pinned that the provider says may be, or a key that the host may keep."""
    if _may_pin_cas(verification, provider):
        pinned = {pin.base64 for pin in live.keys(verification) if pin.hashed == "spki"}
        if pinned.issuperset(provider.pinnable):
            return True
    if not _may_pin_leaf(verification, provider):
        return False
    return all(any(holds(pin, look.chain[0]) for pin in live.keys(verification)) for look in looks)


def _may_pin_cas(verification: Verification, provider: Provider) -> bool:
    """Whether the client compares the keys of CAs, and the provider lets some be pinned."""
    return bool(provider.pinnable) and verification.first.semantics.compares != "leaf"


def _may_pin_leaf(verification: Verification, provider: Provider) -> bool:
    """Whether the client compares the leaf's key, and renewals may keep it."""
    return not provider.new_keys and verification.first.semantics.compares != "issuers"


def _problem(verification: Verification, provider: Provider, looks: Sequence[Look]) -> Problem:
    hedge = "" if provider.confidence == "high" else ", as a secondary source has it"
    milder = not verification.first.semantics.enforced or verification.first.dynamic
    return live.problem(
        verification,
        f"{live.serve(looks)} a certificate of {provider.name}, which {provider.advice}{hedge}",
        remedy=f"{_remedy(verification, provider)}; see {provider.source} (read {provider.read})",
        severity="note" if milder else None,
    )


def _remedy(verification: Verification, provider: Provider) -> str:
    if _may_pin_cas(verification, provider):
        keys = [f"{pin[: wording.PIN_LENGTH]}…" for pin in provider.pinnable]
        return (
            f"pin all {len(keys)} keys that it lets be pinned ({', '.join(keys)}), or leave the host unpinned"
        )
    if _may_pin_leaf(verification, provider):
        return "pin the host's own key and renew with it, and a spare key, instead of CAs; or leave the host unpinned"
    return (
        "nothing of this chain can be pinned safely: serve a certificate of a key of your own,"
        " or leave the host unpinned and watch the logs of certificate transparency"
    )
