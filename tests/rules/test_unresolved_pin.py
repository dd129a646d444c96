"""unresolved-pin: what a parser recognised and could not read."""

from builders import HOST, KEYS, at, check, context, said, stated

from pincheck.model import Gap, Problem

GAP = Gap("ios-ats", at(3), "the pin comes from a build setting", (HOST,), "$(PIN)", "production")


def test_a_gap_is_named_with_its_host_and_text() -> None:
    assert check("unresolved-pin", GAP) == [
        Problem(
            at(3),
            f"{HOST}: this declaration is not checked in full: the pin comes from a build setting ($(PIN))",
            remedy="state the host and its pins under hosts in .pincheck.yml",
            hosts=(HOST,),
            pin="$(PIN)",
        )
    ]


def test_a_gap_without_a_host() -> None:
    assert said("unresolved-pin", GAP._replace(hosts=(), text="")) == [
        "this declaration is not checked in full: the pin comes from a build setting"
    ]


def test_it_goes_once_the_pins_of_the_host_are_stated() -> None:
    assert said("unresolved-pin", GAP, context(stated(HOST, KEYS[0]))) == []
    assert said("unresolved-pin", GAP, context(stated("*.shop.example", KEYS[0]))) == []
    assert len(said("unresolved-pin", GAP, context(stated("shop.example", KEYS[0])))) == 1
    assert len(said("unresolved-pin", GAP._replace(hosts=()), context(stated(HOST, KEYS[0])))) == 1
