"""For code scanning: SARIF 2.1.0, within what GitHub takes in.

Sources: OASIS SARIF 2.1.0; https://docs.github.com/code-security/reference/code-scanning/sarif-support
(required properties and limits).
"""

from collections.abc import Iterable, Sequence
from typing import Any

from pincheck import __version__
from pincheck.model import SEVERITIES, Finding, Location, NotChecked, Report, Severity
from pincheck.outputs import _facts
from pincheck.outputs._escape import clipped, encodable, visible, withheld
from pincheck.outputs._json import text_of
from pincheck.registry import Rule, output, rules

PROJECT = "https://github.com/pincheck/pincheck"
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
MOST_RESULTS = 25_000
MOST_BYTES = 9_000_000
"""Of all results together; GitHub takes 10 MB compressed, common validators 10 MB uncompressed."""
MOST_RELATED = 10
MOST_NOTIFICATIONS = 1_000
LONGEST_DESCRIPTION = 1_024

_TAGS = ["security", "certificate-pinning", "mobile"]
_SECURITY_SEVERITY = {"error": "7.5", "warning": "5.0", "note": "2.0"}
"""GitHub shows high, medium and low. A wrong pin locks users out or leaves them unprotected; it
is no remote hole by itself, so nothing is critical."""
_PROBLEM_SEVERITY = {"error": "error", "warning": "warning", "note": "recommendation"}


@output("sarif")
def render(report: Report) -> str:
    """Return a log with one run, and in it one result per finding, suppressed ones marked.

    Compared with an earlier state, each says whether it is new. What is fixed is left out, as GitHub closes an
    alert that is in the log no more, and would take a result that is ``absent`` for one that is there.
    """
    known = {rule.name: rule for rule in rules()}
    names = sorted({*known, *(finding.rule for finding in report.findings)})
    index = {name: number for number, name in enumerate(names)}
    comments = _commented(report)
    results = [_result(finding, index, comments, report) for finding in report.findings]
    kept = _within_limits(results, report.findings)
    log = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "pincheck",
                        "version": __version__,
                        "semanticVersion": __version__,
                        "informationUri": PROJECT,
                        "rules": [_rule(name, known.get(name)) for name in names],
                    }
                },
                "automationDetails": {"id": "pincheck/"},
                "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The root of the repository."}}},
                "columnKind": "unicodeCodePoints",
                "invocations": [
                    {
                        "executionSuccessful": True,
                        "toolExecutionNotifications": _notifications(report, len(results) - len(kept)),
                    }
                ],
                "results": kept,
            }
        ],
    }
    return text_of(log)


def _within_limits(results: list[dict[str, Any]], findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """As many results as GitHub takes, the gravest before others, in their old order."""
    import json

    grave_first = sorted(range(len(results)), key=lambda n: SEVERITIES.index(findings[n].severity))
    kept, left = set(), MOST_BYTES
    for number in grave_first[:MOST_RESULTS]:
        left -= len(json.dumps(results[number], indent=1)) * 5 // 4  # indented deeper in the log
        if left < 0:
            break
        kept.add(number)
    return [result for number, result in enumerate(results) if number in kept]


# rules -----------------------------------------------------------------------


def _rule(name: str, rule: Rule | None) -> dict[str, Any]:
    """A rule for the table; GitHub asks for every one of these texts."""
    page = rule.page.strip() if rule else name
    severity: Severity = rule.severity if rule else "warning"
    title, _, rest = page.partition("\n")
    why = " ".join(rest.partition("\nBad:")[0].split())
    return {
        "id": name,
        "name": "".join(word.capitalize() for word in name.split("-")),
        "shortDescription": {"text": clipped(title, LONGEST_DESCRIPTION)},
        "fullDescription": {"text": clipped(f"{title} {why}".strip(), LONGEST_DESCRIPTION)},
        "helpUri": f"{PROJECT}/blob/v{__version__}/docs/rules/{name}.md",
        "help": {"text": page, "markdown": page},
        "defaultConfiguration": {"level": severity},
        "properties": {
            "tags": _TAGS,
            "precision": "high",
            "problem.severity": _PROBLEM_SEVERITY[severity],
            "security-severity": _SECURITY_SEVERITY[severity],
        },
    }


# results ---------------------------------------------------------------------


def _result(
    finding: Finding, index: dict[str, int], comments: set[tuple[str, int, str]], report: Report
) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index[finding.rule],
        "level": finding.severity,
        "message": {"text": _message(finding)},
        "locations": [_location(finding.at, report)],
        "partialFingerprints": {
            "primaryLocationLineHash": finding.fingerprint,
            "pincheck/v1": finding.fingerprint,
        },
        "properties": {"context": finding.context, **({"gone": True} if finding.gone else {})},
    }
    if report.since:
        result["baselineState"] = "new" if finding.fingerprint in report.since.new else "unchanged"
    if finding.related:
        result["relatedLocations"] = [
            {"id": number, **_location(at, report), "message": {"text": _text(why)}}
            for number, (at, why) in enumerate(finding.related[:MOST_RELATED], 1)
        ]
    if finding.suppressed is not None:
        at = finding.at
        in_source = {(at.path, at.line, finding.rule), (at.path, at.line, "")} & comments
        kind = "inSource" if in_source else "external"
        result["suppressions"] = [
            {"kind": kind, "status": "accepted", "justification": visible(finding.suppressed)}
        ]
    return result


def _message(finding: Finding) -> str:
    text = _text(finding.message) + "."
    return f"{text} Fix: {_text(finding.remedy)}." if finding.remedy else text


def _text(text: str) -> str:
    """Plain words: in a SARIF message ``[a](b)`` would be a link (SARIF 2.1.0 §3.11.6)."""
    return visible(text).replace("[", "\\[").replace("]", "\\]")


def _commented(report: Report) -> set[tuple[str, int, str]]:
    """Path, line and rule (empty for any) that a comment on the line or above it silences."""
    return {
        (suppression.at.path, suppression.at.line + below, rule)
        for suppression in report.project.suppressions
        if not suppression.in_config
        for below in (0, 1)
        for rule in suppression.rules or ("",)
    }


def _location(at: Location, report: Report) -> dict[str, Any]:
    """A place as GitHub wants it: a relative URI, and a region that is never empty."""
    end_line = max(at.line, at.end_line)
    least = at.column + 1 if end_line == at.line else 1
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": uri(at.path or report.config or "."), "uriBaseId": "%SRCROOT%"},
            "region": {
                "startLine": at.line,
                "startColumn": at.column,
                "endLine": end_line,
                "endColumn": max(least, at.end_column),
            },
        }
    }


_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/+,=@()!'*;$")
"""Stand for themselves in a path (RFC 3986 §3.3), ``:`` left out as it could end a scheme."""


def uri(path: str) -> str:
    """A relative path as a URI reference; bytes that are not UTF-8 are those of the file's name."""
    try:
        octets = withheld(path).encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        octets = encodable(path).encode()
    return "".join(chr(octet) if octet in _UNRESERVED else f"%{octet:02X}" for octet in octets)


# the run ---------------------------------------------------------------------


def _notifications(report: Report, cut: int) -> list[dict[str, Any]]:
    """What was not checked, and how many results were left out."""
    entries: Iterable[NotChecked] = _facts.not_checked(report)
    texts = [f"not checked: {_text(entry.what)}: {_text(entry.reason)}" for entry in entries]
    if more := len(texts) - MOST_NOTIFICATIONS:
        texts = texts[:MOST_NOTIFICATIONS] + ([f"not checked: {more:,} more"] if more > 0 else [])
    notifications = [{"level": "note", "message": {"text": text + "."}} for text in texts]
    for hidden in (report.since.hidden if report.since else ())[:MOST_NOTIFICATIONS]:
        where = f"{_text(_facts.found_at(hidden.finding))}: {hidden.finding.rule}"
        text = f"{'hidden' if hidden.counts else 'not hidden'} by the change: {where}: {_text(_facts.hiding(hidden))}."
        notifications.append({"level": "note", "message": {"text": text}})
    if cut:
        text = f"{_facts.counted(cut, 'result')} left out: more than code scanning takes in."
        notifications.append({"level": "warning", "message": {"text": text}})
    return notifications
