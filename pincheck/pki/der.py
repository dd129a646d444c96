"""Elements of DER and BER: where they start and end, without reading what they hold (X.690 §8.1)."""

_INDEFINITE, _DEEPEST = 0x80, 30
"""The length byte of content that two zero bytes end; OpenSSL goes no deeper into such."""


def child(der: bytes, number: int) -> bytes:
    """The element of this number inside the first, whole; raise ``ValueError`` if there is none."""
    at, last = inside(der, 0)
    for _ in range(number):
        at = end_of(der, at)
    if at >= last:
        raise ValueError("cut short")
    return der[at : end_of(der, at)]


def end_of(der: bytes, at: int, depth: int = 0) -> int:
    """Where the element at ``at`` ends."""
    return inside(der, at, depth)[1] + (2 if der[at + 1] == _INDEFINITE else 0)


def inside(der: bytes, at: int, depth: int = 0) -> tuple[int, int]:
    """Where the content of the element at ``at`` starts and ends (X.690 §8.1.3); raise ``ValueError`` if it does not.

    A length may be left open, as in BER, where two zero bytes end the content.
    """
    header = der[at : at + 2]
    if len(header) < 2:
        raise ValueError("cut short")
    start, length = at + 2, header[1]
    if length == _INDEFINITE:
        return start, _open_end(der, start, depth + 1)
    if length > _INDEFINITE:
        start += length & 0x7F
        length = int.from_bytes(der[at + 2 : start], "big")
    if start + length > len(der):
        raise ValueError("cut short")
    return start, start + length


def _open_end(der: bytes, at: int, depth: int) -> int:
    if depth > _DEEPEST:
        raise ValueError("nested too deep")
    while der[at : at + 2] != b"\0\0":
        at = end_of(der, at, depth)
    return at
