"""Text of a repository never acts on a terminal, a workflow log or a page, whatever it says."""

import json
import re
from collections.abc import Callable

import fixed
import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from pincheck import inventory
from pincheck.model import Report
from pincheck.outputs import annotations, json_v1, markdown, sarif, terminal


def verbose(report: Report) -> str:
    return terminal.render(report._replace(detail="verbose"))


def quiet(report: Report) -> str:
    return terminal.render(report._replace(detail="quiet"))


OUTPUTS: dict[str, Callable[[Report], str]] = {
    "terminal": terminal.render,
    "verbose": verbose,
    "quiet": quiet,
    "json": json_v1.render,
    "sarif": sarif.render,
    "github": annotations.render,
    "markdown": markdown.render,
    "pins": inventory.as_table,
    "pins as json": inventory.as_json,
}
TEXTS = [pytest.param(text, id=ascii(text[:24])) for text in fixed.HOSTILE_TEXTS]
GFM = MarkdownIt("commonmark").enable(["table", "strikethrough"])  # comes with rich
COMMANDS = ("::error ", "::warning ", "::notice ")


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("name", OUTPUTS)
@pytest.mark.parametrize("report", [fixed.hostile, fixed.compared])
def test_nothing_acts(report: Callable[[str], Report], name: str, text: str) -> None:
    drawn = OUTPUTS[name](report(text))
    assert drawn.encode().decode() == drawn
    assert [c for c in set(drawn) if c != "\n" and not c.isprintable()] == []
    assert "##[" not in drawn
    own = COMMANDS if name == "github" else ()
    lines = drawn.split("\n")
    assert [
        line for line in lines if line.lstrip().startswith("::") and not line.startswith(own or "\0")
    ] == []


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("name", ["terminal", "verbose", "quiet", "github", "pins"])
@pytest.mark.parametrize("report", [fixed.hostile, fixed.compared])
def test_no_text_adds_a_line(report: Callable[[str], Report], name: str, text: str) -> None:
    drawn = OUTPUTS[name](report(text)).count("\n")
    hidden = name in ("terminal", "verbose") and "PRIVATE KEY" in text  # no source line then
    assert drawn == OUTPUTS[name](report("plain")).count("\n") or (hidden and drawn)


@pytest.mark.parametrize("name", OUTPUTS)
def test_a_private_key_is_never_shown(name: str) -> None:
    key = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIB\n-----END EC PRIVATE KEY-----"
    assert "MHcCAQEEIB" not in OUTPUTS[name](fixed.hostile(key)) + OUTPUTS[name](fixed.compared(key))


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("name", ["json", "sarif", "pins as json"])
def test_json_can_be_read(name: str, text: str) -> None:
    assert json.loads(OUTPUTS[name](fixed.hostile(text)))


def test_json_keeps_the_text_itself() -> None:
    text = 'line\nbreak \x1b[31m \u202e "quoted" ##[x]'
    assert json.loads(json_v1.render(fixed.hostile(text)))["findings"][0]["message"] == text
    assert json.loads(inventory.as_json(fixed.hostile(text)))["pins"][0]["hosts"] == [text]


def test_a_path_that_is_not_utf_8_is_shown_escaped() -> None:
    assert json.loads(json_v1.render(fixed.hostile("caf\udce9.xml")))["findings"][0]["path"] == r"caf\xe9.xml"


@pytest.mark.parametrize("text", TEXTS)
def test_markdown_has_the_same_shape_whatever_the_text(text: str) -> None:
    assert shape(markdown.render(fixed.hostile(text))) == shape(markdown.render(fixed.hostile("plain")))
    assert shape(markdown.render(fixed.compared(text))) == shape(markdown.render(fixed.compared("plain")))


@pytest.mark.parametrize("text", ["@octocat", "octo/repo@octocat", "`@octocat", "|@octocat"])
def test_markdown_mentions_nobody(text: str) -> None:
    page = GFM.parse(markdown.render(fixed.compared(text)))
    words = [child.content for token in page for child in token.children or () if child.type == "text"]
    assert [word for word in words if "@octocat" in word] == []


@pytest.mark.parametrize("text", ["https://evil.example", "see www.evil.example", "|http://evil.example"])
def test_markdown_links_nowhere(text: str) -> None:
    """GitHub makes links of bare addresses outside code spans."""
    page = re.sub(r"`[^`]*`", "", markdown.render(fixed.compared(text)))
    assert re.findall(r"://|www\.", page) == []


def shape(page: str) -> list[str]:
    """The kinds of all tokens; text, code and a safe ``<code>`` element count as words."""
    return [kind for token in GFM.parse(page) for kind in kinds(token)]


def kinds(token: Token) -> list[str]:
    if token.children is None:
        return [token.type]
    inner = (child for child in token.children if child.content not in ("<code>", "</code>"))
    words = ("text", "text_special", "code_inline", "entity")
    return ["words" if token.content.strip() else "nothing"] + [
        child.type for child in inner if child.type not in words
    ]
