"""A change leaves a host unpinned that was pinned before.

A deleted entry or file, a pattern that covers fewer names, or a switch to a mode that only reports: new versions
accept any certificate that a trusted CA issues. If that is meant, say why in an ignore.

Bad:

```xml title="before: app/src/main/res/xml/network_security_config.xml"
<!-- before the change -->
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
```xml title="app/src/main/res/xml/network_security_config.xml"
<!-- after the change -->
<network-security-config>
  <domain-config>
    <domain>shop.example</domain>
    <pin-set expiration="2027-03-01">
      <pin digest="SHA-256">C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M=</pin>
      <pin digest="SHA-256">r/mIkG3eEpVdm+u/ko/cwxzOMo1bk4TyHIlByibiA5E=</pin>
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
```kotlin title="app/src/main/java/example/shop/Client.kt"
// after the change
val pinner = CertificatePinner.Builder()
    .add("api.shop.example", "sha256/C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M=")
    .add("api.shop.example", "sha256/r/mIkG3eEpVdm+u/ko/cwxzOMo1bk4TyHIlByibiA5E=")
    .build()
val client = OkHttpClient.Builder().certificatePinner(pinner).build()
```

So does a new file in the source set of some builds (``src/release/res/xml/…``) that lacks the pins of the file of that
name in ``src/main``, as the resource of the more specific source set takes its place.

A host that another format of the same platform pins from now on is still pinned. Where two apps of a repository pin
a host in code, the code of one counts for both. What is gone has no line for a comment: where a whole declaration is
removed, only the configuration can silence this.

Sources: OWASP MASVS-NETWORK-2 (identity pinning for remote endpoints under the developer's control);
https://developer.android.com/build/build-variants#sourceset-build (which source set's resource counts).
"""

from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from pincheck.coverage import Coverage, configuration, meant_keys
from pincheck.model import Context, Location, PinSet, Problem, Severity
from pincheck.model.changes import Change
from pincheck.readers.paths import source_set
from pincheck.registry import rule
from pincheck.rules import _change
from pincheck.rules import _wording as wording
from pincheck.rules._change import PLATFORMS, Pair, Unknown

MAX_LOOKED_AT = 20
"""Of the declarations for one host that do not count."""
BUILDS = {"production": "releases", "test": "tests", "example": "examples", "debug": "debug builds"}
REMEDY = "put the pins back, or say in an ignore why the host needs none any more"


@rule(Change, "warning")
def check(change: Change, context: Context) -> Iterator[Problem]:
    """Say so once for each declaration, and once for a platform on which nothing at all is pinned any more."""
    unknown = Unknown(change, context)
    every = _change.pairs(change, context)
    gone = list(_merged(pair for pair in every if not pair.after and not _change.lapsed(pair, context)))
    bare = _bare(change, context, gone)
    for platforms, lost in bare.items():
        yield _nothing_left(platforms, lost, unknown)
    gone = [_without(pair, {each for platforms in bare for each in platforms}) for pair in gone]
    uncounted = Coverage(
        each for each in change.after.pin_sets if each.context not in context.policy.contexts
    )
    for pair, left in _by_file((pair for pair in gone if pair.platforms), change, context, uncounted):
        yield _problem(pair, left, unknown)


def _merged(pairs: Iterable[Pair]) -> Iterator[Pair]:
    """The pairs, those of one declaration as one: others may count beside it for some of its hosts only."""
    found: dict[tuple[object, ...], tuple[Pair, dict[str, None]]] = {}
    for pair in pairs:
        identity = (
            id(pair.before[0]),
            tuple(map(id, pair.loose)),
            pair.shadow,
            pair.platforms,
            _others(pair),
        )
        found.setdefault(identity, (pair, {}))[1].update(dict.fromkeys(pair.hosts))
    return (pair._replace(hosts=tuple(hosts)) for pair, hosts in found.values())


def _by_file(
    pairs: Iterable[Pair], change: Change, context: Context, uncounted: Coverage
) -> Iterator[tuple[Pair, str]]:
    """The pairs, those of one file that pins nothing any more as one, each with a clause on who still pins."""
    pinning = {
        change.renamed.get(each.at.path, each.at.path)
        for each in change.after.pin_sets
        if each.context in context.policy.contexts
    }
    found: dict[tuple[object, tuple[str, ...], str], tuple[Pair, dict[str, None]]] = {}
    for pair in pairs:
        whole = pair.before[0].at.path not in pinning and not pair.loose
        owner = configuration(pair.before[0]) if whole else id(pair)
        identity = (owner, pair.platforms, _left(pair, uncounted))
        found.setdefault(identity, (pair, {}))[1].update(dict.fromkeys(pair.hosts))
    return ((pair._replace(hosts=tuple(hosts)), left) for (_, _, left), (pair, hosts) in found.items())


def _others(pair: Pair) -> str:
    return pair.elsewhere[0].at.path if pair.elsewhere else ""


def _bare(change: Change, context: Context, gone: Sequence[Pair]) -> dict[tuple[str, ...], list[Pair]]:
    """The platforms that lose more than one declaration and keep none, and what they lose."""
    kept = {
        platform
        for each in change.after.pin_sets
        if each.read and each.context in context.policy.contexts and (each.pins or each.files)
        for platform in _change.platforms_of(each)
    }
    found: dict[tuple[int, ...], tuple[list[Pair], list[str]]] = {}
    for platform in PLATFORMS:
        lost = [pair for pair in gone if platform in pair.platforms]
        if platform not in kept and len({id(pair.before[0]) for pair in lost}) > 1:
            found.setdefault(tuple(map(id, lost)), (lost, []))[1].append(platform)
    return {tuple(platforms): lost for lost, platforms in found.values()}


def _without(pair: Pair, platforms: Container[str]) -> Pair:
    return pair._replace(platforms=tuple(each for each in pair.platforms if each not in platforms))


def _nothing_left(platforms: tuple[str, ...], pairs: Sequence[Pair], unknown: Unknown) -> Problem:
    hosts = tuple(dict.fromkeys(host for pair in pairs for host in pair.hosts))
    doubt = next((doubt for pair in pairs if (doubt := _doubt(pair, unknown))), NONE)
    return Problem(
        pairs[0].before[0].at,
        f"{_change.named(hosts)}: this change removes every declaration that pins on {_change.platforms(platforms)}:"
        f" new versions accept any certificate that a trusted CA issues{doubt.unless}",
        remedy="put the pins back, or say in an ignore why the app needs none any more",
        hosts=hosts,
        context=pairs[0].before[0].context,
        severity=doubt.severity,
        gone=True,
    )


def _problem(pair: Pair, left: str, unknown: Unknown) -> Problem:
    if pair.loose:
        return _unenforced(pair)
    if pair.shadow:
        return _shadowed(pair, pair.shadow)
    doubt = _doubt(pair, unknown)
    return Problem(
        _place(pair),
        f"{_change.named(pair.hosts)}: no longer pinned on {_change.platforms(pair.platforms)}: new versions accept any"
        f" certificate that a trusted CA issues{doubt.unless}{left}",
        remedy=REMEDY,
        hosts=pair.hosts,
        pin=_pin(pair),
        context=pair.before[0].context,
        severity=doubt.severity,
        gone=True,
    )


def _left(pair: Pair, uncounted: Coverage) -> str:
    """A clause on who declares the same after the change, and does not count for these users."""
    if pair.elsewhere:
        return f"; only builds with {_path(pair.elsewhere[0])} still pin"
    keys = set(meant_keys(pair.before))
    found = (each for name in _names(pair) for _, each in islice(uncounted.patterns(name), MAX_LOOKED_AT))
    same = next((each for each in found if keys & set(meant_keys((each,)))), None)
    return f"; {_path(same)} declares the pins for {BUILDS[same.context]} only" if same else ""


def _names(pair: Pair) -> dict[str, None]:
    return dict.fromkeys(host.removeprefix("*.").removeprefix("*.") for host in pair.hosts)


def _path(pin_set: PinSet) -> str:
    return wording.shown(pin_set.at.path)


def _unenforced(pair: Pair) -> Problem:
    first = pair.loose[0]
    client = first.semantics.client
    if any(each.pins or each.files for each in pair.loose):
        says = f"pins still stand here, and {client} no longer refuses a connection that matches none"
        remedy = "enforce the pins again, or say in an ignore why not"
    else:
        says = f"this declaration takes precedence and gives no pins, so {client} accepts any trusted certificate"
        remedy = "give it the pins too, or say in an ignore why the host needs none any more"
    return Problem(
        first.at,
        f"{_change.named(pair.hosts)}: no longer pinned on {_change.platforms(pair.platforms)}: {says}",
        remedy=remedy,
        hosts=pair.hosts,
        pin=_pin(pair),
        context=first.context,
    )


def _shadowed(pair: Pair, by: Location) -> Problem:
    builds, general = source_set(by.path), pair.before[0]
    return Problem(
        by,
        f"{_change.named(pair.hosts)}: not pinned on {_change.platforms(pair.platforms)} in builds of"
        f" {wording.shown(builds)}, which read this file in place of {_path(general)}: new versions of these accept any"
        " certificate that a trusted CA issues",
        remedy="give it the pins too, or say in an ignore why these builds need none",
        hosts=pair.hosts,
        pin=_pin(pair),
        context=general.context,
    )


def _pin(pair: Pair) -> str:
    return next((wording.written(pin) for each in pair.before for pin in each.pins), "")


class Doubt(NamedTuple):
    """Why a host may be pinned after all."""

    unless: str = ""
    severity: Severity | None = None

    def __bool__(self) -> bool:
        return bool(self.unless)


NONE = Doubt()


def _doubt(pair: Pair, unknown: Unknown) -> Doubt:
    """A file that cannot be read any more is no less grave; a place whose pins are just not to be had is."""
    if path := unknown.file(pair):
        return Doubt(f", unless {wording.shown(path)}, which cannot be read any more, pins it")
    if at := unknown.place(pair):
        return Doubt(f", unless {wording.shown(at.path)}:{at.line}, which cannot be read, pins it", "note")
    if not pair.hosts and all(each.inferred for each in pair.before):
        return Doubt(", if the code compared these hashes at all")
    return NONE


def _place(pair: Pair) -> Location:
    """The pattern where only some names are lost, else the declaration."""
    first = pair.before[0]
    lost = [host for host in first.hosts if host.name in _names(pair)]
    narrowed = any(host.startswith("*.") for host in pair.hosts)
    return lost[0].at if lost and (narrowed or len(lost) < len(first.hosts)) else first.at
