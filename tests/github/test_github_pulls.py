"""Pull requests and their diffs, whole and broken."""

import pytest
import unidiff
from fake_github import FakePull, Said
from hypothesis import given, settings
from hypothesis import strategies as st

from pincheck.github import pulls
from pincheck.github.pulls import Pull
from pincheck.http import Failed
from pincheck.model.review import Hunk

HEAD, BASE, OTHER = "a" * 40, "b" * 40, "c" * 40


def diff_of(github, client, patch):
    return pulls.diff_of(client(github(FakePull(1, HEAD, files={"f": patch}))), 1)["f"]


@pytest.mark.parametrize(
    ("patch", "expected"),
    [
        pytest.param(None, (), id="binary, or too large"),
        pytest.param("", (), id="renamed only"),
        pytest.param("@@ -0,0 +1 @@\n+a", (Hunk({("RIGHT", 1): "a"}),), id="a new file"),
        pytest.param(
            "@@ -1 +0,0 @@\n-a\n\\ No newline at end of file",
            (Hunk({("LEFT", 1): "a"}),),
            id="a file that is gone",
        ),
        pytest.param(
            "@@ -1,2 +1,2 @@ <x>\n a\r\n-b\r\n+c\r",
            (Hunk({("RIGHT", 1): "a", ("LEFT", 2): "b", ("RIGHT", 2): "c"}),),
            id="lines that end in CR LF",
        ),
        pytest.param(
            "@@ -1 +1 @@\n-@@ -9 +9 @@\n+-x\n@@ -8,2 +8,1 @@\n-y\n z",
            (
                Hunk({("LEFT", 1): "@@ -9 +9 @@", ("RIGHT", 1): "-x"}),
                Hunk({("LEFT", 8): "y", ("RIGHT", 8): "z"}),
            ),
            id="two hunks, one with a line like a header",
        ),
        pytest.param(
            "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file",
            (Hunk({("LEFT", 1): "a", ("RIGHT", 1): "b"}),),
            id="no line break at the end",
        ),
        pytest.param(
            "@@ -1,3 +1,3 @@\n a\n\n-b\n+c",
            (Hunk({("RIGHT", 1): "a", ("RIGHT", 2): "", ("LEFT", 3): "b", ("RIGHT", 3): "c"}),),
            id="a blank line without its blank",
        ),
        pytest.param("@@ -1,9 +1,9 @@\n+a\n?b", (Hunk({("RIGHT", 1): "a"}),), id="a line that is none"),
        pytest.param("@@ -1,9 +1,9 @@\n+a", (Hunk({("RIGHT", 1): "a"}),), id="cut short"),
        pytest.param("@@ -1 +9999999999999 @@\n+a", (), id="a header that is none"),
        pytest.param("Binary files differ", (), id="no patch"),
        pytest.param(7, (), id="a number"),
    ],
)
def test_the_lines_a_comment_may_stand_on(github, client, patch, expected):
    fake = github(FakePull(1, HEAD))
    fake.fail("GET", "files", Said(200, [{"filename": "f", "patch": patch}]))
    assert pulls.diff_of(client(fake), 1)["f"] == expected


LINES = st.lists(st.tuples(st.sampled_from("+- "), st.text("ab@-+\\ ", max_size=5)), min_size=1, max_size=9)


@settings(max_examples=100)
@given(st.lists(LINES, min_size=1, max_size=3))
def test_unidiff_reads_the_same(hunks):
    texts, old, new = [], 1, 1
    for lines in hunks:
        before = sum(kind in "- " for kind, _ in lines)
        after = sum(kind in "+ " for kind, _ in lines)
        header = f"@@ -{old if before else old - 1},{before} +{new if after else new - 1},{after} @@"
        texts += [header, *(kind + text for kind, text in lines)]
        old, new = old + before + 5, new + after + 5
    patch = "\n".join(texts)
    read = unidiff.PatchSet(f"--- a/f\n+++ b/f\n{patch}\n")[0]
    assert pulls.hunks(patch) == tuple(
        Hunk(
            {
                ("LEFT", line.source_line_no)
                if line.is_removed
                else ("RIGHT", line.target_line_no): line.value.removesuffix("\n")
                for line in hunk
            }
        )
        for hunk in read
    )


@settings(max_examples=100)
@given(st.text("@-+ 0123456789,\\\n", max_size=60))
def test_any_text_is_read(patch):
    pulls.hunks(patch)


def test_three_thousand_files_and_no_more(github, client):
    api = client(github(FakePull(1, HEAD, files={f"f{number}": "" for number in range(3_500)})))
    diff = pulls.diff_of(api, 1)
    assert len(diff) == 3_000
    assert pulls.gaps(diff) == (
        "GitHub lists only the first 3000 files of a pull request; the rest gets no comments",
    )
    assert pulls.gaps({"a": ()}) == ()


def test_a_file_that_was_renamed_has_its_new_name(github, client):
    fake = github(FakePull(1, HEAD))
    patch = "@@ -1 +1 @@\n-a\n+b"
    renamed = {"filename": "new", "previous_filename": "old", "status": "renamed", "patch": patch}
    fake.fail("GET", "files", Said(200, [renamed]))
    assert pulls.diff_of(client(fake), 1) == {"new": (Hunk({("LEFT", 1): "a", ("RIGHT", 1): "b"}),)}


def test_a_pull_request(github, client):
    api = client(github(FakePull(7, HEAD, BASE, "main", 2)))
    assert pulls.get(api, 7) == Pull(7, BASE, HEAD, 2, 1, "open")
    assert pulls.get(api, 7).fork
    assert pulls.get(api, 8) == Failed("answers 404: Not Found", 404)


@pytest.mark.parametrize("said", [None, [], 7, "x", {}, {"number": 7, "head": {"sha": "no"}}, {"base": [[]]}])
def test_what_is_no_pull_request(github, client, said):
    fake = github(FakePull(7, HEAD))
    fake.fail("GET", "pulls/7", Said(200, said))
    assert pulls.get(client(fake), 7) == Failed("answers with no pull request")


NONE = "no open pull request has the commit aaaaaaaaaaaa as its head: it has moved on, or is closed by now"


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        pytest.param([], NONE, id="none"),
        pytest.param([FakePull(1, HEAD, BASE, "main", 2)], Pull(1, BASE, HEAD, 2, 1, "open"), id="one"),
        pytest.param([FakePull(1, OTHER, head_repository_id=2)], NONE, id="moved on"),
        pytest.param(
            [FakePull(1, HEAD, head_repository_id=3)], NONE, id="the same commit, of another repository"
        ),
        pytest.param([FakePull(1, HEAD, head_repository_id=None)], NONE, id="its repository is gone"),
        pytest.param([FakePull(1, HEAD, head_repository_id=2, state="closed")], NONE, id="closed"),
        pytest.param(
            [FakePull(2, HEAD, head_repository_id=2), FakePull(1, HEAD, head_repository_id=2)],
            "several open pull requests have the commit aaaaaaaaaaaa as their head: #1, #2",
            id="several",
        ),
        pytest.param(
            [*(FakePull(n, OTHER) for n in range(2, 300)), FakePull(1, HEAD, BASE, "main", 2)],
            Pull(1, BASE, HEAD, 2, 1, "open"),
            id="on the last page",
        ),
    ],
)
def test_the_pull_request_of_a_run(github, client, there, expected):
    assert pulls.find(client(github(*there)), HEAD, 2) == expected


def test_a_list_that_is_not_to_be_had(github, client):
    fake = github()
    fake.fail("GET", "pulls", Said(403, {"message": "Resource not accessible by integration"}))
    assert pulls.find(client(fake), HEAD, 2) == (
        "GitHub does not tell which pull requests are open: it answers 403: Resource not accessible by integration"
    )


def test_where_a_request_left_its_base(github, client):
    api = client(github(FakePull(1, HEAD, BASE, fork_point=OTHER)))
    assert pulls.fork_point(api, BASE, HEAD) == OTHER
    assert pulls.fork_point(api, BASE, OTHER) == ""
