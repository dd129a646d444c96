"""Pins that nobody has filled in: repeated letters, words, sample keys, hashes of nothing."""

import re
from functools import cache

from pincheck.model import Pin

_WORDS = (
    r"(?i)your|replace|placeholder|todo|fixme|dummy|change_?me|insert|example|sample|backup_?pin"
    r"|(hash|pin)_?here|xxxx|\.\.\.|…|^<.*>$"
)
_WORDS_IN_BASE64 = r"(?i)placeholder|replace|example|backup|changeme|insert|dummy|yourpin|(pin|hash)here"
"""Long enough to stand in no random key: the shortest is expected once in 10**8 pins."""
_HASHED_WORDS = (
    *("", "\n", "a", "abc", "test", "pin", "hello", "123456"),
    *("password", "dummy", "placeholder", "backup", "example"),
)
_DOCUMENTED = {
    "7HIpactkIAq2Y49orFOOQKurWxmmSFZhBCoQYcRhJ3Y=": "Android's documentation",
    "fwza0LRMXouZHRC8Ei+4PyuldPDcf3UKgO/04cDM1oE=": "Android's documentation",
}
"""Pins that readers copy from a page (developer.android.com, "Network security configuration")."""
_FEW = 12
"""43 random base64 digits hold some 31 different ones."""


def placeholder(body: str, meant: Pin | None) -> str:
    """Say why a pin's text, without prefix, is no real pin; return an empty string if it may be one."""
    letters = "".join(body.split()).rstrip("=")
    if meant is None:
        if re.search(_WORDS, body):
            return "a placeholder"
        return _repeated(letters) if len(letters) >= 16 and len(set(letters)) <= 3 else ""
    if len(set(meant.digest)) == 1:
        return "one repeated byte"
    if len(set(letters)) <= _FEW and not _is_hexadecimal(letters):
        return _repeated(letters)
    if word := re.search(_WORDS_IN_BASE64, letters):
        return f"it spells {word[0]}"
    if all(32 <= byte < 127 for byte in meant.digest):
        return f"it decodes to the text {meant.digest.decode('ascii')!r}"
    if page := _DOCUMENTED.get(meant.base64):
        return f"the sample pin of {page}"
    return _hashed_words().get(meant.digest, "")


def _repeated(letters: str) -> str:
    number = len(set(letters))
    return f"one letter, {letters[0]}, repeated" if number == 1 else f"only {number} different characters"


def _is_hexadecimal(letters: str) -> bool:
    digits = letters.replace(":", "")
    return len(digits) in (40, 64) and not set(digits) - set("0123456789abcdefABCDEF")


@cache
def _hashed_words() -> dict[bytes, str]:
    from hashlib import sha1, sha256

    found = {}
    for word in _HASHED_WORDS:
        text = f"the hash of the text {word!r}"
        for algorithm in (sha1, sha256):
            found[algorithm(word.encode(), usedforsecurity=False).digest()] = (
                text if word else "the hash of empty input: the command that made it read no key"
            )
    return found
