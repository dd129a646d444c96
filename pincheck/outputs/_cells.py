"""How wide text is on a terminal."""


def width(text: str) -> int:
    """The number of terminal cells: two for wide characters (Unicode TR11), none for combining marks."""
    if text.isascii():
        return len(text)
    from unicodedata import category, east_asian_width

    return sum(0 if category(c) in ("Mn", "Me") else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def padded(text: str, cells: int) -> str:
    """The text, filled with spaces up to ``cells``."""
    return text + " " * (cells - width(text))
