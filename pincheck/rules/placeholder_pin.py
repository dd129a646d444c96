"""A pin is a stand-in that no key has.

It was written to fill a gap, to satisfy a library that asks for two pins, or copied from a manual; or
the command that made it read no key and hashed nothing. It matches no certificate, so it is no backup,
and a set of such pins alone refuses the host.

Bad:

```xml title="app/src/main/res/xml/network_security_config.xml"
<network-security-config>
  <domain-config>
    <domain>api.shop.example</domain>
    <pin-set expiration="2027-03-01">
      <pin digest="SHA-256">C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M=</pin>
      <pin digest="SHA-256">AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=</pin>
    </pin-set>
  </domain-config>
</network-security-config>
```

Good:

```xml title="app/src/main/res/xml/network_security_config.xml"
<network-security-config>
  <domain-config>
    <domain>api.shop.example</domain>
    <pin-set expiration="2027-03-01">
      <pin digest="SHA-256">C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M=</pin>
      <pin digest="SHA-256">r/mIkG3eEpVdm+u/ko/cwxzOMo1bk4TyHIlByibiA5E=</pin>
    </pin-set>
  </domain-config>
</network-security-config>
```

Sources: RFC 7469 §2.4 (a pin is the hash of a key); ``47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=`` is
the SHA-256 of empty input, which `openssl` recipes for RSA print for an EC key.
"""

from collections.abc import Iterator

from pincheck.model import Context, DeclaredPin, PinSet, Problem
from pincheck.registry import rule
from pincheck.rules import _wording as wording


@rule(PinSet, "error")
def check(pin_set: PinSet, context: Context) -> Iterator[Problem]:
    """Say so for each pin that is a placeholder, whatever else is wrong with it."""
    hosts, names = wording.hosts(pin_set), pin_set.host_names
    alone = all(pin.placeholder for pin in pin_set.pins)
    for pin in pin_set.pins:
        if pin.placeholder:
            yield Problem(
                pin.at,
                f"{hosts}, pin {wording.pin_text(pin)}: no real pin ({wording.shown(pin.placeholder)});"
                f" {_effect(pin, pin_set, alone)}",
                remedy="replace it by the pin of a real key, kept as a backup if the host does not use it",
                hosts=names,
                pin=wording.written(pin),
            )


def _effect(pin: DeclaredPin, pin_set: PinSet, alone: bool) -> str:
    if pin.fault:
        return pin.fault.effect
    if pin.pin is None and pin_set.semantics.codec.length_checked:
        return pin_set.semantics.refused_pin
    if alone:
        return "no certificate matches any pin that is written here"
    return "it matches no certificate and is no backup"
