"""A report -> the log, and the files that the runner and later steps read."""

import os
import secrets
import tempfile
from collections.abc import Mapping

from pincheck import files, moving, registry
from pincheck.action import log
from pincheck.action.inputs import Inputs, seen_from
from pincheck.errors import UsageError
from pincheck.model import Report
from pincheck.moving import Move


def deliver(report: Report, inputs: Inputs, environment: Mapping[str, str]) -> None:
    """Write the log, the job summary, the report file, SARIF and the outputs.

    A change may have put a folder where SARIF is to go: all the rest is written nevertheless.
    """
    _log(inputs.format, report)
    _append(environment, "GITHUB_STEP_SUMMARY", _rendered("markdown", report))
    values = outputs(report) | {"sarif-file": "", "report-file": _write_report(report, environment)}
    try:
        if inputs.sarif_file:
            _write(inputs.sarif_file, _rendered("sarif", report))
            values["sarif-file"] = seen_from(inputs.workspace, inputs.sarif_file)
    finally:
        _append(environment, "GITHUB_OUTPUT", as_outputs(values))


def outputs(report: Report) -> dict[str, str]:
    """The outputs that tell of the report itself."""
    return {
        "findings": str(len(report.active)),
        "new": str(len(report.new)),
        "errors": str(report.number_of("error")),
        "warnings": str(report.number_of("warning")),
        "earliest-lockout": _earliest_lockout(report),
    }


def _earliest_lockout(report: Report) -> str:
    """The first ISO day on which an app refuses a host if nobody changes anything; empty if none is known."""
    ends = [each.lockout for each in report.survey.verifications] if report.survey else []
    return min((end.day.isoformat() for end in ends if end and end.day and end.then == "closed"), default="")


def from_workspace(report: Report, inputs: Inputs, config_place: str = "") -> Report:
    """The report, whose paths start at the working directory, with paths that start at the workspace."""
    place = os.path.normpath(os.path.join(inputs.prefix, config_place)).replace(os.sep, "/")
    apart = {report.config: place} if config_place.startswith("../") else {}
    return moving.moved(report, Move(inputs.prefix, report.config, apart, alone=True))


def as_outputs(values: Mapping[str, str]) -> str:
    """The values in the form of ``GITHUB_OUTPUT``, each between delimiters that nobody can guess."""
    lines = []
    for name, value in values.items():
        delimiter = f"end-{secrets.token_hex(16)}"
        lines.append(f"{name}<<{delimiter}\n{value}\n{delimiter}\n")
    return "".join(lines)


def _log(name: str, report: Report) -> None:
    if name == "github":
        log.put(_rendered(name, report))
    else:
        log.show(_rendered(name, report))


def _rendered(name: str, report: Report) -> str:
    return registry.output_named(name).render(report)


def _write_report(report: Report, environment: Mapping[str, str]) -> str:
    """Write the JSON report to a new file of the runner's temporary folder, and return its path."""
    folder = environment.get("RUNNER_TEMP") or None
    try:
        handle, path = tempfile.mkstemp(prefix="pincheck-report-", suffix=".json", dir=folder)
    except OSError as error:
        raise UsageError(f"RUNNER_TEMP: no file can be made in {folder}: {error.strerror}") from None
    with open(handle, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
        file.write(_rendered("json", report))
    return path


def _write(path: str, text: str) -> None:
    """Put a file in place of whatever stands at ``path``, in a folder that is made if need be."""
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        files.replace(path, text)
    except OSError as error:
        raise UsageError(f"sarif-file: {path} cannot be written: {error.strerror}") from None
    except files.Unusable as error:
        raise UsageError(f"sarif-file: {error}") from None


def _append(environment: Mapping[str, str], name: str, text: str) -> None:
    """Add to a file of the runner's, if it has one of that name."""
    path = environment.get(name)
    if not path:
        return
    try:
        with open(path, "a", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(f"{name}: {path} cannot be written: {error.strerror}") from None
