"""Hidden first lines, and bodies that fit."""

import pytest

from pincheck.github import markers
from pincheck.github.markers import Marker, Unseen
from pincheck.outputs._summary import MOST_CHARACTERS

KEY = markers.key_of("app")
ONE, TWO = "1" * 32, "2" * 32


@pytest.mark.parametrize(
    ("marker", "line"),
    [
        (
            Marker("comment", KEY, "open", (ONE, TWO)),
            f"<!-- pincheck:comment {KEY} open of={ONE},{TWO} -->\n",
        ),
        (Marker("summary", KEY, "fixed"), f"<!-- pincheck:summary {KEY} fixed -->\n"),
        (
            Marker("issue", KEY, "unseen", needs=("0a0a0a0a", "1b1b1b1b")),
            f"<!-- pincheck:issue {KEY} unseen on=0a0a0a0a,1b1b1b1b -->\n",
        ),
        (
            Marker("summary", KEY, "open", (ONE,), "a" * 40),
            f"<!-- pincheck:summary {KEY} open at={'a' * 40} of={ONE} -->\n",
        ),
    ],
)
def test_a_marker_is_read_as_it_was_written(marker, line):
    assert marker.line() == line
    assert markers.read(f"{line}text") == marker
    assert markers.without(f"{line}text") == "text"


@pytest.mark.parametrize(
    "body",
    [
        "",
        f"> <!-- pincheck:issue {KEY} open -->",
        f"x\n<!-- pincheck:issue {KEY} open -->",
        f"<!-- pincheck:other {KEY} open -->",
        "<!-- pincheck:issue app open -->",
        f"<!-- pincheck:issue {KEY} open of=x -->",
        f"<!-- pincheck:issue {KEY} open on=x -->",
        f"<!-- pincheck:issue {KEY} done -->",
    ],
)
def test_what_is_no_marker(body):
    assert markers.read(body) is None


@pytest.mark.parametrize(
    ("other", "expected"),
    [("a\r\nb\n", True), ("a\nb", True), ("a\n\nb", False), ("A\nb", False)],
)
def test_line_ends_make_no_difference(other, expected):
    first = Marker("issue", KEY).line()
    assert markers.same(f"{first}a\nb", first.replace("\n", "\r\n") + other) is expected


def test_more_fingerprints_than_a_marker_carries():
    many = markers.signs(f"{number:032x}" for number in range(300))
    marker = Marker("comment", KEY, "open", many)
    assert markers.read(marker.line()) == marker
    assert len(many) == 200


def test_a_fingerprint_of_another_form_has_a_sign_too():
    assert markers.sign(ONE) == ONE
    assert markers.signs([f"{ONE}-2"]) == ("4f6e48b9c4a72bf56bce5d62ad4a9be2",)


def test_what_was_not_seen_is_remembered_until_it_is():
    blind = Unseen({"a.xml": "a.xml is broken", "b.xml": "b.xml is broken"})
    first, second = (Marker("issue", KEY, needs=Unseen({}).needs([name])) for name in ("a.xml", "c.xml"))
    assert (blind.why(first), blind.why(second)) == ("a.xml is broken", "")
    owing = Marker("issue", KEY, needs=blind.needs(["c.xml"], first))
    assert owing.needs == tuple(sorted(first.needs + second.needs))
    assert Unseen({}).needs(["c.xml"], owing) == second.needs


def test_news_stand_above_what_was_told_and_take_the_place_of_older_news():
    told = Marker("comment", KEY).line() + "told\n\n```suggestion\nx\n```"
    was = "\n\n<details><summary>What it was</summary>\n\ntold\n\n```text\nx\n```\n\n</details>"
    lost = markers.with_news("lost", told)
    assert lost == f"lost{was}"
    assert markers.with_news("fixed", Marker("comment", KEY, "unseen").line() + lost) == f"fixed{was}"
    assert markers.with_news("fixed", "x" * 40_000) == "fixed"


def test_a_marker_leaves_room_for_the_longest_text():
    needs = Unseen({}).needs(f"{number}.xml" for number in range(900))
    fingerprints = markers.signs(f"{number:032x}" for number in range(300))
    marker = Marker("summary", KEY, "silenced", fingerprints, "a" * 64, needs)
    assert len(needs) == 800
    assert markers.read(marker.line()) == marker
    assert len(marker.line()) + MOST_CHARACTERS <= markers.CHARACTERS


def test_what_cannot_be_sent_is_left_out():
    assert (
        markers.body(Marker("issue", KEY), " \ud800 no UTF-8 \0")
        == Marker("issue", KEY).line() + "? no UTF-8"
    )
