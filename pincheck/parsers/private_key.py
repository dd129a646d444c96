"""Private keys in PEM, anywhere in the tree.

Source: RFC 7468 §10-11 (labels). The Location of a key never carries the
text of its line, so that no output can print it.
"""

import re
from collections.abc import Iterator

from pincheck.model import Location, PrivateKey, SourceFile
from pincheck.registry import parser

_PEM = re.compile(
    rb"-----BEGIN ((?:[A-Z]{2,12} )?)PRIVATE KEY-----"
    rb"(?P<body>(?:(?!-----)[\x20-\x7e\r\n\t]){60,20000})-----END"
)
_BASE64 = re.compile(rb"[A-Za-z0-9+/=]")
_KINDS = {b"": "PKCS#8", b"ENCRYPTED ": "encrypted PKCS#8", b"OPENSSH ": "OpenSSH"}


@parser(files=("*",), markers=(b"PRIVATE KEY-----",))
def parse(source: SourceFile) -> Iterator[PrivateKey]:
    """Yield every PEM private key whose body is base64 of a plausible length."""
    for match in _PEM.finditer(source.data):
        if len(_BASE64.findall(match["body"])) < 0.8 * len(match["body"].strip()):
            continue
        kind = _KINDS.get(match[1], match[1].decode("ascii").strip())
        yield PrivateKey(
            _place(source, match.start(), match.end()), kind, match[0] + _rest(source, match.end())
        )


def _rest(source: SourceFile, end: int) -> bytes:
    """What follows ``-----END`` on its line."""
    return source.data[end : end + 30].partition(b"\n")[0]


def _place(source: SourceFile, start: int, end: int) -> Location:
    line = source.data.count(b"\n", 0, start) + 1
    column = len(source.data[max(source.data.rfind(b"\n", 0, start) + 1, start - 10_000) : start]) + 1
    return Location(source.path, line, column, line, column + len("-----BEGIN"))
