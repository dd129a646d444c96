"""git, hardened against what a hostile repository may configure: no other package runs it."""

from pincheck.git.commits import commit, is_hash, is_shallow, known, merge_base, parents
from pincheck.git.running import DubiousOwnership, GitFailed, Running
from pincheck.git.trees import Entry, Objects, ObjectsMissing, entries, renames
from pincheck.git.work_tree import containing, files, left_out, work_tree

__all__ = [
    "DubiousOwnership",
    "Entry",
    "GitFailed",
    "Objects",
    "ObjectsMissing",
    "Running",
    "commit",
    "containing",
    "entries",
    "files",
    "is_hash",
    "is_shallow",
    "known",
    "left_out",
    "merge_base",
    "parents",
    "renames",
    "work_tree",
]
