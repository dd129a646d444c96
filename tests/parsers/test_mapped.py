"""Pins in a project's own JSON and YAML, found by the paths of its configuration."""

import json
import time
from binascii import a2b_base64
from collections.abc import Callable
from pathlib import Path

import pace
import pytest
import trees
from scanning import KEY_A, KEY_B, TODAY

from pincheck import run, scan
from pincheck.mappings import mapped_parsers
from pincheck.model import Context, Declaration, Gap, Location, Mapping, NotChecked, Pin, SourceFile, Text
from pincheck.readers.text import whole_file

FILES = ("pins.*",)
DIGEST = a2b_base64(KEY_A)


def parsed(content: str, path: str = "pins.json", **paths: str) -> list[Declaration | Gap]:
    mapping = Mapping(FILES, paths.get("hosts", ""), paths["pins"], paths.get("expires", ""))
    return list(mapped_parsers([mapping])[0].parse(SourceFile(path, content.encode())))  # type: ignore[arg-type]


def found(content: str, path: str = "pins.json", **paths: str) -> list[tuple[str, str, str]]:
    """Hosts, pins and expiry of each declaration, joined by blanks."""
    return [
        (
            " ".join(host.text for host in item.hosts),
            " ".join(pin.value for pin in item.pins),
            item.expires.value if item.expires else "",
        )
        for item in parsed(content, path, **paths)
        if isinstance(item, Declaration)
    ]


def gaps(content: str, path: str = "pins.json", **paths: str) -> list[str]:
    return [item.reason for item in parsed(content, path, **paths) if isinstance(item, Gap)]


SERVERS = '{"servers": [{"host": "a.example", "pins": ["P", "Q"], "end": 1893456000}, {"host": "b.example", "pins": ["R"]}]}'


@pytest.mark.parametrize(
    ("content", "paths", "expected"),
    [
        pytest.param(
            SERVERS, {"hosts": "servers[].host", "pins": "servers[].pins[]"},
            [("a.example", "P Q", ""), ("b.example", "R", "")], id="by element",
        ),
        pytest.param(
            SERVERS, {"hosts": "servers[].host", "pins": ".pins[]", "expires": ".end"},
            [("a.example", "P Q", "1893456000"), ("b.example", "R", "")], id="beside the host",
        ),
        pytest.param(
            SERVERS, {"hosts": "servers[].host", "pins": "servers[].pins"},
            [("a.example", "P Q", ""), ("b.example", "R", "")], id="a path may end at the list",
        ),
        pytest.param(
            SERVERS, {"pins": "servers[].pins[]"}, [("", "P Q", ""), ("", "R", "")], id="no hosts, by object"
        ),
        pytest.param(
            '{"d": {"a.example": ["P"], "b.example": ["Q", "R"]}}', {"hosts": "d.@", "pins": "d.*[]"},
            [("a.example", "P", ""), ("b.example", "Q R", "")], id="hosts as keys",
        ),
        pytest.param(
            '{"d": {"a.example": {"pins": ["P"]}}}', {"hosts": "d.@", "pins": ".pins[]"},
            [("a.example", "P", "")], id="below a host's key",
        ),
        pytest.param(
            '{"hosts": ["a.example", "b.example"], "pins": ["P", "Q"]}', {"hosts": "hosts[]", "pins": "pins[]"},
            [("a.example b.example", "P Q", "")], id="all for all",
        ),
        pytest.param(
            '{"v": {"x": {"url": "https://u:p@a.example:8443/p", "k": ["P"]}, "y": [{"url": "http://b.example", "k": ["Q"]}]}}',
            {"hosts": "**.url", "pins": "**.k[]"},
            [("a.example", "P", ""), ("b.example", "Q", "")], id="at any depth, hosts out of URLs",
        ),
        pytest.param(
            '[{"a.b": "h.example", "p": "P"}]', {"hosts": '[]."a.b"', "pins": "[].p"},
            [("h.example", "P", "")], id="quoted key in a list",
        ),
        pytest.param(
            '{"until": "2027-03-01T10:00:00Z", "s": [{"p": "P"}, {"p": "Q"}]}', {"pins": "s[].p", "expires": "until"},
            [("", "P", "2027-03-01"), ("", "Q", "2027-03-01")], id="one date for all",
        ),
        pytest.param(
            '{"s": {"h": "a.example", "p": [{"v": "P", "e": "2027-01-01"}, {"v": "Q", "e": "2027-02-01"}]}}',
            {"hosts": "s.h", "pins": "s.p[].v", "expires": "s.p[].e"},
            [("a.example", "P Q", "2027-02-01")], id="the last date of several",
        ),
        pytest.param('{"p": "P", "e": 1893456000123}', {"pins": "p", "expires": "e"}, [("", "P", "1893456000")], id="milliseconds"),
        pytest.param('{"p": {"a": 1}, "q": [null, true]}', {"pins": "p"}, [], id="no text there"),
    ],
)  # fmt: skip
def test_paths(content: str, paths: dict[str, str], expected: list[tuple[str, str, str]]) -> None:
    assert found(content, **paths) == expected


def test_yaml_and_its_documents() -> None:
    content = (
        "- &a {host: a.example, pin: P}\n---\n- {host: b.example, pin: Q}\n- {host: c.example, pin: R}\n"
    )
    expected = [("a.example", "P", ""), ("b.example", "Q", ""), ("c.example", "R", "")]
    assert found(content, "pins.yaml", hosts="[].host", pins=".pin") == expected
    assert found(content, "pins.conf", hosts="[].host", pins=".pin") == expected


def test_places() -> None:
    content = '{"url": "https://a.example/x",\n "pin": "P"}'
    first, second = content.split("\n")
    (item,) = parsed(content, hosts="url", pins="pin")
    assert isinstance(item, Declaration)
    assert (item.hosts[0].at, item.pins, item.at) == (
        Location("pins.json", 1, 18, 1, 27, first),
        (Text("P", Location("pins.json", 2, 10, 2, 11, second)),),
        Location("pins.json", 2, 10, 2, 11, second),
    )


def test_a_path_that_leads_nowhere_is_said() -> None:
    assert gaps(SERVERS, hosts="server[].host", pins="servers[].pins[]", expires="until") == [
        "the configuration maps hosts to server[].host, which leads to nothing in this file",
        "the configuration maps expires to until, which leads to nothing in this file",
    ]
    assert parsed("{}", pins="servers[].pins[]") == [
        Gap(
            "app-config-file",
            whole_file("pins.json"),
            "the configuration maps pins to servers[].pins[], which leads to nothing in this file",
        )
    ]


@pytest.mark.parametrize(
    ("pin", "hashed", "known"),
    [
        pytest.param(KEY_A, "spki", True, id="base64"),
        pytest.param(f"sha256/{KEY_A}", "spki", True, id="with prefix"),
        pytest.param(KEY_A.rstrip("="), "spki", True, id="no padding"),
        pytest.param(DIGEST.hex(), "certificate", True, id="hex"),
        pytest.param("0b9fa5", "certificate", False, id="too short"),
    ],
)  # fmt: skip
def test_any_spelling_of_a_digest_counts(pin: str, hashed: str, known: bool) -> None:
    mapping = Mapping(FILES, "", "p", hashed=hashed, stated=(Text("a.example", whole_file("x")),))  # type: ignore[arg-type]
    source = SourceFile("pins.json", json.dumps({"p": [pin, KEY_B]}).encode())
    report = scan.scan([source], mapped_parsers([mapping]), Context(TODAY))
    (pin_set,) = report.project.pin_sets
    assert pin_set.host_names == ("a.example",)
    assert (pin_set.pins[0].fault is None) == known
    assert pin_set.pins[0].pin == (
        Pin(hashed, "sha256", DIGEST)  # type: ignore[arg-type]
        if known
        else None
    )


def test_a_broken_file_is_not_checked() -> None:
    parsers = mapped_parsers([Mapping(FILES, "", "p")])
    report = scan.scan([SourceFile("pins.json", b'{"p": ')], parsers, Context(TODAY))
    assert report.not_checked == (
        NotChecked("pins.json", "not well-formed JSON, line 1: the file ends too early"),
    )


CONFIG = """\
version: 1
mappings:
  - {files: pins.json, pins: "p[]"}
  - {files: [keys.yml, conf/keys.json], pins: "p[]"}
  - {files: [keys.yml, conf/keys.json], pins: "q[]"}
  - {files: large.json, pins: "p[]"}
"""
IDLE = NotChecked("mapping keys.yml, conf/keys.json", "no file that is read matches", is_path=False)
LARGE = NotChecked("app/large.json", "larger than 5 MB")


@pytest.mark.parametrize(
    ("root", "paths", "config", "expected"),
    [
        pytest.param("", (".",), ".pincheck.yml", (LARGE, IDLE), id="the whole tree"),
        pytest.param("", ("app", "."), ".pincheck.yml", (LARGE, IDLE), id="the whole tree and more"),
        pytest.param("", ("app",), ".pincheck.yml", (LARGE,), id="one folder of it"),
        pytest.param("", ("app/pins.json",), ".pincheck.yml", (), id="one file of it"),
        pytest.param("app", (".",), ".pincheck.yml", (NotChecked("large.json", LARGE.reason),), id="a folder below the configuration"),
        pytest.param("", (".",), "ci/own.yml", (LARGE, IDLE), id="a named configuration"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("make", [trees.write, trees.repository])
def test_a_mapping_without_files_is_said(
    tmp_path: Path,
    make: Callable[[Path, dict[str, str | bytes]], Path],
    root: str,
    paths: tuple[str, ...],
    config: str,
    expected: tuple[NotChecked, ...],
) -> None:
    files: dict[str, str | bytes] = {
        config: CONFIG,
        "app/pins.json": json.dumps({"p": [KEY_A, KEY_B]}),
        "app/large.json": b" " * (5 * 1024 * 1024 + 1),
    }
    tree = make(tmp_path / "tree", files)
    request = run.Request(
        paths, str(tree / root), "" if config[0] == "." else str(tree / config), today=TODAY
    )
    assert run.check(request).report.not_checked == expected


def test_many_hosts_pins_and_dates_take_linear_time() -> None:
    number = 20_000
    content = json.dumps({"h": ["a.example"] * number, "p": ["P"] * number, "e": ["2027-01-01"] * number})
    start = time.process_time()
    (item,) = parsed(content, hosts="h[]", pins="p[]", expires="e[]")
    assert isinstance(item, Declaration)
    assert (len(item.hosts), len(item.pins)) == (number, number)
    assert time.process_time() - start < pace.allowed(2)
