"""The GitHub Action around the same scan: its inputs from the environment, annotations and files out.

``action/bootstrap.py`` starts it in a folder of its own, never in the workspace. No token is read.
Source: docs.github.com, "Workflow commands for GitHub Actions" and "Metadata syntax".
"""

import os
import secrets
import sys
import tempfile
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from pincheck import files, registry, run
from pincheck.errors import PincheckError, UsageError
from pincheck.model import SEVERITIES, Location, NotChecked, Report
from pincheck.outputs._escape import visible

if TYPE_CHECKING:
    from pincheck.looking import Live

EXIT_CLEAN, EXIT_FINDINGS, EXIT_USAGE, EXIT_FAILED = 0, 1, 2, 3
EXIT_INTERRUPTED = 130
SUMMARY_BYTES = 900_000
"""A job summary of more than 1 MiB is dropped whole."""


class Inputs(NamedTuple):
    """The step's ``with:``, all places absolute."""

    workspace: str
    root: str
    """The working directory."""
    paths: tuple[str, ...]
    config: str
    fail_on: str
    """A severity, ``never``, or empty for what the configuration says."""
    format: str
    sarif_file: str
    live: bool = False
    recorded: str = ""
    """A recording to judge instead of looking, or empty."""
    record: str = ""
    trust_anchors: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    """Networks that may be asked although they are not public."""
    fail_on_unchecked: bool = False


def main() -> int:
    """Run the Action; return 0 clean, 1 findings, 2 wrong inputs or configuration, 3 a bug."""
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        return _check(read_inputs(os.environ), os.environ)
    except PincheckError as error:
        _command("error", str(error))
        return EXIT_USAGE
    except Exception:  # noqa: BLE001 - an uncaught exception would exit with 1, which means findings
        import traceback

        _show(traceback.format_exc())
        _command("error", "pincheck failed; this is a bug in pincheck, not in what it read")
        return EXIT_FAILED


def read_inputs(environment: Mapping[str, str]) -> Inputs:
    """The inputs as action.yml passes them on; raise ``UsageError`` for one that makes no sense."""
    workspace = os.path.realpath(environment.get("GITHUB_WORKSPACE") or ".")

    def given(name: str) -> str:
        return environment.get(f"PINCHECK_{name}", "").strip()

    root = _inside(workspace, os.path.join(workspace, given("WORKING_DIRECTORY")), "working-directory")
    if not os.path.isdir(root):
        raise UsageError(f"working-directory: there is no folder {given('WORKING_DIRECTORY')}")

    def lines(name: str) -> tuple[str, ...]:
        return tuple(line.strip() for line in given(name).splitlines() if line.strip())

    paths = lines("PATHS")
    sarif_file = given("SARIF_FILE")
    return Inputs(
        workspace=workspace,
        root=root,
        paths=paths or (".",),
        config=os.path.join(root, given("CONFIG")) if given("CONFIG") else "",
        fail_on=_one_of((*SEVERITIES, "never"), given("FAIL_ON"), "fail-on") if given("FAIL_ON") else "",
        format=_one_of([each.name for each in registry.outputs()], given("FORMAT") or "github", "format"),
        sarif_file=_to_write(workspace, os.path.join(root, sarif_file), "sarif-file") if sarif_file else "",
        live=_yes(given("LIVE"), "live"),
        recorded=os.path.join(root, given("RECORDED")) if given("RECORDED") else "",
        record=_to_write(workspace, os.path.join(root, given("RECORD")), "record") if given("RECORD") else "",
        trust_anchors=tuple(os.path.join(root, name) for name in lines("TRUST_ANCHORS")),
        allowed=lines("ALLOW_ADDRESS"),
        fail_on_unchecked=_yes(given("FAIL_ON_UNCHECKED"), "fail-on-unchecked"),
    )


def _yes(word: str, name: str) -> bool:
    return _one_of(("true", "false"), word or "false", name) == "true"


def _inside(workspace: str, path: str, name: str) -> str:
    """The real place of ``path``, links followed, which must be the workspace or lie in it."""
    place = os.path.realpath(path)
    if place != workspace and not place.startswith(os.path.join(workspace, "")):
        raise UsageError(f"{name}: {path} lies outside the workspace; name a place inside it")
    return place


def _to_write(workspace: str, path: str, what: str) -> str:
    """The place of a file to write: links are followed to its folder, but not the file itself."""
    folder, name = os.path.split(path)
    if name in ("", ".", ".."):
        raise UsageError(f"{what}: {path} names no file")
    return os.path.join(_inside(workspace, folder, what), name)


def _one_of(words: Iterable[str], word: str, name: str) -> str:
    known = list(words)
    if word not in known:
        raise UsageError(f"{name}: {word!r} is not known; write {', '.join(known[:-1])} or {known[-1]}")
    return word


def _check(inputs: Inputs, environment: Mapping[str, str]) -> int:
    request = run.Request(
        paths=inputs.paths, root=inputs.root, config=inputs.config, live=_live(inputs, environment)
    )
    outcome = run.check(request)
    report = from_workspace(outcome.report, inputs)
    for note in outcome.notes:
        _command("notice", note)
    _log(inputs.format, report)
    report_file = _write_report(report, environment)
    if inputs.sarif_file:
        _write(inputs.sarif_file, _rendered("sarif", report))
    if summary := environment.get("GITHUB_STEP_SUMMARY"):
        _append(summary, within(_rendered("markdown", report), SUMMARY_BYTES))
    if output := environment.get("GITHUB_OUTPUT"):
        _append(output, as_outputs({
            "findings": str(len(report.active)),
            "errors": str(report.number_of("error")),
            "sarif-file": _seen_from(inputs.workspace, inputs.sarif_file) if inputs.sarif_file else "",
            "report-file": report_file,
        }))  # fmt: skip
    if outcome.interrupted:
        _command("error", "interrupted; the hosts that were left are not checked")
        return EXIT_INTERRUPTED
    fails = report.fails(inputs.fail_on or outcome.policy.fail_on)
    return EXIT_FINDINGS if fails or (inputs.fail_on_unchecked and outcome.unreached) else EXIT_CLEAN


def _live(inputs: Inputs, environment: Mapping[str, str]) -> "Live | None":
    """How to look at hosts; None for an offline run."""
    if not inputs.live and not inputs.recorded:
        return None
    from pincheck.looking import Live

    if inputs.recorded:
        return Live(None, inputs.trust_anchors, recorded=inputs.recorded)
    from pincheck.probe import options

    proxy, no_proxy = options.from_environment(environment)
    asked = options.Options(
        allowed=tuple(map(options.network, inputs.allowed)), proxy=proxy, no_proxy=no_proxy
    )
    return Live(asked, inputs.trust_anchors, inputs.record)


def from_workspace(report: Report, inputs: Inputs) -> Report:
    """The report, whose paths start at the working directory, with paths that start at the workspace."""
    prefix = _seen_from(inputs.workspace, inputs.root)
    if prefix == ".":
        return report

    def moved(value: Any) -> Any:
        if isinstance(value, Location):
            return value._replace(path=f"{prefix}/{value.path}")
        if isinstance(value, NotChecked):
            is_path = os.path.lexists(os.path.join(inputs.root, value.what))
            return value._replace(what=f"{prefix}/{value.what}") if is_path else value
        if isinstance(value, tuple):
            parts = [moved(part) for part in value]
            return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
        return value

    rebased: Report = moved(report)
    return rebased._replace(config=f"{prefix}/{report.config}" if report.config else "")


def _seen_from(folder: str, path: str) -> str:
    return os.path.relpath(path, folder).replace(os.sep, "/")


def _rendered(name: str, report: Report) -> str:
    return registry.output_named(name).render(report)


# the log ---------------------------------------------------------------------


def _log(name: str, report: Report) -> None:
    if name == "github":
        _print(_rendered(name, report))
    else:
        _show(_rendered(name, report))


def _show(text: str) -> None:
    """Print text of which no line is taken for a workflow command, whatever a repository put there."""
    token = secrets.token_hex(16)
    _print(f"::stop-commands::{token}\n{text.rstrip()}\n::{token}::")


def _command(level: str, message: str) -> None:
    _print(f"::{level} title=pincheck::" + visible(message).replace("%", "%25"))


def _print(text: str) -> None:
    sys.stdout.write(text if text.endswith("\n") or not text else f"{text}\n")
    sys.stdout.flush()


# files -----------------------------------------------------------------------


def _write_report(report: Report, environment: Mapping[str, str]) -> str:
    """Write the JSON report to a new file of the runner's temporary folder, and return its path."""
    folder = environment.get("RUNNER_TEMP") or None
    handle, path = tempfile.mkstemp(prefix="pincheck-report-", suffix=".json", dir=folder)
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


def _append(path: str, text: str) -> None:
    with open(path, "a", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
        file.write(text)


def within(text: str, limit: int) -> str:
    """The whole lines of ``text`` that fit in ``limit`` bytes of UTF-8, and a word if some do not."""
    data = text.encode("utf-8", "backslashreplace")
    if len(data) <= limit:
        return text
    note = "\n\n… and more, left out to fit; the report file has it all\n"
    kept = data[: limit - len(note.encode())]
    return kept[: kept.rfind(b"\n") + 1].decode("utf-8", "ignore") + note


def as_outputs(values: Mapping[str, str]) -> str:
    """The values in the form of ``GITHUB_OUTPUT``, each between delimiters that nobody can guess."""
    lines = []
    for name, value in values.items():
        delimiter = f"end-{secrets.token_hex(16)}"
        lines.append(f"{name}<<{delimiter}\n{value}\n{delimiter}\n")
    return "".join(lines)


if __name__ == "__main__":
    sys.exit(main())
