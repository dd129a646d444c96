"""What a run found, and what was not checked."""

from datetime import date
from typing import TYPE_CHECKING, Literal, NamedTuple

from pincheck.model.findings import Finding, Fix
from pincheck.model.project import Project
from pincheck.model.source import SEVERITIES, NotChecked, Severity

if TYPE_CHECKING:
    from pincheck.model.advice import HostAdvice
    from pincheck.model.chains import Survey
    from pincheck.model.changes import Since
    from pincheck.model.knowledge import Knowledge


class Report(NamedTuple):
    """The outcome of a run."""

    today: date
    findings: tuple[Finding, ...] = ()
    """By path, line, column and rule."""
    project: Project = Project()
    not_checked: tuple[NotChecked, ...] = ()
    files_seen: int = 0
    """All files of the tree but those of generated folders."""
    files_read: int = 0
    """Those that some format claimed."""
    files_skipped: int = 0
    """Those that could not be read and whose name fits no format."""
    config: str = ""
    """Path of the configuration used, or empty."""
    detail: Literal["quiet", "normal", "verbose"] = "normal"
    """How much the user wants to read."""
    advice: "tuple[HostAdvice, ...]" = ()
    """Whether each pinned host is worth its pins, where hosts were looked at."""
    survey: "Survey | None" = None
    """What the hosts serve; None if nobody looked."""
    knowledge: "Knowledge | None" = None
    """Whose keys the pins are of; None where nothing is pinned."""
    since: "Since | None" = None
    """How the tree differs from an earlier state; None if it was compared with none."""
    fixes: tuple[Fix, ...] = ()
    """Of active findings; empty where nobody asked for them."""

    @property
    def active(self) -> tuple[Finding, ...]:
        """The findings that are not suppressed."""
        return tuple(finding for finding in self.findings if finding.suppressed is None)

    def number_of(self, severity: Severity) -> int:
        """How many active findings have exactly this severity."""
        return sum(finding.severity == severity for finding in self.active)

    @property
    def new(self) -> tuple[Finding, ...]:
        """The active findings that an earlier state did not have; all, if there is none to compare with."""
        since = self.since
        return tuple(f for f in self.active if f.fingerprint in since.new) if since else self.active

    def fails(self, fail_on: str, only_new: bool = False) -> bool:
        """Tell whether an active finding is as grave as ``fail_on`` (a severity or ``never``) or graver.

        With ``only_new`` the findings that an earlier state had too do not count.
        """
        grave = SEVERITIES[: SEVERITIES.index(fail_on) + 1] if fail_on in SEVERITIES else ()
        return any(finding.severity in grave for finding in (self.new if only_new else self.active))
