"""Host name -> the form in which clients compare it, and the host of a URL.

IPv6 by RFC 5952, Unicode by RFC 3490 (IDNA 2003) or UTS #46, each as far as OkHttp's
``toCanonicalHost`` and ``HttpUrl.parse`` go.
"""

import re
import unicodedata
from typing import Literal

_FORBIDDEN = r"[^!-~]|[#%/:?@\[\\\]]"
"""What no host name holds in its ASCII form (WHATWG URL, forbidden host code points)."""
_DOTS = r"[.\u3002\uff0e\uff61]"
"""What separates labels (RFC 3490 §3.1)."""
_LABEL = 63
_LONGEST = 1000
"""Beyond this nothing is encoded or decoded, as that takes more than linear time. No shorter name
comes of it: 253 characters are at most 127 labels, and decoding takes five characters off each."""
_LONGEST_ENCODED = _LABEL + len("xn--") + len("-")
"""A label in ASCII that is written as if it were not (``xn--abc-``) loses so many when decoded."""
_ACE = "xn--"

# What the mapping table of UTS #46 does not take from the properties of a character (its section 7).
_VALID = "ßẞς\u200c\u200d"
_DROPPED = r"[\xad\u034f\u180b-\u180d\u180f\u200b\u2060\u2064\ufe00-\ufe0f\ufeff\U0001bca0-\U0001bca3]"
_REFUSED = r"[\u04c0\u10a0-\u10c5\u115f\u1160\u1680\u17b4\u17b5\u1806\u2132\u2183\u2ff0-\u2ffb\u3164\uffa0\ufffc\ufffd]"
_NOT_IN_NAMES = ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp")


def canonical(host: str, unicode: Literal["", "idna2003", "uts46"], longest: int = 0) -> str:
    """Return a host as it is compared, or an empty text if it is no host."""
    if ":" in host:
        return _address(host)
    if len(host) > _LONGEST and (unicode == "uts46" or not host.isascii()):
        return ""
    try:
        name = _uts46(host) if unicode == "uts46" else _idna2003(host)
    except UnicodeError:
        return ""
    if re.search(_FORBIDDEN, name) or (longest and len(name) > longest):
        return ""
    return name.lower()


def url_host(text: str) -> str:
    """Return the host, as written, of the URL that ``http://`` and a text make; empty if there is none."""
    from urllib.parse import unquote

    authority = re.split(r"[/\\?#]", text.rstrip("\t\n\f\r ").lstrip("/\\"), maxsplit=1)[0]
    host, colon, port = _host_and_port(authority.rpartition("@")[2])
    if colon and port and not _is_port(port):
        return ""
    return unquote(host, errors="replace")


def _host_and_port(authority: str) -> tuple[str, str, str]:
    """Split at the first colon that is in no brackets; a bracket left open runs to the end."""
    host = re.match(r"(?:[^:\[]|\[[^\]]*(?:\]|\Z))*", authority)
    end = host.end() if host else 0
    return authority[:end], authority[end : end + 1], authority[end + 1 :]


def _is_port(text: str) -> bool:
    digits = re.fullmatch(r"\+?0*([0-9]{1,5})", text)
    return bool(digits) and 0 < int(digits[1]) <= 65535 if digits else False


def _address(text: str) -> str:
    """The text of an IPv6 address, of the IPv4 address if it stands for one; empty if it is none."""
    from ipaddress import AddressValueError, IPv6Address

    if text.startswith("[") and text.endswith("]"):
        text = text[1:-1]
    if "%" in text or len(text) > 45:  # a zone is none of the address; 45 is the longest spelling
        return ""
    try:
        address = IPv6Address(text)
    except AddressValueError:
        return ""
    return str(address.ipv4_mapped or address.compressed)


# Unicode ---------------------------------------------------------------------


def _idna2003(host: str) -> str:
    """ToASCII of each label (RFC 3490 §4.1); raise ``UnicodeError`` where it fails."""
    if re.fullmatch(_DOTS, host):
        return "."
    labels = re.split(_DOTS, host)
    last = labels.pop() if len(labels) > 1 and not labels[-1] else None
    found = [_checked(label if label.isascii() else _label_2003(label)) for label in labels]
    return ".".join(found if last is None else [*found, last])


def _label_2003(label: str) -> str:
    from encodings.idna import nameprep
    from stringprep import in_table_a1

    if any(map(in_table_a1, label)):
        raise UnicodeError("not assigned in Unicode 3.2")
    prepared = nameprep(label)
    if prepared.startswith(_ACE) and not prepared.isascii():
        raise UnicodeError("a second encoding")
    return _encoded(prepared)


def _uts46(host: str) -> str:
    """Map, normalise, and check the encoded labels (UTS #46 §4), not transitional and without STD3."""
    mapped = unicodedata.normalize("NFC", host.lower() if host.isascii() else "".join(map(_mapped, host)))
    labels = mapped.split(".")
    last = labels.pop() if len(labels) > 1 and not labels[-1] else None
    found = [_checked(_encoded(_decoded(label))) for label in labels]
    return ".".join(found if last is None else [*found, last])


def _mapped(character: str) -> str:
    """What UTS #46's table makes of a character; it is derived from these properties of Unicode."""
    if character.isascii():
        return character.lower()
    if re.match(_DOTS, character):
        return "."
    if character in _VALID:
        return character.lower()
    if re.match(_DROPPED, character):
        return ""
    if unicodedata.category(character) in _NOT_IN_NAMES or re.match(_REFUSED, character):
        raise UnicodeError("no character of a name")
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", character).casefold())
    if re.search(_DOTS, folded):
        raise UnicodeError("a dot in disguise")
    return folded


def _decoded(label: str) -> str:
    """The Unicode of an encoded label, any other label as it is."""
    if not label.startswith(_ACE):
        return label
    if len(label) > _LONGEST_ENCODED or not re.fullmatch(r"[a-z0-9-]*", label):
        raise UnicodeError("no Punycode")
    name = label.removeprefix(_ACE).encode("ascii").decode("punycode")
    if not unicodedata.is_normalized("NFC", name) or any("\ud800" <= one <= "\udfff" for one in name):
        raise UnicodeError("not normalised")
    return name


def _encoded(label: str) -> str:
    if label.isascii() or len(label) > _LABEL:  # Punycode is never shorter
        return label
    return _ACE + label.encode("punycode").decode("ascii")


def _checked(label: str) -> str:
    if not 0 < len(label) <= _LABEL:
        raise UnicodeError("empty or too long")
    return label
