"""Pins are declared where their client never reads them.

Nothing fails and nothing warns: the app connects unpinned, and the file makes everybody believe
otherwise.

Bad:

```xml title="app/src/main/AndroidManifest.xml"
<manifest xmlns:android="http://schemas.android.com/apk/res/android">
  <application />
</manifest>
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

Good:

```xml title="app/src/main/AndroidManifest.xml"
<manifest xmlns:android="http://schemas.android.com/apk/res/android">
  <application android:networkSecurityConfig="@xml/network_security_config" />
</manifest>
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

Sources: AOSP ``ManifestConfigSource.java``; Apple's documentation of ``NSPinnedDomains``; TrustKit's
``TSKTrustKitConfig.m`` (its keys, one of them misspelt).
"""

from collections.abc import Iterator

from pincheck.model import Context, Defect, Problem
from pincheck.registry import rule
from pincheck.rules import _wording as wording


@rule(Defect, "error")
def check(defect: Defect, context: Context) -> Iterator[Problem]:
    """Pass on what the parser saw, for the hosts it concerns."""
    if defect.kind == "misplaced":
        yield wording.of_defect(defect)
