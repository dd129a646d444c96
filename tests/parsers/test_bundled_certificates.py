"""Certificate files that code pins by, by hand: in Swift, Objective-C, Kotlin, Java and Dart."""

from typing import Any

import pytest
from code_ import all_rows, gaps, scanned

Seen = list[tuple[list[str] | None, str | None, int, str]]


def files(sources: dict[str, str]) -> Seen:
    """The hosts, the file, the line and the context of every certificate file."""
    return [_seen(row) for row in all_rows(scanned(sources)) if row["pin_kind"] == "cert-file"]


def _seen(row: dict[str, Any]) -> tuple[list[str] | None, str | None, int, str]:
    return row["hosts"], row["file"], row["line"], row["context"]


def uses(sources: dict[str, str]) -> list[tuple[str, str]]:
    """What each client makes of its files, and which of the certificates it compares."""
    return [(s.semantics.files, s.semantics.compares) for s in scanned(sources).project.pin_sets]


# Apple ---------------------------------------------------------------------------

COMPARING = """
  func urlSession(_ s: URLSession, didReceive challenge: URLAuthenticationChallenge) {
    guard let trust = challenge.protectionSpace.serverTrust,
          let served = SecTrustGetCertificateAtIndex(trust, 0) else { return }
    if pinned.contains(SecCertificateCopyData(served) as Data) { accept() } }"""


def swift(body: str, comparing: str = COMPARING) -> dict[str, str]:
    return {"App/Delegate.swift": f"class Delegate: NSObject {{\n{body}{comparing}\n}}"}


SWIFT = {
    "a path": 'let pinned = [Data(contentsOf: Bundle.main.path(forResource: "shop", ofType: "cer")!)]',
    "a URL with a dot before its ending": 'let pinned = [load(Bundle.main.url(forResource: "shop", withExtension: ".cer")!)]',
    "the ending in the name": 'let pinned = [load(Bundle.main.path(forResource: "shop.cer", ofType: nil)!)]',
    "constants": 'let name = "shop"; let kind = "cer"; lazy var pinned = [load(Bundle.main.url(forResource: name, withExtension: kind)!)]',
    "a function": 'var pinned = [load("shop")]; func load(_ n: String) -> Data { return Data(contentsOf: Bundle.main.url(forResource: n, withExtension: "cer")!) }',
}  # fmt: skip


@pytest.mark.parametrize("name", SWIFT)
def test_bytes_compared_in_a_delegate(name: str) -> None:
    sources = swift(SWIFT[name])
    assert files(sources) == [(None, "shop.cer", 2, "production")]
    assert gaps(sources) == []
    assert uses(sources) == [("certificates", "path")]


def test_keys_compared_and_anchors_set() -> None:
    loaded = 'let pinned = [load(Bundle.main.path(forResource: "shop", ofType: "der")!)]'
    keys = "func f(t: SecTrust) -> Bool { let serverTrust = t; return SecTrustCopyKey(serverTrust) == key }"
    anchors = (
        "func f(serverTrust: SecTrust) { SecTrustSetAnchorCertificates(serverTrust, pinned as CFArray) }"
    )
    assert uses(swift(loaded, keys)) == [("keys", "path")]
    assert uses(swift(loaded, anchors)) == [("anchors", "path")]


@pytest.mark.parametrize(
    "condition",
    [
        'challenge.protectionSpace.host == "api.shop.example"',
        "challenge.protectionSpace.host == pinnedDomain",
    ],
)
@pytest.mark.parametrize("how", ["if {} {{ {} }}", "guard {} else {{ refuse(); return }}; {}"])
def test_the_host_that_a_condition_asks_for(condition: str, how: str) -> None:
    compared = "let c = SecTrustGetCertificateAtIndex(challenge.protectionSpace.serverTrust!, 0); check(c)"
    comparing = f"func f(challenge: URLAuthenticationChallenge) {{ {how.format(condition, compared)} }}"
    loaded = 'let pinnedDomain = "api.shop.example"\nlet pinned = load(Bundle.main.path(forResource: "shop", ofType: "pem")!)\n'
    assert files(swift(loaded, comparing)) == [(["api.shop.example"], "shop.pem", 3, "production")]


def test_objective_c() -> None:
    text = """@implementation Delegate
- (void)URLSession:(NSURLSession *)s didReceiveChallenge:(NSURLAuthenticationChallenge *)challenge {
  SecCertificateRef c = SecTrustGetCertificateAtIndex(challenge.protectionSpace.serverTrust, 0);
  NSData *served = CFBridgingRelease(SecCertificateCopyData(c));
  NSString *path = [[NSBundle mainBundle] pathForResource:@"shop" ofType:@"der"];
  if ([served isEqual:[NSData dataWithContentsOfFile:path]]) { accept(); } }
@end
"""
    assert files({"Delegate.m": text}) == [(None, "shop.der", 5, "production")]


def test_a_file_that_cannot_be_followed_is_said_where_it_stands() -> None:
    sources = swift(
        'let pinned: Data\ninit(certificate: String) { pinned = load(Bundle.main.path(forResource: certificate, ofType: "cer")!) }'
    )
    assert files(sources) == []
    assert gaps(sources) == [
        "the certificate file cannot be followed:"
        " certificate is a parameter of Delegate(), which no file that was read calls"
    ]


NOT_APPLE = {
    "an image": swift('let pinned = load(Bundle.main.path(forResource: "logo", ofType: "png")!)'),
    "the client's own": swift('let own = load(Bundle.main.path(forResource: "client", ofType: "p12")!)'),
    "a key of tokens": {
        "Jwt.swift": 'let key = SecKeyCreate(Bundle.main.path(forResource: "jwt", ofType: "pem")!)'
    },
    "a challenge that compares nothing": swift(
        'let pinned = load(Bundle.main.path(forResource: "shop", ofType: "cer")!)',
        "func f(c: URLAuthenticationChallenge) { use(c.protectionSpace.serverTrust) }",
    ),
}


@pytest.mark.parametrize("name", NOT_APPLE)
def test_no_pinning_is_invented_for_apple(name: str) -> None:
    assert (files(NOT_APPLE[name]), gaps(NOT_APPLE[name])) == ([], [])


LOADER = """enum Loader { static func load(_ name: String) -> Data? {
  guard let url = Bundle.main.url(forResource: name, withExtension: "der") else { return nil }
  guard let data = try? Data(contentsOf: url) else { return nil }
  return data } }"""
ELSEWHERE = """
func f(serverTrust: SecTrust) -> Bool {
  let served = SecCertificateCopyData(SecTrustGetCertificateAtIndex(serverTrust, 0)!) as Data
  let pinnedCertificate = Loader.load("shop")
  return served == pinnedCertificate }"""


def test_a_file_that_another_file_loads() -> None:
    sources = {"Delegate.swift": f"class Delegate {{{ELSEWHERE} }}", "Loader.swift": LOADER}
    assert files(sources) == [(None, "shop.der", 4, "production")]
    assert gaps(sources) == []
    assert gaps({"Delegate.swift": sources["Delegate.swift"]}) == [
        "the certificate that is compared cannot be followed: load() is not followed"
    ]


def test_alamofires_certificates_that_another_file_loads() -> None:
    text = 'let e = ["api.shop.example": PinnedCertificatesTrustEvaluator(certificates: [Loader.shop])]'
    loader = LOADER.replace("enum Loader {", 'enum Loader { static let shop = create(load("shop")!);')
    loader = loader.replace("create(", "SecCertificateCreateWithData(nil, ")
    assert files({"Net.swift": text, "Loader.swift": loader}) == [
        (["api.shop.example"], "shop.der", 1, "production")
    ]


def test_a_copy_of_alamofires_evaluator_for_every_host_of_a_list() -> None:
    text = """
func manager() -> Manager {
  var evaluators: [String: OurEvaluator] = [:]
  for host in ["a.shop.example", "b.shop.example"] {
    let evaluator = OurPinnedCertificatesTrustEvaluator(certificates: [certificate(host)])
    evaluators[host] = evaluator
  }
  return Manager(evaluators: evaluators)
}
func certificate(_ name: String, kind: String = "der") -> SecCertificate {
  return create(Bundle.main.url(forResource: name, withExtension: kind)!)
}"""
    assert files({"Net.swift": text}) == [
        (["a.shop.example"], "a.shop.example.der", 5, "production"),
        (["b.shop.example"], "b.shop.example.der", 5, "production"),
    ]


def test_a_variable_is_no_file_name() -> None:
    text = 'let e = ["api.shop.example": PublicKeysTrustEvaluator(keys: [secKey])]'
    assert files({"Net.swift": text}) == [(["api.shop.example"], None, 1, "production")]


# Android -------------------------------------------------------------------------

TRUSTED = """
    val store = KeyStore.getInstance(KeyStore.getDefaultType()); store.load(null, null)
    store.setCertificateEntry("ca", ca)
    val factory = TrustManagerFactory.getInstance("X509"); factory.init(store)
    SSLContext.getInstance("TLS").init(null, factory.trustManagers, null)"""
PEM = "-----BEGIN CERTIFICATE-----\\nMIIB\\n-----END CERTIFICATE-----"


def kotlin(body: str, after: str = TRUSTED, path: str = "app/src/main/Net.kt") -> dict[str, str]:
    return {path: f"class Net(private val context: Context) {{\n  fun f() {{\n{body}{after}\n  }}\n}}"}


MADE = 'val ca = CertificateFactory.getInstance("X.509").generateCertificate'
KOTLIN = {
    "a raw resource": (f"{MADE}(context.resources.openRawResource(R.raw.server))", "server", 3),
    "an asset": (f'{MADE}(BufferedInputStream(context.assets.open("server.crt")))', "server.crt", 3),
    "a resource of the class path": (f'{MADE}(javaClass.getResourceAsStream("/server.pem"))', "/server.pem", 3),
    "a block that uses it": (f'context.assets.open("server.crt").use {{\n{MADE}(it) }}', "server.crt", 3),
    "a constant": (f'val name = "server.crt"\n{MADE}(context.assets.open(name))', "server.crt", 3),
    "a text": (f'val pem = "{PEM}"\n{MADE}(ByteArrayInputStream(pem.toByteArray()))', None, 3),
    "a resource by its name": (f'{MADE}(openRawResource(resources.getIdentifier("server", "raw", packageName)))', "server", 3),
}  # fmt: skip


@pytest.mark.parametrize("name", KOTLIN)
def test_the_only_trust_anchor(name: str) -> None:
    body, file, line = KOTLIN[name]
    sources = kotlin(body)
    assert files(sources) == [(None, file, line, "production")]
    assert gaps(sources) == []
    assert uses(sources) == [("anchors", "path")]


def test_java_with_a_stream_that_another_file_opens() -> None:
    sources = {
        "a/Factory.java": """class Factory { static SSLContext of(InputStream in) {
            Certificate ca = CertificateFactory.getInstance("X.509").generateCertificate(in);
            KeyStore ks = KeyStore.getInstance("BKS"); ks.load(null, null); ks.setCertificateEntry("ca", ca);
            TrustManagerFactory f = TrustManagerFactory.getInstance("X509"); f.init(ks); return context(f); } }""",
        "a/Main.java": "class Main { void f() { InputStream in = getResources().openRawResource(R.raw.server);\nFactory.of(in); } }",
    }
    assert files(sources) == [(None, "server", 1, "production")]


def test_a_key_store_that_is_loaded() -> None:
    loaded = (
        'val store = KeyStore.getInstance("BKS")\nstore.load(resources.openRawResource(R.raw.store), null)\n'
    )
    trusted = 'val f = TrustManagerFactory.getInstance("X509"); f.init(store)'
    own = 'val f = KeyManagerFactory.getInstance("X509"); f.init(store, password)\nval t = TrustManagerFactory.getInstance("x")'
    assert files(kotlin(loaded, trusted)) == [(None, "store", 4, "production")]
    assert (files(kotlin(loaded, own)), gaps(kotlin(loaded, own))) == ([], [])


def test_okhttp_is_given_a_certificate() -> None:
    given = f'val c = HandshakeCertificates.Builder().addTrustedCertificate("{PEM}".decodeCertificatePem())'
    assert files(kotlin(given, ".build()")) == [(None, None, 3, "production")]
    assert files(kotlin(given, ".addPlatformTrustedCertificates().build()")) == []


def test_a_trust_manager_that_compares() -> None:
    text = f"""class Pinned(val context: Context) : X509TrustManager {{
  {MADE}(context.assets.open("server.crt"))
  override fun checkServerTrusted(chain: Array<X509Certificate>, type: String) {{
    if (!chain[0].encoded.contentEquals(ca.encoded)) throw CertificateException() }} }}"""
    assert files({"Pinned.kt": text}) == [(None, "server.crt", 2, "production")]
    assert uses({"Pinned.kt": text}) == [("certificates", "served")]


def test_anchors_beside_those_of_the_system_are_not_known_to_pin() -> None:
    sources = kotlin(f"{MADE}(context.assets.open(NAME))\nval NAME = 1", TRUSTED + "\nsystem.init(null)")
    assert files(sources) == []
    sources = kotlin(f'{MADE}(context.assets.open("x.crt"))', TRUSTED + "\nsystem.init(null)")
    assert (files(sources), gaps(sources)) == (
        [], ["the system's trust anchors are asked for beside it, so whether it pins is not known"],
    )  # fmt: skip


def test_a_certificate_of_a_user_is_a_gap() -> None:
    sources = kotlin(f"{MADE}(ByteArrayInputStream(settings.fetchCertificate()))")
    assert files(sources) == []
    assert gaps(sources) == ["the certificate cannot be followed: fetchCertificate() is not followed"]


NOT_ANDROID = {
    "the client's own": kotlin(f'{MADE}(context.assets.open("c.crt"))\nstore.setKeyEntry("k", key, null, arrayOf(ca))', ""),
    "a signature": kotlin(f'{MADE}(context.assets.open("c.crt"))\nsignature.initVerify(ca)', ""),
    "an image": kotlin("val image = decode(context.resources.openRawResource(R.raw.logo))"),
}  # fmt: skip


@pytest.mark.parametrize("name", NOT_ANDROID)
def test_no_pinning_is_invented_for_android(name: str) -> None:
    assert files(NOT_ANDROID[name]) == []


def test_a_test_is_told_by_its_folder() -> None:
    body = KOTLIN["an asset"][0]
    assert files(kotlin(body, path="app/src/androidTest/Net.kt")) == [(None, "server.crt", 3, "test")]


def test_pins_that_stand_in_a_file_are_a_gap() -> None:
    text = 'val p = CertificatePinner.Builder().add("api.shop.example", context.assets.open("pins.txt").readText())'
    assert gaps({"Net.kt": text}) == ["the pin cannot be followed: it stands in the file pins.txt"]


# Dart ----------------------------------------------------------------------------


def test_dart_variables_of_the_same_name() -> None:
    one = """Future<SecurityContext> {0}() async {{
  final cert = await rootBundle.load('assets/{0}.pem');
  return SecurityContext(withTrustedRoots: false)..setTrustedCertificatesBytes(cert.buffer.asUint8List());
}}
"""
    assert files({"lib/a.dart": one.format("one") + one.format("two")}) == [
        (None, "assets/one.pem", 2, "production"), (None, "assets/two.pem", 6, "production"),
    ]  # fmt: skip


def test_a_dart_path_that_nobody_gives_is_a_gap() -> None:
    text = """Future<void> pin(String path) async {
  final cert = await rootBundle.load(path);
  SecurityContext(withTrustedRoots: false).setTrustedCertificatesBytes(cert.buffer.asUint8List());
}
"""
    assert files({"lib/a.dart": text}) == []
    assert gaps({"lib/a.dart": text}) == [
        "the certificate cannot be followed: path is a parameter of pin(), which no file that was read calls"
    ]
    called = "void main() { pin('assets/shop.pem'); }\n"
    assert files({"lib/a.dart": text, "lib/b.dart": called}) == [(None, "assets/shop.pem", 1, "production")]


def test_dart_roots_beside_those_of_the_system_pin_nothing() -> None:
    text = "void f() { SecurityContext.defaultContext.setTrustedCertificates('a.pem'); SecurityContext(); }\n"
    assert (files({"lib/a.dart": text}), gaps({"lib/a.dart": text})) == ([], [])
