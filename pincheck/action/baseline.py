"""An event -> the commit to compare with, and whether the change is a stranger's."""

from typing import NamedTuple

from pincheck import git
from pincheck.action.events import Pull
from pincheck.action.step import Step
from pincheck.git import fetching


class Baseline(NamedTuple):
    """What a state is compared with."""

    base: str = ""
    """A revision that is here, by its hash unless the workflow names it; empty if there is none."""
    strange: bool = False
    """The change does not decide how it is judged."""
    ruled_by: str = ""
    """The commit whose configuration counts about a stranger's change; empty: what ``base`` means today."""
    notes: tuple[str, ...] = ()


def of(step: Step) -> Baseline:
    """The baseline of the work tree: by ``base-ref``, else the base of the pull request or merge group."""
    strange = step.event.strange
    try:
        wanted = _wanted(step)
        if not wanted:
            return Baseline("", strange, notes=_without(step))
        return found(step.inputs.root, wanted, strange, ruled_by=_tip(step))
    except git.GitFailed as error:
        return Baseline("", strange, notes=(f"nothing is compared with, because git fails: {error}",))


def found(folder: str, wanted: str, strange: bool, head: str = "HEAD", ruled_by: str = "") -> Baseline:
    """The baseline ``wanted`` of ``head``: a name of something that is here, or a hash, which is fetched if need be.

    What a partial clone lacks of the two is fetched too.
    """
    shown = wanted[:12] if git.is_hash(wanted) else wanted
    if not git.known(folder, wanted):
        if not git.is_hash(wanted):
            return _nothing(strange, shown, "is not here and only a hash can be fetched", NOT_HERE)
        try:
            fetching.fetch(folder, [wanted])
        except git.GitFailed as error:
            return _nothing(strange, shown, f"is not here and cannot be fetched ({error})", NOT_HERE)
    try:
        fetching.complete(folder, _read(folder, wanted, head, ruled_by))
    except git.GitFailed as error:
        return _nothing(
            strange, shown, f"is here only in part, and the rest cannot be fetched ({error})", IN_PART
        )
    return Baseline(wanted, strange, ruled_by)


NOT_HERE = "fetch-depth: 0, or leave it its persist-credentials"
IN_PART = "neither filter nor sparse-checkout, or leave it its persist-credentials"


def _nothing(strange: bool, name: str, why: str, checkout: str) -> Baseline:
    """No baseline, and how actions/checkout is to be asked for one."""
    note = f"the state to compare with, {name}, {why}: every finding counts as new; give actions/checkout {checkout}"
    return Baseline("", strange, notes=(note,))


def _read(folder: str, wanted: str, head: str, ruled_by: str) -> list[str]:
    """The hashes of the commits that are read."""
    base, after = git.known(folder, wanted), git.commit(folder, head)
    if after and not git.is_hash(wanted):
        base = git.merge_base(folder, base, after) or base
    return [each for each in (base, after, ruled_by) if each]


def _wanted(step: Step) -> str:
    event, inputs = step.event, step.inputs
    if inputs.base_ref:
        return inputs.base_ref
    if event.pull and (event.pull.fork or inputs.mode != "push"):
        return _base_of(event.pull, inputs.root)
    return event.group_base


def _base_of(pull: Pull, folder: str) -> str:
    """The base as the work tree has it: the other parent of GitHub's merge commit, or where the branches part.

    A checkout of depth 1 has the merge commit without its parents, and names them all the same.
    """
    head = git.commit(folder, "HEAD")
    parents = git.parents(folder, head) if head else ()
    if len(parents) == 2 and parents[1] == pull.head_sha:
        return parents[0]
    if head and git.commit(folder, pull.base_sha):
        return git.merge_base(folder, head, pull.base_sha) or pull.base_sha
    return pull.base_sha


def _tip(step: Step) -> str:
    """Where the request's base is now, if that is here and the request may have left it long ago."""
    pull = step.event.pull
    return git.commit(step.inputs.root, pull.base_sha) if pull and not step.inputs.base_ref else ""


def _without(step: Step) -> tuple[str, ...]:
    """What to say where there is nothing to compare with although that matters."""
    event = step.event
    why = event.problem or f"the event {event.name} tells of no base"
    if event.strange or event.problem or step.inputs.mode == "pull-request":
        return (f"{why}: every finding counts as new; name a base with base-ref",)
    return ()
