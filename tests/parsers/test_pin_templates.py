"""Pins put together in tables of an app's own."""

import pytest
from code_ import gaps, pins, scanned
from scanning import KEY_A, KEY_B

HOST = "api.shop.example"
KEYS = f"class Keys {{ static const String first = '{KEY_A}'; static const String second = '{KEY_B}'; }}\n"


def test_templates_of_one_host_are_one_set() -> None:
    files = {
        "lib/n.dart": KEYS
        + "class P { static final pinnedCertificates = {"
        + f"'{HOST}': ['sha256/${{Keys.first}}', 'sha256/${{Keys.second}}']}}; }}"
    }
    assert pins(files) == [((HOST,), KEY_A), ((HOST,), KEY_B)]
    assert len(scanned(files).project.pin_sets) == 1


def test_what_they_hold_may_not_be_known() -> None:
    files = {"src/p.ts": f"export const sslPins = {{ '{HOST}': [`sha256/${{Remote.key}}`] }};"}
    (gap,) = scanned(files).project.gaps
    assert gap.hosts == (HOST,)
    assert gap.reason == "the pin cannot be followed: Remote.key is not defined in any file that was read"


@pytest.mark.parametrize(
    "text",
    [
        "const integrity = [`sha256/${digest}`];",
        f"const pins = ['sha256/{KEY_A}'];",
        "function f(pin) { return `sha256/${pin}`; }",
        "function f(key) { const servedPin = `sha256/${hash(key).digest('base64')}`; return pins.has(servedPin); }",
        "function f(key) { const servedPin = 'sha256/' + encode(hash(key)); return pins.has(servedPin); }",
    ],
)
def test_other_templates_are_none(text: str) -> None:
    assert gaps({"src/p.ts": text}) == []
