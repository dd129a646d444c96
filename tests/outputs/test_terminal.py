"""The terminal: the caret under the span, the closing lines, colour."""

import io
import re

import fixed
import pytest

from pincheck.model import Location, NotChecked, Report
from pincheck.outputs import terminal
from pincheck.outputs._cells import width

LONG = "a" * 150 + "b" * 20 + "c" * 150


def source(at: Location) -> list[str]:
    return ["".join(text for text, _ in line) for line in terminal._source(at, "")]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        pytest.param(Location("f", 7, 3, 7, 6, "a bcd e"), ["    7 | a bcd e", "      |   ^^^"], id="plain"),
        pytest.param(Location("f", 7, 2, 7, 4, "\txy"), ["    7 |     xy", "      |     ^^"], id="after a tab"),
        pytest.param(Location("f", 7, 3, 7, 5, "例え例え!"), ["    7 | 例え例え!", "      |     ^^^^"], id="wide"),
        pytest.param(Location("f", 7, 3, 7, 4, "e\u0301xy"), ["    7 | e\u0301xy", "      |  ^"], id="combining"),
        pytest.param(Location("f", 7, 2, 7, 3, "\x1bab"), [r"    7 | \x1bab", "      |     ^"], id="after ESC"),
        pytest.param(Location("f", 7, 5, 7, 6, "##[x]"), [r"    7 | #\x23[x]", "      |        ^"], id="command"),
        pytest.param(Location("f", 7, 3, 9, 1, "a bcd"), ["    7 | a bcd", "      |   ^^^"], id="several lines"),
        pytest.param(Location("f", 7, 3, 7, 3, "a bcd"), ["    7 | a bcd", "      |   ^"], id="empty span"),
        pytest.param(Location("f", 7, 6, 7, 6, "a bcd"), ["    7 | a bcd", "      |      ^"], id="at the end"),
        pytest.param(Location("f", 7, 9, 7, 12, "a bcd"), [], id="beyond the end"),
        pytest.param(Location("f", 7, 1, 7, 1, ""), [], id="no text"),
        pytest.param(Location("f", 7, 1, 7, 9, "-----BEGIN PRIVATE KEY-----"), [], id="a private key"),
    ],
)  # fmt: skip
def test_the_caret_stands_under_the_span(at: Location, expected: list[str]) -> None:
    assert source(at) == expected


def test_a_long_line_is_windowed_around_the_span() -> None:
    line, carets = source(Location("f", 1, 151, 1, 171, LONG))
    shown = line.partition(" | ")[2]
    assert shown == "…" + "a" * 30 + "b" * 20 + "c" * 50 + "…"
    assert carets == "      | " + " " * 31 + "^" * 20


def test_a_span_longer_than_the_window_ends_with_it() -> None:
    line, carets = source(Location("f", 1, 1, 1, 400, "x" * 399))
    assert (width(line), carets) == (8 + 101, "      | " + "^" * 100)


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        pytest.param(fixed.NOTHING, "no pins declared in 1,204 files\n", id="no pins"),
        pytest.param(fixed.NOTHING._replace(detail="quiet"), "", id="no pins, quiet"),
        pytest.param(
            Report(fixed.REPORT.today, not_checked=(NotChecked("a.xml", "over 5 MB"),), files_seen=1),
            "no pins found in 1 file\nnot checked: a.xml: over 5 MB\n",
            id="a file could not be read",
        ),
        pytest.param(
            Report(fixed.REPORT.today, project=fixed.REPORT.project._replace(gaps=())),
            "3 pin sets in 3 files, nothing wrong\nlive hosts not checked (offline run)\n",
            id="nothing wrong",
        ),
        pytest.param(
            fixed.ONLY_FILES,
            "1 pin set by certificate file in 1 file, nothing wrong\n"
            "live hosts not checked (offline run)\n"
            "not checked: 1 pin set by certificate file: neither the certificates' dates nor a spare certificate\n",
            id="certificate files only",
        ),
        pytest.param(
            Report(
                fixed.REPORT.today,
                project=fixed.REPORT.project._replace(
                    gaps=(), pin_sets=(*fixed.REPORT.project.pin_sets, fixed.BY_FILE, fixed.BY_FILE)
                ),
            ),
            "3 pin sets in 3 files and 2 by certificate file in 1 file, nothing wrong\n"
            "live hosts not checked (offline run)\n"
            "not checked: 2 pin sets by certificate file: neither the certificates' dates nor a spare certificate\n",
            id="pins and certificate files",
        ),
        pytest.param(
            Report(fixed.REPORT.today, fixed.REPORT.findings[-1:], fixed.REPORT.project._replace(gaps=())),
            "3 pin sets in 3 files, nothing wrong but what is suppressed\n"
            "1 suppressed finding (--verbose)\nlive hosts not checked (offline run)\n",
            id="all suppressed",
        ),
    ],
)  # fmt: skip
def test_without_findings_one_line_says_so(report: Report, expected: str) -> None:
    assert terminal.render(report) == expected


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def drawn(monkeypatch: pytest.MonkeyPatch, **environment: str) -> str:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "COLORTERM", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"TERM": "xterm-256color", **environment}.items():
        monkeypatch.setenv(name, value)
    screen = Screen()
    terminal.print_colours(fixed.REPORT, screen)
    return screen.getvalue()


def test_colours_change_no_line(monkeypatch: pytest.MonkeyPatch) -> None:
    coloured = drawn(monkeypatch)
    assert "\x1b[1;31merror\x1b[0m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == terminal.render(fixed.REPORT)


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_no_colour_where_none_is_wanted(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> None:
    assert drawn(monkeypatch, **environment) == terminal.render(fixed.REPORT)


def test_a_stream_without_unicode_gets_escapes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    terminal.print_colours(fixed.REPORT, stream)
    stream.seek(0)
    assert r"3Tj+h/pSEZKJ\u2026 is the only key" in stream.read()


def test_a_progress_bar_comes_and_goes(capsys: pytest.CaptureFixture[str]) -> None:
    bar = terminal.progress_bar("reading [bold]\x1b", 3)
    bar.show(2)
    bar.close()
    assert ("[bold]" in capsys.readouterr().err, bar.__class__) == (False, terminal.ProgressBar)
