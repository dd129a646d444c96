"""Pin sets x observations -> verifications: what each client's configuration says, held against what is served."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from pincheck.comparison import Anchors, Comparison
from pincheck.coverage import Coverage, Side, Unread, counting
from pincheck.lockout import lockout
from pincheck.minimums import minimum
from pincheck.model import HostPattern, PinSet, Policy, Project
from pincheck.model.chains import Look, Observation, Release, Survey, Target, Verification

if TYPE_CHECKING:
    from pincheck.pki.paths import Built
    from pincheck.pki.trust import Trust

MAX_NAME = 253


def targets(
    project: Project, policy: Policy, ports: Mapping[str, tuple[int, ...]] | None = None
) -> tuple[Target, ...]:
    """The hosts that can be asked, each once, in the order of the files.

    Those a declaration covers by name, and those the configuration names for a wildcard. ``ports`` are those
    of base URLs in code; the configuration's port has the last word.
    """
    stated = {host.pattern.lower(): host for host in policy.hosts}
    found: dict[Target, None] = {}
    for pattern in _patterns(project, policy):
        for name in _names(pattern, policy):
            own = stated.get(name)
            if (own and own.skip) or len(name) > MAX_NAME:
                continue
            coded = (ports or {}).get(name, ())
            for port in (own.port,) if own and own.port else coded or (443,):
                found.setdefault(Target(name, port))
    return tuple(found)


def unnamed(project: Project, policy: Policy) -> tuple[str, ...]:
    """The host patterns, as written, of which no concrete name is known, each once."""
    patterns = _patterns(project, policy)
    return tuple(dict.fromkeys(pattern.text for pattern in patterns if not _names(pattern, policy)))


def _patterns(project: Project, policy: Policy) -> Iterator[HostPattern]:
    for pin_set in counting(project, policy.contexts):
        if pin_set.pins or pin_set.files:
            yield from (host for host in pin_set.hosts if not host.fault)


def _names(pattern: HostPattern, policy: Policy) -> tuple[str, ...]:
    stated = (name for host in policy.hosts for name in host.names if pattern.matches(name))
    return tuple(dict.fromkeys([*([pattern.name] if pattern.apex else []), *stated]))


def match(
    project: Project, observations: Sequence[Observation], trust: "Trust", policy: Policy, today: date
) -> Survey:
    """Hold what each client's configuration says about a host against all that was seen of it."""
    seen: dict[str, list[Observation]] = {}
    for observation in observations:
        seen.setdefault(observation.target.host, []).append(observation)
    sets = [each for each in counting(project, policy.contexts) if each.pins or each.files]
    coverage, unread = Coverage(sets), Unread(project.gaps)
    judge = _Judge(project, trust, today)
    reuses = {host.pattern.lower(): host.reuses_key for host in policy.hosts}
    verifications = []
    for host, own in seen.items():
        for side in coverage.sides(host):
            looks = tuple(judge.look(side, observation) for observation in own)
            end = lockout(side.pin_sets, looks, today, reuses.get(host))
            complete = not any(pin_set in unread for pin_set in side.pin_sets)
            verifications.append(Verification(host, side.pin_sets, looks, end, complete))
    return Survey(tuple(observations), tuple(verifications))


class _Judge:
    """Holds pin sets against observations; paths are built once for each chain and set of anchors."""

    def __init__(self, project: Project, trust: "Trust", today: date) -> None:
        self._trust = trust
        self._today = today
        self._files = {file.path: file.ders for file in project.certificate_files}
        self._minimum = {platform: minimum(project, platform) for platform in ("android", "ios")}
        self._built: dict[object, Built] = {}

    def look(self, side: Side, observation: Observation) -> Look:
        """What each release makes of one observation; nothing where no chain was seen."""
        if not observation.served:
            return Look(observation, ())
        client = side.first.semantics
        trusted = self._trusted(side.pin_sets)
        built = self._paths(observation, trusted)
        comparison = Comparison(side.pin_sets, self._files, trusted, self._today)
        verdicts = (comparison.verdict(release, built) for release in self._releases(client.platform))
        chain = tuple(each for each in built.served if each)
        return Look(observation, tuple(verdicts), built.fault, built.reason, chain)

    def _releases(self, platform: str) -> tuple[Release, ...]:
        if platform == "jvm":
            return self._trust.releases("jvm")
        platforms = ("android", "ios") if platform == "any" else (platform,)
        return tuple(
            release
            for each in platforms
            for release in self._trust.releases(each, self._minimum[each])  # type: ignore[arg-type]
        )

    def _paths(self, observation: Observation, trusted: Anchors) -> "Built":
        from pincheck.pki import paths

        key = (observation.served, observation.target.host, trusted.own, trusted.system)
        if key not in self._built:
            self._built[key] = paths.build(
                observation.served, observation.target.host, observation.at, self._trust,
                own=trusted.own, system=trusted.system,
            )  # fmt: skip
        return self._built[key]

    def _trusted(self, pin_sets: Sequence[PinSet]) -> Anchors:
        """The anchors that all sets of a side share, as the client's configuration is one."""
        first = pin_sets[0]
        if first.files and first.semantics.files == "anchors":
            ders = self._ders(path for file in first.files for path in file.paths)
            return Anchors(
                ders, False, frozenset(), "" if ders else "its certificate file is not in the tree"
            )
        own = self._ders(path for anchor in first.anchors for path in anchor.files)
        overriding = self._ders(path for each in first.anchors if each.overrides_pins for path in each.files)
        sources = {anchor.source for anchor in first.anchors}
        unread = [each.source for each in first.anchors if each.source.startswith("@") and not each.files]
        system = not sources or "system" in sources
        unknown = f"its trust anchor {unread[0]} is not in the tree" if unread and not system else ""
        return Anchors(own, system, frozenset(overriding), unknown)

    def _ders(self, paths: Iterable[str]) -> tuple[bytes, ...]:
        return tuple(dict.fromkeys(der for path in paths for der in self._files.get(path, ())))
