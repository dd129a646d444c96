"""The shapes of pins: a text that has one may be a pin, and a file without any holds none."""

import re

from pincheck.model import Location

PREFIXED = r"(?i)(?:pin-)?sha-?(?:256|1)(?://?|=\"?)(?=[A-Za-z0-9+/_=-]{20,}\"?\Z)"
BASE64 = r"[A-Za-z0-9+/]{43}="
HEX = r"[0-9A-Fa-f]{64}|[0-9A-Fa-f]{2}(?:[: ][0-9A-Fa-f]{2}){31}|[0-9A-Fa-f]{2}(?:[: ][0-9A-Fa-f]{2}){19}"


def shape(text: str) -> str:
    """``prefixed``, ``base64`` or ``hex`` for a text that has a pin's shape, else empty."""
    if not 20 <= len(text) <= 120:
        return ""
    if re.match(PREFIXED, text):
        return "prefixed"
    if re.fullmatch(BASE64, text):
        return "base64"
    return "hex" if re.fullmatch(HEX, text) else ""


def is_bare_sha1(text: str) -> bool:
    """Tell 40 hex digits: the SHA-1 hash of a certificate or key, more often that of something else."""
    return len(text) == 40 and bool(re.fullmatch(_SHA1, text))


def may_be_pin(text: str) -> bool:
    """Tell any shape of a pin, where it is known already that a pin is compared."""
    return bool(shape(text)) or is_bare_sha1(text)


_SHA1 = r"[0-9a-f]{40}|[0-9A-F]{40}"


def pieces(text: str, at: Location) -> tuple[tuple[str, Location], ...]:
    """The pins of a text that lists several, or one, as libcurl has them; of another text, none."""
    if len(text) > MAX_LISTED or not re.fullmatch(_CURL_LIST, text):
        return ()
    return tuple((match[0], within(at, text, *match.span()) or at) for match in re.finditer(_CURL_PIN, text))


def within(at: Location, text: str, start: int, end: int) -> Location | None:
    """The place of a part of a text that stands at ``at``; None where the text has escapes or lines."""
    if at.line != at.end_line or at.end_column - at.column != len(text):
        return None
    return at._replace(column=at.column + start, end_column=at.column + end)


MAX_LISTED = 4000
_CURL_PIN = r"sha256//[A-Za-z0-9+/]{43}="
_CURL_LIST = rf";?{_CURL_PIN}(?:;{_CURL_PIN})*;?"


def narrow(data: bytes) -> bytes:
    """The bytes of UTF-16 text without their zeros, so that ASCII is found in it; any other as they are."""
    return data.replace(b"\0", b"") if data.startswith(_WIDE) else data


def stands_in(data: bytes, sha1: bool = False) -> bool:
    """Tell whether a text of some pin's shape may stand in a file; quicker than a search for the shapes.

    ``sha1`` tells that 40 bare hex digits are such a text.
    """
    data = narrow(data)
    if b"\\/" in data:  # as some write it in JSON
        data = data.replace(b"\\/", b"/")
    if data.startswith(b"bplist"):
        return True  # its texts have no quotes around them
    if any(start in data and any(each in data for each in prefixes) for start, prefixes in _PREFIXES):
        return True
    if b"=" in data and _stands_alone(_BASE64_RUN, data.translate(_BASE64_DIGITS), b".="):
        return True
    digits = data.translate(_HEX_DIGITS)
    return any(_stands_alone(run, digits, b".: ") for run in (*_HEX_RUNS, *(_SHA1_RUNS if sha1 else ())))


def _stands_alone(run: bytes, classes: bytes, around: bytes) -> bool:
    """Tell whether a run of digits is found with only such characters beside it."""
    start = classes.find(run)
    while start >= 0:
        end = start + len(run)
        if (start == 0 or classes[start - 1] in around) and (end == len(classes) or classes[end] in around):
            return True
        start = classes.find(run, end)
    return False


def _classes(digits: bytes, kept: bytes) -> bytes:
    """A table that makes ``x`` of digits and a dot of what may stand beside a text, and keeps some characters."""
    beside = b"\"'`<>,;|()[]{}=: \t\r\n\0"
    return bytes(
        ord("x") if byte in digits else byte if byte in kept else ord("." if byte in beside else "#")
        for byte in range(256)
    )


_WIDE = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")
"""How UTF-16 text starts: with a byte order mark, or as XML without one."""
_PREFIXES = (
    (b"256", (b"256/", b"256=")),
    (b"1/", (b"ha1/", b"HA1/", b"ha-1/", b"HA-1/")),
)
"""How prefixes of pins end, behind what all of them hold."""
_BASE64_DIGITS = _classes(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", b"=")
_BASE64_RUN = b"x" * 43 + b"="
_HEX_DIGITS = _classes(b"0123456789abcdefABCDEF", b": ")
_HEX_RUNS = (b"x" * 64, b"xx:" * 19 + b"xx", b"xx " * 19 + b"xx")
_SHA1_RUNS = (b"x" * 40,)
