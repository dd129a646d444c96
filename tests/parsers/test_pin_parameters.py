"""Pins known by the parameter that they are given for, and those of AndroidPinning."""

import pytest
from code_ import pins, scanned
from scanning import KEY_A

ONE = "65:1B:FF:6B:8C:7F:C8:1C:8E:14:77:1E:74:9C:F7:E5:46:42:BA:E0"
TWO = "B3:42:65:33:40:F5:B9:1B:DA:A2:C8:7A:F5:4C:7C:5D:A9:63:C4:C3"
SHA1 = "87dbd45fb0928d4e1df81567e7f2abafd62b6775"
HEX = "1EA14F31FD8A5E2EE1701048CCBC2E01A972BD6FBC3137249539BA5A7A9D2533"


def endpoint(parameter: str) -> dict[str, str]:
    return {
        "net/Endpoint.java": f"class Endpoint {{ Endpoint(String baseUrl, String {parameter}) {{ }}"
        " SSLSocketFactory factory() { return Ssl.factory(this); } }",
        "Nodes.java": f"""class Nodes {{
            static final String OLD = "{TWO}";
            static final Endpoint[] ALL = {{
                new Endpoint("https://a.shop.example/api", "{ONE}"), new Endpoint("https://10.0.0.7/api", OLD)
            }};
        }}""",
    }


@pytest.mark.parametrize(
    ("files", "found"),
    [
        pytest.param(
            endpoint("certificateThumbprint"),
            [(("a.shop.example",), ONE), (("10.0.0.7",), TWO)],
            id="a constructor of another file",
        ),
        pytest.param(endpoint("description"), [], id="a parameter that is no pin"),
        pytest.param(endpoint("apkCertificateThumbprint"), [], id="a parameter that is another thing's hash"),
        pytest.param(
            {
                "Trust.kt": f"""
private const val ONE = "{HEX}"
private const val TWO = "{SHA1}"
val manager = Manager(ONE, TWO)
class Manager(private val sha256Fingerprint: String, private val sha1Fingerprint: String) : X509TrustManager {{
    override fun checkServerTrusted(chain: Array<X509Certificate>, type: String) = check(chain)
}}
"""
            },
            [((), HEX), ((), SHA1)],
            id="two hashes of one certificate",
        ),
    ],
)
def test_what_a_parameter_is_given(files: dict[str, str], found: list[tuple[tuple[str, ...], str]]) -> None:
    assert sorted(pins(files)) == sorted(found)


def test_what_is_given_at_once_is_one_set() -> None:
    files = {
        "Trust.kt": f'fun pinned(certPins: List<String>) = X509TrustManager(certPins)\nval a = "{KEY_A}"\n'
        f'val all = pinned(listOf(a, "{HEX}"))'
    }
    (pin_set,) = scanned(files).project.pin_sets
    assert [pin.text for pin in pin_set.pins] == [KEY_A, HEX]


def test_android_pinning() -> None:
    files = {
        "A.java": f"""class A {{ void go(Context c) {{
            String[] pins = new String[] {{"{SHA1}"}};
            URL url = new URL("https://api.shop.example/x");
            PinningHelper.getPinnedHttpsURLConnection(c, pins, url);
        }} }}"""
    }
    (pin_set,) = scanned(files).project.pin_sets
    assert (pin_set.mechanism, pin_set.host_names, pin_set.semantics.hashed) == (
        "android-pinning",
        ("api.shop.example",),
        "spki",
    )
    assert [(pin.text, pin.fault) for pin in pin_set.pins] == [(SHA1, None)]


def test_a_trust_manager_of_the_same_name_that_is_given_no_pins() -> None:
    files = {
        "A.java": "class A { Object o = new PinningTrustManager(new SystemKeyStore(stream), provider); }"
    }
    assert (pins(files), scanned(files).project.gaps) == ([], ())
