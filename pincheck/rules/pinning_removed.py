"""A change leaves a host unpinned that was pinned before.

A deleted entry or file, a pattern that covers fewer names, or a switch to a mode that only reports: new versions
accept any certificate that a trusted CA issues. If that is meant, say why in an ignore.

Bad:

```xml title="before: app/src/main/res/xml/network_security_config.xml"
<!-- before the change -->
<network-security-config>
  <domain-config>
    <domain includeSubdomains="true">shop.example</domain>
    <pin-set expiration="2027-03-01">
      <pin digest="SHA-256">C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M=</pin>
      <pin digest="SHA-256">r/mIkG3eEpVdm+u/ko/cwxzOMo1bk4TyHIlByibiA5E=</pin>
    </pin-set>
  </domain-config>
</network-security-config>
```
```xml title="app/src/main/res/xml/network_security_config.xml"
<!-- after the change -->
<network-security-config>
  <domain-config>
    <domain>shop.example</domain>
    <pin-set expiration="2027-03-01">
      <pin digest="SHA-256">C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M=</pin>
      <pin digest="SHA-256">r/mIkG3eEpVdm+u/ko/cwxzOMo1bk4TyHIlByibiA5E=</pin>
    </pin-set>
  </domain-config>
</network-security-config>
```

Good:

```xml title="before: app/src/main/res/xml/network_security_config.xml"
<!-- before the change -->
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
```kotlin title="app/src/main/java/example/shop/Client.kt"
// after the change
val pinner = CertificatePinner.Builder()
    .add("api.shop.example", "sha256/C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M=")
    .add("api.shop.example", "sha256/r/mIkG3eEpVdm+u/ko/cwxzOMo1bk4TyHIlByibiA5E=")
    .build()
val client = OkHttpClient.Builder().certificatePinner(pinner).build()
```

A host that another format of the same platform pins from now on is still pinned. Sources that pin in code shared
by two apps count for both.

Sources: OWASP MASVS-NETWORK-2 (identity pinning for remote endpoints under the developer's control).
"""

from collections.abc import Iterator, Sequence

from pincheck.model import Context, Location, Problem
from pincheck.model.changes import Change
from pincheck.registry import rule
from pincheck.rules import _change
from pincheck.rules import _wording as wording
from pincheck.rules._change import PLATFORMS, Pair, Unknown

REMEDY = "put the pins back, or say in an ignore why the host needs none any more"


@rule(Change, "warning")
def check(change: Change, context: Context) -> Iterator[Problem]:
    """Say so once for each declaration, and once for a platform on which nothing at all is pinned any more."""
    unknown = Unknown(change, context)
    gone = [pair for pair in _change.pairs(change, context) if not pair.after]
    for platform, bare in _bare(change, context, gone).items():
        yield _nothing_left(platform, bare, unknown)
        gone = [_without(pair, platform) for pair in gone]
    for pair in gone:
        if pair.platforms:
            yield _problem(pair, unknown)


def _bare(change: Change, context: Context, gone: Sequence[Pair]) -> dict[str, list[Pair]]:
    """The platforms that lose more than one declaration, and keep none."""
    kept = {
        platform
        for each in change.after.pin_sets
        if each.read and each.context in context.policy.contexts and (each.pins or each.files)
        for platform in _change.platforms_of(each)
    }
    lost = {
        platform: [pair for pair in gone if platform in pair.platforms]
        for platform in PLATFORMS
        if platform not in kept
    }
    return {
        platform: lost
        for platform, lost in lost.items()
        if len({id(each) for pair in lost for each in pair.before}) > 1
    }


def _without(pair: Pair, platform: str) -> Pair:
    return pair._replace(platforms=tuple(each for each in pair.platforms if each != platform))


def _nothing_left(platform: str, pairs: Sequence[Pair], unknown: Unknown) -> Problem:
    hosts = tuple(dict.fromkeys(host for pair in pairs for host in pair.hosts))
    number = len({id(each) for pair in pairs for each in pair.before})
    doubt = next((at for pair in pairs if (at := unknown.place(pair))), None)
    return Problem(
        pairs[0].before[0].at,
        f"{_change.named(hosts)}: this change removes all {number} declarations that pin on {PLATFORMS[platform]}:"
        f" new versions accept any certificate that a trusted CA issues{_unless(doubt)}",
        remedy="put the pins back, or say in an ignore why the app needs none any more",
        hosts=hosts,
        context=pairs[0].before[0].context,
        severity="note" if doubt else None,
        gone=True,
    )


def _problem(pair: Pair, unknown: Unknown) -> Problem:
    if pair.loose:
        return _unenforced(pair)
    doubt = unknown.place(pair)
    return Problem(
        _place(pair),
        f"{_change.named(pair.hosts)}: no longer pinned on {_change.platforms(pair)}: new versions accept any"
        f" certificate that a trusted CA issues{_unless(doubt)}",
        remedy=REMEDY,
        hosts=pair.hosts,
        pin=_pin(pair),
        context=pair.before[0].context,
        severity="note" if doubt else None,
        gone=True,
    )


def _unenforced(pair: Pair) -> Problem:
    first = pair.loose[0]
    client = first.semantics.client
    if any(each.pins or each.files for each in pair.loose):
        says = f"the pins are still there, and {client} no longer refuses a connection that matches none"
        remedy = "enforce the pins again, or say in an ignore why not"
    else:
        says = f"this declaration takes precedence and gives no pins, so {client} accepts any trusted certificate"
        remedy = "give it the pins too, or say in an ignore why the host needs none any more"
    return Problem(
        first.at,
        f"{_change.named(pair.hosts)}: no longer pinned on {_change.platforms(pair)}: {says}",
        remedy=remedy,
        hosts=pair.hosts,
        pin=_pin(pair),
        context=first.context,
    )


def _pin(pair: Pair) -> str:
    return next((wording.written(pin) for each in pair.before for pin in each.pins), "")


def _unless(doubt: Location | None) -> str:
    return (
        f", unless {wording.shown(doubt.path)}:{doubt.line}, which cannot be read, pins it" if doubt else ""
    )


def _place(pair: Pair) -> Location:
    """The pattern where only some names are lost, else the declaration."""
    first = pair.before[0]
    names = {host.removeprefix("*.").removeprefix("*.") for host in pair.hosts}
    lost = [host for host in first.hosts if host.name in names]
    narrowed = any(host.startswith("*.") for host in pair.hosts)
    return lost[0].at if lost and (narrowed or len(lost) < len(first.hosts)) else first.at
