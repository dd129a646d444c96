"""XML: positions, and what a hostile file may cost."""

import time
import xml.etree.ElementTree as ElementTree
from contextlib import suppress

import pace
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pincheck.model import SourceFile
from pincheck.readers import xml
from pincheck.readers.unreadable import Unreadable


def read(text: str | bytes) -> xml.Element:
    return xml.read(SourceFile("a.xml", text if isinstance(text, bytes) else text.encode()))


def cut(text: str, at) -> str:
    """What stands at a Location of one line."""
    assert at.line == at.end_line
    return text.splitlines()[at.line - 1][at.column - 1 : at.end_column - 1]


def test_everything_knows_its_place():
    text = "<a>\n  <b x=\"1\"\n     y='zwei'>  päß🙂 <!-- c -->und </b>\n</a>"
    (b,) = read(text).named("b")
    assert (b.at.line, b.at.column, b.at.end_line, b.at.end_column, b.at.text) == (2, 3, 3, 15, '  <b x="1"')
    assert (b.attribute("y").value, cut(text, b.attribute("y").at)) == ("zwei", "zwei")
    assert (b.text.value, cut(text, b.text.at)) == ("päß🙂 und", "päß🙂 <!-- c -->und")
    assert b.attribute("z") is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_encodings(encoding):
    assert read("<a>é</a>".encode(encoding)).text.value == "é"


def test_a_declared_encoding_is_used():
    assert read('<?xml version="1.0" encoding="iso-8859-1"?><a>é</a>'.encode("latin-1")).text.value == "é"


def test_line_ends_of_all_systems_count_once():
    for end in ("\n", "\r\n", "\r"):
        (b,) = read(f"<a>{end}{end}<b/></a>").named("b")
        assert (b.at.line, b.at.column) == (3, 1)


def test_blanks_before_the_declaration_are_tolerated():
    root = read('  \n <?xml version="1.0"?>\n<a><b/></a>')
    assert (root.children[0].at.line, root.children[0].at.column) == (3, 4)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not well-formed XML, line 1: no element found"),
        ("<a>", "not well-formed XML, line 1: no element found"),
        ("<a></b>", "not well-formed XML, line 1: mismatched tag"),
        ("no xml", "not well-formed XML, line 1: syntax error"),
        (b"<a>\xff</a>", "not UTF-8 text"),
        (b'<?xml version="1.0" encoding="zlib_codec"?><a/>', "its encoding zlib_codec is not known here"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "declares XML entities, which are not expanded here"),
        ('<!DOCTYPE a [<!ENTITY b SYSTEM "/etc/passwd">]><a>&b;</a>', "declares XML entities, which are not expanded here"),
        ("<a>" * 10_000 + "</a>" * 10_000, "XML nested deeper than 200 elements"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said(text, reason):
    with pytest.raises(Unreadable) as refusal:
        read(text)
    assert str(refusal.value) == reason


def test_an_external_dtd_is_not_fetched():
    assert read('<!DOCTYPE a SYSTEM "http://localhost:1/a.dtd"><a>x&foo;y</a>').text.value == "xy"


BILLION = (
    "<!DOCTYPE l [<!ENTITY a0 'x'>"
    + "".join(f"<!ENTITY a{n} '&a{n - 1};&a{n - 1};'>" for n in range(1, 60))
    + "]><l>&a59;</l>"
)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("<a>" + "<b c='d'>é</b>" * 300_000 + "</a>", id="5 MB in one line, many elements"),
        pytest.param("<a>" + "x" * 5_000_000 + "</a>", id="5 MB of text"),
        pytest.param("<a>" + "\n" * 2_500_000 + "</a>", id="many lines"),
        pytest.param("<a " + " ".join(f"b{n}='1'" for n in range(300_000)) + "/>", id="many attributes"),
        pytest.param("<a>" + "<!-- - -->" * 500_000 + "</a>", id="many comments"),
        pytest.param("<a b='" + "é" * 2_000_000 + "'/>", id="a long attribute"),
        pytest.param("<a>" + "&lt;" * 1_000_000 + "</a>", id="many references"),
        pytest.param("<" * 5_000_000, id="only openers"),
        pytest.param(BILLION, id="a billion laughs"),
    ],
)  # fmt: skip
def test_hostile_files_end_soon(text):
    start = time.process_time()
    try:
        root = read(text)
        for element in root.find_all("b"):
            _ = element.text, element.at, element.attribute("c")
            if element.at.column > 5000:
                break
    except Unreadable:
        pass
    assert time.process_time() - start < pace.allowed(
        4
    )  # two seconds on a quiet machine, measured under load


NAMES = st.sampled_from(["a", "b", "pin", "domain-config"])
TEXTS = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufffe\uffff"), max_size=20
)


@st.composite
def elements(draw, depth: int = 3) -> ElementTree.Element:
    element = ElementTree.Element(draw(NAMES), draw(st.dictionaries(NAMES, TEXTS, max_size=2)))
    element.text = draw(TEXTS)
    if depth:
        element.extend(draw(st.lists(elements(depth - 1), max_size=3)))
    return element


@given(elements())
def test_it_reads_what_elementtree_reads(tree):
    data = ElementTree.tostring(tree, encoding="utf-8")
    pairs = [(ElementTree.fromstring(data), read(data))]
    while pairs:
        theirs, ours = pairs.pop()
        assert (ours.name, ours.attributes) == (theirs.tag, theirs.attrib)
        own = (theirs.text or "") + "".join(child.tail or "" for child in theirs)
        assert ours.text.value == own.strip()
        assert len(ours.children) == len(theirs)
        pairs.extend(zip(theirs, ours.children, strict=True))


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data):
    for start in (b"", b"<a>", b"<?xml version='1.0'?><a b="):
        with suppress(Unreadable):
            read(start + data)
