"""The ports that an app's own URLs name for its hosts: where there is none, 443 is what a client asks."""

import re
from collections.abc import Collection, Iterable

from pincheck.model import SourceFile
from pincheck.readers.paths import code_context
from pincheck.readers.shapes import narrow

DEFAULT = 443
LOWEST = 1024
"""Below it only 443 is asked: no other service of a machine is to be met by a repository's word."""
HIGHEST = 65_535
MAX_PORTS = 3
"""Ports of one host that are told; further ones are passed over."""

# A slash may be escaped, as in JSON, and so may a colon, as in .properties; xcconfig, where // starts a comment,
# has /$()/ . What follows the host must show where it ends: a port that is computed says nothing.
_URL = re.compile(
    rb"(?:https|wss)\\?:\\?/(?:\$\(\))?\\?/([a-z0-9][a-z0-9.-]{0,252})(?![a-z0-9.$-])"
    rb"(?:\\?:([0-9]{1,5})(?![0-9a-z_.$-]))?(?!\\?:)",
    re.IGNORECASE,
)


def ports(hosts: Collection[str], sources: Iterable[SourceFile]) -> dict[str, tuple[int, ...]]:
    """Return, in ascending order, the ports at which ``https:`` and ``wss:`` URLs of production code ask each host.

    ``hosts`` are in lower case, in A-labels and without a dot at the end. A host that is in no URL, or in none
    with a port that may be asked, is left out. At most ``MAX_PORTS`` for each, those that are seen first.
    """
    wanted = {host.encode(): host for host in hosts if host.isascii()}
    found: dict[str, set[int]] = {}
    for source in sources:
        if wanted and code_context(source.path) == "production":
            for match in _URL.finditer(narrow(source.data)):
                host = wanted.get(match[1].lower())
                port = int(match[2] or DEFAULT)
                if host and allowed(port) and len(found.setdefault(host, set())) < MAX_PORTS:
                    found[host].add(port)
    return {host: tuple(sorted(numbers)) for host, numbers in found.items()}


def allowed(port: int) -> bool:
    """Tell whether a port may be asked at all: 443, or one that needs no privilege to listen at."""
    return port == DEFAULT or LOWEST <= port <= HIGHEST
