"""One run of the Action: all that it was given."""

from collections.abc import Mapping
from typing import NamedTuple

from pincheck.action.events import Event
from pincheck.action.inputs import Inputs


class Token(str):
    """What the API is asked with; it does not show in a representation of what holds it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "(token)" if self else "''"


class Step(NamedTuple):
    """A step's surroundings."""

    inputs: Inputs
    event: Event
    environment: Mapping[str, str]
    """As the runner made it, without the token."""
    token: Token = Token("")
