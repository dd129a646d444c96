"""One origin, bounded answers, patience: what a service may do to us."""

import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from loopback_http import Service, answer, half, send

from pincheck import http
from pincheck.errors import UsageError
from pincheck.http import Answer, Client, Downloaded, Failed


@pytest.fixture
def service():
    with Service({"/a": b"hello", "/long": bytes(range(256)) * 4096}) as running:
        yield running


@pytest.fixture
def waits():
    return []


@pytest.fixture
def client(service, waits):
    return Client(service.address, plain_loopback=True, sleep=waits.append)


def plain(got):
    return (got.status, got.body) if isinstance(got, Answer) else got


@pytest.mark.parametrize(
    ("address", "options"),
    [
        pytest.param("http://127.0.0.1:1", {}, id="plain without being told so"),
        pytest.param("http://ccadb.example", {"plain_loopback": True}, id="plain, elsewhere"),
        pytest.param("http://127.0.0.1.ccadb.example", {"plain_loopback": True}, id="a name like loopback"),
        pytest.param("ftp://127.0.0.1", {"plain_loopback": True}, id="another scheme"),
        pytest.param("file:///etc/passwd", {"plain_loopback": True}, id="a file"),
        pytest.param("https://", {}, id="no host"),
        pytest.param("https://[", {}, id="no address"),
        pytest.param("https://user:word@ccadb.example", {}, id="a password"),
    ],
)
def test_an_address_that_is_not_taken(address, options):
    with pytest.raises(UsageError) as error:
        Client(address, **options)
    assert "word@" not in str(error.value)


def test_a_document_is_fetched(client, service):
    assert plain(client.get(f"{service.address}/a", 10)) == (200, b"hello")


def test_a_status_is_an_answer_only_to_who_wants_it(client, service):
    assert client.get(f"{service.address}/none", 10) == Failed("answers 404", 404)
    assert plain(client.get(f"{service.address}/none", 10, accept=(404,))) == (404, b"")


def test_no_netrc_and_no_cookie_is_sent(client, service, tmp_path, monkeypatch):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    client.get(f"{service.address}/a", 10)
    ((_, headers),) = service.seen
    assert {"Authorization", "Cookie"} & set(headers) == set()


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        pytest.param("/a", (200, b"hello"), id="same origin"),
        pytest.param("https://127.0.0.1:1/a", Failed("redirects to another service"), id="another port"),
        pytest.param("http://localhost/a", Failed("redirects to another service"), id="another name"),
        pytest.param("file:///etc/passwd", Failed("redirects to another service"), id="a file"),
        pytest.param("http://[/", Failed("redirects to another service"), id="no address"),
        pytest.param("", Failed("redirects more than 5 times"), id="to itself"),
        pytest.param("/round", Failed("redirects more than 5 times"), id="in circles"),
    ],
)
def test_redirects_stay_within_the_origin(client, service, target, expected):
    service.faults["/from"] = [answer(302, b"x" * 100_000, Location=target)] * 9
    service.faults["/round"] = [answer(302, Location="/round")] * 9
    assert plain(client.get(f"{service.address}/from", 10)) == expected


@pytest.mark.parametrize(
    ("faults", "waited", "expected"),
    [
        pytest.param([answer(500)], [1], (200, b"hello"), id="one bad day"),
        pytest.param([answer(429, Retry_After="7")], [7], (200, b"hello"), id="asked to wait"),
        pytest.param(
            [answer(503)] * 4, [1, 2, 4], Failed("answers 503 (asked 4 times)", 503), id="down for good"
        ),
        pytest.param(
            [answer(429, Retry_After="3600")],
            [],
            Failed("asks to be left alone for 3600 s", 429, 3600),
            id="asked to wait for an hour",
        ),
        pytest.param([answer(429, Retry_After="soon")], [1], (200, b"hello"), id="asked in words"),
        pytest.param([answer(429, Retry_After="-5")], [1], (200, b"hello"), id="asked for less than nothing"),
        pytest.param([answer(403)], [], Failed("answers 403", 403), id="refused for good"),
        pytest.param([half], [1], (200, b"hello"), id="cut short"),
        pytest.param([answer(200, b"x" * 11)], [], Failed("answers with more than 0 kB"), id="too much"),
        pytest.param(
            [answer(200, b"x", Content_Encoding="gzip")],
            [],
            Failed("answers in a compression that was not asked for"),
            id="compressed",
        ),
    ],
)
def test_patience(client, service, waits, faults, waited, expected):
    service.faults["/a"] = list(faults)
    assert (plain(client.get(f"{service.address}/a", 10)), waits) == (expected, waited)


def test_a_date_says_how_long_to_wait(client, service, waits):
    then = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    service.faults["/a"] = [answer(503, Retry_After=then)]
    assert plain(client.get(f"{service.address}/a", 10)) == (200, b"hello")
    assert 15 <= waits[0] <= 21


def test_nobody_there(waits):
    with Service({}) as gone:
        address = gone.address
    client = Client(address, plain_loopback=True, sleep=waits.append)
    assert client.get(f"{address}/a", 10) == Failed("cannot be reached (asked 4 times)")


def test_an_answer_that_drips_ends(service, waits):
    def drip(handler, body):
        send(handler, 200, length=1000)
        for _ in range(40):
            handler.wfile.write(b"x")
            handler.wfile.flush()
            time.sleep(0.01)
        handler.close_connection = True

    ticks = iter(range(0, 100_000, 100))
    client = Client(service.address, plain_loopback=True, sleep=waits.append, clock=lambda: next(ticks))
    service.faults["/a"] = [drip] * 4
    expected = Failed(f"takes longer than {http.LONGEST_TRANSFER} s (asked 4 times)")
    assert client.get(f"{service.address}/a", 2000) == expected


def chunked(*chunks, ends=True):
    def fault(handler, _):
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for chunk in chunks:
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
        handler.wfile.write(b"0\r\n\r\n" if ends else b"")
        handler.close_connection = True

    return fault


NO_HTTP = Failed("cannot be reached (asked 4 times)")


def garbled(handler, _):
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.wfile.write(b"zz\r\nhello\r\n")
    handler.close_connection = True


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        pytest.param(chunked(b"hel", b"lo"), (200, b"hello"), id="whole"),
        pytest.param(chunked(), (200, b""), id="empty"),
        pytest.param(chunked(b"hel", ends=False), Failed("breaks off (asked 4 times)"), id="cut short"),
        pytest.param(garbled, Failed("breaks off (asked 4 times)"), id="no chunk"),
        pytest.param(chunked(*[b"x" * 6] * 2), Failed("answers with more than 0 kB"), id="too much"),
        pytest.param(lambda handler, _: handler.wfile.write(b"SSH-2.0-x\r\n"), NO_HTTP, id="no HTTP"),
    ],
)
def test_answers_of_unknown_length(client, service, fault, expected):
    service.faults["/a"] = [fault] * 4
    assert plain(client.get(f"{service.address}/a", 10)) == expected


# calls ------------------------------------------------------------------------


class Api:
    """Takes what is posted, answers as a test says, and remembers what it took."""

    def __init__(self, *says):
        self.says, self.took = list(says), []

    def __enter__(self):
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                length = int(self.headers.get("Content-Length") or 0)
                taken = (self.command, self.path, self.headers.get("Content-Type"), self.rfile.read(length))
                api.took.append(taken)
                (api.says.pop(0) if api.says else answer(201, b"{}"))(self, b"")

            do_GET = do_PATCH = do_PUT = do_POST

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def hang_up(handler, _):
    handler.close_connection = True


def cut_short(handler, _):
    send(handler, 201, b"{", length=9)
    handler.close_connection = True


def call(api, waits, method="POST", content={"a": "é"}):  # noqa: B006 - it is not changed
    client = Client(api.address, plain_loopback=True, sleep=waits.append)
    return plain(client.call(method, f"{api.address}/a", 10, content))


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT"])
def test_what_is_sent(waits, method):
    with Api() as api:
        assert call(api, waits, method) == (201, b"{}")
    assert api.took == [(method, "/a", "application/json", b'{"a": "\\u00e9"}')]


SECONDARY = b'{"message": "You have exceeded a secondary rate limit. Please wait."}'
ABUSE = b'{"errors": [{"code": "abuse"}]}'


def limit(status, body=b"", **headers):
    return lambda handler, _: send(
        handler, status, body, {n.replace("_", "-"): v for n, v in headers.items()}
    )


@pytest.mark.parametrize(
    ("said", "waited"),
    [
        pytest.param(limit(429), [60], id="429"),
        pytest.param(limit(429, Retry_After="3"), [3], id="429 with a time"),
        pytest.param(limit(403, Retry_After="3"), [3], id="403 with a time"),
        pytest.param(
            limit(403, b"x", X_RateLimit_Remaining="0", X_RateLimit_Reset="1"), [1], id="over already"
        ),
        pytest.param(limit(403, SECONDARY[:0] + b"secondary rate limit"), [60], id="in words"),
        pytest.param(limit(422, ABUSE), [60], id="called abuse"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_came_too_soon_is_sent_again(waits, method, said, waited):
    with Api(said) as api:
        client = Client(api.address, plain_loopback=True, sleep=waits.append)
        assert plain(client.call(method, f"{api.address}/a", 100)) == (201, b"{}")
    assert (waits, len(api.took)) == (waited, 2)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param(limit(403, b"no"), (403, b"no"), id="refused"),
        pytest.param(
            limit(403, X_RateLimit_Remaining="9", X_RateLimit_Reset="1"), (403, b""), id="refused in time"
        ),
        pytest.param(limit(404), (404, b""), id="not there"),
        pytest.param(limit(422, b"bad"), (422, b"bad"), id="wrong"),
        pytest.param(
            limit(429, Retry_After="61"), Failed("asks to be left alone for 61 s", 429, 61), id="a long wait"
        ),
        pytest.param(limit(302, Location="/b"), Failed("answers 302 to a POST", 302), id="moved"),
        pytest.param(
            limit(307, Location="http://localhost:1/"),
            Failed("redirects to another service"),
            id="moved elsewhere",
        ),
        pytest.param(limit(500), Failed("answers 500", 500, unsure=True), id="500"),
        pytest.param(
            limit(503, Retry_After="1"), Failed("answers 503", 503, unsure=True), id="503 with a time"
        ),
        pytest.param(hang_up, Failed("cannot be reached", unsure=True), id="hung up"),
        pytest.param(cut_short, Failed("breaks off", unsure=True), id="cut short"),
        pytest.param(
            limit(201, b"x" * 11), Failed("answers with more than 0 kB", unsure=True), id="too much"
        ),
    ],
)
def test_a_write_is_never_sent_twice_for_want_of_an_answer(waits, said, expected):
    with Api(said) as api:
        assert (call(api, waits), waits, len(api.took)) == (expected, [], 1)


def test_a_redirect_that_keeps_the_method(waits):
    with Api(limit(307, Location="/b")) as api:
        assert call(api, waits) == (201, b"{}")
    assert [(method, path, body) for method, path, _, body in api.took] == [
        ("POST", path, b'{"a": "\\u00e9"}') for path in ("/a", "/b")
    ]


@pytest.mark.parametrize("said", [limit(500), hang_up, cut_short])
def test_a_question_may_be_asked_again(waits, said):
    with Api(said) as api:
        assert call(api, waits, "GET", None) == (201, b"{}")
    assert (waits, len(api.took)) == ([1], 2)


def test_a_write_that_never_left_may_be_sent_again(waits):
    with Api() as api:
        pass
    assert call(api, waits) == Failed("cannot be reached (asked 4 times)")


def test_a_silent_service(waits, monkeypatch):
    monkeypatch.setattr(http, "_TIMEOUTS", (1, 0.2))
    silent = lambda handler, _: (time.sleep(0.5), hang_up(handler, _))  # noqa: E731
    with Api(silent) as api:
        assert call(api, waits) == Failed("is silent for 30 s", unsure=True)
        assert len(api.took) == 1


# downloads --------------------------------------------------------------------


def ranges(service):
    return [headers.get("Range", "") for _, headers in service.seen]


def test_a_download_is_not_repeated_while_nothing_changed(client, service, tmp_path):
    path = str(tmp_path / "long")
    first = client.download(f"{service.address}/long", path, 2**21)
    second = client.download(f"{service.address}/long", path, 2**21)
    service.documents["/long"] = b"new"
    third = client.download(f"{service.address}/long", path, 2**21)
    assert (first, second, third) == (Downloaded(path, True), Downloaded(path, False), Downloaded(path, True))
    assert (tmp_path / "long").read_bytes() == b"new"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["long", "long.etag"]


def test_half_a_download_is_resumed(client, service, tmp_path):
    service.faults["/long"] = [half]
    path = tmp_path / "long"
    assert client.download(f"{service.address}/long", str(path), 2**21) == Downloaded(str(path), True)
    assert path.read_bytes() == service.documents["/long"]
    assert ranges(service) == ["", f"bytes={2**19}-"]


def test_a_later_run_resumes_what_an_earlier_one_began(service, tmp_path):
    path = tmp_path / "long"
    service.faults["/long"] = [half, *[answer(503)] * 3]
    one = Client(service.address, plain_loopback=True, sleep=lambda _: None)
    other = Client(service.address, plain_loopback=True, sleep=lambda _: None)
    assert isinstance(one.download(f"{service.address}/long", str(path), 2**21), Failed)
    assert not path.exists()
    assert other.download(f"{service.address}/long", str(path), 2**21) == Downloaded(str(path), True)
    assert path.read_bytes() == service.documents["/long"]


def test_what_changed_in_between_is_fetched_from_the_start(client, service, tmp_path):
    def half_then_new(handler, body):
        half(handler, body)
        service.documents["/long"] = b"n" * 2**20

    service.faults["/long"] = [half_then_new]
    path = tmp_path / "long"
    client.download(f"{service.address}/long", str(path), 2**21)
    assert path.read_bytes() == b"n" * 2**20


@pytest.mark.parametrize(
    "liar",
    [
        pytest.param(answer(206, b"zz", Content_Range="bytes 0-1/9"), id="another place"),
        pytest.param(answer(206, b"zz"), id="no place"),
        pytest.param(
            answer(206, b"zz", Content_Range=f"bytes {2**19}-9/9", ETag='"other"'), id="another tag"
        ),
        pytest.param(answer(416), id="no such place"),
    ],
)
def test_a_wrong_rest_is_not_put_behind_the_first_half(client, service, tmp_path, liar):
    service.faults["/long"] = [half, liar]
    path = tmp_path / "long"
    assert client.download(f"{service.address}/long", str(path), 2**21) == Downloaded(str(path), True)
    assert path.read_bytes() == service.documents["/long"]


def test_a_failed_download_leaves_the_old_file(client, service, tmp_path):
    path = tmp_path / "long"
    path.write_bytes(b"old")
    service.faults["/long"] = [answer(200, b"x" * 100)]
    assert client.download(f"{service.address}/long", str(path), 50) == Failed("answers with more than 0 kB")
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["long"]


@pytest.mark.parametrize("tag", ['W/"weak"', "", "no tag", '"' + "x" * 999 + '"'])
def test_without_a_strong_tag_nothing_is_resumed(client, service, tmp_path, tag):
    def begun(handler, body):
        send(handler, 200, body[:5], {"ETag": tag}, len(body))
        handler.close_connection = True

    service.faults["/long"] = [begun]
    client.download(f"{service.address}/long", str(tmp_path / "long"), 2**21)
    assert (tmp_path / "long").read_bytes() == service.documents["/long"]
    assert ranges(service) == ["", ""]
