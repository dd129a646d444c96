"""Text of a pin -> the key it means, by the declaring client's own reading.

Sources: reference of each client beside its ``Semantics`` in ``parsers/``; base64 is RFC 4648.
"""

import re
from binascii import a2b_base64

from pincheck.model import DeclaredPin, Fault, Pin, PinCodec, Semantics, Text

_PREFIX = re.compile(r"(?:pin-)?(sha-?256|sha-?1)[/=:]\"?", re.IGNORECASE)
_HEX_PAIRS = re.compile(r"(?:[0-9A-Fa-f]{2}[:\s]?){19,31}[0-9A-Fa-f]{2}")
_STANDARD = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
_URL_SAFE = frozenset("-_")
_BLANKS = frozenset(" \t\r\n\f\v")
_SIZES = {"sha256": 32, "sha1": 20}


def read_pin(text: Text, semantics: Semantics) -> DeclaredPin:
    """Return what the client of ``semantics`` makes of a pin text.

    The ``pin`` is set even beside a ``fault`` when only one key can be meant (hex instead of
    base64, a prefix too many), so that a rule can tell what to write instead.
    """
    meant = _meant(text.value, semantics)
    dummy = placeholder(text.value, meant)
    fault = None if dummy and not meant else _fault(text.value, semantics)
    suspicion = "" if fault or dummy else _suspicion(text.value)
    return DeclaredPin(text.value, text.at, meant, fault, dummy, suspicion)


def _fault(value: str, semantics: Semantics) -> Fault | None:
    """What keeps the client from using the text as a pin, or None."""
    codec = semantics.codec
    prefix = _PREFIX.match(value)
    if codec.prefix == "required":
        if not re.match(r"sha(256|1)/", value):
            return Fault(
                "does not start with sha256/", semantics.refused_pin, "write sha256/ before the base64"
            )
        value = value.partition("/")[2]
        size = _SIZES["sha1"] if prefix and "1" in prefix[1][3:4] else 32
    else:
        size = 32
    if codec.blanks == "trimmed":
        value = value.strip()
    digits, foreign = _split(value, codec)
    if foreign and codec.foreign == "refused":
        if prefix and codec.prefix == "forbidden":
            return Fault(f"starts with {prefix[0]}", semantics.refused_pin, f"remove {prefix[0]}")
        return Fault(f"holds {_listed(foreign)}, no base64", semantics.refused_pin)
    length = len(digits) * 6 // 8
    if prefix and codec.prefix == "forbidden":
        what = f"starts with {prefix[0]}, which is read as part of the key: {length} bytes instead of {size}"
        return Fault(what, _wrong_length(semantics), f"remove {prefix[0]}")
    padding = _padding_fault(value, digits, codec)
    if padding and not foreign:
        return Fault(padding, semantics.refused_pin)
    if padding or length != size:
        return Fault(_length_text(value, digits, foreign, length, size), _wrong_length(semantics))
    if codec.compares_text and value != _canonical(digits, size):
        return Fault(
            "is not the standard spelling of its key, and the text itself is compared",
            "never matches",
            f"write {_canonical(digits, size)}",
        )
    return None


def _wrong_length(semantics: Semantics) -> str:
    return semantics.refused_pin if semantics.codec.length_checked else "never matches"


def _length_text(value: str, digits: str, foreign: str, length: int, size: int) -> str:
    if _HEX_PAIRS.fullmatch(value.strip()):
        return f"is hexadecimal, where base64 is read: {length} bytes instead of {size}"
    if foreign:
        dropped = f"its decoder drops {_listed(foreign)}, "
        return f"{dropped}{length} bytes are left of {len(value)} characters instead of {size}"
    return f"decodes to {length} bytes instead of {size}"


def _padding_fault(value: str, digits: str, codec: PinCodec) -> str:
    """What is wrong with the number of digits or of ``=``, or an empty string."""
    given = value.rstrip().count("=")
    wanted = -len(digits) % 4
    if wanted == 3:
        return f"has {len(digits)} base64 digits, which is no whole number of bytes"
    if given == wanted or (not given and codec.padding == "optional"):
        return ""
    return f"ends in {given} = instead of {wanted}"


def _split(value: str, codec: PinCodec) -> tuple[str, str]:
    """The base64 digits in standard spelling, and the foreign characters, each once."""
    digits, foreign = [], []
    for character in value:
        if character in _STANDARD:
            digits.append(character)
        elif character in _URL_SAFE and codec.url_safe:
            digits.append("+" if character == "-" else "/")
        elif character == "=" or (character in _BLANKS and codec.blanks == "skipped"):
            continue
        elif character not in foreign:
            foreign.append(character)
    return "".join(digits), "".join(foreign)


def _listed(characters: str) -> str:
    shown = [
        character if character.isprintable() and character != " " else "white space"
        for character in characters
    ]
    return " and ".join(dict.fromkeys(shown[:3])) + (" and more" if len(shown) > 3 else "")


def _canonical(digits: str, size: int) -> str:
    return Pin("spki", "", _bytes(digits)[:size]).base64


def _bytes(digits: str) -> bytes:
    """Decode standard base64 digits; stray bits at the end are dropped."""
    whole = digits[: len(digits) // 4 * 4 + (len(digits) % 4 if len(digits) % 4 != 1 else 0)]
    return a2b_base64(whole + "=" * (-len(whole) % 4))


def _meant(value: str, semantics: Semantics) -> Pin | None:
    """The key that a person reads in the text, whatever the client makes of it."""
    algorithm, body = "", value.strip()
    if prefix := _PREFIX.match(body):
        algorithm = "sha1" if prefix[1].lower().replace("-", "") == "sha1" else "sha256"
        body = body[prefix.end() :].rstrip('"')
    spellings = (body, body[1:]) if body.startswith("/") else (body,)  # curl writes sha256//
    for digest in map(_digest, spellings):
        found = next((name for name, size in _SIZES.items() if size == len(digest)), "")
        if found and algorithm in ("", found):
            return Pin(semantics.hashed, found, digest)
    return None


def _digest(body: str) -> bytes:
    """The bytes of a hexadecimal or base64 text, or none."""
    if _HEX_PAIRS.fullmatch(body):
        return bytes.fromhex(re.sub(r"[:\s]", "", body))
    bare = "".join(body.split()).rstrip("=").replace("-", "+").replace("_", "/")
    if not _STANDARD.issuperset(bare) or len(bare) % 4 == 1 or len(bare) > 100:
        return b""
    return _bytes(bare)


def _suspicion(value: str) -> str:
    """Tell a text whose last digit carries bits that no encoder writes (RFC 4648 §3.5)."""
    digits, _ = _split(_PREFIX.sub("", value, count=1), PinCodec(url_safe=True))
    if len(digits) % 4 == 0 or len(digits) % 4 == 1:
        return ""
    spare = 2 if len(digits) % 4 == 3 else 4
    order = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    if order.index(digits[-1]) % (1 << spare):
        return f"ends in {digits[-1]}, which no encoder writes there: a character is mistyped or lost"
    return ""


_WORDS = re.compile(
    r"your|replace|placeholder|todo|fixme|dummy|change_?me|insert|example|sample|backup_?pin|hash_?here|pin_?here"
    r"|xxxx|\.\.\.|…|^<.*>$",
    re.IGNORECASE,
)
_LONG_WORDS = re.compile(
    r"placeholder|replace|example|backup|changeme|insert|dummy|yourpin|pinhere|hashhere", re.IGNORECASE
)
_HASHED_WORDS = (
    "",
    "\n",
    "test",
    "password",
    "hello",
    "dummy",
    "placeholder",
    "backup",
    "example",
    "pin",
    "a",
    "abc",
    "123456",
)
_DOCUMENTED = {
    "7HIpactkIAq2Y49orFOOQKurWxmmSFZhBCoQYcRhJ3Y=": "Android's documentation",
    "fwza0LRMXouZHRC8Ei+4PyuldPDcf3UKgO/04cDM1oE=": "Android's documentation",
}
"""Pins that readers copy from a page (developer.android.com, "Network security configuration")."""


def placeholder(value: str, meant: Pin | None) -> str:
    """Say why a text is no real pin, or return an empty string."""
    if meant is None:
        return "a placeholder" if _WORDS.search(value) else ""
    body = _PREFIX.sub("", value.strip(), count=1)
    if len(set(meant.digest)) == 1:
        return "one repeated byte"
    letters = body.rstrip("=")
    if not _HEX_PAIRS.fullmatch(body) and len(set(letters)) <= 12:
        return f"only {len(set(letters))} different characters"
    if word := _LONG_WORDS.search(letters):
        return f"it spells {word[0]}"
    if all(32 <= byte < 127 for byte in meant.digest):
        return f"it decodes to the text {meant.digest.decode('ascii')!r}"
    if page := _DOCUMENTED.get(meant.base64):
        return f"the sample pin of {page}"
    return _hashed_word(meant)


def _hashed_word(meant: Pin) -> str:
    from hashlib import new

    for word in _HASHED_WORDS:
        if new(meant.algorithm, word.encode()).digest() == meant.digest:
            if not word:
                return "the hash of empty input: the command that made it read no key"
            return f"the hash of the text {word!r}"
    return ""
