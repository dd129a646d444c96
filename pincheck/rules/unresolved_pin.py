"""A declaration takes a host or a pin from somewhere that cannot be read.

A build variable, an environment or a service fills it in, so nothing here can tell whether it is right.
Once the configuration states the pins of the host, it is known what they should be, and this note goes.

Bad:

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
          <dict><key>SPKI-SHA256-BASE64</key><string>$(API_PIN)</string></dict>
          <dict><key>SPKI-SHA256-BASE64</key><string>r/mIkG3eEpVdm+u/ko/cwxzOMo1bk4TyHIlByibiA5E=</string></dict>
        </array>
      </dict>
    </dict>
  </dict>
</dict>
</plist>
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
          <dict><key>SPKI-SHA256-BASE64</key><string>$(API_PIN)</string></dict>
          <dict><key>SPKI-SHA256-BASE64</key><string>r/mIkG3eEpVdm+u/ko/cwxzOMo1bk4TyHIlByibiA5E=</string></dict>
        </array>
      </dict>
    </dict>
  </dict>
</dict>
</plist>
```

Sources: Apple's Xcode help, on build settings in an Info.plist (``INFOPLIST_EXPAND_BUILD_SETTINGS``).
"""

from collections.abc import Iterator

from pincheck.coverage import nearest
from pincheck.model import Context, Gap, Problem
from pincheck.registry import rule
from pincheck.rules import _wording as wording


@rule(Gap, "note")
def check(gap: Gap, context: Context) -> Iterator[Problem]:
    """Say so for each place that a parser recognised and could not read, unless its pins are stated."""
    stated = {host.pattern.lower() for host in context.policy.hosts if host.pins}
    if gap.hosts and all(nearest(host.lower(), stated) for host in gap.hosts):
        return
    hosts = f"{wording.named(gap.hosts)}: " if gap.hosts else ""
    text = f" ({wording.shown(gap.text)})" if gap.text and gap.text not in gap.reason else ""
    yield Problem(
        gap.at,
        f"{hosts}this declaration is not checked in full: {gap.reason}{text}",
        remedy="state the host and its pins under hosts in .pincheck.yml",
        hosts=gap.hosts,
        pin=gap.text[:400],
    )
