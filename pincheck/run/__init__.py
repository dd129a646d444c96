"""A request -> a report: configuration, discovery and the pipeline put together."""

import os
from collections.abc import Sequence

from pincheck import discover
from pincheck.run import deciding, judging
from pincheck.run.judging import advice
from pincheck.run.request import Outcome, Request
from pincheck.trees import WorkTree

__all__ = ["Outcome", "Request", "advice", "check", "root_of"]


def check(request: Request, watch: discover.Watch = discover.unwatched) -> Outcome:
    """Run the whole pipeline; raise ``UsageError`` or ``ConfigError`` for what the user must mend."""
    root = request.root or root_of(request.paths)
    if not request.root and root != os.getcwd():
        request = request._replace(paths=tuple(map(os.path.abspath, request.paths)))
    if request.base or request.head or request.strange:
        from pincheck.run import change

        return change.check(request, root, watch)
    tree = WorkTree(root)
    by = deciding.settings_of(request, tree)
    looking = judging.looking_of(request)
    state = judging.judged(request, tree, by, watch, looking.observer if looking else None)
    return judging.outcome(state, by, looking)


def root_of(paths: Sequence[str]) -> str:
    """The folder that paths are reported from: the current one if it holds them all, else theirs."""
    here = os.getcwd()
    places = [os.path.realpath(path) for path in paths]
    if os.path.commonpath([os.path.realpath(here), *places]) == os.path.realpath(here):
        return here
    folders = [place if os.path.isdir(place) else os.path.dirname(place) for place in places]
    return os.path.commonpath(folders)
