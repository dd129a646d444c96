"""What the Action does for each kind of event: one module a mode, with ``run(step)`` -> an exit code."""

from importlib import import_module

from pincheck.action.step import Step

BY_EVENT = {
    "pull_request": "pull-request",
    "pull_request_target": "report",
    "workflow_run": "report",
    "schedule": "watch",
}
"""The mode where the workflow names none; every other event is as a push."""


def run(step: Step) -> int:
    """Run the mode that the workflow asks for, or that fits the event."""
    name = step.inputs.mode or BY_EVENT.get(step.event.name, "push")
    mode = import_module(f"{__name__}.{name.replace('-', '_')}")
    code: int = mode.run(step)
    return code
