"""Text of a repository -> text that is safe to show: everything in a repository may be hostile."""

import re

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_KEY = "PRIVATE KEY-----"
WITHHELD = "(private key, not shown)"
LONGEST = 4_000
"""Characters; a name or a sentence that is longer helps nobody."""


def visible(text: str, limit: int = LONGEST) -> str:
    r"""One short line in which no character acts: controls, line breaks and bidi marks read as ``\x1b``.

    What Python does not call printable is escaped, except the plain space. Workflow commands are
    broken: ``::`` counts at the start of a line, behind blanks too, and the older ``##[`` anywhere in
    it (actions/runner, ``ActionCommand.cs``). The text of a private key is withheld. More than
    ``limit`` characters end in an ellipsis.
    """
    text = withheld(text)[: limit + 1]
    if not text.isprintable():
        text = "".join(c if c.isprintable() else _escaped(c) for c in text)
    if text.lstrip().startswith("::"):
        text = text.replace("::", r"\x3a:", 1)
    return clipped(text.replace("##[", r"#\x23["), limit)


def encodable(text: str) -> str:
    r"""The text as it is, but for lone surrogates (bytes of a path that are not UTF-8): ``\xff``."""
    return _LONE_SURROGATE.sub(lambda match: _escaped(match[0]), withheld(text))


def clipped(text: str, limit: int) -> str:
    """At most ``limit`` characters, the last an ellipsis if something is left out."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def withheld(text: str) -> str:
    """The text, or a word in its place if it holds a private key."""
    return WITHHELD if _KEY in text else text


def _escaped(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is not UTF-8, as Python's file names carry it (PEP 383)
        return f"\\x{code - 0xDC00:02x}"
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
