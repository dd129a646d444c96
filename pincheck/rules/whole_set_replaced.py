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
a note: it mends what was broken. It is a warning where shipped versions may not know the host at all, as they pin it by
a pattern that covers it, and where a flavour may not be built any more, as it falls back on the pins of ``main``. A key
that was compromised cannot be kept: then silence the finding, and say so.

Sources: RFC 7469 §4.3 (a host moves to a backup pin that clients already hold).
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from pincheck.model import Context, Problem, Severity
from pincheck.model.changes import Change
from pincheck.registry import rule
from pincheck.rules import _change
from pincheck.rules import _wording as wording
from pincheck.rules._change import Fate, Key, Keys, Pair, PinSets, Unknown


@rule(Change, "error")
def check(change: Change, context: Context) -> Iterator[Problem]:
    """Say so where no key of a list is left; ``last-matching-pin-removed`` speaks where users are locked out now."""
    keys, unknown = Keys(change), Unknown(change, context)
    fate = _change.fate(change)
    for pair, before, after in _change.still_pinned(change, context, unknown):
        old, new = keys.usable(before), keys.meant(after)
        if old and new and not old.keys() & new.keys():
            hedge = _hedge(keys.comparable((*before, *after)), unknown.doubts(pair))
            yield from _problems(
                Replacement(before, after, list(old.values()), list(new.values()), hedge), pair, fate
            )


class Replacement(NamedTuple):
    """A list of pins and the one that takes its place, which share no key."""

    before: PinSets
    after: PinSets
    old: list[Key]
    new: list[Key]
    hedge: str
    """Why they may share one after all, a clause; or empty."""


def _hedge(comparable: bool, doubt: bool) -> str:
    if not comparable:
        return ", unless an old and a new one are of one key, which cannot be told here"
    return ", unless the code compares other pins too, which cannot be told here" if doubt else ""


def _problems(replacement: Replacement, pair: Pair, fate: Callable[[str, Pair], Fate]) -> Iterator[Problem]:
    """One problem for the hosts that fare alike."""
    fates: dict[tuple[Fate, str], list[str]] = {}
    for host in pair.hosts or ("",):
        fates.setdefault((fate(host, pair), _wider(host, replacement.before)), []).append(host)
    for (one, wider), hosts in fates.items():
        if one != "lost":
            yield _problem(replacement, tuple(filter(None, hosts)), one, wider)


def _wider(host: str, pin_sets: PinSets) -> str:
    """The pattern that covers a host, if none is of its own name."""
    name = host.removeprefix("*.").removeprefix("*.")
    patterns = [pattern for each in pin_sets for pattern in each.hosts]
    if not name or any(pattern.name == name for pattern in patterns):
        return ""
    return next((pattern.text for pattern in patterns if pattern.matches(name)), "")


def _problem(replacement: Replacement, hosts: tuple[str, ...], fate: Fate, wider: str) -> Problem:
    before, after, old, new, hedge = replacement
    lead = f"{_change.named(hosts)}: {_change.keys(old)} {'are' if old[1:] else 'is'} replaced by {_change.keys(new)}"
    other_build = _change.fallback(before, after)
    doubtful = hedge or wider or other_build or fate == "both"
    severity: Severity | None = "warning" if doubtful else None
    remedy = (
        "keep one old pin beside the new ones until nearly all users have updated;"
        " if its key is compromised, ignore this with that reason"
    )
    if fate == "cured":
        severity, remedy = "note", "release it soon"
        says = "the old ones matched nothing that is served and the new ones do; shipped versions stay locked out"
    elif fate == "both":
        says = "both match what is served now, but shipped and new versions share no pin for the next key"
    elif wider:
        remedy = f"if shipped versions connect to it, {remedy}"
        says = (
            f"shipped versions hold it to the pins of {wording.shown(wider)}: if they connect to it, moving to a new"
            f" key locks out all who have not updated{hedge}"
        )
    else:
        says = (
            "shipped and new versions share no pin, so moving to a new key locks out all who have not updated"
            f"{hedge}"
        )
    return Problem(
        after[0].at,
        f"{lead}{other_build}; {says}",
        remedy=remedy,
        hosts=hosts,
        pin=old[0].text,
        context=after[0].context,
        severity=severity,
    )
