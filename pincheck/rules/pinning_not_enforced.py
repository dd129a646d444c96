"""Pins are declared, and connections that match none go through.

Report-only modes, empty pin sets, anchors that override the pins and debug-only configurations all look
like pinning in a review. An attacker with any accepted certificate sees the traffic as if there were no
pins.

Bad:

```xml title="app/src/main/res/xml/network_security_config.xml"
<network-security-config>
  <domain-config>
    <domain>api.shop.example</domain>
    <pin-set expiration="2027-03-01">
      <pin digest="SHA-256">C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M=</pin>
      <pin digest="SHA-256">r/mIkG3eEpVdm+u/ko/cwxzOMo1bk4TyHIlByibiA5E=</pin>
    </pin-set>
    <trust-anchors>
      <certificates src="system" overridePins="true" />
    </trust-anchors>
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
    <trust-anchors>
      <certificates src="system" />
    </trust-anchors>
  </domain-config>
</network-security-config>
```

Sources: AOSP ``NetworkSecurityTrustManager.java`` (when pins are skipped); TrustKit's
``TSKPinningValidator.m`` and TrustKit-Android's ``PinningTrustManager.java``.
"""

from collections.abc import Iterable, Iterator

from pincheck.model import Context, Defect, PinSet, Problem, Project
from pincheck.registry import rule
from pincheck.rules import _wording as wording

_PLATFORMS = {"android": "Android", "ios": "iOS"}


@rule(Project, "warning")
def check(project: Project, context: Context) -> Iterator[Problem]:
    """Pass on what the parsers saw, and name platforms that pin in debug builds only."""
    for defect in _merged(defect for defect in project.defects if defect.kind == "unenforced"):
        yield wording.of_defect(defect)
    if any(gap.context == "production" for gap in project.gaps):
        return
    misplaced = {defect.at.path for defect in project.defects if defect.kind == "misplaced"}
    pinning = [
        pin_set
        for pin_set in project.pin_sets
        if pin_set.read and pin_set.pins and pin_set.at.path not in misplaced
    ]
    for platform in _PLATFORMS:
        yield from _debug_only(platform, [s for s in pinning if s.semantics.platform in (platform, "any")])


def _merged(defects: Iterable[Defect]) -> Iterator[Defect]:
    """The defects, those of one place (an inherited setting) as one, for all of their hosts."""
    found: dict[Defect, list[str]] = {}
    for defect in defects:
        found.setdefault(defect._replace(hosts=()), []).extend(defect.hosts)
    for defect, hosts in found.items():
        yield defect._replace(hosts=tuple(dict.fromkeys(hosts)))


def _debug_only(platform: str, pin_sets: list[PinSet]) -> Iterator[Problem]:
    """Say so for every debug pin set of a platform that has no production pin set."""
    if any(pin_set.context == "production" for pin_set in pin_sets):
        return
    for pin_set in pin_sets:
        if pin_set.context == "debug" and pin_set.semantics.platform == platform:
            yield Problem(
                pin_set.at,
                f"{wording.hosts(pin_set)}: pinned in debug builds only; nothing that {_PLATFORMS[platform]}"
                " release builds read declares a pin",
                remedy="declare the pins where release builds read them too",
                hosts=pin_set.host_names,
                context="production",
            )
