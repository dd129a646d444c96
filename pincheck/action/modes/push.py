"""``mode: push``: the state as it is; a merge group, or a ``base-ref``, is compared with too."""

from pincheck.action import baseline, checking
from pincheck.action.step import Step


def run(step: Step) -> int:
    """Check the work tree."""
    compared = baseline.of(step)
    return checking.exit_code(step, checking.check(step, compared))
