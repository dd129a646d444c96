"""Comments on a pull request over its life: what is on show in the end, and how many writes it took."""

import pytest
from fake_github import FakePull, Said, Write, down, later, lost

from pincheck.github import markers, reviews
from pincheck.github.posting import Posted
from pincheck.model.review import Comment, Draft, Summary

HEAD, LATER = "a" * 40, "c" * 40
ONE, TWO, THREE = "1" * 32, "2" * 32, "3" * 32
PATCH = "@@ -1,2 +1,5 @@\n a\n+b\n+c\n+d\n e"
FILES = {"pins.xml": PATCH, "gone.xml": "@@ -1 +0,0 @@\n-old", "logo.png": None}
KEY = markers.key_of("app")
COMMENT, SUMMARY = f"<!-- pincheck:comment {KEY} open", f"<!-- pincheck:summary {KEY} open"
DENIED = (
    "this token may not post here (GitHub answers 403: Resource not accessible by integration): give the job "
    "the permission `pull-requests: write`; in a pull request of a fork or of Dependabot its own token never has it"
)


def at(line, fingerprint, body="one pin", path="pins.xml", start=None, plain="", side="RIGHT"):
    return Comment(path, start or line, line, side, (fingerprint,), body, plain)


def draft(*comments, summary="two things are wrong", also=(), **more):
    """One whose summary also lists what no comment tells."""
    every = [*also, *(fingerprint for comment in comments for fingerprint in comment.fingerprints)]
    head = (summary,) if summary else ()
    findings = {each: f"- {each[:4]}" for each in every}
    return Draft(comments, frozenset(every), Summary(head, (), findings), **more)


EACH, ITS = "\n\nEach is commented on its line.", "\n\nIt is commented on its line."
NEEDS = frozenset({"pins.xml"})
FIRST = draft(at(2, ONE), at(3, TWO, "no backup"))


@pytest.fixture
def fake(github):
    return github(FakePull(7, HEAD, files=FILES))


@pytest.fixture
def sync(client):
    def run(fake, wanted, key="app", resolve=False):
        api = client(fake)
        before = len(fake.writes)
        posted = reviews.sync(api, 7, fake.pulls[7].head_sha, wanted, key, resolve)
        return posted.notes, len(fake.writes) - before

    return run


def bodies(fake):
    """What is on show, without markers."""
    return [markers.without(body) for body in fake.shown(7)]


def test_the_first_run_makes_one_review_and_one_summary(fake, sync):
    assert sync(fake, FIRST) == ((), 2)
    assert [(write.method, write.path) for write in fake.writes] == [
        ("POST", "pulls/7/reviews"),
        ("POST", "issues/7/comments"),
    ]
    assert fake.writes[0].content == {
        "commit_id": HEAD,
        "event": "COMMENT",
        "comments": [
            {"path": "pins.xml", "line": 2, "side": "RIGHT", "body": f"{COMMENT} of={ONE} -->\none pin"},
            {"path": "pins.xml", "line": 3, "side": "RIGHT", "body": f"{COMMENT} of={TWO} -->\nno backup"},
        ],
    }
    assert fake.writes[1].content == {"body": f"{SUMMARY} -->\ntwo things are wrong{EACH}"}


def test_a_second_run_writes_nothing(fake, sync):
    sync(fake, FIRST)
    assert sync(fake, FIRST) == ((), 0)


def test_nothing_is_said_when_there_is_nothing_to_say(fake, sync):
    assert sync(fake, draft(summary="")) == ((), 0)


@pytest.mark.parametrize(
    "comment",
    [
        pytest.param(at(4, ONE, start=2), id="several lines"),
        pytest.param(at(1, ONE, path="gone.xml", side="LEFT"), id="a line that is gone"),
        pytest.param(at(5, ONE), id="a line of context"),
    ],
)
def test_where_a_comment_may_stand(fake, sync, comment):
    assert sync(fake, draft(comment)) == ((), 2)
    assert sync(fake, draft(comment)) == ((), 0)


def test_what_is_fixed_is_said_once(fake, sync):
    suggesting = draft(at(2, ONE, "one pin\n\n```suggestion\nx\n```"), at(3, TWO, "no backup"))
    sync(fake, suggesting)
    fake.push(7, LATER, FILES)
    left = draft(at(3, TWO, "no backup"), summary="one thing is wrong")
    assert sync(fake, left) == ((), 2)
    assert bodies(fake) == [
        "**Fixed** in cccccccccccc.\n\n<details><summary>What it was</summary>\n\none pin\n\n"
        "```text\nx\n```\n\n</details>",
        "no backup",
        f"one thing is wrong{ITS}",
    ]
    assert sync(fake, left) == ((), 0)
    fake.push(7, "d" * 40, FILES)
    assert sync(fake, left) == ((), 0)


def test_what_is_silenced_is_not_called_fixed(fake, sync):
    sync(fake, draft(at(2, ONE)))
    silenced = draft(summary="hidden", silenced=frozenset({ONE}))
    assert sync(fake, silenced, resolve=True) == ((), 2)
    assert bodies(fake) == [
        "**Silenced** in aaaaaaaaaaaa: it is still there, and no longer told."
        "\n\n<details><summary>What it was</summary>\n\none pin\n\n</details>",
        "hidden",
    ]
    assert sync(fake, silenced) == ((), 0)


WAS = "\n\n<details><summary>What it was</summary>\n\none pin\n\n</details>"
BROKEN = {"pins.xml": "`pins.xml` was not checked (no XML)"}


def test_what_could_not_be_looked_at_is_not_called_fixed(fake, sync):
    sync(fake, draft(at(2, ONE)._replace(needs=NEEDS), needs=NEEDS))
    unseen = draft(summary="", unseen=BROKEN)
    assert sync(fake, unseen, resolve=True) == ((), 2)
    assert bodies(fake) == [
        f"**No longer found** in aaaaaaaaaaaa, but `pins.xml` was not checked (no XML).{WAS}",
        "**pincheck**: nothing of what stood here is found any more, but `pins.xml` was not checked (no XML).",
    ]
    fake.push(7, LATER, FILES)
    assert sync(fake, unseen) == ((), 0)


def test_what_was_not_found_is_fixed_once_it_was_looked_for(fake, sync):
    sync(fake, draft(at(2, ONE)._replace(needs=NEEDS), needs=NEEDS))
    sync(fake, draft(summary="", unseen=BROKEN))
    assert sync(fake, draft(summary="")) == ((), 2)
    assert bodies(fake) == [
        f"**Fixed** in aaaaaaaaaaaa.{WAS}",
        "**pincheck**: all is well again; nothing of what stood here is left.",
    ]
    assert sync(fake, draft(summary="", unseen=BROKEN)) == ((), 0)


def test_what_is_gone_from_files_that_were_read_is_fixed(fake, sync):
    sync(fake, draft(at(2, ONE)._replace(needs=NEEDS)))
    assert sync(fake, draft(summary="", unseen={"other.xml": "other.xml is broken"})) == ((), 2)
    assert bodies(fake)[0] == f"**Fixed** in aaaaaaaaaaaa.{WAS}"


def test_a_comment_that_tells_less_does_not_forget_what_was_not_seen(fake, sync):
    both = Comment("pins.xml", 2, 2, "RIGHT", (ONE, TWO), "one pin", needs=NEEDS)
    sync(fake, draft(both))
    less = both._replace(fingerprints=(TWO,), needs=frozenset())
    sync(fake, draft(less, unseen=BROKEN))
    sync(fake, draft(summary="", unseen=BROKEN))
    assert bodies(fake)[0].startswith("**No longer found** in aaaaaaaaaaaa, but `pins.xml` was not checked")


def test_a_comment_that_may_not_be_edited_is_not_resolved(github, sync):
    fake = github(FakePull(7, HEAD, files=FILES), token_may={"pulls", "contents"})
    sync(fake, draft(at(2, ONE)))
    fake.fail("PATCH", "pulls/comments", Said(403, {"message": "Forbidden"}))
    assert sync(fake, draft(summary=""), resolve=True)[0] == (
        "a comment could not be edited: GitHub answers 403: Forbidden",
    )
    assert (bodies(fake)[0], fake.resolved) == ("one pin", set())


def test_all_is_well_in_the_end(fake, sync):
    sync(fake, FIRST)
    assert sync(fake, draft(summary="")) == ((), 3)
    assert bodies(fake)[2] == "**pincheck**: all is well again; nothing of what stood here is left."
    assert sync(fake, draft(summary="")) == ((), 0)


def test_what_comes_back_on_its_line_is_said_in_its_place(fake, sync):
    sync(fake, FIRST)
    sync(fake, draft(summary=""))
    assert sync(fake, FIRST) == ((), 3)
    assert bodies(fake) == ["one pin", "no backup", f"two things are wrong{EACH}"]


def test_what_comes_back_elsewhere_is_said_there(fake, sync):
    sync(fake, draft(at(2, ONE)))
    sync(fake, draft(summary=""))
    assert sync(fake, draft(at(4, ONE))) == ((), 2)
    assert [comment["line"] for comment in fake.comments] == [2, 4]
    assert sync(fake, draft(at(4, ONE))) == ((), 0)


def test_a_finding_without_a_place_keeps_its_comment(fake, sync):
    sync(fake, FIRST)
    assert sync(fake, draft(also=(ONE, TWO))) == ((), 0)


def test_what_an_earlier_comment_tells_is_not_told_in_the_summary(fake, sync):
    sync(fake, FIRST)
    third = draft(at(4, THREE), also=(ONE, TWO))
    assert sync(fake, third) == ((), 1)
    assert bodies(fake)[2] == f"two things are wrong{EACH}"
    fake.push(7, LATER, {"pins.xml": "@@ -1,2 +1,3 @@\n a\n+c\n+d\n e"})
    assert sync(fake, third._replace(comments=(at(3, THREE),))) == ((), 1)
    assert bodies(fake)[2] == (
        "two things are wrong\n\n2 of 3 are commented on their lines.\n\n### Elsewhere\n\n- 1111"
    )


def test_a_comment_that_says_something_else_by_now_does_not_tell_a_finding(fake, sync):
    sync(fake, draft(at(2, ONE)))
    sync(fake, draft(summary="hidden", silenced=frozenset({ONE})))
    assert sync(fake, draft(also=(ONE,), summary="back")) == ((), 1)
    assert bodies(fake)[1] == "back\n\n### New findings\n\n- 1111"


def test_of_two_summaries_the_first_is_kept_up_to_date(fake, sync):
    sync(fake, FIRST)
    fake.say(7, f"{SUMMARY} -->\nthree things are wrong", "github-actions[bot]", "Bot")
    assert sync(fake, FIRST) == ((), 1)
    assert bodies(fake)[2:] == [
        f"two things are wrong{EACH}",
        "**pincheck**: the first of its summaries here is the one that is kept up to date.",
    ]
    assert sync(fake, FIRST) == ((), 0)


def test_findings_in_one_comment_may_part(fake, sync):
    both = Comment("pins.xml", 2, 2, "RIGHT", (ONE, TWO), "both")
    sync(fake, draft(both))
    assert sync(fake, FIRST) == ((), 2)
    assert bodies(fake) == ["one pin", f"two things are wrong{EACH}", "no backup"]
    assert sync(fake, FIRST) == ((), 0)


def test_a_forced_push_moves_a_comment_with_its_line(fake, sync):
    wanted = at(2, ONE, "x\n\n```suggestion\ny\n```", plain="x")
    sync(fake, draft(wanted))
    fake.push(7, LATER, {"pins.xml": "@@ -1,2 +1,3 @@\n a\n+new\n+b"})
    assert sync(fake, draft(wanted._replace(start_line=3, line=3))) == ((), 0)


def test_a_forced_push_takes_a_comments_line_away(fake, sync):
    wanted = at(2, ONE, "x\n\n```suggestion\ny\n```", plain="x")
    sync(fake, draft(wanted))
    fake.push(7, LATER, {"pins.xml": "@@ -1,2 +1,2 @@\n a\n+new"})
    assert fake.comments[0]["line"] is None
    assert sync(fake, draft(wanted)) == ((), 1)  # what it suggests would replace another line
    assert bodies(fake)[0] == "x"
    assert sync(fake, draft(wanted)) == ((), 0)


def test_a_human_answer_changes_nothing(fake, sync):
    sync(fake, FIRST)
    fake.say_on(7, "pins.xml", 2, "is that so?", reply_to=fake.comments[0]["id"])
    fake.say(7, f"> {SUMMARY} -->\n> two things are wrong\n\nreally?")
    assert sync(fake, FIRST) == ((), 0)


@pytest.mark.parametrize("comments", [31, 150, 250])
def test_ours_are_found_on_whatever_page(fake, sync, comments):
    for _ in range(comments):
        fake.say(7, "hello")
        fake.say_on(7, "pins.xml", 2, "hello")
    assert sync(fake, FIRST) == ((), 2)
    assert sync(fake, FIRST) == ((), 0)


@pytest.mark.parametrize(
    ("login", "kind"),
    [pytest.param("mallory", "User", id="forged"), pytest.param("ann", "Mannequin", id="imported")],
)
def test_a_marker_in_somebody_elses_comment_means_nothing(fake, sync, login, kind):
    forged = [
        fake.say(7, f"{SUMMARY} -->\nall is well", login, kind)["body"],
        fake.say_on(7, "pins.xml", 2, f"{COMMENT} of={ONE} -->\nall is well", login, kind)["body"],
    ]
    assert sync(fake, FIRST) == ((), 2)
    assert sync(fake, draft(summary="")) == ((), 3)
    assert fake.shown(7)[:2] == forged


def test_another_bot_that_quotes_us_is_another_bot(fake, sync):
    fake.say(7, f"A comment was made:\n{SUMMARY} -->\ntwo things", "helper[bot]", "Bot")
    fake.say_on(7, "pins.xml", 2, f"> {COMMENT} of={ONE} -->", "helper[bot]", "Bot")
    assert sync(fake, FIRST) == ((), 2)
    assert sync(fake, FIRST) == ((), 0)


def test_another_app_that_says_what_we_say_is_another(fake, sync):
    """The marker is no secret: what begins with it may be anybody's, and may not be edited."""
    theirs = fake.say(7, f"{SUMMARY} -->\nquoted", "helper[bot]", "Bot")
    fake.say_on(7, "pins.xml", 2, f"{COMMENT} of={ONE} -->\nquoted", "helper[bot]", "Bot")
    assert sync(fake, FIRST) == ((), 2)
    assert (theirs["body"], sync(fake, FIRST)) == (f"{SUMMARY} -->\nquoted", ((), 0))


def test_an_app_is_known_by_name(github, sync):
    fake = github(FakePull(7, HEAD, files=FILES), login="helper[bot]")
    fake.say(7, f"{SUMMARY} -->\nx", "github-actions[bot]", "Bot")
    assert sync(fake, FIRST) == ((), 2)
    assert sync(fake, FIRST) == ((), 0)


def test_a_person_is_known_by_name(github, sync):
    fake = github(FakePull(7, HEAD, files=FILES), login="Robot")
    fake.say(7, f"{SUMMARY} -->\nx", "github-actions[bot]", "Bot")
    assert sync(fake, FIRST) == ((), 2)
    assert sync(fake, FIRST) == ((), 0)


def test_two_keys_in_one_pull_request(fake, sync):
    assert (sync(fake, FIRST, "ios"), sync(fake, FIRST, "android")) == (((), 2), ((), 2))
    assert (sync(fake, FIRST, "ios"), sync(fake, FIRST, "android")) == (((), 0), ((), 0))
    assert sync(fake, draft(summary=""), "ios") == ((), 3)
    assert sync(fake, FIRST, "android") == ((), 0)


def test_the_token_of_a_fork_may_not_write(github, sync):
    fake = github(FakePull(7, HEAD, files=FILES, head_repository_id=2), token_may=())
    assert sync(fake, FIRST) == ((DENIED,), 0)
    assert [write.path for write in fake.refused] == ["pulls/7/reviews", "issues/7/comments"]


def test_a_token_that_may_only_write_below(github, sync):
    fake = github(FakePull(7, HEAD, files=FILES), token_may={"issues"})
    assert sync(fake, FIRST) == ((DENIED,), 1)
    assert bodies(fake) == ["two things are wrong\n\n### New findings\n\n- 1111\n- 2222"]
    assert sync(fake, FIRST) == ((DENIED,), 0)


def test_a_persons_token_without_permission_finds_nothing_to_write_to(github, sync):
    fake = github(FakePull(7, HEAD, files=FILES), token_may=(), login="robot")
    notes = tuple(
        f"{what} could not be posted: GitHub answers 404: Not Found, as it says to a token without the permission "
        "`pull-requests: write` too"
        for what in ("a review", "the summary")
    )
    assert sync(fake, FIRST) == (notes, 0)


def test_a_wrong_token(fake, sync):
    fake.token = "ghs_fake"
    fake.fail("GET", "pulls/7$", *[Said(401, {"message": "Bad credentials"})] * 9)
    api_notes = ("nothing is posted: GitHub does not know the token (401): it is wrong or has expired",)
    from pincheck.github.api import GitHub

    api = GitHub(fake.url, "other", fake.repository)
    assert reviews.sync(api, 7, HEAD, FIRST, "app") == Posted(api_notes, failed=True)


def test_a_refused_review_becomes_single_comments_and_the_rest_is_left_to_the_summary(fake, sync):
    wanted = draft(at(2, ONE), at(99, TWO, "elsewhere"), at(3, THREE))
    assert sync(fake, wanted) == ((), 3)
    assert [write.path for write in fake.refused] == ["pulls/7/reviews", "pulls/7/comments"]
    summary = "two things are wrong\n\n2 of 3 are commented on their lines.\n\n### Elsewhere\n\n- 2222"
    assert bodies(fake) == ["one pin", "one pin", summary]
    assert sync(fake, wanted) == ((), 0)
    assert len(fake.refused) == 2


def test_a_review_that_is_not_taken_is_a_note_and_told_in_the_summary(fake, sync):
    fake.fail("POST", "reviews", Said(410, {"message": "Gone"}))
    assert sync(fake, FIRST) == (("a review: GitHub answers 410: Gone",), 1)
    assert bodies(fake) == ["two things are wrong\n\n### New findings\n\n- 1111\n- 2222"]
    assert sync(fake, FIRST) == ((), 2)
    assert bodies(fake) == [f"two things are wrong{EACH}", "one pin", "no backup"]


def test_too_many_requests_are_made_later(fake, sync, waits):
    fake.fail("POST", "reviews", later(7), later(8, 403))
    assert sync(fake, FIRST) == ((), 2)
    assert [wait for wait in waits if wait > 1] == [7, 8]


def test_a_long_wait_is_not_waited(fake, sync, waits):
    fake.fail("POST", "reviews", later(3600))
    assert sync(fake, FIRST) == (("a review: GitHub asks to be left alone for 3600 s",), 0)
    assert [wait for wait in waits if wait > 1] == []


@pytest.mark.parametrize(
    ("fault", "writes"),
    [
        pytest.param(down(502, after=True), 2, id="500 after"),
        pytest.param(lost(after=True), 2, id="cut after"),
        pytest.param(down(502), 2, id="500 before"),
        pytest.param(lost(after=False), 2, id="cut before"),
    ],
)
@pytest.mark.parametrize("path", ["pulls/7/reviews", "issues/7/comments"])
def test_a_write_of_which_nobody_knows_is_not_repeated(fake, sync, fault, writes, path):
    fake.fail("POST", path, fault)
    notes, _ = sync(fake, FIRST)
    assert (notes, bodies(fake)) == ((), ["one pin", "no backup", f"two things are wrong{EACH}"])
    assert len(fake.comments) == writes
    assert sync(fake, FIRST) == ((), 0)


@pytest.mark.parametrize("fault", [down(500, after=True), lost(after=True), down(500), lost(after=False)])
def test_an_edit_of_which_nobody_knows(fake, sync, fault):
    sync(fake, FIRST)
    fake.fail("PATCH", "pulls/comments", fault)
    assert sync(fake, draft(at(2, ONE, "other"), at(3, TWO, "no backup")))[0] == ()
    assert bodies(fake) == ["other", "no backup", f"two things are wrong{EACH}"]


def test_a_service_that_stays_down_is_left_alone(fake, sync, waits):
    fake.fail("POST", "reviews", *[down()] * 9)
    note = "a review: GitHub answers 502; nobody knows whether it was carried out"
    assert sync(fake, FIRST) == ((note,), 0)
    assert len(fake.refused) == 3


@pytest.mark.parametrize("status", [403, 404])
def test_what_may_not_be_edited_is_said_anew_once(fake, sync, status):
    sync(fake, FIRST)
    refusal = Said(status, {"message": "No"})
    changed = draft(at(2, ONE, "other"), at(3, TWO, "no backup"), summary="else")
    fake.fail("PATCH", "comments/", refusal, refusal)
    notes = tuple(
        f"{what} could not be edited: GitHub answers {status}: No" for what in ("a comment", "the summary")
    )
    assert sync(fake, changed) == (notes, 2)
    assert bodies(fake) == ["one pin", "no backup", f"two things are wrong{EACH}", "other", f"else{EACH}"]
    fake.fail("PATCH", "comments/", refusal)
    assert sync(fake, changed) == (notes[1:], 0)
    assert sync(fake, changed) == ((), 2)
    assert bodies(fake)[2::2] == [
        f"else{EACH}",
        "**pincheck**: the first of its summaries here is the one that is kept up to date.",
    ]


def test_a_summary_that_is_refused_is_a_note(fake, sync):
    fake.fail("POST", "issues", Said(422, {"message": "Validation Failed"}))
    assert sync(fake, FIRST) == (("the summary: GitHub answers 422: Validation Failed",), 1)
    fake.fail("PATCH", "pulls", Said(422, {"message": "Validation Failed"}))
    changed = draft(at(2, ONE, "other"), at(3, TWO, "no backup"))
    assert sync(fake, changed) == (("a comment: GitHub answers 422: Validation Failed",), 1)


def test_many_comments_make_several_reviews(github, sync):
    patch = "@@ -0,0 +1,70 @@\n" + "\n".join(f"+{line}" for line in range(70))
    fake = github(FakePull(7, HEAD, files={"a": patch}))
    wanted = draft(*[at(line + 1, f"{line:032x}", path="a") for line in range(70)])
    assert sync(fake, wanted) == ((), 4)
    assert [len(write.content.get("comments", ())) for write in fake.writes] == [30, 30, 10, 0]
    assert sync(fake, wanted) == ((), 0)


@pytest.mark.parametrize(
    ("change", "note"),
    [
        pytest.param({"state": "closed"}, "nothing is posted: pull request #7 is closed", id="closed"),
        pytest.param(
            {"head_sha": LATER},
            "nothing is posted: pull request #7 has moved on to another commit",
            id="moved on",
        ),
    ],
)
def test_a_request_that_is_another_by_now(fake, client, change, note):
    api = client(fake)
    for name, value in change.items():
        setattr(fake.pulls[7], name, value)
    assert reviews.sync(api, 7, HEAD, FIRST, "app") == Posted((note,), 0)
    assert (fake.writes, fake.refused) == ([], [])


def test_a_fork_that_is_gone_still_gets_its_comments(github, sync):
    fake = github(FakePull(7, HEAD, files=FILES, head_repository_id=None))
    assert sync(fake, FIRST) == ((), 2)


def test_below_a_path_as_on_an_enterprise_server(github, sync):
    fake = github(FakePull(7, HEAD, files=FILES), prefix="/api/v3", token_may={"pulls", "contents"})
    for _ in range(120):
        fake.say(7, "hello")
    assert sync(fake, FIRST) == ((), 2)
    assert sync(fake, draft(summary=""), resolve=True) == ((), 5)
    assert sync(fake, draft(summary=""), resolve=True) == ((), 0)
    assert {address.split("/")[1] for _, address, _ in fake.requests} == {"api"}


# conversations ------------------------------------------------------------------


def test_conversations_are_resolved_when_asked(github, sync):
    fake = github(FakePull(7, HEAD, files=FILES), token_may={"pulls", "contents"})
    for _ in range(120):
        fake.say_on(7, "pins.xml", 2, "hello")
    sync(fake, FIRST)
    one = fake.comments[-2]["id"]
    assert sync(fake, draft(at(3, TWO, "no backup")), resolve=True) == ((), 3)
    assert fake.resolved == {one}
    assert sync(fake, draft(at(3, TWO, "no backup")), resolve=True) == ((), 0)


def test_conversations_that_may_not_be_resolved_are_a_note(fake, sync):
    sync(fake, FIRST)
    note = (
        "conversations could not be resolved: GitHub answers: Resource not accessible by integration "
        "(it takes `contents: write`)"
    )
    assert sync(fake, draft(summary=""), resolve=True)[0] == (note,)
    assert bodies(fake)[0].startswith("**Fixed**")


def test_a_conversation_that_could_not_be_resolved_is_tried_again(github, sync):
    fake = github(FakePull(7, HEAD, files=FILES), token_may={"pulls", "contents"})
    sync(fake, FIRST)
    fake.fail("POST", "graphql", Said(200, {"data": {"viewer": {"login": fake.me["login"]}}}), *[down()] * 4)
    assert sync(fake, draft(summary=""), resolve=True)[0] == (
        "conversations could not be resolved: GitHub answers 502",
    )
    assert fake.resolved == set()
    assert sync(fake, draft(summary=""), resolve=True) == ((), 2)
    assert fake.resolved == {comment["id"] for comment in fake.comments}
    assert sync(fake, draft(summary=""), resolve=True) == ((), 0)


def test_the_writes_are_recorded_as_they_came(fake, sync):
    sync(fake, draft(summary="x"))
    assert fake.writes == [Write("POST", "issues/7/comments", {"body": f"{SUMMARY} -->\nx"}, 201)]
