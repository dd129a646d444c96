"""What only a comparison with a live chain asks of a client: which keys it can hash, whether its pins steer, where it runs."""

import pytest
from scanning import KEY_A, KEY_B, report

from pincheck.model import PinSet

TRUSTKIT = ("RSA 2048", "RSA 3072", "RSA 4096", "EC P-256", "EC P-384")
KTOR = ("RSA 1024", *TRUSTKIT)

OKHTTP = f"""
import okhttp3.CertificatePinner
val pinner = CertificatePinner.Builder().add("api.shop.example", "sha256/{KEY_A}", "sha256/{KEY_B}").build()
val client = OkHttpClient.Builder().certificatePinner(pinner).build()
"""
DARWIN = f"""
import io.ktor.client.engine.darwin.certificates.CertificatePinner
val client = HttpClient(Darwin) {{
    engine {{ handleChallenge(CertificatePinner.Builder().add("api.shop.example", "sha256/{KEY_A}").build()) }}
}}
"""
TSK = f"""<plist version="1.0"><dict><key>TSKConfiguration</key><dict>
<key>TSKSwizzleNetworkDelegates</key><true/><key>TSKPinnedDomains</key><dict><key>api.shop.example</key><dict>
<key>TSKPublicKeyHashes</key><array><string>{KEY_A}</string><string>{KEY_B}</string></array>
</dict></dict></dict></dict></plist>"""
ATS = f"""<plist version="1.0"><dict><key>NSAppTransportSecurity</key><dict><key>NSPinnedDomains</key><dict>
<key>api.shop.example</key><dict><key>NSPinnedCAIdentities</key><array><dict>
<key>SPKI-SHA256-BASE64</key><string>{KEY_A}</string></dict></array></dict></dict></dict></dict></plist>"""
RN = f"""
import {{ initializeSslPinning }} from 'react-native-ssl-public-key-pinning';
initializeSslPinning({{ 'api.shop.example': {{ publicKeyHashes: ['{KEY_A}', '{KEY_B}'] }} }});
"""
EXPO = (
    '{"expo": {"plugins": [["@bam.tech/react-native-app-security",'
    f' {{"sslPinning": {{"api.shop.example": ["{KEY_A}", "{KEY_B}"]}}}}]]}}}}'
)
PINSET = f'{{"domains": {{"api.shop.example": {{"pins": ["sha256/{KEY_A}", "sha256/{KEY_B}"]}}}}}}'
SSL_CONFIG = f'{{"sha256Keys": {{"api.shop.example": ["sha256/{KEY_A}", "sha256/{KEY_B}"]}}}}'


def pin_set(path: str, text: str) -> PinSet:
    (found,) = report({path: text}).project.pin_sets
    return found


@pytest.mark.parametrize(
    ("path", "text", "steers", "hashable", "unhashable"),
    [
        ("ios/App/Info.plist", ATS, True, (), "skipped"),
        ("ios/App/Info.plist", TSK, False, TRUSTKIT, "refused"),
        ("shared/src/iosMain/kotlin/Api.kt", DARWIN, False, KTOR, "skipped"),
        ("src/api.ts", RN, False, TRUSTKIT, "refused"),
        ("app.json", EXPO, False, TRUSTKIT, "refused"),
        ("pinset.json", PINSET, False, TRUSTKIT, "refused"),
        ("ssl_config.json", SSL_CONFIG, False, TRUSTKIT, "refused"),
        ("app/src/main/kotlin/Api.kt", OKHTTP, False, (), "skipped"),
    ],
)
def test_keys_and_path(
    path: str, text: str, steers: bool, hashable: tuple[str, ...], unhashable: str
) -> None:
    semantics = pin_set(path, text).semantics
    assert (semantics.steers, semantics.hashable, semantics.unhashable) == (steers, hashable, unhashable)


@pytest.mark.parametrize(
    ("path", "platform"),
    [
        ("app/src/main/kotlin/Api.kt", "android"),
        ("shared/src/androidMain/kotlin/Api.kt", "android"),
        ("shared/src/commonMain/kotlin/Api.kt", "android"),
        ("shared/src/desktopMain/kotlin/Api.kt", "jvm"),
        ("src/jvmMain/kotlin/Api.kt", "jvm"),
        ("jvmMain/Api.kt", "android"),
    ],
)
def test_where_a_client_runs(path: str, platform: str) -> None:
    assert pin_set(path, OKHTTP).semantics.platform == platform


def test_the_jvm_is_not_held_against_the_phones() -> None:
    everywhere = report(
        {
            "shared/src/androidMain/kotlin/Api.kt": OKHTTP,
            "shared/src/desktopMain/kotlin/Api.kt": OKHTTP.replace("api.", "desktop."),
            "ios/App/Info.plist": TSK,
        }
    )
    assert [each for each in everywhere.findings if each.rule in ("coverage-drift", "platform-drift")] == []
