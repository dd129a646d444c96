"""``pincheck demo``: three acts that go as planned, and nothing that is left of them."""

import os
import pty
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pincheck.cli import main
from pincheck.pki.throwaway import Authority, Credentials, Period
from pincheck.probe.loopback import ADDRESS, Server, serving

ROOT = Path(__file__).resolve().parent.parent
DEMO = (sys.executable, "-m", "pincheck", "demo")
SECONDS = 15
NSC = "android/app/src/main/res/xml/network_security_config.xml"
RN = "react-native-ssl-public-key-pinning"


class Played(NamedTuple):
    code: int
    out: str
    err: str
    seconds: float
    days: frozenset[date]
    """The day it was played on, or two of them."""
    left: tuple[str, ...]
    """What it left in the folder for temporary files."""


def environment(tmp: Path, **more: str) -> dict[str, str]:
    """No colours; a proxy that nobody answers at, which the demo has no use for."""
    kept = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE")}
    return {**kept, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp), "HTTPS_PROXY": "http://127.0.0.1:1", **more}


def play(tmp: Path, *before: str) -> Played:
    start, day = time.monotonic(), datetime.now(UTC).date()
    done = subprocess.run(
        [*before, *DEMO], capture_output=True, text=True, encoding="utf-8", env=environment(tmp), timeout=SECONDS, cwd=tmp.parent,
    )  # fmt: skip
    days = frozenset({day, datetime.now(UTC).date()})
    left = tuple(os.listdir(tmp))
    return Played(done.returncode, done.stdout, done.stderr, time.monotonic() - start, days, left)


@pytest.fixture
def tmp(tmp_path: Path) -> Path:
    folder = tmp_path / "tmp"
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    folder = tmp_path_factory.mktemp("demo") / "tmp"
    folder.mkdir()
    return play(folder)


def acts(out: str) -> list[str]:
    """The opening, and the acts with their headlines."""
    return re.split(r"^(?=== )", out, flags=re.MULTILINE)


def findings(act: str) -> list[tuple[str, ...]]:
    return re.findall(r"^(\S+?):\d+:\d+  (error|warning|note)  (\S+)$", act, re.MULTILINE)


def lockouts(act: str, today: date) -> list[tuple[int, str, str]]:
    """In how many days which client is locked out, and why."""
    rows = re.findall(r"^  (now|\d{4}-\d\d-\d\d) +api\.shop\.example  (.+?), \S+: (.+)$", act, re.MULTILINE)
    days = [today if day == "now" else date.fromisoformat(day) for day, _, _ in rows]
    return [((day - today).days, client, what) for day, (_, client, what) in zip(days, rows, strict=True)]


def masked(text: str) -> str:
    """What differs from run to run."""
    text = re.sub(r"[A-Za-z0-9+/]{43}=", "<pin>", text)
    text = re.sub(r"[A-Za-z0-9+/]{12}…", "<pin>", text)
    text = re.sub(r"(?<=127\.0\.0\.1:)\d+", "<port>", text)
    return re.sub(r"\d{4}-\d\d-\d\d", "<day>", text)


def test_it_goes_as_planned_and_quickly(played: Played) -> None:
    assert (played.code, played.err, played.left) == (0, "", ())
    assert played.seconds < SECONDS
    assert "\x1b" not in played.out
    assert len(played.out.splitlines()) < 80


def test_the_acts_in_their_order(played: Played) -> None:
    opening, *three = acts(played.out)
    assert masked(opening) == (
        "A React Native app for Android and iOS pins api.shop.example in three places.\n"
        "A server on this machine plays that host. Each act runs, in the folder of the app,\n"
        "  $ pincheck check --live --connect-to api.shop.example:443:127.0.0.1:<port> --allow-address 127.0.0.1"
        " --trust-anchors ../root.pem\n\n"
    )
    assert [act.splitlines()[0] for act in three] == [
        "== Act 1, healthy: the app pins the key that its host serves, and a spare one ==",
        "== Act 2, locked out: the host's certificate is renewed with a new key, by another issuing CA ==",
        "== Act 3, fixed: the app's next version pins the new key; users get in once they update ==",
    ]
    mismatches = [(path, "error", "pin-mismatch") for path in (NSC, "ios/Shop/Info.plist", "src/pinning.ts")]
    assert [findings(act) for act in three] == [[], mismatches, []]
    assert [re.findall(r"^exit code (\d)$", act, re.MULTILINE) for act in three] == [["0"], ["1"], ["0"]]
    assert [act.count("1 host looked at\n") for act in three] == [1, 1, 1]
    assert ["3 pin sets in 3 files, nothing wrong\n" in act for act in three] == [True, False, True]


def test_the_lockout_days(played: Played) -> None:
    ats = "App Transport Security (Shop)"
    expires = "the pin set expires, and the app goes on unpinned"
    ends = "the host's leaf certificate ends; unless it is renewed with a pinned key, the app refuses every connection"
    gone = "no pin matches what the host serves, and the app refuses every connection"
    (_, *three) = acts(played.out)
    wanted = [
        [(120, "Android", expires), (120, RN, expires), (150, ats, ends)],
        [(0, "Android", gone), (0, ats, gone), (0, RN, gone)],
        [(120, "Android", expires), (120, RN, expires), (180, ats, ends)],
    ]  # fmt: skip
    assert wanted in [[lockouts(act, day) for act in three] for day in played.days]


def test_the_fix_is_the_pin_that_the_findings_name(played: Played) -> None:
    _, _, locked, fixed = acts(played.out)
    (named,) = set(re.findall(r"such as (\S+=)", locked))
    came = re.findall(r"^  \+ (.+)$", fixed, re.MULTILINE)
    assert came == [
        f"- pin: {named}",
        f'<pin digest="SHA-256">{named}</pin>',
        f"<string>{named}</string>",
        f"'{named}',",
    ]
    assert len(re.findall(r"^  - ", fixed, re.MULTILINE)) == 4


def test_the_readme_shows_what_it_says(played: Played) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"<!-- output of: pincheck demo.*?-->\n```text\n(.*?)```", readme, re.DOTALL)
    locked = masked(acts(played.out)[2])
    pieces = [masked(piece).strip("\n") for piece in shown.split("[…]\n")]
    assert [piece for piece in pieces if piece not in locked] == []


def test_it_needs_no_network(tmp: Path) -> None:
    if not shutil.which("unshare") or not shutil.which("ip"):
        pytest.skip("unshare and ip are not installed")
    alone = ("unshare", "-rn", "sh", "-c", 'ip link set lo up && exec "$@"', "sh")
    if subprocess.run([*alone, "true"], capture_output=True).returncode:
        pytest.skip("this machine lets nobody make a network of their own")
    found = play(tmp, *alone)
    assert (found.code, found.err, found.left, len(acts(found.out))) == (0, "", (), 4)


def test_a_configuration_above_the_folder_for_temporary_files_does_not_count(tmp: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp.parent], check=True)
    (tmp.parent / ".gitignore").write_text("tmp\n")
    (tmp.parent / ".pincheck.yml").write_text("version: 1\nrules: {pin-mismatch: off}\n")
    found = play(tmp)
    assert (found.code, found.err, found.left) == (0, "", ())


@pytest.mark.parametrize("seconds", [0, 0.15, 0.3, 1])
def test_ctrl_c_leaves_nothing(tmp: Path, seconds: float) -> None:
    with started(tmp) as process:  # which waits in the second act, as nobody reads what it writes
        assert os.read(process.stdout.fileno(), 6) == b"A Reac"
        time.sleep(seconds)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=SECONDS)
    assert (process.returncode, err) == (130, b"pincheck: interrupted\n")
    assert b"The server is stopped" not in out
    assert os.listdir(tmp) == []
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


def test_ctrl_c_in_the_middle_of_a_handshake_leaves_nothing(
    tmp: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.2)

    monkeypatch.setattr("tempfile.tempdir", str(tmp))
    monkeypatch.setattr("pincheck.probe.loopback._Handshake.handle", interrupt)
    before = os.getcwd(), threading.enumerate()
    assert main(["demo"]) == 130
    assert capsys.readouterr().err == "pincheck: interrupted\n"
    assert (os.getcwd(), threading.enumerate(), os.listdir(tmp)) == (*before, [])


def test_a_reader_that_goes_away_leaves_nothing(tmp: Path) -> None:
    with started(tmp) as process:
        assert os.read(process.stdout.fileno(), 6) == b"A Reac"
        process.stdout.close()
        assert (process.wait(SECONDS), process.stderr.read()) == (0, b"")
    assert os.listdir(tmp) == []


def started(tmp: Path) -> Any:
    """The demo with pipes that hold less than all it says."""
    return subprocess.Popen(
        DEMO, stdout=subprocess.PIPE, stderr=subprocess.PIPE, pipesize=4096, env=environment(tmp), start_new_session=True,
    )  # fmt: skip


def test_it_is_in_colour_on_a_terminal(tmp: Path, played: Played) -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen(DEMO, stdout=theirs, env=environment(tmp, TERM="xterm-256color")) as process:
        os.close(theirs)
        out = b""
        while piece := _read(ours):
            out += piece
    os.close(ours)
    assert process.returncode == 0
    text = out.decode().replace("\r\n", "\n")
    assert "\x1b[1;31merror\x1b[0m" in text
    assert "\x1b[32m  + '" in text
    assert masked(re.sub(r"\x1b\[[\d;]*m", "", text)) == masked(played.out)


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux says so when the other end is closed
        return b""


def test_an_act_that_goes_otherwise_is_a_failure(
    tmp: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp))
    monkeypatch.setattr(Server, "rotate", lambda *_: None)
    before = os.getcwd(), threading.enumerate()
    assert main(["demo"]) == 3
    out, err = capsys.readouterr()
    wanted = ("pin-mismatch", "pin-mismatch", "pin-mismatch")
    assert f"Astray: expected findings {wanted}, found ()" in err
    assert len(acts(out)) == 3
    assert (os.getcwd(), threading.enumerate(), os.listdir(tmp)) == (*before, [])


def test_it_leaves_no_thread_and_comes_back_to_its_folder(
    tmp: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp))
    before = os.getcwd(), threading.enumerate()
    assert main(["demo"]) == 0
    assert (os.getcwd(), threading.enumerate(), os.listdir(tmp)) == (*before, [])
    assert capsys.readouterr().err == ""


# its server ------------------------------------------------------------------


def credentials() -> Credentials:
    now = datetime.now(UTC).replace(microsecond=0)
    period = Period(now - timedelta(days=1), now + timedelta(days=1))
    return Authority("Root", period).credentials("shop.example", period)


def leaf_at(port: int) -> str:
    return ssl.get_server_certificate((ADDRESS, port), timeout=5)


def pem(given: Credentials) -> str:
    return given.chain.decode()


def test_its_server_serves_others_while_a_client_is_silent() -> None:
    first, second = credentials(), credentials()
    with serving(first.chain, first.key) as server, socket.create_connection((ADDRESS, server.port)):
        port = server.port
        assert leaf_at(port) == pem(first)
        server.rotate(second.chain, second.key)
        assert leaf_at(port) == pem(second)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((ADDRESS, port)).close()


def test_its_server_stands_garbage(capfd: pytest.CaptureFixture[str]) -> None:
    given = credentials()
    with serving(given.chain, given.key) as server:
        with socket.create_connection((ADDRESS, server.port)) as client:
            client.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert leaf_at(server.port) == pem(given)
    assert capfd.readouterr() == ("", "")
