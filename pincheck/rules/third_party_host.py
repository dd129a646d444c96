"""A host is pinned that somebody else runs.

The operator of such a host changes its keys and CAs at will and tells no app beforehand. Pins that match today lock
your users out some day, and you learn of it from them. If the host is yours after all, say so with an ignore.

Bad:

```xml title="app/src/main/res/xml/network_security_config.xml"
<network-security-config>
  <domain-config>
    <domain>firestore.googleapis.com</domain>
    <pin-set expiration="2027-03-01">
      <pin digest="SHA-256">hxqRlPTu1bMS/0DITB1SSu0vd4u/8l8TjPgfaAp63Gc=</pin>
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

Sources: what each operator states, at the address that the message names; TrustKit issue 28 (never enforce on hosts
that are not yours) and issue 170 (pins of ``*.execute-api.*.amazonaws.com``).
"""

from collections.abc import Iterator

from pincheck import providers
from pincheck.model import Context, HostPattern, PinSet, Problem
from pincheck.providers import ThirdParty
from pincheck.registry import rule
from pincheck.rules import _wording as wording


@rule(PinSet, "warning")
def check(pin_set: PinSet, context: Context) -> Iterator[Problem]:
    """Say so once for each operator and what it states; what is general knowledge only makes a note."""
    if not pin_set.pins and not pin_set.files:
        return
    found: dict[tuple[str, str], tuple[ThirdParty, list[HostPattern]]] = {}
    for host in pin_set.hosts:
        owner = None if host.fault else providers.third_party(host.name, providers.third_parties())
        if owner:
            found.setdefault((owner.operator, owner.states), (owner, []))[1].append(host)
    for owner, hosts in found.values():
        yield _problem(owner, hosts)


def _problem(owner: ThirdParty, hosts: list[HostPattern]) -> Problem:
    names = tuple(dict.fromkeys(host.text for host in hosts))
    run = "is run" if len(names) == 1 else "are run"
    states = f", which states that {owner.states}" if owner.states else ", which may change the keys at will"
    return Problem(
        hosts[0].at,
        f"{wording.named(names)}: {run} by {owner.operator}{states}",
        remedy=f"leave it to the platform's check of certificates; see {owner.source} (read {owner.read})",
        hosts=names,
        severity="note" if owner.confidence == "low" else None,
    )
