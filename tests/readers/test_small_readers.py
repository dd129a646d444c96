"""Dates, host texts, text and suppressions."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pincheck.model import MAX_LINE, DeclaredHost, HostSyntax, Location, Semantics, SourceFile
from pincheck.readers.dates import read_day
from pincheck.readers.host_text import read_host
from pincheck.readers.suppressions import suppressions
from pincheck.readers.text import Lines

AT = Location("a", 1, 1, 1, 2)


@pytest.mark.parametrize(
    ("text", "style", "day"),
    [
        ("2030-06-01", "android", date(2030, 6, 1)),
        ("2030-6-1", "android", date(2030, 6, 1)),
        ("2030-06-01T00:00", "android", date(2030, 6, 1)),
        ("30-6-1", "android", date(30, 6, 1)),
        ("12030-06-01", "android", date(9999, 6, 1)),
        ("2030/06/01", "android", None),
        ("01-06-2030", "android", None),
        ("2030-02-30", "android", None),
        ("0-1-1", "android", None),
        (" 2030-06-01", "android", None),
        ("2030-06-01", "iso", date(2030, 6, 1)),
        ("2030-06-01T00:00", "iso", None),
        ("1893456000", "epoch", date(2030, 1, 1)),
        ("9" * 40, "epoch", None),
        ("nan", "epoch", None),
        ("soon", "epoch", None),
    ],
)
def test_dates(text, style, day):
    assert read_day(text, style) == day


@given(st.text(max_size=30), st.sampled_from(["android", "iso", "epoch"]))
def test_any_text_is_a_day_or_none(text, style):
    assert read_day(text, style) is None or isinstance(read_day(text, style), date)


WILD = Semantics("OkHttp", "android", hosts=HostSyntax(wildcards=("*.", "**.")))
PLAIN = Semantics("Android", "android", hosts=HostSyntax(subdomains="any"))
ONE = Semantics("App Transport Security", "ios", hosts=HostSyntax(subdomains="one"))
CASED = Semantics("TrustKit", "ios", hosts=HostSyntax(case_sensitive=True))
HOSTS = ("shop.example", "a.shop.example", "a.b.shop.example", "xshop.example")


@pytest.mark.parametrize(
    ("text", "flag", "semantics", "matched"),
    [
        ("shop.example", False, PLAIN, "yes no no no"),
        ("SHOP.example", True, PLAIN, "yes yes yes no"),
        ("shop.example", True, ONE, "yes yes no no"),
        ("*.shop.example", False, WILD, "no yes no no"),
        ("**.shop.example", False, WILD, "yes yes yes no"),
        ("*.shop.example", True, PLAIN, "no no no no"),
    ],
)
def test_which_hosts_match(text, flag, semantics, matched):
    pattern = read_host(DeclaredHost(text, AT, flag), semantics)
    assert ["yes" if pattern.matches(host) else "no" for host in HOSTS] == matched.split()


@pytest.mark.parametrize(
    ("text", "semantics", "what", "remedy"),
    [
        ("https://shop.example/v1", PLAIN, "is a URL", "write shop.example"),
        ("shop.example:443", PLAIN, "holds a port", "write shop.example"),
        ("shop.example/v1", PLAIN, "holds a path", "write shop.example"),
        ("shop.example.", PLAIN, "ends in a dot", "write shop.example"),
        (".shop.example", PLAIN, "starts with a dot", "write shop.example"),
        ("*.shop.example", PLAIN, "starts with a wildcard", "write shop.example and include its subdomains"),
        ("a.*.shop.example", WILD, "holds a *", ""),
        ("shop example", PLAIN, "holds white space", ""),
        ("bücher.example", PLAIN, "is not in its ASCII form", "write xn--bcher-kva.example"),
        ("Shop.example", CASED, "holds upper case", "write shop.example"),
        ("", PLAIN, "is empty", ""),
        ("@string/host", PLAIN, "is a resource reference", "write the host name itself"),
        ("a." * 1_000_000, PLAIN, "is longer than 300 characters", ""),
    ],
)
def test_hosts_that_never_match(text, semantics, what, remedy):
    fault = read_host(DeclaredHost(text, AT), semantics).fault
    assert (fault.what, fault.remedy) == (what, remedy)


@given(st.text(max_size=60), st.booleans(), st.sampled_from([WILD, PLAIN, ONE, CASED]))
def test_any_host_text_is_read(text, flag, semantics):
    pattern = read_host(DeclaredHost(text, AT, flag), semantics)
    assert pattern.text == text
    assert not (pattern.fault and pattern.matches("shop.example"))


@given(st.text(st.sampled_from("ab\n\r\t é🙂"), max_size=40), st.data())
def test_lines_locate_every_offset(text, data):
    lines = Lines("a", text)
    offset = data.draw(st.integers(0, len(text)))
    line, column = lines.position(offset)
    starts = [0] + [
        m
        for m in range(1, len(text) + 1)
        if text[m - 1] == "\n" or (text[m - 1] == "\r" and text[m : m + 1] != "\n")
    ]
    assert (line, column) == (
        sum(s <= offset for s in starts),
        offset - max(s for s in starts if s <= offset) + 1,
    )


@pytest.mark.parametrize(
    ("text", "rules", "reason"),
    [
        ("<!-- pincheck: ignore[missing-backup-pin] second key ordered -->", ("missing-backup-pin",), "second key ordered"),
        ("// pincheck: ignore[a, b]", ("a", "b"), ""),
        ("# pincheck:ignore[a] why", ("a",), "why"),
        ("/* pincheck: ignore[a] why */", ("a",), "why"),
        ("pincheck: ignore[]", None, None),
        ("pincheck: ignore[ , ]", None, None),
        ("pincheck: ignore missing-backup-pin", None, None),
    ],
)  # fmt: skip
def test_suppressions(text, rules, reason):
    found = list(suppressions(SourceFile("a", f"\n é {text}\n".encode())))
    assert [(s.rules, s.reason, s.at.line) for s in found] == ([(rules, reason, 2)] if rules else [])


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        pytest.param("", "\r\n", " é # pincheck: ignore[a] why", id="the line without its break"),
        pytest.param("", "\n" + "b" * MAX_LINE, " é # pincheck: ignore[a] why", id="long lines after it"),
        pytest.param("b" * MAX_LINE, "", "", id="a long line"),
    ],
)
def test_a_suppression_is_placed_like_all_else(before, after, line) -> None:
    (found,) = suppressions(SourceFile("a", f"\n{before} é # pincheck: ignore[a] why{after}".encode()))
    column = len(before) + 6
    assert found.at == Location("a", 2, column, 2, column + 23, line)
