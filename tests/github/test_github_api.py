"""What GitHub, or whoever answers in its place, may do to the client; and where the token goes."""

import logging

import pytest
from fake_github import FakePull, Said, down, lost
from loopback_http import Service

from pincheck.errors import UsageError
from pincheck.github.api import WORKFLOW, Author, GitHub, printable
from pincheck.http import Failed

TOKEN = "ghs_secret"


@pytest.mark.parametrize("name", ["o/r", "octo-org/app.ios", "emu_corp/x", "o/.github", "O1/_"])
def test_a_repository(name):
    assert GitHub("https://api.github.com", TOKEN, name).repository == name


@pytest.mark.parametrize(
    ("url", "token", "name", "why"),
    [
        ("https://api.github.com", TOKEN, "o", "o is no repository; give it as owner/name"),
        ("https://api.github.com", TOKEN, "o/..", "o/.. is no repository; give it as owner/name"),
        ("https://api.github.com", TOKEN, "o/r/s", "o/r/s is no repository; give it as owner/name"),
        ("https://api.github.com", TOKEN, "o/r?x", "o/r?x is no repository; give it as owner/name"),
        ("https://api.github.com", TOKEN, "o/r\n", "o/r is no repository; give it as owner/name"),
        ("https://api.github.com", "", "o/r", "the token is no GitHub token; give it without blanks and line breaks"),
        (
            "https://api.github.com",
            f"{TOKEN}\nX: y",
            "o/r",
            "the token is no GitHub token; give it without blanks and line breaks",
        ),
        ("http://ghe.example/api/v3", TOKEN, "o/r", "http://ghe.example/api/v3: no service can be asked there; give an https address"),
        ("api.github.com", TOKEN, "o/r", "no API can be asked at the address given; give an https one, without ? and #"),
        ("https://u:secret@x/?", TOKEN, "o/r", "no API can be asked at the address given; give an https one, without ? and #"),
        ("https://u:secret@x/", TOKEN, "o/r", "an address with a user name or password is not taken; give one without"),
    ],
)  # fmt: skip
def test_what_is_not_taken(url, token, name, why):
    with pytest.raises(UsageError) as error:
        GitHub(url, token, name)
    assert str(error.value) == why


def api(address, waits=None, token=TOKEN):
    return GitHub(address, token, "octo/demo", sleep=(waits if waits is not None else []).append)


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        pytest.param(200, b'{"a": 1}', {"a": 1}, id="well"),
        pytest.param(200, b"", {}, id="nothing"),
        pytest.param(200, b"<html>", Failed("answers 200 with what is no JSON", 200), id="no JSON"),
        pytest.param(200, b"[" * 100_000, Failed("answers 200 with what is no JSON", 200), id="deep"),
        pytest.param(200, b"9" * 5000, Failed("answers 200 with what is no JSON", 200), id="large number"),
        pytest.param(200, b"\xff", Failed("answers 200 with what is no JSON", 200), id="no UTF-8"),
        pytest.param(404, b'{"message": "Not\\nFound\\u001b[1m"}', Failed("answers 404: Not Found [1m", 404), id="words"),
        pytest.param(404, b'{"message": ["x"]}', Failed("answers 404", 404), id="no words"),
        pytest.param(418, b"<html>", Failed("answers 418", 418), id="words that are no JSON"),
    ],
)  # fmt: skip
def test_an_answer(github, client, status, body, expected):
    from loopback_http import answer

    with Service({"/x": b""}) as service:
        service.faults["/x"] = [answer(status, body)]
        assert api(service.address).get("/x") == expected


@pytest.mark.parametrize("said", [{}, None, "x", 7])
def test_what_is_no_list(github, client, said):
    fake = github()
    fake.fail("GET", "pulls", Said(200, said))
    assert client(fake).pages("pulls") == Failed("answers with no list", 200)


def test_what_a_list_should_not_hold_is_left_out(github, client):
    fake = github()
    fake.fail("GET", "pulls", Said(200, [None, 7, [], {"a": 1}]))
    assert client(fake).pages("pulls") == [{"a": 1}]


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/repos?page=2",
        "http://127.0.0.1:1/x",
        "//evil.example/x",
        "/pulls?page=2",
        "file:///etc/passwd",
        "http://[",
    ],
)
def test_a_next_page_elsewhere(github, client, link):
    fake = github()
    fake.fail("GET", "pulls", Said(200, [{}], {"Link": f'<{link}>; rel="next"'}))
    assert client(fake).pages("pulls") == Failed("names another service as its next page")
    assert len(fake.requests) == 1


def test_a_next_page_with_a_password(github, client):
    fake = github()
    address = fake.url.replace("http://", "http://evil@")
    fake.fail("GET", "pulls", Said(200, [{}], {"Link": f'<{address}/x>; rel="next"'}))
    assert client(fake).pages("pulls") == Failed("names another service as its next page")


def test_pages_without_end(github, client):
    fake = github()
    again = Said(200, [{}], {"Link": f'<{fake.url}/repos/octo/demo/pulls?page=2>; rel="next"'})
    fake.fail("GET", "pulls", *[again] * 200)
    assert client(fake).pages("pulls") == Failed("has more than 100 pages of this")
    assert len(fake.requests) == 100


def test_one_page_that_fails_fails_all(github, client):
    fake = github(*[FakePull(number) for number in range(1, 150)])
    fake.fail("GET", r"pulls\?never", down())
    address = f"{fake.url}/repos/octo/demo/pulls?page=2"
    fake.fail("GET", "pulls", Said(200, [{}], {"Link": f'<{address}>; rel="next"'}), *[down()] * 4)
    assert client(fake).pages("pulls") == Failed("answers 502 (asked 4 times)", 502)


def test_a_redirect_elsewhere_is_refused_and_one_within_is_followed(github, client, waits):
    fake, other = github(FakePull(1)), github()
    new = {"Location": f"{fake.url}/repos/octo/demo/issues/1/comments"}
    fake.fail("POST", "issues/9/comments", Said(307, {}, new), Said(301, {}, new))
    fake.fail("POST", "issues/1/comments", *[Said(307, {}, {"Location": f"{other.url}/x"})][:0])
    assert client(fake).send("POST", "issues/9/comments", {"body": "x"})["body"] == "x"
    assert client(fake).send("POST", "issues/9/comments", {"body": "x"}) == Failed(
        "answers 301 to a POST", 301
    )
    fake.fail("POST", "issues/1/comments", Said(307, {}, {"Location": f"{other.url}/x"}))
    assert client(fake).send("POST", "issues/1/comments", {"body": "x"}) == Failed(
        "redirects to another service"
    )
    assert (other.requests, len(fake.writes)) == ([], 1)


def test_writes_keep_a_pace(github, waits):
    fake = github(FakePull(1))
    ticks = [100.0]
    one = GitHub(fake.url, fake.token, fake.repository, sleep=waits.append, clock=lambda: ticks[0])
    for seconds in (0.25, 5, 0):
        one.send("POST", "issues/1/comments", {"body": "x"})
        ticks[0] += seconds
    one.get("pulls/1")
    assert waits == [0.75]


def test_who_writes(github, client):
    bot, person = client(github()).author(), client(github(login="Ann")).author()
    assert (bot, person) == (WORKFLOW, Author("Ann"))
    assert person.wrote({"user": {"login": "ann", "type": "Bot"}})
    assert not bot.wrote({"user": {"login": "helper[bot]", "type": "Bot"}})
    for item in ({}, {"user": None}, {"user": {"type": "User"}}, {"user": []}, None):
        assert not bot.wrote(item)
        assert not person.wrote(item)


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        ("ghs_fake", WORKFLOW),
        ("ghp_fake", Failed("answers: Resource not accessible by integration", 200)),
    ],
)
def test_who_writes_if_nobody_says(github, token, expected):
    fake = github(tells_viewer=False)
    fake.token = token
    assert api(fake.url, token=token).author() == expected


def test_who_writes_is_asked_again(github, client, waits):
    fake = github(login="helper[bot]")
    fake.fail("POST", "graphql", down(), lost(after=True))
    assert client(fake).author() == Author("helper[bot]")
    fake.fail("POST", "graphql", *[down()] * 4)
    assert client(fake).author() == Failed("answers 502", 502, unsure=True)
    fake.fail("POST", "graphql", Said(401, {"message": "Bad credentials"}))
    assert client(fake).author() == Failed("answers 401: Bad credentials", 401)


def test_the_token_is_told_to_nobody(github, caplog, capsys):
    caplog.set_level(logging.DEBUG)
    fake = github(FakePull(1))
    one = api(fake.url)
    seen = [
        repr(one),
        str(vars(one)),
        repr(one.get("pulls/1")),
        repr(one.send("POST", "issues", {"title": "x"})),
    ]
    with pytest.raises(UsageError) as error:
        api(fake.url, token=f"{TOKEN} x")
    shown = capsys.readouterr()
    assert TOKEN not in "".join([*seen, caplog.text, str(error.value), shown.out, shown.err])
    assert fake.requests[0][2]["Authorization"] == f"Bearer {TOKEN}"


def test_graphql_that_fails(github, client):
    fake = github()
    fake.fail("POST", "graphql", Said(200, {"errors": "x"}), Said(200, {"errors": [7]}), Said(200, []))
    one = client(fake)
    assert [one.graphql("query {x}", {"a": 1}) for _ in range(3)] == [
        Failed("answers: no", 200),
        Failed("answers: no", 200),
        None,
    ]


def test_words_of_others_are_one_short_line():
    assert printable("a\u202eb\x1b\nc" + "d" * 300) == "a b  c" + "d" * 194 + "…"
