"""Rewrite ``pincheck/data/trust-stores.csv`` from a table of roots and the releases that trust them.

Usage: python tools/trust_stores.py TABLE

TABLE is a CSV file with at least the columns kept here; roots that no Android or Apple release ever
trusted are left out. See ``pincheck/data/README.md`` for what the columns mean.
"""

import csv
import sys
from pathlib import Path

COLUMNS = (
    "certificate_sha256", "spki_sha256", "subject_sha256", "subject_key_id", "name", "not_after", "android", "ios",
)  # fmt: skip
TARGET = Path(__file__).parents[1] / "pincheck" / "data" / "trust-stores.csv"


def main(table: str) -> None:
    """Write the rows and columns that pincheck reads, sorted by certificate hash."""
    with Path(table).open(encoding="utf-8", newline="") as source:
        rows = [row for row in csv.DictReader(source) if row["android"] or row["ios"]]
    with TARGET.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, COLUMNS, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted(rows, key=lambda row: row["certificate_sha256"]))


if __name__ == "__main__":
    main(sys.argv[1])
