"""Property lists in their three forms; every fact of the reader has a small document here."""

import contextlib
import plistlib
import struct
import subprocess
import time
from datetime import datetime
from typing import Any

import pace
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from programs import program

from pincheck.model import Location, SourceFile, Text
from pincheck.readers import plist
from pincheck.readers.text import whole_file
from pincheck.readers.tree import Node
from pincheck.readers.unreadable import Unreadable

PATH = "App/Info.plist"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0">'


def read(content: str | bytes) -> Node:
    return plist.read(SourceFile(PATH, content.encode() if isinstance(content, str) else content))


def fault(content: str | bytes) -> str:
    with pytest.raises(Unreadable) as raised:
        read(content)
    return str(raised.value)


def plain(node: Node) -> Any:
    """The value without its places, as ``plistlib`` would return it."""
    match node.kind:
        case "map":
            return {key.value: plain(value) for key, value in node.entries}
        case "list":
            return [plain(item) for item in node.items]
        case "bool":
            return node.value == "true"
        case "number":
            return float(node.value) if set(node.value) & set(".en") else int(node.value)
        case _:
            return node.value


# XML --------------------------------------------------------------------------


def test_xml_places_of_key_and_value() -> None:
    line = "<dict><key>pin</key><string>abc=</string></dict>"
    root = read(f"{HEAD}\n{line}\n</plist>")
    key, value = root.entries[0]
    assert key == Text("pin", Location(PATH, 3, 12, 3, 15, line))
    assert value == Node("text", Location(PATH, 3, 29, 3, 33, line), "abc=")
    assert root.at == Location(PATH, 3, 1, 3, 7, line)


def test_xml_kinds() -> None:
    root = read(
        f"{HEAD}<array><string>a</string><integer>-3</integer><real>1.5</real><true/><false/>"
        "<date>2030-01-01T00:00:00Z</date><data>\n  AAEC\n  Aw==\n</data><dict/><array/><string/></array></plist>"
    )
    assert [(item.kind, item.value) for item in root.items] == [
        ("text", "a"), ("number", "-3"), ("number", "1.5"), ("bool", "true"), ("bool", "false"),
        ("date", "2030-01-01T00:00:00Z"), ("data", "AAECAw=="), ("map", ""), ("list", ""), ("text", ""),
    ]  # fmt: skip


def test_xml_string_keeps_its_blanks() -> None:
    assert plain(read(f"{HEAD}<dict><key> a </key><string> b\n</string></dict></plist>")) == {" a ": " b\n"}


def test_xml_keeps_a_key_that_stands_twice() -> None:
    root = read(f"{HEAD}<dict><key>a</key><true/><key>a</key><false/></dict></plist>")
    assert [(key.value, value.value) for key, value in root.entries] == [("a", "true"), ("a", "false")]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_xml_encodings(encoding: str) -> None:
    text = '<?xml version="1.0"?><plist><string>bücher</string></plist>'
    assert plain(read(text.encode(encoding))) == "bücher"


def test_xml_after_blanks() -> None:
    assert plain(read(f"   \n  {HEAD}<true/></plist>")) is True


def test_xml_without_the_plist_element() -> None:
    assert plain(read("<dict><key>a</key><true/></dict>")) == {"a": True}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("<plist/>", "a plist without a value"),
        ("<html/>", "line 1: <html> is no property list value"),
        ("<plist><dict><key>a</key></dict></plist>", "line 1: the key a has no value"),
        ("<plist><dict><key>a</key>\n<key>b</key><true/></dict></plist>", "line 1: the key a has no value"),
        ("<plist><dict>\n<true/></dict></plist>", "line 2: <true> stands where a key should"),
        ("<plist><dict><key>a</key><strin", "not well-formed XML, line 1: unclosed token"),
        (f"{HEAD}" + "<array>" * 10_000, "XML nested deeper than 200 elements"),
        (
            '<?xml version="1.0"?><!DOCTYPE plist [<!ENTITY a "b">]><plist><string>&a;</string></plist>',
            "declares XML entities, which are not expanded here",
        ),
        (f"{HEAD}<array>" + "<true/>" * 200_001, "a plist of more than 20000 values"),
    ],
)
def test_xml_unreadable(content: str, reason: str) -> None:
    assert fault(content) == reason


# binary -----------------------------------------------------------------------


def binary(value: Any) -> bytes:
    return plistlib.dumps(value, fmt=plistlib.FMT_BINARY, sort_keys=False)


def objects(*bodies: bytes) -> bytes:
    """A binary plist of these objects, the first one on top."""
    data, offsets = b"bplist00", []
    for body in bodies:
        offsets.append(len(data))
        data += body
    table = len(data)
    data += b"".join(struct.pack(">I", offset) for offset in offsets)
    return data + struct.pack(">6xBBQQQ", 4, 2, len(bodies), 0, table)


def array(*references: int) -> bytes:
    return bytes([0xA0 | len(references)]) + b"".join(struct.pack(">H", number) for number in references)


def test_binary_kinds() -> None:
    value = {"a": ["b", -3, 1.5, True, datetime(2030, 1, 2), b"\0\1\2\3"]}  # noqa: DTZ001
    at = whole_file(PATH)
    items = (
        Node("text", at, "b"), Node("number", at, "-3"), Node("number", at, "1.5"), Node("bool", at, "true"),
        Node("date", at, "2030-01-02T00:00:00Z"), Node("data", at, "AAECAw=="),
    )  # fmt: skip
    assert read(binary(value)) == Node("map", at, entries=((Text("a", at), Node("list", at, items=items)),))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"bplist00", "not a well-formed binary plist"),
        (binary({"a": 1})[:-5], "not a well-formed binary plist"),
        (objects(array(0)), "a plist that contains itself"),
        (objects(*(array(i + 1, i + 1) for i in range(60)), b"\x51a"), "a plist of more than 20000 values"),
        (objects(*(array(i + 1) for i in range(250)), b"\x51a"), "a plist nested deeper than 200 values"),
        (objects(*(array(i + 1) for i in range(15_000)), b"\x51a"), "a plist nested deeper than 200 values"),
        (objects(*(b"\x08" for _ in range(20_001))), "a plist of more than 20000 values"),
    ],
    ids=["head", "truncated", "cycle", "shared", "deep", "very deep", "wide"],
)
def test_binary_unreadable(data: bytes, reason: str) -> None:
    assert fault(data) == reason


def test_binary_objects_that_share_their_bytes() -> None:
    body = b"\x5f\x12" + struct.pack(">I", 2_000_000) + b"a" * 2_000_000
    table = 8 + len(body)
    data = (
        b"bplist00" + body + struct.pack(">I", 8) * 20_000 + struct.pack(">6xBBQQQ", 4, 2, 20_000, 0, table)
    )
    assert fault(data) == "a binary plist whose objects overlap"


def test_binary_shared_values_are_read_at_each_place() -> None:
    assert plain(read(objects(array(1, 1), b"\x51a"))) == ["a", "a"]


@given(st.binary(max_size=64), st.integers(0, 100))
def test_binary_damaged(noise: bytes, position: int) -> None:
    good = binary({"a": [1, 2.5, b"x", True, {"b": "ü"}]})
    data = good[: 8 + position] + noise + good[8 + position + len(noise) :]
    with contextlib.suppress(Unreadable):
        read(data)


# old-style text ---------------------------------------------------------------


def test_old_style_places() -> None:
    text = '// a comment (\n{\n  pin = "ab\\"c"; /* { */\n  list = (x, "y",);\n}\n'
    root = read(text)
    (pin, value), (name, items) = root.entries
    third, fourth = '  pin = "ab\\"c"; /* { */', '  list = (x, "y",);'
    assert root.at == Location(PATH, 2, 1, 2, 2, "{")
    assert pin == Text("pin", Location(PATH, 3, 3, 3, 6, third))
    assert value == Node("text", Location(PATH, 3, 10, 3, 15, third), 'ab"c')
    assert name == Text("list", Location(PATH, 4, 3, 4, 7, fourth))
    assert items == Node(
        "list",
        Location(PATH, 4, 10, 4, 11, fourth),
        items=(
            Node("text", Location(PATH, 4, 11, 4, 12, fourth), "x"),
            Node("text", Location(PATH, 4, 15, 4, 16, fourth), "y"),
        ),
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{a = YES;}", {"a": "YES"}),
        ("a = b; c;", {"a": "b", "c": "c"}),
        ("{a = <0001 0203>;}", {"a": "AAECAw=="}),
        ("{a = (); b = {};}", {"a": [], "b": {}}),
        ("{u = http://shop.example/x; v = 'it';}", {"u": "http://shop.example/x", "v": "it"}),
        ('{a = "\\U00fc";}', {"a": "ü"}),
        ('{a = "\\Ud800";}', {"a": "?"}),
        ("", {}),
        ("()", []),
        ('""', ""),
    ],
)
def test_old_style_values(text: str, value: Any) -> None:
    assert plain(read(text)) == value


def test_old_style_keeps_a_key_that_stands_twice() -> None:
    assert [(key.value, value.value) for key, value in read("{a=b;a=c;}").entries] == [("a", "b"), ("a", "c")]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("(" * 100_000, "a plist nested deeper than 200 values"),
        ("{a=" * 100_000, "a plist nested deeper than 200 values"),
        ('"(" ' * 100, "neither an XML or binary plist nor well-formed old-style text"),
        ("{" + "a=b;" * 50_000 + "}", "a plist of more than 20000 values"),
        ('{a = "b', "neither an XML or binary plist nor well-formed old-style text"),
        (b"\x80\x81", "not UTF-8 text"),
        ("\0", "neither an XML or binary plist nor well-formed old-style text"),
    ],
    ids=["arrays", "maps", "junk", "wide", "truncated", "encoding", "nul"],
)
def test_old_style_unreadable(content: str | bytes, reason: str) -> None:
    assert fault(content) == reason


@given(st.text("ab(){}=;,<>/*\"'\\ \n0", max_size=60))
def test_old_style_never_fails_otherwise(text: str) -> None:
    with contextlib.suppress(Unreadable):
        read(text)


# all forms --------------------------------------------------------------------

WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"),
    max_size=8,
)
SCALARS = (
    WORDS | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False)
)
VALUES = st.recursive(
    SCALARS, lambda below: st.lists(below, max_size=4) | st.dictionaries(WORDS, below, max_size=4)
)


@settings(max_examples=60)
@given(VALUES)
def test_xml_and_binary_as_plistlib_writes_them(value: Any) -> None:
    assert plain(read(plistlib.dumps(value, sort_keys=False))) == value
    assert plain(read(binary(value))) == value


@settings(max_examples=60)
@given(
    st.recursive(WORDS, lambda below: st.lists(below, max_size=4) | st.dictionaries(WORDS, below, max_size=4))
)
def test_old_style_as_the_library_writes_it(value: Any) -> None:
    openstep_plist = pytest.importorskip("openstep_plist")
    if value and isinstance(value, list | dict):
        assert plain(read(openstep_plist.dumps(value))) == value


@pytest.mark.peer
def test_binary_as_plistutil_reads_it(tmp_path: Any) -> None:
    value = {"a": ["b", 3, True], "ü": {"c": "d"}}
    (tmp_path / "in.plist").write_bytes(binary(value))
    done = subprocess.run(
        [program("plistutil"), "-i", tmp_path / "in.plist"], capture_output=True, check=True, timeout=30
    )
    assert plain(read(done.stdout)) == value


@pytest.mark.parametrize(
    "data",
    [
        b"<plist><string>" + b"a" * 5_000_000 + b"</string></plist>",
        b"<plist><string>" + b"a\n" * 2_500_000 + b"</string></plist>",
        b"<plist><array>" + b"<true/>" * 700_000,
        b'{a="' + b"0" * 5_000_000 + b'";}',
        b'"\\' * 2_500_000,
        b"/*" * 2_500_000,
        b"{a=<" + b"0" * 5_000_000,
        b"\n" * 5_000_000,
    ],
    ids=["line", "lines", "elements", "string", "quotes", "comments", "data", "blank"],
)
def test_five_megabytes_take_no_time(data: bytes) -> None:
    start = time.process_time()
    with contextlib.suppress(Unreadable):
        read(data)
    assert time.process_time() - start < pace.allowed(4)  # twice the aim, as test machines are slow
