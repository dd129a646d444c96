"""argv -> exit code: the only place that prints, beside ``action``."""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from io import TextIOWrapper
from typing import TYPE_CHECKING, TypeVar

from pincheck import arguments
from pincheck.errors import (
    EXIT_CLEAN,
    EXIT_FAILED,
    EXIT_FINDINGS,
    EXIT_INTERRUPTED,
    EXIT_USAGE,
    PincheckError,
    UsageError,
)

if TYPE_CHECKING:
    from argparse import Namespace

    from pincheck.kept import Kept
    from pincheck.looking import Live, Looking, Progress
    from pincheck.model import Report
    from pincheck.outputs.terminal import ProgressBar
    from pincheck.run import Outcome, Request
    from pincheck.several import Outcome as Several

T = TypeVar("T")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return 0 clean, 1 findings, 2 wrong usage or configuration, 3 a bug."""
    _open_closed_streams()
    try:
        options = arguments.parse(sys.argv[1:] if argv is None else argv)
        return _VERBS[options.verb](options)
    except PincheckError as error:
        _say(f"pincheck: {error}")
        return EXIT_USAGE
    except SystemExit as stop:  # argparse: help, version and wrong usage
        return stop.code if isinstance(stop.code, int) else EXIT_USAGE
    except BrokenPipeError:  # the reader of our output has gone, as in `pincheck | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_CLEAN
    except KeyboardInterrupt:
        _say("pincheck: interrupted")
        return EXIT_INTERRUPTED
    except Exception:  # noqa: BLE001 - an uncaught exception would exit with 1, which means findings
        import traceback

        traceback.print_exc()
        _say("pincheck failed; this is a bug in pincheck, not in what it read")
        return EXIT_FAILED


def _open_closed_streams() -> None:
    """Give a caller who closed our streams (``>&-``) a place to write to, so that the exit code tells."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - for as long as we run


def _check(options: "Namespace") -> int:
    if len(options.paths) > 1 or options.shard or arguments.SHARD in dict(options.outputs):
        return _check_several(options)
    return _check_one(options)


def _check_one(options: "Namespace") -> int:
    outcome = _outcome(options)
    for name, target in options.outputs:
        _deliver(name, target, outcome.report)
    counts = _counts(options, outcome) or (options.fail_on_unchecked and outcome.unreached)
    return _ended(outcome.interrupted, False, counts)


def _counts(options: "Namespace", outcome: "Outcome") -> bool:
    """Tell whether the findings of a tree fail the run."""
    only_new = bool(options.base) and options.fail_on_new is not False
    return outcome.report.fails(options.fail_on or outcome.policy.fail_on, only_new)


def _check_several(options: "Namespace") -> int:
    """Check repositories apart and report them together, or do one shard of the work."""
    from pincheck import several
    from pincheck.joining import common_fault

    saves = arguments.SHARD in dict(options.outputs)
    whole = several.trees(options.paths or ["."], divided=bool(options.shard), always=saves)
    if not whole:
        return _check_shard_of_hosts(options) if options.shard else _check_one(options)
    if options.shard and not saves:
        raise UsageError("--shard: findings count once all are merged; add --format shard --output FILE")
    request = _request(options)
    own = options.shard.part(whole) if options.shard else whole
    outcome = several.check(own, request, lambda one: _counts(options, one))
    if not saves and (fault := common_fault(outcome.parts)):
        raise UsageError(fault)
    for note in (*outcome.notes, *outcome.faults):
        _say(f"pincheck: {note}")
    return _reported(options, outcome, several.kept_of(outcome, whole, options) if saves else None)


def _reported(options: "Namespace", outcome: "Several", kept: "Kept | None") -> int:
    """Deliver what several repositories came to; a shard that is saved has done its work, whatever it found."""
    for name, target in options.outputs:
        if name == arguments.SHARD:
            from pincheck.kept import text_of

            assert kept
            _put(text_of(kept), target)
        else:
            _deliver(name, target, outcome.report)
    counts = outcome.fails or (options.fail_on_unchecked and outcome.unreached)
    return _ended(outcome.interrupted, not kept and outcome.faults, not kept and counts)


def _ended(interrupted: bool, faulty: object, fails: bool) -> int:
    """The exit code: what was not checked at all is graver than what was found."""
    if interrupted:
        _say("pincheck: interrupted; the hosts that were left are not checked")
        return EXIT_INTERRUPTED
    return EXIT_USAGE if faulty else EXIT_FINDINGS if fails else EXIT_CLEAN


def _check_shard_of_hosts(options: "Namespace") -> int:
    """Look at some of the hosts of one tree and save what they serve; it is judged once all are merged."""
    from pincheck import several

    if not (options.live and options.record):
        raise UsageError(
            "--shard: divides the repositories if several are named, with --format shard --output FILE;"
            " else the hosts, with --live --record FILE"
        )
    live = _live(options)
    assert live
    outcome = _outcome(options, several.sharded(live, options.shard))
    for name, target in options.outputs:
        _deliver(name, target, outcome.report)
    return _ended(outcome.interrupted, False, False)


def _merge(options: "Namespace") -> int:
    from pincheck.merge import merge

    merged = merge(options.files, options.fail_on or "", options.fail_on_unchecked)
    for note in (*merged.notes, *merged.faults):
        _say(f"pincheck: {note}")
    if merged.report is None:
        formats = [name for option, name in options.wanted if option == "--format"]
        if formats or len(options.outputs) > 1:
            raise UsageError(f"--format {formats[0]}: recordings are merged into a recording; leave it out")
        _put(merged.recording, options.outputs[0][1])
        return EXIT_CLEAN
    for name, target in options.outputs:
        _deliver(name, target, merged.report)
    return _ended(merged.interrupted, merged.faults, merged.fails or merged.unreached)


def _fix(options: "Namespace") -> int:
    from pincheck import fix

    mended = fix.look(_request(options), _watch)
    for note in mended.outcome.notes:
        _say(f"pincheck: {note}")
    if mended.outcome.interrupted:
        _say("pincheck: interrupted; nothing is changed")
        return EXIT_INTERRUPTED
    if options.diff:
        for change in mended.changes:
            _print(change.diff)
        _write(sys.stderr, fix.summary(mended, shown=True))
        return EXIT_FINDINGS if mended.changes else EXIT_CLEAN
    left = fix.apply(mended)
    _print(fix.summary(mended, shown=False, left=left))
    for why in left:
        _say(f"pincheck: {why}")
    return EXIT_USAGE if left else EXIT_CLEAN


def _pins(options: "Namespace") -> int:
    from pincheck import inventory

    report = _outcome(options).report
    _print(inventory.as_json(report) if options.format == "json" else inventory.as_table(report))
    return EXIT_CLEAN


def _pin(options: "Namespace") -> int:
    from pincheck import looking
    from pincheck.pin import declaration, drawing, listing

    passphrase = listing.passphrase_of(options.passphrase_file, os.environ)
    listings = listing.look(options.targets, looking.sight(options, os.environ), passphrase)
    if options.declaration:
        made = declaration.as_declaration(listings, options.declaration, options.roles)
        _print(made.text)
        for note in made.notes:
            _say(f"pincheck: {note}")
    else:
        _print(drawing.as_json(listings) if options.format == "json" else drawing.as_table(listings))
    return EXIT_FINDINGS if listing.missing(listings) else EXIT_CLEAN


def _advise(options: "Namespace") -> int:
    from pincheck import run
    from pincheck.outputs import advice

    outcome = _outcome(options)
    found = run.advice(outcome.report, outcome.policy, options.hosts)
    draw = {"json": advice.as_json, "markdown": advice.as_markdown}.get(options.format, advice.as_text)
    _print(draw(found, options.hosts))
    return EXIT_INTERRUPTED if outcome.interrupted else EXIT_CLEAN


def _ca(options: "Namespace") -> int:
    from datetime import UTC, datetime

    from pincheck import ca
    from pincheck.pki.ca_keys import Table

    if options.does == "update":
        _print(ca.update(datetime.now(UTC).date(), options.source))
        return EXIT_CLEAN
    table = Table.open(options.ca_data)
    for note in table.notes:
        _say(f"pincheck: {note}")
    _print(ca.lookup(options.pins, table))
    return EXIT_CLEAN


def _explain(options: "Namespace") -> int:
    from pincheck import explain

    _print(explain.page(options.rule) if options.rule else explain.index())
    return EXIT_CLEAN


def _schema(options: "Namespace") -> int:
    if options.which == "config":
        import json

        from pincheck import config

        _print(json.dumps(config.schema(), indent=2, ensure_ascii=False))
    else:
        from pincheck import schemas

        _print(schemas.text(options.which))
    return EXIT_CLEAN


def _demo(options: "Namespace") -> int:
    from pincheck.demo import acts
    from pincheck.outputs import terminal

    acts.play(lambda lines: terminal.print_lines(lines, sys.stdout))
    return EXIT_CLEAN


_VERBS = {
    "check": _check,
    "fix": _fix,
    "pins": _pins,
    "pin": _pin,
    "advise": _advise,
    "merge": _merge,
    "ca": _ca,
    "explain": _explain,
    "schema": _schema,
    "demo": _demo,
}


def _outcome(options: "Namespace", live: "Looking | None" = None) -> "Outcome":
    """What one tree came to; ``live`` looks at its hosts in place of what the options ask for."""
    from pincheck import run

    request = _request(options) if not live else _request(options)._replace(live=live)
    outcome = run.check(request, _watch)
    for note in outcome.notes:
        _say(f"pincheck: {note}")
    return outcome


def _request(options: "Namespace") -> "Request":
    from pincheck.run import Request

    return Request(
        paths=tuple(options.paths) or (".",),
        config=options.config or "",
        exclude=tuple(options.exclude),
        rules=tuple(options.rules),
        today=options.today,
        detail=options.detail,
        live=_live(options),
        ca_data=options.ca_data,
        base=getattr(options, "base", None) or "",
    )


def _live(options: "Namespace") -> "Live | None":
    """How to look at hosts, with a progress bar on a terminal; None for an offline run."""
    if options.verb == "pins" or not (options.live or options.recorded):
        return None
    from pincheck.looking import Live

    if options.recorded:
        return Live(None, tuple(options.trust_anchors), recorded=options.recorded, logs=options.ct)
    from pincheck.probe import options as probe_options

    asked = probe_options.read(options, os.environ)
    record, bar = options.record or "", _host_bar()
    return Live(asked, tuple(options.trust_anchors), record, progress=bar, logs=options.ct)


def _host_bar() -> "Progress | None":
    """A bar that shows how many hosts are done; None where nobody would see it."""
    if not sys.stderr.isatty():
        return None
    bars: list[ProgressBar] = []

    def show(done: int, of: int) -> None:
        if not bars:
            from pincheck.outputs.terminal import progress_bar

            bars.append(progress_bar("asking hosts", of))
        bars[0].show(done)
        if done == of:
            bars[0].close()

    return show


def _watch(items: Sequence[T], doing: str) -> Iterable[T]:
    """Show a progress bar on standard error once a run has taken a second, on a terminal only."""
    return _bar(items, doing) if sys.stderr.isatty() else items


def _bar(items: Sequence[T], doing: str) -> Iterator[T]:
    from time import monotonic

    start, bar = monotonic(), None
    try:
        for number, item in enumerate(items):
            yield item
            if bar is None and monotonic() - start > 1:
                from pincheck.outputs.terminal import progress_bar

                bar = progress_bar(doing, len(items))
            if bar:
                bar.show(number + 1)
    finally:
        if bar:
            bar.close()


def _deliver(name: str, target: str, report: "Report") -> None:
    """Render the report to a file, or to standard output (in colour on a terminal)."""
    if name == "terminal" and not target and sys.stdout.isatty():
        from pincheck.outputs import terminal

        terminal.print_colours(report, sys.stdout)
        return
    from pincheck import registry

    _put(registry.output_named(name).render(report), target)


def _put(text: str, target: str) -> None:
    """Write a text to a file, or to standard output."""
    if not target:
        _print(text)
        return
    try:
        with open(target, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(f"{target}: cannot be written: {error.strerror}") from None


def _print(text: str) -> None:
    """Print what the user asked for; what a file or a program gets is UTF-8 with line feeds, wherever it is run."""
    if isinstance(sys.stdout, TextIOWrapper) and not sys.stdout.isatty():
        sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    _write(sys.stdout, text if text.endswith("\n") or not text else text + "\n")


def _say(message: str) -> None:
    """A line for the user that is no part of the report; control characters are made visible."""
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in message)
    _write(sys.stderr, shown + "\n")


def _write(stream: "object", text: str) -> None:
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure:
        reconfigure(errors="backslashreplace")
    stream.write(text)  # type: ignore[attr-defined]
    stream.flush()  # type: ignore[attr-defined]
