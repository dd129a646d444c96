"""The payload of the event that started the workflow -> the few facts of it that are used.

Nothing of a payload is trusted for its shape: what is missing, of another type or no hash leaves a
reason in place of a fact. Source of names and types: docs.github.com, "Webhook events and payloads".
"""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from pincheck import files, git

MAX_BYTES = 8 * 1024 * 1024
"""Of a payload; GitHub's are some tens of kilobytes, those of pushes with many commits a few megabytes."""
OWN = frozenset({"push", "merge_group", "schedule", "workflow_dispatch", "repository_dispatch", "release"})
"""Events whose code is the repository's own: somebody with write access put it there."""

_LARGEST_ID = 2**63 - 1


class Pull(NamedTuple):
    """The pull request of an event."""

    number: int
    base_sha: str
    head_sha: str
    head_repository: int | None
    """Its id; None if it is not told, as that of a fork that was deleted."""
    base_repository: int | None

    @property
    def fork(self) -> bool:
        """Whether the change comes from another repository; one that is not told is another."""
        return self.head_repository is None or self.head_repository != self.base_repository


class WorkflowRun(NamedTuple):
    """The run that a ``workflow_run`` event tells of."""

    event: str
    """What had started it."""
    head_sha: str
    head_repository: int


class Event(NamedTuple):
    """What happened."""

    name: str
    pull: Pull | None = None
    group_base: str = ""
    """The commit that a merge group is to be merged into, or empty."""
    run: WorkflowRun | None = None
    problem: str = ""
    """Why the payload tells nothing, or empty."""

    @property
    def strange(self) -> bool:
        """Whether the code may be by somebody who cannot write to the repository."""
        return self.pull.fork if self.pull else self.name not in OWN


class _Absent(Exception):
    """A fact that the payload does not tell; the message is its name."""


def read(environment: Mapping[str, str]) -> Event:
    """Return the event by ``GITHUB_EVENT_NAME`` and ``GITHUB_EVENT_PATH``; whatever they hold, it is a value."""
    name = environment.get("GITHUB_EVENT_NAME", "")
    if not name:
        return Event("push")  # a runner always says; what runs without one has no stranger's code
    if not name.startswith("pull_request") and name not in ("merge_group", "workflow_run"):
        return Event(name)
    payload = _payload(environment.get("GITHUB_EVENT_PATH", ""))
    if isinstance(payload, str):
        return Event(name, problem=payload)
    try:
        return _facts(name, payload)
    except _Absent as missing:
        return Event(name, problem=f"the event's payload has no usable {missing}")


def _payload(path: str) -> Any:
    """The parsed payload, or as a text why there is none."""
    if not path:
        return "the runner names no event payload"
    try:
        payload = json.loads(files.read(path, MAX_BYTES))
    except files.Unusable as error:
        return f"the event's payload {error.why}"
    except (ValueError, RecursionError):
        return "the event's payload is no JSON"
    return payload if isinstance(payload, dict) else "the event's payload is no JSON object"


def _facts(name: str, payload: Mapping[str, Any]) -> Event:
    if name == "merge_group":
        return Event(name, group_base=_hash(payload, "merge_group", "base_sha"))
    if name == "workflow_run":
        started_by = _at(payload, "workflow_run", "event")
        run = WorkflowRun(
            started_by if isinstance(started_by, str) else "",
            _hash(payload, "workflow_run", "head_sha"),
            _number(payload, "workflow_run", "head_repository", "id"),
        )
        return Event(name, run=run)
    pull = Pull(
        _number(payload, "pull_request", "number"),
        _hash(payload, "pull_request", "base", "sha"),
        _hash(payload, "pull_request", "head", "sha"),
        _number_or_none(payload, "pull_request", "head", "repo", "id"),
        _number_or_none(payload, "pull_request", "base", "repo", "id"),
    )
    return Event(name, pull)


def _at(payload: Any, *keys: str) -> Any:
    """What lies behind the keys; None if they lead nowhere."""
    for key in keys:
        payload = payload.get(key) if isinstance(payload, dict) else None
    return payload


def _hash(payload: Any, *keys: str) -> str:
    value = _at(payload, *keys)
    if not isinstance(value, str) or not git.is_hash(value) or not value.strip("0"):
        raise _Absent(".".join(keys))
    return value


def _number(payload: Any, *keys: str) -> int:
    value = _number_or_none(payload, *keys)
    if value is None:
        raise _Absent(".".join(keys))
    return value


def _number_or_none(payload: Any, *keys: str) -> int | None:
    value = _at(payload, *keys)
    return value if type(value) is int and 0 < value <= _LARGEST_ID else None
