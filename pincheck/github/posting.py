"""What posting has in common: writes that are looked after, and what is said of those that fail."""

from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeVar

from pincheck.github.api import GitHub, Json
from pincheck.http import Failed

ROUNDS = 3
"""How often the state is read and what it lacks is written, if GitHub leaves it open what it did."""
_PATIENCE_SECONDS = 5
"""Before it is read again: a write may still be under way."""


T = TypeVar("T")


class Posted(NamedTuple):
    """What came of it."""

    notes: tuple[str, ...] = ()
    """What could not be done and why, each once: clauses for a log."""
    writes: int = 0
    """How many changes GitHub has confirmed."""
    failed: bool = False
    """Whether something that is to be on show is not, as far as is known."""


class Unsure(Exception):
    """A write of which nobody knows whether it was carried out."""


class Stop(Exception):
    """Nothing more can be posted; the message says why."""


class Writer:
    """Writes for one ``sync``: counts, notes, and remembers what was refused, so that it is not tried again."""

    def __init__(self, api: GitHub, permission: str, never: str = "") -> None:
        """``never`` is a clause on where nobody can give that permission."""
        self.api, self.permission, self.never = api, permission, never
        self.writes, self.failed = 0, False
        self._notes: dict[str, None] = {}

    def note(self, words: str) -> None:
        """Say something, once."""
        self._notes[words] = None

    def fail(self, words: str) -> None:
        """Say what is not on show, and why."""
        self.note(words)
        self.failed = True

    def write(
        self, what: str, method: str, path: str, content: Mapping[str, Json], quiet: bool = False
    ) -> Json | Failed:
        """Change something; ``Failed`` if it was refused, with 403, 404, 410 or 422.

        A refusal is noted; with ``quiet`` not one of 422, after which the caller knows another way. Raise
        ``Unsure`` if nobody knows whether it was carried out, and ``Stop`` if no further write makes sense.
        """
        said = self.api.send(method, path, content)
        if not isinstance(said, Failed):
            self.writes += 1
        elif said.unsure:
            raise Unsure(f"{what}: GitHub {said.why}")
        elif said.status in (403, 404):
            self.fail(self._denied(what, said, making=method == "POST"))
        elif said.status in (410, 422):
            if not (quiet and said.status == 422):
                self.fail(f"{what}: GitHub {said.why}")
        else:
            raise Stop(f"{what}: {trouble(said)}")
        return said

    def _denied(self, what: str, said: Failed, making: bool) -> str:
        if not making:
            return f"{what} could not be edited: GitHub {said.why}"
        if said.status == 404:
            return (
                f"{what} could not be posted: GitHub {said.why}, as it says to a token without the permission "
                f"{self.permission} too"
            )
        if "not accessible" not in said.why:
            return f"{what} could not be posted: GitHub {said.why}"
        never = f"; {self.never}" if self.never else ""
        return f"this token may not post here (GitHub {said.why}): give the job the permission {self.permission}{never}"

    def posted(self) -> Posted:
        """What to hand back."""
        return Posted(tuple(self._notes), self.writes, self.failed)


def in_rounds(writer: Writer, one_round: Callable[[], None]) -> Posted:
    """Read and write until it is known that nothing is missing; whatever goes wrong is a note.

    A write that GitHub carries out later than it is looked for would be made twice: nothing in its API
    prevents that, so the state is read with some patience.
    """
    try:
        for attempt in range(1, ROUNDS + 1):
            try:
                one_round()
                break
            except Unsure as unsure:
                if attempt == ROUNDS:
                    writer.fail(f"{unsure}; nobody knows whether it was carried out")
                else:
                    writer.api.sleep(_PATIENCE_SECONDS * attempt)
    except Stop as stop:
        writer.fail(str(stop))
    return writer.posted()


def needed(said: T | Failed) -> T:
    """What was read; raise ``Stop`` if it could not be."""
    if isinstance(said, Failed):
        raise Stop(f"nothing more is posted: {trouble(said)}")
    return said


def trouble(failed: Failed) -> str:
    """Why GitHub could not be asked, as a clause."""
    if failed.status == 401:
        return "GitHub does not know the token (401): it is wrong or has expired"
    return f"GitHub {failed.why}"
