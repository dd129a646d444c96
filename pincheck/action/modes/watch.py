"""``mode: watch``: one issue that says what is wrong, edited as things change, closed when all is well.

The step fails for findings only if ``fail-on`` says so, or if the issue could not be written: somebody
has to hear of it.
"""

from pincheck.action import baseline, checking, log, posting
from pincheck.action.step import Step


def run(step: Step) -> int:
    """Check the work tree, and bring the issue up to date."""
    compared = baseline.of(step)
    checked = checking.check(step, compared)
    if checked.outcome.interrupted:
        return checking.exit_code(step, checked)
    return checking.exit_code(step, checked, default="never" if _is_told(step, checked) else "")


def _is_told(step: Step, checked: checking.Checked) -> bool:
    """Whether the issue says what there is to say."""
    if not posting.may_post(step):
        log.say("notice", "no issue is kept up to date: mode watch needs a token, and comment: true")
        return False
    posted = posting.issue(step, checked.report)
    for note in posted.notes:
        log.say("notice", note)
    return not posted.failed
