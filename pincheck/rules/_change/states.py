"""One state of a tree: what of its declarations pins a host, and what speaks of it without effect."""

from collections.abc import Iterable, Mapping, Sequence

from pincheck.coverage import Coverage, counting
from pincheck.model import CodeContext, Location, PinSet, Project

PLATFORMS = {"android": "Android", "ios": "iOS", "jvm": "the JVM"}

PinSets = tuple[PinSet, ...]
"""Those that a client joins; never empty."""


class State:
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
