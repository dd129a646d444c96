"""The scan as the Action runs it: said in the log, written to files, and judged by ``fail-on``."""

from typing import TYPE_CHECKING, NamedTuple

from pincheck import run
from pincheck.action import evidence, log, results
from pincheck.action.baseline import Baseline
from pincheck.action.step import Step
from pincheck.errors import EXIT_CLEAN, EXIT_FINDINGS, EXIT_INTERRUPTED
from pincheck.model import Report

if TYPE_CHECKING:
    from pincheck.looking import Live


class Checked(NamedTuple):
    """What came of a scan."""

    outcome: run.Outcome
    report: Report
    """The outcome's, with paths that start at the workspace."""


def check(step: Step, baseline: Baseline, head: str = "", mend: bool = False) -> Checked:
    """Scan the work tree, or the commit ``head``, and deliver the report; with ``mend`` it carries fixes."""
    step = step._replace(inputs=evidence.apart(step.inputs, baseline.strange, step.environment))
    inputs = step.inputs
    outcome = run.check(
        run.Request(
            paths=inputs.paths,
            root=inputs.root,
            config=inputs.config,
            live=_live(step),
            ca_data=inputs.ca_data,
            base=baseline.base,
            ruled_by=baseline.ruled_by,
            head=head,
            strange=baseline.strange,
        )
    )
    report = outcome.report
    if mend and outcome.again:
        from pincheck import remedy

        again = outcome.again()
        report = report._replace(fixes=remedy.fixes(report, outcome.policy, again.read, again))
    report = results.from_workspace(report, inputs, outcome.config_place)
    for note in (*baseline.notes, *outcome.notes):
        log.say("notice", note)
    results.deliver(report, inputs, step.environment)
    return Checked(outcome, report)


def exit_code(step: Step, checked: Checked, default: str = "") -> int:
    """Judge a run; ``default`` is the severity to fail from if the workflow gives none, else the configuration's."""
    inputs, outcome = step.inputs, checked.outcome
    if outcome.interrupted:
        log.say("error", "interrupted; the hosts that were left are not checked")
        return EXIT_INTERRUPTED
    fail_on = inputs.fail_on or default or outcome.policy.fail_on
    fails = checked.report.fails(fail_on, only_new=inputs.fail_on_new)
    return EXIT_FINDINGS if fails or (inputs.fail_on_unchecked and outcome.unreached) else EXIT_CLEAN


def _live(step: Step) -> "Live | None":
    """How to look at hosts; None for an offline run."""
    inputs = step.inputs
    if not inputs.live and not inputs.recorded:
        return None
    from pincheck.looking import Live

    if inputs.recorded:
        return Live(None, inputs.trust_anchors, recorded=inputs.recorded, logs=inputs.ct)
    from pincheck.probe import options

    proxy, no_proxy = options.from_environment(step.environment)
    asked = options.Options(
        allowed=tuple(map(options.network, inputs.allowed)), proxy=proxy, no_proxy=no_proxy
    )
    return Live(asked, inputs.trust_anchors, inputs.record, logs=inputs.ct)
