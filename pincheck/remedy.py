"""Findings -> edits of files, where the right value is known and nothing has to be guessed."""

from collections.abc import Callable

from pincheck.model import Fix, Report

Read = Callable[[str], bytes | None]
"""Who reads a file of the tree that was checked, by its path."""


def fixes(report: Report, expiry_latest_days: int, read: Read) -> tuple[Fix, ...]:
    """The fixes of active findings that leave each file as valid as it was, in the findings' order."""
    return ()
