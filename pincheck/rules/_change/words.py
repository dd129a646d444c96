"""How a change is told."""

from collections.abc import Iterable, Sequence

from pincheck.rules import _wording as wording
from pincheck.rules._change.keys import Key
from pincheck.rules._change.pairs import falls_back
from pincheck.rules._change.states import PLATFORMS, PinSets


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
    if this == that or not falls_back(before, after):
        return ""
    return f" of {wording.shown(this)}, on which {wording.shown(that)} falls back if it is still built"


def platforms(names: Iterable[str]) -> str:
    """``Android and iOS``."""
    return " and ".join(PLATFORMS.get(each, each) for each in names)


def keys(found: Iterable[Key]) -> str:
    """``C5+lpZ7tcVwm… and r/mIkG3eEpVd…``, the first and the number of the others."""
    return wording.listed([key.name for key in found], wording.MAX_PINS)
