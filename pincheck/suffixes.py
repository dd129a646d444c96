"""Which names are public suffixes, below which everybody may have a name: ``co.uk``, ``cloudfront.net``.

The list is that of publicsuffix.org with its private part, as the package ``publicsuffixlist`` carries it; nothing is
fetched. Reading it takes tens of milliseconds, so a name that stands nowhere in it is answered without.
"""

import os
from functools import lru_cache
from typing import Any

_FILE = "public_suffix_list.dat"


def is_public_suffix(name: str) -> bool:
    """Tell whether a name (lower case, A-labels, no trailing dot) is a public suffix on the list itself.

    A top-level name that the list does not hold is none: names below it are not handed out to the public.
    """
    if not name or not _may_be_listed(name):
        return False
    return bool(_list().publicsuffix(name, accept_unknown=False) == name)


def _may_be_listed(name: str) -> bool:
    """Whether a rule of the list can be about exactly this name; one in A-labels may stand there in U-labels."""
    text = _text()
    if not text or "xn--" in name:
        return True
    wanted = (name, "*." + name, "*." + name.partition(".")[2])
    return any(f"\n{rule}\n".encode("utf-8", "replace") in text for rule in wanted)


@lru_cache
def _text() -> bytes:
    """The list as the package carries it; empty if the package keeps it elsewhere."""
    from importlib.util import find_spec

    spec = find_spec("publicsuffixlist")  # without running it
    path = os.path.join(os.path.dirname(spec.origin), _FILE) if spec and spec.origin else ""
    if not os.path.isfile(path):
        return b""
    with open(path, "rb") as file:
        return file.read().lower().replace(b"\r", b"")


@lru_cache
def _list() -> Any:
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()
