"""A declaration differs from the pins that the configuration states for its host.

The configuration is the team's source of truth: it says which keys are in use and which are kept as
backups. A declaration that lacks one of them locks users out when the host moves to it; one that holds
another pin trusts a key that nobody vouches for.

Bad:

```yaml title=".pincheck.yml"
version: 1
hosts:
  api.shop.example:
    pins:
      - pin: C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M=
        role: current
      - pin: r/mIkG3eEpVdm+u/ko/cwxzOMo1bk4TyHIlByibiA5E=
        role: backup
```

```xml title="app/src/main/res/xml/network_security_config.xml"
<network-security-config>
  <domain-config>
    <domain>api.shop.example</domain>
    <pin-set expiration="2027-03-01">
      <pin digest="SHA-256">C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M=</pin>
      <pin digest="SHA-256">Y3auZNyaWAH5pgBJHfVTDQpBRb3ufGtRRVz+bNg5ymo=</pin>
    </pin-set>
  </domain-config>
</network-security-config>
```

Good:

```yaml title=".pincheck.yml"
version: 1
hosts:
  api.shop.example:
    pins:
      - pin: C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M=
        role: current
      - pin: r/mIkG3eEpVdm+u/ko/cwxzOMo1bk4TyHIlByibiA5E=
        role: backup
```

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

Sources: the team's own ``hosts`` in ``.pincheck.yml``.
"""

from collections.abc import Iterator

from pincheck.coverage import BELOW, Coverage, Side, Unread, nearest
from pincheck.model import Context, DeclaredPin, HostPolicy, Pin, Problem, Project
from pincheck.registry import rule
from pincheck.rules import _wording as wording


@rule(Project, "error")
def check(project: Project, context: Context) -> Iterator[Problem]:
    """Say so once for each configuration and host that the policy states pins for."""
    stated = {host.pattern.lower(): host for host in context.policy.hosts if host.pins}
    if not stated:
        return
    coverage = Coverage((pin_set for pin_set in project.pin_sets if pin_set.read), Unread(project.gaps))
    for pattern, policy in stated.items():
        seen: set[int] = set()
        for host in _hosts(pattern, coverage, stated):
            for side in coverage.sides(host):
                if id(side) not in seen and side.comparable:
                    seen.add(id(side))
                    yield from _compared(side, policy)


def _hosts(pattern: str, coverage: Coverage, stated: dict[str, HostPolicy]) -> Iterator[str]:
    """The names to look up for a host of the policy; a nearer pattern of the policy goes first."""
    if not pattern.startswith("*."):
        yield pattern
        return
    base = pattern[2:]
    yield BELOW + base
    for name in coverage.names:
        if name.endswith("." + base) and nearest(name, stated) == pattern:
            yield name


def _compared(side: Side, policy: HostPolicy) -> Iterator[Problem]:
    stated = frozenset(pin.pin for pin in policy.pins)
    missing, extra = stated - side.keys, side.keys - stated
    if not missing and not extra:
        return
    place = f"{wording.shown(policy.at.path)}:{policy.at.line}"
    lacks = f"lacks {wording.keys(missing)}, which {place} states" if missing else ""
    holds = f"pins {wording.keys(extra)}, which {'it' if missing else place} does not state" if extra else ""
    stray = _declared(side, extra)
    yield Problem(
        stray.at if stray and not missing else side.first.at,
        f"{wording.shown(policy.pattern)}: {side.first.semantics.client} {', and '.join(filter(None, (lacks, holds)))}",
        remedy="make the declaration and the configuration agree",
        hosts=(policy.pattern,),
        pin=wording.written(stray) if stray else "",
        related=((policy.at, "the pins stated for this host"),),
        context=side.first.context,
    )


def _declared(side: Side, extra: frozenset[Pin]) -> DeclaredPin | None:
    """The first pin of a side that is one of ``extra``."""
    return next((pin for pin_set in side.pin_sets for pin in pin_set.pins if pin.pin in extra), None)
