"""Pins in Swift and Objective-C: TrustKit's dictionaries, Alamofire, AFNetworking, tables, build settings."""

import pytest
from code_ import pins, scanned
from scanning import KEY_A, KEY_B

HOST = "api.shop.example"
BOTH = [((HOST,), KEY_A), ((HOST,), KEY_B)]


def test_trustkit_in_swift_through_constants() -> None:
    files = {
        "App/Pinning.swift": f"""
            enum Hosts {{ static let api = "{HOST}" }}
            let keys = ["{KEY_A}", "{KEY_B}"]
            func start() {{
              let config: [String: Any] = [kTSKSwizzleNetworkDelegates: true,
                kTSKPinnedDomains: [Hosts.api: [kTSKEnforcePinning: true, kTSKPublicKeyHashes: keys] as [String: Any]]]
              TrustKit.initSharedInstance(withConfiguration: config)
            }}"""
    }
    assert pins(files) == BOTH
    assert [(s.mechanism, s.inferred) for s in scanned(files).project.pin_sets] == [("trustkit-code", False)]


def test_trustkit_in_objective_c_wants_two_pins() -> None:
    text = (
        f'static NSString * const kKey = @"{KEY_A}";\n'
        "void f() { NSDictionary *c = @{ kTSKSwizzleNetworkDelegates: @YES, kTSKPinnedDomains: @{ "
        f'@"{HOST}": @{{ kTSKPublicKeyHashes: @[kKey], kTSKEnforcePinning: @YES }} }} }}; }}\n'
    )
    report = scanned({"Pin.m": text})
    assert [[p.text for p in s.pins] for s in report.project.pin_sets] == [[KEY_A]]
    assert [d.kind for d in report.project.defects] == ["malformed"]


def test_a_key_of_the_info_plist_and_an_xcode_setting() -> None:
    files = {
        "App/AppDelegate.m": f"""
            void f() {{ NSString *pin = [[NSBundle mainBundle] objectForInfoDictionaryKey:@"MainKey"];
              NSDictionary *c = @{{ kTSKPinnedDomains: @{{ @"{HOST}": @{{ kTSKPublicKeyHashes: @[pin, @"{KEY_B}"] }} }} }}; }}""",
        "App/Info.plist": '<plist version="1.0"><dict><key>MainKey</key><string>$(MAIN_KEY)</string></dict></plist>',
        "App/Release.xcconfig": f"MAIN_KEY = {KEY_A}\n",
    }
    assert sorted(pins(files)) == sorted(BOTH)


def test_alamofire_pins_by_bundled_certificates() -> None:
    files = {
        "Net.swift": f"""
            import Alamofire
            let evaluators: [String: ServerTrustEvaluating] = ["{HOST}": PinnedCertificatesTrustEvaluator()]
            let session = Session(serverTrustManager: ServerTrustManager(evaluators: evaluators))"""
    }
    (pin_set,) = scanned(files).project.pin_sets
    assert (pin_set.host_names, pin_set.pins, len(pin_set.files)) == ((HOST,), (), 1)


def test_a_table_of_lists_by_host() -> None:
    files = {
        "Config.m": f"""
            @implementation C
            - (NSDictionary *)certificatePinningConfig {{
              NSMutableArray *apiKeys = @[@"{KEY_A}", @"{KEY_B}"].mutableCopy;
              return @{{ kHost: apiKeys }}; }}
            @end""",
        "Config.h": f'static NSString * const kHost = @"{HOST}";\n',
    }
    assert pins(files) == BOTH


def test_a_key_compared_in_a_delegate_has_no_host() -> None:
    files = {
        "Delegate.swift": f"""
            class D: NSObject, URLSessionDelegate {{
              let publicKeyHash = "{KEY_A}"
              func urlSession(_ s: URLSession, didReceive challenge: URLAuthenticationChallenge) {{
                let trust = challenge.protectionSpace.serverTrust
                if hash(trust) == publicKeyHash {{ }} }} }}"""
    }
    assert pins(files) == [((), KEY_A)]


def test_a_symmetric_key_is_no_pin() -> None:
    assert pins({"Crypto.swift": f'let encryptionKey = "{KEY_A}" // sslPinning is elsewhere\n'}) == []


def swift_trustkit(domains: str) -> dict[str, str]:
    start = "TrustKit.initSharedInstance(withConfiguration: [kTSKSwizzleNetworkDelegates: true, kTSKPinnedDomains: "
    return {"App/Pinning.swift": f"func start(name: String) {{\n  {start}{domains}])\n}}"}


@pytest.mark.parametrize(
    ("domains", "reason", "hosts"),
    [
        pytest.param(f'["{HOST}": [kTSKPublicKeyHashes: Remote.shared.pins]]', "Remote.shared.pins", (HOST,), id="a name"),
        pytest.param(f'["{HOST}": [kTSKPublicKeyHashes: fetch(key: "a")]]', "fetch", (HOST,), id="a call"),
        pytest.param(f'["{HOST}": policy()]', "policy", (HOST,), id="a policy"),
        pytest.param(f'[name: [kTSKPublicKeyHashes: ["{KEY_A}", "{KEY_B}"]]]', "name", (), id="a host"),
        pytest.param("domains()", "domains", (), id="all domains"),
    ],
)  # fmt: skip
def test_trustkit_values_that_cannot_be_followed_are_gaps(
    domains: str, reason: str, hosts: tuple[str, ...]
) -> None:
    project = scanned(swift_trustkit(domains)).project
    assert [(gap.mechanism, gap.hosts, gap.at.line) for gap in project.gaps] == [("trustkit-code", hosts, 2)]
    assert reason in project.gaps[0].reason
    assert project.defects == ()


def test_a_policy_for_all_other_hosts_has_none() -> None:
    both = f'[kTSKPublicKeyHashes: ["{KEY_A}", "{KEY_B}"]]'
    project = scanned(swift_trustkit(f'["{HOST}": {both}, kTSKCatchallPolicy: {both}]')).project
    assert [each.host_names for each in project.pin_sets] == [(HOST,), ()]
    assert project.defects == ()


def test_trustkit_without_swizzling_wants_its_validator_called() -> None:
    both = f'[kTSKPublicKeyHashes: ["{KEY_A}", "{KEY_B}"]]'
    config = {
        "App/Pinning.swift": f'let c = [kTSKSwizzleNetworkDelegates: false, kTSKPinnedDomains: ["{HOST}": {both}]]'
    }
    call = "func urlSession() { TrustKit.sharedInstance().pinningValidator.handle(challenge, completionHandler: done) }"
    assert [d.severity for d in scanned(config).project.defects] == ["warning"]
    assert scanned({**config, "App/Delegate.swift": call}).project.defects == ()


def test_two_hosts_that_cannot_be_followed_have_pins_of_their_own() -> None:
    pinned = f'[kTSKPublicKeyHashes: ["{KEY_A}", "{KEY_B}"]]'
    files = swift_trustkit(f"[one(): {pinned}, two(): {pinned}]")
    project = scanned({path: text.replace("true", "false") for path, text in files.items()}).project
    assert [[pin.text for pin in each.pins] for each in project.pin_sets] == [[KEY_A, KEY_B], [KEY_A, KEY_B]]
    assert [each.hosts for each in project.defects] == [()]
