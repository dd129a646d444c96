"""Report of base x report of head -> what the change did: new, fixed and hidden findings, declarations."""

from collections.abc import Mapping

from pincheck.changes.declarations import declarations
from pincheck.changes.findings import compared, is_new
from pincheck.changes.hiding import Otherwise, Silenced, by_comment, by_other_settings, left_out, unsilenced
from pincheck.model import Report
from pincheck.model.changes import Since

__all__ = ["ALIKE", "Otherwise", "since"]

ALIKE = Otherwise()
"""Nothing that judges differs."""


def since(
    base: str,
    before: Report,
    after: Report,
    renamed: Mapping[str, str],
    strange: bool = False,
    otherwise: Otherwise = ALIKE,
) -> Report:
    """Return ``after`` with ``since`` filled in.

    ``renamed`` maps paths now to paths before. A ``strange`` change does not decide how it is judged: a finding
    that was not silenced before is not silenced now.
    """
    now = {old: new for new, old in renamed.items()}

    def path(old: str) -> str:
        return now.get(old, old)

    was = compared(before.findings, after.findings, path).was
    silenced = Silenced(before, after, path)
    plain = None if strange else otherwise.configured
    if plain:
        after = after._replace(findings=tuple(left_out(after, plain, path)))
    hidden = list(by_comment(after, was, silenced, strange))
    if strange:
        after = after._replace(findings=tuple(unsilenced(after.findings, was, silenced)))
    hidden += by_other_settings(after, otherwise, strange)
    return after._replace(
        since=Since(
            base,
            frozenset(f.fingerprint for f in after.active if is_new(f, was.get(f.fingerprint))),
            compared(before.findings, (plain or after).findings, path).fixed,
            tuple(declarations(before, plain or after, path)),
            tuple(hidden),
        )
    )
