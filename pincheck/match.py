"""PinSet x Observation -> Verification: each client's own comparison.

An offline run observes nothing, so there is nothing to hold a pin set against.
"""

from collections.abc import Sequence

from pincheck.model import PinSet
from pincheck.model.chains import Observation, Survey, Target


def targets(pin_sets: Sequence[PinSet]) -> tuple[Target, ...]:
    """The hosts that can be asked: those a declaration names exactly, each once, in order."""
    names = (
        host.name
        for pin_set in pin_sets
        if pin_set.read
        for host in pin_set.hosts
        if host.apex and not host.fault
    )
    return tuple(Target(name) for name in dict.fromkeys(names))


def match(pin_sets: Sequence[PinSet], observations: Sequence[Observation]) -> Survey:
    """Hold every pin set against the observations of its hosts; without any there is no verdict."""
    return Survey(tuple(observations))
