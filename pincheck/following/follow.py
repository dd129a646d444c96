"""Everything that parsers seek -> what it comes to: declarations, defects and gaps."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from pincheck.following.names import Names
from pincheck.following.nodes import Place
from pincheck.following.values import TooMuch, Values
from pincheck.following.worlds import TooManyWorlds, Worlds
from pincheck.model import Declaration, Gap, Parsed
from pincheck.model.code import Frame, Module
from pincheck.readers.sought import Followed, Sought

More = Callable[[frozenset[str]], Iterable[Module]]
"""Gives the files that define, or call, any of the names."""

MAX_ROUNDS = 3


def follow(sought: Sequence[Sought], more: More, known: Iterable[Module] = ()) -> Iterator[Parsed]:
    """Yield what all the values sought come to.

    Names that no file read so far defines are asked of ``more``, a few times over; what missed none of
    them stays as it is.
    """
    names = Names([*(each.module for each in sought), *known])
    found: list[Sequence[Parsed]] = [()] * len(sought)
    missing: dict[int, frozenset[str]] = dict.fromkeys(range(len(sought)), frozenset())
    asked: set[str] = set()
    for _ in range(MAX_ROUNDS + 1):
        values = Values(names, Worlds())
        for number in missing:
            values.start(sought[number].module.path)
            found[number] = tuple(_one(sought[number], values))
            missing[number] = frozenset() if values.exhausted else values.wanted
        missing = {number: wanted for number, wanted in missing.items() if wanted}
        wanted = frozenset().union(*missing.values()) - asked
        asked |= wanted
        if not wanted or not _added(names, more(wanted)):
            break
    for each in found:
        yield from each


def _added(names: Names, modules: Iterable[Module]) -> bool:
    """Take in files; tell whether any was new."""
    before = len(names.modules)
    for module in modules:
        names.add(module)
    return len(names.modules) > before


def _one(sought: Sought, values: Values) -> Iterator[Parsed]:
    """Yield what one value sought comes to, in every way that it can come about."""
    place = Place(sought.module, sought.frame, {})
    around = _conditions(sought.frame)
    groups: dict[object, list[Declaration]] = {}
    others: dict[object, Parsed] = {}
    try:
        for nodes, decisions in values.worlds.run(
            lambda: tuple(values.node(value, place) for value in sought.values)
        ):
            conditions = [
                *around,
                *(each.label for each in decisions if each.kind == "either" and each.label),
            ]
            debug, release = _build(conditions)
            if debug and release:
                continue  # no build takes this way
            followed = Followed(nodes, " and ".join(dict.fromkeys(conditions)), debug, release)
            apart = tuple((each.key, each.way) for each in decisions if each.kind != "each")
            for item in sought.read(followed):
                if isinstance(item, Declaration):
                    key = (
                        apart,
                        item.mechanism,
                        item.hosts,
                        item.semantics,
                        item.variant,
                        item.context,
                        item.read,
                    )
                    groups.setdefault(key, []).append(item)
                else:
                    others.setdefault(item, item)
    except (TooManyWorlds, TooMuch):
        yield Gap(sought.mechanism, sought.at, "its value can come about in more ways than are followed")
    yield from _merged(groups)
    yield from _told_once(others.values())


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
        ways = f" (and {len(more)} more ways to it cannot)" if more else ""
        yield first._replace(hosts=hosts, reason=first.reason + ways)


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
