"""What is said on GitHub: the only place of the Action that knows its API.

Whatever goes wrong here is a note for the log; it never changes the result of the check.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pincheck.action import events
from pincheck.action.inputs import Inputs, seen_from
from pincheck.action.step import Step
from pincheck.errors import UsageError
from pincheck.model import Report

if TYPE_CHECKING:
    from pincheck.github.api import GitHub
    from pincheck.github.posting import Posted
    from pincheck.github.pulls import Pull

API_URL = "https://api.github.com"

Notes = tuple[str, ...]
"""What could not be done, each for a line of the log."""


def may_post(step: Step) -> bool:
    """Whether the workflow wants comments, and gave something to write them with."""
    return step.inputs.comment and bool(step.token)


def review(step: Step, report: Report, pull: "events.Pull | Pull", uncompared: Sequence[str] = ()) -> Notes:
    """Bring the comments on a pull request up to date; ``uncompared`` tells why there is no base, if there is none."""
    from pincheck.github import pulls, reviews
    from pincheck.github.posting import trouble
    from pincheck.http import Failed
    from pincheck.outputs import review as drafts

    api = _api(step)
    diff = pulls.diff_of(api, pull.number)
    if isinstance(diff, Failed):
        return (f"nothing is posted, as #{pull.number} does not show what it changes: {trouble(diff)}",)
    draft = drafts.draft(report, diff, step.inputs.max_comments, "; ".join(uncompared))
    posted = reviews.sync(api, pull.number, pull.head_sha, draft, key(step.inputs), step.inputs.resolve)
    return (*pulls.gaps(diff), *posted.notes)


def issue(step: Step, report: Report) -> "Posted":
    """Bring the one issue of a watch up to date."""
    from pincheck.github import watch
    from pincheck.outputs import watch as drafts

    return watch.sync(_api(step), drafts.issue(report), key(step.inputs))


def find(step: Step, head_sha: str, head_repository: int) -> "Pull | str":
    """The one open pull request with this head, or why there is none."""
    from pincheck.github import pulls

    return pulls.find(_api(step), head_sha, head_repository)


def merge_commit(step: Step, pull: "Pull") -> str:
    """The hash of the commit by which GitHub tried to merge the request, or an empty string."""
    from pincheck import git
    from pincheck.github import api

    said = api.text(_api(step).get(f"pulls/{pull.number}"), "merge_commit_sha")
    return said if git.is_hash(said) else ""


def fork_point(step: Step, base: str, head: str) -> str:
    """The hash of the commit where ``head`` left ``base``, as GitHub knows it; empty if it does not tell."""
    from pincheck.github import pulls

    can_ask = step.token and step.environment.get("GITHUB_REPOSITORY")
    return pulls.fork_point(_api(step), base, head) if can_ask else ""


def key(inputs: Inputs) -> str:
    """What tells the comments and the issue of this job from those of another: what it checks, by what, and how."""
    config = seen_from(inputs.workspace, inputs.config) if inputs.config else ""
    looks = "hosts too" if inputs.live or inputs.recorded else "files"
    return "\n".join((looks, config, inputs.prefix, *inputs.paths))


def _api(step: Step) -> "GitHub":
    from pincheck.github.api import GitHub

    url = step.environment.get("GITHUB_API_URL") or API_URL
    repository = step.environment.get("GITHUB_REPOSITORY")
    if not repository:
        raise UsageError("GITHUB_REPOSITORY is not set, so nobody knows where to comment")
    return GitHub(url, step.token, repository)
