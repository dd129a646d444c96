"""Certificate files, PEM or DER, that a declaration may refer to.

What they say is not read here; ``pki.certificates`` reads those that a declaration names.
"""

import re
from binascii import Error, a2b_base64
from collections.abc import Iterator

from pincheck.model import CertificateFile, SourceFile
from pincheck.registry import parser

_PEM = rb"-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----([^-]+)-----END"
MAX_BYTES = 1024 * 1024
"""A larger file is a bundle of somebody else's, not a pin."""


@parser(files=("*.pem", "*.crt", "*.cer", "*.der"), markers=())
def parse(source: SourceFile) -> Iterator[CertificateFile]:
    """Yield the file with the DER of each certificate in it."""
    if len(source.data) > MAX_BYTES:
        return
    if ders := tuple(_certificates(source.data)):
        yield CertificateFile(source.path, source.data, ders)


def _certificates(data: bytes) -> Iterator[bytes]:
    if data[:1] == b"\x30":
        yield data
        return
    for block in re.finditer(_PEM, data):
        try:
            yield a2b_base64(block[1])
        except Error:
            continue
