"""Hidden first lines by which pincheck knows its own comments and issues again."""

import re
from collections.abc import Iterable, Mapping
from hashlib import sha256
from itertools import islice
from typing import Literal, NamedTuple, cast

CHARACTERS = 65_536
"""The longest body of a comment or an issue that GitHub takes."""

Kind = Literal["comment", "summary", "issue"]
State = Literal["open", "fixed", "silenced", "unseen"]
"""What became of what it tells: it stands, it is gone, nobody wants to be told, or the run could not look for it."""

_FINGERPRINTS, _NEEDS = 200, 800
"""More of them are not told in one comment, or one issue."""
_MARKER = (
    r"\s{0,20}<!-- pincheck:(?P<kind>comment|summary|issue) (?P<key>[0-9a-f]{16}) (?P<state>open|fixed|silenced|unseen)"
    r"(?: at=(?P<commit>[0-9a-f]{40,64}))?(?: of=(?P<of>[0-9a-f]{32}(?:,[0-9a-f]{32}){0,199}))?"
    r"(?: on=(?P<on>[0-9a-f]{8}(?:,[0-9a-f]{8}){0,799}))? -->\r?\n?"
)
_FOLD, _UNFOLD = "\n\n<details><summary>What it was</summary>\n\n", "\n\n</details>"


class Marker(NamedTuple):
    """What the first line says."""

    kind: Kind
    key: str
    """Of the run, as ``key_of`` makes it."""
    state: State = "open"
    of: tuple[str, ...] = ()
    """Signs of the findings a comment tells; in a summary, of those GitHub took no comment for."""
    commit: str = ""
    """In a summary: the head commit at which it took none."""
    needs: tuple[str, ...] = ()
    """Signs of what has to be seen to find again what it tells, as ``Unseen`` makes them."""

    def line(self) -> str:
        """The first line, with its line break."""
        commit = f" at={self.commit}" if self.commit else ""
        of = f" of={','.join(self.of[:_FINGERPRINTS])}" if self.of else ""
        on = f" on={','.join(self.needs[:_NEEDS])}" if self.needs else ""
        return f"<!-- pincheck:{self.kind} {self.key} {self.state}{commit}{of}{on} -->\n"


class Unseen:
    """What a run did not see, held against what had to be seen to find what a body tells."""

    def __init__(self, clauses: Mapping[str, str]) -> None:
        self._clauses = {_short(name): clause for name, clause in clauses.items()}

    def why(self, marker: Marker) -> str:
        """A clause on why what it tells may be there all the same; empty if it would have been found."""
        return next((self._clauses[need] for need in marker.needs if need in self._clauses), "")

    def needs(self, names: Iterable[str], *before: Marker) -> tuple[str, ...]:
        """For a new text in place of those before: what they told and could not be looked for is not forgotten."""
        owed = [need for marker in before for need in marker.needs if need in self._clauses]
        return tuple(sorted({*map(_short, names), *owed})[:_NEEDS])


def key_of(words: str) -> str:
    """16 hex digits that tell one run's comments from another's in the same pull request."""
    return sha256(words.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def read(body: str) -> Marker | None:
    """The marker a body begins with; None if it begins with something else, such as a quotation of one."""
    found = re.match(_MARKER, body)
    if not found:
        return None
    of, on = (tuple(found[name].split(",")) if found[name] else () for name in ("of", "on"))
    kind, state = cast(Kind, found["kind"]), cast(State, found["state"])
    return Marker(kind, found["key"], state, of, found["commit"] or "", on)


def without(body: str) -> str:
    """A body without its marker, lines ended by a line feed."""
    return re.sub(r"\r\n?", "\n", re.sub(_MARKER, "", body, count=1)).strip()


def with_news(news: str, before: str) -> str:
    """News on what a body tells, which stays below, out of the way; a suggestion in it can no longer be applied."""
    told = without(before)
    if _FOLD in told:  # it is below older news
        told = told.partition(_FOLD)[2].rpartition(_UNFOLD)[0]
    plain = re.sub(r"^(\s{0,3}`{3,})\s*suggestion\b.*$", r"\1text", told, flags=re.MULTILINE)
    fits = len(plain.encode("utf-16-le", "replace")) < CHARACTERS
    return f"{news}{_FOLD}{plain}{_UNFOLD}" if fits else news


def body(marker: Marker, markdown: str) -> str:
    """A body as it is sent: marked, and without what cannot be sent, such as a lone surrogate of a file name."""
    return marker.line() + markdown.encode("utf-8", "replace").decode().replace("\0", "").strip()


def same(one: str, other: str) -> bool:
    """Whether two bodies say the same, marker and all, however a browser ended their lines."""
    return read(one) == read(other) and without(one) == without(other)


def signs(fingerprints: Iterable[str]) -> tuple[str, ...]:
    """Fingerprints as a marker carries them, in order, and not too many."""
    return tuple(sign(fingerprint) for fingerprint in islice(fingerprints, _FINGERPRINTS))


def sign(fingerprint: str) -> str:
    """32 hex digits for a fingerprint: itself, if it is of that form."""
    plain = re.fullmatch("[0-9a-f]{32}", fingerprint)
    return fingerprint if plain else sha256(fingerprint.encode("utf-8", "replace")).hexdigest()[:32]


def _short(name: str) -> str:
    """8 hex digits for a name; that another has the same makes a good word less certain, never more."""
    return sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:8]
