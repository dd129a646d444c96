"""Private keys in PEM, anywhere in the tree.

Source: RFC 7468 §10-11 (labels). The Location of a key never carries the
text of its line, so that no output can print it.
"""

import re
from collections.abc import Iterator

from pincheck.model import Location, PrivateKey, SourceFile
from pincheck.readers.text import ByteLines
from pincheck.registry import parser

_PEM = (
    rb"-----BEGIN ((?:[A-Z]{2,12} )?)PRIVATE KEY-----"
    rb"(?P<body>(?:(?!-----)[\x20-\x7e\r\n\t]){60,20000})-----END[A-Z -]{0,30}"
)
_BASE64 = rb"[A-Za-z0-9+/=]"
_KINDS = {b"": "PKCS#8", b"ENCRYPTED ": "encrypted PKCS#8", b"OPENSSH ": "OpenSSH"}


@parser(files=("*",), markers=(b"PRIVATE KEY-----",))
def parse(source: SourceFile) -> Iterator[PrivateKey]:
    """Yield every PEM private key whose body is base64 of a plausible length."""
    lines = ByteLines(source.data)
    for match in re.finditer(_PEM, source.data):
        line, start = lines.position(match.start())
        if len(re.findall(_BASE64, match["body"])) >= 0.8 * len(match["body"].strip()):
            kind = _KINDS.get(match[1], match[1].decode("ascii").strip())
            column = match.start() - start + 1
            at = Location(source.path, line, column, line, column + len("-----BEGIN"))
            yield PrivateKey(at, kind, match[0])
