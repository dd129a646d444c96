"""For a stranger's change: the files that inputs name, as the base has them.

A workflow may name a file that it made itself (a recording of last night): that one is not tracked and
counts. A tracked one would let the change bring its own evidence.
"""

import os
import tempfile
from collections.abc import Iterator, Mapping

from pincheck import git
from pincheck.action.baseline import Baseline
from pincheck.action.inputs import Inputs
from pincheck.errors import UsageError

MAX_BYTES = 64 * 1024 * 1024


def trusted(inputs: Inputs, baseline: Baseline, environment: Mapping[str, str]) -> Inputs:
    """The inputs, in which no file is the stranger's; raise ``UsageError`` for one that the base does not have.

    Without a base the defaults count in place of a configuration.
    """
    named = (inputs.config, inputs.recorded, inputs.ca_data, *inputs.trust_anchors)
    if not baseline.strange or not any(named):
        return inputs
    try:
        swap = _Swap(inputs, baseline.base, environment)
        return inputs._replace(
            config=swap.of("config", inputs.config) if baseline.base else "",
            recorded=swap.of("recorded", inputs.recorded),
            ca_data=swap.of("ca-data", inputs.ca_data),
            trust_anchors=tuple(swap.of("trust-anchors", path) for path in inputs.trust_anchors),
        )
    except git.GitFailed as error:
        raise UsageError(
            f"whether the files that inputs name are this pull request's own cannot be told: {error}"
        ) from None


class _Swap:
    """Puts the base's files into a folder of their own, read only once something is needed."""

    def __init__(self, inputs: Inputs, base: str, environment: Mapping[str, str]) -> None:
        self._top = git.work_tree(inputs.root)
        self._base, self._temp = base, environment.get("RUNNER_TEMP") or None
        head = git.commit(self._top, "HEAD") if self._top else ""
        self._head = git.entries(self._top, head) if head else {}
        self._before = git.entries(self._top, base) if base else {}

    def of(self, name: str, path: str) -> str:
        """The path to read in place of ``path``."""
        if not path or not self._is_tracked(path):
            return path
        place = self._from_top(path)
        entry = self._before.get(place)
        if not entry or not entry.mode.startswith("100") or entry.size > MAX_BYTES:
            raise UsageError(
                f"{name}: {place} is brought by a pull request from elsewhere, and the base has no such file to use "
                "in its place; name a file that the base has, or one that the workflow makes"
            )
        return self._copied(os.path.basename(place), entry.name)

    def _is_tracked(self, path: str) -> bool:
        """Whether the file, a link to it, or a submodule that holds it is part of the commit checked out."""
        places = [self._from_top(path), self._from_top(os.path.realpath(path))]
        return any(
            part in self._head and self._head[part].mode != "040000"
            for place in places
            for part in _parts(place)
        )

    def _from_top(self, path: str) -> str:
        """The path from the top of the work tree as the index names it; out of it, it begins with ``..``."""
        absolute = os.path.normpath(path)
        folder = os.path.realpath(self._top)
        return os.path.relpath(absolute, folder).replace(os.sep, "/") if self._top else "../"

    def _copied(self, name: str, blob: str) -> str:
        objects = git.Objects(self._top)
        try:
            data = objects.read(blob)
        finally:
            objects.close()
        path = os.path.join(tempfile.mkdtemp(prefix="pincheck-base-", dir=self._temp), name)
        with open(path, "wb") as file:
            file.write(data)
        return path


def _parts(place: str) -> Iterator[str]:
    """``a``, ``a/b``, ``a/b/c``."""
    steps = place.split("/")
    return ("/".join(steps[: count + 1]) for count in range(len(steps)))
