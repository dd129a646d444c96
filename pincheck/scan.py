"""The pipeline: sources -> report. It opens nothing and prints nothing."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from pincheck.evaluate import evaluate
from pincheck.model import (
    Context,
    NotChecked,
    Parsed,
    Project,
    Report,
    SourceFile,
)
from pincheck.readers.suppressions import suppressions
from pincheck.readers.unreadable import Unreadable
from pincheck.registry import Parser, claiming
from pincheck.resolve import resolve

if TYPE_CHECKING:
    from pincheck.identify import Read
    from pincheck.model.chains import Observation, Survey, Target
    from pincheck.model.changes import Change, Earlier
    from pincheck.model.knowledge import Issuance, Milestone, Provider
    from pincheck.pki.trust import Trust
    from pincheck.readers.sought import Sought

Observe = Callable[[Sequence["Target"]], Sequence["Observation"]]
"""Who looks at the hosts: live TLS, or a recording."""


Logged = tuple[tuple["Issuance", ...], tuple[NotChecked, ...]]
"""What public logs hold, and what could not be asked."""
Logs = Callable[[Sequence[str]], Logged]


More = Callable[[frozenset[str]], Iterable[SourceFile]]
"""Who finds the files in which names stand: the place where the sources come from, or nobody."""


def no_more(names: frozenset[str]) -> Iterable[SourceFile]:
    """Know no other files than the sources."""
    return ()


class Observer(NamedTuple):
    """Who looks at the hosts, and which trust anchors the clients hold."""

    observe: Observe
    trust: "Trust"
    mentioning: "More" = no_more
    """Who finds the files in which hosts stand, perhaps with a port."""
    logs: "Logs | None" = None
    """Who asks public logs for the certificates of hosts; None if nobody does."""


def no_file(path: str) -> bytes | str:
    """Know no file at all."""
    return "cannot be found here"


class Facts(NamedTuple):
    """Where that is found which is known beside the sources and the hosts."""

    ca_data: str = ""
    """Path of a table of CA keys, or empty for the one that comes along."""
    read: "Read" = no_file
    """Who reads the files that the configuration names as evidence."""


SHIPPED = Facts()


class Reading(NamedTuple):
    """What the sources say, and which of them could not be read."""

    parsed: "tuple[Parsed | Sought, ...]"
    not_checked: tuple[NotChecked, ...]


def scan(
    sources: Iterable[SourceFile],
    parsers: Sequence[Parser],
    context: Context,
    observer: Observer | None = None,
    whole: bool = True,
    more: More = no_more,
    facts: Facts = SHIPPED,
    earlier: "Earlier | None" = None,
) -> Report:
    """Check the pin declarations in ``sources``, and if there is an ``observer`` what the pinned hosts serve.

    ``whole`` tells that the sources are those of a whole repository; ``more`` is asked for the files
    in which names that the sources use are defined; ``facts`` tell whose keys the pins are of;
    ``earlier`` is the state before a change, for the rules on what it does.
    """
    sources = tuple(sources)
    reading = parse_all(sources, parsers)
    parsed = follow_all(reading.parsed, more)
    project = resolve(parsed, whole) if parsed else Project()
    survey, logged = _look(project, observer, context, sources) if observer else _Seen()
    project, context, notes = _informed(project, survey, context, facts, logged)
    change = _change(earlier, project, survey, reading) if earlier else None
    findings = evaluate(project, survey, context, whole, change)
    return Report(
        context.today,
        findings=findings,
        project=project,
        not_checked=(*reading.not_checked, *notes, *(_unseen(project, survey, context) if survey else ())),
        survey=survey,
        config=context.policy.path,
        knowledge=context.knowledge,
    )


def _change(
    earlier: "Earlier", project: Project, survey: "Survey | None", reading: Reading
) -> "Change | None":
    """The step from an earlier state to this one.

    None from a state that declares nothing, as nothing can be lost, unless hosts tell what is gained.
    """
    if not earlier.project.pin_sets and not survey:
        return None
    from pincheck.model.changes import Change

    unread = tuple(entry.what for entry in reading.not_checked)
    return Change(earlier.project, project, earlier.renamed, earlier.survey, survey, unread)


def parse_all(sources: Iterable[SourceFile], parsers: Sequence[Parser]) -> Reading:
    """Read every source with every parser that claims it; one bad file loses nothing of another."""
    parsed: list[Parsed | Sought] = []
    not_checked: dict[str, NotChecked] = {}
    for source in sources:
        claimed = claiming(parsers, source)
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


def follow_all(found: "Sequence[Parsed | Sought]", more: More) -> tuple[Parsed, ...]:
    """Put what was sought in source code in the place of its seeking."""
    if not any(type(each).__name__ == "Sought" for each in found):
        return tuple(found)  # type: ignore[arg-type]  # and nothing that follows values is loaded
    from pincheck.following.follow import follow
    from pincheck.following.sources import modules
    from pincheck.readers.sought import Sought

    plain = [each for each in found if not isinstance(each, Sought)]
    sought = [each for each in found if isinstance(each, Sought)]
    return (*plain, *follow(sought, lambda names: modules(more(names))))


# whose keys the pins are of ----------------------------------------------------


class _Informed(NamedTuple):
    """What the rules get to know."""

    project: Project
    """With what is wrong with the evidence of its pins."""
    context: Context
    not_checked: tuple[NotChecked, ...]


def _informed(
    project: Project, survey: "Survey | None", context: Context, facts: Facts, logged: Logged | None
) -> _Informed:
    """What is known of the pins, if there are any; else nothing is loaded that knows."""
    if not any(pin_set.pins for pin_set in project.pin_sets):
        return _Informed(project, context, ())
    from pincheck import identify
    from pincheck.model.knowledge import Knowledge
    from pincheck.pki import root_stores
    from pincheck.pki.ca_keys import Table, stale

    table = Table.open(facts.ca_data)
    evidence = identify.gather(context.policy, facts.read)
    identities = identify.identify(project, survey, context.policy, table.find, evidence)
    issuances, missed = logged or (None, ())
    identities = {**identify.of_issuers(issuances or (), table.find), **identities}
    of_cas = [(pin, each.ca.kind) for pin, each in identities.items() if each.ca]
    knowledge = Knowledge(
        identities,
        providers=_providers() if survey or any(kind == "intermediate" for _, kind in of_cas) else (),
        table_day=table.day,
        dropped=root_stores.dropping(pin for pin, kind in of_cas if kind == "root"),
        newest=root_stores.NEWEST,
        seen=identify.seen_keys(survey),
        issuances=issuances,
        milestones=_milestones() if survey else (),
    )
    wrong = tuple(identify.defects(context.policy, evidence))
    project = project._replace(defects=(*project.defects, *wrong))
    old = stale(table.day, context.today) if of_cas else ""
    told = (*table.notes, *([old] if old else []))
    notes = (*(NotChecked("the table of CA keys", note, is_path=False) for note in told), *missed)
    return _Informed(project, context._replace(knowledge=knowledge), notes)


def _providers() -> "tuple[Provider, ...]":
    """Those of whom something is known; reading them takes longer than finding that no CA is pinned."""
    from pincheck.providers import providers

    return providers()


def _milestones() -> "tuple[Milestone, ...]":
    from pincheck.providers import milestones

    return milestones()


# live hosts ------------------------------------------------------------------


class _Seen(NamedTuple):
    """What there is to know of the hosts beyond the repository."""

    survey: "Survey | None" = None
    logged: Logged | None = None
    """What public logs hold; None if nobody asked them."""


def _look(project: Project, observer: Observer, context: Context, sources: Sequence[SourceFile]) -> _Seen:
    """What the pinned hosts serve, and what each client makes of it."""
    from pincheck.match import match, targets
    from pincheck.ports import ports

    policy = context.policy
    hosts = tuple(dict.fromkeys(target.host for target in targets(project, policy)))
    logged = observer.logs(hosts) if observer.logs else None
    names = frozenset(hosts)
    coded = ports(names, (*sources, *observer.mentioning(names)))
    observations = observer.observe(targets(project, policy, coded))
    issued = logged[0] if logged else ()
    return _Seen(match(project, observations, observer.trust, policy, context.today, issued), logged)


FEW_PLACES = 3
"""More that failed for the same reason are counted, not listed."""


def _unseen(project: Project, survey: "Survey", context: Context) -> Iterator[NotChecked]:
    """What a live run could not look at: hosts, single addresses, and wildcards without a name."""
    from pincheck.match import unnamed

    places: dict[str, list[str]] = {}
    for observation in survey.observations:
        failure = observation.failure
        if failure and failure.kind != "absent":
            places.setdefault(failure.reason, []).append(_place(observation))
    for reason, found in places.items():
        for place in found if len(found) <= FEW_PLACES else ():
            yield NotChecked(place, reason, is_path=False)
        if len(found) > FEW_PLACES:
            yield NotChecked(f"{found[0]} and {len(found) - 1:,} more", reason, is_path=False)
    for pattern in unnamed(project, context.policy):
        reason = "covers names below only; give some to look at as names in .pincheck.yml"
        yield NotChecked(pattern, reason, is_path=False)


def _place(observation: "Observation") -> str:
    target = observation.target
    port = f":{target.port}" if target.port != 443 else ""
    return target.host + port + (f" at {observation.address}" if observation.address else "")
