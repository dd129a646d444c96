"""What rules on changes share: the pins of a host before and after, as the users of one platform meet them.

A declaration that moves to another file, or to another format of its platform, is the same to its users. So the
configurations of both states are paired: by where they stand (renames followed), then by the keys they hold.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Literal, NamedTuple

from pincheck.comparison import usable
from pincheck.coverage import BELOW, DEEP_BELOW, Coverage, Unread, configuration, counting
from pincheck.model import CodeContext, Context, DeclaredPin, Gap, HostPattern, Location, PinSet, Project
from pincheck.model.chains import Survey, Verification
from pincheck.model.changes import Change
from pincheck.readers.paths import source_set
from pincheck.rules import _live as live
from pincheck.rules import _wording as wording
from pincheck.rules._expiry import standing

PLATFORMS = {"android": "Android", "ios": "iOS", "jvm": "the JVM"}
_MANIFESTS = (".xml", ".plist", ".json", ".yml", ".yaml")
"""Files of which each app has its own; code is shared."""

MAX_SHADOWS = 20
"""Of the new files that take the place of one; each is told of with all of its hosts."""

PinSets = tuple[PinSet, ...]
Fate = Literal["unseen", "both", "cured", "lost"]
"""Both match, only what is new does, only what was before did; or neither does, or nobody looked."""


class Pair(NamedTuple):
    """The pins of some hosts in one configuration before a change, and in the one that takes its place."""

    before: PinSets
    """Never empty; they pinned, and the client enforced it."""
    after: PinSets
    """Empty if nothing pins these hosts any more."""
    hosts: tuple[str, ...]
    """``api.shop.example``; ``*.shop.example`` for names below one."""
    platforms: tuple[str, ...]
    loose: PinSets = ()
    """Where ``after`` is empty: what speaks of them still, without pins or without enforcing them."""
    elsewhere: PinSets = ()
    """Where ``after`` is empty: what pins them in another app."""
    names: frozenset[str] = frozenset()
    """As ``hosts``, which tells only the first of a host and the names below it where they are one pair."""
    shadow: Location | None = None
    """Where ``after`` is empty: a new file that some builds read in place of the one that still pins them."""


class Key(NamedTuple):
    """A pinned key: what it is called in messages, and where."""

    name: str
    text: str
    """For ``Problem.pin``."""
    at: Location


def pairs(change: Change, context: Context, hosts: Sequence[str] | None = None) -> tuple[Pair, ...]:
    """Every configuration that pinned some hosts before, with what takes its place; each pair once.

    ``hosts`` are the names to ask about; without, all that either state knows of.
    """
    contexts = context.policy.contexts
    before, after = _State(change.before, contexts), _State(change.after, contexts, change.renamed)
    found: dict[tuple[object, ...], tuple[Pair, dict[str, str], dict[str, None], set[str]]] = {}
    asked = (
        _names(before.coverage, after.coverage) if hosts is None else ((host, host, host) for host in hosts)
    )
    fresh = _fresh(before, after)
    for host, name, text in asked:
        for pair in _of_host(host, before, after, change.renamed, fresh):
            identity = (
                *(tuple(map(id, sets)) for sets in (pair.before, pair.after, pair.loose)),
                pair.shadow,
            )
            _, texts, platforms, names = found.setdefault(identity, (pair, {}, {}, set()))
            texts.setdefault(name, text)
            names.add(text)
            platforms.update(dict.fromkeys(pair.platforms))
    for pair in _hostless(before, after, change.renamed) if hosts is None else ():
        identity = (*(tuple(map(id, sets)) for sets in (pair.before, pair.after)), (), None)
        found.setdefault(identity, (pair, {}, {}, set()))[2].update(dict.fromkeys(pair.platforms))
    return tuple(
        pair._replace(hosts=tuple(texts.values()), platforms=tuple(platforms), names=frozenset(names))
        for pair, texts, platforms, names in found.values()
    )


def _names(before: Coverage, after: Coverage) -> Iterator[tuple[str, str, str]]:
    """A name to ask about, the name of its pattern, and what to call it; names below only where some are meant."""
    for name in dict.fromkeys((*before.names, *after.names)):
        yield name, name, name
        patterns = (*before.patterns(name), *after.patterns(name))
        if any(pattern.depth != "exact" for pattern, _ in patterns):
            yield BELOW + name, name, f"*.{name}"
            yield DEEP_BELOW + name, name, f"*.*.{name}"


def base(name: str) -> str:
    """The name that a name of ``Pair.hosts`` or ``Pair.names`` is about, be it those below it."""
    return name.removeprefix("*.").removeprefix("*.")


def asked(host: HostPattern) -> set[str]:
    """The ``Pair.names`` that stand for all that a pattern covers; none if it can match no host."""
    if host.fault:
        return set()
    return {
        *([host.name] if host.apex else []),
        *([f"*.{host.name}"] if host.depth != "exact" else []),
        *([f"*.*.{host.name}"] if host.depth == "any" else []),
    }


# the two states --------------------------------------------------------------


class _State:
    """What one state pins, for whom."""

    def __init__(
        self, project: Project, contexts: Sequence[CodeContext], renamed: Mapping[str, str] = {}
    ) -> None:
        counted = counting(project, contexts)
        self.coverage = Coverage(counted)
        places = [each.at for each in project.unpinned if each.context in contexts]
        places += [each.at for each in counted]
        self.files = {renamed.get(at.path, at.path): at for at in reversed(places)}
        """Those that can pin, by their paths before, each with a place in it."""
        self._loose = _unenforced(project, counted)
        self.hostless = [(each,) for each in counted if not each.hosts and self._holds((each,))]

    def sides(self, host: str) -> dict[str, tuple[list[PinSets], list[PinSets]]]:
        """By platform the configurations that pin a host, and those that speak of it without effect."""
        found: dict[str, tuple[list[PinSets], list[PinSets]]] = {}
        for side in self.coverage.sides(host):
            for platform in platforms_of(side.first):
                enforced, loose = found.setdefault(platform, ([], []))
                (enforced if self._holds(side.pin_sets) else loose).append(side.pin_sets)
        return found

    def _holds(self, pin_sets: PinSets) -> bool:
        return any((each.pins or each.files) and id(each) not in self._loose for each in pin_sets)


def platforms_of(pin_set: PinSet) -> tuple[str, ...]:
    """The platforms whose apps read a declaration."""
    platform = pin_set.semantics.platform
    return ("android", "ios") if platform == "any" else (platform,)


def _unenforced(project: Project, pin_sets: Iterable[PinSet]) -> set[int]:
    """The sets that let every connection through, by their own kind or by what a parser saw."""
    places: set[tuple[object, ...]] = set()
    for defect in project.defects:
        if defect.kind == "unenforced" and defect.severity is None:  # else that is not certain, or half of it
            places.add(_start(defect.at))
            places.update((defect.at.path, host) for host in defect.hosts)
    return {
        id(each)
        for each in pin_sets
        if not each.semantics.enforced
        or _start(each.at) in places
        or (each.hosts and all((each.at.path, host) in places for host in each.host_names))
    }


def _start(at: Location) -> tuple[str, int, int]:
    return at.path, at.line, at.column


# pairing -----------------------------------------------------------------------


def _of_host(
    host: str,
    before: _State,
    after: _State,
    renamed: Mapping[str, str],
    fresh: Mapping[object, list[Location]],
) -> Iterator[Pair]:
    now = after.sides(host)
    for platform, (pinned, _) in before.sides(host).items():
        left, loose = now.get(platform, ([], []))
        hostless = [each for each in after.hostless if platform in platforms_of(each[0])]
        matched, gone = _matched(pinned, left, renamed)
        for old, new in matched:
            yield Pair(old, new, (), (platform,))
            for shadow in _shadows(new, left, fresh):
                yield Pair(old, (), (), (platform,), shadow=shadow)
        others = _Others(left, after.files)
        said = {(id(new), _digests(old)) for old, new in matched} if gone else set()
        for old in gone:
            if general := others.general(old):
                if (id(general), _digests(old)) not in said:
                    yield Pair(old, general, (), (platform,))
            elif not others.cover(old) and not _share(old, hostless):
                still, _ = _matched([old], loose, renamed)
                yield Pair(old, (), (), (platform,), still[0][1] if still else (), left[0] if left else ())


def _fresh(before: _State, after: _State) -> dict[object, list[Location]]:
    """The new Android resources that stand in a source set of some builds, by what they take the place of."""
    found: dict[object, list[Location]] = {}
    for path, at in after.files.items():
        role = _role(at.path)
        if path not in before.files and role[1].startswith("res/") and source_set(at.path) != "main":
            found.setdefault(role, []).append(at)
    return found


def _shadows(
    pin_sets: PinSets, left: Sequence[PinSets], fresh: Mapping[object, list[Location]]
) -> Iterator[Location]:
    """The new files that some builds read in place of the general one of these pins, where nothing else pins."""
    path = pin_sets[0].at.path
    if fresh and source_set(path) == "main" and len({each[0].mechanism for each in left}) == 1:
        pinning = {each[0].at.path for each in left}
        yield from (at for at in fresh.get(_role(path), ())[:MAX_SHADOWS] if at.path not in pinning)


def _role(path: str) -> tuple[str, str]:
    """The module of a file, and its path in a source set."""
    module, _, within = path.partition("/src/")
    return module, within.partition("/")[2]


def _hostless(before: _State, after: _State, renamed: Mapping[str, str]) -> Iterator[Pair]:
    """Pairs of sets whose hosts are not to be had from the source; pins that went to named hosts are not gone."""
    for platform in PLATFORMS:
        old = [each for each in before.hostless if platform in platforms_of(each[0])]
        new = [each for each in after.hostless if platform in platforms_of(each[0])]
        if old:
            matched, gone = _matched(old, new, renamed)
            yield from (Pair(one, other, (), (platform,)) for one, other in matched)
            others = _Others(new)
            named = [(each,) for name in after.coverage.names for _, each in after.coverage.patterns(name)]
            yield from (
                Pair(one, (), (), (platform,))
                for one in gone
                if not _share(one, named) and not others.cover(one)
            )


def _matched(
    before: Sequence[PinSets], after: Sequence[PinSets], renamed: Mapping[str, str]
) -> tuple[list[tuple[PinSets, PinSets]], list[PinSets]]:
    """The pairs, and what is left of the state before; each configuration is used once."""

    def path(each: PinSet) -> str:
        return renamed.get(each.at.path, each.at.path)

    ways: tuple[tuple[Callable[[PinSets], object], Callable[[PinSets], object]], ...] = (
        (lambda old: configuration(old[0]), lambda new: (path(new[0]), *configuration(new[0])[1:])),
        (lambda old: old[0].at.path, lambda new: path(new[0])),
        (_digests, _digests),
    )
    found: list[tuple[PinSets, PinSets]] = []
    old_left, new_left = list(before), list(after)
    for of_old, of_new in ways:
        waiting: dict[object, list[PinSets]] = {}
        for new in reversed(new_left):
            waiting.setdefault(of_new(new), []).append(new)
        taken: set[int] = set()
        rest = []
        for old in old_left:
            if candidates := waiting.get(of_old(old)):
                found.append((old, candidates.pop()))
                taken.add(id(found[-1][1]))
            else:
                rest.append(old)
        old_left, new_left = rest, [new for new in new_left if id(new) not in taken]
    while old_left and new_left:
        old = old_left.pop(0)
        new = next((each for each in new_left[:20] if _digests(each) & _digests(old)), new_left[0])
        new_left.remove(new)
        found.append((old, new))
    return found, old_left


def _digests(pin_sets: PinSets) -> frozenset[bytes]:
    return frozenset(
        pin.pin.digest for each in pin_sets for pin in each.pins if pin.pin and not pin.placeholder
    )


def _share(old: PinSets, others: Iterable[PinSets]) -> bool:
    keys = _digests(old)
    return any(keys & _digests(other) for other in others)


class _Others:
    """Configurations that were there all along, where one for the same host is gone."""

    def __init__(self, left: Iterable[PinSets], standing: Container[str] = ()) -> None:
        """``standing`` are the files, by their paths before, that still pin something."""
        every = list(left)
        self._standing = standing
        self._mechanisms = {each[0].mechanism for each in every}
        self._general = {
            (each[0].mechanism, _module(each[0])): each
            for each in reversed(every)
            if source_set(each[0].at.path) == "main"
        }

    def cover(self, gone: PinSets) -> bool:
        """Whether one of them pins for the users of the one that is gone.

        Code is shared, and two formats stand in one app. A file of which each app has its own speaks for another
        only where it is the general one.
        """
        if not _is_manifest(gone):
            return bool(self._mechanisms)
        return bool(self._mechanisms - {gone[0].mechanism} or self.general(gone))

    def general(self, gone: PinSets) -> PinSets | None:
        """The one that a build falls back on if it has no file of its own any more."""
        if not _is_manifest(gone) or gone[0].at.path in self._standing:
            return None
        return self._general.get((gone[0].mechanism, _module(gone[0])))


def _is_manifest(pin_sets: PinSets) -> bool:
    return pin_sets[0].at.path.lower().endswith(_MANIFESTS)


def _module(pin_set: PinSet) -> str:
    return pin_set.at.path.partition("/src/")[0]


# keys --------------------------------------------------------------------------


class Keys:
    """The keys that pin sets of both states hold, whatever a pin is the hash of."""

    def __init__(self, change: Change) -> None:
        self._change = change

    def usable(self, pin_sets: PinSets) -> dict[bytes, Key]:
        """Those that the client can compare: by these it let users in."""
        return self._of(pin_sets, lambda pin: usable(pin) and not _is_mistaken(pin))

    def meant(self, pin_sets: PinSets) -> dict[bytes, Key]:
        """Those that are meant, be it in a spelling that the client cannot use."""
        return self._of(pin_sets, lambda pin: bool(pin.pin) and not pin.placeholder)

    def same(self, digest: bytes) -> bytes:
        """The SHA-256 of the SPKI behind a digest, where the tree or a host shows the certificate; else itself."""
        return self._aliases.get(digest, digest)

    def comparable(self, pin_sets: PinSets) -> bool:
        """Whether all pins are of one kind, or the keys behind the hashes of certificates are known."""
        pins = [pin for each in pin_sets for pin in each.pins if pin.pin and not pin.placeholder]
        odd = [pin.pin for pin in pins if pin.pin and pin.pin[:2] != ("spki", "sha256")]
        kinds = {pin.pin[:2] for pin in pins if pin.pin}
        files = any(each.files for each in pin_sets)
        return (len(kinds) < 2 and not (files and odd)) or all(pin.digest in self._aliases for pin in odd)

    def _of(self, pin_sets: PinSets, counts: Callable[[DeclaredPin], bool]) -> dict[bytes, Key]:
        found: dict[bytes, Key] = {}
        for each in pin_sets:
            for pin in each.pins:
                if pin.pin and counts(pin):
                    plain = pin.pin[:2] == ("spki", "sha256") and not pin.certificate_file
                    digest = pin.pin.digest if plain else self.same(pin.pin.digest)
                    found.setdefault(digest, Key(wording.pin_key(pin.pin), wording.written(pin), pin.at))
            for file in each.files:
                for path in file.paths:
                    for digest in self._of_file(path, each):
                        found.setdefault(digest, Key(wording.shown(path), "", file.at))
        return found

    def _of_file(self, path: str, pin_set: PinSet) -> tuple[bytes, ...]:
        """The keys of a certificate file as it was in the state that the pin set is of."""
        was = any(each is pin_set for each in self._change.before.pin_sets)
        files = self._files[0 if was else 1]
        return tuple(_spki(der) for der in files.get(path, ()))

    @cached_property
    def _files(self) -> tuple[dict[str, tuple[bytes, ...]], ...]:
        states = (self._change.before, self._change.after)
        return tuple({file.path: file.ders for file in state.certificate_files} for state in states)

    @cached_property
    def _aliases(self) -> dict[bytes, bytes]:
        """Every hash of a certificate that is at hand, or of its key -> the pin of its key."""
        from hashlib import sha1, sha256

        from pincheck.pki.certificates import spki_der

        found: dict[bytes, bytes] = {}
        for der in self._certificates():
            try:
                key = spki_der(der)
            except ValueError:
                continue
            for content in (der, key):
                found[sha256(content).digest()] = found[sha1(content, usedforsecurity=False).digest()] = (
                    sha256(key).digest()
                )
        return found

    def _certificates(self) -> Iterator[bytes]:
        for files in self._files:
            for ders in files.values():
                yield from ders
        for survey in (self._change.seen_before, self._change.seen_after):
            for each in survey.verifications if survey else ():
                for look in each.looks:
                    yield from (one.der for one in look.chain if one.der)


def _spki(der: bytes) -> bytes:
    from hashlib import sha256

    from pincheck.pki.certificates import spki_der

    try:
        return sha256(spki_der(der)).digest()
    except ValueError:
        return sha256(der).digest()


def _is_mistaken(pin: DeclaredPin) -> bool:
    """Whether it is the hash of a certificate where the client compares keys, so that it never matches."""
    return bool(pin.certificate_file and pin.pin and pin.pin.hashed == "spki")


def by_list(pin_sets: PinSets) -> dict[str, PinSets]:
    """The sets by what their pins are compared with; ATS wants a match in each such list."""
    found: dict[str, list[PinSet]] = {}
    for each in pin_sets:
        if each.pins or each.files:
            found.setdefault(each.semantics.compares, []).append(each)
    return {compares: tuple(sets) for compares, sets in found.items()}


def lists(pair: Pair) -> Iterator[tuple[PinSets, PinSets]]:
    """Each list of pins before with the one that takes its place, which may be all there is."""
    after = by_list(pair.after)
    for compares, sets in by_list(pair.before).items():
        yield sets, after.get(compares, pair.after)


# what is not known -------------------------------------------------------------


def still_pinned(
    change: Change, context: Context, unknown: "Unknown"
) -> Iterator[tuple[Pair, PinSets, PinSets]]:
    """Each pair that is still pinned and counted before, with each of its lists before and after."""
    for pair in pairs(change, context):
        if pair.after and not unknown.hides(pair) and not lapsed(pair, context):
            for before, after in lists(pair):
                yield pair, before, after


class Unknown:
    """What a state does not tell: places that declare pins and cannot be read."""

    def __init__(self, change: Change, context: Context) -> None:
        old = {_identity(gap, gap.at.path) for gap in change.before.gaps}
        path = change.renamed
        counted = [
            gap for gap in change.after.gaps if (gap.context or "production") in context.policy.contexts
        ]
        self.new = [gap for gap in counted if _identity(gap, path.get(gap.at.path, gap.at.path)) not in old]
        self._new = Unread(self.new)
        self._lost = {path.get(name, name): name for name in change.unread}
        self._any = Unread((*change.before.gaps, *change.after.gaps))

    def hides(self, pair: Pair) -> bool:
        """Whether a pin may just have moved to where it cannot be read."""
        return any(each in self._new or each.dynamic or _lacks_file(each) for each in pair.after) or any(
            each.dynamic or _lacks_file(each) for each in pair.before
        )

    def doubts(self, pair: Pair) -> bool:
        """Whether either state may hold more pins than were read, or it is not known what compares them."""
        every = (*pair.before, *pair.after)
        return any(each in self._any or each.inferred or each.by_hand for each in every)

    def file(self, pair: Pair) -> str:
        """The file of the declaration, if it cannot be read any more; or empty."""
        return next((self._lost[each.at.path] for each in pair.before if each.at.path in self._lost), "")

    def place(self, pair: Pair) -> Location | None:
        """A new place that may pin the hosts of a pair after all."""
        names = {base(host) for host in pair.hosts}
        return next(
            (gap.at for gap in self.new if not gap.hosts or names & {host.lower() for host in gap.hosts}),
            None,
        )


def _identity(gap: Gap, path: str) -> tuple[object, ...]:
    return path, gap.mechanism, gap.reason, gap.text, gap.hosts


def _lacks_file(pin_set: PinSet) -> bool:
    return any(not file.paths for file in pin_set.files)


def lapsed(pair: Pair, context: Context) -> bool:
    """Whether shipped versions compare the pins no more, as their set has expired."""
    sets = [each for each in pair.before if each.pins]
    return bool(sets) and all(
        standing(each, context) == "expired" and each.semantics.expiry == "unpinned" for each in sets
    )


# what was seen -----------------------------------------------------------------


class Seen:
    """What was seen of a host under one configuration."""

    def __init__(self, survey: Survey | None) -> None:
        self._by_host = {
            (each.host, configuration(each.first)): each for each in (survey.verifications if survey else ())
        }

    def of(self, host: str, pin_sets: PinSets) -> Verification | None:
        return self._by_host.get((host, configuration(pin_sets[0])))

    def matches(self, host: str, pin_sets: PinSets) -> bool | None:
        """Whether some pin matches what the host serves; None if that is not known."""
        seen = self.of(host, pin_sets)
        verdicts = live.judged(seen) if seen else []
        return any(verdict.state == "match" for _, verdict in verdicts) if verdicts else None


class Installed:
    """What the hosts make of the versions before a change, as far as that is known."""

    def __init__(self, context: Context, hosts: Iterable[str]) -> None:
        change = context.change
        self._context = context
        self._seen = Seen(change.seen_before if change else None)
        self._replaced: dict[tuple[object, ...], list[Pair]] = {}
        for pair in pairs(change, context, tuple(dict.fromkeys(hosts))) if change else ():
            for host in pair.hosts if pair.after else ():
                self._replaced.setdefault((host, configuration(pair.after[0])), []).append(pair)

    def may_be_refused(self, verification: Verification) -> bool:
        """Whether these pins, or those whose place they take, may lock out users who have not updated.

        So it is where a state is judged by itself: what it declares has shipped.
        """
        if not self._context.change or verification.first.context not in self._context.policy.contexts:
            return True
        host = verification.host
        return any(
            not (lapsed(pair, self._context) or self._seen.matches(host, pair.before))
            for pair in self._replaced.get((host, configuration(verification.first)), ())
        )


def fate(change: Change) -> Callable[[str, Pair], Fate]:
    """Tells what a host's own chains say about its pins before and after."""
    was, now = Seen(change.seen_before), Seen(change.seen_after)

    def told(host: str, pair: Pair) -> Fate:
        before, after = was.matches(host, pair.before), now.matches(host, pair.after)
        if before is None or after is None or not (before or after):
            return "unseen"
        if before and after:
            return "both"
        return "cured" if after else "lost"

    return told


# words -------------------------------------------------------------------------


def named(hosts: Sequence[str]) -> str:
    """The hosts of a pair for a message: ``api.shop.example, names below shop.example``."""
    return wording.named([_called(host) for host in hosts])


def _called(host: str) -> str:
    if host.startswith("*.*."):
        return f"names two or more labels below {wording.shown(host[4:])}"
    return f"names below {wording.shown(host[2:])}" if host.startswith("*.") else host


def fallback(before: PinSets, after: PinSets) -> str:
    """The clause for a build that has no pins of its own any more, if it is still made; else nothing."""
    this, that = after[0].variant, before[0].variant
    if this == that or not _Others((after,)).general(before):
        return ""
    return f" of {wording.shown(this)}, on which {wording.shown(that)} falls back if it is still built"


def platforms(names: Iterable[str]) -> str:
    """``Android and iOS``."""
    return " and ".join(PLATFORMS.get(each, each) for each in names)


def keys(found: Iterable[Key]) -> str:
    """``C5+lpZ7tcVwm… and r/mIkG3eEpVd…``, the first and the number of the others."""
    return wording.listed([key.name for key in found], wording.MAX_PINS)
