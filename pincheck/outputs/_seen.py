"""What a finding was found by, and what of that a run did not see: without it, its absence is no good news."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import accumulate

from pincheck import registry
from pincheck.model import Finding, Report
from pincheck.outputs._markdown import code, prose

HOSTS, LOGS = "live hosts", "public logs"
"""Names of what is looked at as a whole, or not at all; no path and no host is called so."""
_BY_LOGS = "unpinned-key-in-log"
_ON_HOSTS = ("Change", "Survey", "Verification")
"""Subjects of rules that hold the pins against what hosts serve."""


def needs(findings: Iterable[Finding], report: Report) -> frozenset[str]:
    """Paths with the folders above them, hosts, and the like: all that has to be seen to find these again."""
    return frozenset(need for finding in findings for need in _needs(finding, live=report.survey is not None))


def _needs(finding: Finding, live: bool) -> Iterator[str]:
    for at in (finding.at, *(at for at, _ in finding.related)):
        yield from accumulate(at.path.split("/"), lambda folder, name: f"{folder}/{name}")
    if live and finding.rule in _live_rules():
        yield from (HOSTS, *finding.hosts)
    if finding.rule == _BY_LOGS:
        yield LOGS


@cache
def _live_rules() -> frozenset[str]:
    return frozenset(rule.name for rule in registry.rules() if rule.subject.__name__ in _ON_HOSTS)


def unseen(report: Report) -> Mapping[str, str]:
    """What a run did not see, by the names of ``needs``, each with a clause in Markdown that says so."""
    return dict(_unseen(report))


def _unseen(report: Report) -> Iterator[tuple[str, str]]:
    for entry in report.not_checked:
        if entry.is_path:
            yield entry.what, f"{code(entry.what)} was not checked ({prose(entry.reason)})"
        elif entry.what.startswith(LOGS):
            yield LOGS, f"{prose(entry.what)} could not be read ({prose(entry.reason)})"
    if report.survey is None:
        yield HOSTS, "no host was looked at"
    for host in report.survey.unreached if report.survey else ():
        yield host, f"{code(host)} could not be looked at"
    if report.knowledge and report.knowledge.issuances is None:
        yield LOGS, "no public logs were asked"
