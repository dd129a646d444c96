"""What can still be read where a grammar errs: texts in their brackets, with the keys before them."""

import re
from collections.abc import Callable

from pincheck.model import Location
from pincheck.model.code import Entries, Items, Literal, Name, Value

MAX_CHARACTERS = 200_000
MAX_OPEN = 60

_PIECE = r"""(?xs)
    (?P<comment> //[^\n]* | /\*.*?\*/ )
  | @? (?P<quote> ["'`]) (?P<inside> (?:\\. | (?!(?P=quote)) [^\\\n]){0,2000} ) (?P=quote)
  | (?P<word> [A-Za-z_][\w.]{0,100} )
  | (?P<open> [\[({] ) | (?P<close> [\])}] ) | (?P<end> [,;] )
"""
_PAIRS = {")": "(", "]": "[", "}": "{"}
_AFTER_KEY = r"\s{0,20}(?::(?!:)|=>|=(?!=))"


def salvage(text: str, literal: Callable[[int, int], Literal], at: Location) -> Value:
    """Return the texts of a stretch of code as nested lists and maps.

    ``literal`` makes the text that stands between two offsets of ``text``.
    """
    reader = _Reader(text[:MAX_CHARACTERS], literal, at)
    for match in re.finditer(_PIECE, reader.text):
        reader.take(match)
    return reader.close()


class _Open:
    """A bracket that is open, and the key it is the value of."""

    def __init__(self, key: Value | None, bracket: str = "") -> None:
        self.key = key
        self.bracket = bracket
        self.pairs: list[tuple[Value | None, Value]] = []


class _Reader:
    def __init__(self, text: str, literal: Callable[[int, int], Literal], at: Location) -> None:
        self.text = text
        self._literal = literal
        self._at = at
        self._open = [_Open(None)]
        self._key: Value | None = None

    def take(self, match: re.Match[str]) -> None:
        if match["inside"] is not None:
            self._value(self._literal(*match.span("inside")), match.end())
        elif match["word"]:
            named = Literal(match["word"], self._at)
            if re.compile(_AFTER_KEY).match(self.text, match.end()):
                self._key = named
            elif match["word"][:1].isalpha() and self._key is not None:
                self._value(_name(match["word"]), match.end())
        elif match["open"]:
            if len(self._open) < MAX_OPEN:
                self._open.append(_Open(self._key, match["open"]))
            self._key = None
        elif match["close"]:
            self._shut_to(_PAIRS[match["close"]])
        elif match["end"]:
            self._key = None

    def _value(self, value: Value, end: int) -> None:
        if isinstance(value, Literal) and re.compile(_AFTER_KEY).match(self.text, end):
            self._key = value
            return
        self._open[-1].pairs.append((self._key, value))
        self._key = None

    def _shut_to(self, bracket: str) -> None:
        """Close a bracket, and those inside it that were never closed; one that was never opened is passed over."""
        if any(each.bracket == bracket for each in self._open):
            while self._open[-1].bracket != bracket:
                self._shut()
            self._shut()

    def _shut(self) -> None:
        self._key = None
        if len(self._open) > 1:
            closed = self._open.pop()
            self._open[-1].pairs.append((closed.key, self._made(closed)))

    def _made(self, each: _Open) -> Value:
        keyed = [(key, value) for key, value in each.pairs if key is not None]
        if keyed:
            return Entries(tuple(keyed), self._at)
        return Items(tuple(value for _, value in each.pairs), self._at)

    def close(self) -> Value:
        while len(self._open) > 1:
            self._shut()
        return self._made(self._open[0])


def _name(word: str) -> Name:
    name: Name | None = None
    for each in word.split("."):
        name = Name(each, name)
    assert name is not None
    return name
