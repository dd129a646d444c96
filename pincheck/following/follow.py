"""Everything that parsers seek -> what it comes to: declarations, defects and gaps."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from pincheck.following.names import Names
from pincheck.following.nodes import Place
from pincheck.following.parameters import NothingThere
from pincheck.following.sources import MAIN
from pincheck.following.values import TooMuch, Values
from pincheck.following.worlds import Decision, TooManyWorlds, Worlds, contradict
from pincheck.model import Declaration, Gap, Parsed
from pincheck.model.code import Frame, Module
from pincheck.readers.paths import code_context, is_debug_source_set
from pincheck.readers.sought import Followed, Sought
from pincheck.readers.tree import Node

More = Callable[[frozenset[str]], Iterable[Module]]
"""Gives the files that define, or call, any of the names."""

MAX_ROUNDS = 3


def follow(sought: Sequence[Sought], more: More, known: Iterable[Module] = ()) -> Iterator[Parsed]:
    """Yield what all the values sought come to.

    Names that no file read so far defines are asked of ``more``, a few times over; what missed none of
    them stays as it is.
    """
    everywhere = Names([*(each.module for each in sought), *known])
    outside_tests = Names(each for each in everywhere.modules.values() if not _is_test(each))
    found: list[Sequence[Parsed]] = [()] * len(sought)
    missing: dict[int, frozenset[str]] = dict.fromkeys(range(len(sought)), frozenset())
    asked: set[str] = set()
    for _ in range(MAX_ROUNDS + 1):
        of_tests, of_app = Values(everywhere, Worlds()), Values(outside_tests, Worlds())
        for number in missing:
            values = of_tests if _is_test(sought[number].module) else of_app
            values.start(sought[number].module.path, sought[number].guess)
            found[number] = tuple(_one(sought[number], values))
            missing[number] = frozenset() if values.exhausted else values.wanted
        missing = {number: wanted for number, wanted in missing.items() if wanted}
        wanted = frozenset().union(*missing.values()) - asked
        asked |= wanted
        before = len(everywhere.modules)
        for module in more(wanted) if wanted else ():
            everywhere.add(module)
            if not _is_test(module):
                outside_tests.add(module)
        if len(everywhere.modules) == before:
            break
    for each in found:
        yield from each


def _is_test(module: Module) -> bool:
    """Tell code of tests: what it defines and calls says nothing about the app."""
    return code_context(module.path) == "test"


def _one(sought: Sought, values: Values) -> Iterator[Parsed]:
    """Yield what one value sought comes to, in every way that it can come about."""
    place = Place(sought.module, sought.frame, {})
    around = _conditions(sought.frame)
    groups: dict[object, list[Declaration]] = {}
    others: dict[object, Parsed] = {}

    def followed() -> tuple[Node, ...] | None:
        try:
            return tuple(values.node(value, place) for value in sought.values)
        except NothingThere:
            return None

    try:
        for nodes, decisions in values.worlds.run(followed):
            if nodes is None or contradict(decisions):
                continue
            way = _way(nodes, around, decisions)
            if way.debug and way.release:
                continue  # no build takes this way
            apart = tuple((each.key, each.way) for each in decisions if each.kind != "each")
            variant = _variant(decisions)
            alike: Counter[object] = Counter()
            for item in sought.read(way):
                if isinstance(item, Declaration):
                    item = item._replace(variant=item.variant or variant)
                    key = (apart, item._replace(pins=(), files=(), at=sought.at))
                    groups.setdefault((alike[key], key), []).append(item)
                    alike[key] += 1
                else:
                    others.setdefault(item, item)
    except (TooManyWorlds, TooMuch):
        if not sought.guess:
            yield Gap(sought.mechanism, sought.at, "its value can come about in more ways than are followed")
    yield from _merged(groups)
    yield from _told_once(others.values())


def _way(nodes: tuple[Node, ...], around: Sequence[str], decisions: Sequence[Decision]) -> Followed:
    """The values in one world, and what must hold for it."""
    branches = [each.label for each in decisions if each.kind == "either" and each.label]
    conditions = [*around, *branches]
    debug, release = _build(conditions)
    variants = [each.label for each in decisions if each.kind == "variant"]
    debug = debug or any(is_debug_source_set(each) for each in variants)
    release = release or "release" in variants
    return Followed(nodes, " and ".join(dict.fromkeys(conditions)), debug, release)


def _variant(decisions: Sequence[Decision]) -> str:
    """The variants of the app that a world is of, ``prod`` or ``prod, release``; empty for all."""
    chosen = (each.label for each in decisions if each.kind == "variant" and each.label != MAIN)
    return ", ".join(dict.fromkeys(chosen))


def _merged(groups: dict[object, list[Declaration]]) -> Iterator[Declaration]:
    """One declaration for each group, with the pins of all; the same declaration twice is one.

    Where one way to a host, or to a file's name, could not be followed and another could, only the one
    that could counts.
    """
    seen = set()
    found = [
        group[0]._replace(
            pins=tuple(dict.fromkeys(pin for each in group for pin in each.pins)),
            files=tuple(dict.fromkeys(file for each in group for file in each.files)),
        )
        for group in groups.values()
    ]
    known = {pin for each in found if each.hosts for pin in each.pins}
    named = {each.hosts for each in found if any(file.value for file in each.files)}
    for merged in found:
        if not merged.hosts and merged.pins and known.issuperset(merged.pins):
            continue
        nameless = merged.files and not merged.pins and not any(file.value for file in merged.files)
        if nameless and merged.hosts in named:
            continue
        key = (merged.hosts, merged.pins, merged.files, merged.semantics, merged.context, merged.mechanism)
        if key not in seen:
            seen.add(key)
            yield merged


def _told_once(others: Iterable[Parsed]) -> Iterator[Parsed]:
    """One gap for all the ways to a place that cannot be followed."""
    gaps: dict[object, list[Gap]] = {}
    for each in others:
        if isinstance(each, Gap):
            gaps.setdefault((each.at, each.mechanism, each.context), []).append(each)
        else:
            yield each
    for first, *more in gaps.values():
        hosts = tuple(dict.fromkeys(host for gap in (first, *more) for host in gap.hosts))
        ways = f" (and {len(more)} other way{'s' * (len(more) > 1)} to it)" if more else ""
        yield first._replace(hosts=hosts, reason=first.reason + ways)


def _conditions(frame: Frame) -> list[str]:
    return [each.name for each in reversed(frame.outward()) if each.kind == "branch" and each.name]


_DEBUG = r"(?:\bDEBUG\b|\b__DEV__\b|\bkDebugMode\b|\bisDebug\w*\b|\bIS_DEBUG\b|\bdebuggable\b)"
_RELEASE = r"(?:\bRELEASE\b|\bkReleaseMode\b|\bisRelease\w*\b|\bNDEBUG\b)"


def _build(conditions: Iterable[str]) -> tuple[bool, bool]:
    """Whether conditions hold in debug builds only, and in release builds only."""
    debug = release = False
    for condition in conditions:
        for part in condition.split(" and "):
            text = part.strip()
            negated = text.startswith("!")
            bare = text.lstrip("!").strip("()")
            if re.fullmatch(rf"(?:[\w.]*\.)?{_DEBUG}(?:\(\))?", bare):
                debug, release = debug or not negated, release or negated
            elif re.fullmatch(rf"(?:[\w.]*\.)?{_RELEASE}(?:\(\))?", bare):
                debug, release = debug or negated, release or not negated
    return debug, release
