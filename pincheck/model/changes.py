"""What a change does: base and head of a pull request beside each other."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple

from pincheck.model.findings import Finding
from pincheck.model.pins import DeclaredPin, PinSet
from pincheck.model.project import Project
from pincheck.model.source import Location

if TYPE_CHECKING:
    from pincheck.model.chains import Survey


class Change(NamedTuple):
    """Two states of one tree, judged by the same observations: the subject of the rules on changes."""

    before: Project
    after: Project
    renamed: Mapping[str, str] = {}
    """Path now -> path before, of the files that were renamed."""
    seen_before: "Survey | None" = None
    """What the hosts make of the state before; None if nobody looked."""
    seen_after: "Survey | None" = None
    unread: tuple[str, ...] = ()
    """Paths of files of the state after that could not be read, whatever they declare."""


class Earlier(NamedTuple):
    """The state before a change, for a scan of the state after it."""

    project: Project
    survey: "Survey | None" = None
    renamed: Mapping[str, str] = {}
    """Path now -> path before, of the files that were renamed."""


class DeclarationChange(NamedTuple):
    """What happened to the pins of one place; at least one of both states is there."""

    kind: Literal["added", "removed", "changed"]
    before: PinSet | None
    after: PinSet | None
    pins_added: tuple[DeclaredPin, ...] = ()
    pins_removed: tuple[DeclaredPin, ...] = ()
    hosts_added: tuple[str, ...] = ()
    hosts_removed: tuple[str, ...] = ()


class Hidden(NamedTuple):
    """A finding that the change itself keeps from being seen, or makes milder."""

    finding: Finding
    """As it would be without."""
    how: str
    """A clause: ``a new comment silences it``, ``the configuration now switches the rule off``."""
    at: Location | None = None
    """What hides it, if that is a place."""
    counts: bool = True
    """False where the hiding is without effect, because a stranger's change does not decide on it."""


class Since(NamedTuple):
    """How a tree differs from an earlier state of it."""

    base: str
    """The earlier state, as messages call it: a branch, a tag, the start of a commit's hash."""
    new: frozenset[str] = frozenset()
    """Fingerprints of the active findings that were not there before, or were milder."""
    fixed: tuple[Finding, ...] = ()
    """Active findings of the state before that are there no more."""
    declarations: tuple[DeclarationChange, ...] = ()
    hidden: tuple[Hidden, ...] = ()
