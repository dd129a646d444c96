"""A pin is written in a way that its client cannot use.

Clients differ in what they take: a prefix, the URL-safe alphabet, missing padding, hexadecimal. What
they cannot use makes the app crash, or drops the pin, or stays in the set and never matches: the
backup that everybody counts on is not there.

Bad:

```xml title="app/src/main/res/xml/network_security_config.xml"
<network-security-config>
  <domain-config>
    <domain>api.shop.example</domain>
    <pin-set expiration="2027-03-01">
      <pin digest="SHA-256">sha256/C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M=</pin>
      <pin digest="SHA-256">r/mIkG3eEpVdm+u/ko/cwxzOMo1bk4TyHIlByibiA5E=</pin>
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

Sources: AOSP ``android.util.Base64`` and ``Pin.java`` (other characters are skipped, then 32 bytes are
demanded); RFC 4648 §4 and §5 (the two alphabets), §3.5 (bits that no encoder sets).
"""

import re
from collections.abc import Iterator

from pincheck.model import Context, DeclaredPin, Fault, PinSet, Problem, Semantics
from pincheck.registry import rule
from pincheck.rules import _wording as wording

_HEX = re.compile(r"(?:[0-9A-Fa-f]{2}[:\s]?){20,}")


@rule(PinSet, "error")
def check(pin_set: PinSet, context: Context) -> Iterator[Problem]:
    """Say so for each pin with a fault; a pin that only looks mistyped is a warning."""
    hosts, names = wording.hosts(pin_set), pin_set.host_names
    for pin in pin_set.pins:
        if pin.placeholder:
            continue
        subject = f"{hosts}, pin {wording.pin_text(pin)}"
        if pin.fault:
            yield Problem(
                pin.at,
                f"{subject}: {pin.fault.what}; {pin.fault.effect}",
                remedy=_remedy(pin, pin.fault, pin_set.semantics),
                hosts=names,
                pin=wording.written(pin),
            )
        elif pin.suspicion:
            yield Problem(
                pin.at,
                f"{subject}: {pin.suspicion}; {pin_set.semantics.client} takes it all the same",
                remedy="compute the pin again from the certificate or the key",
                hosts=names,
                pin=wording.written(pin),
                severity="warning",
            )


def _remedy(pin: DeclaredPin, fault: Fault, semantics: Semantics) -> str:
    """The text to write instead, wherever the key meant is known."""
    if pin.certificate_file:
        return (
            f"write the SPKI pin of {wording.shown(pin.certificate_file)}: this is the hash of the whole file"
        )
    if pin.pin is None:
        hashed = "the key's SPKI" if semantics.hashed == "spki" else "the certificate"
        return fault.remedy or f"write the SHA-256 of {hashed} in base64: 44 characters, the last one ="
    if pin.pin.algorithm == "sha1":
        return "write the SHA-256 of the same SPKI: 20 bytes are a SHA-1 hash"
    text = (semantics.codec.spelling if semantics.codec.prefix == "required" else "") + pin.pin.base64
    if semantics.hashed == "spki" and _HEX.search(pin.text):
        return f"write {text} if it is the hash of an SPKI; hexadecimal is more often that of a certificate"
    return f"write {text}"
