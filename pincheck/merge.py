"""``pincheck merge``: the files of all shards -> what one run over everything would have come to."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from pincheck import files, joining, kept, recorded, shards
from pincheck.errors import UsageError
from pincheck.kept import Kept
from pincheck.model import Report
from pincheck.outputs._escape import visible
from pincheck.shards import Shard

MOST_FILES = shards.MOST


class Merged(NamedTuple):
    """What several shards came to; either a report or a recording."""

    report: Report | None = None
    recording: str = ""
    fails: bool = False
    """A repository has findings that count, as its configuration or the shards' options say."""
    unreached: bool = False
    """A host showed nothing, and that is to count."""
    interrupted: bool = False
    faults: tuple[str, ...] = ()
    """Why repositories could not be checked."""
    notes: tuple[str, ...] = ()


def merge(names: Sequence[str], fail_on: str = "", fail_on_unchecked: bool = False) -> Merged:
    """Join the files of all shards, in whatever order they are given.

    Options given here count instead of the shards'. Raise ``UsageError`` that names the file if one is neither
    a shard's report nor its recording, is missing, there twice, of another division or another pincheck.
    """
    if len(names) > MOST_FILES:
        raise UsageError(f"more than {MOST_FILES:,} files; no division has as many shards")
    found = [_read(name) for name in names]
    recordings = [each for each in found if not isinstance(each, Kept)]
    reports = [each for each in found if isinstance(each, Kept)]
    if recordings and reports:
        of_a_report = names[next(place for place, each in enumerate(found) if isinstance(each, Kept))]
        other = names[next(place for place, each in enumerate(found) if not isinstance(each, Kept))]
        raise UsageError(f"{other}: is a recording, and {of_a_report} a report; merge one kind at a time")
    if recordings:
        return Merged(recording=recorded.merged(names, recordings))
    return _joined(names, reports, fail_on, fail_on_unchecked)


def _read(name: str) -> Any:
    """A report, or the document of what may be a recording, which is not judged yet."""
    try:
        root = kept.parsed(files.read(name, kept.MAX_BYTES, pipes=True))
        if isinstance(root, dict) and root.get("format") == kept.FORMAT:
            return kept.read(root)
        if isinstance(root, dict) and "observations" in root:
            return root
    except kept.Bad as fault:
        raise UsageError(f"{visible(name)}: {fault}") from None
    raise UsageError(f"{visible(name)}: is neither a report of `--format shard` nor a recording")


def _joined(names: Sequence[str], found: Sequence[Kept], fail_on: str, fail_on_unchecked: bool) -> Merged:
    shown = [*map(visible, names)]
    order = shards.complete(shown, [(Shard(each.number, each.of), each.asked) for each in found])
    parts = [part for place in order for part in found[place].parts]
    _expect_all(found[0], [part.folder for part in parts])
    if fault := joining.common_fault(parts):
        raise UsageError(visible(fault))
    first = found[0]
    days = sorted({each.today for each in found})
    report = joining.joined(parts, days[0], first.detail)
    counts = fail_on_unchecked or first.fail_on_unchecked
    return Merged(
        report,
        fails=report.fails(fail_on) if fail_on else any(part.fails for part in parts),
        unreached=counts and any(part.unreached for part in parts),
        interrupted=any(part.interrupted for part in parts),
        faults=tuple(f"{part.folder}: {part.fault}" for part in sorted(parts, key=_by_folder) if part.fault),
        notes=(f"the shards were judged on different days, {days[0]} to {days[-1]}; --today sets one",)
        if len(days) > 1
        else (),
    )


def _by_folder(part: kept.Part) -> str:
    return part.folder


def _expect_all(first: Kept, folders: Sequence[str]) -> None:
    """Raise unless each repository is there once."""
    twice = [folder for folder, number in Counter(folders).items() if number > 1]
    if twice:
        raise UsageError(f"{visible(twice[0])}: is in two shards")
    if len(folders) != first.repositories:
        raise UsageError(
            f"the shards hold {len(folders):,} of {first.repositories:,} repositories; make them anew"
        )
