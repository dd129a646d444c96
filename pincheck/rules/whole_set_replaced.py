"""A change replaces every pin of a host at once.

Shipped versions and new ones then share no pin. Whatever key the host serves, one of the two is locked out, and
users update over weeks. With one old pin kept beside the new ones, the host can go on serving that key until
nearly everybody has the new version.

Bad:

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
```xml title="app/src/main/res/xml/network_security_config.xml"
<!-- after the change -->
<network-security-config>
  <domain-config>
    <domain>api.shop.example</domain>
    <pin-set expiration="2027-03-01">
      <pin digest="SHA-256">Y3auZNyaWAH5pgBJHfVTDQpBRb3ufGtRRVz+bNg5ymo=</pin>
      <pin digest="SHA-256">2OyeT74JThFn7Wl1Zgi1lZFFV+CWrNw9cetUZjSrWOE=</pin>
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
```xml title="app/src/main/res/xml/network_security_config.xml"
<!-- after the change -->
<network-security-config>
  <domain-config>
    <domain>api.shop.example</domain>
    <pin-set expiration="2027-03-01">
      <pin digest="SHA-256">r/mIkG3eEpVdm+u/ko/cwxzOMo1bk4TyHIlByibiA5E=</pin>
      <pin digest="SHA-256">Y3auZNyaWAH5pgBJHfVTDQpBRb3ufGtRRVz+bNg5ymo=</pin>
    </pin-set>
  </domain-config>
</network-security-config>
```

Where hosts were looked at, a replacement whose new pins match what is served, while the old ones match nothing, is
a note: it mends what was broken. A key that was compromised cannot be kept: then silence the finding, and say so.

Sources: RFC 7469 §4.3 (a host moves to a backup pin that clients already hold).
"""

from collections.abc import Callable, Iterator

from pincheck.model import Context, Problem, Severity
from pincheck.model.changes import Change
from pincheck.registry import rule
from pincheck.rules import _change
from pincheck.rules._change import Fate, Key, Keys, Pair, PinSets, Unknown


@rule(Change, "error")
def check(change: Change, context: Context) -> Iterator[Problem]:
    """Say so where no key of a list is left; ``last-matching-pin-removed`` speaks where users are locked out now."""
    keys, unknown = Keys(change), Unknown(change, context)
    fate = _change.fate(change)
    for pair, before, after in _change.still_pinned(change, context, unknown):
        had, new = keys.usable(before), keys.meant(after)
        if had and new and not had.keys() & new.keys():
            doubt = unknown.doubts(pair) or not keys.comparable((*before, *after))
            yield from _problems(fate, pair, after, (list(had.values()), list(new.values())), doubt)


def _problems(
    fate: Callable[[str, Pair], Fate],
    pair: Pair,
    after: PinSets,
    keys: tuple[list[Key], list[Key]],
    doubt: bool,
) -> Iterator[Problem]:
    """One problem for the hosts that fare alike."""
    fates: dict[Fate, list[str]] = {}
    for host in pair.hosts or ("",):
        fates.setdefault(fate(host, pair), []).append(host)
    for one, hosts in fates.items():
        if one != "lost":
            yield _problem(after, keys, tuple(filter(None, hosts)), one, doubt)


def _problem(
    after: PinSets,
    keys: tuple[list[Key], list[Key]],
    hosts: tuple[str, ...],
    fate: Fate,
    doubt: bool,
) -> Problem:
    old, new = keys
    lead = f"{_change.named(hosts)}: {_change.keys(old)} {'are' if old[1:] else 'is'} replaced by {_change.keys(new)}"
    severity: Severity | None = "warning" if doubt or fate == "both" else None
    remedy = (
        "keep one old pin beside the new ones until nearly all users have updated;"
        " if its key is compromised, ignore this with that reason"
    )
    if fate == "cured":
        severity, remedy = "note", "release it soon"
        says = "the old ones matched nothing that is served and the new ones do; shipped versions stay locked out"
    elif fate == "both":
        says = "both match what is served now, but shipped and new versions share no pin for the next key"
    else:
        says = (
            "shipped and new versions share no pin, so moving to a new key locks out all who have not updated"
        )
    hedge = ", unless both are of one key, which cannot be told here" if doubt and fate == "unseen" else ""
    return Problem(
        after[0].at,
        f"{lead}; {says}{hedge}",
        remedy=remedy,
        hosts=hosts,
        pin=old[0].text,
        context=after[0].context,
        severity=severity,
    )
