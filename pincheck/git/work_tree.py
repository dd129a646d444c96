"""The work tree: where it is, and which files it holds."""

import os
import re
import sys
from collections.abc import Iterable

from pincheck.git.running import Running


def work_tree(folder: str) -> str:
    """The work tree that ``folder`` lies in, or an empty string; told without running git."""
    folder = os.path.realpath(folder)
    while True:
        if os.path.exists(os.path.join(folder, ".git")):
            return folder
        parent = os.path.dirname(folder)
        if parent == folder:
            return ""
        folder = parent


def files(folder: str) -> Running:
    """Start listing the files below ``folder``, relative to it: tracked, and untracked but not ignored.

    Each name follows a letter and a blank; the letter of an untracked file is ``?``.
    """
    asked = ("ls-files", "-z", "-t", "--cached", "--others", "--exclude-standard")
    return Running(folder, (*asked, "--end-of-options", "--", "."))


def containing(folder: str, markers: Iterable[bytes], pathspecs: Iterable[str], tree: str = "") -> Running:
    """Start listing the files that hold one of ``markers``: the tracked ones as they are in the work tree.

    With ``tree``, the hash of a tree object, those of that tree, each name behind the hash and a colon; the
    folder is then the top of a work tree. Attributes decide nothing: a file that is declared binary is searched.
    git grep takes no ``--end-of-options`` before git 2.43; ``--`` guards the only operands it gets.
    """
    arguments = ("grep", "-lz", "--no-recurse-submodules", "--no-textconv", *_wanted(set(markers)))
    return Running(folder, (*arguments, *([tree] if tree else []), "--", *pathspecs), glob=True)


def _wanted(markers: set[bytes]) -> tuple[str, ...]:
    """The markers as git grep takes them, without those that hold another.

    git looks for fixed strings one after the other, and for an expression with all of them at once:
    with fifty, twice as fast. How a Mac's regular expressions do is not known, so they are not used there.
    """
    needed: list[bytes] = []
    for marker in sorted(markers, key=lambda each: (len(each), each)):
        if not any(shorter in marker for shorter in needed):
            needed.append(marker)
    if sys.platform == "darwin":
        return ("-F", *(word for marker in needed for word in ("-e", os.fsdecode(marker))))
    return (
        "-E",
        "-e",
        "|".join(os.fsdecode(re.sub(rb"([][\\.*+?(){}^$|])", rb"\\\1", each)) for each in needed),
    )


def left_out(folder: str) -> frozenset[str]:
    """The tracked files, relative to the top ``folder``, that a sparse checkout leaves out of the work tree."""
    listed = Running(folder, ("ls-files", "-z", "-t", "--cached", "--end-of-options", "--", ".")).fields()
    return frozenset(entry[2:] for entry in listed if entry.startswith("S "))
