"""Commits by their names, and how they hang together."""

import re

from pincheck.git.running import GitFailed, Running

_HASH = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


def is_hash(text: str) -> bool:
    """Tell whether a text is the full hash of an object, SHA-1 or SHA-256."""
    return bool(_HASH.fullmatch(text))


def commit(folder: str, revision: str) -> str:
    """The full hash of a commit that is here, or an empty string; raise ``GitFailed`` if git refuses to look.

    ``revision`` may come from anybody: it is never taken for an option, and no text makes it a range.
    """
    if not revision.isprintable() or revision.startswith(("-", "^")) or not 0 < len(revision) <= 300:
        return ""
    wanted = f"{revision}^{{commit}}"
    found = Running(folder, ("rev-parse", "--verify", "--quiet", "--end-of-options", wanted)).output((0, 1))
    name = found.decode("ascii", "replace").strip()
    return name if is_hash(name) else ""


def known(folder: str, revision: str) -> str:
    """As ``commit``; a branch may be known as one of ``origin`` only, as in a checkout of one commit."""
    found = commit(folder, revision)
    return found if found or is_hash(revision) else commit(folder, f"refs/remotes/origin/{revision}")


def parents(folder: str, name: str) -> tuple[str, ...]:
    """The parents that the commit with the hash ``name`` names, be they here or not; raise ``GitFailed``."""
    head = Running(folder, ("cat-file", "commit", expect_hash(name))).output().partition(b"\n\n")[0]
    return tuple(line[7:].decode("ascii") for line in head.split(b"\n") if line.startswith(b"parent "))


def merge_base(folder: str, one: str, other: str) -> str:
    """The best common ancestor of two commits given by their hashes, or an empty string if none is here."""
    found = Running(folder, ("merge-base", expect_hash(one), expect_hash(other))).output((0, 1))
    return found.decode("ascii", "replace").partition("\n")[0].strip()


def is_shallow(folder: str) -> bool:
    """Tell whether the history is cut off."""
    return Running(folder, ("rev-parse", "--is-shallow-repository")).output().strip() == b"true"


def expect_hash(name: str) -> str:
    """The name, if it is the full hash of an object; else raise ``GitFailed``."""
    if not is_hash(name):
        raise GitFailed(f"{name[:80]!r} is no hash of a commit")
    return name
