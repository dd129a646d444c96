"""An event -> the commit to compare with, and whether the change is a stranger's."""

from typing import NamedTuple

from pincheck import git
from pincheck.action import posting
from pincheck.action.events import Pull
from pincheck.action.step import Step
from pincheck.git import fetching

_NOT_HERE = "fetch-depth: 0, or leave it its persist-credentials"
_IN_PART = "neither filter nor sparse-checkout, or leave it its persist-credentials"
"""What to give actions/checkout for a base that it did not bring."""


class Baseline(NamedTuple):
    """What a state is compared with."""

    base: str = ""
    """A revision that is here, by its hash unless the workflow names it; empty if there is none."""
    strange: bool = False
    """The change does not decide how it is judged."""
    ruled_by: str = ""
    """The commit whose configuration counts about a stranger's change; empty: what ``base`` means today."""
    notes: tuple[str, ...] = ()


class Wanted(NamedTuple):
    """What to compare with, which need not be here."""

    base: str
    ruled_by: str = ""
    notes: tuple[str, ...] = ()


def of(step: Step) -> Baseline:
    """The baseline of the work tree: by ``base-ref``, else the base of the pull request or merge group."""
    strange = step.event.strange
    try:
        wanted = _wanted(step)
        if not wanted.base:
            return Baseline("", strange, notes=_without(step))
        return found(step.inputs.root, wanted, strange)
    except git.GitFailed as error:
        return Baseline("", strange, notes=(f"nothing is compared with, because git fails: {error}",))


def found(folder: str, wanted: Wanted, strange: bool, head: str = "HEAD") -> Baseline:
    """The baseline ``wanted`` of ``head``: a name of something that is here, or a hash, which is fetched if need be.

    What a partial clone lacks of the two is fetched too.
    """
    base, ruled_by, notes = wanted
    shown = base[:12] if git.is_hash(base) else base.removeprefix("refs/remotes/")
    if not git.known(folder, base) and not git.is_hash(base):
        return _nothing(strange, shown, "is not here and only a hash can be fetched", _NOT_HERE)
    try:
        fetching.fetch(folder, [each for each in (base, ruled_by) if git.is_hash(each)])
    except git.GitFailed as error:
        return _nothing(strange, shown, f"is not here and cannot be fetched ({error})", _NOT_HERE)
    before, after = _compared(folder, base, head)
    try:
        fetching.complete(
            folder, [each for each in (before, after, ruled_by or git.known(folder, base)) if each]
        )
        git.entries(folder, before)  # what lacks an object although the clone is whole is found out here
    except git.GitFailed as error:
        return _nothing(
            strange, shown, f"is here only in part, and the rest cannot be fetched ({error})", _IN_PART
        )
    if before == after:
        notes = (
            *notes,
            f"{shown} is, or holds, what is checked, so nothing is new; compare with an earlier state",
        )
    return Baseline(base, strange, ruled_by, notes)


def forked(step: Step, base: str, head: str) -> Wanted:
    """Where ``head`` left ``base``, two hashes.

    Beside the base of today, what that got meanwhile would look as if the change removed it.
    """
    folder = step.inputs.root
    here = git.commit(folder, base) and git.commit(folder, head)
    point = (git.merge_base(folder, base, head) if here else "") or posting.fork_point(step, base, head)
    if point:
        return Wanted(point, ruled_by=base)
    note = f"where the request left {base[:12]} is not known, so what its base got since then looks removed"
    return Wanted(base, notes=(f"{note}; give actions/checkout fetch-depth: 0",))


def _nothing(strange: bool, name: str, why: str, checkout: str) -> Baseline:
    """No baseline, and how actions/checkout is to be asked for one."""
    note = f"the state to compare with, {name}, {why}: every finding counts as new; give actions/checkout {checkout}"
    return Baseline("", strange, notes=(note,))


def _compared(folder: str, base: str, head: str) -> tuple[str, str]:
    """The hashes of the two commits that are compared."""
    before, after = git.known(folder, base), git.commit(folder, head)
    if after and not git.is_hash(base):
        before = git.merge_base(folder, before, after) or before
    return before, after


def _wanted(step: Step) -> Wanted:
    event, inputs = step.event, step.inputs
    if inputs.base_ref:
        return Wanted(_of_the_team(inputs.root, inputs.base_ref) if event.strange else inputs.base_ref)
    if event.pull and (event.pull.fork or inputs.mode != "push"):
        return _base_of(step, event.pull)
    return Wanted(event.group_base)


def _of_the_team(folder: str, name: str) -> str:
    """What a name means to ``origin``: a stranger may call the branch that is checked out ``main``."""
    tracked = f"refs/remotes/origin/{name}"
    return tracked if git.commit(folder, tracked) else name


def _base_of(step: Step, pull: Pull) -> Wanted:
    """The base as the work tree has it: the other parent of GitHub's merge commit, or where the branches part.

    A checkout of depth 1 has the merge commit without its parents, and names them all the same.
    """
    head = git.commit(step.inputs.root, "HEAD")
    parents = git.parents(step.inputs.root, head) if head else ()
    if len(parents) == 2 and parents[1] == pull.head_sha:
        return Wanted(parents[0])
    return forked(step, pull.base_sha, head) if head else Wanted(pull.base_sha)


def _without(step: Step) -> tuple[str, ...]:
    """What to say where there is nothing to compare with although that matters."""
    event = step.event
    why = event.problem or f"the event {event.name} tells of no base"
    if event.strange or event.problem or step.inputs.mode == "pull-request":
        return (f"{why}: every finding counts as new; name a base with base-ref",)
    return ()
