"""What public logs hold, written as pages of rules do.

    2026-11-20 to 2027-02-18  KSBMvsIu…hk=  api.shop.example
      by X9COh1MV…Tg=  CN=Example Issuing CA,O=Example Trust

The second line may begin with ``revoked,``.
"""

import re
from base64 import b64decode
from datetime import date

from pincheck.ct.asking import organisation
from pincheck.model import Pin
from pincheck.model.knowledge import Issuance, Knowledge

TITLE = "public logs"
ENTRY = re.compile(
    r"(?P<start>\S+) to (?P<end>\S+) +(?P<spki>\S+) +(?P<host>\S+)\n +(?P<revoked>revoked, )?by (?P<by>\S+) +(?P<issuer>.+)"
)


def logged(text: str) -> Knowledge:
    """What a block of a page says; raise ``ValueError`` if it says nothing."""
    found = tuple(map(_issuance, ENTRY.finditer(text)))
    if not found:
        raise ValueError(text)
    return Knowledge({}, issuances=found)


def _issuance(entry: re.Match[str]) -> Issuance:
    return Issuance(
        entry["host"],
        pin(entry["spki"]),
        entry["issuer"],
        organisation(entry["issuer"]),
        date.fromisoformat(entry["start"]),
        date.fromisoformat(entry["end"]),
        bool(entry["revoked"]),
        "Cert Spotter",
        pin(entry["by"]),
    )


def pin(text: str) -> Pin:
    """An SPKI pin in base64."""
    return Pin("spki", "sha256", b64decode(text))
