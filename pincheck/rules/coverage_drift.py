"""One host is pinned on one platform only.

The other app of the same product talks to the same host unpinned, often because the include-subdomains
flags mean different depths: any depth on Android and in TrustKit, exactly one label in App Transport
Security, and ``*.`` without the name itself in OkHttp.

Bad:

```xml title="app/src/main/res/xml/network_security_config.xml"
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

```xml title="ios/App/Info.plist"
<plist version="1.0">
<dict>
  <key>NSAppTransportSecurity</key>
  <dict>
    <key>NSPinnedDomains</key>
    <dict>
      <key>shop.example</key>
      <dict>
        <key>NSPinnedCAIdentities</key>
        <array>
          <dict><key>SPKI-SHA256-BASE64</key><string>C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M=</string></dict>
          <dict><key>SPKI-SHA256-BASE64</key><string>r/mIkG3eEpVdm+u/ko/cwxzOMo1bk4TyHIlByibiA5E=</string></dict>
        </array>
      </dict>
    </dict>
  </dict>
</dict>
</plist>
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

```xml title="ios/App/Info.plist"
<plist version="1.0">
<dict>
  <key>NSAppTransportSecurity</key>
  <dict>
    <key>NSPinnedDomains</key>
    <dict>
      <key>api.shop.example</key>
      <dict>
        <key>NSPinnedCAIdentities</key>
        <array>
          <dict><key>SPKI-SHA256-BASE64</key><string>C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M=</string></dict>
          <dict><key>SPKI-SHA256-BASE64</key><string>r/mIkG3eEpVdm+u/ko/cwxzOMo1bk4TyHIlByibiA5E=</string></dict>
        </array>
      </dict>
    </dict>
  </dict>
</dict>
</plist>
```

Sources: AOSP ``ApplicationConfig.java``; Apple's documentation of ``NSIncludesSubdomains``; OkHttp's
``CertificatePinner`` (patterns).
"""

from collections.abc import Iterator
from typing import NamedTuple

from pincheck.coverage import BELOW, DEEP_BELOW, Coverage, in_production
from pincheck.model import Context, Location, PinSet, Problem, Project, Severity
from pincheck.registry import rule
from pincheck.rules import _wording as wording

_PLATFORMS = {"android": "Android", "ios": "iOS"}


class _Reach(NamedTuple):
    """How far one platform's pins reach around a name."""

    itself: bool
    below: bool
    """Names with one label more."""
    deep: bool
    """Names with two labels more."""


@rule(Project, "warning")
def check(project: Project, context: Context) -> Iterator[Problem]:
    """Say so once for each name, if both platforms pin and all of their hosts are known."""
    pin_sets = [pin_set for pin_set in in_production(project) if pin_set.pins]
    first = {platform: _first(pin_sets, platform) for platform in _PLATFORMS}
    android, ios = first["android"], first["ios"]
    if not android or not ios or not _all_known(project, pin_sets):
        return
    coverage = Coverage(in_production(project))
    elsewhere = {host.lower() for gap in project.gaps for host in gap.hosts}
    for name in coverage.names:
        if name not in elsewhere:
            yield from _compared(coverage, name, android, ios)


def _first(pin_sets: list[PinSet], platform: str) -> PinSet | None:
    return next((s for s in pin_sets if s.semantics.platform == platform and s.hosts), None)


def _all_known(project: Project, pin_sets: list[PinSet]) -> bool:
    """Whether no declaration keeps its hosts to itself: it might cover what seems to be missing."""
    return all(pin_set.hosts for pin_set in pin_sets) and all(
        gap.hosts for gap in project.gaps if gap.context == "production"
    )


def _compared(coverage: Coverage, name: str, android: PinSet, ios: PinSet) -> Iterator[Problem]:
    reaches = {platform: _reach(coverage, name, platform) for platform in _PLATFORMS}
    for platform, other, other_first in (("android", "ios", ios), ("ios", "android", android)):
        if case := _case(name, reaches[platform], reaches[other], platform, other):
            what, severity, remedy = case
            yield Problem(
                _place(coverage, name, platform),
                what,
                remedy=f"{remedy}, or say under ignore in .pincheck.yml why not",
                hosts=(name,),
                related=((other_first.at, f"the pins for {_PLATFORMS[other]} begin here"),),
                severity=severity,
            )


def _reach(coverage: Coverage, name: str, platform: str) -> _Reach:
    """A declaration for both platforms counts for each; only names of a pattern's own are asked below."""
    deeper = any(pattern.depth != "exact" for pattern, _ in coverage.patterns(name))

    def pinned(host: str) -> bool:
        return any(
            side.first.semantics.platform in (platform, "any")
            and any(pin_set.pins for pin_set in side.pin_sets)
            for side in coverage.sides(host)
        )

    return _Reach(pinned(name), deeper and pinned(BELOW + name), deeper and pinned(DEEP_BELOW + name))


def _case(
    name: str, here: _Reach, there: _Reach, platform: str, other: str
) -> tuple[str, Severity, str] | None:
    """What is covered here and not there, how grave that is and what to do; None if nothing."""
    host, on, off = wording.shown(name), _PLATFORMS[platform], _PLATFORMS[other]
    below = here.below and not there.below
    none, same = f"{off} has no declaration that covers", f"pin the same hosts for {off}"
    if here.itself and not there.itself:
        if below:
            return f"{host} and names below it are pinned on {on} only: {none} them", "warning", same
        beneath = f"{off} pins only names below it" if there.below else f"{none} it"
        return f"{host} is pinned on {on} only: {beneath}", "warning", same
    if below:
        itself = f"the declaration for {off} does not include subdomains" if there.itself else f"{none} them"
        return f"names below {host} are pinned on {on} only: {itself}", "warning", same
    if here.deep and not there.deep:
        return (
            f"names two or more labels below {host} are pinned on {on} only: subdomains go one label deep on {off}",
            "note",
            f"give each deeper host that the app calls an entry of its own for {off}",
        )
    return None


def _place(coverage: Coverage, name: str, platform: str) -> Location:
    """The pattern of this platform, or the declaration that covers the name from above."""
    for pattern, pin_set in coverage.patterns(name):
        if pin_set.semantics.platform == platform:
            return pattern.at
    sides = (*coverage.sides(name), *coverage.sides(BELOW + name))
    return next(
        (side.first.at for side in sides if side.first.semantics.platform in (platform, "any")),
        sides[0].first.at,
    )
