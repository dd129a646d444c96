"""What the parts of this package ask of the one that puts values together (``values.Values``)."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from pincheck.following.names import Names, Written
from pincheck.following.nodes import Bound, Place
from pincheck.following.worlds import Worlds
from pincheck.model.code import Lambda, Value
from pincheck.readers.tree import Node


class Evaluator(Protocol):
    """Puts values together."""

    names: Names
    worlds: Worlds

    def bind(self) -> None:
        """Note that what a value comes to depends on how a parameter is bound."""

    def want(self, name: str) -> None:
        """Note that a name is not defined in any file read so far."""

    def node(self, value: Value, place: Place) -> Node:
        """What a value comes to."""

    def type_of(self, value: Value | None, place: Place) -> str:
        """The type that a variable or parameter is declared with, or an empty text."""

    def elements_of(self, items: Sequence[Value], place: Place) -> list[Node]:
        """The elements of a list as written, with what is spread in it."""

    def at_key(self, of: Node, key: Node, place: Place) -> Node:
        """``of[key]``."""

    def applied(self, function: Lambda, arguments: Sequence[Node], place: Place) -> Node:
        """What a lambda gives back."""

    def result(self, written: Written, bound: Mapping[str, Bound], place: Place) -> Node:
        """What a function of the project gives back."""
