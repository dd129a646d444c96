"""What is taken from an event's payload, and what is made of one that is wrong."""

import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from pincheck.action import events
from pincheck.action.events import Event, Pull, WorkflowRun

BASE, HEAD = "b" * 40, "a" * 40
PULL = {
    "number": 7,
    "base": {"sha": BASE, "ref": "main", "repo": {"id": 1}},
    "head": {"sha": HEAD, "ref": "fix", "repo": {"id": 1}},
}
RUN = {"event": "pull_request", "head_sha": HEAD, "head_repository": {"id": 2}}


def read(folder: Path, name: str, payload: object) -> Event:
    """The event as a runner would tell of it."""
    path = folder / "event.json"
    path.write_text(payload if isinstance(payload, str) else json.dumps(payload))
    return events.read({"GITHUB_EVENT_NAME": name, "GITHUB_EVENT_PATH": str(path)})


def changed(value: dict[str, Any], place: str, new: object) -> dict[str, Any]:
    """The value with something else at a place such as ``head.repo``."""
    key, _, rest = place.partition(".")
    return value | {key: changed(value[key], rest, new) if rest else new}


@pytest.mark.parametrize(
    ("name", "payload", "event"),
    [
        pytest.param("pull_request", {"pull_request": PULL}, Event("pull_request", Pull(7, BASE, HEAD, 1, 1)), id="pull"),
        pytest.param("pull_request_target", {"pull_request": PULL}, Event("pull_request_target", Pull(7, BASE, HEAD, 1, 1)), id="target"),
        pytest.param("merge_group", {"merge_group": {"base_sha": BASE}}, Event("merge_group", group_base=BASE), id="queue"),
        pytest.param("workflow_run", {"workflow_run": RUN}, Event("workflow_run", run=WorkflowRun("pull_request", HEAD, 2)), id="run"),
        pytest.param("workflow_run", {"workflow_run": RUN | {"event": 7}}, Event("workflow_run", run=WorkflowRun("", HEAD, 2)), id="run by what"),
        pytest.param("push", {"pull_request": PULL}, Event("push"), id="a push has no request"),
        pytest.param("schedule", "{", Event("schedule"), id="not read where nothing is needed"),
        pytest.param("pull_request", {"pull_request": changed(PULL, "head.repo", None)}, Event("pull_request", Pull(7, BASE, HEAD, None, 1)), id="fork that is gone"),
    ],
)  # fmt: skip
def test_a_payload_tells_its_facts(tmp_path: Path, name: str, payload: object, event: Event) -> None:
    assert read(tmp_path, name, payload) == event


@pytest.mark.parametrize(
    ("head", "base", "fork"),
    [(1, 1, False), (2, 1, True), (None, 1, True), (1, None, True), (None, None, True)],
)
def test_a_repository_that_is_not_told_is_another(head: int | None, base: int | None, fork: bool) -> None:
    assert Pull(7, BASE, HEAD, head, base).fork is fork


@pytest.mark.parametrize(
    ("event", "strange"),
    [
        pytest.param(Event("push"), False, id="push"),
        pytest.param(Event("merge_group"), False, id="queue"),
        pytest.param(Event("pull_request", Pull(7, BASE, HEAD, 1, 1)), False, id="own branch"),
        pytest.param(Event("pull_request", Pull(7, BASE, HEAD, 2, 1)), True, id="fork"),
        pytest.param(Event("pull_request", problem="no payload"), True, id="not known whose"),
        pytest.param(Event("issue_comment"), True, id="anybody's event"),
    ],
)
def test_who_may_be_a_stranger(event: Event, strange: bool) -> None:
    assert event.strange is strange


@pytest.mark.parametrize(
    ("payload", "problem"),
    [
        pytest.param("", "the event's payload is no JSON", id="empty"),
        pytest.param('{"pull_request": {"number"', "the event's payload is no JSON", id="truncated"),
        pytest.param("[" * 100_000, "the event's payload is no JSON", id="deep"),
        pytest.param('{"pull_request": {"number": ' + "9" * 5000 + "}}", "the event's payload is no JSON", id="a number without end"),
        pytest.param([PULL], "the event's payload is no JSON object", id="list"),
        pytest.param({}, "the event's payload has no usable pull_request.number", id="other event"),
        pytest.param({"pull_request": "x"}, "the event's payload has no usable pull_request.number", id="text"),
        pytest.param({"pull_request": changed(PULL, "number", True)}, "the event's payload has no usable pull_request.number", id="a truth"),
        pytest.param({"pull_request": changed(PULL, "number", -7)}, "the event's payload has no usable pull_request.number", id="below nothing"),
        pytest.param({"pull_request": changed(PULL, "number", "7")}, "the event's payload has no usable pull_request.number", id="number as text"),
        pytest.param({"pull_request": changed(PULL, "number", 2**80)}, "the event's payload has no usable pull_request.number", id="huge"),
        pytest.param({"pull_request": changed(PULL, "base.sha", "main")}, "the event's payload has no usable pull_request.base.sha", id="a name for a hash"),
        pytest.param({"pull_request": changed(PULL, "base.sha", BASE + "\n")}, "the event's payload has no usable pull_request.base.sha", id="line break"),
        pytest.param({"pull_request": changed(PULL, "head.sha", "--upload-pack=x")}, "the event's payload has no usable pull_request.head.sha", id="an option"),
        pytest.param({"pull_request": changed(PULL, "head.sha", "0" * 40)}, "the event's payload has no usable pull_request.head.sha", id="no commit"),
    ],
)  # fmt: skip
def test_a_wrong_payload_is_a_reason(tmp_path: Path, payload: object, problem: str) -> None:
    assert read(tmp_path, "pull_request", payload) == Event("pull_request", problem=problem)


HOSTILE = [
    None, True, 0, -1, 7.0, 1e999, 2**63, "", "7", "\0\n::error::x", "\ud800", "--all", BASE.upper(), "0" * 40, "a" * 99_999,
    [], [1], {}, {"id": 1}, {"id": "1"}, {"sha": HEAD}, {"repo": {"id": True}},
]  # fmt: skip
NAMES = ["pull_request", "pull_request_target", "pull_request_review", "workflow_run", "merge_group"]


def places(value: object, above: str = "") -> Iterator[str]:
    """All places such as ``head.repo``."""
    for key, below in value.items() if isinstance(value, dict) else ():
        yield above + key
        yield from places(below, f"{above}{key}.")


def test_no_payload_breaks_a_step_or_makes_a_stranger_one_of_the_team(tmp_path: Path) -> None:
    whole = {"pull_request": PULL, "workflow_run": RUN, "merge_group": {"base_sha": BASE}}
    told = {name: read(tmp_path, name, whole) for name in NAMES}
    for place, value, name in product(places(whole), HOSTILE, NAMES):
        event = read(tmp_path, name, changed(whole, place, value))
        if event == told[name]:  # it lies where nothing is read
            continue
        own = event.pull and (event.pull.head_repository, event.pull.base_repository) == (1, 1)
        assert event.problem or event.strange is (name != "merge_group" and not own), (name, place, value)


def test_a_payload_that_cannot_be_read_is_a_reason(tmp_path: Path) -> None:
    large = tmp_path / "large.json"
    large.write_bytes(b" " * (20 * 1024 * 1024))
    told = [
        events.read({"GITHUB_EVENT_NAME": "workflow_run", "GITHUB_EVENT_PATH": str(path)}).problem
        for path in (large, tmp_path / "none.json", tmp_path, "/dev/zero")
    ]
    assert told == [
        "the event's payload is larger than 8 MB",
        "the event's payload cannot be read: No such file or directory",
        "the event's payload is a folder, not a file",
        "the event's payload is a device, not a file",
    ]
    assert events.read({"GITHUB_EVENT_NAME": "merge_group"}).problem == "the runner names no event payload"
    assert events.read({}) == Event("push")
