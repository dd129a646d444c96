"""Which root keys the newest release of each platform trusts; quick, as it reads no certificate."""

from collections.abc import Iterable, Mapping
from importlib.resources import files

from pincheck.model import Pin

NEWEST: Mapping[str, str] = {"android": "Android 17", "ios": "iOS 26"}
"""The newest release of each platform in the table."""


def trusting(pins: Iterable[Pin]) -> dict[Pin, frozenset[str]]:
    """Return for each key the platforms whose newest release trusts a root of it, by ``data/trust-stores.csv``."""
    wanted = {pin.base64: pin for pin in pins}
    found = {pin: frozenset[str]() for pin in wanted.values()}
    lines = (files("pincheck") / "data" / "trust-stores.csv").read_text(encoding="utf-8").splitlines()
    columns = lines[0].split(",")
    for line in lines[1:] if wanted else ():
        key = line.split(",", 2)[1]
        if key in wanted:
            found[wanted[key]] |= _platforms(columns, line)
    return found


def _platforms(columns: list[str], line: str) -> frozenset[str]:
    import csv

    row = dict(zip(columns, next(csv.reader([line])), strict=True))
    return frozenset(
        platform for platform, name in NEWEST.items() if name.rpartition(" ")[2] in row[platform].split()
    )
