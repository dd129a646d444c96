"""react-native-ssl-manager's ``ssl_config.json``."""

import json
import time
from typing import Any

import pace
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scanning import KEY_A, KEY_B

from pincheck.model import Declaration, DeclaredHost, Defect, Location, SourceFile, Text
from pincheck.parsers import rn_ssl_manager

PATH = "ssl_config.json"
HOST = "api.shop.example"
PINS = [f"sha256/{KEY_A}", f"sha256/{KEY_B}"]


def parsed(content: object) -> list[Declaration | Defect]:
    text = content if isinstance(content, str) else json.dumps(content)
    return list(rn_ssl_manager.parse(SourceFile(PATH, text.encode())))  # type: ignore[arg-type]


def config(pins: Any = PINS, options: Any = None) -> dict[str, Any]:
    return {"sha256Keys": {HOST: pins}} | ({"domains": {HOST: options}} if options is not None else {})


def defects(content: object) -> list[tuple[str, str, str | None]]:
    return [(item.kind, item.what, item.severity) for item in parsed(content) if isinstance(item, Defect)]


def test_a_file_with_options() -> None:
    content = f"""{{"sha256Keys": {{
  "{HOST}": ["{PINS[0]}", "{PINS[1]}"]
}},
"domains": {{"{HOST}": {{"includeSubdomains": false, "expirationDate": "2027-06-30"}}}}}}"""
    host = spot(content, 2, HOST)
    assert parsed(content) == [
        Declaration(
            mechanism="rn-ssl-manager",
            at=host,
            hosts=(DeclaredHost(HOST, host, include_subdomains=False),),
            pins=tuple(Text(pin, spot(content, 2, pin)) for pin in PINS),
            semantics=rn_ssl_manager.SEMANTICS,
            expires=Text("2027-06-30", spot(content, 4, "2027-06-30")),
        )
    ]


def spot(content: str, line: int, text: str) -> Location:
    """Where a text stands in a line."""
    whole = content.split("\n")[line - 1]
    column = whole.index(text) + 1
    return Location(PATH, line, column, line, column + len(text), whole)


@pytest.mark.parametrize(
    ("options", "included"),
    [(None, True), ({}, True), ({"includeSubdomains": True}, True), ({"includeSubdomains": False}, False)],
)
def test_subdomains_are_included_by_default(options: object, included: bool) -> None:
    (item,) = parsed(config(options=options))
    assert isinstance(item, Declaration)
    assert item.hosts[0].include_subdomains == included


UNPINNED = "the library refuses the whole file, and the app goes on unpinned"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(config(), [], id="fine"),
        pytest.param(
            config(PINS[:1] * 2),
            [("malformed", "one pin only: TrustKit, which this library sets up on iOS, wants two and throws,"
              " so the app crashes at start", None)],
            id="one pin twice",
        ),
        pytest.param(config([]), [("malformed", f"the list of pins is empty: {UNPINNED}", None)], id="no pin"),
        pytest.param(config(PINS[0]), [("malformed", f"the pins are one text instead of a list of texts: {UNPINNED}", None)], id="one text"),
        pytest.param(config({"a": PINS[0]}), [("malformed", f"the pins are an object instead of a list of texts: {UNPINNED}", None)], id="an object"),
        pytest.param(config(None), [("malformed", f"the pins are null instead of a list of texts: {UNPINNED}", None)], id="null"),
        pytest.param(config([1, *PINS]), [("malformed", f"the pins are no list of texts: {UNPINNED}", None)], id="a number"),
        pytest.param({"sha256Keys": []}, [("malformed", f"sha256Keys is no object of hosts: {UNPINNED}", None)], id="no object"),
        pytest.param(
            config(PINS[:1], {"enforcePinning": False}),
            [("unenforced", "enforcePinning is false: a wrong key is reported and the connection goes on", None)],
            id="audit mode",
        ),
        pytest.param(
            config(options={"expirationDate": "June 2027"}),
            [("malformed", 'expirationDate "June 2027" is no yyyy-MM-dd date: the network security config written'
              " from it crashes the app on Android", "warning")],
            id="bad date",
        ),
        pytest.param(
            config() | {"domains": {"www.shop.example": {}}},
            [("unenforced", "www.shop.example has options and no pins under sha256Keys, so it is not pinned", None)],
            id="options without pins",
        ),
        pytest.param(
            config() | {"domains": {"production": HOST, "staging": HOST}},
            [("unenforced", "domains names hosts by environment, as for version 1: from version 2 on the Android client"
              " refuses such a file, so React Native's requests go on unpinned", "note")],
            id="version 1",
        ),
    ],
)  # fmt: skip
def test_what_the_library_refuses_or_does_not_enforce(
    content: object, said: list[tuple[str, str, str | None]]
) -> None:
    assert defects(content) == said


@pytest.mark.parametrize(
    ("content", "pins", "read"),
    [
        pytest.param(config(), PINS, True, id="a list"),
        pytest.param(config(PINS[0]), PINS[:1], False, id="one text"),
        pytest.param(config({"a": PINS}), PINS, False, id="an object"),
        pytest.param(config(None), [], False, id="null"),
    ],
)
def test_pins_outside_a_list_stay_in_the_inventory(content: object, pins: list[str], read: bool) -> None:
    [item] = [item for item in parsed(content) if isinstance(item, Declaration)]
    assert ([pin.value for pin in item.pins], item.read) == (pins, read)


@pytest.mark.parametrize(
    ("options", "least"), [(None, 2), ({"enforcePinning": True}, 2), ({"enforcePinning": False}, 1)]
)
def test_how_many_pins_it_wants(options: object, least: int) -> None:
    [item] = [item for item in parsed(config(options=options)) if isinstance(item, Declaration)]
    assert item.semantics.minimum_pins == least


def test_many_hosts_take_no_time() -> None:
    hosts = [f"h{number}.example" for number in range(20_000)]
    content = json.dumps(
        {"sha256Keys": dict.fromkeys(hosts, PINS[:1]), "domains": {host: {} for host in hosts}}
    )
    start = time.process_time()
    assert len(parsed(content)) == 40_000
    assert time.process_time() - start < pace.allowed(6)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from([*PINS, "2027-01-01", ""]),
    lambda below: (
        st.lists(below, max_size=3)
        | st.dictionaries(
            st.sampled_from(["sha256Keys", "domains", HOST, "enforcePinning", "expirationDate"]),
            below,
            max_size=4,
        )
    ),
    max_leaves=15,
)


@given(values, values)
def test_any_json_is_read(keys: object, domains: object) -> None:
    for item in parsed({"sha256Keys": keys, "domains": domains}):
        assert item.at.path == PATH
