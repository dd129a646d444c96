"""The one issue of a watch, over its life."""

import pytest
from fake_github import FakePull, down, lost

from pincheck.github import markers, watch
from pincheck.github.posting import Posted
from pincheck.model.review import IssueDraft

KEY = markers.key_of("")
OPEN = f"<!-- pincheck:issue {KEY} open -->\n"
WRONG, WORSE, WELL = IssueDraft("Pins", "one"), IssueDraft("More pins", "two"), IssueDraft("Pins", "")
ALL_WELL = "**All is well**: nothing of what stood here is left. This issue is opened again if that changes."


@pytest.fixture
def sync(client):
    def run(fake, wanted, key=""):
        before = len(fake.writes)
        return watch.sync(client(fake), wanted, key).notes, len(fake.writes) - before

    return run


def shown(fake):
    return [(issue["title"], markers.without(issue["body"]), issue["state"]) for issue in fake.issues]


def test_its_life(github, sync):
    fake = github()
    days = (WELL, WRONG, WRONG, WORSE, WORSE, WELL, WELL, WRONG, WRONG)
    assert [(sync(fake, wanted), shown(fake)) for wanted in days] == [
        (((), 0), []),
        (((), 1), [("Pins", "one", "open")]),
        (((), 0), [("Pins", "one", "open")]),
        (((), 1), [("Pins", "two", "open")]),
        (((), 0), [("Pins", "two", "open")]),
        (((), 1), [("Pins", ALL_WELL, "closed")]),
        (((), 0), [("Pins", ALL_WELL, "closed")]),
        (((), 1), [("Pins", "one", "open")]),
        (((), 0), [("Pins", "one", "open")]),
    ]
    assert fake.writes[0].content == {"title": "Pins", "body": f"{OPEN}one", "labels": ["pincheck"]}


def test_it_is_found_on_whatever_page(github, sync):
    fake = github()
    sync(fake, WRONG)
    for number in range(2, 260):
        other = {"number": number, "title": "x", "body": "x", "state": "open", "user": fake.me}
        fake.issues.append({**other, "labels": [{"name": "pincheck"}]})
    assert sync(fake, WRONG) == ((), 0)


def test_it_is_found_without_its_label(github, sync):
    fake = github()
    sync(fake, WRONG)
    fake.issues[0]["labels"] = []
    assert sync(fake, WRONG) == ((), 0)
    assert sync(fake, WELL) == ((), 1)
    assert shown(fake) == [("Pins", ALL_WELL, "closed")]


def test_an_app_finds_its_own_without_its_label(github, sync):
    fake = github(login="helper[bot]")
    sync(fake, WRONG)
    fake.issues[0]["labels"] = []
    assert sync(fake, WRONG) == ((), 0)


def test_a_label_that_is_not_given(github, sync):
    fake = github(keeps_labels=False)
    assert sync(fake, WRONG) == (("the issue could not be given the label pincheck",), 1)
    assert sync(fake, WRONG) == ((), 0)


def test_closed_by_somebody(github, sync):
    fake = github()
    sync(fake, WRONG)
    fake.issues[0] |= {"state": "closed", "state_reason": "completed"}
    assert sync(fake, WRONG) == ((), 1)
    assert shown(fake) == [("Pins", "one", "open")]
    fake.issues[0] |= {"state": "closed", "state_reason": "not_planned"}
    assert sync(fake, WRONG) == ((), 0)
    assert sync(fake, WORSE) == ((), 1)
    assert shown(fake) == [("Pins", "two", "closed")]
    assert sync(fake, WELL) == ((), 1)
    assert sync(fake, WELL) == ((), 0)


def test_a_title_of_somebodys_own_stays(github, sync):
    fake = github()
    sync(fake, WRONG)
    fake.issues[0]["title"] = "Ours"
    assert [sync(fake, each) for each in (WRONG, WORSE, WELL, WRONG)] == [((), 0), ((), 1), ((), 1), ((), 1)]
    assert shown(fake) == [("Ours", "one", "open")]


def test_it_stays_while_what_it_tells_of_is_not_looked_at(github, sync):
    fake = github()
    needing = WRONG._replace(needs=frozenset({"a.xml"}))
    blind = WELL._replace(unseen={"a.xml": "`a.xml` was not checked (no XML)"})
    note = "issue #1 is not closed: not all of it could be looked for; it says why"
    body = (
        "**No longer found**, but `a.xml` was not checked (no XML). Nobody knows whether all is well.\n\n"
        "<details><summary>What it was</summary>\n\none\n\n</details>"
    )
    sync(fake, needing)
    assert [(sync(fake, wanted), shown(fake)) for wanted in (blind, blind, WELL)] == [
        (((note,), 1), [("Pins", body, "open")]),
        (((note,), 0), [("Pins", body, "open")]),
        (((), 1), [("Pins", ALL_WELL, "closed")]),
    ]


def test_what_was_not_looked_at_is_not_forgotten_for_something_else(github, sync):
    fake = github()
    needing, blind = WRONG._replace(needs=frozenset({"a.xml"})), {"a.xml": "a.xml is broken"}
    for wanted in (needing, WORSE._replace(unseen=blind), WELL._replace(unseen=blind)):
        sync(fake, wanted)
    assert fake.issues[0]["state"] == "open"
    assert sync(fake, WELL._replace(unseen={"b.xml": "b.xml is broken"})) == ((), 1)
    assert fake.issues[0]["state"] == "closed"


def test_a_forged_issue_and_a_pull_request_mean_nothing(github, sync):
    fake = github()
    other = {"title": "x", "body": f"{OPEN}x", "state": "open", "labels": [{"name": "pincheck"}]}
    fake.issues += [
        other | {"number": 1, "user": {"login": "mallory", "type": "User"}},
        other | {"number": 2, "user": fake.me, "pull_request": {}},
    ]
    assert sync(fake, WELL) == ((), 0)
    assert sync(fake, WRONG) == ((), 1)


def test_several_of_one_watch(github, sync):
    fake = github()
    sync(fake, WRONG)
    fake.issues += [dict(fake.issues[0], number=number) for number in (5, 3)]
    assert sync(fake, WORSE) == (("issue #1 is kept; close #3, #5 of the same watch",), 1)
    assert [body for _, body, _ in shown(fake)] == ["two", "one", "one"]


def test_a_second_issue_is_no_failure(github, client, sync):
    fake = github()
    sync(fake, WRONG)
    fake.issues.append(dict(fake.issues[0], number=5))
    note = "issue #1 is kept; close #5 of the same watch"
    assert watch.sync(client(fake), WRONG, "") == Posted((note,), 0, failed=False)


@pytest.mark.parametrize(
    "options", [{"has_issues": False}, {"token_may": {"pulls"}}], ids=["switched off", "not allowed"]
)
def test_what_nobody_is_told_is_a_failure(github, client, options):
    posted = watch.sync(client(github(**options)), WRONG, "")
    assert (posted.writes, posted.failed) == (0, True)


def test_two_watches(github, sync):
    fake = github()
    assert (sync(fake, WRONG, "ios"), sync(fake, WORSE, "android")) == (((), 1), ((), 1))
    assert (sync(fake, WRONG, "ios"), sync(fake, WORSE, "android")) == (((), 0), ((), 0))


def test_a_repository_without_issues(github, sync):
    fake = github(has_issues=False)
    note = "this repository has its issues switched off; the watch has no place to speak"
    assert sync(fake, WRONG) == ((note,), 0)


def test_a_token_that_may_not(github, sync):
    fake = github(token_may={"pulls"})
    note = (
        "this token may not post here (GitHub answers 403: Resource not accessible by integration): give the job "
        "the permission `issues: write`"
    )
    assert sync(fake, WRONG) == ((note,), 0)


@pytest.mark.parametrize("fault", [down(500, after=True), lost(after=True), down(502), lost(after=False)])
def test_an_issue_of_which_nobody_knows_is_made_once(github, sync, fault):
    fake = github(FakePull(1))
    fake.fail("POST", "issues", fault)
    assert sync(fake, WRONG)[0] == ()
    assert shown(fake) == [("Pins", "one", "open")]


def test_a_long_title(github, sync):
    fake = github()
    long = IssueDraft("t" * 300, "one")
    assert sync(fake, long) == ((), 1)
    assert sync(fake, long) == ((), 0)
    assert len(fake.issues[0]["title"]) == 256
