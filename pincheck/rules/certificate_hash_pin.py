"""A pin is the hash of a whole certificate.

Every renewal makes a new certificate, even with the same key: the pin then stops matching, on the day
and in every installed version. The hash of the SPKI stays the same for as long as the key does. A
client that compares keys never matches the hash of a certificate at all.

Bad:

```text title="certificates/api.pem"
-----BEGIN CERTIFICATE-----
MIIBNTCB3KADAgECAhQIpVAHUDq7KgYA4TOdKkOKE9rntTAKBggqhkjOPQQDAjAb
MRkwFwYDVQQDDBBhcGkuc2hvcC5leGFtcGxlMB4XDTI2MDkwMTAwMDAwMFoXDTI3
MDMwMTAwMDAwMFowGzEZMBcGA1UEAwwQYXBpLnNob3AuZXhhbXBsZTBZMBMGByqG
SM49AgEGCCqGSM49AwEHA0IABIapsjHnC60UgAFyLBSmiuhTv/GTCBPk5Qc282Br
8aMSP7bkf+FJ2aehzYVz9tBZ44o9442gxAG/tbnWfbgY1IwwCgYIKoZIzj0EAwID
SAAwRQIhAPE8tihZjlhQX+33hJmw87mJD0Dl6Qh6+CYfF0dGjVeZAiAQqWG4qiwj
EpqjRSh4ASzICr8jYlasNc/TQ4F+rJFQIw==
-----END CERTIFICATE-----
```

```xml title="app/src/main/res/xml/network_security_config.xml"
<network-security-config>
  <domain-config>
    <domain>api.shop.example</domain>
    <pin-set expiration="2027-03-01">
      <pin digest="SHA-256">OykbYJ7ktfZfUt8INjj3QPikj17lBr4Ejs4anDUpRvk=</pin>
      <pin digest="SHA-256">r/mIkG3eEpVdm+u/ko/cwxzOMo1bk4TyHIlByibiA5E=</pin>
    </pin-set>
  </domain-config>
</network-security-config>
```

Good:

```text title="certificates/api.pem"
-----BEGIN CERTIFICATE-----
MIIBNTCB3KADAgECAhQIpVAHUDq7KgYA4TOdKkOKE9rntTAKBggqhkjOPQQDAjAb
MRkwFwYDVQQDDBBhcGkuc2hvcC5leGFtcGxlMB4XDTI2MDkwMTAwMDAwMFoXDTI3
MDMwMTAwMDAwMFowGzEZMBcGA1UEAwwQYXBpLnNob3AuZXhhbXBsZTBZMBMGByqG
SM49AgEGCCqGSM49AwEHA0IABIapsjHnC60UgAFyLBSmiuhTv/GTCBPk5Qc282Br
8aMSP7bkf+FJ2aehzYVz9tBZ44o9442gxAG/tbnWfbgY1IwwCgYIKoZIzj0EAwID
SAAwRQIhAPE8tihZjlhQX+33hJmw87mJD0Dl6Qh6+CYfF0dGjVeZAiAQqWG4qiwj
EpqjRSh4ASzICr8jYlasNc/TQ4F+rJFQIw==
-----END CERTIFICATE-----
```

```xml title="app/src/main/res/xml/network_security_config.xml"
<network-security-config>
  <domain-config>
    <domain>api.shop.example</domain>
    <pin-set expiration="2027-03-01">
      <pin digest="SHA-256">ojXKxtPfZKN7DiXFvWxXo7nvUzAshl041BlXg8OwjaQ=</pin>
      <pin digest="SHA-256">r/mIkG3eEpVdm+u/ko/cwxzOMo1bk4TyHIlByibiA5E=</pin>
    </pin-set>
  </domain-config>
</network-security-config>
```

Sources: RFC 7469 §2.4 (why the SPKI and not the certificate); AOSP ``NetworkSecurityTrustManager.java``
(``getPublicKey().getEncoded()`` is hashed).
"""

from collections.abc import Iterator

from pincheck.model import Context, DeclaredPin, PinSet, Problem, Severity
from pincheck.registry import rule
from pincheck.rules import _wording as wording


@rule(PinSet, "error")
def check(pin_set: PinSet, context: Context) -> Iterator[Problem]:
    """Say so for each certificate hash; milder where the client knows nothing else."""
    hosts, names = wording.hosts(pin_set), pin_set.host_names
    for pin in pin_set.pins:
        if pin.placeholder:
            continue
        if case := _case(pin, pin_set):
            what, remedy, severity = case
            yield Problem(
                pin.at,
                f"{hosts}, pin {wording.pin_text(pin)}: {what}",
                remedy=remedy,
                hosts=names,
                pin=wording.written(pin),
                severity=severity,
            )


def _case(pin: DeclaredPin, pin_set: PinSet) -> tuple[str, str, Severity] | None:
    """What is wrong, the next step and how grave it is; None if the pin is of a key."""
    client = pin_set.semantics.client
    if pin.certificate_file:
        file = wording.shown(pin.certificate_file)
        what = f"the hash of the whole certificate {file}; {client} compares keys, so it never matches"
        if pin_set.inferred:
            what = f"the hash of the whole certificate {file}; if {client} compares keys, it never matches"
            return what, f"see what is compared: the SHA-256 of the SPKI in {file} lasts longer", "warning"
        return what, f"write the pin of its key: the SHA-256 of the SPKI in {file}", "error"
    if pin_set.semantics.hashed != "certificate" or pin.fault:
        return None
    if pin_set.semantics.certificate_only:
        what = (
            f"a certificate hash, as {client} knows no other; it stops matching at the next renewal,"
            " even with the same key"
        )
        return what, "release the hash of the next certificate before the host uses it", "warning"
    what = f"a certificate hash; {client} stops matching it at the next renewal, even with the same key"
    certain = not pin_set.inferred and pin_set.semantics.enforced
    if not certain:
        what = f"a certificate hash, by its form; if it is, {client} stops matching it at the next renewal"
    return what, "pin the SPKI instead", "error" if certain else "warning"
