"""The pipeline: sources -> report. It opens nothing and prints nothing."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from pincheck.evaluate import evaluate
from pincheck.match import match, targets
from pincheck.model import (
    Context,
    NotChecked,
    Observation,
    Parsed,
    Project,
    Report,
    SourceFile,
    Target,
)
from pincheck.readers.suppressions import suppressions
from pincheck.readers.unreadable import Unreadable
from pincheck.registry import Parser, claims
from pincheck.resolve import resolve

Observe = Callable[[Sequence[Target]], Sequence[Observation]]
"""Who looks at the hosts: live TLS, a recording, or nobody."""


class Reading(NamedTuple):
    """What the sources say, and which of them could not be read."""

    parsed: tuple[Parsed, ...]
    not_checked: tuple[NotChecked, ...]


def nothing(targets: Sequence[Target]) -> Sequence[Observation]:
    """Observe nothing: the offline run."""
    return ()


def scan(
    sources: Iterable[SourceFile],
    parsers: Sequence[Parser],
    context: Context,
    observe: Observe = nothing,
    whole: bool = True,
) -> Report:
    """Check the pin declarations in ``sources``; ask ``observe`` what the pinned hosts serve.

    ``whole`` tells that the sources are those of a whole repository.
    """
    reading = parse_all(sources, parsers)
    project = resolve(reading.parsed, whole) if reading.parsed else Project()
    observations = observe(targets(project.pin_sets))
    verifications = match(project.pin_sets, observations)
    findings = evaluate(project, verifications, context, whole)
    return Report(
        context.today,
        findings=findings,
        project=project,
        not_checked=reading.not_checked,
        config=context.policy.path,
    )


def parse_all(sources: Iterable[SourceFile], parsers: Sequence[Parser]) -> Reading:
    """Read every source with every parser that claims it; one bad file loses nothing of another."""
    parsed: list[Parsed] = []
    not_checked: dict[str, NotChecked] = {}
    for source in sources:
        claimed = [parser for parser in parsers if claims(parser, source)]
        for parser in claimed:
            try:
                parsed.extend(parser.parse(source))
            except Unreadable as fault:
                not_checked.setdefault(source.path, NotChecked(source.path, str(fault)))
            except Exception as fault:  # noqa: BLE001 - a stranger's file that trips us costs only itself
                reason = f"pincheck failed on it ({type(fault).__name__}): a bug worth reporting"
                not_checked.setdefault(source.path, NotChecked(source.path, reason))
        if claimed:
            parsed.extend(suppressions(source))
    return Reading(tuple(parsed), tuple(not_checked.values()))
