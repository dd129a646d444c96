"""The client against what others wrote: GitHub's descriptions, and Prism, which answers by them."""

import os
import re
import shutil
import socket
import subprocess
import time

import github_description
import pytest
from fake_github import FakePull
from github_description import REPOSITORY
from programs import ROOT, missing

from pincheck.github import pulls, reviews, watch
from pincheck.github.api import GitHub
from pincheck.github.posting import Posted
from pincheck.model.review import Comment, Draft, IssueDraft, Summary

pytestmark = pytest.mark.peer

FILES = {"a": "@@ -1 +1,3 @@\n-x\n+y\n+z\n+z"}
WRONG = Draft(
    (Comment("a", 1, 2, "RIGHT", ("1" * 32,), "one"), Comment("a", 9, 9, "RIGHT", ("2" * 32,), "two")),
    frozenset({"1" * 32, "2" * 32}),
    Summary(("both",)),
)
WELL = Draft((), frozenset())


def everything(api, number):
    """Ask all that can be asked; two rounds, so that there is something to edit."""
    pull = pulls.get(api, number)
    pulls.find(api, pull.head_sha, pull.head_repository_id)
    pulls.diff_of(api, number)
    pulls.fork_point(api, pull.base_sha, pull.head_sha)
    posted = [
        reviews.sync(api, number, pull.head_sha, wanted, "key", resolve=True) for wanted in (WRONG, WELL)
    ]
    posted += [watch.sync(api, wanted, "key") for wanted in (IssueDraft("t", "b"), IssueDraft("t", ""))]
    return posted


def operation(method, address):
    path = address.partition("?")[0].replace("/repos/octo/demo", REPOSITORY)
    path = re.sub(r"/compare/.+", "/compare/{basehead}", path)
    for number, name in (("pulls", "pull_number"), ("issues", "issue_number"), ("comments", "comment_id")):
        path = re.sub(rf"/{number}/\d+", f"/{number}/{{{name}}}", path)
    return method.lower(), path


def test_every_request_is_valid_by_githubs_description(github, client):
    github_description.checker()
    fake = github(FakePull(7, files=FILES), token_may={"pulls", "issues", "contents"})
    assert everything(client(fake), 7) == [Posted((), 2), Posted((), 3), Posted((), 1), Posted((), 1)]
    asked = {operation(method, address) for method, address, _ in fake.requests}
    described = {
        (method, path) for path, methods in github_description.OPERATIONS.items() for method in methods
    }
    assert asked == {*described, ("post", "/graphql")}


@pytest.mark.parametrize(
    ("method", "path", "query", "body"),
    [
        pytest.param("POST", "pulls/1/reviews", {}, b'{"event": "BOGUS"}', id="an event that is none"),
        pytest.param(
            "POST", "pulls/1/comments", {}, b'{"body": "x", "path": "a", "line": 1}', id="no commit"
        ),
        pytest.param("POST", "issues/1/comments", {}, b"{}", id="no body"),
        pytest.param("POST", "issues/1/comments", {}, b"", id="nothing"),
        pytest.param("GET", "pulls", {"state": "ajar"}, b"", id="a state that is none"),
        pytest.param("GET", "pulls", {"per_page": "x"}, b"", id="a number that is none"),
        pytest.param("PATCH", "issues/1", {}, b'{"state": "ajar"}', id="an issue's state that is none"),
        pytest.param("DELETE", "issues/comments/1", {}, b"", id="an operation that is not ours"),
    ],
)
def test_the_judge_is_awake(method, path, query, body):
    assert github_description.checker()(method, f"/repos/octo/demo/{path}", query, body)


@pytest.mark.parametrize("document", reviews.DOCUMENTS)
def test_graphql_is_valid_by_githubs_schema(document):
    assert github_description.graphql_complaints(document) == []


def test_the_schema_is_awake():
    document = reviews.DOCUMENTS[-1].replace("resolveReviewThread", "resolveReviewThreads")
    assert len(github_description.graphql_complaints(document)) == 1


# Prism --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def prism(tmp_path_factory):
    """The address of a Prism that has the cut; it is stopped by its process."""
    program = shutil.which("prism", path=str(ROOT / ".tools" / "node_modules" / ".bin"))
    if not program or not shutil.which("node"):
        missing("@stoplight/prism-cli is not installed")
    cut = github_description.save(tmp_path_factory.mktemp("prism") / "github.json")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {"PATH": os.environ["PATH"], "HOME": str(cut.parent)}
    command = (program, "mock", "--host", "127.0.0.1", "--port", str(port), str(cut))
    with (cut.parent / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
    try:
        _until_it_listens(process, port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def _until_it_listens(process, port):
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("Prism does not start")


def test_prism_takes_every_request(prism):
    """Its answers are GitHub's published examples: a pull request without comments of ours, no issue of ours."""
    api = GitHub(prism, "ghs_fake", "octo/demo", sleep=lambda _: None)
    pull = pulls.get(api, 1347)
    assert pulls.find(api, pull.head_sha, pull.head_repository_id) == pull
    assert list(pulls.diff_of(api, 1347)) == ["file1.txt"]
    assert reviews.sync(api, 1347, pull.head_sha, WRONG, "key") == Posted((), 2)
    assert watch.sync(api, IssueDraft("t", "b"), "key").writes == 1
    edits = [
        api.send("PATCH", path, {"body": "x"})
        for path in ("pulls/comments/1", "issues/comments/1", "issues/1")
    ]
    assert [edit["body"] for edit in edits] == [
        "Great stuff!",
        "Me too",
        "I'm having a problem with this.",
    ]


def test_prism_is_awake(prism):
    api = GitHub(prism, "ghs_fake", "octo/demo", sleep=lambda _: None)
    assert api.send("POST", "pulls/1/comments", {"body": "x"}).status == 422
    assert api.get("/nothing").status == 404
