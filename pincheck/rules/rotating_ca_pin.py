"""A pin is of an intermediate of a CA that rotates its intermediates, and no pin stands above or below it.

Such a CA issues from whichever intermediate it likes, and retires them without notice: the next renewal may come
from another one, and every installed app is locked out. The pin of its root holds for all of its intermediates; the
pin of the leaf's own key holds whoever signs it.

Bad:

```xml title="app/src/main/res/xml/network_security_config.xml"
<network-security-config>
  <domain-config>
    <domain>api.shop.example</domain>
    <pin-set expiration="2027-03-01">
      <pin digest="SHA-256">kZwN96eHtZftBWrOZUsd6cA4es80n3NzSk/XtYz2EqQ=</pin>
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
      <pin digest="SHA-256">kZwN96eHtZftBWrOZUsd6cA4es80n3NzSk/XtYz2EqQ=</pin>
      <pin digest="SHA-256">C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M=</pin>
    </pin-set>
  </domain-config>
</network-security-config>
```

Sources: what the operators themselves say; each finding names the page and the day it was read.
"""

import re
from collections.abc import Iterator, Sequence

from pincheck.model import Context, DeclaredPin, Problem, Project
from pincheck.model.knowledge import CaKey, Identity, Provider
from pincheck.registry import rule
from pincheck.rules import _identity as identity
from pincheck.rules import _wording as wording
from pincheck.rules._identity import Listed


@rule(Project, "warning")
def check(project: Project, context: Context) -> Iterator[Problem]:
    """Say so once for each list and operator; a pin of which nothing is known may be the leaf's, so it silences.

    An intermediate that is retired is left to ``retired-ca-key``.
    """
    knowledge = context.knowledge
    rotating = [each for each in knowledge.providers if each.rotates] if knowledge else []
    if not knowledge or not rotating:
        return
    for listed in identity.lists(project):
        known = [knowledge.of(pin.pin) for pin in listed.pins if pin.pin]
        said = set()
        for pin, who in zip(listed.pins, known, strict=True):
            provider = _rotator(who.ca, rotating)
            if not provider or provider.name in said or _is_held(who, known):
                continue
            if pin.pin and not identity.retired(pin.pin, listed, context):
                said.add(provider.name)
                yield _problem(listed, pin, who, provider)


def _rotator(ca: CaKey | None, rotating: Sequence[Provider]) -> Provider | None:
    """Who rotates this intermediate, if anybody does."""
    if ca is None or _is_root(ca):
        return None
    parts = (f"CN={ca.name}", f"O={ca.operator}")
    return next(
        (
            each
            for each in rotating
            if any(re.fullmatch(text, part) for text in each.issuers for part in parts)
        ),
        None,
    )


def _is_root(ca: CaKey) -> bool:
    """Whether it is a root; one too new for any store is known to the table as what older roots vouch for."""
    return ca.kind == "root" or bool(re.search(r"\bRoot\b", ca.name))


def _is_held(who: Identity, others: Sequence[Identity]) -> bool:
    """Whether a root of its family, or what is or may be the leaf, is pinned too."""
    for other in others:
        if other.role not in ("intermediate", "root"):
            return True
        above = other.role == "root" or (other.ca and _is_root(other.ca))
        if above and other.family & who.family:
            return True
    return False


def _problem(listed: Listed, pin: DeclaredPin, who: Identity, provider: Provider) -> Problem:
    effect = "refuses" if listed.enforced else "reports"
    return Problem(
        pin.at,
        f"{wording.named(listed.hosts)}: {identity.key(pin)} is of {wording.shown(who.name)}, an intermediate of"
        f" {wording.shown(provider.name)}, which rotates them without notice; once a renewal comes from another,"
        f" {listed.client} {effect} every connection that no other pin matches",
        remedy=f"pin the root above it, or the host's own key; see {provider.source}"
        f" (read {provider.read.isoformat()})",
        hosts=listed.hosts,
        pin=wording.written(pin),
        context=listed.first.context,
    )
