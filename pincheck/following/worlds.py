"""Every way a value can come about: branches, elements of a loop, callers of a function.

A value is put together as if each choice had gone one way; then again for the next way, until all
were seen. One choice goes the same way all through one such world, so that the host and the pins of
one element, branch or caller stay together.
"""

from collections.abc import Callable, Hashable, Iterator
from typing import Literal, NamedTuple, TypeVar

T = TypeVar("T")

Kind = Literal["each", "either", "caller"]
"""All elements of a loop take their turn; one branch is taken; every caller stands for itself."""

MAX_WORLDS = 3000


class Decision(NamedTuple):
    """How one choice went."""

    key: Hashable
    kind: Kind
    way: int
    ways: int
    label: str


class TooManyWorlds(Exception):
    """There are more ways than anybody would follow."""


class Worlds:
    """Runs a function once for every world."""

    def __init__(self) -> None:
        self._made: dict[Hashable, Decision] = {}
        self._order: list[Decision] = []
        self._planned: list[int] = []
        self.asked = 0
        """How often a choice was asked for: what asks for none is the same in every world."""

    def choose(self, key: Hashable, kind: Kind, labels: list[str]) -> int:
        """Tell which of the ways, called ``labels``, this world takes; there is at least one."""
        self.asked += 1
        made = self._made.get(key)
        if made is not None:
            return min(made.way, len(labels) - 1)
        position = len(self._order)
        index = self._planned[position] if position < len(self._planned) else 0
        decision = Decision(key, kind, index, len(labels), labels[index])
        self._made[key] = decision
        self._order.append(decision)
        return index

    def run(self, function: Callable[[], T]) -> Iterator[tuple[T, tuple[Decision, ...]]]:
        """Yield the function's result in every world, with the decisions made in it."""
        self._planned = []
        for _ in range(MAX_WORLDS):
            self._made, self._order = {}, []
            result = function()
            yield result, tuple(self._order)
            open_ones = [n for n, each in enumerate(self._order) if each.way + 1 < each.ways]
            if not open_ones:
                return
            last = open_ones[-1]
            self._planned = [each.way for each in self._order[:last]] + [self._order[last].way + 1]
        raise TooManyWorlds
