"""Pins in Dart code."""

import pytest
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


CALLBACK = f"(cert, host, port) => ['{HEX}'].contains(sha256.convert(cert.der).toString())"


def callback(value: str, before: str = "final client = HttpClient();", after: str = "") -> dict[str, str]:
    return {"lib/n.dart": f"{after}\nHttpClient f() {{ {before} client.badCertificateCallback = {value}; }}"}


PINS = f"class Pins {{ static const hosts = {{'api.shop.example': ['{HEX}']}}; }}"
CHECK = (
    "bool check(cert, host, port) { return Pins.hosts[host].contains(sha256.convert(cert.der).toString()); }"
)


@pytest.mark.parametrize(
    ("files", "hosts", "enforced"),
    [
        pytest.param(callback(CALLBACK), (), False, id="texts in the callback"),
        pytest.param(
            callback("check", after=f"{PINS} {CHECK}"),
            ("api.shop.example",),
            False,
            id="a function and a map",
        ),
        pytest.param(
            callback("(cert, host, port) { return check(cert, host, port); }", after=f"{PINS} {CHECK}"),
            ("api.shop.example",),
            False,
            id="a function that the callback calls",
        ),
        pytest.param(
            {**callback("check", after=CHECK), "lib/pins.dart": PINS},
            ("api.shop.example",),
            False,
            id="a map of another file",
        ),
        pytest.param(
            callback(
                CALLBACK, "final client = HttpClient(context: SecurityContext(withTrustedRoots: false));"
            ),
            (),
            True,
            id="no CA is trusted",
        ),
        pytest.param(
            callback(CALLBACK, after="final adapter = IOHttpClientAdapter(validateCertificate: check);"),
            (),
            True,
            id="another check of every certificate",
        ),
    ],
)
def test_pins_that_only_a_bad_certificate_is_held_against(
    files: dict[str, str], hosts: tuple[str, ...], enforced: bool
) -> None:
    found = scanned(files)
    (pin_set,) = found.project.pin_sets
    assert (pin_set.host_names, pin_set.pins[0].text, pin_set.semantics.enforced) == (hosts, HEX, enforced)
    said = {each.rule for each in found.findings}
    assert ("pinning-not-enforced" in said, "missing-backup-pin" in said) == (not enforced, enforced)


def test_a_callback_that_asks_for_a_host_compares_no_pin() -> None:
    pinned = {"lib/p.dart": f"final i = CertificatePinningInterceptor(allowedSHAFingerprints: ['{HEX}']);"}
    files = callback("(cert, host, port) => host == 'localhost'")
    assert scanned({**files, **pinned}).project.defects == ()


@pytest.mark.parametrize(
    ("value", "kinds"),
    [
        pytest.param("(c, h, p) => fetchedPins.contains(sha256(c.der))", ["unenforced"], id="it says pins"),
        pytest.param(
            "(c, h, p) => accepted.contains(sha256(c.der))", [], id="a server that the user accepted"
        ),
    ],
)
def test_a_callback_with_pins_from_elsewhere(value: str, kinds: list[str]) -> None:
    assert [each.kind for each in scanned(callback(value)).project.defects] == kinds
