"""For programs: the whole report, by ``schemas/report-v1.json``.

Fields are added within version 1; a removal or a change of meaning is ``json_v2`` beside it.
"""

from typing import TYPE_CHECKING, Any

from pincheck import __version__
from pincheck.model import (
    DeclaredPin,
    Expiry,
    Fault,
    Finding,
    HostPattern,
    Location,
    NotChecked,
    PinSet,
    Report,
)
from pincheck.outputs import _facts
from pincheck.outputs._json import text_of
from pincheck.registry import output

if TYPE_CHECKING:
    from pincheck.model.chains import Certificate, Look, Verdict, Verification
    from pincheck.model.changes import DeclarationChange, Hidden, Since
    from pincheck.model.knowledge import Identity, Knowledge


@output("json")
def render(report: Report) -> str:
    """Return the report as a JSON object, indented, with a line break at its end."""
    return text_of(
        {
            "version": 1,
            "tool": {"name": "pincheck", "version": __version__},
            "today": report.today.isoformat(),
            "config": report.config or None,
            "findings": [_compared(finding, report.since) for finding in report.findings],
            "pin_sets": [_pin_set(pin_set, report.knowledge) for pin_set in report.project.pin_sets],
            "live": report.survey is not None,
            "verifications": [_verification(each) for each in report.survey.verifications]
            if report.survey
            else [],
            "not_checked": [_not_checked(entry) for entry in _facts.not_checked(report)],
            "summary": _summary(report),
            **({"since": _since(report.since)} if report.since else {}),
        }
    )


def _compared(finding: Finding, since: "Since | None") -> dict[str, Any]:
    """A finding, and where there is an earlier state whether it is new; one that is silenced never is."""
    if since is None:
        return _finding(finding)
    is_new = finding.suppressed is None and finding.fingerprint in since.new
    return {**_finding(finding), "new": is_new, "gone": finding.gone}


def _since(since: "Since") -> dict[str, Any]:
    return {
        "base": since.base,
        "new": len(since.new),
        "fixed": [_finding(finding) for finding in since.fixed],
        "hidden": [_hidden(each) for each in since.hidden],
        "declarations": [_declaration(each) for each in since.declarations],
    }


def _hidden(hidden: "Hidden") -> dict[str, Any]:
    return {
        "finding": _finding(hidden.finding),
        "how": hidden.how,
        "at": _place(hidden.at) if hidden.at else None,
        "counts": hidden.counts,
    }


def _declaration(change: "DeclarationChange") -> dict[str, Any]:
    return {
        "kind": change.kind,
        "before": _pin_set(change.before, None) if change.before else None,
        "after": _pin_set(change.after, None) if change.after else None,
        "pins_added": [pin.text for pin in change.pins_added],
        "pins_removed": [pin.text for pin in change.pins_removed],
        "hosts_added": list(change.hosts_added),
        "hosts_removed": list(change.hosts_removed),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "message": finding.message,
        "remedy": finding.remedy or None,
        **_span(finding.at),
        "hosts": list(finding.hosts),
        "pin": finding.pin or None,
        "context": finding.context,
        "fingerprint": finding.fingerprint,
        "suppressed": finding.suppressed,
        "related": [{**_span(at), "message": why} for at, why in finding.related],
    }


def _pin_set(pin_set: PinSet, knowledge: "Knowledge | None") -> dict[str, Any]:
    return {
        "mechanism": pin_set.mechanism,
        **_place(pin_set.at),
        "hosts": [_host(host) for host in pin_set.hosts],
        "pins": [_pin(pin, knowledge) for pin in pin_set.pins],
        "files": [{"name": file.name or None, "paths": list(file.paths)} for file in pin_set.files],
        "expiration": _expiration(pin_set.expires),
        "variant": pin_set.variant or None,
        "context": pin_set.context,
        "read": pin_set.read,
        "dynamic": pin_set.dynamic,
    }


def _host(host: HostPattern) -> dict[str, Any]:
    return {
        "text": host.text,
        "include_subdomains": host.depth != "exact",
        "depth": host.depth,
        "apex": host.apex,
        "fault": _fault(host.fault),
    }


def _pin(pin: DeclaredPin, knowledge: "Knowledge | None") -> dict[str, Any]:
    return {
        "text": pin.text,
        **_place(pin.at),
        "pin_kind": _facts.pin_kind(pin),
        "sha256": pin.pin.base64 if pin.pin and pin.pin.algorithm == "sha256" else None,
        "fault": _fault(pin.fault),
        "placeholder": pin.placeholder or None,
        "suspicion": pin.suspicion or None,
        "certificate_file": pin.certificate_file or None,
        "identity": _identity(knowledge.of(pin.pin))
        if knowledge and pin.pin and not pin.placeholder
        else None,
    }


def _identity(identity: "Identity") -> dict[str, Any]:
    """Whose key it is; what is ``stated`` is the team's word alone, as is the ``family`` beside ``evidence``."""
    return {
        "source": identity.source,
        "role": identity.role or None,
        "name": identity.name or None,
        "family": sorted(identity.family),
        "offline": identity.offline,
        "stated_at": _place(identity.at) if identity.at else None,
        "not_after": identity.ca.not_after.isoformat() if identity.ca else None,
    }


def _verification(verification: "Verification") -> dict[str, Any]:
    end = verification.lockout
    return {
        "host": verification.host,
        "pin_sets": [{"mechanism": each.mechanism, **_place(each.at)} for each in verification.pin_sets],
        "complete": verification.complete,
        "looks": [_look(look) for look in verification.looks],
        "lockout": end
        and {
            "date": end.day.isoformat() if end.day else None,
            "reason": end.reason,
            "certain": end.certain,
            "then": end.then,
        },
    }


def _look(look: "Look") -> dict[str, Any]:
    seen = look.observation
    return {
        "port": seen.target.port,
        "address": seen.address or None,
        "offer": seen.offer,
        "at": seen.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "protocol": seen.protocol or None,
        "failure": seen.failure and {"kind": seen.failure.kind, "reason": seen.failure.reason},
        "chain": [_certificate(each) for each in look.chain],
        "fault": look.fault or None,
        "verdicts": [_verdict(verdict) for verdict in look.verdicts],
    }


def _verdict(verdict: "Verdict") -> dict[str, Any]:
    return {
        "release": str(verdict.release),
        "state": verdict.state,
        "pins": [pin.base64 for pin in verdict.pins],
        "path": [each.spki.base64 for each in verdict.path],
        "reason": verdict.reason or None,
        "certain": verdict.certain,
    }


def _certificate(certificate: "Certificate") -> dict[str, Any]:
    return {
        "subject": certificate.subject,
        "issuer": certificate.issuer,
        "not_before": certificate.not_before.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "not_after": certificate.not_after.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "key": certificate.key,
        "spki_sha256": certificate.spki.base64,
    }


def _fault(fault: Fault | None) -> dict[str, Any] | None:
    if fault is None:
        return None
    return {"what": fault.what, "effect": fault.effect, "remedy": fault.remedy or None}


def _expiration(expires: Expiry | None) -> dict[str, Any] | None:
    if expires is None:
        return None
    return {"text": expires.text, "date": expires.day.isoformat() if expires.day else None}


def _not_checked(entry: NotChecked) -> dict[str, Any]:
    return {"what": entry.what, "reason": entry.reason}


def _summary(report: Report) -> dict[str, Any]:
    return {
        "errors": report.number_of("error"),
        "warnings": report.number_of("warning"),
        "notes": report.number_of("note"),
        "suppressed": len(_facts.suppressed(report)),
        "pin_sets": len(_facts.pinning(report)),
        "pin_sets_by_file": len(_facts.pinning_by_file(report)),
        "pins": sum(len(pin_set.pins) for pin_set in report.project.pin_sets),
        "gaps": len(report.project.gaps),
        "files_seen": report.files_seen,
        "files_read": report.files_read,
        "files_skipped": report.files_skipped,
    }


def _place(at: Location) -> dict[str, Any]:
    return {"path": at.path, "line": at.line, "column": at.column}


def _span(at: Location) -> dict[str, Any]:
    return {**_place(at), "end_line": at.end_line, "end_column": at.end_column}
