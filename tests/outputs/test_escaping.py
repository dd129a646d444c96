"""The escaping functions, on any text at all."""

import re

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from pincheck.outputs._cells import padded, width
from pincheck.outputs._escape import WITHHELD, clipped, encodable, visible
from pincheck.outputs._markdown import code, prose, sentence
from pincheck.outputs.annotations import escaped_data, escaped_property
from pincheck.outputs.sarif import uri

ANY = st.text(st.characters(exclude_categories=()))
SIGNS = st.text(st.sampled_from("`|\\<>[]()*_#@&;:!~$-. \nab0\x1b\u202e\udcff"))
BOTH = ANY | SIGNS


def test_examples() -> None:
    assert visible("a\nb\x1b[0m\u202e\udcff\U000e0001\x9b") == r"a\x0ab\x1b[0m\u202e\xff\U000e0001\x9b"
    assert visible("ünïcödé 例え /path\\to") == "ünïcödé 例え /path\\to"
    assert visible(" ::add-mask::x") == r" \x3a:add-mask::x"
    assert visible("##[command]x") == r"#\x23[command]x"
    assert visible("x -----BEGIN PRIVATE KEY-----") == WITHHELD
    assert encodable("a\n\udcff\ud800") == "a\n\\xff\\ud800"
    assert escaped_property("a:b,c%\r\n") == "a%3Ab%2Cc%25%0D%0A"
    assert uri("a b/ü:%#?.xml") == "a%20b/%C3%BC%3A%25%23%3F.xml"
    assert uri("caf\udce9.xml") == "caf%E9.xml"
    assert code("api.shop.example") == "`api.shop.example`"
    assert code("a|b") == "<code>a&#124;b</code>"
    assert prose("see @team: <b>x</b>") == "see `@team`: &lt;b&gt;x&lt;/b&gt;"
    assert prose("see @a|b") == "see <code>&#64;&#8203;a&#124;b</code>"
    assert sentence("1. a.example: C5+lpZ7tcVwm… (b.xml)") == "&#49;. `a.example`: `C5+lpZ7tcVwm…` (`b.xml`)"
    assert prose("#1 at 10:30, GH-2 or :tada:") == "`#1` at 10&#58;30, `GH-2` or `:tada`:"


def test_what_is_copied_out_of_a_sentence_is_whole() -> None:
    assert sentence("see res/raw/my_root.pem, and/or more") == "see `res/raw/my_root.pem`, and/or more"
    assert sentence('set android:networkSecurityConfig="@xml/other" in <application>') == (
        'set `android:networkSecurityConfig="@xml/other"` in &lt;application&gt;'
    )
    assert (
        prose('call add("a:b")), or "c:d"; (see e:f(g)).')
        == 'call `add("a:b")`), or "`c:d`"; (see `e:f(g)`).'
    )


def test_widths() -> None:
    assert (width("例え\u0301"), padded("例", 4)) == (4, "例  ")


@given(BOTH)
def test_visible_text_is_one_harmless_line(text: str) -> None:
    shown = visible(text)
    assert shown.isprintable()
    assert shown.encode().decode() == shown
    assert "##[" not in shown
    assert visible(shown) == shown


@given(BOTH)
def test_encodable_text_changes_nothing_but_surrogates(text: str) -> None:
    shown = encodable(text)
    assert shown.encode().decode() == shown
    parts = re.split("[\ud800-\udfff]", text)
    assert re.fullmatch(r"\\[ux][0-9a-f]{2,4}".join(map(re.escape, parts)), shown)


@given(BOTH, st.integers(1, 20))
def test_clipped_text_is_short(text: str, limit: int) -> None:
    assert len(clipped(text, limit)) == min(len(text), limit)


@given(BOTH)
def test_a_command_is_undone_by_the_runner_as_it_was(text: str) -> None:
    for escape in (escaped_data, escaped_property):
        done = escape(text)
        assert not {"\r", "\n"} & set(done)
        back = done
        for name, character in {"%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ",", "%25": "%"}.items():
            back = back.replace(name, character)
        assert back == text
    assert not {":", ","} & set(escaped_property(text))


@given(BOTH)
def test_a_uri_is_plain_and_relative(text: str) -> None:
    assert re.fullmatch(r"(?:[A-Za-z0-9._~/+,=@()!'*;$-]|%[0-9A-F]{2})*", uri(text))


MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
WORDS = {"text", "text_special", "code_inline"}


@given(BOTH)
def test_words_and_code_stay_in_their_table_cell(text: str) -> None:
    for escape in (prose, code):
        rows = MARKDOWN.parse(f"| a | b |\n| --- | --- |\n| x {escape(text)} | last |\n")
        cells = [token for token in rows if token.type == "inline"]
        kinds = {
            child.type for child in cells[2].children or () if child.content not in ("<code>", "</code>")
        }
        assert ([cell.content for cell in cells][3:], kinds <= WORDS) == (["last"], True)
