"""Text of a repository as Markdown that GitHub draws as plain words, whatever it says.

Sources: the GitHub Flavored Markdown Spec; https://docs.github.com/get-started/writing-on-github (mentions, references
to issues and commits, emoji, and mathematics come after the Markdown, and never inside code).
"""

import re
from collections.abc import Callable, Iterable, Iterator

from pincheck import __version__
from pincheck.model import Location
from pincheck.outputs._escape import visible

PROJECT = "https://github.com/pincheck/pincheck"

LONGEST = 1_000
"""Characters of one text."""

_ENTITIES = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    "`": "&#96;",
    "|": "&#124;",
    "\\": "&#92;",
    "@": "&#64;&#8203;",  # the invisible space keeps a mention from being one, even once decoded
    "#": "&#35;",
    ":": "&#58;",
    ".": "&#46;",
}
_SPECIAL = re.compile(r"[&<>`|\\@#*_\[\]~$]|:(?=\S)|(?<=www)\.", re.IGNORECASE)
_RULE = re.compile(r"[a-z][a-z0-9-]*")
_OPENS, _ENDS = "([\"'", ",.;:!?)]\"'"
_HEX, _WORD = r"[0-9a-f]{7,40}", r"[0-9A-Za-z]"
_DRAWN_INTO_LINKS = re.compile(
    rf"[a-z]:\S|:[\w+-]+:|[@$]|\#\w|www\.|gh-\d|(?<!{_WORD}){_HEX}(?!{_WORD})|[A-Za-z0-9+/]{{43}}=|[0-9a-f]{{64}}",
    re.IGNORECASE,
)
"""What GitHub may make a link, an image or a formula of: addresses, emoji, mentions, issues, commits. Pins are
with them because code is copied as it is."""
_NAMES = re.compile(
    r"[A-Za-z0-9+/]{12}…|(?:[\w.-]+/)*[*.]{0,3}[\w-]+(?:\.[\w-]+)*\.[A-Za-z][\w-]+[,;:.)\]\"']*\Z|\.[a-z]\w+\.\w+"
)
"""The short form of a pin, and what has dots in it: a host, a file."""


def code(text: str) -> str:
    """Text of the repository as code, also inside a table.

    A code span where that is safe. A backtick, pipe or backslash in it would mean different things to
    different renderers of tables, and a comment may be the mark that pincheck knows its own words by, so
    then every special character is an entity instead.
    """
    shown = visible(text, LONGEST)
    if not shown.strip():
        return ""
    if any(sign in shown for sign in ("`", "|", "\\", "<!--")):
        return f"<code>{_escaped(shown)}</code>"
    return f"`{shown}`"


def prose(text: str) -> str:
    """Text of the repository as plain words: no markup, link, mention, reference, picture or table cell.

    What GitHub would draw into a link even so is set as code. It must not stand at the start of a
    block, where ``-`` or ``1.`` would begin a list.
    """
    return _words(visible(text, LONGEST), _DRAWN_INTO_LINKS.search)


def sentence(text: str) -> str:
    """The same, for the start of a block too; hosts, files and short pins (``C5+lpZ7tcVwm…``) are set as code."""
    shown = _words(visible(text, LONGEST).strip(), _stands_out)
    if not shown or shown[0].isalpha() or shown.startswith(("`", "<code>", "&")):
        return shown
    first = shown[1] if shown[0] == "\\" else shown[0]
    return f"&#{ord(first)};{shown.partition(first)[2]}"


def link(rule: str) -> str:
    """The name of a rule, linked to its page."""
    return (
        f"[{code(rule)}]({PROJECT}/blob/v{__version__}/docs/rules/{rule}.md)"
        if _RULE.fullmatch(rule)
        else code(rule)
    )


def place(at: Location) -> str:
    """``path:line`` as code; a column helps nobody on a page."""
    return code(f"{at.path}:{at.line}")


def row(cells: Iterable[str]) -> str:
    """A line of a table, of cells that are Markdown."""
    return "| " + " | ".join(cells) + " |"


def within(lines: Iterable[str], most: int, rest: str, size: Callable[[str], int]) -> Iterator[str]:
    """The first lines for which there is room, each with a break of two, and ``rest`` if some are left out."""
    left = most - size(rest) - 2
    for line in lines:
        left -= size(line) + 2
        if left < 0:
            yield from ("", rest)
            return
        yield line


def capped(lines: Iterable[str], number: int, rest: str, most: int) -> Iterator[str]:
    """The first ``most`` of ``number`` lines, and ``rest`` with how many are left out, if some are."""
    for index, line in enumerate(lines):
        if index == most:
            yield rest.format(f"{number - most:,}")
            return
        yield line


def _stands_out(word: str) -> object:
    return _DRAWN_INTO_LINKS.search(word) or _NAMES.match(word.lstrip(_OPENS))


def _words(shown: str, is_code: Callable[[str], object]) -> str:
    return re.sub(r"\S+", lambda match: _word(match[0], is_code), shown)


def _word(whole: str, is_code: Callable[[str], object]) -> str:
    if not is_code(whole):
        return _escaped(whole)
    start = len(whole) - len(whole.lstrip(_OPENS))
    end = start + len(_closed(whole[start:]))
    if start == end:
        return code(whole)
    return f"{_escaped(whole[:start])}{code(whole[start:end])}{_escaped(whole[end:])}"


def _closed(text: str) -> str:
    """Without the punctuation at its end, save what closes a bracket or a quotation within."""
    while text and text[-1] in _ENDS and not _closes(text):
        text = text[:-1]
    return text


def _closes(text: str) -> bool:
    last = text[-1]
    opening = {")": "(", "]": "["}.get(last)
    if opening:
        return text.count(opening) >= text.count(last)
    return last in "\"'" and text.count(last) % 2 == 0


def _escaped(shown: str) -> str:
    return _SPECIAL.sub(lambda match: _ENTITIES.get(match[0]) or "\\" + match[0], shown)
