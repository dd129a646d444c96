"""Pairs of what stands in two states, by one key after the other."""

from collections import deque
from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

T = TypeVar("T")
Identity = tuple[Hashable, ...]
Path = Callable[[str], str]
"""Path before -> path now."""


def matched(
    before: Iterable[T], after: Iterable[T], passes: Iterable[Callable[[T], Identity | None]]
) -> list[tuple[T, T]]:
    """Pairs of equal key, by the first pass that finds one; in order, each used once, in linear time."""
    old, new = list(before), list(after)
    found: list[tuple[T, T]] = []
    for key in passes:
        waiting: dict[Identity | None, deque[T]] = {}
        for each in old:
            waiting.setdefault(key(each), deque()).append(each)
        waiting.pop(None, None)
        left, used = [], set()
        for each in new:
            if candidates := waiting.get(key(each)):
                other = candidates.popleft()
                used.add(id(other))
                found.append((other, each))
            else:
                left.append(each)
        old, new = [each for each in old if id(each) not in used], left
    return found
