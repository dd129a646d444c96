"""The configurations of both states in pairs: by where they stand (renames followed), then by the keys they hold."""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from pincheck.coverage import BELOW, DEEP_BELOW, Coverage, configuration
from pincheck.model import Context, HostPattern, Location, PinSet
from pincheck.model.changes import Change
from pincheck.readers.paths import source_set
from pincheck.rules._change.states import PLATFORMS, PinSets, State, platforms_of
from pincheck.rules._expiry import standing

_MANIFESTS = (".xml", ".plist", ".json", ".yml", ".yaml")
"""Files of which each app has its own; code is shared."""

MAX_SHADOWS = 20
"""Of the new files that take the place of one; each is told of with all of its hosts."""


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


def pairs(change: Change, context: Context, hosts: Sequence[str] | None = None) -> tuple[Pair, ...]:
    """Every configuration that pinned some hosts before, with what takes its place; each pair once.

    ``hosts`` are the names to ask about; without, all that either state knows of.
    """
    contexts = context.policy.contexts
    before, after = State(change.before, contexts), State(change.after, contexts, change.renamed)
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


def _of_host(
    host: str,
    before: State,
    after: State,
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


def _fresh(before: State, after: State) -> dict[object, list[Location]]:
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


def _hostless(before: State, after: State, renamed: Mapping[str, str]) -> Iterator[Pair]:
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


def lapsed(pair: Pair, context: Context) -> bool:
    """Whether shipped versions compare the pins no more, as their set has expired."""
    sets = [each for each in pair.before if each.pins]
    return bool(sets) and all(
        standing(each, context) == "expired" and each.semantics.expiry == "unpinned" for each in sets
    )


def falls_back(before: PinSets, after: PinSets) -> bool:
    """Whether pins are paired with those that a build without its own falls back on."""
    return bool(_Others((after,)).general(before))
