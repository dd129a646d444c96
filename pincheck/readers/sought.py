"""What a parser of source code yields where a value must be followed before it can be read."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from pincheck.model import CodeContext, Location, Parsed
from pincheck.model.code import Frame, Module, Value
from pincheck.readers.tree import Node


class Followed(NamedTuple):
    """The values sought, in one way that they can come about."""

    values: tuple[Node, ...]
    """In the order sought; one that could not be followed is of the kind ``unknown``."""
    condition: str = ""
    """What must hold for this way to be taken, as the code says it; empty where nothing must."""
    debug: bool = False
    """Whether that holds in debug builds only."""
    release: bool = False
    """Whether that holds in release builds only."""

    @property
    def context(self) -> CodeContext | None:
        """``debug`` where it holds in debug builds only, else None: the path tells."""
        return "debug" if self.debug else None


class Sought(NamedTuple):
    """Values to follow, and how to read what they come to."""

    at: Location
    mechanism: str
    module: Module
    frame: Frame
    """Where the values stand: names mean what they mean there."""
    values: tuple[Value, ...]
    read: Callable[[Followed], Iterator[Parsed]]
    guess: bool = False
    """The values may have nothing to do with pins: they are followed less far, and silently."""
