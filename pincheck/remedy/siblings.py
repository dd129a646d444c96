"""A pin added beside another, or taken away, in the manner of its declaration.

What is made here is a good guess by the text around a pin; that it comes to what it is meant for, ``proof`` sees.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pincheck.edits import Page
from pincheck.following.vocabulary import LIST_TYPES, LISTS
from pincheck.model import Edit, Location, SourceFile
from pincheck.model.code import (
    Argument,
    Call,
    Choice,
    Entries,
    Index,
    Items,
    Joined,
    Lambda,
    Literal,
    Module,
    Name,
    Option,
    Returned,
    Spread,
    Value,
)
from pincheck.readers import syntax
from pincheck.readers.unreadable import Unreadable

MAX_VALUES = 200_000
DEEPEST = 3
"""Elements around a pin that may have to be copied with it: the text, its item, the item's map."""


class Spot(NamedTuple):
    """A pin's text in a page."""

    page: Page
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.page.text[self.start : self.end]


def added(page: Page, at: Location, texts: Sequence[str]) -> Iterator[tuple[Edit, ...]]:
    """Edits that may put pins with these texts behind the one at a place, the best first."""
    span = page.span(at)
    if not span or not texts or span[0] == span[1]:
        return
    spot = Spot(page, *span)
    if _is_markup(page):
        yield from _elements_added(spot, texts)
    elif syntax.readable(page.path):
        yield from _values_added(spot, texts, _holder(page, at))
    else:
        yield from _items_added(spot, texts)


def removed(page: Page, at: Location) -> Iterator[tuple[Edit, ...]]:
    """Edits that may take the pin at a place away, where nothing else stands on its lines."""
    span = page.span(at)
    if not span:
        return
    spot = Spot(page, *span)
    if _is_markup(page):
        stretches = [each for each in _elements(spot) if _is_copyable(page.text[slice(*each)], spot.text)]
    elif syntax.readable(page.path) and _holder(page, at) != "list":
        return
    else:
        stretches = [_literal(spot) or _bare_item(spot) or (0, 0)]
    for start, end in stretches:
        yield from _cut(page, start, end)


def _is_markup(page: Page) -> bool:
    return page.text.lstrip("\ufeff \t\r\n")[:1] == "<" and not syntax.readable(page.path)


# elements of XML ---------------------------------------------------------------

_TAG = re.compile(
    r"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<\?.*?(?:\?>|\Z)|<![^>]*+>"
    r"|<(?P<end>/?)(?P<name>[^\s/>!?]++)(?P<rest>(?:[^>\"']|\"[^\"]*+(?:\"|\Z)|'[^']*+(?:'|\Z))*+)(?:>|\Z)",
    re.DOTALL,
)
"""A piece of markup; what never ends reaches to the end of the text, so that no stretch is looked at twice."""


def _elements(spot: Spot) -> list[tuple[int, int]]:
    """The stretches of the elements around a text, the nearest first."""
    opened: list[tuple[str, int]] = []
    around: list[tuple[int, int]] = []
    for match in _TAG.finditer(spot.page.text):
        if match["name"] is None or match["rest"].endswith("/"):
            continue
        if not match["end"]:
            opened.append((match["name"], match.start()))
            continue
        if not opened or opened[-1][0] != match["name"]:
            break
        _, start = opened.pop()
        if start < spot.start and spot.end <= match.start():
            around.append((start, match.end()))
            if len(around) == DEEPEST:
                break
    return around


def _is_copyable(stretch: str, pin: str) -> bool:
    """Tell whether an element may stand twice: no name or comment in it, and no other pin."""
    tags = [match[0] for match in _TAG.finditer(stretch) if match["name"] and not match["end"]]
    named = any(re.search(r"\s(?!digest\s*=)[\w:.-]+\s*=", tag) for tag in tags)
    return not named and "<!" not in stretch and stretch.count(pin) == 1


def _elements_added(spot: Spot, texts: Sequence[str]) -> Iterator[tuple[Edit, ...]]:
    page = spot.page
    for start, end in _elements(spot):
        stretch = page.text[start:end]
        if not _is_copyable(stretch, spot.text):
            return
        copies = [stretch.replace(spot.text, text) for text in texts]
        line_start, _ = page.line_span(start)
        _, line_end = page.line_span(end)
        indent, rest = page.text[line_start:start], page.text[end:line_end]
        if not indent.strip() and re.fullmatch(r"\s*(?:<!--(?:(?!-->).)*-->)?\s*", rest):
            new = "".join(page.line_break(end) + indent + copy for copy in copies)
            yield (Edit(page.at(line_end, line_end), new),)
        elif "<!--" not in rest:
            yield (Edit(page.at(end, end), "".join(copies)),)


# literals of code --------------------------------------------------------------


def _holder(page: Page, at: Location) -> str:
    """What a literal of source code stands in: ``list``, ``pins`` of a call that takes any number, or nothing."""
    try:
        module = syntax.read(SourceFile(page.path, page.text.encode()))
    except Unreadable:
        return ""
    waiting: list[tuple[Value, str]] = [*((value, "") for value in _values(module))]
    for _ in range(MAX_VALUES):
        if not waiting:
            break
        value, holder = waiting.pop()
        if isinstance(value, Literal):
            if (value.at.line, value.at.column, value.at.end_column) == (at.line, at.column, at.end_column):
                return holder
            continue
        waiting.extend(_parts(value))
    return ""


def _values(module: Module) -> Iterator[Value]:
    yield from (each.value for each in module.definitions)
    yield from (each.value for each in module.statements)
    yield from (each.value for function in module.functions for each in function.returned)
    yield from (each.call for calls in module.calls.values() for each in calls)


def _parts(value: Value) -> Iterator[tuple[Value, str]]:
    """The values in a value, and what each of them then stands in."""
    if isinstance(value, Items):
        yield from ((item, "list") for item in value.items)
    elif isinstance(value, Call):
        of = value.of.path[-1] if isinstance(value.of, Name) else ""
        is_list = value.name in LISTS or (value.name == "of" and of in LIST_TYPES)
        for number, argument in enumerate(value.arguments):
            takes_more = value.name == "add" and number > 0 and not argument.name
            yield argument.value, "list" if is_list else "pins" if takes_more else ""
        if value.of is not None:
            yield value.of, ""
    else:
        yield from ((each, "") for each in _inner(value))


def _inner(value: object) -> Iterator[Value]:
    if isinstance(value, Joined):
        yield from value.parts
    elif isinstance(value, Entries):
        yield from (each for entry in value.entries for each in entry)
    elif isinstance(value, Choice):
        yield from (option.value for option in value.options)
    elif isinstance(value, Spread | Option | Argument | Returned):
        yield value.value
    elif isinstance(value, Index):
        yield from (value.of, value.key)
    elif isinstance(value, Lambda):
        yield from (each.value for each in value.returned)
    else:
        yield from getattr(value, "parts", ())


def _values_added(spot: Spot, texts: Sequence[str], holder: str) -> Iterator[tuple[Edit, ...]]:
    if spot.text.startswith("sha256//"):
        yield _joined(spot, texts)
    if holder == "pins":
        yield from _calls_added(spot, texts)
    literal = _literal(spot)
    if holder and literal:
        yield from _behind(spot, texts, *literal)


def _joined(spot: Spot, texts: Sequence[str]) -> tuple[Edit, ...]:
    """More pins in one text, as libcurl has them."""
    return (Edit(spot.page.at(spot.end, spot.end), "".join(f";{text}" for text in texts)),)


def _calls_added(spot: Spot, texts: Sequence[str]) -> Iterator[tuple[Edit, ...]]:
    """A call of its own for each pin, where the one of the sibling has a line to itself in a chain of calls."""
    page = spot.page
    start, end = page.line_span(spot.start)
    line = page.text[start:end]
    call = re.match(r"(\s*\??\.add\([^()]*\))\s*(?://.*)?$", line)
    if call and call[1].count(spot.text) == 1 and _is_one_pin(call[1]):
        new = "".join(page.line_break(end) + call[1].replace(spot.text, text) for text in texts)
        yield (Edit(page.at(end, end), new),)


def _is_one_pin(line: str) -> bool:
    return len(re.findall(r"sha256/", line)) == 1


_QUOTES = "\"'`"


def _literal(spot: Spot) -> tuple[int, int] | None:
    """Where the literal that a text is all of begins and ends, its quotes counted."""
    text, start, end = spot.page.text, spot.start - 1, spot.end + 1
    if start < 0 or text[start] not in _QUOTES or text[end - 1 : end] != text[start]:
        return None
    if text[start - 1 : start + 2] in ('"""', "'''"):
        return None
    return (start - 1 if text[start - 1 : start] == "@" else start), end


def _behind(spot: Spot, texts: Sequence[str], start: int, end: int) -> Iterator[tuple[Edit, ...]]:
    """More elements behind one of a list: on lines of their own if it has one, else on its line."""
    page = spot.page
    line_start, _ = page.line_span(start)
    _, line_end = page.line_span(end)
    indent, rest = page.text[line_start:start], page.text[end:line_end]
    next_line = page.line_break(end) + indent
    literal = page.text[start:end]
    copies = [literal.replace(spot.text, text) for text in texts]
    if indent.strip():
        yield (Edit(page.at(end, end), "".join(f", {copy}" for copy in copies)),)
        return
    found = re.fullmatch(r"(?P<comma>\s*,)?\s*(?://.*|#.*|/\*.*\*/\s*)?", rest)
    if found is None:
        if re.match(r"\s*[,)\]}]", rest):
            yield (Edit(page.at(end, end), "".join(f",{next_line}{copy}" for copy in copies)),)
        return
    if found["comma"]:
        new = "".join(f"{next_line}{copy}," for copy in copies)
        yield (Edit(page.at(line_end, line_end), new),)
        return
    new = ",".join(f"{next_line}{copy}" for copy in copies)
    if end == line_end:
        yield (Edit(page.at(end, end), "," + new),)
    else:
        yield (Edit(page.at(end, end), ","), Edit(page.at(line_end, line_end), new))


# items of JSON, YAML and settings -----------------------------------------------


def _items_added(spot: Spot, texts: Sequence[str]) -> Iterator[tuple[Edit, ...]]:
    literal = _literal(spot)
    if literal and _is_element(spot.page.text, *literal):
        yield from _behind(spot, texts, *literal)
    elif item := _bare_item(spot):
        line = spot.page.text[slice(*item)]
        line_break = spot.page.line_break(item[1])
        new = "".join(line_break + line.replace(spot.text, text) for text in texts)
        _, line_end = spot.page.line_span(item[1])
        yield (Edit(spot.page.at(line_end, line_end), new),)
    elif spot.text.startswith("sha256//"):
        yield _joined(spot, texts)


def _is_element(text: str, start: int, end: int) -> bool:
    """Tell an element of a bracketed list from a value behind a key."""
    before, after = text[:start].rstrip()[-1:], text[end : end + 2000].lstrip()[:1]
    return before in ("[", ",") and after in (",", "]")


def _bare_item(spot: Spot) -> tuple[int, int] | None:
    """The stretch of a line of a YAML list that holds a pin and nothing else; its comment does not count."""
    start, end = spot.page.line_span(spot.start)
    found = re.match(
        r"[ \t]*-[ \t]+([\"']?)(?P<pin>[^\s\"'#]+)\1(?=[ \t]*(?:[ \t]#.*)?$)", spot.page.text[start:end]
    )
    return (start, start + found.end()) if found and found["pin"] == spot.text else None


# taking away -------------------------------------------------------------------


def _cut(page: Page, start: int, end: int) -> Iterator[tuple[Edit, ...]]:
    """Cut a stretch with the lines it has to itself; a comment beside or above it would be left without its pin."""
    line_start, _ = page.line_span(start)
    _, line_end = page.line_span(end)
    before, after = page.text[line_start:start], page.text[end:line_end]
    if before.strip() or after.strip() not in ("", ","):
        return
    kept = page.text[:line_start].rstrip()
    above = kept.rpartition("\n")[2].strip()
    if above.startswith(("//", "#", "*", "/*", "<!--")) or above.endswith(("-->", "*/")) or "//" in above:
        return
    line = Edit(page.at(line_start, page.line_end(end)), "")
    is_last = page.text[end : end + 2000].lstrip()[:1] in ("]", ")", "}")
    if is_last and kept.endswith(","):  # JSON has none behind the last
        yield (Edit(page.at(len(kept) - 1, len(kept)), ""), line)
    else:
        yield (line,)
