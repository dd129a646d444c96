"""``mode: pull-request``: what the change does, said on its lines, and in comments if the token may write."""

from pincheck import git
from pincheck.action import baseline, checking, log, posting
from pincheck.action.step import Step
from pincheck.errors import UsageError


def run(step: Step) -> int:
    """Check the work tree against the base, and bring the request's comments up to date."""
    _expect_request(step)
    compared = baseline.of(step)
    posts = posting.may_post(step) and step.event.pull is not None
    checked = checking.check(step, compared, mend=posts)
    if posts and step.event.pull and not checked.outcome.interrupted:
        for note in posting.review(step, checked.report, step.event.pull, compared.notes):
            log.say("notice", note)
    return checking.exit_code(step, checked)


def _expect_request(step: Step) -> None:
    """Raise ``UsageError`` if the base is checked out: compared with itself it would always do."""
    pull = step.event.pull
    if not pull:
        return
    bases = {pull.base_sha}
    if step.event.name == "pull_request_target":  # its own commit is the base's last
        bases.add(step.environment.get("GITHUB_SHA", ""))
    try:
        head = git.commit(step.inputs.root, "HEAD")
    except git.GitFailed:
        return
    if head != pull.head_sha and head in bases:
        raise UsageError(
            f"pull request #{pull.number} is not checked out, but its base is: mode pull-request would compare "
            "that with itself; use mode: report, which fetches the request"
        )
