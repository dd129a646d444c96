"""Private keys in DER, PKCS#8 (RFC 5958 §2), in files named as keys."""

import re
from collections.abc import Iterator

from pincheck.model import PrivateKey, SourceFile
from pincheck.readers.text import whole_file
from pincheck.registry import parser

_PKCS8 = rb"(?s)\x30(?:[\x00-\x7f]|\x81.|\x82..)\x02\x01[\x00\x01]\x30[\x05-\x1f]\x06[\x07\x09]"


@parser(files=("*.p8", "*.pk8", "*.key", "*.der"), markers=())
def parse(source: SourceFile) -> Iterator[PrivateKey]:
    """Yield the key that the whole file is, if it starts as one."""
    if re.match(_PKCS8, source.data):
        yield PrivateKey(whole_file(source.path), "PKCS#8", source.data)
