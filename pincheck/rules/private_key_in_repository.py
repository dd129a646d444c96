"""A private key is committed.

Everyone who can read the repository, or one old copy of it, can use the key. If it is the key of a pin,
they can pose as the host, and the pins of every installed app approve of it.

The key of a pin, or one beside a pinned certificate file, is an error; any other key is a warning, and an
encrypted one a note.

Bad:

```text title="server/api.key.pem"
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgAkQa6YmdGGtEvH1q
GZnNjJmvr+evEV+RCwewOa8Coj+hRANCAASGqbIx5wutFIABciwUporoU7/xkwgT
5OUHNvNga/GjEj+25H/hSdmnoc2Fc/bQWeOKPeONoMQBv7W51n24GNSM
-----END PRIVATE KEY-----
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

Good:

```text title="server/api.pub.pem"
-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEhqmyMecLrRSAAXIsFKaK6FO/8ZMI
E+TlBzbzYGvxoxI/tuR/4UnZp6HNhXP20Fnjij3jjaDEAb+1udZ9uBjUjA==
-----END PUBLIC KEY-----
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

Sources: RFC 7468 §10 and §11 (how private keys are labelled); RFC 5958 (PKCS#8).
"""

from collections.abc import Iterator

from pincheck.model import Context, Pin, PinSet, PrivateKey, Problem, Project
from pincheck.registry import rule
from pincheck.rules import _wording as wording


@rule(Project, "error")
def check(project: Project, context: Context) -> Iterator[Problem]:
    """Say so for each key: an error if it is a pinned one or lies beside a pinned certificate."""
    pinned = _pinned(project)
    for key in project.private_keys:
        kind = wording.shown(key.kind)
        pin = Pin("spki", "sha256", key.spki)
        if key.spki and pin in pinned:
            yield _of_pin(key, kind, pin, pinned[pin])
        elif _encrypted(key):
            beside = f" beside the pinned certificate {wording.shown(key.beside)}" if key.beside else ""
            yield Problem(
                key.at,
                f"a private key ({kind}, encrypted) is in the repository{beside}: its passphrase is all"
                " that protects it",
                remedy="keep keys in a secret store",
                context=key.context,
                severity="note",
            )
        elif key.beside:
            yield Problem(
                key.at,
                f"a private key ({kind}) lies beside the pinned certificate {wording.shown(key.beside)}:"
                " if it is its key, every reader of the repository can pose as the host",
                remedy="replace the key at the host and in the pins, and take this one out of the history",
                context=key.context,
                severity="error",
            )
        else:
            yield Problem(
                key.at,
                f"a private key ({kind}) is in the repository, where every reader of it can use it",
                remedy="if anything trusts it, replace it; keep keys in a secret store",
                context=key.context,
                severity="warning",
            )


def _pinned(project: Project) -> dict[Pin, PinSet]:
    """The first pin set that each key is a pin of."""
    found: dict[Pin, PinSet] = {}
    for pin_set in project.pin_sets:
        for declared in pin_set.pins:
            if declared.pin:
                found.setdefault(declared.pin, pin_set)
    return found


def _of_pin(key: PrivateKey, kind: str, pin: Pin, pin_set: PinSet) -> Problem:
    declared = next(declared for declared in pin_set.pins if declared.pin == pin)
    return Problem(
        key.at,
        f"{wording.hosts(pin_set)}: the private key ({kind}) of pin {wording.pin_key(pin)} is in the"
        " repository; every reader of it can pose as the host, and the app accepts that",
        remedy="ship the pin of a new key, replace this one at the host, and take it out of the history",
        hosts=pin_set.host_names,
        pin=declared.text[:400],
        related=((declared.at, "pinned here"),),
        context=key.context,
        severity="error",
    )


def _encrypted(key: PrivateKey) -> bool:
    """By its label (RFC 7468 §11) or by the header of the older form (RFC 1421 §4.6.1.1)."""
    return key.kind.startswith("encrypted") or b"Proc-Type: 4,ENCRYPTED" in key.data[:200]
