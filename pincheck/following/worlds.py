"""Every way a value can come about: branches, elements of a loop, callers of a function.

A value is put together as if each choice had gone one way; then again for the next way, until all
were seen. One choice goes the same way all through one such world, so that the host and the pins of
one element, branch or caller stay together.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Generic, Literal, NamedTuple, TypeVar

T = TypeVar("T")
V = TypeVar("V")

Kind = Literal["each", "either", "caller", "variant"]
"""All elements of a loop take their turn; one branch is taken; every caller stands for itself; an app
is built in one variant."""

MAX_WORLDS = 3000


class Decision(NamedTuple):
    """How one choice went."""

    key: Hashable
    kind: Kind
    way: int
    labels: Sequence[str]
    """What the ways are called, each once."""

    @property
    def ways(self) -> int:
        """How many ways there were."""
        return len(self.labels)

    @property
    def label(self) -> str:
        """What the way taken is called."""
        return self.labels[self.way]


class TooManyWorlds(Exception):
    """There are more ways than anybody would follow."""


class Worlds:
    """Runs a function once for every world."""

    def __init__(self) -> None:
        self._made: dict[Hashable, Decision] = {}
        self._order: list[Decision] = []
        self._planned: list[int] = []
        self.trace: list[Decision] = []
        """Every choice asked for in this world, in order, also again."""

    def choose(self, key: Hashable, kind: Kind, labels: Sequence[str]) -> int:
        """Tell which of the ways, called ``labels``, this world takes; there is at least one."""
        made = self._made.get(key)
        if made is not None:
            way = min(made.way, len(labels) - 1)
            self.trace.append(made if made.ways == len(labels) else Decision(key, kind, way, labels))
            return way
        position = len(self._order)
        index = self._planned[position] if position < len(self._planned) else 0
        decision = Decision(key, kind, index, labels)
        self._made[key] = decision
        self.trace.append(decision)
        self._order.append(decision)
        return index

    def run(self, function: Callable[[], T]) -> Iterator[tuple[T, tuple[Decision, ...]]]:
        """Yield the function's result in every world, with the decisions made in it."""
        self._planned = []
        for _ in range(MAX_WORLDS):
            self._made, self._order, self.trace = {}, [], []
            result = function()
            yield result, tuple(self._order)
            open_ones = [n for n, each in enumerate(self._order) if each.way + 1 < each.ways]
            if not open_ones:
                return
            last = open_ones[-1]
            self._planned = [each.way for each in self._order[:last]] + [self._order[last].way + 1]
        raise TooManyWorlds


def contradict(decisions: Sequence[Decision]) -> bool:
    """Tell whether two choices were made for different variants of the app though they could have agreed."""
    chosen = [each for each in decisions if each.kind == "variant"]
    return any(
        one.label != other.label and (one.label in other.labels or other.label in one.labels)
        for number, one in enumerate(chosen)
        for other in chosen[:number]
    )


class Memory(Generic[V]):
    """What something comes to, by the choices that it depends on."""

    def __init__(self) -> None:
        self._asks: Decision | None = None
        self._ways: dict[int, Memory[V]] = {}
        self._result: V | None = None

    def recall(self, worlds: Worlds) -> V | None:
        """Return what it comes to in this world, if that is known; the choices are asked for anew."""
        memory: Memory[V] | None = self
        while memory is not None and memory._asks is not None:
            asks = memory._asks
            memory = memory._ways.get(worlds.choose(asks.key, asks.kind, asks.labels))
        return memory._result if memory is not None else None

    def keep(self, result: V, trace: Sequence[Decision]) -> None:
        """Remember what it came to when these choices were asked for."""
        memory = self
        first: dict[Hashable, Decision] = {}
        for decision in trace:
            first.setdefault(decision.key, decision)
        for decision in first.values():
            if memory._asks is not None and memory._asks.key != decision.key:
                return  # what it asks for first depends on more than is known here
            memory._asks = decision
            memory = memory._ways.setdefault(decision.way, Memory())
        memory._result = result
