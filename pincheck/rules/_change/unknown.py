"""What keeps a change from being told for certain."""

from collections.abc import Iterator

from pincheck.coverage import Unread
from pincheck.model import Context, Gap, Location, PinSet
from pincheck.model.changes import Change
from pincheck.rules._change.pairs import Pair, base, lapsed, lists, pairs
from pincheck.rules._change.states import PinSets


def still_pinned(
    change: Change, context: Context, unknown: "Unknown"
) -> Iterator[tuple[Pair, PinSets, PinSets]]:
    """Each pair that is still pinned and counted before, with each of its lists before and after."""
    for pair in pairs(change, context):
        if pair.after and not unknown.hides(pair) and not lapsed(pair, context):
            for before, after in lists(pair):
                yield pair, before, after


class Unknown:
    """What a state does not tell: places that declare pins and cannot be read."""

    def __init__(self, change: Change, context: Context) -> None:
        old = {_identity(gap, gap.at.path) for gap in change.before.gaps}
        path = change.renamed
        counted = [
            gap for gap in change.after.gaps if (gap.context or "production") in context.policy.contexts
        ]
        self.new = [gap for gap in counted if _identity(gap, path.get(gap.at.path, gap.at.path)) not in old]
        self._new = Unread(self.new)
        self._lost = {path.get(name, name): name for name in change.unread}
        self._any = Unread((*change.before.gaps, *change.after.gaps))

    def hides(self, pair: Pair) -> bool:
        """Whether a pin may just have moved to where it cannot be read."""
        return any(each in self._new or each.dynamic or _lacks_file(each) for each in pair.after) or any(
            each.dynamic or _lacks_file(each) for each in pair.before
        )

    def doubts(self, pair: Pair) -> bool:
        """Whether either state may hold more pins than were read, or it is not known what compares them."""
        every = (*pair.before, *pair.after)
        return any(each in self._any or each.inferred or each.by_hand for each in every)

    def file(self, pair: Pair) -> str:
        """The file of the declaration, if it cannot be read any more; or empty."""
        return next((self._lost[each.at.path] for each in pair.before if each.at.path in self._lost), "")

    def place(self, pair: Pair) -> Location | None:
        """A new place that may pin the hosts of a pair after all."""
        names = {base(host) for host in pair.hosts}
        return next(
            (gap.at for gap in self.new if not gap.hosts or names & {host.lower() for host in gap.hosts}),
            None,
        )


def _identity(gap: Gap, path: str) -> tuple[object, ...]:
    return path, gap.mechanism, gap.reason, gap.text, gap.hosts


def _lacks_file(pin_set: PinSet) -> bool:
    return any(not file.paths for file in pin_set.files)
