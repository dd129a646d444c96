"""A word that nobody knows -> the known one that it probably means."""

from collections.abc import Iterable

_LONGEST = 60
"""No longer word is looked at: the comparison takes time with the square of the length."""


CERTAIN = 0.8
"""How alike two words have to be where one is taken for the other, and not only suggested."""


def nearest(word: str, known: Iterable[str], likeness: float = 0.6) -> str:
    """The known word that a misspelt one means, or an empty string. Case does not count."""
    from difflib import get_close_matches

    if len(word) > _LONGEST:
        return ""
    lower = {name.lower(): name for name in known}
    found = get_close_matches(word.strip().lower(), lower, 1, likeness)
    return lower[found[0]] if found else ""
