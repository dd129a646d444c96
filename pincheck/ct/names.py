"""Which hosts a certificate's names are of."""

import re
from collections.abc import Iterable

_NAME = re.compile(r"(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


def covering(names: Iterable[str], host: str) -> str:
    """The name that covers a host, itself before a wildcard; empty if none does.

    A ``*`` stands for one whole label, the leftmost (RFC 9525 §6.3).
    """
    known = {name.lower().rstrip(".") for name in names}
    for name in (host, wildcard(host)):
        if name in known:
            return name
    return ""


def wildcard(host: str) -> str:
    """The only wildcard that covers a host."""
    return "*." + host.partition(".")[2]


def is_public(host: str) -> bool:
    """Tell whether public CAs may certify a name: not a single label, not an address (CA/B Forum BR §7.1.4.2)."""
    return bool(_NAME.fullmatch(host))
