"""JSON and YAML as trees: the same values as the standard readers, and every place is the text's own."""

import contextlib
import itertools
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pace
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pincheck.model import Location, SourceFile, Text
from pincheck.readers import json_text, nesting, yaml_text
from pincheck.readers.text import whole_file
from pincheck.readers.tree import Node
from pincheck.readers.unreadable import Unreadable

PATH = "config/pins"


def source(content: str | bytes) -> SourceFile:
    return SourceFile(PATH, content.encode() if isinstance(content, str) else content)


def read_json(content: str | bytes) -> Node:
    return json_text.read(source(content))


def sketch_json(content: str | bytes) -> Node | None:
    return json_text.sketch(source(content), lambda text: len(text) == 44)


def read_yaml(content: str | bytes) -> Node:
    return yaml_text.read(source(content))


def read_strictly(content: str) -> tuple[Node, ...]:
    return yaml_text.read_documents(source(content), strict=True)


def fault(read: Callable[..., object], content: str | bytes) -> str:
    with pytest.raises(Unreadable) as raised:
        read(content)
    return str(raised.value)


def plain(node: Node) -> Any:
    """The value without its places, as ``json`` and ``yaml`` give it."""
    match node.kind:
        case "map":
            return {key.value: plain(value) for key, value in node.entries}
        case "list":
            return [plain(item) for item in node.items]
        case "number":
            return json.loads(node.value)
        case "bool":
            return node.value == "true"
        case "null":
            return None
        case _:
            return node.value


def span(content: str, at: Location) -> str:
    """The text that a Location of one line covers."""
    lines = content.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert at.line == at.end_line
    return lines[at.line - 1][at.column - 1 : at.end_column - 1]


# JSON ------------------------------------------------------------------------


def test_places_of_json() -> None:
    text = '{\n  "name": "caf\u00e9 \U0001f600", "pins": [1]\n}'
    line = '  "name": "caf\u00e9 \U0001f600", "pins": [1]'
    assert read_json(text) == Node(
        "map",
        Location(PATH, 1, 1, 3, 2, "{"),
        entries=(
            (
                Text("name", Location(PATH, 2, 4, 2, 8, line)),
                Node("text", Location(PATH, 2, 12, 2, 18, line), "caf\u00e9 \U0001f600"),
            ),
            (
                Text("pins", Location(PATH, 2, 22, 2, 26, line)),
                Node(
                    "list",
                    Location(PATH, 2, 29, 2, 32, line),
                    items=(Node("number", Location(PATH, 2, 30, 2, 31, line), "1"),),
                ),
            ),
        ),
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param('// a\n{"a": /* b */ 1,}\n', {"a": 1}, id="comments and trailing comma"),
        pytest.param("[1, 2, ]", [1, 2], id="trailing comma in a list"),
        pytest.param('{"a": 1, "a": 2}', {"a": 2}, id="a key twice"),
        pytest.param('"// no comment"', "// no comment", id="comment marks in a text"),
        pytest.param('"\\u00e9\\n\\ud83d\\ude00\\"\\/"', '\u00e9\n\U0001f600"/', id="escapes"),
        pytest.param('"\\ud800"', "?", id="half a surrogate pair"),
        pytest.param('"a\tb"', "a\tb", id="a tab in a text"),
        pytest.param("\ufeff[]", [], id="byte order mark"),
        pytest.param("{}", {}, id="empty"),
    ],
)
def test_values_of_json(text: str, value: object) -> None:
    assert plain(read_json(text)) == value


def test_json_in_utf_16() -> None:
    assert plain(read_json('{"\u00e9": 1}'.encode("utf-16"))) == {"\u00e9": 1}


def test_a_key_that_stands_twice_is_kept_twice() -> None:
    assert [key.at.column for key, _ in read_json('{"a": 1, "a": 2}').entries] == [3, 11]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("", "line 1: the file ends too early", id="empty"),
        pytest.param("// only this", "line 1: the file ends too early", id="comment only"),
        pytest.param('{\n"a": [1', "line 2: the file ends too early", id="cut off"),
        pytest.param('{"a"\n: }', 'line 2: unexpected "}"', id="no value"),
        pytest.param("[1 2]", "line 1: unexpected number", id="no comma"),
        pytest.param("[,]", 'line 1: unexpected ","', id="comma first"),
        pytest.param("[1,,2]", 'line 1: unexpected ","', id="comma twice"),
        pytest.param("[1}", 'line 1: unexpected "}"', id="wrong bracket"),
        pytest.param("{1: 2}", "line 1: unexpected number", id="number as key"),
        pytest.param("{} {}", 'line 1: unexpected "{"', id="two values"),
        pytest.param("[\n\n'a']", "line 3: what stands here is no JSON", id="single quotes"),
        pytest.param('["a\nb"]', "line 1: what stands here is no JSON", id="line break in a text"),
        pytest.param('["\\x"]', "line 1: an unknown escape in a text", id="unknown escape"),
        pytest.param("/* a", "line 1: what stands here is no JSON", id="comment without end"),
        pytest.param("truely", "line 1: what stands here is no JSON", id="longer word"),
    ],
)
def test_broken_json(text: str, said: str) -> None:
    assert fault(read_json, text) == f"not well-formed JSON, {said}"


scalars = st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.text(st.characters(codec="utf-8"))
documents = st.recursive(
    scalars,
    lambda below: (
        st.lists(below, max_size=4)
        | st.dictionaries(st.text(st.characters(codec="utf-8")), below, max_size=4)
    ),
    max_leaves=20,
)


@given(documents, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_json_has_the_values_that_json_wrote(value: object, indent: Any, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    root = read_json(text)
    assert plain(root) == value
    for node in root.walk():
        if node.kind not in ("map", "list") and "\u2028" not in text:
            raw = span(text, node.at)
            assert (json.loads(f'"{raw}"') if node.kind == "text" else raw) == node.value


class Written:
    """JSON as it is written, and where each scalar and key of it stands, in document order."""

    def __init__(self) -> None:
        self.text = ""
        self.raw: list[str] = []

    def add(self, value: object, blank: Callable[[], str]) -> None:
        self.text += blank()
        if isinstance(value, dict):
            self._brackets("{}", value.items(), blank)
        elif isinstance(value, list):
            self._brackets("[]", value, blank)
        else:
            self._scalar(value)
        self.text += blank()

    def _brackets(self, marks: str, values: Iterable[Any], blank: Callable[[], str]) -> None:
        self.text += marks[0] + blank()
        for number, value in enumerate(values):
            self.text += "," * bool(number) + blank()
            if marks == "{}":
                self._scalar(value[0])
                self.text += blank() + ":"
            self.add(value[1] if marks == "{}" else value, blank)
        self.text += marks[1]

    def _scalar(self, value: object) -> None:
        raw = json.dumps(value, ensure_ascii=len(self.raw) % 2 == 0)
        self.text += raw
        self.raw.append(raw)


def scalars_of(root: Node) -> Iterator[tuple[str, Location]]:
    """The kinds and places of keys and scalars, in document order."""
    if root.kind == "map":
        for key, value in root.entries:
            yield "text", key.at
            yield from scalars_of(value)
    elif root.kind == "list":
        for item in root.items:
            yield from scalars_of(item)
    else:
        yield root.kind, root.at


@given(documents, st.data())
def test_every_place_in_json_is_that_of_its_text(value: object, data: st.DataObject) -> None:
    written = Written()
    blanks = data.draw(
        st.lists(
            st.sampled_from(["", " ", "\t", "\n", "\r\n", "\r", '/* " */', "// [\n", "  \n\n "]), min_size=1
        )
    )
    turn = itertools.cycle(blanks)
    written.add(value, lambda: next(turn))
    root = read_json(written.text)
    assert plain(root) == value
    found = [
        f'"{span(written.text, at)}"' if kind == "text" else span(written.text, at)
        for kind, at in scalars_of(root)
    ]
    assert found == written.raw
    lines = written.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for _, at in scalars_of(root):
        assert at.text in ("", lines[at.line - 1])


def texts_of(node: Node) -> Any:
    """What a sketch keeps if everything is wanted: texts, lists and maps."""
    match node.kind:
        case "map":
            return [(key.value, texts_of(value)) for key, value in node.entries if value.kind in KEPT]
        case "list":
            return [texts_of(item) for item in node.items if item.kind in KEPT]
        case _:
            return node.value


KEPT = ("map", "list", "text")


@given(documents, documents)
def test_a_sketch_has_the_same_texts(value: object, other: object) -> None:
    text = f'{{"a": {json.dumps(value)}, "a": {json.dumps(other)}, "": ""}}'
    sketched = json_text.sketch(source(text), lambda _: True)
    assert sketched
    known = read_json(text)
    assert _without_empty(texts_of(sketched)) == _without_empty(texts_of(known))


def _without_empty(value: Any) -> Any:
    """Lists and maps that hold no text hold nothing that is wanted."""
    if not isinstance(value, list):
        return value
    inner = [
        (each[0], _without_empty(each[1])) if isinstance(each, tuple) else _without_empty(each)
        for each in value
    ]
    return [each for each in inner if (each[1] if isinstance(each, tuple) else each) != []]


def test_a_sketch_holds_what_leads_to_wanted_texts() -> None:
    text = '{"a": {"b": [1, "x", "pin"], "c": ["x"], "d": {"e": "x"}, "f": null}, "pin": ["y"], "g": [["x"]], "h": 2}'
    sketched = json_text.sketch(source(text), "pin".__eq__)
    assert sketched
    assert plain(sketched) == {"a": {"b": ["x", "pin"]}, "pin": ["y"]}


@pytest.mark.parametrize("text", ["// a\n{}", "[1,]", "{", "[" * 5000, "[" + "9" * 5000 + "]"])
def test_a_sketch_is_of_plain_json_only(text: str) -> None:
    assert json_text.sketch(source(text), lambda _: True) is None


@given(
    st.text(st.sampled_from('{}[]:,"\\/*\n\t\u00e9 atrue-1e.') | st.characters(codec="utf-8"), max_size=60)
)
def test_anything_is_json_or_unreadable(text: str) -> None:
    try:
        value = plain(read_json(text))
    except Unreadable:
        with pytest.raises(ValueError):
            json.loads(text)
    except ValueError:  # a number that json does not know, such as 1.2.3
        return
    else:
        assert value is None or isinstance(value, (bool, int, float, str, list, dict))


# YAML ------------------------------------------------------------------------


def test_places_of_yaml() -> None:
    text = "pins:\r\n- '\U0001f600 a'\r\n- b # why\r\n- |-\r\n  c\r\n  d\r\n"
    root = read_yaml(text)
    assert root == Node(
        "map",
        Location(PATH, 1, 1, 6, 4, "pins:"),
        entries=(
            (
                Text("pins", Location(PATH, 1, 1, 1, 5, "pins:")),
                Node(
                    "list",
                    Location(PATH, 2, 1, 6, 4, "- '\U0001f600 a'"),
                    items=(
                        Node("text", Location(PATH, 2, 4, 2, 7, "- '\U0001f600 a'"), "\U0001f600 a"),
                        Node("text", Location(PATH, 3, 3, 3, 4, "- b # why"), "b"),
                        Node("text", Location(PATH, 5, 3, 6, 4, "  c"), "c\nd"),
                    ),
                ),
            ),
        ),
    )


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        pytest.param("yes", "bool", "true", id="yes"),
        pytest.param("'yes'", "text", "yes", id="quoted"),
        pytest.param("Off", "bool", "false", id="off"),
        pytest.param("~", "null", "~", id="null"),
        pytest.param("2027-03-01", "date", "2027-03-01", id="date"),
        pytest.param("!!str 2027-03-01", "text", "2027-03-01", id="tagged text"),
        pytest.param("!Ref x", "text", "x", id="foreign tag"),
        pytest.param("1.5", "number", "1.5", id="number"),
        pytest.param("a b", "text", "a b", id="text"),
    ],
)
def test_kinds_of_yaml(text: str, kind: str, value: str) -> None:
    node = read_yaml(text)
    assert (node.kind, node.value) == (kind, value)


def test_an_alias_is_the_node_of_its_anchor() -> None:
    root = read_yaml("a: &x [1]\nb: *x\n")
    assert root.get("b") is root.get("a")


def test_merge_keys_are_followed() -> None:
    root = read_yaml("a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\nc: {<<: [*a, *b], x: 5}\n")
    merged = root.get("c")
    assert merged
    assert plain(merged) == {"x": 5, "y": 2, "z": 4}


def test_documents_of_yaml() -> None:
    assert [plain(node) for node in yaml_text.read_documents(source("a: 1\n---\n- 2\n"))] == [{"a": 1}, [2]]
    assert plain(read_yaml("a: 1\n---\n- 2\n")) == {"a": 1}
    assert read_yaml("# nothing\n") == Node("null", whole_file(PATH))


def test_a_key_that_is_no_scalar_is_empty() -> None:
    assert [key.value for key, _ in read_yaml("? [a]\n: b\n").entries] == [""]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("a: *x", "not well-formed YAML, line 1: the alias *x has no anchor", id="no anchor"),
        pytest.param(
            "&a [*a]", "not well-formed YAML, line 1: the alias *a stands inside what it names", id="cycle"
        ),
        pytest.param(
            "a: b\nc: d: e",
            "not well-formed YAML, line 2: mapping values are not allowed in this context",
            id="syntax",
        ),
        pytest.param("a: \x00", "not well-formed YAML: it holds control characters", id="control character"),
        pytest.param("# " + "x" * 1024 * 1024, "YAML larger than 1 MB", id="large"),
    ],
)
def test_broken_yaml(text: str, said: str) -> None:
    assert fault(read_yaml, text) == said


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        pytest.param(
            "\na: !!python/object:os.system x",
            2,
            "the tag !!python/object:os.system has no meaning here",
            id="tag",
        ),
        pytest.param("[a]: b", 1, "a key that is no text", id="list as key"),
    ],
)
def test_what_strict_yaml_refuses(text: str, line: int, what: str) -> None:
    with pytest.raises(nesting.Malformed) as raised:
        read_strictly(text)
    assert (raised.value.line, raised.value.what) == (line, what)


def test_strict_yaml_knows_two_booleans_and_no_merge() -> None:
    (root,) = read_strictly("a: off\nb: true\n<<: {c: d}\n")
    assert [(key.value, node.kind, node.value) for key, node in root.entries] == [
        ("a", "text", "off"),
        ("b", "bool", "true"),
        ("<<", "map", ""),
    ]


yaml_documents = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"])),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text(st.characters(codec="ascii", categories=["L"]), min_size=3), below, max_size=4),
    max_leaves=20,
)  # fmt: skip


@given(yaml_documents, st.sampled_from([True, False, None]), st.booleans())
def test_yaml_has_the_values_that_yaml_wrote(value: object, flow: Any, unicode: bool) -> None:
    text = yaml.dump(value, default_flow_style=flow, allow_unicode=unicode, Dumper=yaml.SafeDumper)
    root = read_yaml(text)
    assert plain(root) == yaml.safe_load(text)
    for node in root.walk():
        if node.kind in ("number", "bool") and "\u2028" not in text and "\u2029" not in text:
            assert span(text, node.at) == node.value


@given(
    st.text(st.sampled_from("{}[]:,\"'&*!|>-?#%\n\t \u00e9ab<1.") | st.characters(codec="utf-8"), max_size=60)
)
def test_anything_is_yaml_or_unreadable(text: str) -> None:
    for read in (read_yaml, read_strictly):
        with contextlib.suppress(Unreadable):
            read(text)


# hostile input ---------------------------------------------------------------

LEVELS = b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (98 + step, 98 + step, b",".join([b"*%c" % (97 + step)] * 9)) for step in range(9)
)
TOO_MANY = f"more than {nesting.MAX_VALUES}"


@pytest.mark.parametrize(
    ("read", "content", "said"),
    [
        pytest.param(read_json, b"[" * 5_000_000, "JSON nested deeper than 200 levels", id="brackets"),
        pytest.param(read_json, b'{"a":' * 1_000_000, "JSON nested deeper than 200 levels", id="maps"),
        pytest.param(read_json, b"[" + b"1," * 2_500_000 + b"1]", f"{TOO_MANY} JSON values", id="long list"),
        pytest.param(
            read_json, b"\n" * 5_000_000, "not well-formed JSON, line 5000001: the file ends too early", id="blank lines"
        ),
        pytest.param(
            read_json, b'"\\' * 2_500_000, "not well-formed JSON, line 1: what stands here is no JSON", id="no end"
        ),
        pytest.param(sketch_json, b"[" + b"1," * 2_500_000 + b"1]", f"{TOO_MANY} JSON values", id="long list, sketched"),
        pytest.param(
            sketch_json, b"[" + b'{"a":"b"},' * 500_000 + b"1]", f"{TOO_MANY} JSON values", id="many maps, sketched"
        ),
        pytest.param(read_yaml, b"[" * 1_000_000, "YAML nested deeper than 200 levels", id="YAML brackets"),
        pytest.param(read_yaml, b"- " * 500_000, "YAML nested deeper than 200 levels", id="YAML dashes"),
        pytest.param(read_yaml, b"- a\n" * 250_000, f"{TOO_MANY} YAML values", id="YAML list"),
        pytest.param(read_yaml, LEVELS, f"{TOO_MANY} YAML values, its aliases counted in full", id="alias bomb"),
        pytest.param(
            read_yaml,
            b"- &a " + b"[" * 150 + b"]" * 150 + b"\n- " + b"[" * 100 + b"*a" + b"]" * 100,
            "YAML nested deeper than 200 levels",
            id="deep by an alias",
        ),
    ],
)  # fmt: skip
def test_hostile_input_is_refused_in_time(read: Callable[..., object], content: bytes, said: str) -> None:
    start = time.process_time()
    assert fault(read, content) == said
    assert time.process_time() - start < pace.allowed(2)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b'["' + b"a" * 5_000_000 + b'"]', id="one text"),
        pytest.param(b"[" + b"1," * 100_000 + b"1]", id="100,000 elements"),
    ],
)
def test_large_json_is_read_in_time(content: bytes) -> None:
    start = time.process_time()
    assert plain(read_json(content)) == json.loads(content)
    assert time.process_time() - start < pace.allowed(2)


@pytest.mark.parametrize("unit", ["[", "- ", "? ", "{a: "])
def test_deep_yaml_does_not_end_the_process(unit: str) -> None:
    program = (
        "from pincheck.model import SourceFile\n"
        "from pincheck.readers import unreadable, yaml_text\n"
        f"content = {unit.encode()!r} * 100_000\n"
        "try:\n    yaml_text.read(SourceFile('x', content))\n"
        "except unreadable.Unreadable as fault:\n    print(fault)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "YAML nested deeper than 200 levels\n", "")


def test_lines_end_at_every_line_break() -> None:
    assert [item.at.line for item in read_json("[1,\r\n2,\r3,\n4]").items] == [1, 2, 3, 4]
