"""Text of an expiration -> the day, by the declaring client's own reading."""

import re
from datetime import UTC, date, datetime
from typing import Literal

_ANDROID = r"(\d{1,9})-(\d{1,9})-(\d{1,9})"
_ISO = r"(\d{4})-(\d{1,2})-(\d{1,2})"


def read_day(text: str, style: Literal["android", "iso", "epoch"]) -> date | None:
    """Return the day on whose start the pin set ends, or None if the client cannot read it.

    ``android`` is Java's ``SimpleDateFormat("yyyy-MM-dd")``, not lenient: it reads from the start
    and ignores what follows, and a two-digit year is a year of antiquity. ``iso`` allows nothing
    behind the day. ``epoch`` is Unix seconds. Years past 9999 count as 9999.
    """
    if style == "epoch":
        return _epoch(text)
    match = re.match(_ANDROID, text) if style == "android" else re.fullmatch(_ISO, text.strip())
    if not match:
        return None
    year, month, day = (int(number) for number in match.groups())
    try:
        return date(min(year, 9999), month, day)
    except ValueError:
        return None


def _epoch(text: str) -> date | None:
    try:
        return datetime.fromtimestamp(float(text), UTC).date()
    except (ValueError, OverflowError, OSError):
        return None
