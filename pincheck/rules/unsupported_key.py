"""The client cannot hash a key that the host serves, and refuses the host.

TrustKit for iOS and Ktor's Darwin engine know the headers of a few kinds of key only. TrustKit goes through the path
from its root downwards and gives up at the first key it does not know; Ktor skips such a key, so its pin never matches.

Bad:

```xml title="ios/Shop/Info.plist"
<plist version="1.0">
<dict>
  <key>TSKConfiguration</key>
  <dict>
    <key>TSKPinnedDomains</key>
    <dict>
      <key>api.shop.example</key>
      <dict>
        <key>TSKPublicKeyHashes</key>
        <array>
          <string>8ijBSZHHv9Z75Q8apclkvOkasBPVzxluTtzt11879Og=</string>
          <string>2OyeT74JThFn7Wl1Zgi1lZFFV+CWrNw9cetUZjSrWOE=</string>
        </array>
      </dict>
    </dict>
  </dict>
</dict>
</plist>
```
```text title="api.shop.example at 203.0.113.7 serves"
leaf  8ijBSZHHv9Z75Q8apclkvOkasBPVzxluTtzt11879Og=  until 2028-02-01  api.shop.example
CA    X9COh1MV/QLSI0Lx5MrS/QNOqXD9E5yHcoHCO/6W/Tg=  until 2031-06-01  Example Issuing CA
root  J/wzzqc/D2ii4Hd/ar8dJ0rmONoPycNHM0impIrozs4=  until 2040-01-01  Example Root, not sent
```

Good:

```xml title="ios/Shop/Info.plist"
<plist version="1.0">
<dict>
  <key>TSKConfiguration</key>
  <dict>
    <key>TSKPinnedDomains</key>
    <dict>
      <key>api.shop.example</key>
      <dict>
        <key>TSKPublicKeyHashes</key>
        <array>
          <string>4uNsWoOWEDyO2wY4xV4wq/afk+21C+pySGNiupnCNk8=</string>
          <string>2OyeT74JThFn7Wl1Zgi1lZFFV+CWrNw9cetUZjSrWOE=</string>
        </array>
      </dict>
    </dict>
  </dict>
</dict>
</plist>
```
```text title="api.shop.example at 203.0.113.7 serves"
leaf  4uNsWoOWEDyO2wY4xV4wq/afk+21C+pySGNiupnCNk8=  until 2028-02-01  api.shop.example
CA    X9COh1MV/QLSI0Lx5MrS/QNOqXD9E5yHcoHCO/6W/Tg=  until 2031-06-01  Example Issuing CA
root  J/wzzqc/D2ii4Hd/ar8dJ0rmONoPycNHM0impIrozs4=  until 2040-01-01  Example Root, not sent
```

Sources: TrustKit ``TSKSPKIHashCache.m`` and ``ssl_pin_verifier.m``; Ktor ``CertificatesInfo.kt``.
"""

from collections.abc import Iterator

from pincheck.model import Context, Problem
from pincheck.model.chains import Look, Verdict, Verification
from pincheck.registry import rule
from pincheck.rules import _live as live
from pincheck.rules import _wording as wording


@rule(Verification, "error")
def check(verification: Verification, context: Context) -> Iterator[Problem]:
    """Say so once for a client that gives up, or whose pin is of a key it skips."""
    pairs = sorted(live.judged(verification), key=lambda pair: live.is_rare(verification, pair[0]))
    for look, verdict in pairs:
        if verdict.state == "unsupported":
            yield _problem(verification, look, verdict, f"{verdict.reason} and refuses every connection")
            return
        skipped = live.skipped(verification, verdict)
        if skipped and verdict.state == "mismatch":
            name = wording.shown(skipped.name)
            what = f"cannot hash the key of {name} ({skipped.key}), so its pin never matches"
            yield _problem(verification, look, verdict, what)
            return


def _problem(verification: Verification, look: Look, verdict: Verdict, what: str) -> Problem:
    semantics = verification.first.semantics
    where = " on iOS" if semantics.platform == "any" else ""
    return live.problem(
        verification,
        f"{semantics.client} {what} at {live.place(look)}{where}",
        remedy=f"serve a key of a kind that it knows: {', '.join(semantics.hashable)}",
        severity="warning" if not verdict.certain or live.is_rare(verification, look) else None,
    )
