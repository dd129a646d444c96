"""act runs the Action for GitHub's own examples of events, against a GitHub on this machine."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

import github_description
import pytest
from acting import Run, Runner
from fake_github import FakeGitHub, FakePull
from programs import missing
from samples import NSC, NSC_PATH, WITH_BACKUP
from trees import git, repository, write

pytestmark = [pytest.mark.peer, pytest.mark.timeout(240)]

OWN, FORK = 186853002, 77


class Forge(FakeGitHub):
    """It also says by which commit it tried to merge."""

    merge = ""

    def _shown_pull(self, pull: FakePull) -> dict[str, Any]:
        return super()._shown_pull(pull) | {"merge_commit_sha": self.merge}


class Shop(NamedTuple):
    """A consumer with a pull request that removes the backup pin; its checkouts have one commit."""

    origin: Path
    base: str
    head: str
    merge: str
    github: Forge
    runner: Runner

    def checkout(self, commit: str) -> Path:
        """As actions/checkout leaves it, in a folder with a space in its name."""
        folder = self.origin.parent / "the shop"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        git(folder, "init", "-q")
        git(folder, "remote", "add", "origin", self.origin.as_uri())
        git(folder, "fetch", "-q", "--depth=1", "origin", commit)
        git(folder, "checkout", "-q", "--detach", commit)
        git(folder, "update-ref", "refs/remotes/pull/7/merge", commit)  # act copies no empty folder
        return folder

    def run(
        self, event: str, payload: object, commit: str, under: tuple[str, ...] = (), **inputs: str
    ) -> Run:
        place = write(
            self.runner.folder,
            {"event.json": json.dumps(payload), "pins.yml": self.runner.workflow(event, {
                name.replace("_", "-"): value for name, value in inputs.items()
            })},
        )  # fmt: skip
        options = [f"--env=GITHUB_API_URL={self.github.url}", "-s", f"GITHUB_TOKEN={self.github.token}"]
        options += ["-e", str(place / "event.json"), "-W", str(place / "pins.yml")]
        run = self.runner.run(self.checkout(commit), event, *options, under=under)
        assert self.github.token not in json.dumps(run.records)
        return run

    def pull(self, action: str, repository: int | None = OWN) -> dict[str, Any]:
        """GitHub's example, told of this request."""
        payload = example("pull_request", action)
        pull = payload["pull_request"]
        payload["number"] = pull["number"] = 7
        pull["base"] |= {"sha": self.base, "ref": "main"}
        pull["base"]["repo"]["id"] = OWN
        pull["head"]["sha"] = self.head
        pull["head"]["repo"] = pull["head"]["repo"] | {"id": repository} if repository else None
        return payload


def example(name: str, action: str | None = None) -> dict[str, Any]:
    return deepcopy(github_description.event(name, action))  # type: ignore[arg-type]


@pytest.fixture
def shop(tmp_path: Path, clone: Path, surroundings: dict[str, str]) -> Iterator[Shop]:
    origin = repository(tmp_path / "origin", {"README.md": "the shop\n", NSC_PATH: WITH_BACKUP})
    git(origin, "checkout", "-q", "-b", "request")
    head = commit(write(origin, {NSC_PATH: NSC}))
    git(origin, "checkout", "-q", "main")
    base = commit(write(origin, {"README.md": "the shop went on\n"}))
    git(origin, "merge", "-q", "--no-ff", "-m", "merge", "request")
    merge = git(origin, "rev-parse", "HEAD").strip()
    git(origin, "reset", "-q", "--hard", base)
    git(origin, "update-ref", "refs/pull/7/head", head)
    git(origin, "update-ref", "refs/pull/7/merge", merge)
    patch = git(origin, "diff", f"{base}...{head}", "--", NSC_PATH)
    pull = FakePull(7, head, base, files={NSC_PATH: patch[patch.index("@@ ") :].rstrip("\n")})
    kept = tmp_path / "kept"
    kept.mkdir()
    with Forge("octo/shop", pulls=[pull]) as github:
        github.merge = merge
        github.repository_id = OWN
        pull.head_repository_id = OWN
        yield Shop(origin, base, head, merge, github, Runner(clone, surroundings, kept))


def commit(folder: Path) -> str:
    git(folder, "add", "-A", "-f")
    git(folder, "commit", "-qm", "more")
    return git(folder, "rev-parse", "HEAD").strip()


ONE_PIN = ("error", "missing-backup-pin", NSC_PATH, "5")
BACKUP_IS_GONE = ("error", "backup-pin-removed", NSC_PATH, "")
"""What is said in its place where the state before is known."""


def test_a_request_is_reviewed_once(shop: Shop) -> None:
    run = shop.run("pull_request", shop.pull("opened"), shop.merge, sarif_file="pins.sarif")
    assert run.results == ["failure", "failure"], run.text
    assert BACKUP_IS_GONE in run.annotations
    assert "outputs: 2 1 1 1 pins.sarif" in run.text
    assert "backup-pin-removed" in run.summary
    assert sorted(run.sarif) == ["backup-pin-removed", "pin-set-expires-late"]
    assert (run.notices, shop.github.refused) == ([], [])
    writes = [(write.method, write.path) for write in shop.github.writes]
    assert writes == [("POST", "pulls/7/reviews"), ("POST", "issues/7/comments")]
    again = shop.run("pull_request", shop.pull("synchronize"), shop.merge)
    assert (again.results, len(shop.github.writes)) == (["failure", "failure"], 2)


def test_a_fork_s_token_may_not_write(shop: Shop) -> None:
    shop.github.may = frozenset()
    shop.github.pulls[7].head_repository_id = FORK
    run = shop.run("pull_request", shop.pull("opened", FORK), shop.merge)
    assert run.results == ["failure", "failure"]
    assert BACKUP_IS_GONE in run.annotations
    (said,) = run.notices
    assert "403" in said
    assert "`pull-requests: write`" in said
    assert (shop.github.writes, "backup-pin-removed" in run.summary) == ([], True)


def test_what_was_there_before_fails_no_request(shop: Shop) -> None:
    run = shop.run("pull_request", shop.pull("opened") | {"pull_request": {
        **shop.pull("opened")["pull_request"], "base": {"sha": shop.head, "ref": "main", "repo": {"id": OWN}},
    }}, shop.merge, base_ref=shop.head)  # fmt: skip
    assert run.results == ["success", "success"], run.text
    assert re.search(r"outputs: \d 0 ", run.text), run.text


def test_a_report_is_made_from_elsewhere(shop: Shop) -> None:
    """A fork's own job may not write, so a job of the base does, and checks nothing out."""
    shop.github.pulls[7].head_repository_id = FORK
    payload = example("workflow_run", "completed")
    payload["workflow_run"] |= {
        "event": "pull_request",
        "head_sha": shop.head,
        "head_repository": {"id": FORK},
    }
    run = shop.run("workflow_run", payload, shop.base)
    assert run.results == ["success", "success"], run.text
    assert (shop.github.refused, [(each.method, each.path) for each in shop.github.writes]) == (
        [], [("POST", "pulls/7/reviews"), ("POST", "issues/7/comments")],
    )  # fmt: skip
    forged = deepcopy(payload)
    forged["workflow_run"]["head_repository"]["id"] = 5
    run = shop.run("workflow_run", forged, shop.base)
    assert (run.results, len(shop.github.writes)) == (["success", "success"], 2)
    assert run.notices == [
        f"nothing is reported: no open pull request has the commit {shop.head[:12]} as its head: "
        "it has moved on, or is closed by now"
    ]


def test_a_push_a_queue_and_a_watch(shop: Shop) -> None:
    run = shop.run("push", example("push"), shop.head)
    assert (run.results, ONE_PIN in run.annotations) == (["failure", "failure"], True)
    queue = example("merge_group", "checks_requested")
    queue["merge_group"] |= {"base_sha": shop.base, "head_sha": shop.merge}
    run = shop.run("merge_group", queue, shop.merge)
    assert (run.results, run.notices) == (["failure", "failure"], [])
    assert shop.github.writes == []
    run = shop.run("schedule", {"schedule": "0 6 * * 1"}, shop.head)
    assert run.results == ["success", "success"], run.text
    assert [(each.method, each.path) for each in shop.github.writes] == [("POST", "issues")]


def test_without_a_network_the_annotations_are_there(shop: Shop) -> None:
    """Neither GitHub nor the origin can be reached; the check is made all the same."""
    up = (
        "import fcntl, os, socket, struct, sys; s = socket.socket(); "
        "fcntl.ioctl(s, 0x8914, struct.pack('16sh14x', b'lo', 0x41)); os.execvp(sys.argv[1], sys.argv[1:])"
    )
    under = ("unshare", "-rn", sys.executable, "-c", up)
    if (
        not shutil.which("unshare")
        or subprocess.run([*under, "true"], check=False, capture_output=True).returncode
    ):
        missing("no network namespace can be made here")
    git(shop.origin, "update-server-info")
    run = shop.run("pull_request", shop.pull("opened"), shop.merge, under)
    assert run.results == ["failure", "failure"], run.text
    assert BACKUP_IS_GONE in run.annotations
    (said,) = run.notices
    assert said.startswith("nothing is posted, as #7 does not show what it changes: GitHub "), said
    assert shop.github.requests == []
