"""Wultra's list of certificate fingerprints."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scanning import KEY_A, KEY_B, report

from pincheck.model import Declaration, DeclaredHost, Defect, Location, SourceFile, Text
from pincheck.parsers import wultra

PATH = "app/src/main/assets/fingerprints.json"


def parsed(content: str) -> list[Declaration | Defect]:
    return list(wultra.parse(SourceFile(PATH, content.encode())))  # type: ignore[arg-type]


def entry(
    name: str = "shop.example", fingerprint: str = KEY_A, expires: object = 1893456000
) -> dict[str, object]:
    return {"name": name, "fingerprint": fingerprint, "expires": expires, "signature": "MEUCIQ=="}


def spot(content: str, line: int, text: str) -> Location:
    """Where a text stands in a line."""
    whole = content.split("\n")[line - 1]
    column = whole.index(text) + 1
    return Location(PATH, line, column, line, column + len(text), whole)


def listed(*entries: dict[str, object]) -> str:
    return json.dumps({"fingerprints": entries})


def test_a_list() -> None:
    content = f"""{{"fingerprints": [
{{"name": "shop.example", "fingerprint": "{KEY_A}", "expires": 1798761600, "signature": "x"}},
{{"name": "shop.example", "fingerprint": "{KEY_B}", "expires": 1893456000, "signature": "y"}}
]}}"""
    name = spot(content, 2, "shop.example")
    assert parsed(content) == [
        Declaration(
            mechanism="wultra-json",
            at=name,
            hosts=(DeclaredHost("shop.example", name),),
            pins=(Text(KEY_A, spot(content, 2, KEY_A)), Text(KEY_B, spot(content, 3, KEY_B))),
            semantics=wultra.SEMANTICS,
            expires=Text("1893456000", spot(content, 3, "1893456000")),
            dynamic=True,
        )
    ]


def test_each_name_is_a_declaration() -> None:
    items = parsed(listed(entry(), entry("*.shop.example"), entry(fingerprint=KEY_B)))
    assert [(i.hosts[0].text, len(i.pins)) for i in items if isinstance(i, Declaration)] == [
        ("shop.example", 2),
        ("*.shop.example", 1),
    ]


@pytest.mark.parametrize(
    ("expires", "said"),
    [
        pytest.param(1893456000, [], id="seconds"),
        pytest.param(1893456000000, ["expires is in milliseconds, where Wultra reads Unix seconds, so the entry never expires"], id="milliseconds"),
        pytest.param("2030-01-01", ['expires is "2030-01-01", where Wultra reads Unix seconds, so it refuses the whole list'], id="a day"),
    ],
)  # fmt: skip
def test_dates(expires: object, said: list[str]) -> None:
    items = parsed(listed(entry(expires=expires)))
    assert [item.what for item in items if isinstance(item, Defect)] == said


@pytest.mark.parametrize(
    "content",
    [
        '{"fingerprints": ["SHA256:ab"]}',
        '{"fingerprints": {"a": "b"}}',
        '{"fingerprints": [{"name": 1}]}',
        "[]",
        # a backup of a database's schema: not read at all, well-formed or not
        '{"columns": ["fingerprints", "fingerprint", "name", "expires"], "identityHash": "cut off',
    ],
)
def test_other_files_with_that_word_declare_nothing(content: str) -> None:
    assert parsed(content) == []


def test_a_bundled_list_is_a_set_of_certificate_hashes() -> None:
    (pin_set,) = report({PATH: listed(entry())}).project.pin_sets
    assert [(pin.pin and pin.pin.hashed, pin.fault) for pin in pin_set.pins] == [("certificate", None)]
    assert pin_set.expires
    assert str(pin_set.expires.day) == "2030-01-01"


values = st.recursive(
    st.none() | st.integers() | st.text(max_size=5) | st.just(KEY_A),
    lambda below: (
        st.lists(below, max_size=3)
        | st.dictionaries(
            st.sampled_from(["fingerprints", "name", "fingerprint", "expires"]), below, max_size=4
        )
    ),
    max_leaves=15,
)


@given(values)
def test_any_json_is_read(value: object) -> None:
    for item in parsed(json.dumps(value)):
        assert item.at.path == PATH
