"""Pins in Dart code."""

from code_ import pins, scanned
from scanning import KEY_A

HOST = "api.shop.example"
HEX = "F3:0C:39:59:DE:6B:06:23:74:F0:37:C5:05:FB:38:64:E4:C0:19:F0:DD:D0:AB:0B:F8:F9:EF:4A:2E:D0:F2:C3"


def test_http_certificate_pinning_through_constants() -> None:
    files = {
        "lib/net.dart": f"""
            class Pins {{ static const List<String> all = ['{HEX}']; }}
            Future<void> check() async {{
              await HttpCertificatePinning.check(serverURL: 'https://{HOST}/', sha: SHA.SHA256,
                allowedSHAFingerprints: Pins.all, timeout: 50);
            }}"""
    }
    assert pins(files) == [((HOST,), HEX)]
    (pin_set,) = scanned(files).project.pin_sets
    assert (pin_set.hosts[0].name, pin_set.pins[0].fault, pin_set.semantics.hashed) == (
        HOST,
        None,
        "certificate",
    )


def test_a_key_hash_can_never_match_there() -> None:
    files = {
        "lib/n.dart": f"final i = CertificatePinningInterceptor(allowedSHAFingerprints: ['sha256/{KEY_A}']);"
    }
    (pin_set,) = scanned(files).project.pin_sets
    assert pin_set.pins[0].fault is not None


def test_own_anchors_are_pinned_files() -> None:
    files = {
        "lib/n.dart": """
            Future<void> f() async {
              final data = await rootBundle.load('assets/ca.pem');
              final context = SecurityContext(withTrustedRoots: false);
              context.setTrustedCertificatesBytes(data.buffer.asUint8List());
            }"""
    }
    assert pins(files) == [((), "assets/ca.pem")]


def test_a_callback_that_accepts_everything_matters_where_something_is_pinned() -> None:
    accepts = "void f(c) { c.badCertificateCallback = (X509Certificate a, String h, int p) => true; }"
    pinned = {"lib/n.dart": f"final i = CertificatePinningInterceptor(allowedSHAFingerprints: ['{HEX}']);"}
    assert [d.kind for d in scanned({"lib/a.dart": accepts}).project.defects] == []
    assert [d.kind for d in scanned({"lib/a.dart": accepts, **pinned}).project.defects] == ["unenforced"]


def test_elements_that_depend_on_a_condition_are_seen() -> None:
    files = {
        "lib/n.dart": f"""
            Dio make(bool prod) => Dio()..interceptors.addAll([
              if (prod) CertificatePinningInterceptor(allowedSHAFingerprints: ['{HEX}']) else Logger(),
            ]);"""
    }
    assert pins(files) == [((), HEX)]
