"""libcurl's pins, and texts that are written as libcurl has them."""

import pytest
from code_ import gaps, pins, scanned
from scanning import KEY_A, KEY_B

SET = "curl_easy_setopt(curl, CURLOPT_PINNEDPUBLICKEY, {});"
BOTH = f"sha256//{KEY_A};sha256//{KEY_B}"


def c(body: str, before: str = "") -> dict[str, str]:
    return {"net.cpp": f"{before}\nvoid f(CURL* curl) {{ {body} }}\n"}


@pytest.mark.parametrize(
    ("files", "found"),
    [
        pytest.param(
            c(f'curl_easy_setopt(curl, CURLOPT_URL, "https://api.shop.example/v1"); {SET.format(f"{chr(34)}{BOTH}{chr(34)}")}'),
            [(("api.shop.example",), KEY_A), (("api.shop.example",), KEY_B)],
            id="two pins in one text",
        ),
        pytest.param(
            c(f'curl_easy_setopt(other, CURLOPT_URL, "https://api.shop.example"); {SET.format(f"{chr(34)}sha256//{KEY_A}{chr(34)}")}'),
            [((), KEY_A)],
            id="a URL of another handle",
        ),
        pytest.param(c(SET.format("PINS"), f'#define PINS "{BOTH}"'), [((), KEY_A), ((), KEY_B)], id="a macro"),
        pytest.param(
            c(SET.format("PINS"), f'#define PINS "sha256//{KEY_A};" \\\n  "sha256//{KEY_B}"'),
            [((), KEY_A), ((), KEY_B)],
            id="a macro of two pieces",
        ),
        pytest.param(c(SET.format('"key.pem"')), [((), "key.pem")], id="a key file"),
        pytest.param(c(SET.format("NULL")), [], id="no pin"),
        pytest.param(
            {"pins.c": f'#define PINS "{BOTH}"\n'}, [((), KEY_A), ((), KEY_B)], id="a macro that nothing here uses"
        ),
        pytest.param(
            {"pins.cpp": f'const char* pins() {{ return "sha256//{KEY_A};"\n "sha256//{KEY_B}"; }}'},
            [((), KEY_A), ((), KEY_B)],
            id="texts side by side",
        ),
    ],
)  # fmt: skip
def test_pins(files: dict[str, str], found: list[tuple[tuple[str, ...], str]]) -> None:
    read = [(hosts, pin.removeprefix("sha256//").removesuffix(";")) for hosts, pin in pins(files)]
    assert read == found
    assert [each.rule for each in scanned(files).findings if each.rule == "malformed-pin"] == []


def test_each_pin_stands_at_its_own_place() -> None:
    (pin_set,) = scanned(c(SET.format("PINS"), f'#define PINS "{BOTH}"')).project.pin_sets
    assert [(pin.at.line, pin.at.column, pin.at.end_column) for pin in pin_set.pins] == [
        (1, 15, 67),
        (1, 68, 120),
    ]


def test_what_is_no_pin_of_libcurl_is_told() -> None:
    (problem,) = (
        each
        for each in scanned(c(SET.format(f'"sha256//{KEY_A[:-1]}"'))).findings
        if each.rule == "malformed-pin"
    )
    assert (problem.message, problem.remedy) == (
        "an unknown host, pin sha256//C5+l…: ends in 0 = instead of 1; never matches",
        f"write sha256//{KEY_A}",
    )


def test_a_slash_may_be_the_first_digit_of_a_pin() -> None:
    files = {
        "Pins.kt": 'val pins = CertificatePinner.Builder().add("a.shop.example", "sha256//' + KEY_A[1:] + '")'
    }
    assert [each.rule for each in scanned(files).findings if each.rule == "malformed-pin"] == []


def test_a_fetched_pin_is_a_gap() -> None:
    assert gaps(c(SET.format("fetched(curl)"))) == ["the pin cannot be followed: fetched() is not followed"]
