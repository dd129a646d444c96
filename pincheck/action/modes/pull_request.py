"""``mode: pull-request``: what the change does, said on its lines, and in comments if the token may write."""

from pincheck.action import baseline, checking, log, posting
from pincheck.action.step import Step


def run(step: Step) -> int:
    """Check the work tree against the base, and bring the request's comments up to date."""
    compared = baseline.of(step)
    posts = posting.may_post(step) and step.event.pull is not None
    checked = checking.check(step, compared, mend=posts)
    if posts and step.event.pull and not checked.outcome.interrupted:
        for note in posting.review_of_event(step, checked.report, step.event.pull):
            log.say("notice", note)
    return checking.exit_code(step, checked)
