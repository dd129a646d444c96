"""``mode: report``: comments on a pull request from a job that has rights its own job has not.

Run by ``workflow_run`` or ``pull_request_target``. Of the event only the head commit and the id of its
repository are used, no artifact is taken, and nothing is checked out: both states are read as git objects
and judged by the base's rules. If the request has moved on, nothing is posted.
"""

from typing import TYPE_CHECKING, NamedTuple

from pincheck import git
from pincheck.action import baseline, checking, log, posting
from pincheck.action.step import Step
from pincheck.errors import EXIT_CLEAN, UsageError
from pincheck.git import fetching

if TYPE_CHECKING:
    from pincheck.github.pulls import Pull

STARTED_BY = ("pull_request", "pull_request_target", "pull_request_review")
"""What a run that is reported on was started by."""


class _Reported(NamedTuple):
    """A request, and the two states of it."""

    pull: "Pull"
    head: str
    """A commit that is here."""
    compared: baseline.Baseline


def run(step: Step) -> int:
    """Check the request that the event tells of as it is on GitHub, and bring its comments up to date."""
    if not step.token:
        raise UsageError("mode report needs a token; leave the input token out, or give it one")
    found = _reported(step)
    if isinstance(found, str):
        log.say("notice", f"nothing is reported: {found}")
        return EXIT_CLEAN
    posts = posting.may_post(step)
    checked = checking.check(step, found.compared, found.head, mend=posts)
    if posts and not checked.outcome.interrupted:
        for note in posting.review(step, checked.report, found.pull):
            log.say("notice", note)
    # A workflow_run is no check of the request: that its own job fails would tell nobody anything.
    return checking.exit_code(step, checked, default="never" if step.event.run else "")


def _reported(step: Step) -> _Reported | str:
    """What is to be reported on, or why nothing is."""
    pull = _request(step)
    return pull if isinstance(pull, str) else _states(step, pull)


def _request(step: Step) -> "Pull | str":
    """The one open request that has the event's head, or why there is none."""
    event = step.event
    if event.problem:
        return event.problem
    if event.run and event.run.event not in STARTED_BY:
        return f"the run was started by {event.run.event or 'something unknown'}, which is no pull request"
    told = event.run or event.pull
    if not told:
        return f"the event {event.name} tells of no pull request; use workflow_run or pull_request_target"
    if told.head_repository is None:
        return "the repository that the pull request came from is gone"
    return posting.find(step, told.head_sha, told.head_repository)


def _states(step: Step, pull: "Pull") -> _Reported | str:
    """Bring both states as git objects.

    GitHub's merge commit is what a ``pull_request`` job checks out too: what the base got meanwhile is in it,
    and does not look as if the request took it away. Where there is none, as with conflicts, it is the head beside
    where it left its base.
    """
    folder = step.inputs.root
    try:
        fetching.fetch(folder, [f"refs/pull/{pull.number}/head"])
        if not git.commit(folder, pull.head_sha):
            return f"pull request #{pull.number} has moved on; its newer commit is reported when its own run has ended"
        head, wanted = _merged(step, pull)
    except git.GitFailed as error:
        return f"pull request #{pull.number} cannot be fetched: {error}"
    compared = baseline.found(folder, wanted, pull.fork, head)
    if not compared.base:
        return compared.notes[0]
    return _Reported(pull, head, compared)


def _merged(step: Step, pull: "Pull") -> tuple[str, baseline.Wanted]:
    """Head and base to compare: those of the merge commit, else the request's own head and where it left its base."""
    folder, merge = step.inputs.root, posting.merge_commit(step, pull)
    try:
        if merge:
            fetching.fetch(folder, [merge])
        parents = git.parents(folder, merge) if merge and git.commit(folder, merge) else ()
    except git.GitFailed:
        parents = ()
    if len(parents) == 2 and parents[1] == pull.head_sha:
        return merge, baseline.Wanted(parents[0])
    return pull.head_sha, baseline.forked(step, pull.base_sha, pull.head_sha)
