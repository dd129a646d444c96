"""What is asked of a run, and what comes of it."""

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from pincheck.model import Policy, Report

if TYPE_CHECKING:
    from pincheck.again import Again
    from pincheck.looking import Live, Looking


class Request(NamedTuple):
    """What to check, and how."""

    paths: tuple[str, ...] = (".",)
    root: str = ""
    """The folder that reported paths are relative to; empty: see ``root_of``."""
    config: str = ""
    """Path of the configuration; empty: the nearest ``.pincheck.yml`` at or above the root."""
    exclude: tuple[str, ...] = ()
    rules: tuple[tuple[str, Any], ...] = ()
    """Rule names and the level they are set to, over the configuration's."""
    today: date | None = None
    detail: Literal["quiet", "normal", "verbose"] = "normal"
    live: "Live | Looking | None" = None
    """How to look at hosts, or what looks at them already; None for an offline run."""
    ca_data: str = ""
    """Path of a table of CA keys, or empty for the one that comes along."""
    base: str = ""
    """The revision to compare with, or empty: a full hash is taken as it is, of any other where the change left it."""
    head: str = ""
    """The revision to check instead of the work tree, or empty."""
    ruled_by: str = ""
    """The revision whose word counts about a stranger's change, or empty for what ``base`` means today."""
    strange: bool = False
    """The change is a stranger's and does not decide how it is judged: configuration, evidence and all other files
    of the repository that the request names are those of ``ruled_by``. Without a base the defaults hold, and no comment
    of the tree silences anything."""


class Outcome(NamedTuple):
    """A report, and what the user should know about how it came about."""

    report: Report
    policy: Policy
    notes: tuple[str, ...]
    interrupted: bool = False
    """The user stopped the looking at hosts."""
    again: "Callable[[], Again] | None" = None
    """Makes what judges the tree once more, with some files changed."""
    config_place: str = ""
    """Where the configuration was found, from the root: ``../.pincheck.yml`` is called by its name in the report."""

    @property
    def unreached(self) -> bool:
        """Whether a host that should have been looked at showed nothing at all."""
        return bool(self.report.survey and self.report.survey.unreached)
