"""What is said in a pull request, before anybody posts it."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

Side = Literal["LEFT", "RIGHT"]
"""Of a diff: the state before, and the state after."""


class Hunk(NamedTuple):
    """One stretch of a file's diff: the lines that a comment may stand on, by side and number from 1."""

    lines: Mapping[tuple[Side, int], str]
    """The text of each, without its line break; lines of context stand on the right side."""


Diff = Mapping[str, tuple[Hunk, ...]]
"""The hunks of each file of a pull request, by its path after the change (before it, if it was removed)."""


class Comment(NamedTuple):
    """A comment on lines of the diff."""

    path: str
    start_line: int
    line: int
    """The last line; the same as the first for one line. Both lie in one hunk."""
    side: Side
    fingerprints: tuple[str, ...]
    """Of the findings it tells, by which it is known again."""
    body: str
    """Markdown, everything escaped that came from the repository, without a marker."""
    plain: str = ""
    """The same without suggestions, for a place where the lines they would replace are others by now."""
    needs: frozenset[str] = frozenset()
    """Names of all that has to be seen to find them again: files, hosts and the like."""


class Summary(NamedTuple):
    """What sums up a pull request, in Markdown; what comments on lines tell is known once they are made."""

    head: tuple[str, ...] = ()
    """Lines; none if there is nothing to say."""
    table: tuple[str, ...] = ()
    findings: Mapping[str, str] = {}
    """By fingerprint, the gravest first: an item of a list for each that no comment tells."""
    rest: tuple[str, ...] = ()


class Draft(NamedTuple):
    """A review: what is to be on show when the posting is done."""

    comments: tuple[Comment, ...]
    open: frozenset[str]
    """Fingerprints of all findings that stand, commented on or not."""
    summary: Summary = Summary()
    silenced: frozenset[str] = frozenset()
    """Fingerprints of findings that are there, and that a comment or the configuration keeps from being told."""
    needs: frozenset[str] = frozenset()
    """As ``Comment.needs``, of all that the summary is about."""
    unseen: Mapping[str, str] = {}
    """What this run did not see, by the names of ``needs``, each with a clause in Markdown that says so: what was found
    by it and is not found now may be there all the same."""


class IssueDraft(NamedTuple):
    """What the one issue of a scheduled watch is to say; the body is empty if all is well."""

    title: str
    body: str
    needs: frozenset[str] = frozenset()
    """As ``Comment.needs``, of all that it tells."""
    unseen: Mapping[str, str] = {}
    """As ``Draft.unseen``."""
