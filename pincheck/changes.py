"""Report of base x report of head -> what the change did: new, fixed and hidden findings, declarations."""

from collections.abc import Mapping

from pincheck.model import Report


def since(
    base: str,
    before: Report,
    after: Report,
    renamed: Mapping[str, str],
    plain: Report | None = None,
    strange: bool = False,
) -> Report:
    """Return ``after`` with ``since`` filled in.

    ``renamed`` maps paths now to paths before. ``plain`` is the state after as the state before would have
    judged it: with its configuration; None if both are judged by the same. A ``strange`` change does not
    decide how it is judged: a finding that was not silenced before is not silenced now.
    """
    return after
