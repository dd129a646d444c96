"""Names of hosts that TrustKit refuses, as its table of public suffixes does not know them."""

import re
from collections.abc import Iterator

from pincheck.model import Defect, Severity, Text
from pincheck.parsers._info_plist import build_setting, shown
from pincheck.parsers._trustkit_ios_keys import CRASH, malformed


def bad_name(key: Text) -> Iterator[Defect]:
    """Names without a public suffix, for which TrustKit throws. Which newer ones its table lacks is not told."""
    name = key.value
    if build_setting(name):
        return
    severity: Severity | None = None
    if re.fullmatch(_ADDRESS, name):
        what, severity = "is an address, and TrustKit knows domain names only", "warning"
    elif not name.isascii():
        what = "is not in its ASCII form"
    elif len(name) > 127:
        what = "is longer than 127 bytes"
    elif "." not in name.strip(".") or name.rstrip(".").rpartition(".")[2].lower() in _PRIVATE:
        what = "has no public suffix"
    else:
        return
    remedy = (
        "write its A-label (xn--…)" if not name.isascii() else "pin a public host name, or remove the entry"
    )
    effect = (
        CRASH
        if severity is None
        else "TrustKit may throw when it is initialised, so the app may crash at start"
    )
    yield malformed(key.at, f"{shown(name)} {what}", remedy, (name,), severity, effect)


_ADDRESS = r"\d+(?:\.\d+){3}|\[?[0-9a-fA-F]*:[0-9a-fA-F:.]+\]?"
_PRIVATE = frozenset(("localhost", "local", "internal", "lan", "home", "corp", "intranet", "private", "test"))
