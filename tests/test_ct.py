"""Certificates in public logs, asked for over HTTP on loopback."""

import sqlite3
import stat
import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from fake_logs import Answer, Logs, entry, get, pem, row, running
from worlds import Authority, Leaf

from pincheck.ct import cache as cache_module
from pincheck.ct import crtsh
from pincheck.ct.asking import MAX_BODY, Asking, Response
from pincheck.ct.cache import Cache, place
from pincheck.ct.client import through
from pincheck.ct.history import KeyHistory, history
from pincheck.ct.search import MAX_HOSTS, Services, issuances, services
from pincheck.model import NotChecked, Pin
from pincheck.model.knowledge import Issuance

HOST = "api.shop.example"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
START = datetime(2026, 9, 1, 10, tzinfo=UTC)
CA = Authority("Example Issuing CA", start=START - timedelta(days=400))
SPOTTER, CRTSH = "/v1/issuances", "/"
WEB_PAGE = Answer(body=b"<html>502 Bad Gateway</html>")
UNKNOWN = "answers with status 500"


def leaf(*names: str, days: int = 0, **options: Any) -> Leaf:
    """A certificate of 90 days that starts some days after the first."""
    start = START + timedelta(days=days)
    return CA.leaf(*(names or (HOST,)), start=start, end=start + timedelta(days=90), **options)


A, B, C = (leaf(days=each) for each in (0, 30, 60))
WILD = leaf("*.shop.example", days=10)
OTHER = leaf("www.evil.example")


def told(of: Leaf, name: str = HOST, source: str = "Cert Spotter", **changed: Any) -> Issuance:
    """What a search makes of a certificate."""
    by_crtsh = source == "crt.sh"
    certificate = of.certificate
    return Issuance(
        name,
        pin(of.pin),
        "CN=Example Issuing CA" if by_crtsh else "C=XX,O=Example Trust,CN=Example Issuing CA",
        "" if by_crtsh else "Example Issuing CA",
        certificate.not_valid_before_utc.date(),
        certificate.not_valid_after_utc.date(),
        False,
        source,
        None if by_crtsh else pin(CA.pin),
    )._replace(**changed)


def pin(text: str) -> Pin:
    from base64 import b64decode

    return Pin("spki", "sha256", b64decode(text))


@pytest.fixture
def logs() -> Iterator[Logs]:
    with running() as found:
        yield found


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "pincheck" / "logs.sqlite"


class Run:
    """One run: what it found, what was not checked, what the cache says, how long it waited."""

    def __init__(
        self, logs: Logs, path: Path | str = "", *hosts: str, now: datetime = NOW, token: str = ""
    ) -> None:
        self.waits: list[float] = []
        cache = Cache(str(path))
        at = Services(logs.address, logs.address, token)
        before = len(logs.asked)
        asking = Asking(get, sleep=self.waits.append)
        self.found, self.missed = issuances(hosts or (HOST,), get, cache, now, at, asking)
        self.notes = cache.notes
        self.asked = [
            each.replace("&expand=dns_names&expand=issuer&expand=issuer.operator", "")
            for each in logs.asked[before:]
        ]


def asked(host: str = HOST, after: str = "") -> str:
    tail = f"&after={after}" if after else ""
    return f"{SPOTTER}?domain={host}&include_subdomains=false&match_wildcards=true{tail}"


def hold_all(logs: Logs) -> None:
    """Three issuances at Cert Spotter: two pages."""
    logs.spotter[HOST] = [entry(number, each, CA) for number, each in zip("123", (A, B, C), strict=True)]


# Cert Spotter ----------------------------------------------------------------


def test_pages_follow_one_another_until_one_is_empty(logs: Logs) -> None:
    hold_all(logs)
    run = Run(logs)
    assert run.found == (told(A), told(B), told(C))
    assert run.missed == ()
    assert run.asked == [asked(), asked(after="2"), asked(after="3")]


def test_a_second_run_asks_for_what_is_new_only(logs: Logs, file: Path) -> None:
    logs.spotter[HOST] = [entry("1", A, CA)]
    Run(logs, file)
    logs.spotter[HOST].append(entry("2", B, CA))
    run = Run(logs, file, now=NOW + timedelta(days=1))
    assert run.found == (told(A), told(B))
    assert run.asked == [asked(after="1"), asked(after="2")]
    assert run.notes == []


def test_all_is_asked_for_again_after_a_week_to_see_what_was_revoked(logs: Logs, file: Path) -> None:
    logs.spotter[HOST] = [entry("1", A, CA)]
    Run(logs, file)
    logs.spotter[HOST] = [entry("1", A, CA, revoked=True)]
    assert Run(logs, file, now=NOW + timedelta(days=6)).found == (told(A),)
    assert Run(logs, file, now=NOW + timedelta(days=7)).found == (told(A, revoked=True),)


@pytest.mark.parametrize("hours", [-24, 24])
def test_a_clock_that_is_off_by_a_day_changes_nothing(logs: Logs, file: Path, hours: int) -> None:
    logs.spotter[HOST] = [entry("1", A, CA)]
    Run(logs, file)
    run = Run(logs, file, now=NOW + timedelta(hours=hours))
    assert (run.found, run.asked) == ((told(A),), [asked(after="1")])


def test_wildcards_count_and_other_hosts_do_not(logs: Logs) -> None:
    deep = leaf("*.api.shop.example")
    logs.spotter[HOST] = [entry("1", OTHER, CA), entry("2", WILD, CA), entry("3", deep, CA)]
    run = Run(logs)
    assert run.found == (told(WILD, "*.shop.example"),)
    reason = "Cert Spotter answers with 2 certificates of other hosts, which did not count"
    assert run.missed == (NotChecked(f"public logs for {HOST}", reason, is_path=False),)


def test_an_issuance_told_twice_counts_once(logs: Logs) -> None:
    logs.spotter[HOST] = [entry("1", A, CA), entry("2", A, CA, revoked=True)]
    assert Run(logs).found == (told(A, revoked=True),)


def test_an_operator_is_told_before_a_friendly_name(logs: Logs) -> None:
    issuer: dict[str, Any] = entry("1", A, CA)["issuer"] | {"operator": {"name": "Example Trust"}}
    logs.spotter[HOST] = [entry("1", A, CA, issuer=issuer)]
    assert Run(logs).found == (told(A, issuer_operator="Example Trust"),)


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"pubkey_sha256": "00"}, id="short key"),
        pytest.param({"pubkey_sha256": None}, id="no key"),
        pytest.param({"not_after": "yesterday"}, id="no date"),
        pytest.param({"not_after": "x" * 10_000}, id="long date"),
        pytest.param({"dns_names": HOST}, id="names that are no list"),
        pytest.param({"issuer": None}, id="no issuer"),
        pytest.param({"id": "\ud800"}, id="half a character"),
    ],
)
def test_an_entry_that_cannot_be_read_costs_only_itself(logs: Logs, changed: dict[str, Any]) -> None:
    logs.spotter[HOST] = [entry("1", A, CA, **changed), entry("2", B, CA)]
    run = Run(logs)
    assert run.found == (told(B),)
    reason = "Cert Spotter answers with 1 entry that could not be read"
    assert run.missed == (NotChecked(f"public logs for {HOST}", reason, is_path=False),)


def test_the_token_goes_to_cert_spotter_only(logs: Logs) -> None:
    logs.faults[SPOTTER] = [Answer(500)]
    Run(logs, token="sesame")
    assert logs.tokens == [(SPOTTER, "Bearer sesame"), (CRTSH, ""), (CRTSH, "")]


@pytest.mark.parametrize(
    ("token", "used"), [("abc_123", "abc_123"), (" abc ", "abc"), ("a\r\nX: y", ""), ("é", ""), ("", "")]
)
def test_a_token_that_fits_no_header_is_not_used(token: str, used: str) -> None:
    assert services({"CERTSPOTTER_TOKEN": token}) == Services(
        "https://api.certspotter.com", "https://crt.sh", used
    )


# a busy or broken service -----------------------------------------------------


def test_a_busy_service_is_waited_for_as_it_asks(logs: Logs) -> None:
    logs.spotter[HOST] = [entry("1", A, CA)]
    logs.faults[SPOTTER] = [Answer(429, {"Retry-After": "7"}), Answer(503)]
    run = Run(logs)
    assert (run.found, run.missed, run.waits) == ((told(A),), (), [7.0, 2.0])


def test_a_service_that_wants_a_long_wait_is_left_for_the_run(logs: Logs) -> None:
    logs.always[SPOTTER] = Answer(429, {"Retry-After": "3600"})
    logs.always[CRTSH] = Answer(503, {"Retry-After": "Wed, 21 Oct 2099 07:28:00 GMT"})
    run = Run(logs, "", HOST, "www.shop.example", "m.shop.example", "x.shop.example")
    assert run.found == ()
    ((what, reason, _),) = run.missed
    assert what == "public logs for api.shop.example and 3 more hosts"
    assert reason.startswith(
        "Cert Spotter answers with status 429 (too many requests), and asks to be left alone for 3,600 s;"
        " crt.sh answers with status 503, and asks to be left alone for "
    )
    assert len(run.asked) == 2
    assert run.waits == []


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param(Answer(500), "answers with status 500", id="500"),
        pytest.param(Answer(401), "answers with status 401 (is the token right?)", id="401"),
        pytest.param(WEB_PAGE, "answers with a web page", id="HTML"),
        pytest.param(Answer(body=b'[{"id":"1","tbs'), "answers with something that is no JSON", id="half JSON"),
        pytest.param(Answer(body=b"\xff\xfe\x00"), "answers with something that is no JSON", id="no text"),
        pytest.param(Answer(body=b"[" * 200_000), "answers with something that is no JSON", id="deep"),
        pytest.param(Answer(headers={"Content-Length": "99"}, body=b"[]"), "broke off", id="cut"),
        pytest.param(Answer(body=b" " * 2_000_000), "answers with more than 1 MB", id="large"),
        pytest.param(Answer(delay_seconds=5), "did not answer in time", id="slow"),
    ],
)  # fmt: skip
def test_a_service_that_fails_is_not_checked(logs: Logs, file: Path, answer: Answer, reason: str) -> None:
    logs.always = {SPOTTER: answer, CRTSH: answer}
    run = Run(logs, file)
    assert run.found == ()
    expected = f"Cert Spotter {reason}; crt.sh {reason}"
    assert run.missed == (NotChecked(f"public logs for {HOST}", expected, is_path=False),)
    logs.always = {}
    hold_all(logs)
    assert Run(logs, file).found == (told(A), told(B), told(C))


@pytest.mark.parametrize(
    ("value", "spotter"),
    [
        (b"{}", "answers with something that is no list of issuances"),
        (b"[1]", "answers with issuances without an identifier"),
        (b'[{"id": ""}]', "answers with issuances without an identifier"),
    ],
)
def test_json_of_another_shape_is_not_checked(logs: Logs, value: bytes, spotter: str) -> None:
    logs.always[SPOTTER] = Answer(body=value)
    logs.faults[CRTSH] = [Answer(500)]
    expected = f"Cert Spotter {spotter}; crt.sh answers with status 500"
    assert Run(logs).missed == (NotChecked(f"public logs for {HOST}", expected, is_path=False),)


def test_a_body_beyond_the_bound_is_refused_whatever_the_client_let_in(
    logs: Logs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pincheck.ct.asking.MAX_BODY", 1024)
    logs.always = {SPOTTER: Answer(body=b" " * 2000), CRTSH: Answer(500)}
    assert Run(logs).missed[0].reason.startswith("Cert Spotter answers with more than 0 MB;")


def test_a_page_that_repeats_itself_ends_the_asking(logs: Logs) -> None:
    import json

    logs.always[SPOTTER] = Answer(body=json.dumps([entry("1", A, CA)]).encode())
    logs.faults[CRTSH] = [Answer(500)]
    run = Run(logs)
    assert run.found == (told(A),)
    assert run.missed[0].reason.startswith("Cert Spotter answers with the same page twice; crt.sh ")
    assert len(run.asked) == 3


def test_what_came_before_a_break_is_kept_and_the_next_run_goes_on(logs: Logs, file: Path) -> None:
    hold_all(logs)
    logs.faults[SPOTTER] = []
    first = Run(logs, file)
    assert len(first.asked) == 3
    file.unlink()
    logs.faults[SPOTTER] = [truth(logs, ""), Answer(500)]
    broken = Run(logs, file)
    assert broken.found == (told(A), told(B))
    assert broken.missed == ()  # crt.sh answered, with nothing
    assert Run(logs, file).asked == [asked(after="2"), asked(after="3")]


def truth(logs: Logs, after: str) -> Answer:
    """What Cert Spotter would say."""
    return Logs(spotter=logs.spotter).answer(f"{SPOTTER}?domain={HOST}&after={after}", "")


def test_time_is_bounded_over_all_hosts(logs: Logs) -> None:
    clock = iter(range(0, 10_000, 50))
    asking = Asking(get, clock=lambda: next(clock), seconds=120)
    at = Services(logs.address, logs.address)
    hosts = [f"h{number}.shop.example" for number in range(5)]
    found, missed = issuances(hosts, get, Cache(""), NOW, at, asking)
    reason = "the 120 s for public logs are used up"
    expected = f"Cert Spotter {reason}; crt.sh {reason}"
    assert (found, missed) == ((), (NotChecked(f"public logs for {hosts[2]}", expected, is_path=False),
        NotChecked(f"public logs for {hosts[3]}", expected, is_path=False), NotChecked(f"public logs for {hosts[4]}", expected, is_path=False)))  # fmt: skip


def test_a_service_that_fails_three_times_in_a_row_is_asked_no_more(logs: Logs) -> None:
    logs.always = {SPOTTER: Answer(500), CRTSH: WEB_PAGE}
    hosts = [f"h{number}.shop.example" for number in range(9)]
    run = Run(logs, "", *hosts)
    expected = "Cert Spotter answers with status 500; crt.sh answers with a web page"
    assert run.missed == (
        NotChecked("public logs for h0.shop.example and 8 more hosts", expected, is_path=False),
    )
    assert len(run.asked) == 6


def test_nobody_listens(file: Path) -> None:
    with running() as logs:
        pass
    run = Run(logs, file)
    expected = "Cert Spotter broke off (URLError); crt.sh broke off (URLError)"
    assert (run.found, run.missed) == ((), (NotChecked(f"public logs for {HOST}", expected, is_path=False),))


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1", "a b.example", "x" * 300, "a&b=c.example"])
def test_no_name_that_a_public_ca_certifies_leaves_the_machine(logs: Logs, host: str) -> None:
    run = Run(logs, "", host)
    missed = NotChecked(f"public logs for {host}", "is no name that a public CA certifies", is_path=False)
    assert (run.found, run.missed, run.asked) == ((), (missed,), [])


def test_no_more_hosts_are_asked_for_than_is_fair(logs: Logs) -> None:
    hosts = [f"h{number}.shop.example" for number in range(MAX_HOSTS + 2)]
    run = Run(logs, "", *hosts)
    reason = f"only the first {MAX_HOSTS} hosts of a run are asked for"
    assert run.missed == tuple(
        NotChecked(f"public logs for {host}", reason, is_path=False) for host in hosts[MAX_HOSTS:]
    )
    assert len(run.asked) == MAX_HOSTS


# crt.sh -----------------------------------------------------------------------


def only_crtsh(logs: Logs, *leaves: Leaf) -> None:
    """Cert Spotter fails; crt.sh lists some certificates."""
    logs.always[SPOTTER] = Answer(500)
    logs.crtsh[HOST] = [row(number, each) for number, each in enumerate(leaves, 1)]
    logs.pem = {number: pem(each) for number, each in enumerate(leaves, 1)}


def test_crtsh_is_asked_where_cert_spotter_has_no_answer(logs: Logs, file: Path) -> None:
    only_crtsh(logs, A, B)
    logs.crtsh["*.shop.example"] = [row(9, WILD)]
    logs.pem[9] = pem(WILD)
    run = Run(logs, file)
    wild = told(WILD, "*.shop.example", "crt.sh")
    assert run.found == (told(A, source="crt.sh"), wild, told(B, source="crt.sh"))
    assert run.missed == ()
    listed = ["output=json&exclude=expired&deduplicate=Y"] * 2
    assert run.asked[1:] == [
        f"/?q={HOST}&{listed[0]}",
        f"/?q=%2A.shop.example&{listed[1]}",
        "/?d=2",
        "/?d=9",
        "/?d=1",
    ]
    again = Run(logs, file)
    assert (again.found, len(again.asked)) == (run.found, 3)


def test_a_precertificate_and_its_certificate_count_once(logs: Logs) -> None:
    only_crtsh(logs, A, A)
    run = Run(logs)
    assert (run.found, run.asked[3:]) == ((told(A, source="crt.sh"),), ["/?d=1"])


def test_both_services_hold_one_certificate(logs: Logs, file: Path) -> None:
    only_crtsh(logs, A)
    Run(logs, file)
    logs.always = {}
    logs.spotter[HOST] = [entry("1", A, CA)]
    assert Run(logs, file).found == (told(A),)


def test_only_so_many_certificates_are_fetched_in_a_run(
    logs: Logs, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crtsh, "MAX_CERTIFICATES", 2)
    only_crtsh(logs, A, B, C)
    run = Run(logs, file)
    assert run.found == (told(B, source="crt.sh"), told(C, source="crt.sh"))
    older = "has 1 more on it, older ones, than are fetched in a run; what earlier runs were told is used"
    expected = f"Cert Spotter answers with status 500; crt.sh {older}"
    assert run.missed == (NotChecked(f"public logs for {HOST}", expected, is_path=False),)
    assert len(Run(logs, file).found) == 3


def test_a_certificate_of_another_host_behind_a_row_does_not_count(logs: Logs) -> None:
    only_crtsh(logs, A)
    logs.pem[1] = pem(OTHER)
    assert Run(logs).found == ()


def test_something_that_is_no_certificate_is_not_checked(logs: Logs) -> None:
    only_crtsh(logs, A)
    logs.pem[1] = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    expected = "Cert Spotter answers with status 500; crt.sh answers with something that is no certificate"
    assert Run(logs).missed == (NotChecked(f"public logs for {HOST}", expected, is_path=False),)


@pytest.mark.parametrize("changed", [{"id": "1&q=x"}, {"id": -1}, {"name_value": None}, {"not_before": 5}])
def test_a_row_that_cannot_be_read_costs_only_itself(logs: Logs, changed: dict[str, Any]) -> None:
    only_crtsh(logs, A, B)
    logs.crtsh[HOST][0] |= changed
    run = Run(logs)
    reason = "crt.sh answers with 1 entry that could not be read"
    assert (run.found, run.missed) == (
        (told(B, source="crt.sh"),),
        (NotChecked(f"public logs for {HOST}", reason, is_path=False),),
    )


# the cache --------------------------------------------------------------------


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda path: path.write_bytes(b"no database" * 1000), id="other content"),
        pytest.param(lambda path: path.write_bytes(path.read_bytes()[:5000]), id="cut off"),
        pytest.param(lambda path: path.write_bytes(path.read_bytes()[:200] + b"\xff" * 9000), id="overwritten"),
        pytest.param(lambda path: path.write_bytes(path.read_bytes()[:18] + b"\x07" + path.read_bytes()[19:]), id="bad header"),
        pytest.param(lambda path: execute(path, "DROP TABLE issuance"), id="without a table"),
        pytest.param(lambda path: execute(path, "UPDATE issuance SET spki = 'x'"), id="a row of another kind"),
        pytest.param(lambda path: execute(path, "UPDATE issuance SET not_after = 'soon'"), id="a bad date"),
        pytest.param(lambda path: execute(path, "UPDATE asked SET after = CAST(x'ff' AS TEXT)"), id="no UTF-8"),
        pytest.param(lambda path: execute(path, "UPDATE asked SET whole = x'00'"), id="a bad day"),
    ],
)  # fmt: skip
def test_a_broken_cache_is_made_anew_and_said_once(logs: Logs, file: Path, damage: Any) -> None:
    hold_all(logs)
    logs.spotter["www.shop.example"] = [entry("4", WILD, CA)]
    hosts = (HOST, "www.shop.example")
    whole = Run(logs, file, *hosts).found
    damage(file)
    run = Run(logs, file, *hosts)
    assert run.found == whole
    assert run.missed == ()
    assert run.notes == [f"{file}: was broken and is made anew"]
    after = Run(logs, file, *hosts)
    assert (after.found, after.notes) == (whole, [])


def execute(path: Path, statement: str) -> None:
    with sqlite3.connect(path) as file:
        file.execute(statement)
    file.close()


def test_a_cache_of_another_version_is_made_anew_without_a_word(logs: Logs, file: Path) -> None:
    hold_all(logs)
    whole = Run(logs, file).found
    execute(file, "PRAGMA user_version = 99")
    run = Run(logs, file)
    assert (run.found, run.notes, len(run.asked)) == (whole, [], 3)


@pytest.mark.parametrize("kind", ["a folder is a file", "the file is a folder"])
def test_a_run_goes_on_without_a_cache_that_cannot_be_used(logs: Logs, tmp_path: Path, kind: str) -> None:
    hold_all(logs)
    (tmp_path / "file").write_text("")
    path = tmp_path / "file" / "logs.sqlite" if kind == "a folder is a file" else tmp_path
    run = Run(logs, path)
    assert run.found == (told(A), told(B), told(C))
    assert run.notes == [f"{path}: cannot be used, so public logs are asked for everything"]
    assert (tmp_path / "file").read_text() == ""


def test_a_cache_that_another_run_holds_is_waited_for_and_then_left(
    logs: Logs, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold_all(logs)
    whole = Run(logs, file).found
    monkeypatch.setattr(cache_module, "_BUSY_SECONDS", 0.1)
    with sqlite3.connect(file, isolation_level=None) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        run = Run(logs, file)
    holder.close()
    assert run.found == whole
    assert run.notes == [f"{file}: cannot be used, so public logs are asked for everything"]
    assert Run(logs, file).asked == [asked(after="3")]


def test_runs_at_the_same_time_share_the_cache(logs: Logs, file: Path) -> None:
    hosts = [f"h{number}.shop.example" for number in range(4)]
    leaves = {host: leaf(host) for host in hosts}
    logs.spotter = {host: [entry(host, each, CA)] for host, each in leaves.items()}
    expected = {told(each, host) for host, each in leaves.items()}
    runs: list[Run] = []
    threads = [threading.Thread(target=lambda: runs.append(Run(logs, file, *hosts))) for _ in range(6)]
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert time.monotonic() - begun < 20
    assert [(set(run.found), run.missed, run.notes) for run in runs] == [(expected, (), [])] * 6
    assert len(Run(logs, file, *hosts).asked) == 4


def test_a_page_is_kept_whole_or_not_at_all(file: Path) -> None:
    cache = Cache(str(file))
    cache.keep("s", HOST, [("1", told(A))], cache_module.Asked("1"), NOW.date())
    bad = told(B)._replace(issuer=object())  # type: ignore[arg-type]
    cache.keep("s", HOST, [("2", told(C)), ("3", bad)], cache_module.Asked("3"), NOW.date())
    asked, known = Cache(str(file)).look("s", HOST)
    assert known in ({"1": told(A)}, {})
    assert asked.after != "3"


def test_the_cache_stays_bounded(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_module, "MAX_ISSUANCES", 2)
    monkeypatch.setattr(cache_module, "MAX_HOSTS", 2)
    cache = Cache(str(file))
    ended = told(leaf(days=-900))
    page = [(number, each) for number, each in zip("1234", (told(A), told(B), told(C), ended), strict=True)]
    cache.keep("s", HOST, page, cache_module.Asked("4"), NOW.date())
    assert cache.look("s", HOST)[1] == {"2": told(B), "3": told(C)}
    for number, host in enumerate(("b.example", "c.example"), 1):
        day = NOW.date() + timedelta(days=number)
        cache.keep("s", host, [("1", told(A))], cache_module.Asked("1"), day)
    assert [bool(cache.look("s", host)[1]) for host in (HOST, "b.example", "c.example")] == [
        False,
        True,
        True,
    ]


def test_the_cache_is_the_users_own(logs: Logs, file: Path) -> None:
    Run(logs, file)
    assert stat.S_IMODE(file.parent.stat().st_mode) & 0o077 == 0


@pytest.mark.parametrize(
    ("environ", "path"),
    [
        ({"HOME": "/home/ada"}, "/home/ada/.cache/pincheck/logs.sqlite"),
        ({"HOME": "/home/ada", "XDG_CACHE_HOME": "/c"}, "/c/pincheck/logs.sqlite"),
        ({"HOME": "/home/ada", "XDG_CACHE_HOME": "relative"}, "/home/ada/.cache/pincheck/logs.sqlite"),
        ({}, ""),
        ({"HOME": ""}, ""),
    ],
)
def test_where_the_cache_is(environ: dict[str, str], path: str) -> None:
    assert place(environ) == path


def test_what_was_known_is_used_while_services_are_down(logs: Logs, file: Path) -> None:
    hold_all(logs)
    Run(logs, file)
    logs.always = {SPOTTER: WEB_PAGE, CRTSH: WEB_PAGE}
    run = Run(logs, file)
    assert run.found == (told(A), told(B), told(C))
    why = "answers with a web page"
    expected = f"Cert Spotter {why}; crt.sh {why}; what earlier runs were told is used"
    assert run.missed == (NotChecked(f"public logs for {HOST}", expected, is_path=False),)


# through the house's client ---------------------------------------------------


class Recorded:
    """A client that says what it was told to, and keeps what it was asked."""

    def __init__(self, said: Any) -> None:
        self.said, self.asked = said, []  # type: ignore[var-annotated]

    def get(self, url: str, most_bytes: int, headers: Any = None, accept: Any = ()) -> Any:
        self.asked.append((url, most_bytes, dict(headers), 429 in accept and 500 in accept))
        return self.said


class Failed(NamedTuple):
    why: str
    status: int = 0


class Fetched(NamedTuple):
    status: int
    body: bytes
    headers: dict[str, str]


def test_each_service_is_asked_through_its_own_client() -> None:
    one, two = Recorded(Fetched(429, b"x", {"Retry-After": "1"})), Recorded(Failed("is silent for 30 s"))
    get_through = through({"https://one.example": one, "https://two.example/": two})
    assert get_through("https://one.example/v1", {"A": "b"}) == Response(429, {"Retry-After": "1"}, b"x")
    assert get_through("https://two.example/?d=1", {}) == Response(0, failure="is silent for 30 s")
    assert one.asked == [("https://one.example/v1", MAX_BODY, {"A": "b"}, True)]
    assert two.asked == [("https://two.example/?d=1", MAX_BODY, {}, True)]


# history ----------------------------------------------------------------------

KEY = [Pin("spki", "sha256", bytes([number]) * 32) for number in range(6)]


def issued(start: int, key: int, days: int = 90, operator: str = "One CA", host: str = HOST) -> Issuance:
    """A certificate of the key of this number, that starts some days after 2026-01-01."""
    first = date(2026, 1, 1) + timedelta(start)
    name = f"CN={operator or 'Some CA'},O={operator}"
    return Issuance(host, KEY[key], name, operator, first, first + timedelta(days), False, "Cert Spotter")


@pytest.mark.parametrize(
    ("found", "renewals", "reuses"),
    [
        pytest.param([], (), None, id="none"),
        pytest.param([issued(0, 0)], (), None, id="one"),
        pytest.param([issued(0, 0), issued(60, 0)], (True,), None, id="one renewal may be chance"),
        pytest.param([issued(0, 0), issued(60, 0), issued(120, 0)], (True, True), True, id="kept"),
        pytest.param([issued(0, 0), issued(60, 1), issued(120, 2)], (False, False), False, id="changed"),
        pytest.param([issued(0, 0), issued(60, 0), issued(120, 1)], (True, False), None, id="kept, then changed"),
        pytest.param(
            [issued(0, 0), issued(60, 1), issued(120, 1), issued(180, 1)], (False, True, True), True,
            id="changed long ago",
        ),
        pytest.param(
            [issued(0, 0), issued(1, 1), issued(60, 0), issued(61, 1), issued(120, 1), issued(121, 0)],
            (True, True), True, id="two kinds of key",
        ),
        pytest.param(
            [issued(0, 0), issued(30, 1), issued(60, 0), issued(90, 1), issued(120, 0)],
            (False, True, True, True), True, id="two deployments in turn",
        ),
        pytest.param([issued(0, 0), issued(200, 0), issued(260, 0)], (True,), None, id="a gap is no renewal"),
        pytest.param(
            [issued(0, 0), issued(60, 1, host="www.shop.example"), issued(120, 0), issued(180, 0, host="*.shop.example")],
            (True, True), True, id="other hosts do not count, wildcards do",
        ),
    ],
)  # fmt: skip
def test_whether_keys_survive_renewals(
    found: list[Issuance], renewals: tuple[bool, ...], reuses: bool | None
) -> None:
    told_of = history(found, HOST, NOW.date())
    assert (told_of.renewals, told_of.reuses_key) == (renewals, reuses)


def test_which_cas_issued_in_two_years() -> None:
    found = [
        issued(-800, 0, operator="Old CA"),
        issued(0, 1, operator="One CA"),
        issued(60, 1, operator="Two CA"),
        issued(120, 2, operator="One CA"),
        issued(122, 3, operator=""),
    ]
    assert history(found, HOST, NOW.date()) == KeyHistory(
        (True, False), ("Some CA", "One CA", "Two CA"), frozenset([KEY[2], KEY[3]]), date(2023, 10, 24)
    )
    assert history(found, "www.other.example", NOW.date()) == KeyHistory()


def test_a_history_of_thousands_is_quick() -> None:
    found = [issued(day * 4, day % 6, days=9000) for day in range(-1000, 1000)]
    begun = time.monotonic()
    assert history(found, HOST, NOW.date()).reuses_key is True
    assert time.monotonic() - begun < 2
