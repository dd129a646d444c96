"""Whether a host should be pinned at all: a verdict, and the facts that it rests on."""

from typing import Literal, NamedTuple

Word = Literal["keep pinning", "pin differently", "better not pinned", "not enough known"]
Certainty = Literal["certain", "probable", "unknown"]


class Point(NamedTuple):
    """One fact that counts, and how it is known."""

    about: str
    """A word: ``certificate``, ``pins``, ``keys``, ``backup``, ``expiry``, ``releases``, ``calendar``, ``instead``."""
    text: str
    evidence: str
    """Where it was seen, or who states it where and when; of the unknown, what would tell."""
    certainty: Certainty


class HostAdvice(NamedTuple):
    """What to do about one pinned host."""

    host: str
    """Its name, or the pattern as written where no name is known."""
    verdict: Word
    reason: str
    """The fact that decided, as a clause."""
    points: tuple[Point, ...]
    instead: tuple[Point, ...]
    """What protects the host without pins; empty where pins are worth it."""
