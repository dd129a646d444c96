"""What each mode compares, whom it trusts, what it posts and how it exits; the scan and GitHub are stand-ins."""

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from builders import at
from trees import git, repository, write

from pincheck import commits
from pincheck.action import __main__ as action
from pincheck.action import events, posting
from pincheck.errors import UsageError
from pincheck.github.posting import Posted
from pincheck.github.pulls import Pull
from pincheck.model import Finding, Policy, Report
from pincheck.model.changes import Since
from pincheck.run import Outcome, Request

OWN, FORK = 1, 2
FINDING = Finding("missing-backup-pin", "error", "one pin", "", at(), (), "", (), "production", "0" * 32)


class Origin(NamedTuple):
    """A repository with a base that went on, a request, and GitHub's merge of both."""

    folder: Path
    fork_point: str
    base: str
    head: str
    merge: str


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Origin:
    folder = repository(
        tmp_path_factory.mktemp("origin") / "origin", {"app/pins.xml": "old", "kept.json": "the team's"}
    )
    fork_point = sha(folder)
    git(folder, "checkout", "-q", "-b", "request")
    files = {"app/pins.xml": "new", "kept.json": "theirs", "added.json": "theirs"}
    head = commit(write(folder, {**files, ".pincheck.yml": "version: 1\n"}))
    git(folder, "checkout", "-q", "main")
    base = commit(write(folder, {"README": "went on"}))
    git(folder, "merge", "-q", "--no-ff", "-m", "merge", "request")
    merge = sha(folder)
    git(folder, "reset", "-q", "--hard", base)
    git(folder, "update-ref", "refs/pull/7/head", head)
    git(folder, "update-ref", "refs/pull/7/merge", merge)
    return Origin(folder, fork_point, base, head, merge)


def sha(folder: Path) -> str:
    return git(folder, "rev-parse", "HEAD").strip()


def commit(folder: Path) -> str:
    git(folder, "add", "-A", "-f")
    git(folder, "commit", "-qm", "more")
    return sha(folder)


class World:
    """What a step sees of an origin, and what it does."""

    def __init__(self, folder: Path, origin: Origin, patch: pytest.MonkeyPatch) -> None:
        self.folder, self.patch = folder, patch
        _, self.fork_point, self.base, self.head, self.merge = origin
        self.origin = shutil.copytree(origin.folder, folder / "origin", symlinks=True)
        self.work = folder / "work space"
        self.asked: list[Request] = []
        self.posted: list[tuple[Any, ...]] = []
        self.report = Report(date(2026, 11, 23), (FINDING,))
        self.policy = Policy()
        self.notes: tuple[str, ...] = ()
        patch.setattr("pincheck.run.check", self._check)
        patch.setattr("pincheck.action.posting.fork_point", lambda step, base, head: self.told_fork_point)
        self.told_fork_point = self.fork_point
        patch.setattr("pincheck.action.posting.review", lambda *what: self._post(*what))
        for name, value in {
            "GITHUB_WORKSPACE": str(self.work), "RUNNER_TEMP": str(folder), "GITHUB_OUTPUT": str(folder / "output"),
            "GITHUB_STEP_SUMMARY": str(folder / "summary"), "GITHUB_EVENT_PATH": str(folder / "event.json"),
        }.items():  # fmt: skip
            patch.setenv(name, value)
        patch.chdir(folder)

    def check_out(self, commit: str, depth: int = 1, sparse: str = "") -> None:
        """As actions/checkout does it; of a ``sparse`` checkout nothing else comes than the folder."""
        self.work.mkdir()
        git(self.work, "init", "-q")
        git(self.work, "remote", "add", "origin", self.origin.as_uri())
        if sparse:
            git(self.origin, "config", "uploadpack.allowFilter", "true")
            git(self.origin, "config", "uploadpack.allowAnySHA1InWant", "true")
            git(self.work, "config", "remote.origin.promisor", "true")
            git(self.work, "config", "remote.origin.partialclonefilter", "blob:none")
            git(self.work, "sparse-checkout", "set", sparse)
        wanted = (
            [f"--depth={depth}", "origin"] if depth else ["origin", "+refs/heads/*:refs/remotes/origin/*"]
        )
        git(self.work, "fetch", "-q", *wanted, commit)
        git(self.work, "checkout", "-q", "--detach", commit)

    def run(self, event: str, payload: object = None, **inputs: str) -> int:
        self.patch.setenv("GITHUB_EVENT_NAME", event)
        (self.folder / "event.json").write_text(json.dumps(payload))
        for name, value in {"token": "ghs_secret", **inputs}.items():
            self.patch.setenv(f"PINCHECK_{name.upper()}", value)
        return action.main()

    def pull(self, repository: int = OWN, **changes: object) -> dict[str, Any]:
        """The payload of ``pull_request``."""
        head = {"sha": self.head, "repo": {"id": repository}}
        return {
            "pull_request": {"number": 7, "base": {"sha": self.base, "repo": {"id": OWN}}, "head": head}
            | changes
        }

    def _check(self, request: Request) -> Outcome:
        self.asked.append(request)
        since = Since("main") if request.base else None
        return Outcome(self.report._replace(since=since), self.policy, ("a note of the run",))

    def _post(self, *what: Any) -> tuple[str, ...]:
        self.posted.append(what)
        return self.notes


@pytest.fixture
def world(tmp_path: Path, origin: Origin, monkeypatch: pytest.MonkeyPatch) -> World:
    return World(tmp_path, origin, monkeypatch)


def notices(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What pincheck itself says, without the note of every run, and how many findings have no annotation."""
    lines = capsys.readouterr().out.splitlines()
    said = [line.partition("title=pincheck::")[2] for line in lines if "title=pincheck::" in line]
    return [
        line for line in said if line != "a note of the run" and not line.endswith(": see the job summary")
    ]


# pull-request --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("commit", "depth", "base"),
    [
        pytest.param("merge", 1, "base", id="merge commit, its parents are fetched"),
        pytest.param("merge", 0, "base", id="merge commit, all history"),
        pytest.param("head", 0, "fork_point", id="head, all history: where the branches part"),
        pytest.param("head", 1, "fork_point", id="head alone: GitHub knows where the branches part"),
    ],
)
def test_a_pull_request_is_compared_with(world: World, commit: str, depth: int, base: str) -> None:
    world.check_out(getattr(world, commit), depth)
    assert world.run("pull_request", world.pull()) == 0
    (request,) = world.asked
    assert (request.base, request.head, request.strange) == (getattr(world, base), "", False)
    assert request.ruled_by == ("" if commit == "merge" else world.base)
    ((step, report, pull, _),) = world.posted
    assert pull == events.Pull(7, world.base, world.head, OWN, OWN)
    assert (report.since, step.token, step.environment.get("PINCHECK_TOKEN")) == (
        Since("main"),
        "ghs_secret",
        None,
    )


def test_base_ref_wins(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.check_out(world.merge, 0)
    assert world.run("pull_request", world.pull(), base_ref="main~1") == 0
    assert world.run("pull_request", world.pull(), base_ref="request") == 0
    assert [request.base for request in world.asked] == ["main~1", "request"]
    assert world.run("push", base_ref="v1") == 1
    assert notices(capsys) == [
        "the state to compare with, v1, is not here and only a hash can be fetched: every finding counts as new; "
        "give actions/checkout fetch-depth: 0, or leave it its persist-credentials"
    ]


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        pytest.param({}, "the event's payload has no usable pull_request.number: every finding counts as new; name a base with base-ref", id="no payload"),
        pytest.param(None, "the event's payload is no JSON object: every finding counts as new; name a base with base-ref", id="nothing"),
    ],
)  # fmt: skip
def test_a_request_that_nobody_knows_is_a_stranger_s(
    world: World, capsys: pytest.CaptureFixture[str], payload: object, said: str
) -> None:
    world.check_out(world.merge)
    assert world.run("pull_request", payload) == 1
    (request,) = world.asked
    assert (request.base, request.strange, world.posted) == ("", True, [])
    assert notices(capsys) == [said]


def test_without_its_base_every_finding_is_new(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.check_out(world.head)
    git(world.work, "remote", "set-url", "origin", (world.folder / "gone").as_uri())
    assert world.run("pull_request", world.pull()) == 1
    assert (world.asked[0].base, len(world.posted)) == ("", 1)
    (said,) = notices(capsys)
    assert said.startswith(
        f"the state to compare with, {world.fork_point[:12]}, is not here and cannot be fetched ("
    )
    assert said.endswith("fetch-depth: 0, or leave it its persist-credentials")
    assert world.posted[0][3] == (said,)


@pytest.mark.parametrize("base_ref", ["", "main"])
@pytest.mark.parametrize("depth", [0, 1])
def test_what_a_sparse_checkout_left_out_is_fetched_to_compare(
    world: World, depth: int, base_ref: str
) -> None:
    world.check_out(world.head, depth, sparse="none")
    if base_ref:
        git(world.work, "fetch", "-q", "origin", "main:refs/remotes/origin/main")
    with pytest.raises(UsageError, match="this is a partial clone"):
        commits.Commit(str(world.work), commits.Found(world.head, "head"))
    assert world.run("pull_request", world.pull(), base_ref=base_ref) == 0
    (request,) = world.asked
    for state in (request.base, "HEAD"):
        found_ = commits.forked(str(world.work), state, "HEAD")
        tree = commits.Commit(str(world.work), found_)
        assert tree.contents("app/pins.xml") in (b"old", b"new")
        tree.close()


def test_with_a_part_of_its_base_every_finding_is_new(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.check_out(world.head, 0, sparse="none")
    git(world.work, "remote", "set-url", "origin", (world.folder / "gone").as_uri())
    assert world.run("pull_request", world.pull()) == 1
    assert (world.asked[0].base, len(world.posted)) == ("", 1)
    (said,) = notices(capsys)
    assert said.startswith(
        f"the state to compare with, {world.fork_point[:12]}, is here only in part, and the rest cannot be fetched ("
    )
    assert said.endswith(
        "give actions/checkout neither filter nor sparse-checkout, or leave it its persist-credentials"
    )


def test_a_base_that_lacks_a_file_costs_the_comparison_only(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.check_out(world.merge, 0)
    name = git(world.work, "rev-parse", f"{world.base}:kept.json").strip()
    (world.work / ".git/objects" / name[:2] / name[2:]).unlink()
    assert world.run("pull_request", world.pull()) == 1
    assert [each.base for each in world.asked] == [""]
    (said,) = notices(capsys)
    assert "is here only in part" in said
    assert "kept.json" in said


def test_comments_never_change_the_result(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.check_out(world.merge)
    world.notes = ("nothing could be posted with this token",)
    assert world.run("pull_request", world.pull()) == 0
    assert world.run("pull_request", world.pull(), fail_on_new="false") == 1
    assert notices(capsys) == ["nothing could be posted with this token"] * 2


@pytest.mark.parametrize("inputs", [{"comment": "false"}, {"token": ""}, {"mode": "push"}])
def test_nothing_is_posted_if_nobody_wants_it(world: World, inputs: dict[str, str]) -> None:
    world.check_out(world.merge)
    world.run("pull_request", world.pull(), **inputs)
    assert (len(world.asked), world.posted) == (1, [])


@pytest.mark.parametrize(
    ("told", "tip"), [("base", ""), ("fork_point", "base")], ids=["as told", "went on since"]
)
def test_a_base_that_is_compared_with_itself_is_no_check(
    world: World, capsys: pytest.CaptureFixture[str], told: str, tip: str
) -> None:
    world.check_out(world.base)
    world.patch.setenv("GITHUB_SHA", getattr(world, tip, ""))
    payload = world.pull(FORK)
    payload["pull_request"]["base"]["sha"] = getattr(world, told)
    assert world.run("pull_request_target", payload, mode="pull-request") == 2
    assert (world.asked, world.posted) == ([], [])
    assert notices(capsys) == [
        "pull request #7 is not checked out, but its base is: mode pull-request would compare that with itself; "
        "use mode: report, which fetches the request"
    ]


def test_a_repository_that_is_not_told_gets_no_comments(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.check_out(world.base)
    world.patch.delenv("GITHUB_REPOSITORY", raising=False)
    assert world.run("workflow_run", ran(world)) == 2
    assert notices(capsys) == ["GITHUB_REPOSITORY is not set, so nobody knows where to comment"]


# strangers -----------------------------------------------------------------------


def test_what_the_workflow_made_counts_for_a_stranger(world: World) -> None:
    """It is handed over from outside the repository; all that lies inside, the run takes from the base."""
    world.check_out(world.merge)
    write(world.work, {"out/made.json": "by the workflow"})
    inputs = {
        "recorded": "kept.json",
        "ca_data": "out/made.json",
        "config": "added.json",
        "trust_anchors": "none",
    }
    assert world.run("pull_request", world.pull(FORK), **inputs) == 0
    (request,) = world.asked
    assert request.live
    inside = (request.config, request.live.recorded, *request.live.trust_anchors)
    assert inside == tuple(str(world.work / name) for name in ("added.json", "kept.json", "none"))
    assert (request.strange, Path(request.ca_data).read_text()) == (True, "by the workflow")
    assert world.work not in Path(request.ca_data).parents


@pytest.mark.parametrize("name", ["link.json", "folder/made.json", "way/../added.json"])
def test_no_link_of_a_stranger_makes_a_file_the_workflow_s(world: World, name: str) -> None:
    git(world.origin, "checkout", "-q", "request")
    for link, target in {
        "link.json": "elsewhere/made.json",
        "folder": "elsewhere",
        "way": "elsewhere",
    }.items():
        (world.origin / link).symlink_to(target)
    world.head = commit(world.origin)
    world.check_out(world.head, 0)
    write(world.work, {"elsewhere/made.json": "by the workflow"})
    assert world.run("pull_request", world.pull(FORK), ca_data=name) == 0
    assert world.asked[0].ca_data == str(world.work / name)


def test_an_own_branch_s_files_count(world: World) -> None:
    world.check_out(world.merge)
    assert world.run("pull_request", world.pull(), config="added.json") == 0
    assert world.asked[0].config == str(world.work / "added.json")


# push, merge queues ---------------------------------------------------------------


@pytest.mark.parametrize("event", ["push", "workflow_dispatch", ""])
def test_a_push_is_compared_with_nothing(
    world: World, capsys: pytest.CaptureFixture[str], event: str
) -> None:
    world.check_out(world.base)
    assert world.run(event) == 1
    (request,) = world.asked
    assert (request.base, request.strange, world.posted, notices(capsys)) == ("", False, [], [])


def test_a_merge_group_fails_for_what_is_new(world: World) -> None:
    world.check_out(world.merge)
    assert world.run("merge_group", {"merge_group": {"base_sha": world.base}}) == 0
    assert (world.asked[0].base, world.posted) == (world.base, [])


# watch ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("posted", "inputs", "code"),
    [
        pytest.param(Posted(), {}, 0, id="the issue says it"),
        pytest.param(Posted(), {"fail_on": "error"}, 1, id="asked to fail"),
        pytest.param(Posted(("no issues: write",), failed=True), {}, 1, id="nobody would hear of it"),
        pytest.param(Posted(("no label",), 1), {}, 0, id="the issue says it, without a label"),
        pytest.param(Posted(("close #5",)), {}, 0, id="the issue said it before"),
        pytest.param(Posted(), {"token": ""}, 1, id="no token"),
        pytest.param(Posted(), {"comment": "false"}, 1, id="no issue wanted"),
    ],
)
def test_a_watch_that_told_has_done_its_job(
    world: World, posted: Posted, inputs: dict[str, str], code: int
) -> None:
    world.check_out(world.base)
    told: list[tuple[Finding, ...]] = []
    world.patch.setattr(posting, "issue", lambda step, report: told.append(report.findings) or posted)
    assert world.run("schedule", **inputs) == code
    assert told == ([] if {"token", "comment"} & {*inputs} else [(FINDING,)])


# report ---------------------------------------------------------------------------


def found(
    world: World, answer: Callable[[], Pull | str] | None = None, merge: str | None = None
) -> list[Any]:
    """Let GitHub know the request; what it is asked for."""
    asked: list[Any] = []
    pull = Pull(7, world.base, world.head, FORK, OWN, "open")
    world.patch.setattr(
        posting, "find", lambda step, *what: asked.append(what) or (answer() if answer else pull)
    )
    world.patch.setattr(posting, "merge_commit", lambda step, pull: world.merge if merge is None else merge)
    return asked


def ran(world: World, **changes: object) -> dict[str, Any]:
    """The payload of ``workflow_run``."""
    told = {"event": "pull_request", "head_sha": world.head, "head_repository": {"id": FORK}}
    return {"workflow_run": told | changes}


@pytest.mark.parametrize(
    ("event", "code"),
    [
        pytest.param("workflow_run", 0, id="a run of its own is no check"),
        pytest.param("pull_request_target", 1, id="a check of the request"),
    ],
)
def test_a_report_reads_both_states_and_checks_nothing_out(world: World, event: str, code: int) -> None:
    world.check_out(world.base)
    asked = found(world)
    payload = ran(world) if event == "workflow_run" else world.pull(FORK)
    assert world.run(event, payload, fail_on_new="false") == code
    (request,) = world.asked
    assert asked == [(world.head, FORK)]
    assert (request.head, request.base, request.strange) == (world.merge, world.base, True)
    assert [what[2].number for what in world.posted] == [7]
    assert (sha(world.work), (world.work / "app/pins.xml").read_text()) == (world.base, "old")


@pytest.mark.parametrize("merge", ["", "f" * 40, "base"])
def test_without_a_merge_commit_the_head_is_read(world: World, merge: str) -> None:
    world.check_out(world.base)
    found(world, merge=world.base if merge == "base" else merge)
    assert world.run("workflow_run", ran(world)) == 0
    assert [(each.head, each.base, each.ruled_by) for each in world.asked] == [
        (world.head, world.fork_point, world.base)
    ]


def test_nobody_knows_where_the_request_left_its_base(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.check_out(world.head)
    world.told_fork_point = ""
    assert world.run("pull_request", world.pull()) == 0
    assert [(each.base, each.ruled_by) for each in world.asked] == [(world.base, "")]
    assert notices(capsys) == [
        f"where the request left {world.base[:12]} is not known, so what its base got since then looks removed; "
        "give actions/checkout fetch-depth: 0"
    ]


def test_a_stranger_s_branch_is_not_the_base_by_its_name(world: World) -> None:
    world.check_out(world.head, 0)
    git(world.work, "checkout", "-q", "-b", "main")
    assert world.run("pull_request", world.pull(FORK), base_ref="main") == 0
    assert [each.base for each in world.asked] == ["refs/remotes/origin/main"]


def test_a_base_that_is_checked_out_is_said(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.check_out(world.base, 0)
    assert world.run("push", base_ref="main") == 0
    assert notices(capsys) == [
        "main is, or holds, what is checked, so nothing is new; compare with an earlier state"
    ]


def test_a_report_says_why_it_says_nothing(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.check_out(world.base)
    found(world, lambda: "several open pull requests have the commit as their head: #7, #8")
    assert world.run("workflow_run", ran(world)) == 0
    found(world, lambda: Pull(7, world.base, "e" * 40, FORK, OWN, "open"))
    assert world.run("workflow_run", ran(world)) == 0
    found(world, lambda: Pull(8, world.base, world.head, FORK, OWN, "open"))
    assert world.run("workflow_run", ran(world)) == 0
    assert world.run("workflow_run", ran(world, event="push")) == 0
    assert world.run("workflow_run", ran(world, head_repository=None)) == 0
    assert world.run("pull_request_target", world.pull(None)) == 0
    assert world.run("push", mode="report") == 0
    said = notices(capsys)
    unfetched = said.pop(2)
    assert said == [
        "nothing is reported: several open pull requests have the commit as their head: #7, #8",
        "nothing is reported: pull request #7 has moved on; its newer commit is reported when its own run has ended",
        "nothing is reported: the run was started by push, which is no pull request",
        "nothing is reported: the event's payload has no usable workflow_run.head_repository.id",
        "nothing is reported: the repository that the pull request came from is gone",
        "nothing is reported: the event push tells of no pull request; use workflow_run or pull_request_target",
    ]
    assert unfetched.startswith("nothing is reported: pull request #8 cannot be fetched: ")
    assert (world.asked, world.posted) == ([], [])
