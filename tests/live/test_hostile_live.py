"""``pincheck check --live`` against everything at once that a host, a repository or a recording may do to it."""

import json
import os
import shlex
import signal
import ssl
import subprocess
import sys
import time
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import faulty
import pytest
from programs import program
from trees import write
from worlds import NOW, PEM, Authority, Leaf

ROOT = Authority("Root")
ISSUING = ROOT.issue("Issuing CA")
NSC = "app/src/main/res/xml/network_security_config.xml"
SPARE = "r/mIkG3eEpVdm+u/ko/cwxzOMo1bk4TyHIlByibiA5E="
BACKUP = "C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M="
REPOSITORY = Path(__file__).parents[2]
HERE = ["--allow-address", "127.0.0.0/8"]


class Done(NamedTuple):
    """How a run ended."""

    code: int
    out: str
    err: str
    seconds: float

    @property
    def report(self) -> dict[str, Any]:
        """What ``--format json`` printed."""
        found: dict[str, Any] = json.loads(self.out)
        return found


def app(root: Path, *pinned: tuple[str, str], more: dict[str, str | bytes] | None = None) -> Path:
    """A folder with a network security config of hosts, each with one pin and a spare one."""
    parts = [
        f'<domain-config><domain>{host}</domain><pin-set expiration="2099-01-01">'
        f'<pin digest="SHA-256">{pin}</pin><pin digest="SHA-256">{BACKUP}</pin></pin-set></domain-config>\n'
        for host, pin in pinned
    ]
    text = f"<network-security-config>\n{''.join(parts)}</network-security-config>\n"
    quiet = "version: 1\nrules:\n  pin-set-expires-late: off\n  lockout-date: off\n"
    (root / "app").mkdir(parents=True, exist_ok=True)
    return write(root / "app", {NSC: text, ".pincheck.yml": quiet, **(more or {})})


def environment(**changes: str) -> dict[str, str]:
    """Ours without a proxy."""
    kept = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    return {**kept, "PYTHONPATH": str(REPOSITORY), **changes}


def check(folder: Path, *options: str, env: dict[str, str] | None = None, seconds: float = 60) -> Done:
    """``pincheck check`` in a process of its own."""
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "pincheck", "check", *options],
        cwd=folder,
        env=env or environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=seconds,
    )
    took = time.monotonic() - start
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode(), took)


def redirected(host: str, port: int) -> list[str]:
    return ["--connect-to", f"{host}:443:127.0.0.1:{port}"]


def anchors(folder: Path, *roots: Authority) -> list[str]:
    path = folder / "roots.pem"
    path.write_bytes(b"".join(root.certificate.public_bytes(PEM) for root in roots or (ROOT,)))
    return ["--trust-anchors", str(path)]


# hosts that are dead in every way ----------------------------------------------


def test_good_hosts_are_judged_among_those_dead_in_every_way(tmp_path: Path) -> None:
    """No bad host delays or hides a good one, and each says in words what is wrong with it."""
    with ExitStack() as stack:
        bad = _zoo(stack, tmp_path)
        good = [f"good{number}.example" for number in range(2 * len(bad))]
        leaf = ISSUING.leaf("*.example", *good)
        port = stack.enter_context(faulty.serving(faulty.tls(leaf, tmp_path / "good"))).port
        hosts = {**dict.fromkeys(good, port), **{host: bad[host][0] for host in bad}}
        mixed = [
            host for number, name in enumerate(bad) for host in (*good[2 * number : 2 * number + 2], name)
        ]
        folder = app(tmp_path, *[(host, leaf.pin) for host in mixed])
        places = [word for host in mixed for word in redirected(host, hosts[host])]
        done = check(
            folder, "--live", *HERE, *places, *anchors(tmp_path), "--timeout", "2", "--format", "json"
        )
    assert (done.code, done.err) == (1, "")
    assert done.seconds < 8.0
    assert [each["host"] for each in done.report["verifications"]] == mixed
    told = {each["host"]: _told(each["looks"][0]) for each in done.report["verifications"]}
    assert told == {**dict.fromkeys(good, "match"), **{host: said for host, (_, said) in bad.items()}}


def _told(look: dict[str, Any]) -> str:
    """The failure in words, or the one state of all releases."""
    if look["failure"]:
        return str(look["failure"]["reason"])
    (state,) = {verdict["state"] for verdict in look["verdicts"]}
    return f"{state}, {look['fault']}" if look["fault"] else str(state)


def _zoo(stack: ExitStack, folder: Path) -> dict[str, tuple[int, str]]:
    """Hosts, each with its port and what is said of it."""
    hello = faulty.server_hello()

    def named(host: str, **options: Any) -> Leaf:
        return ISSUING.leaf(host, **options)

    def weak(words: str) -> tuple[Path, Path]:
        place = folder / words.replace(" ", "").replace(":", "")
        place.mkdir()
        command = f"req -x509 -nodes -days 30 -subj /CN=weak.example -keyout key -out chain {words}"
        subprocess.run(
            [program("openssl"), *shlex.split(command)], cwd=place, check=True, capture_output=True
        )
        return place / "chain", place / "key"

    late, none = (
        "the handshake did not end within 2 s",
        "it accepts connections, but nothing answered within 2 s",
    )
    no_tls, unreadable = "what answers does not speak TLS", "a certificate it sent cannot be read"
    handlers: dict[str, tuple[faulty.Handler | Leaf | tuple[Path, Path], str]] = {
        "silent.example": (faulty.silent, none),
        "closes.example": (faulty.closes, "the connection was closed instead of an answer"),
        "resets.example": (faulty.resets, "the connection was reset instead of an answer"),
        "half.example": (
            faulty.says(hello + hello[:20], lambda link: None),
            "the connection was closed in the middle of the handshake",
        ),
        "garbage.example": (faulty.says(bytes(range(256)) * 4), no_tls),
        "http.example": (faulty.says(b"HTTP/1.1 400 Bad Request\r\n\r\n"), no_tls),
        "drips.example": (faulty.drips(hello * 100, 1.0), late),
        "alert.example": (
            faulty.says(faulty.alert(112)),
            'it refused with the TLS alert "unrecognized name"',
        ),
        "warns.example": (
            faulty.says(faulty.alert(112, 1) * 3000),
            "the handshake failed (too many warn alerts)",
        ),
        "empty.example": (
            faulty.says(hello + faulty.certificates()),
            "the handshake failed (length mismatch)",
        ),
        "rubbish.example": (faulty.says(hello + faulty.certificates(b"\x30\x03\x02\x01\x01")), unreadable),
        "floods.example": (faulty.floods, "its chain is larger than 100 kB"),
        "hundred.example": (named("hundred.example").sending(*[ISSUING.certificate] * 99), "mismatch"),
        "twice.example": (named("twice.example").sending(*[ISSUING.certificate] * 2), "mismatch"),
        "misordered.example": (
            named("misordered.example").sending(ROOT.certificate, ISSUING.certificate),
            "mismatch",
        ),
        "md5.example": (weak("-newkey rsa:2048 -md5"), "refused, wrong-name"),
        "rsa512.example": (weak("-newkey rsa:512 -sha256"), "refused, wrong-name"),
        "edwards.example": (named("edwards.example", kind="ed25519"), "mismatch"),
        "expired.example": (named("expired.example", end=NOW - timedelta(hours=1)), "refused, expired"),
        "wrong.example": (named("other.test"), "refused, wrong-name"),
        "alone.example": (named("alone.example").sending(), "unknown, private"),
    }
    found = {
        "refused.example": (faulty.refused_port(), "the connection was refused"),
        "hole.example": (stack.enter_context(faulty.black_hole()), "nothing answered within 2 s"),
    }
    for host, (handler, said) in handlers.items():
        if isinstance(handler, (Leaf, tuple)):
            handler = faulty.tls(handler, folder / host, maximum_version=ssl.TLSVersion.TLSv1_2)
        found[host] = (stack.enter_context(faulty.serving(handler)).port, said)
    return found


def test_no_host_is_lost_for_want_of_open_files(tmp_path: Path) -> None:
    hosts = [f"h{number}.example" for number in range(60)]
    folder = app(tmp_path, *[(host, SPARE) for host in hosts])
    with faulty.serving(faulty.silent) as server:
        options = ["--live", *HERE, "--connect-to", f":443:127.0.0.1:{server.port}", "--jobs", "999999"]
        words = [sys.executable, "-m", "pincheck", "check", *options, "--timeout", "0.3", "--format", "json"]
        done = subprocess.run(
            ["sh", "-c", f"ulimit -n 32; {shlex.join(words)}"],
            cwd=folder,
            env=environment(),
            capture_output=True,
            timeout=60,
        )
    reasons = {each["reason"] for each in json.loads(done.stdout)["not_checked"]}
    assert (done.returncode, done.stderr) == (0, b"")
    assert reasons == {"it accepts connections, but nothing answered within 0.3 s"}


# names that act on whoever reads them --------------------------------------------

ACTING = "\x1b]0;x\x07\n::error::x\r\n##[error]%0A|<img src=x>`\u202e"


def test_names_of_certificates_act_on_nobody(tmp_path: Path) -> None:
    """Control characters, line breaks, workflow commands and markup, in every output and in a recording."""
    root = Authority(f"R{ACTING}")
    issuing = root.issue(f"I{ACTING}")
    san = "\x1b[31m\n::error::x%0A|<b>`.example"
    leaves = {
        "good.example": issuing.leaf("good.example", subject=ACTING),
        "bad.example": issuing.leaf("bad.example", subject=ACTING),
        "wrong.example": issuing.leaf(san, subject=ACTING),
        "alone.example": issuing.leaf("alone.example", subject=ACTING).sending(),
        "soon.example": issuing.leaf("soon.example", subject=ACTING, end=NOW + timedelta(days=1)),
        "long.example": issuing.leaf(f"{'s' * 59_000}.example", subject="long"),
    }
    pinned = [(host, SPARE if host == "bad.example" else leaf.pin) for host, leaf in leaves.items()]
    more = {".pincheck.yml": "version: 1\n"}
    formats = ("terminal", "json", "sarif", "github", "markdown")
    outputs = [word for name in formats for word in ("--format", name, "--output", str(tmp_path / name))]
    with ExitStack() as stack:
        places = []
        for host, leaf in leaves.items():
            server = stack.enter_context(faulty.serving(faulty.tls(leaf, tmp_path / host)))
            places += redirected(host, server.port)
        done = check(
            app(tmp_path, *pinned, more=more), "--live", *HERE, *places, *anchors(tmp_path, root),
            "--record", str(tmp_path / "recording"), *outputs,
        )  # fmt: skip
    assert (done.code, done.out, done.err) == (1, "", "")
    for name in (*formats, "recording"):
        text = (tmp_path / name).read_text()
        assert text.replace("\n", "").isprintable(), name
        starts = {line.split(" ")[0] for line in text.splitlines() if line.lstrip().startswith(("::", "##["))}
        assert starts <= ({"::error", "::warning", "::notice"} if name == "github" else set()), name
        assert max(map(len, text.splitlines())) < (2_000 if name in ("terminal", "github") else 10**6), name
    assert "<img" not in (tmp_path / "markdown").read_text().replace("`", "").replace("\\<", "")


# what must not be asked --------------------------------------------------------

PRIVATE = """
localhost localhost. LOCALHOST ⓛocalhost 127.0.0.1 127.0.0.1. 127.1 0177.0.0.1 0x7f.1 0x7f000001 2130706433 0 0.0.0.0
①27.0.0.1 127。0。0。1 [::1] ::1 [::ffff:127.0.0.1] [::] 169.254.169.254 metadata.google.internal a%20b user@127.0.0.1
127.0.0.1/.. localhost#x localhost?x .. a..b fe80::1%lo 127.0.0.1:{port} localhost:{port} [::1]:{port} *.localhost
"""


@pytest.mark.parametrize("address", ["0.0.0.0", "::1"])
def test_nothing_private_is_connected_to(address: str, tmp_path: Path) -> None:
    with faulty.serving(faulty.silent, address) as server:
        hosts = PRIVATE.replace("{port}", str(server.port)).split()
        urls = "".join(
            f'val u{number} = "https://{host}:{server.port}/"\n' for number, host in enumerate(hosts)
        )
        ports = "".join(f'val p{port} = "https://localhost:{port}/"\n' for port in (0, 22, 25, 6379, 65536))
        code: dict[str, str | bytes] = {"app/src/main/kotlin/Api.kt": urls + ports}
        folder = app(tmp_path, *[(host, SPARE) for host in (*hosts, "pinned.example")], more=code)
        to = address if ":" not in address else f"[{address}]"
        for redirect in (
            ["--connect-to", f":443::{server.port}"],
            ["--connect-to", f"::{to}:{server.port}"],
            ["--connect-to", f"::localhost:{server.port}"],
            ["--resolve", f"pinned.example:443:{address}"],
        ):
            done = check(folder, "--live", "--timeout", "2", "--format", "json", *redirect)
            assert (done.err, server.connections) == ("", 0), redirect
            assert not any(look["chain"] for each in done.report["verifications"] for look in each["looks"])


@pytest.mark.parametrize(
    "options",
    [
        "--jobs 0",
        "--jobs -1",
        "--timeout 0",
        "--timeout -1",
        "--timeout nan",
        "--timeout 1e9",
        "--max-hosts 0",
    ],
)
def test_numbers_that_make_no_sense(options: str, tmp_path: Path) -> None:
    done = check(app(tmp_path), "--live", *options.split())
    assert (done.code, done.out) == (2, "")
    assert f"argument {options.split()[0]}: " in done.err.splitlines()[-1]


@pytest.mark.parametrize(
    "variable",
    [
        "HTTPS_PROXY=http://u:S3CRET@127.0.0.1:{port}",
        "https_proxy=https://u:S3CRET@127.0.0.1:{port}",
        "HTTPS_PROXY=http://u:S3CRET@[::1",
        "HTTPS_PROXY=http://u:S3CRET@x:99999",
        "ALL_PROXY=socks5://u:S3CRET@127.0.0.1:{port}",
    ],
)
@pytest.mark.parametrize(
    "answer",
    [b"\x00\xff" * 99, b"HTTP/1.1 407 no\r\nX: S3CRET\r\n\r\n", b"HTTP/1.1 200 ok\r\n" + b"A: b\r\n" * 9999],
    ids=["garbage", "407", "huge"],
)
def test_the_password_of_a_proxy_is_in_nothing(variable: str, answer: bytes, tmp_path: Path) -> None:
    """Neither where the proxy fails nor where its URL does; an offline run does not mind it at all."""
    folder, record = app(tmp_path, ("pinned.example", SPARE)), tmp_path / "seen.json"
    with faulty.serving(faulty.says(answer)) as proxy:
        name, _, value = variable.replace("{port}", str(proxy.port)).partition("=")
        env = environment(**{name: value})
        options = ["--proxy-resolves", "--timeout", "2", "--record", str(record), "--format", "json"]
        done = check(folder, "--live", *options, env=env)
    text = done.out + done.err + (record.read_text() if record.exists() else "")
    assert done.code == (0 if "{port}" in variable and "socks" not in variable else 2)
    assert "S3CRET" not in text
    assert "dTpTM0NSRVQ" not in text
    assert "Traceback" not in text
    assert done.seconds < 8.0
    assert check(folder, env=env).code == 0


# being stopped ------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_what_is_known_and_the_terminal_as_it_was(
    number: signal.Signals, tmp_path: Path
) -> None:
    record, (ours, theirs) = tmp_path / "seen.json", os.openpty()
    leaf = ISSUING.leaf("good.example")
    silent_hosts = [f"h{each}.example" for each in range(60)]
    folder = app(tmp_path, *[(host, leaf.pin) for host in ("good.example", *silent_hosts)])
    with faulty.serving(faulty.tls(leaf, tmp_path / "s")) as good, faulty.serving(faulty.silent) as silent:
        places = [*redirected("good.example", good.port), "--connect-to", f":443:127.0.0.1:{silent.port}"]
        options = [*HERE, *places, *anchors(tmp_path), "--record", str(record), "--format", "json"]
        with subprocess.Popen(
            [sys.executable, "-m", "pincheck", "check", "--live", "--timeout", "60", *options],
            cwd=folder,
            env=environment(TERM="xterm"),
            stdout=subprocess.PIPE,
            stderr=theirs,
        ) as process:
            os.close(theirs)
            deadline = time.monotonic() + 20
            while (good.connections < 3 or silent.connections < 40) and time.monotonic() < deadline:
                time.sleep(0.02)
            time.sleep(0.1)
            start = time.monotonic()
            process.send_signal(number)
            out, _ = process.communicate(timeout=10)
            took = time.monotonic() - start
    said = _all_of(ours)
    looks = {each["host"]: each["looks"][0] for each in json.loads(out)["verifications"]}
    assert looks["good.example"]["failure"] is None
    assert {looks[host]["failure"]["reason"] for host in silent_hosts} == {"interrupted"}
    assert (process.returncode, len(json.loads(record.read_text())["observations"])) == (130, 63)
    assert took < 1.5
    assert said.endswith("pincheck: interrupted; the hosts that were left are not checked\r\n")
    assert said.rfind("\x1b[?25h") > said.rfind("\x1b[?25l")


def _all_of(terminal: int) -> str:
    """What was written to a terminal whose other end is closed."""
    data = b""
    try:
        while more := os.read(terminal, 65536):
            data += more
    except OSError:
        pass
    finally:
        os.close(terminal)
    return data.decode()


# recordings ------------------------------------------------------------------------


def test_a_place_where_nothing_can_be_recorded_is_told_before_anybody_is_asked(tmp_path: Path) -> None:
    folder = app(tmp_path, ("pinned.example", SPARE))
    os.mkfifo(tmp_path / "pipe")
    with faulty.serving(faulty.silent) as server:
        there = ["--live", *HERE, "--connect-to", f":443:127.0.0.1:{server.port}"]
        for place, why in {
            str(tmp_path / "none" / "seen.json"): "cannot be written: No such file or directory",
            str(tmp_path): "is a folder or a device; name a file",
            str(tmp_path / "pipe"): "is a folder or a device; name a file",
            "/dev/stdout": "is a folder or a device; name a file",
        }.items():
            done = check(folder, *there, "--record", place)
            assert (done.code, done.out, done.err) == (2, "", f"pincheck: {place}: {why}\n")
        assert server.connections == 0
    assert sorted(os.listdir(tmp_path)) == ["app", "pipe"]


def test_a_pipe_without_a_writer_holds_no_anchors(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    done = check(
        app(tmp_path, ("a.example", SPARE)), "--live", "--trust-anchors", str(tmp_path / "pipe"), seconds=20
    )
    assert (done.code, done.out) == (2, "")


def test_runs_at_once_may_record_to_one_file(tmp_path: Path) -> None:
    """The one that ends last has it whole; a link in its place is replaced, what it led to stays."""
    folder, record = app(tmp_path, ("a.example", SPARE)), tmp_path / "seen.json"
    (tmp_path / "kept").write_text("kept")
    record.symlink_to(tmp_path / "kept")
    options = ["--live", "--connect-to", ":443:127.0.0.1:1", "--record", str(record)]
    command = [sys.executable, "-m", "pincheck", "check", *options]
    runs = [
        subprocess.Popen(command, cwd=folder, env=environment(), stdout=subprocess.DEVNULL) for _ in range(3)
    ]
    assert [run.wait(60) for run in runs] == [0, 0, 0]
    assert len(json.loads(record.read_text())["observations"]) == 1
    assert (record.is_symlink(), (tmp_path / "kept").read_text()) == (False, "kept")
    assert sorted(os.listdir(tmp_path)) == ["app", "kept", "seen.json"]


@pytest.mark.parametrize("apart", [False, True])
def test_a_recording_says_no_more_of_a_host_than_a_survey_would(apart: bool, tmp_path: Path) -> None:
    failure = {"kind": "unreachable", "reason": "x"}
    look = {
        "host": "a.example",
        "port": 443,
        "address": "1.1.1.1",
        "offer": "default",
        "at": "2026-11-25T00:00:00Z",
    }
    look |= {"protocol": None, "served": [], "failure": failure}  # type: ignore[dict-item]
    looks = [
        {**look, "address": f"1.1.{number // 256 % 256}.{number % 256}"} if apart else look
        for number in range(60_000)
    ]
    head = {"version": 1, "tool": {"name": "pincheck", "version": "1"}, "when": "2026-11-25T00:00:00Z"}
    path = tmp_path / "seen.json"
    path.write_text(json.dumps({**head, "certificates": {}, "observations": looks}))
    done = check(app(tmp_path, ("a.example", SPARE)), "--recorded", str(path))
    why = "60,000 observations of a.example:443, more than any survey makes"
    assert (done.code, done.out, done.err) == (2, "", f"pincheck: {path}: {why}\n")
    assert done.seconds < 10.0


def test_a_recording_of_any_host_can_be_read_again(tmp_path: Path) -> None:
    """One strange host does not cost the recording."""
    hosts = [
        "fe80::1%&lt;b>",
        "fe80::1%eth0",
        "::1%x:y",
        "[::1]",
        "0x7f.1",
        "a%20b",
        "x@y",
        "..",
        "ümlaut.example",
    ]
    folder, record = app(tmp_path, *[(host, SPARE) for host in hosts]), str(tmp_path / "seen.json")
    live = check(folder, "--live", "--timeout", "2", "--record", record, "--format", "json")
    again = check(folder, "--recorded", record, "--format", "json")
    assert (live.err, again) == ("", again._replace(code=live.code, out=live.out, err=""))
