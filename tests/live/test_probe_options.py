"""The texts of options are read as curl reads them, or refused in words."""

import argparse
import base64
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pincheck import arguments
from pincheck.errors import UsageError
from pincheck.probe import options
from pincheck.probe.options import Options, Proxy, Redirect, Resolved


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("api.example:443:10.0.0.1:8443", Redirect("api.example", 443, "10.0.0.1", 8443)),
        ("API.example.:443:Stage.example:", Redirect("api.example", 443, "stage.example", 0)),
        (":::8443", Redirect("", 0, "", 8443)),
        (":::", Redirect("", 0, "", 0)),
        ("[::1]:443:[2001:DB8::1]:8443", Redirect("::1", 443, "2001:db8::1", 8443)),
    ],
)
def test_connect_to(text: str, meant: Redirect) -> None:
    assert options.redirect(text) == meant


@pytest.mark.parametrize(
    "text", ["", "a", "a:1:b", "a:1:b:2:3", "::1:443:b:1", "a:x:b:1", "a b:1:c:2", "\x1b:1:b:c"]
)
def test_no_connect_to(text: str) -> None:
    with pytest.raises(UsageError) as told:
        options.redirect(text)
    assert str(told.value) == (
        f"--connect-to {text!a}: write HOST:PORT:ADDRESS:PORT, IPv6 addresses in brackets"
    )


def test_ports_end() -> None:
    with pytest.raises(UsageError, match=r"^--connect-to 'a:65536:b:1': ports end at 65535$"):
        options.redirect("a:65536:b:1")
    with pytest.raises(UsageError, match=r"ports end at 65535$"):
        options.resolved(f"a:{'9' * 5000}:1.1.1.1")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("api.example:443:1.1.1.1", Resolved("api.example", 443, ("1.1.1.1",))),
        ("*:8443:1.1.1.1,[2606:4700::1111],2606:4700::1", Resolved("*", 8443, ("1.1.1.1", "2606:4700::1111", "2606:4700::1"))),
    ],
)  # fmt: skip
def test_resolve(text: str, meant: Resolved) -> None:
    assert options.resolved(text) == meant


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "write HOST:PORT:ADDRESS, more addresses behind commas"),
        ("a:443", "write HOST:PORT:ADDRESS, more addresses behind commas"),
        (":443:1.1.1.1", "write HOST:PORT:ADDRESS, more addresses behind commas"),
        ("a:443:b", "'b' is no IP address"),
        ("a:443:1.1.1.1,", "'' is no IP address"),
    ],
)
def test_no_resolve(text: str, told: str) -> None:
    with pytest.raises(UsageError) as error:
        options.resolved(text)
    assert str(error.value) == f"--resolve {text!a}: {told}"


def test_allow_address() -> None:
    assert options.network("10.0.0.0/8") == ip_network("10.0.0.0/8")
    assert options.network("10.0.0.1") == ip_network("10.0.0.1/32")
    assert options.network("fd00::/8") == ip_network("fd00::/8")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("10.0.0.1/8", "no network starts there; did you mean 10.0.0.0/8?"),
        ("localhost", "write an address or a network, as 10.0.0.0/8"),
        ("fe80::1%eth0", "write an address or a network, as 10.0.0.0/8"),
        ("", "write an address or a network, as 10.0.0.0/8"),
    ],
)
def test_no_network(text: str, told: str) -> None:
    with pytest.raises(UsageError) as error:
        options.network(text)
    assert str(error.value) == f"--allow-address {text!a}: {told}"


@pytest.mark.parametrize(
    ("environ", "meant"),
    [
        ({}, (None, ())),
        ({"HTTPS_PROXY": ""}, (None, ())),
        ({"HTTPS_PROXY": "proxy.example"}, (Proxy("proxy.example", 1080), ())),
        ({"https_proxy": "http://a.example:1", "HTTPS_PROXY": "http://b.example:2"}, (Proxy("a.example", 1), ())),
        ({"ALL_PROXY": "https://[::1]/"}, (Proxy("::1", 443, tls=True), ())),
        ({"HTTP_PROXY": "http://a.example:1"}, (None, ())),
        ({"NO_PROXY": "a.example, .B.example  10.0.0.0/8"}, (None, ("a.example", ".b.example", "10.0.0.0/8"))),
    ],
)  # fmt: skip
def test_the_proxy_is_found_as_curl_finds_it(environ: dict[str, str], meant: object) -> None:
    assert options.from_environment(environ) == meant


def test_a_password_goes_to_the_proxy_and_nowhere_else() -> None:
    proxy = options.proxy("http://us%40er:pa%3Ass%C3%A9@proxy.example:3128")
    assert proxy.authorization == "Basic " + base64.b64encode("us@er:pa:ssé".encode()).decode()
    shown = f"{proxy} {proxy!r} {Options(proxy=proxy)}"
    assert "Basic" not in shown
    assert base64.b64encode(b"us@er").decode()[:6] not in shown
    assert repr(proxy) == "Proxy(http://proxy.example:3128)"


@pytest.mark.parametrize(
    "url", ["socks5://u:secret@a:1", "http://u:secret@a:99999", "http://u:secret@", "http://u:secret@[::1", "http://u:secret@a b", "http://u:secret@a:0", "http://u:secret@ä.example"]
)  # fmt: skip
def test_no_proxy_can_be_used_and_no_password_is_shown(url: str) -> None:
    with pytest.raises(UsageError) as told:
        options.from_environment({"HTTPS_PROXY": url})
    assert str(told.value) in (
        "HTTPS_PROXY: no URL of a proxy, as http://proxy.example:3128",
        "HTTPS_PROXY: only proxies of http:// and https:// can be used",
    )
    assert told.value.__cause__ is None
    assert "secret" not in str(told.value)


@pytest.mark.parametrize(
    ("entry", "host", "direct"),
    [
        ("*", "a.example", True),
        ("a.example", "a.example", True),
        ("a.example", "b.a.example", True),
        (".a.example", "a.example", True),
        ("a.example", "ba.example", False),
        ("a.example", "example", False),
        ("10.0.0.0/8", "10.1.2.3", True),
        ("10.0.0.0/8", "11.1.2.3", False),
        ("10.1.2.3", "10.1.2.3", True),
        ("[::1]", "::1", True),
        ("::1", "[::1]", True),
        ("::/0", "10.1.2.3", False),
        ("a.example", "10.1.2.3", False),
        (".", "a.example", False),
    ],
)
def test_what_goes_without_the_proxy(entry: str, host: str, direct: bool) -> None:
    assert options.goes_direct(host, ("other.example", entry)) is direct


PARTS = st.text("ab.:[]0189,/%@\x1b é*-", max_size=30)


@given(PARTS)
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (options.redirect, options.resolved, options.network, options.proxy):
        told = "fine"
        try:
            read(text)
        except UsageError as error:
            told = str(error)
        assert told.isascii()
        assert told.isprintable()


def command_line(*words: str) -> argparse.Namespace:
    return arguments.parse(["check", *words])


def test_the_command_line_without_options() -> None:
    arguments = command_line()
    assert options.read(arguments, {}) == Options()
    assert (arguments.live, arguments.record, arguments.recorded) == (False, None, None)
    assert (arguments.trust_anchors, arguments.fail_on_unchecked) == ([], False)


def test_the_command_line_with_all_options() -> None:
    words = (
        "--live --record r.json --connect-to a:1:b:2 --resolve a:443:1.1.1.1 --timeout 2.5 --jobs 7 --max-hosts 9 "
        "--proxy-resolves --allow-address 10.0.0.0/8 --allow-address ::1 --trust-anchors a.pem --trust-anchors b.pem "
        "--fail-on-unchecked"
    )
    arguments = command_line(*words.split())
    assert options.read(arguments, {"ALL_PROXY": "p:1"}) == Options(
        timeout_seconds=2.5,
        jobs=7,
        max_hosts=9,
        allowed=(ip_network("10.0.0.0/8"), ip_network("::1")),
        connect_to=(Redirect("a", 1, "b", 2),),
        resolve=(Resolved("a", 443, ("1.1.1.1",)),),
        proxy=Proxy("p", 1),
        proxy_resolves=True,
    )
    assert (arguments.live, arguments.record) == (True, "r.json")
    assert (arguments.trust_anchors, arguments.fail_on_unchecked) == (["a.pem", "b.pem"], True)


@pytest.mark.parametrize(
    "words", ["--timeout 0", "--timeout nan", "--timeout inf", "--timeout x", "--jobs 0", "--jobs -1", "--jobs 1000000", "--max-hosts ²", "--live --recorded r.json"]
)  # fmt: skip
def test_the_command_line_is_wrong(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command_line(*words.split())
    assert ended.value.code == 2
    assert words.split()[-2] in capsys.readouterr().err
