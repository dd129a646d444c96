"""What a run can mend, for the suggestions of a review."""

from pincheck import remedy, trees
from pincheck.commits import Commit, named
from pincheck.model import Fix
from pincheck.run import Outcome


def fixes(outcome: Outcome, root: str, head: str) -> tuple[Fix, ...]:
    """The fixes of a report on the work tree, or on the commit ``head``."""
    tree = Commit(root, named(root, head)) if head else trees.WorkTree(root)

    def read(path: str) -> bytes | None:
        try:
            return tree.contents(path)
        except (trees.Refused, OSError):
            return None

    try:
        return remedy.fixes(outcome.report, outcome.policy.expiry_latest_days, read)
    finally:
        if isinstance(tree, Commit):
            tree.close()
