"""How OkHttp of several versions and Ktor's Darwin engine read a host text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pincheck.model import DeclaredHost, HostPattern, Location, Semantics
from pincheck.parsers._okhttp_client import CRASH, KTOR_DARWIN, OKHTTP, OKHTTP_3, OKHTTP_5, semantics_for
from pincheck.readers.host_name import canonical, url_host
from pincheck.readers.host_text import read_host

AT = Location("a", 1, 1, 1, 2)
HOSTS = ("shop.example", "a.shop.example", "a.b.shop.example", "xshop.example", "example", "shop.example.")
ALL = [OKHTTP_3, OKHTTP, OKHTTP_5, KTOR_DARWIN]


def read(text: str, semantics: Semantics) -> HostPattern:
    return read_host(DeclaredHost(text, AT), semantics)


@pytest.mark.parametrize(
    ("text", "semantics", "matched"),
    [
        ("shop.example", OKHTTP, "shop.example"),
        ("SHOP.Example", OKHTTP, "shop.example"),
        ("*.shop.example", OKHTTP, "a.shop.example"),
        ("**.shop.example", OKHTTP, "shop.example a.shop.example a.b.shop.example"),
        ("**.Shop.Example", KTOR_DARWIN, "shop.example a.shop.example a.b.shop.example"),
        ("*.example", OKHTTP, "shop.example xshop.example"),
        ("*.example", OKHTTP_3, "shop.example xshop.example example"),
        ("*.shop.example", OKHTTP_3, "a.shop.example"),
        ("shop.example:8443", OKHTTP_3, "shop.example"),
        ("shop.example/v1?a#b", OKHTTP_3, "shop.example"),
        ("me:word@shop.example", OKHTTP_3, "shop.example"),
        ("//%73hop.example\n", OKHTTP_3, "shop.example"),
        ("*.shop.example:443/v1", OKHTTP_3, "a.shop.example"),
    ],
)
def test_what_a_pattern_applies_to(text, semantics, matched):
    pattern = read(text, semantics)
    assert (pattern.fault, [host for host in HOSTS if pattern.matches(host)]) == (None, matched.split())


@pytest.mark.parametrize(
    ("text", "semantics", "name"),
    [
        ("bücher.example", OKHTTP_3, "xn--bcher-kva.example"),
        ("*.BÜCHER.example", OKHTTP, "xn--bcher-kva.example"),
        ("straße.example", OKHTTP, "strasse.example"),
        ("straße.example", OKHTTP_5, "xn--strae-oqa.example"),
        ("shop。example", OKHTTP_5, "shop.example"),
        ("xn--shop-.example", OKHTTP_5, "shop.example"),
        ("bücher.example", KTOR_DARWIN, "bücher.example"),
        ("2001:DB8:0:0::1", OKHTTP, "2001:db8::1"),
        ("[::FFFF:1.2.3.4]", OKHTTP_5, "1.2.3.4"),
        ("[::1]:8443", OKHTTP_3, "::1"),
        ("**.example", OKHTTP_3, "**.example"),
        ("https://shop.example", OKHTTP_3, "https"),
    ],
)
def test_which_name_is_compared(text, semantics, name):
    assert read(text, semantics).name == name


CLIENT = "OkHttp before 4.3"


@pytest.mark.parametrize(
    ("text", "semantics", "what", "effect", "remedy"),
    [
        ("api.*.example", OKHTTP, "holds a *", CRASH, "a wildcard is *. or **. at the start"),
        ("*shop.example", KTOR_DARWIN, "holds a *", CRASH, "a wildcard is *. or **. at the start"),
        ("***.shop.example", OKHTTP_5, "holds a *", CRASH, "a wildcard is *. or **. at the start"),
        ("https://shop.example/", OKHTTP, "is a URL", CRASH, "write shop.example"),
        ("shop.example:443", OKHTTP, "holds a port", CRASH, "write shop.example"),
        ("shop.example/v1", OKHTTP, "holds a path", CRASH, "write shop.example"),
        (" shop.example", OKHTTP, "holds white space", CRASH, "write shop.example"),
        (" shop.example", OKHTTP_3, "holds white space", CRASH, "write shop.example"),
        ("", OKHTTP, "is empty", CRASH, ""),
        ("", OKHTTP_3, "is empty", CRASH, ""),
        ("shop..example", OKHTTP, "is no host name", CRASH, ""),
        ("a" * 64 + ".example", OKHTTP, "is no host name", CRASH, ""),
        ("a." * 123 + "shop.example", OKHTTP_5, "is no host name", CRASH, ""),
        ("::1", OKHTTP_3, "is an IPv6 address without brackets", CRASH, "write [::1]"),
        ("1:2:3:4:5:6:7:8:9", OKHTTP, "is no host name", CRASH, ""),
        ("shop.example:70000", OKHTTP_3, "holds a port", CRASH, "write shop.example"),
        ("https://shop.example", OKHTTP_3, "is a URL", f"{CLIENT} takes its scheme for the host", "write shop.example"),
        ("**.shop.example", OKHTTP_3, "starts with **.", f"{CLIENT} takes it literally", "write *.shop.example"),
        ("api.*.example", OKHTTP_3, "holds a *", f"{CLIENT} takes it literally", ""),
        ("shop.example.", OKHTTP, "ends in a dot",
         "OkHttp applies it only to a host that is written with that dot", "write shop.example"),
        ("**.", OKHTTP, "is empty", "OkHttp matches it with no host", ""),
        ("shop.example:443", KTOR_DARWIN, "holds a port", "Ktor's Darwin engine compares host names only",
         "write shop.example"),
    ],
)  # fmt: skip
def test_why_a_pattern_applies_to_no_host(text, semantics, what, effect, remedy):
    pattern = read(text, semantics)
    assert pattern.fault is not None
    assert (*pattern.fault,) == (what, effect, remedy)
    assert not any(pattern.matches(host) for host in (*HOSTS, text.lower(), pattern.name))


@pytest.mark.parametrize("semantics", ALL)
@pytest.mark.parametrize("text", ["a." * 500_000, "a" * 1_000_000, "é" * 1_000_000, "xn--" * 250_000, "xn--a-." * 140_000,
                                  ":" * 1_000_000, "[" * 1_000_000, "a\u0301\u0300" * 300_000, "%" * 1_000_000,
                                  "@" * 1_000_000, "é." * 500_000, "*" * 1_000_000])  # fmt: skip
@pytest.mark.timeout(10)
def test_a_hostile_text_is_no_more_work_than_its_length(text, semantics):
    pattern = read(text, semantics)
    assert pattern.fault or pattern.name


@given(st.text(max_size=60), st.sampled_from(ALL))
def test_any_text_is_read(text, semantics):
    pattern = read(text, semantics)
    assert pattern.text == text
    assert not (pattern.fault and pattern.matches("shop.example"))


@given(st.text(max_size=60), st.sampled_from(["idna2003", "uts46"]))
def test_a_canonical_name_stays_as_it_is(text, unicode):
    name = canonical(text, unicode)
    assert name == "" or (name.isascii() and canonical(name, unicode) in (name, ""))
    assert isinstance(url_host(text), str)


@pytest.mark.parametrize(
    ("version", "semantics"),
    [
        ("", OKHTTP), ("latest.release", OKHTTP), ("4.12.0", OKHTTP), ("4.3.0-RC1", OKHTTP), ("4", OKHTTP), ("4.+", OKHTTP),
        ("4.2.2", OKHTTP_3), ("3.14.9", OKHTTP_3), ("3.+", OKHTTP_3), ("2.7.5", OKHTTP_3), ("[3.12,4.0)", OKHTTP_3),
        ("5.0.0-alpha.14", OKHTTP_5), ("5.5.0", OKHTTP_5), ("12.1", OKHTTP_5), ("$okhttp", OKHTTP),
    ],
)  # fmt: skip
def test_semantics_go_by_the_version(version, semantics):
    assert semantics_for(version) is semantics
