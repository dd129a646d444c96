"""Pins in a project's own JSON and YAML, found by the paths of its configuration."""

import json
import time
from binascii import a2b_base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scanning import KEY_A, KEY_B, TODAY

from pincheck import scan
from pincheck.model import Context, Declaration, Gap, Location, Mapping, NotChecked, Pin, SourceFile, Text
from pincheck.parsers._mapped import BadPath, Path, Step, mapped_parsers, read_path
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


KEY, ANY, DEEP, EACH, KEYS = Step("key", "a"), Step("any"), Step("deep"), Step("each"), Step("keys")


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a", (KEY,)),
        ("a.*.a", (KEY, ANY, KEY)),
        ("**.a[][]", (DEEP, KEY, EACH, EACH)),
        ("[].a", (EACH, KEY)),
        ("*.@", (ANY, KEYS)),
        ('"a\\"."', (Step("key", 'a".'),)),
        ("a-b c", (Step("key", "a-b c"),)),
        (".a", (Step("key", "s"), EACH, KEY)),
    ],
)
def test_steps(text: str, path: Path) -> None:
    assert read_path(text, read_path("s[].hosts[]")) == path


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", '"" is no path: no step at character 1'),
        (".", '"." is no path: no step at character 2'),
        ("a..b", '"a..b" is no path: no step at character 3'),
        ("a.", '"a." is no path: no step at character 3'),
        ("a[0]", '"a[0]" is no path: no step at character 1'),
        ('"a', '""a" is no path: no step at character 1'),
        ("**", '"**" is no path: ** may stand once, and not at the end'),
        ("**.a.**.b", '"**.a.**.b" is no path: ** may stand once, and not at the end'),
        ("@.a", '"@.a" is no path: @ may stand at the end only'),
    ],
)
def test_what_is_no_path(text: str, said: str) -> None:
    with pytest.raises(BadPath) as raised:
        read_path(text)
    assert str(raised.value) == said


@given(st.text(st.sampled_from('a."[]*@\\ ') | st.characters(), max_size=12))
def test_any_text_is_a_path_or_is_not(text: str) -> None:
    try:
        path = read_path(text)
    except BadPath:
        return
    assert path


def test_many_hosts_pins_and_dates_take_linear_time() -> None:
    number = 20_000
    content = json.dumps({"h": ["a.example"] * number, "p": ["P"] * number, "e": ["2027-01-01"] * number})
    start = time.process_time()
    (item,) = parsed(content, hosts="h[]", pins="p[]", expires="e[]")
    assert isinstance(item, Declaration)
    assert (len(item.hosts), len(item.pins)) == (number, number)
    assert time.process_time() - start < 2
