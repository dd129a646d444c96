"""Bringing objects from a remote: the one thing of git's that asks one, as the repository says it is reached."""

import os
import re
import subprocess
from collections.abc import Iterable, Sequence

from pincheck.git.commits import commit, is_hash, is_shallow
from pincheck.git.running import GitFailed, failure, started
from pincheck.git.trees import ObjectsMissing, missing

FETCH_SECONDS = 300
MAX_COMPLETED = 50_000
"""Objects; who left out more has a reason not to want them."""
_REF = re.compile(r"refs/[A-Za-z0-9._/+@#=,-]{1,250}")
_REACHED_BY = (
    *(
        "http_proxy",
        "https_proxy",
        "no_proxy",
        "all_proxy",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "NO_PROXY",
        "ALL_PROXY",
    ),
    *("SSH_AUTH_SOCK", "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO"),
)
"""Variables that say how a remote is reached."""
_FETCHING = (
    "-c", "gc.auto=0",
    "-c", "maintenance.auto=false",
    "-c", "fetch.writeCommitGraph=false",
    "-c", "credential.interactive=never",
    "-c", "remote.origin.uploadpack=git-upload-pack",
    "fetch", "--quiet", "--no-write-fetch-head", "--no-tags", "--no-prune", "--no-auto-gc",
    "--recurse-submodules=no", "--refmap=",
)  # fmt: skip


def fetch(folder: str, refs: Iterable[str]) -> None:
    """Bring commits from ``origin``: full hashes, or whole names of refs (``refs/pull/7/head``), at once.

    Only objects come: no ref moves, and the work tree stays. Of history no more comes than the commits
    themselves where it is cut off already; a whole history would be cut off by that, so it is left whole. A
    partial clone stays one: see ``complete``. Raise ``GitFailed``, also after ``FETCH_SECONDS``.
    """
    wanted = [ref for ref in dict.fromkeys(refs) if not (is_hash(ref) and commit(folder, ref))]
    for ref in wanted:
        if not is_hash(ref) and (not _REF.fullmatch(ref) or ".." in ref or "@{" in ref):
            raise GitFailed(f"{ref[:80]!r} is no name of a ref")
    if wanted:
        depth = ("--depth=1",) if is_shallow(folder) else ()
        _bring(folder, (*_FETCHING, *depth), wanted)


def complete(folder: str, names: Sequence[str]) -> None:
    """Bring from ``origin`` what a partial clone lacks of commits that are here, given by their hashes.

    Raise ``GitFailed``, also where that is more than ``MAX_COMPLETED`` objects.
    """
    lacking = missing(folder, names)
    if len(lacking) > MAX_COMPLETED:
        raise ObjectsMissing(len(lacking), names)
    if lacking:
        # The remote leaves out what belongs to commits that it is told are here, and that is what is needed.
        _bring(folder, ("-c", "fetch.negotiationAlgorithm=noop", *_FETCHING, "--no-filter"), lacking)


def _bring(folder: str, fetching: Sequence[str], wanted: Sequence[str]) -> None:
    more = {name: os.environ[name] for name in _REACHED_BY if name in os.environ}
    more |= {"GIT_ALLOW_PROTOCOL": "https:http:ssh:file", "GIT_ASKPASS": "", "SSH_ASKPASS": ""}
    arguments = (*fetching, "--stdin", "--end-of-options", "origin")
    process = started(folder, arguments, more=more, stdin=subprocess.PIPE)
    try:
        _, complaint = process.communicate("\n".join(wanted).encode(), timeout=FETCH_SECONDS)
    except subprocess.TimeoutExpired:
        _end(process)
        raise GitFailed(f"origin did not answer in {FETCH_SECONDS} seconds") from None
    except BaseException:
        _end(process)
        raise
    if process.returncode:
        raise failure(complaint)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End git and what it started to reach the remote, which would outlive it."""
    if os.name == "posix":
        import signal
        from contextlib import suppress

        with suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.communicate()
