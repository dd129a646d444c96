"""unused-suppression: ignores that hide nothing."""

from builders import at, check

from pincheck.model import Problem, Suppression


def test_idle() -> None:
    assert check("unused-suppression", Suppression(at(3), ("missing-backup-pin",), "why")) == [
        Problem(at(3), "the ignore of missing-backup-pin hides nothing", remedy="remove it")
    ]


def test_past_its_date() -> None:
    assert check("unused-suppression", Suppression(at(3), (), "why", until="2026-11-22")) == [
        Problem(
            at(3),
            "the ignore of any rule ended on 2026-11-22 and hides nothing any more",
            remedy="mend the finding, or set a later date with a reason",
        )
    ]
