"""``mode: pull-request``: what the change does, said on its lines, and in comments if the token may write."""

from pincheck.action import baseline, checking, evidence, log, posting
from pincheck.action.step import Step


def run(step: Step) -> int:
    """Check the work tree against the base, and bring the request's comments up to date."""
    compared = baseline.of(step)
    step = step._replace(inputs=evidence.trusted(step.inputs, compared, step.environment))
    posts = posting.may_post(step) and step.event.pull is not None
    read = checking.from_work_tree(step.inputs.root) if posts else None
    checked = checking.check(step, compared, read=read)
    if posts and step.event.pull and not checked.outcome.interrupted:
        for note in posting.review_of_event(step, checked.report, step.event.pull):
            log.say("notice", note)
    return checking.exit_code(step, checked)
