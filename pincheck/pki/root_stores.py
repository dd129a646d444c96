"""Which root keys the newest release of each platform trusts; quick, as it reads no certificate."""

import os
from collections.abc import Iterable, Mapping

from pincheck.model import Pin

# Where it lies is told without importlib.resources, which takes longer to load than the table to read.
_TABLE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "data", "trust-stores.csv")

NEWEST: Mapping[str, str] = {"android": "Android 17", "ios": "iOS 26"}
"""The newest release of each platform in the table."""


def trusting(pins: Iterable[Pin]) -> dict[Pin, frozenset[str]]:
    """Return for each key the platforms whose newest release trusts a root of it, by ``data/trust-stores.csv``."""
    wanted = {pin.base64: pin for pin in pins}
    found = {pin: frozenset[str]() for pin in wanted.values()}
    if not wanted:
        return found
    with open(_TABLE, encoding="utf-8") as table:
        lines = table.read().splitlines()
    columns = lines[0].split(",")
    for line in lines[1:]:
        key = line.split(",", 2)[1]
        if key in wanted:
            found[wanted[key]] |= _platforms(columns, line)
    return found


def _platforms(columns: list[str], line: str) -> frozenset[str]:
    fields = line.split(",")
    if '"' in line:
        import csv

        fields = next(csv.reader([line]))
    row = dict(zip(columns, fields, strict=True))
    return frozenset(
        platform for platform, name in NEWEST.items() if name.rpartition(" ")[2] in row[platform].split()
    )
