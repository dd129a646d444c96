"""Rewrite ``pincheck/data/ca-keys.csv`` from a table of the same columns.

Usage: python tools/ca_keys.py TABLE DAY

DAY (2026-08-21) is the day whose state of the Common CA Database the table holds. See
``pincheck/data/README.md`` for what the columns mean.
"""

import sys
from datetime import date
from pathlib import Path

from pincheck.pki import ca_keys


def main(table: str, day: str) -> None:
    """Write the table with its day and checksum."""
    text = ca_keys.render(ca_keys.parse(Path(table).read_bytes()), date.fromisoformat(day))
    Path(ca_keys.SHIPPED).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
