"""Pin sets x observations -> verifications: what each client's configuration says, held against what is served."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from pincheck.comparison import Anchors, Comparison, Roots, unread_file
from pincheck.coverage import Coverage, Unread, counting, nearest
from pincheck.lockout import Habit, lockout
from pincheck.minimums import minimum
from pincheck.model import HostPattern, PinSet, Policy, Project, Semantics, TrustAnchor
from pincheck.model.chains import Look, Observation, Release, Survey, Target, Verification
from pincheck.providers import removals

if TYPE_CHECKING:
    from pincheck.model.knowledge import Issuance
    from pincheck.pki.paths import Built
    from pincheck.pki.trust import Trust

MAX_NAME = 253
_ANY_PUBLIC = Anchors((), True)
_ATS_SINCE = "14"
"""The first iOS that reads NSPinnedDomains (Apple's documentation of the key)."""


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
    project: Project,
    observations: Sequence[Observation],
    trust: "Trust",
    policy: Policy,
    today: date,
    issued: Sequence["Issuance"] = (),
) -> Survey:
    """Hold what each client's configuration says about a host against all that was seen of it.

    ``issued`` are the certificates of public logs, if they were asked: they tell of past renewals.
    """
    seen: dict[str, list[Observation]] = {}
    for observation in observations:
        seen.setdefault(observation.target.host, []).append(observation)
    # Those without pins count too: they switch off what is declared for the names above theirs.
    coverage, unread = Coverage(counting(project, policy.contexts)), Unread(project.gaps)
    judge = _Judge(project, trust, today)
    removed = removals()
    reuses = {host.pattern.lower(): host.reuses_key for host in policy.hosts if host.reuses_key is not None}
    verifications = []
    for host, own in seen.items():
        habit = _habit(host, reuses.get(nearest(host, reuses)), issued, own, today)
        for side in coverage.sides(host):
            pin_sets = tuple(each for each in side.pin_sets if each.pins or each.files)
            if pin_sets:
                looks = tuple(judge.look(pin_sets, observation) for observation in own)
                complete = not any(pin_set in unread for pin_set in pin_sets)
                end = lockout(pin_sets, looks, today, habit, complete, removed)
                verifications.append(Verification(host, pin_sets, looks, end, complete))
    return Survey(tuple(observations), tuple(verifications))


def _habit(
    host: str,
    stated: bool | None,
    issued: Sequence["Issuance"],
    observations: Sequence[Observation],
    today: date,
) -> Habit:
    """Whether the renewals of a host keep its key; logs tell of it if they know the key that is served."""
    if stated is not None or not issued:
        return Habit(stated)
    from pincheck.ct.history import history
    from pincheck.pki.certificates import parse

    past = history(issued, host, today)
    leaves = (parse(each.served[0]) for each in observations if each.served)
    is_current = any(leaf and leaf.spki in past.keys for leaf in leaves)
    return Habit(None, past.reuses_key if is_current else None)


class _Judge:
    """Holds pin sets against observations; paths are built once for each chain and set of anchors."""

    def __init__(self, project: Project, trust: "Trust", today: date) -> None:
        self._trust = trust
        self._today = today
        self._files = {file.path: file.ders for file in project.certificate_files}
        self._minimum = {platform: minimum(project, platform) for platform in ("android", "ios")}
        self._built: dict[object, Built] = {}

    def look(self, pin_sets: tuple[PinSet, ...], observation: Observation) -> Look:
        """What each release makes of one observation; nothing where no chain was seen."""
        if not observation.served:
            return Look(observation, ())
        trusted = self._trusted(pin_sets)
        built = self._paths(observation, _ANY_PUBLIC if trusted.unknown else trusted)
        comparison = Comparison(pin_sets, self._files, trusted, self._today, self._roots)
        releases = self._releases(pin_sets[0].semantics)
        chain = tuple(each for each in built.served if each)
        if trusted.own and not trusted.system and built.fault in ("private", "incomplete"):
            public = self._paths(observation, _ANY_PUBLIC)
            if public.paths:
                astray = tuple(comparison.astray(release, public) for release in releases)
                return _judged(Look(observation, astray, chain=chain))
        verdicts = tuple(comparison.verdict(release, built) for release in releases)
        if built.fault == "private" and any(each.state == "match" for each in verdicts):
            return Look(observation, verdicts, chain=chain)
        return _judged(Look(observation, verdicts, built.fault, built.reason, chain))

    @cached_property
    def _roots(self) -> Roots:
        found: dict[bytes, frozenset[Release]] = {}
        for anchor in self._trust.anchors.values():
            found[anchor.spki] = found.get(anchor.spki, frozenset()) | anchor.releases
        return found

    def _releases(self, client: Semantics) -> tuple[Release, ...]:
        platform = client.platform
        if client.steers:  # Apple's own pins, which older releases do not read
            return self._trust.releases("ios", max(self._minimum["ios"], _ATS_SINCE, key=_major))
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
            ders = self._ders(path for each in pin_sets for file in each.files for path in file.paths)
            missing = unread_file(pin_sets, self._files)
            return Anchors(ders, False, unknown="" if ders else missing, missing=missing)
        own = self._ders(path for anchor in first.anchors for path in anchor.files)
        overriding = [anchor for anchor in first.anchors if anchor.overrides_pins]
        sources = {anchor.source for anchor in first.anchors}
        system = not sources or "system" in sources
        missing = "" if system else self._missing(first.anchors)
        unknown = missing or "it trusts no CA but those that users install"
        return Anchors(
            own,
            system,
            frozenset(self._ders(path for anchor in overriding for path in anchor.files)),
            any(anchor.source == "system" for anchor in overriding),
            "" if system or own else unknown,
            missing,
        )

    def _missing(self, anchors: Iterable[TrustAnchor]) -> str:
        """Which trust anchor is not at hand, a clause; or empty."""
        lost = [each for each in anchors if each.source.startswith("@") and not self._ders(each.files)]
        return f"its trust anchor {lost[0].source[:80]} cannot be found here" if lost else ""

    def _ders(self, paths: Iterable[str]) -> tuple[bytes, ...]:
        return tuple(dict.fromkeys(der for path in paths for der in self._files.get(path, ())))


def _major(version: str) -> int:
    return int(version.partition(".")[0] or 0)


def _judged(look: Look) -> Look:
    """A look that tells why no release could be judged, where it is not the chain's fault."""
    if look.fault or any(each.state in ("match", "mismatch", "unsupported") for each in look.verdicts):
        return look
    return look._replace(reason=next((each.reason for each in look.verdicts if each.reason), ""))
