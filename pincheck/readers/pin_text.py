"""Text of a pin -> the key it means, by the declaring client's own reading.

What each client does stands beside its ``Semantics`` in ``parsers/``; base64 is RFC 4648.
"""

import re
from binascii import a2b_base64

from pincheck.model import DeclaredPin, Fault, Pin, PinCodec, Semantics, Text
from pincheck.readers.placeholders import placeholder

_PREFIX = r"(?i)(?:pin-)?(sha-?256|sha-?1)[/=:]\"?"
_EXACT_PREFIXES = {"sha256/": r"(sha256|sha1)/", "sha256//": r"(sha256)//"}
_CURL = r"sha256//(?=[A-Za-z0-9+/]{43}=)"
"""How libcurl has its pins; one slash before 43 digits that begin with a slash is OkHttp's."""
_HEX_PAIRS = r"(?:[0-9A-Fa-f]{2}[:\s]?){19,31}[0-9A-Fa-f]{2}"
_PLAIN = r"[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]="
"""32 bytes as every encoder writes them; the last digit carries no spare bits (RFC 4648 §3.5)."""
_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_STANDARD = frozenset(_DIGITS)
_SIZES = {"sha256": 32, "sha1": 20}


def read_pin(text: Text, semantics: Semantics) -> DeclaredPin:
    """Return what the client of ``semantics`` makes of a pin text.

    The ``pin`` is set even beside a ``fault`` when only one key can be meant (hex instead of
    base64, a prefix too many), so that a rule can tell what to write instead.
    """
    value, spelling = text.value, semantics.codec.spelling
    if re.fullmatch(_PLAIN, value.removeprefix(spelling)) and _prefix_fits(value, semantics.codec):
        pin = Pin(semantics.hashed, "sha256", a2b_base64(value.removeprefix(spelling)))
        return DeclaredPin(value, text.at, pin, placeholder=placeholder(pin.base64, pin))
    meant = _meant(value, semantics)
    dummy = placeholder(_without_prefix(value), meant)
    fault = None if dummy and not meant else pin_fault(value, semantics)
    suspicion = "" if fault or dummy else _suspicion(value)
    return DeclaredPin(value, text.at, meant, fault, dummy, suspicion)


def _prefix_fits(value: str, codec: PinCodec) -> bool:
    return codec.prefix == "optional" or value.startswith(codec.spelling) == (codec.prefix == "required")


def _without_prefix(value: str) -> str:
    return re.sub(r"\A" + _PREFIX.removeprefix("(?i)"), "", value.strip(), flags=re.IGNORECASE)


# what the client cannot use --------------------------------------------------


def pin_fault(value: str, semantics: Semantics) -> Fault | None:
    """What keeps the client from using the text as a pin, whatever was meant by it, or None."""
    codec = semantics.codec
    prefix = re.match(_expected(value, codec), value)
    if codec.prefix == "required" and not prefix:
        wanted = codec.spelling
        return Fault(
            f"does not start with {wanted}", semantics.refused_pin, f"write {wanted} before the base64"
        )
    unwanted = prefix[0] if prefix and codec.prefix == "forbidden" else ""
    size = _SIZES["sha1" if prefix and not unwanted and prefix[1][-1] == "1" else "sha256"]
    if prefix and not unwanted:
        value = value[prefix.end() :]
    if codec.blanks == "trimmed":
        value = value.strip()
    if codec.hexadecimal and re.fullmatch(_HEX_PAIRS, value):
        length = len(_digest(value))
        return (
            None
            if length in _SIZES.values()
            else Fault(f"holds {length} bytes instead of 32", "never matches")
        )
    digits, foreign = _split(value, codec)
    if foreign and codec.foreign == "refused":
        if unwanted:
            return Fault(f"starts with {unwanted}", semantics.refused_pin, f"remove {unwanted}")
        return Fault(f"holds {_listed(foreign)}, no base64", _undecoded(semantics))
    return _digits_fault(value, digits, foreign, size, unwanted, semantics)


def _expected(value: str, codec: PinCodec) -> str:
    """The prefix to look for: the one that is required, or any that people write."""
    if codec.prefix == "required":
        return _EXACT_PREFIXES[codec.spelling]
    return f"({_CURL[:6]})//" if codec.prefix == "optional" and re.fullmatch(_CURL + ".+", value) else _PREFIX


def _digits_fault(
    value: str, digits: str, foreign: str, size: int, unwanted: str, semantics: Semantics
) -> Fault | None:
    """What is wrong with the base64 digits that the client's decoder is left with, or None."""
    codec = semantics.codec
    length = len(digits) * 6 // 8
    wrong_length = semantics.refused_pin if codec.length_checked else "never matches"
    if unwanted:
        what = f"starts with {unwanted}, which is read as part of the key: {length} bytes instead of {size}"
        return Fault(what, wrong_length, f"remove {unwanted}")
    padding = _padding_fault(value, digits, codec)
    if padding and not foreign:
        return Fault(padding, _undecoded(semantics))
    if padding or length != size:
        return Fault(_length_text(value, foreign, length, size), wrong_length)
    canonical = Pin("spki", "", _bytes(digits)).base64
    if codec.compares_text and value != canonical:
        what = "is not the standard spelling of its key, and the text itself is compared"
        return Fault(what, "never matches", f"write {canonical}")
    return None


def _undecoded(semantics: Semantics) -> str:
    """What becomes of a text that is no base64: one that is only compared is never decoded."""
    return "never matches" if semantics.codec.compares_text else semantics.refused_pin


def _padding_fault(value: str, digits: str, codec: PinCodec) -> str:
    """What is wrong with the number of digits or of ``=``, or an empty string."""
    given = value.rstrip().count("=")
    wanted = -len(digits) % 4
    if wanted == 3:
        return f"has {len(digits)} base64 digits, which is no whole number of bytes"
    if given == wanted or codec.padding == "ignored" or (not given and codec.padding == "optional"):
        return ""
    if re.fullmatch(_HEX_PAIRS, digits):
        return f"is hexadecimal and ends in {'=' * given}, which only base64 does"
    return f"ends in {given} = instead of {wanted}"


def _length_text(value: str, foreign: str, length: int, size: int) -> str:
    if re.fullmatch(_HEX_PAIRS, value.strip().rstrip("=")):
        return f"is hexadecimal, where base64 is read: {length} bytes instead of {size}"
    if foreign:
        dropped = f"its decoder drops {_listed(foreign)}, "
        return f"{dropped}{length} bytes are left of {len(value)} characters instead of {size}"
    return f"decodes to {length} byte{'' if length == 1 else 's'} instead of {size}"


def _split(value: str, codec: PinCodec) -> tuple[str, str]:
    """The base64 digits in standard spelling, and the foreign characters, each once."""
    if codec.url_safe:
        value = value.replace("-", "+").replace("_", "/")
    value = value.rstrip("=" + codec.white) if codec.padding == "ignored" else value.replace("=", "")
    if codec.blanks == "skipped":
        value = "".join(value.split() if not codec.white else value.translate(_without(codec.white)))
    if _STANDARD.issuperset(value):
        return value, ""
    foreign = "".join(dict.fromkeys(character for character in value if character not in _STANDARD))
    return "".join(character for character in value if character in _STANDARD), foreign


def _without(characters: str) -> dict[int, None]:
    return dict.fromkeys(map(ord, characters))


def _listed(characters: str) -> str:
    shown = dict.fromkeys(
        "white space" if one.isspace() else one for one in characters if one.isprintable() or one.isspace()
    )
    return " and ".join(list(shown)[:3] or ["control characters"]) + (" and more" if len(shown) > 3 else "")


# what a person reads in it ---------------------------------------------------


def _meant(value: str, semantics: Semantics) -> Pin | None:
    """The key that a person reads in the text, whatever the client makes of it."""
    algorithm, body = "", value.strip()
    if prefix := re.match(_PREFIX, body):
        algorithm = "sha1" if prefix[1][-1] == "1" else "sha256"
        body = body[prefix.end() :].rstrip('"')
    spellings = (body, body[1:]) if body.startswith("/") else (body,)  # curl writes sha256//
    for digest in map(_digest, spellings):
        found = next((name for name, size in _SIZES.items() if size == len(digest)), "")
        if found and algorithm in ("", found):
            return Pin(semantics.hashed, found, digest)
    return None


def _digest(body: str) -> bytes:
    """The bytes of a hexadecimal or base64 text, or none."""
    bare = "".join(body.split()).rstrip("=")
    if len(bare) > 200:
        return b""
    if re.fullmatch(_HEX_PAIRS, body := body.rstrip("=")):
        return bytes.fromhex(re.sub(r"[:\s]", "", body))
    bare = bare.replace("-", "+").replace("_", "/")
    return b"" if not _STANDARD.issuperset(bare) or len(bare) % 4 == 1 else _bytes(bare)


def _bytes(digits: str) -> bytes:
    """Decode standard base64 digits, without padding; stray bits at the end are dropped."""
    return a2b_base64(digits + "=" * (-len(digits) % 4))


def _suspicion(value: str) -> str:
    """Tell a text whose last digit carries bits that no encoder writes (RFC 4648 §3.5)."""
    digits, _ = _split(_without_prefix(value), PinCodec(url_safe=True, blanks="skipped"))
    spare = {2: 4, 3: 2}.get(len(digits) % 4, 0)
    if _DIGITS.index(digits[-1]) % (1 << spare) if spare else False:
        return f"ends in {digits[-1]}, which no encoder writes there: a character is mistyped or lost"
    return ""
