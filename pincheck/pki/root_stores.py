"""Which root keys the newest release of a platform has dropped; quick, as it reads no certificate."""

import os
from collections.abc import Iterable, Mapping

from pincheck.model import Pin

# Where it lies is told without importlib.resources, which takes longer to load than the table to read.
_TABLE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "data", "trust-stores.csv")

NEWEST: Mapping[str, str] = {"android": "Android 17", "ios": "iOS 26"}
"""The newest release of each platform in the table."""


def dropping(pins: Iterable[Pin]) -> dict[Pin, frozenset[str]]:
    """Return for each root key the platforms that trusted a root of it in some release and no longer do in the newest.

    Source: ``data/trust-stores.csv``. A root that is too new for every store is not dropped: another root may vouch
    for it meanwhile.
    """
    wanted = {pin.base64: pin for pin in pins}
    if not wanted:
        return {}
    once, now = ({pin: frozenset[str]() for pin in wanted.values()} for _ in range(2))
    with open(_TABLE, encoding="utf-8") as table:
        lines = table.read().splitlines()
    columns = lines[0].split(",")
    for line in lines[1:]:
        pin = wanted.get(line.split(",", 2)[1])
        if pin:
            row = dict(zip(columns, _fields(line), strict=True))
            once[pin] |= {platform for platform in NEWEST if row[platform]}
            now[pin] |= {platform for platform in NEWEST if _is_in_newest(row[platform], platform)}
    return {pin: once[pin] - now[pin] for pin in wanted.values()}


def _is_in_newest(releases: str, platform: str) -> bool:
    return NEWEST[platform].rpartition(" ")[2] in releases.split()


def _fields(line: str) -> list[str]:
    if '"' not in line:
        return line.split(",")
    import csv

    return next(csv.reader([line]))
