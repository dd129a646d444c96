"""What a change did to the findings: new, fixed, hidden; and to the declarations."""

from collections import Counter
from collections.abc import Mapping

import pytest
from changed import CODE, KEY_D, NSC, PLIST, ats, compared, config, nsc, okhttp, state
from hypothesis import given
from hypothesis import strategies as st
from scanning import KEY_A, KEY_B, KEY_C, TODAY

from pincheck import changes
from pincheck.model import Finding, Location, Policy, Report, Suppression
from pincheck.model.changes import Earlier, Since

A, B, C, D = KEY_A, KEY_B, KEY_C, KEY_D
OTHER = "app/src/play/res/xml/network_security_config.xml"
IGNORE = "<!-- pincheck: ignore[missing-backup-pin] second key ordered -->\n"
HERE, PAY = "api.shop.example", "pay.shop.example"


def silenced(*keys: str, host: str = HERE) -> str:
    """A ``domain-config`` with a comment above its pin set."""
    return config(*keys, host=host).replace("<pin-set", f"{IGNORE}<pin-set")


def brief(report: Report) -> dict[str, list[tuple[object, ...]]]:
    """New, old and silenced findings, those fixed and those hidden, each by rule and host."""
    assert report.since
    new = report.since.new
    return {
        "new": [_one(each) for each in report.active if each.fingerprint in new],
        "old": [_one(each) for each in report.active if each.fingerprint not in new],
        "silenced": [_one(each) for each in report.findings if each.suppressed is not None],
        "fixed": [_one(each) for each in report.since.fixed],
        "hidden": [(*_one(each.finding), each.how, each.counts) for each in report.since.hidden],
    }


def _one(finding: Finding) -> tuple[object, ...]:
    return finding.rule, *finding.hosts


def outcome(before: Mapping[str, str], after: Mapping[str, str], **more: object) -> dict[str, object]:
    """The same without what is empty."""
    return {name: found for name, found in brief(compared(before, after, **more)).items() if found}  # type: ignore[arg-type]


def hosts(*names: str) -> str:
    """A ``domain-config`` for several hosts, with one pin."""
    return config(A).replace(
        f"<domain>{HERE}</domain>", "".join(f"<domain>{name}</domain>" for name in names)
    )


ONE = {NSC: nsc(config(A))}
TWO = {NSC: nsc(config(A, B))}
MISSING = ("missing-backup-pin", HERE)
MISSING_PAY = ("missing-backup-pin", PAY)
MISSING_BOTH = ("missing-backup-pin", HERE, PAY)
BOTH = {NSC: nsc(hosts(HERE, PAY))}
REMOVED = ("backup-pin-removed", HERE)
IDLE = ("unused-suppression",)
NEW_COMMENT, OLD_COMMENT = "a new comment silences it", "a comment that was there before now silences it"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(ONE, ONE, {"old": [MISSING]}, id="nothing changed"),
        pytest.param({}, ONE, {"new": [MISSING]}, id="a first declaration"),
        pytest.param(TWO, ONE, {"new": [REMOVED]}, id="a backup is lost"),
        pytest.param(ONE, TWO, {"fixed": [MISSING]}, id="a backup is added"),
        pytest.param(ONE, {NSC: "\n\n" + ONE[NSC]}, {"old": [MISSING]}, id="lines move"),
        pytest.param(
            ONE, {NSC: nsc(config(A), config(A, host=PAY))}, {"new": [MISSING_PAY], "old": [MISSING]},
            id="one old, one new",
        ),
        pytest.param(ONE, {OTHER: ONE[NSC]}, {"old": [MISSING]}, id="moved without git's noticing"),
        pytest.param(
            ONE, {CODE: okhttp(A)}, {"new": [MISSING], "fixed": [MISSING]},
            id="another format writes its pins otherwise, so the finding is another",
        ),
        pytest.param(
            {"app/src/test/res/xml/p.xml": ONE[NSC]}, ONE, {"new": [MISSING]}, id="from tests into production: graver"
        ),
        pytest.param(
            ONE, {"app/src/test/res/xml/p.xml": ONE[NSC]}, {"new": [("pinning-removed", HERE)], "old": [MISSING]},
            id="from production into tests: milder",
        ),
        pytest.param(BOTH, ONE, {"new": [("pinning-removed", PAY)], "old": [MISSING]}, id="one of two hosts is left"),
        pytest.param(ONE, BOTH, {"new": [MISSING_BOTH]}, id="a second host"),
        pytest.param(
            BOTH, {NSC: nsc(hosts(HERE), hosts(PAY))}, {"old": [MISSING, MISSING_PAY]}, id="a declaration is divided"
        ),
        pytest.param({NSC: nsc(hosts(HERE), hosts(PAY))}, BOTH, {"old": [MISSING_BOTH]}, id="two become one"),
        pytest.param(
            BOTH, {NSC: nsc(hosts(HERE), hosts(HERE))},
            {"new": [("pinning-removed", PAY), ("malformed-config", HERE), MISSING], "old": [MISSING]},
            id="one host of two, twice",
        ),
    ],
)  # fmt: skip
def test_new_and_fixed(before, after, expected) -> None:
    assert outcome(before, after) == expected


def test_equal_findings_are_counted() -> None:
    """Two declarations for one host: which of three is the new one cannot be told, but one is."""
    twice, thrice = {NSC: nsc(*[config(A)] * 2)}, {NSC: nsc(*[config(A)] * 3)}
    found = brief(compared(twice, thrice))
    assert [found[kind].count(MISSING) for kind in ("new", "old", "fixed")] == [1, 2, 0]
    found = brief(compared(thrice, twice))
    assert [found[kind].count(MISSING) for kind in ("new", "old", "fixed")] == [0, 2, 1]


def test_of_equal_findings_a_silenced_one_does_not_count_for_another() -> None:
    """A stranger's copy of a silenced declaration is a new finding, before or behind it."""
    one, copied = {NSC: nsc(silenced(A))}, {NSC: nsc(silenced(A), silenced(A))}
    found = brief(compared(one, copied, strange=True))
    assert [found[kind].count(MISSING) for kind in ("new", "old", "silenced")] == [1, 0, 1]


def test_renamed_files_keep_their_findings() -> None:
    after = {OTHER: ONE[NSC]}
    assert outcome(ONE, after, renamed={OTHER: NSC}) == {"old": [MISSING]}
    assert outcome({NSC: nsc(silenced(A))}, {OTHER: nsc(silenced(A))}, renamed={OTHER: NSC}) == {
        "silenced": [MISSING]
    }


@pytest.mark.parametrize("strange", [False, True])
@pytest.mark.parametrize(
    ("before", "after", "own", "strangers"),
    [
        pytest.param(
            {NSC: nsc(silenced(A))}, {NSC: "\n" + nsc(silenced(A))}, {"silenced": [MISSING]}, {"silenced": [MISSING]},
            id="silenced before",
        ),
        pytest.param(
            {NSC: nsc(silenced(A))}, ONE, {"new": [MISSING]}, {"new": [MISSING]}, id="silenced no more"
        ),
        pytest.param(
            ONE, {NSC: nsc(silenced(A))},
            {"silenced": [MISSING], "hidden": [(*MISSING, NEW_COMMENT, True)]},
            {"old": [MISSING], "hidden": [(*MISSING, NEW_COMMENT, False)]},
            id="an old finding silenced",
        ),
        pytest.param(
            {}, {NSC: nsc(silenced(A))},
            {"silenced": [MISSING], "hidden": [(*MISSING, NEW_COMMENT, True)]},
            {"new": [MISSING], "hidden": [(*MISSING, NEW_COMMENT, False)]},
            id="a new finding silenced from the start",
        ),
        pytest.param(
            {NSC: nsc(silenced(A), config(A, B, host=PAY))}, {NSC: nsc(config(A, B), silenced(A, host=PAY))},
            {
                "new": [("backup-pin-removed", PAY)], "silenced": [MISSING_PAY],
                "hidden": [(*MISSING_PAY, OLD_COMMENT, True)],
            },
            {
                "new": [MISSING_PAY, ("backup-pin-removed", PAY)],
                "hidden": [(*MISSING_PAY, OLD_COMMENT, False)],
            },
            id="a comment moved to another pin, its old one mended",
        ),
        pytest.param(
            {NSC: nsc(hosts(HERE, PAY).replace("<pin-set", f"{IGNORE}<pin-set"))},
            {NSC: nsc(silenced(A), config(A, B, host=PAY))},
            {"silenced": [MISSING]}, {"silenced": [MISSING]}, id="silenced before, for two hosts",
        ),
        pytest.param(
            {NSC: nsc(silenced(A))}, {NSC: nsc(silenced(C))},
            {
                "new": [("whole-set-replaced", HERE)], "silenced": [MISSING],
                "hidden": [(*MISSING, OLD_COMMENT, True)],
            },
            {"new": [MISSING, ("whole-set-replaced", HERE)], "hidden": [(*MISSING, OLD_COMMENT, False)]},
            id="another pin under an old comment",
        ),
        pytest.param(
            {NSC: nsc(silenced(A))}, {NSC: nsc(silenced(A, B))}, {"new": [IDLE]}, {"new": [IDLE]},
            id="a comment whose finding was mended",
        ),
        pytest.param(
            {NSC: nsc(silenced(A))}, {NSC: nsc(silenced(A), silenced(A, host=PAY))},
            {"silenced": [MISSING, MISSING_PAY], "hidden": [(*MISSING_PAY, OLD_COMMENT, True)]},
            {"new": [MISSING_PAY], "silenced": [MISSING], "hidden": [(*MISSING_PAY, OLD_COMMENT, False)]},
            id="a comment copied",
        ),
        pytest.param(
            {NSC: IGNORE + nsc(config(A)).replace("\n", " ")},
            {NSC: IGNORE + nsc(config(A), config(A, host=PAY)).replace("\n", " ")},
            {"silenced": [MISSING, MISSING_PAY], "hidden": [(*MISSING_PAY, OLD_COMMENT, True)]},
            {"new": [MISSING_PAY], "silenced": [MISSING], "hidden": [(*MISSING_PAY, OLD_COMMENT, False)]},
            id="a whole file on the line of a comment",
        ),
    ],
)  # fmt: skip
def test_comments(before, after, own, strangers, strange) -> None:
    assert outcome(before, after, strange=strange) == (strangers if strange else own)


def test_a_comment_is_named_by_its_place() -> None:
    (hidden,) = compared(ONE, {NSC: nsc(silenced(A))}).since.hidden
    assert (hidden.at, hidden.finding.suppressed) == (Location(NSC, 4, 6, 4, 65, IGNORE.strip()), None)


AT = Location(".pincheck.yml", 3, 1, 3, 2)
NEVER, OFF = "fail-on is now never, so that it fails no build", "the configuration now switches its rule off"


@pytest.mark.parametrize(
    ("policy", "how"),
    [
        pytest.param(Policy(severities=(("missing-backup-pin", "off"),)), OFF, id="off"),
        pytest.param(
            Policy(severities=(("missing-backup-pin", "note"),)), "the configuration now makes it a note", id="a note"
        ),
        pytest.param(
            Policy(contexts=("test",)), "the configuration now makes it a note", id="contexts"
        ),
        pytest.param(
            Policy(ignores=(Suppression(AT, ("missing-backup-pin",), "why", in_config=True),)),
            "the configuration now ignores it", id="ignored",
        ),
        pytest.param(Policy(fail_on="never"), NEVER, id="fail-on"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("strange", [False, True])
def test_a_configuration_that_hides_is_named(policy: Policy, how: str, strange: bool) -> None:
    found = brief(compared(ONE, ONE, strange=strange, policies=(Policy(), policy)))
    assert found["hidden"] == [(*MISSING, how, not strange)]
    assert found["fixed"] == found["new"] == []
    assert bool(found["old"]) == (strange or how.startswith(("the configuration now makes", "fail-on")))


def test_an_excluded_file_is_named() -> None:
    was, plain, now = (
        state(ONE | {PLIST: ats(A, B)}),
        state(ONE | {PLIST: ats(A, B)}),
        state({PLIST: ats(A, B)}),
    )
    since = changes.since("main", was, now, {}, False, changes.Otherwise(plain)).since
    assert since
    assert [(each.finding.rule, each.how) for each in since.hidden] == [
        ("missing-backup-pin", "the configuration now leaves its file out"),
        ("platform-drift", "the configuration now leaves its file out"),
    ]
    assert since.fixed == ()


def test_pins_that_are_left_out_are_not_called_removed() -> None:
    files = TWO | {CODE: okhttp(A, B, host=PAY)}
    was, kept = state(files), {CODE: files[CODE]}
    now = state(kept, Earlier(was.project))
    report = changes.since("main", was, now, {}, False, changes.Otherwise(state(files, Earlier(was.project))))
    assert report.since
    assert report.since.declarations == ()
    (found,) = report.active[:1]
    assert (found.rule, found.at.path, found.at.line, found.message, found.remedy) == (
        "pinning-removed",
        NSC,
        4,
        f"{HERE}: the configuration now leaves out this file, which still declares these pins, so that what becomes of"
        " them is told no more",
        "keep the file in, unless no release reads it",
    )
    removed = changes.since(
        "main", was, now, {}, False, changes.Otherwise(state(kept, Earlier(was.project)))
    ).active[0]
    assert removed.message.startswith(f"{HERE}: no longer pinned on Android: ")


def test_an_idle_ignore_that_is_taken_out_hides_nothing() -> None:
    ignore = Suppression(AT, ("weak-digest",), "why", in_config=True)
    found = brief(compared(TWO, TWO, policies=(Policy(path=".pincheck.yml", ignores=(ignore,)), Policy())))
    assert found["hidden"] == []
    assert found["fixed"] == []


def test_a_finding_at_several_places_is_one() -> None:
    """Which of two platforms is the odd one out, and so is named, may change."""
    before = {NSC: nsc(config(A, B)), PLIST: ats(A, C)}
    after = {NSC: nsc(config(A, B, D)), PLIST: ats(A, C)}
    assert outcome(before, after) == {"old": [("platform-drift", HERE)]}


def test_nothing_before_makes_all_new_and_no_comment_count() -> None:
    report = changes.since("", Report(TODAY), state({NSC: nsc(silenced(A))}), {}, strange=True)
    assert brief(report)["new"] == [MISSING]


def test_without_any_finding_nothing_is_said() -> None:
    assert changes.since("main", Report(TODAY), Report(TODAY), {}).since == Since("main")


CONFIGS = st.lists(
    st.tuples(
        st.sampled_from((HERE, PAY)),
        st.lists(st.sampled_from((A, B, C)), min_size=1, max_size=2),
        st.booleans(),
    ),
    max_size=4,
).map(lambda every: {NSC: nsc(*((silenced if c else config)(*keys, host=host) for host, keys, c in every))})


@given(CONFIGS)
def test_a_tree_beside_itself_has_nothing_new(tree) -> None:
    for strange in (False, True):
        report = compared(tree, tree, strange=strange)
        assert report.since == Since("main")
        assert report.findings == state(tree).findings


@given(CONFIGS, CONFIGS)
def test_a_stranger_silences_nothing_that_was_not_silenced(before, after) -> None:
    """Findings are counted by what makes their fingerprint; their numbers do not matter."""
    was, now = state(before), compared(before, after, strange=True)
    own = compared(before, after)
    assert now.since
    assert own.since
    assert _silenced(now) <= _silenced(was)
    assert {each.finding.fingerprint for each in now.since.hidden} == {
        each.fingerprint for each in own.findings if each.suppressed is not None
    } - {each.fingerprint for each in now.findings if each.suppressed is not None}
    rest = Counter(map(_identity, now.active))
    rest.subtract(_identity(each) for each in was.active if each not in now.since.fixed)
    assert +rest == Counter(_identity(each) for each in now.new)


def _silenced(report: Report) -> Counter[tuple[object, ...]]:
    return Counter(_identity(each) for each in report.findings if each.suppressed is not None)


def _identity(finding: Finding) -> tuple[object, ...]:
    return finding.rule, finding.at.path, finding.hosts, finding.pin


# declarations ------------------------------------------------------------------


def declared(
    before: Mapping[str, str], after: Mapping[str, str], renamed: Mapping[str, str] | None = None
) -> list[tuple[object, ...]]:
    since = compared(before, after, renamed).since
    assert since
    return [
        (
            each.kind,
            (each.after or each.before).at.path,  # type: ignore[union-attr]
            tuple(pin.text[:4] for pin in each.pins_added),
            tuple(pin.text[:4] for pin in each.pins_removed),
            each.hosts_added,
            each.hosts_removed,
        )
        for each in since.declarations
    ]


def both_lists(first: tuple[str, str], second: tuple[str, str]) -> str:
    """An ``Info.plist`` whose host has a list for leaves and one for CAs, in this order."""
    one, other = (ats(key, identities=each) for each, key in (first, second))
    start, end = other.index(f"<key>NSPinned{second[0]}"), other.index("</array>") + len("</array>")
    return one.replace("</array>", f"</array>{other[start:end]}")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(TWO, TWO, [], id="nothing"),
        pytest.param(TWO, {NSC: "\n" + nsc(config(B, A))}, [], id="order and lines"),
        pytest.param(TWO, {OTHER: TWO[NSC]}, [], id="moved"),
        pytest.param(TWO, {NSC: TWO[NSC].replace(HERE, HERE.upper())}, [], id="the case of a host"),
        pytest.param(
            {NSC: TWO[NSC].replace(' expiration="2027-03-01"', "")}, {CODE: okhttp(A, B)}, [],
            id="moved to a format that names each pin apart",
        ),
        pytest.param(
            {CODE: okhttp(A, B)}, {CODE: okhttp(A, B, C)}, [("changed", CODE, ("sha2",), (), (), ())],
            id="one more pin that is named apart",
        ),
        pytest.param(
            {CODE: okhttp(A, B)}, {}, [("removed", CODE, (), (), (), ())], id="all pins that are named apart"
        ),
        pytest.param({}, TWO, [("added", NSC, (), (), (), ())], id="added"),
        pytest.param(TWO, {}, [("removed", NSC, (), (), (), ())], id="removed"),
        pytest.param(TWO, ONE, [("changed", NSC, (), ("r/mI",), (), ())], id="a pin less"),
        pytest.param(
            TWO, {NSC: nsc(config(A, C))}, [("changed", NSC, ("++MB",), ("r/mI",), (), ())], id="another pin"
        ),
        pytest.param(
            TWO, {NSC: nsc(config(A, B, host=PAY))}, [("changed", NSC, (), (), (PAY,), (HERE,))], id="another host"
        ),
        pytest.param(
            TWO, {NSC: nsc(config(A, B, below=True))},
            [("changed", NSC, (), (), (f"{HERE} (with subdomains)",), (HERE,))], id="names below too",
        ),
        pytest.param(
            TWO, {NSC: TWO[NSC].replace("2027-03-01", "2027-04-01")}, [("changed", NSC, (), (), (), ())], id="expiry"
        ),
        pytest.param(
            {PLIST: ats(A, B)}, {PLIST: ats(A, B, identities="CA")}, [("changed", PLIST, (), (), (), ())],
            id="from the list for leaves to the list for CAs",
        ),
        pytest.param(
            {PLIST: both_lists(("Leaf", A), ("CA", B))}, {PLIST: both_lists(("CA", C), ("Leaf", D))},
            [("changed", PLIST, ("++MB",), ("r/mI",), (), ()), ("changed", PLIST, ("O/Ph",), ("C5+l",), (), ())],
            id="each list by itself, whatever their order",
        ),
        pytest.param(
            {NSC: nsc(config(A), config(B, host=PAY))}, {NSC: nsc(config(C, host=PAY), config(A))},
            [("changed", NSC, ("++MB",), ("r/mI",), (), ())], id="of two the right one",
        ),
        pytest.param(
            {NSC: nsc(config(B[:-1]))}, {NSC: nsc(config(B))}, [], id="a spelling that the client reads too",
        ),
    ],
)  # fmt: skip
def test_declarations(before, after, expected) -> None:
    assert declared(before, after) == expected


def test_a_renamed_declaration_is_the_same() -> None:
    assert declared(TWO, {OTHER: ONE[NSC]}, {OTHER: NSC}) == [("changed", OTHER, (), ("r/mI",), (), ())]


def test_evidence_that_hides_is_named_once() -> None:
    was, now = state(ONE), state(TWO)
    for strange, (counted, other) in ((False, (now, was)), (True, (was, now))):
        alike = changes.since(
            "main", was, counted, {}, strange, changes.Otherwise(proven=other, evidence=("seen.json",))
        )
        assert brief(alike)["hidden"] == [
            (*MISSING, "by the changed seen.json it is no finding", not strange)
        ]
        both = changes.Otherwise(other, (Policy(), Policy()), other, ("a.csr", "b.csr", "c.csr"))
        (hidden,) = brief(changes.since("main", was, counted, {}, strange, both))["hidden"]
        assert hidden == (*MISSING, "by the changed configuration it is no finding", not strange)
