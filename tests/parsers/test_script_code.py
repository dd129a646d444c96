"""Pins in JavaScript and TypeScript: React Native's libraries, Expo, Cordova and the rest."""

import pytest
from code_ import gaps, pins, scanned
from scanning import KEY_A, KEY_B

HOST = "api.shop.example"
BOTH = [((HOST,), KEY_A), ((HOST,), KEY_B)]
RN = "import { initializeSslPinning } from 'react-native-ssl-public-key-pinning';\n"

FOUND = {
    "literals": ({"src/p.ts": RN + f"initializeSslPinning({{ '{HOST}': {{ publicKeyHashes: ['{KEY_A}', '{KEY_B}'] }} }});"}, BOTH),
    "a computed key and a constant module": (
        {"src/p.ts": RN + "import { API_HOST, PINS } from './config';\nawait initializeSslPinning({ [API_HOST]: { publicKeyHashes: PINS } });",
         "src/config.ts": f"export const API_HOST = '{HOST}';\nexport const PINS = ['{KEY_A}', '{KEY_B}'] as const;\n"},
        BOTH,
    ),
    "the environment": (
        {"src/p.ts": RN + "import Config from 'react-native-config';\ninitializeSslPinning({ [Config.API_HOST]: { publicKeyHashes: [Config.PIN_A, Config.PIN_B] } });",
         ".env": f"API_HOST={HOST}\nPIN_A={KEY_A}\nPIN_B={KEY_B}\n"},
        BOTH,
    ),
    "pinned fetch": (
        {"src/f.js": "import { fetch } from 'react-native-ssl-pinning';\n"
                     f"fetch('https://{HOST}/x', {{ pkPinning: true, sslPinning: {{ certs: ['sha256/{KEY_A}', 'sha256/{KEY_B}'] }} }});"},
        [((HOST,), f"sha256/{KEY_A}"), ((HOST,), f"sha256/{KEY_B}")],
    ),
    "expo": (
        {"app.config.ts": "export default { expo: { plugins: [['@bam.tech/react-native-app-security', "
                          f"{{ sslPinning: {{ '{HOST}': ['{KEY_A}', '{KEY_B}'] }} }}]] }} }};"},
        BOTH,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FOUND)
def test_pins_are_followed(name: str) -> None:
    files, expected = FOUND[name]
    assert sorted(pins(files)) == sorted(expected)
    assert gaps(files) == []


def test_a_sample_of_the_environment_gives_no_production_values() -> None:
    code = RN + "import Config from 'react-native-config';\n"
    code += f"initializeSslPinning({{ [Config.API_HOST]: {{ publicKeyHashes: ['{KEY_A}', '{KEY_B}'] }} }});"
    sample = "API_HOST=sample.example\n"
    for name in (".env.example", ".env.sample", "example.env", ".env.dist", ".env.template", ".env.defaults"):
        assert pins({"src/p.ts": code, name: sample}) == [((), KEY_A), ((), KEY_B)]
    assert pins({"src/p.ts": code, ".env.example": sample, ".env": f"API_HOST={HOST}\n"}) == BOTH


def test_a_prefix_leaves_the_app_unpinned() -> None:
    files = {
        "src/p.ts": RN
        + f"initializeSslPinning({{ '{HOST}': {{ publicKeyHashes: ['sha256/{KEY_A}', '{KEY_B}'] }} }});"
    }
    (pin_set,) = scanned(files).project.pin_sets
    assert [bool(pin.fault) for pin in pin_set.pins] == [True, False]


def test_what_is_commented_out_or_bundled_is_no_pin() -> None:
    assert (
        pins(
            {
                "src/p.ts": RN
                + f"/* initializeSslPinning({{ '{HOST}': {{ publicKeyHashes: ['{KEY_A}'] }} }}); */"
            }
        )
        == []
    )


def test_a_value_of_the_build_is_a_gap() -> None:
    files = {
        "src/p.ts": RN + f"initializeSslPinning({{ '{HOST}': {{ publicKeyHashes: [process.env.PIN] }} }});"
    }
    assert (pins(files), len(gaps(files))) == ([], 1)


def test_cordovas_checker_reads_pairs_with_blanks() -> None:
    hexadecimal = " ".join(["2B", "24", "1B", "E0"] * 8)
    files = {
        "www/js/a.js": f'window.plugins.sslCertificateChecker.check(ok, fail, "https://{HOST}", "{hexadecimal}");'
    }
    assert pins(files) == [((HOST,), hexadecimal)] or pins(files) == [((f"https://{HOST}",), hexadecimal)]
