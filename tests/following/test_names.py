"""What a name may mean: never what only tests say, never a constant that merely has the same name."""

from code_ import gaps, pins, scanned
from scanning import KEY_A, KEY_B

A, B = f"sha256/{KEY_A}", f"sha256/{KEY_B}"
HOST = "api.shop.example"
IMPORT = "import okhttp3.CertificatePinner\n"


def test_calls_of_tests_say_nothing_about_the_app() -> None:
    app = IMPORT + "fun pin(host: String, pin: String) = CertificatePinner.Builder().add(host, pin).build()"
    test = f'class PinTest {{ fun t() {{ pin("test.example", "{A}") }} }}'
    files = {"app/src/main/java/Net.kt": app, "app/src/test/java/PinTest.kt": test}
    project = scanned(files).project
    assert [(each.context, each.host_names) for each in project.pin_sets] == [("test", ("test.example",))]
    assert gaps(files) == [
        "the pin cannot be followed: pin is a parameter of pin(), which no file that was read calls"
    ]


def test_tests_may_call_the_app() -> None:
    app = 'object Hosts { const val API = "api.shop.example" }'
    test = f'{IMPORT}val p = CertificatePinner.Builder().add(Hosts.API, "{A}")'
    files = {"app/src/main/java/Hosts.kt": app, "app/src/test/java/PinTest.kt": test}
    assert [(each.context, each.host_names) for each in scanned(files).project.pin_sets] == [
        ("test", (HOST,))
    ]


def test_only_build_scripts_say_what_a_build_writes() -> None:
    files = {
        "app/Net.kt": f'{IMPORT}val p = CertificatePinner.Builder().add(BuildConfig.ENDPOINT, "{A}")',
        "buildSrc/Names.kt": 'object Names { const val ENDPOINT = "ENDPOINT" }',
    }
    assert pins(files) == [((), A)]


def test_a_field_computed_by_the_build_is_no_host() -> None:
    files = {
        "app/Net.kt": f'{IMPORT}val p = CertificatePinner.Builder().add(BuildConfig.HOST, "{A}")',
        "app/build.gradle": """android { defaultConfig {
            buildConfigField "String", "HOST", "\\"${secrets['host']}\\"" } }""",
    }
    assert pins(files) == [((), A)]


def test_a_default_counts_where_the_environment_says_nothing() -> None:
    files = {
        "plugins/withPins.js": f"""
            const pins = [process.env.PIN_A ?? '{KEY_A}', process.env.PIN_B || '{KEY_B}'];
            const xml = `<domain-config><domain>{HOST}</domain><pin-set>
              ${{pins.map(p => `<pin digest="SHA-256">${{p}}</pin>`).join('')}}</pin-set></domain-config>`;
            module.exports = xml;"""
    }
    (pin_set,) = scanned(files).project.pin_sets
    assert (pin_set.host_names, [pin.text for pin in pin_set.pins]) == ((HOST,), [KEY_A, KEY_B])


def test_a_url_with_an_unknown_end_has_a_known_host() -> None:
    files = {
        "src/api.ts": f"""import {{ fetch }} from 'react-native-ssl-pinning';
            export const get = (path: string) => fetch(`https://{HOST}${{path}}`, {{
              method: 'GET', pkPinning: true, sslPinning: {{ certs: ['{A}', '{B}'] }} }});"""
    }
    assert pins(files) == [((HOST,), A), ((HOST,), B)]


def test_a_property_of_an_object_is_put_together_of_its_fields() -> None:
    files = {
        "App/Pins.swift": f"""
            private struct Hashes {{
              let current: String
              let spare: String
              static var main: [String] {{ let main = Self(current: "{KEY_A}", spare: "{KEY_B}"); return main.all }}
              private var all: [String] {{ [current, spare] }}
            }}
            let config = [kTSKSwizzleNetworkDelegates: true, kTSKPinnedDomains: ["{HOST}": [kTSKPublicKeyHashes: Hashes.main]]]"""
    }
    assert pins(files) == [((HOST,), KEY_A), ((HOST,), KEY_B)]


def test_a_lambda_given_to_a_value_is_not_given_to_a_function_of_that_name() -> None:
    net = f"""{IMPORT}
        class Mapper {{ fun map(raw: Raw) = Limits(days = raw.days()) }}
        fun pinner(all: Set<Key>) {{
            val keys = all.filter {{ it.isUsed() }}
            CertificatePinner.Builder().add("{HOST}", *keys.map {{ it.pin() }}.toTypedArray())
        }}"""
    assert pins({"Net.kt": net}) == []


def test_a_text_or_collection_has_functions_of_its_own() -> None:
    net = f"""{IMPORT}
        class Store {{ fun first(number: Int) = "{A}" }}
        fun pinner(keys: List<String>) = CertificatePinner.Builder().add("{HOST}", keys.first())"""
    assert pins({"Net.kt": net}) == [((), A)]


def test_a_lambda_given_to_an_object_or_to_a_value_of_known_type_is_given_to_its_function() -> None:
    net = f"""{IMPORT}
        object Pins {{ fun first(where: (String) -> Boolean) = "{A}" }}
        val one = CertificatePinner.Builder().add("{HOST}", Pins.first {{ true }})
        fun two(pins: Pins) = CertificatePinner.Builder().add("two.{HOST}", pins.first {{ true }})"""
    assert pins({"Net.kt": net}) == [((HOST,), A), ((f"two.{HOST}",), A)]


def test_a_function_that_asks_another_value_for_the_same_name_does_not_call_itself() -> None:
    net = f"""{IMPORT}
        fun ByteArray.base64() = toByteString().base64()
        fun pinner(key: ByteArray) = CertificatePinner.Builder().add("{HOST}", key.base64())"""
    assert gaps({"Net.kt": net}) == ["the pin cannot be followed: base64() is not followed"]


def test_a_computed_key_of_a_map_is_no_host() -> None:
    net = f"""{IMPORT}
        val pins = mapOf(Remote.host() to "{A}")
        fun pinner() = CertificatePinner.Builder().apply {{ for ((host, pin) in pins) add(host, pin) }}"""
    assert pins({"Net.kt": net}) == [((), A)]


def test_a_key_that_is_a_parameter_is_no_host() -> None:
    script = f"export const config = (host) => ({{ sha256Keys: {{ [host]: ['{A}', '{B}'] }} }});"
    reason = "host is a parameter of config, which no file that was read calls"
    assert gaps({"pins.ts": script}) == [f"the host cannot be followed: {reason}"]
