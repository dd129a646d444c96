"""What a repository says never acts in a comment: it links, mentions, references, shows and marks nothing."""

import re
from html.parser import HTMLParser

import fixed
import pulls
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from pincheck.model import Edit, Fix, Location, PinSet, Report
from pincheck.model.chains import Lockout
from pincheck.model.changes import DeclarationChange, Hidden, Since
from pincheck.model.review import Diff
from pincheck.outputs import review, watch
from pincheck.outputs._markdown import PROJECT, sentence

cmarkgfm = pytest.importorskip("cmarkgfm")

PARTS = st.sampled_from(
    ["@octocat", "@a/b", "#1", "GH-1", "gh-1 ", "o/r#1", "o/r@deadbeef0", "deadbeef0", "https://e.test", "www.e.test",
     "mailto:a@b.test", "a@b.test", "xmpp:a@b.test/c", ":tada:", ":+1:", "<!-- pincheck:x -->", "<img src=x>", "<b>",
     "![a](b)", "[a](b)", "[a]: b", "[^1]", "$a$", "`", "``", "```", "~~~", "**", "_", "~~", "|", "\\", "&", "&#64;o",
     "- ", "1. ", "# ", "> ", "===", "---", "\n", "\n\n", " ", "    ", "a", "(", ")", ":", ".", ",", "\u202e", "…",
     "C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M=", "\u200b", "é", "9"]
)  # fmt: skip
TEXTS = st.lists(PARTS, max_size=8).map("".join) | st.text(max_size=30)
OWN_TAGS = {"h2", "h3", "p", "ul", "li", "strong", "a", "code", "br", "sub", "pre", "hr"} | {
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
DRAWN_LATER = re.compile(
    r"@\w|\#\d|gh-\d|://|www\.|(?<!\w)[0-9a-f]{7,40}(?!\w)|:[\w+-]+:|\$\S|mailto:|xmpp:", re.IGNORECASE
)
"""What GitHub still draws into text outside code once the Markdown is HTML."""
MARKDOWN_IT = MarkdownIt("gfm-like", {"linkify": False})


class Page(HTMLParser):
    """The tags, the links and the words outside code."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str | None] = []
        self.words: list[str] = []
        self.comments = 0
        self._code = 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self._code += tag in ("code", "pre")
        self.links += [value for name, value in attrs if name in ("href", "src")]

    def handle_endtag(self, tag: str) -> None:
        self._code -= tag in ("code", "pre")

    def handle_data(self, data: str) -> None:
        if not self._code:
            self.words.append(data)

    def handle_comment(self, data: str) -> None:
        self.comments += 1


def pages(text: str) -> list[Page]:
    options = cmarkgfm.cmark.Options.CMARK_OPT_UNSAFE | cmarkgfm.cmark.Options.CMARK_OPT_FOOTNOTES
    return [Page(cmarkgfm.github_flavored_markdown_to_html(text, options)), Page(MARKDOWN_IT.render(text))]


def request(text: str) -> tuple[Report, Diff]:
    """A pull request that holds the text wherever the repository's own goes."""
    report = fixed.hostile(text)
    at = Location(text, 3, 1, 3, 2, text)
    state: PinSet = report.project.pin_sets[0]._replace(context="production")
    first = report.findings[0]
    verification = fixed.LIVE.survey.verifications[0]  # type: ignore[union-attr]
    verification = verification._replace(
        host=text, pin_sets=(state,), lockout=Lockout(None, text, True, "closed")
    )
    since = Since(
        base=text,
        new=frozenset(each.fingerprint for each in report.findings),
        fixed=(first,),
        declarations=(
            DeclarationChange("changed", state, state, state.pins, state.pins, (text,), (text,)),
            DeclarationChange("removed", state, None),
        ),
        hidden=(Hidden(first, text, at), Hidden(first, text, at, counts=False)),
    )
    diff: Diff = {text: (pulls.hunk(text, first=3),)}
    fixes = tuple(Fix(each.fingerprint, text, (Edit(at, text),)) for each in report.findings)
    survey = fixed.LIVE.survey._replace(verifications=(verification,))  # type: ignore[union-attr]
    return report._replace(since=since, fixes=fixes, survey=survey), diff


def bodies(text: str) -> list[str]:
    report, diff = request(text)
    offline = report._replace(survey=None)
    drafts = [
        review.draft(report, diff),
        review.draft(offline, {}),
        review.draft(report._replace(since=None), {}),
    ]
    found = [pulls.summary(draft) for draft in drafts] + [watch.issue(report).body]
    return found + [
        body for draft in drafts for comment in draft.comments for body in (comment.body, comment.plain)
    ]


def harmless(text: str) -> None:
    for body in bodies(text):
        for page in pages(body):
            assert page.tags <= OWN_TAGS, page.tags
            assert [link for link in page.links if not re.fullmatch(re.escape(PROJECT) + r"/blob/v[\w.]+/docs/rules/[a-z-]+\.md", link or "")] == []  # fmt: skip
            assert page.comments == 0
            words = "\n".join(word for word in page.words if word != "There before:")
            assert DRAWN_LATER.findall(words) == []
        assert "<!-- pincheck" not in body.lower()


@given(TEXTS)
def test_no_text_acts(text: str) -> None:
    harmless(text)


@pytest.mark.parametrize("text", fixed.HOSTILE_TEXTS, ids=lambda text: ascii(text[:24]))
def test_hostile_texts(text: str) -> None:
    harmless(text)


@given(TEXTS)
def test_a_sentence_is_one_paragraph_of_words(text: str) -> None:
    for page in pages(f"{sentence(text)}.\n"):
        assert page.tags <= {"p", "code"}


@given(TEXTS)
def test_no_text_moves_another(text: str) -> None:
    """Headings and rows are as many as with a plain word."""

    def shape(body: str) -> list[int]:
        html = MARKDOWN_IT.render(body)
        return [html.count(tag) for tag in ("<h2", "<h3", "<li", "<table", "<td", "<pre")]

    if text.strip() and text.isprintable() and "<!-- pincheck" not in text:
        plain, drawn = bodies("plain")[:4], bodies(text)[:4]
        assert [shape(body) for body in drawn] == [shape(body) for body in plain]
