"""Scan files given as text, without a disk."""

from datetime import date

from pincheck import registry, scan
from pincheck.model import Context, Policy, Report, SourceFile

TODAY = date(2026, 11, 23)
KEY_A = "C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M="
KEY_B = "r/mIkG3eEpVdm+u/ko/cwxzOMo1bk4TyHIlByibiA5E="
KEY_C = "++MBgDH5WGvL9Bcn5Be30cRcL0f5O+NyoXuWtQdX1aI="


def report(files: dict[str, str | bytes], policy: Policy = Policy(), today: date = TODAY) -> Report:
    """The report on files given as path and content."""
    sources = [
        SourceFile(path, content.encode() if isinstance(content, str) else content)
        for path, content in sorted(files.items())
    ]
    return scan.scan(sources, registry.parsers(), Context(today, policy))


def said(files: dict[str, str | bytes], *rules: str) -> list[tuple[str, int, str]]:
    """Rule, line and message of the findings of some rules (of all, if none is named)."""
    return [
        (finding.rule, finding.at.line, finding.message)
        for finding in report(files).findings
        if not rules or finding.rule in rules
    ]
