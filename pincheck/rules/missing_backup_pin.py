"""A pin set holds fewer than two distinct keys.

When that one key is lost, or the CA replaces it, every installed app is locked out until its user
updates. A second pin, of a key kept elsewhere, lets the host change keys on any day. Where a change takes the second
pin away, ``backup-pin-removed`` says so instead.

Bad:

```xml title="app/src/main/res/xml/network_security_config.xml"
<network-security-config>
  <domain-config>
    <domain>api.shop.example</domain>
    <pin-set expiration="2027-03-01">
      <pin digest="SHA-256">C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M=</pin>
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
      <pin digest="SHA-256">C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M=</pin>
      <pin digest="SHA-256">r/mIkG3eEpVdm+u/ko/cwxzOMo1bk4TyHIlByibiA5E=</pin>
    </pin-set>
  </domain-config>
</network-security-config>
```

Sources: RFC 7469 §4.3 (a backup pin is required); Android Lint ``MissingBackupPin``; TrustKit for
iOS refuses a single pin when it enforces (``parse_configuration.m``).
"""

from collections.abc import Iterator

from pincheck.coverage import BELOW, Configuration, Coverage, Unread, configuration, meant_keys
from pincheck.model import Context, Pin, PinSet, Problem, Project
from pincheck.registry import rule
from pincheck.rules import _wording as wording
from pincheck.rules._expiry import standing


@rule(Project, "error")
def check(project: Project, context: Context) -> Iterator[Problem]:
    """Say so for a set that means exactly one key, however often and however spelt.

    Where the client joins the pins of all declarations for a host, those count together. A set
    that takes some pin from elsewhere may hold two, and is left to ``unresolved-pin``. What is known by
    the shape of its texts only may be compared beside others, or by nothing: a warning.
    """
    joined, unread = _joined(project), Unread(project.gaps)
    for pin_set in project.pin_sets:
        keys = meant_keys([pin_set])
        if (
            len(keys) == 1
            and _enforced(pin_set)
            and pin_set not in unread
            and not _has_backup(pin_set, joined)
        ):
            yield _problem(pin_set, keys[0], context)


def _enforced(pin_set: PinSet) -> bool:
    """Whether the client refuses any connection because of this set."""
    reached = not pin_set.hosts or any(not host.fault for host in pin_set.hosts)
    return pin_set.read and pin_set.semantics.enforced and reached


def _joined(project: Project) -> dict[Configuration, Coverage]:
    """The pin sets that a client joins, by the configuration they are part of."""
    found: dict[Configuration, list[PinSet]] = {}
    for pin_set in project.pin_sets:
        if pin_set.read and pin_set.semantics.lookup == "union":
            found.setdefault(_list(pin_set), []).append(pin_set)
    return {owner: Coverage(pin_sets) for owner, pin_sets in found.items()}


def _list(pin_set: PinSet) -> Configuration:
    """A configuration, or one of its lists: pins for leaves and pins for issuers are not joined."""
    path, mechanism, variant = configuration(pin_set)
    return path, f"{mechanism} {pin_set.semantics.compares}", variant


def _has_backup(pin_set: PinSet, joined: dict[Configuration, Coverage]) -> bool:
    """Whether other declarations bring every host of the set to two keys."""
    coverage = joined.get(_list(pin_set))
    if not coverage or not pin_set.hosts:
        return False
    hosts = [
        host
        for pattern in pin_set.hosts
        for host in (pattern.name, BELOW + pattern.name)
        if pattern.matches(host)
    ]
    return bool(hosts) and all(len(side.keys) > 1 for host in hosts for side in coverage.sides(host))


def _problem(pin_set: PinSet, key: Pin, context: Context) -> Problem:
    declared = next(pin for pin in pin_set.pins if pin.pin == key and not pin.placeholder)
    return Problem(
        pin_set.at,
        f"{wording.hosts(pin_set)}: {wording.pin_text(declared)} is the only pin{_effect(pin_set, key, context)}",
        remedy=_remedy(pin_set),
        hosts=pin_set.host_names,
        pin=wording.written(declared),
        context=pin_set.context,
        severity="warning" if pin_set.dynamic or pin_set.inferred else None,
    )


def _effect(pin_set: PinSet, key: Pin, context: Context) -> str:
    if refused := wording.too_few(pin_set):
        return refused
    client = pin_set.semantics.client
    changes = "once the host renews its certificate"
    if key.hashed == "spki":
        changes = _CHANGES[pin_set.semantics.compares]
    if standing(pin_set, context) == "expired" and pin_set.semantics.expiry == "unpinned":
        return f"; renewed as it is, it locks users out {changes}"
    if pin_set.inferred:
        return f" here; if the code compares no other, {client} refuses every connection {changes}"
    until = " until the service sends another" if pin_set.dynamic else ""
    return f"; {changes}, {client} refuses every connection{until}"


_CHANGES = {
    "leaf": "once the host changes its key",
    "issuers": "once a CA without that key issues its certificate",
    "path": "once that key leaves the host's chain",
    "served": "once that key leaves the host's chain",
}


def _remedy(pin_set: PinSet) -> str:
    if pin_set.semantics.certificate_only:
        return "publish the fingerprint of the next certificate before the host uses it"
    return "add the pin of a spare key kept offline, or of a key of another CA"
