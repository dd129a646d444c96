"""The second copy of a pin taken away."""

from collections.abc import Iterator

from pincheck.model import Finding, PinSet
from pincheck.remedy import siblings
from pincheck.remedy.known import Known, Proposal, start


def propose(finding: Finding, known: Known) -> Iterator[Proposal]:
    """Propose it where two different pins are left; of fewer the copy may be what was to be a backup."""
    users = list(known.users(finding.at))
    page = known.page(finding.at.path)
    if not page or not users or any(pin_set.inferred for pin_set, _ in users):
        return
    if any(_left(pin_set) < max(2, pin_set.semantics.minimum_pins) for pin_set, _ in users):
        return

    def announced(other: PinSet) -> tuple[PinSet]:
        return (other._replace(pins=tuple(pin for pin in other.pins if pin.at != finding.at)),)

    says = f"remove the second copy of the pin {start(users[0][1].text.strip())}"
    for edits in siblings.removed(page, finding.at):
        yield Proposal(finding, says, edits, announced, reshapes="removed")


def _left(pin_set: PinSet) -> int:
    return len({pin.pin for pin in pin_set.pins if pin.pin and not pin.placeholder})
