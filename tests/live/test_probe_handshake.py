"""Every fault of a server becomes a failure in words, every odd chain is seen as it was sent."""

import random
import re
import ssl
import subprocess
import time
from datetime import timedelta
from pathlib import Path

import faulty
import pytest
from worlds import NOW, Authority, Leaf

from pincheck.model.chains import Failure
from pincheck.probe.handshake import MAX_BYTES

ROOT = Authority("Root")
ISSUING = ROOT.issue("Issuing CA")
LEAF = ISSUING.leaf(faulty.HOST)
TLS12 = {"maximum_version": ssl.TLSVersion.TLSv1_2}
TLS13 = {"minimum_version": ssl.TLSVersion.TLSv1_3}


def failure_of(handler: faulty.Handler, timeout_seconds: float = 2.0) -> Failure | None:
    with faulty.serving(handler) as server:
        (seen,) = faulty.look(server.port, timeout_seconds=timeout_seconds)
    assert seen.served == ()
    return seen.failure


@pytest.mark.parametrize(
    ("handler", "reason"),
    [
        pytest.param(faulty.closes, "the connection was closed instead of an answer", id="closes"),
        pytest.param(faulty.resets, "the connection was reset instead of an answer", id="resets"),
        pytest.param(
            faulty.says(faulty.server_hello(), lambda link: None),
            "the connection was closed in the middle of the handshake",
            id="closes in the middle",
        ),
        pytest.param(
            faulty.silent, "it accepts connections, but nothing answered within 0.5 s", id="says nothing"
        ),
        pytest.param(
            faulty.drips(faulty.server_hello(), 0.1),
            "the handshake did not end within 0.5 s",
            id="one byte after the other",
        ),
        pytest.param(
            faulty.says(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "what answers does not speak TLS", id="HTTP"
        ),
        pytest.param(
            faulty.says(b"220 mail.example ESMTP\r\n"), "what answers does not speak TLS", id="SMTP"
        ),
        pytest.param(
            faulty.says(b"\x15\x03\x01\x00\x02\x02\x70"),
            'it refused with the TLS alert "unrecognized name"',
            id="alert 112",
        ),
        pytest.param(
            faulty.says(faulty.alert(40)), 'it refused with the TLS alert "handshake failure"', id="alert 40"
        ),
        pytest.param(
            faulty.says(faulty.alert(70)), 'it refused with the TLS alert "protocol version"', id="alert 70"
        ),
        pytest.param(
            faulty.says(faulty.alert(80)), 'it refused with the TLS alert "internal error"', id="alert 80"
        ),
        pytest.param(
            faulty.says(faulty.alert(120)),
            'it refused with the TLS alert "no application protocol"',
            id="alert 120",
        ),
        pytest.param(
            faulty.says(faulty.alert(99)), 'it refused with the TLS alert "number 99"', id="alert 99"
        ),
        pytest.param(
            faulty.says(faulty.server_hello() + faulty.certificates(b"garbage")),
            "a certificate it sent cannot be read",
            id="a certificate that is none",
        ),
        pytest.param(
            faulty.says(faulty.server_hello() + faulty.certificates(LEAF.chain[0], b"\x30\x03\x02\x01")),
            "a certificate it sent cannot be read",
            id="an intermediate that is none",
        ),
        pytest.param(
            faulty.says(faulty.server_hello() + faulty.certificates(LEAF.chain[0] + b"more")),
            "a certificate it sent cannot be read",
            id="bytes behind a certificate",
        ),
        pytest.param(
            faulty.says(faulty.server_hello() + faulty.certificates()),
            "the handshake failed (length mismatch)",
            id="no certificate",
        ),
    ],
)
def test_a_faulty_server_is_a_failure_in_words(handler: faulty.Handler, reason: str) -> None:
    assert failure_of(handler, 0.5) == Failure("handshake", reason)


@pytest.mark.parametrize("pieces", [1, 2, 3, 50])
def test_groups_that_cost_too_much_are_not_computed(pieces: int) -> None:
    """A HelloRetryRequest for ffdhe8192, whole or spread over records."""
    extensions = bytes.fromhex("002b00020304003300020104")
    random_ = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
    body = b"\x03\x03" + random_ + b"\x00\x13\x01\x00" + len(extensions).to_bytes(2) + extensions
    hello = b"\x02" + len(body).to_bytes(3) + body
    step = -(-len(hello) // pieces)
    records = [faulty.record(22, hello[at : at + step]) for at in range(0, len(hello), step)]
    assert failure_of(faulty.says(b"".join(records))) == Failure(
        "handshake", "it insists on finite-field Diffie-Hellman, which no app offers"
    )


@pytest.mark.parametrize("seed", range(20))
def test_garbage_is_a_failure_in_words(seed: int) -> None:
    dice = random.Random(seed)
    start = b"" if seed % 2 else faulty.server_hello()
    failure = failure_of(faulty.says(start + dice.randbytes(dice.randrange(1, 400))), 0.3)
    assert failure
    assert failure.kind == "handshake"
    assert re.fullmatch(r"[a-zA-Z0-9 ,.\"()]+", failure.reason)


def test_a_port_that_nobody_listens_on() -> None:
    assert faulty.reasons(faulty.look(faulty.refused_port())) == [
        ("default", "unreachable", "the connection was refused")
    ]


def test_a_host_that_drops_everything_costs_one_timeout() -> None:
    start = time.monotonic()
    with faulty.black_hole() as port:
        assert faulty.reasons(faulty.look(port, timeout_seconds=0.5, offers=("default", "rsa", "ecdsa"))) == [
            ("default", "unreachable", "nothing answered within 0.5 s")
        ]
    assert time.monotonic() - start < 1.0


def test_a_reset_is_tried_once_more_and_an_alert_is_not() -> None:
    with faulty.serving(faulty.resets) as server:
        faulty.look(server.port)
        assert server.connections == 2
    with faulty.serving(faulty.says(faulty.alert(40))) as server:
        faulty.look(server.port)
        assert server.connections == 1


def test_a_host_that_resets_once_is_seen(tmp_path: Path) -> None:
    well, turns = faulty.tls(LEAF, tmp_path), iter([faulty.resets])
    with faulty.serving(lambda link: next(turns, well)(link)) as server:
        (seen,) = faulty.look(server.port)
    assert (seen.served, seen.failure) == (LEAF.chain, None)


def test_a_flood_ends_early() -> None:
    assert failure_of(faulty.floods) == Failure("handshake", "its chain is larger than 100 kB")
    pieces = failure_of(faulty.drips(faulty.message(0, b"") * 500, 0.0))
    assert pieces == Failure("handshake", "it answered in more than 1000 pieces")
    much = failure_of(faulty.says(faulty.message(0, b"") * (MAX_BYTES // 9 + 100)))
    assert much == Failure("handshake", f"it sent more than {MAX_BYTES // 1024} kB")


@pytest.mark.parametrize(
    ("leaf", "settings"),
    [
        pytest.param(LEAF, {}, id="in order"),
        pytest.param(LEAF, TLS12, id="TLS 1.2"),
        pytest.param(LEAF.sending(), {}, id="no intermediate"),
        pytest.param(LEAF.sending(ROOT.certificate, ISSUING.certificate), {}, id="misordered, with the root"),
        pytest.param(LEAF.sending(*[ISSUING.certificate] * 3, LEAF.certificate), {}, id="duplicates"),
        pytest.param(LEAF.sending(*[ISSUING.certificate] * 99), TLS12, id="100 certificates, TLS 1.2"),
        pytest.param(LEAF.sending(*[ISSUING.certificate] * 99), TLS13, id="100 certificates, TLS 1.3"),
        pytest.param(
            ISSUING.leaf(faulty.HOST, start=NOW - timedelta(days=9), end=NOW - timedelta(days=1)),
            {},
            id="expired",
        ),
        pytest.param(ISSUING.leaf("other.example"), {}, id="another name"),
        pytest.param(ISSUING.leaf(faulty.HOST, kind="ed25519"), TLS12, id="Ed25519, TLS 1.2"),
        pytest.param(ISSUING.leaf(faulty.HOST, kind="ed25519"), TLS13, id="Ed25519, TLS 1.3"),
        pytest.param(ISSUING.leaf(faulty.HOST, kind="p521"), {}, id="P-521"),
        pytest.param(ISSUING.leaf(faulty.HOST, kind="rsa1024"), {}, id="RSA 1024"),
        pytest.param(
            ISSUING.leaf(faulty.HOST, subject="\x1b[31mred\x1b[0m\n::error::x"), {}, id="escapes in a name"
        ),
        pytest.param(ROOT.issue("\x1b]0;title\x07").leaf(faulty.HOST), {}, id="escapes in the issuer's name"),
    ],
)
def test_the_chain_is_seen_as_sent(leaf: Leaf, settings: dict[str, object], tmp_path: Path) -> None:
    with faulty.serving(faulty.tls(leaf, tmp_path, **settings)) as server:
        (seen,) = faulty.look(server.port)
    assert (seen.failure, seen.served, seen.address) == (None, leaf.chain, "127.0.0.1")
    assert seen.protocol == ("TLSv1.2" if settings == TLS12 else "TLSv1.3")


@pytest.mark.parametrize(
    "words",
    ["-newkey rsa:512 -md5", "-newkey rsa:1024 -md5", "-newkey rsa:512 -sha256", "-newkey rsa:2048 -sha1"],
)
def test_keys_and_hashes_nobody_should_use_are_seen(words: str, tmp_path: Path) -> None:
    certificate, key = tmp_path / "c.pem", tmp_path / "k.pem"
    request = f"openssl req -x509 {words} -nodes -days 9 -subj /CN=weak -keyout {key} -out {certificate}"
    subprocess.run(request.split(), check=True, capture_output=True)
    with faulty.serving(faulty.tls((certificate, key), tmp_path, **TLS12)) as server:
        (seen,) = faulty.look(server.port)
    assert (seen.failure, seen.served) == (None, (ssl.PEM_cert_to_DER_cert(certificate.read_text()),))


def test_a_chain_of_a_megabyte_is_refused(tmp_path: Path) -> None:
    leaf = LEAF.sending(*[ISSUING.certificate] * 2800)
    assert sum(map(len, leaf.chain)) > 1_000_000
    assert failure_of(faulty.tls(leaf, tmp_path, **TLS12)) == Failure(
        "handshake", "its chain is larger than 100 kB"
    )


def test_a_host_that_does_not_know_the_name(tmp_path: Path) -> None:
    def unknown(*_: object) -> int:
        return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME

    handler = faulty.tls(LEAF, tmp_path, sni_callback=unknown)
    assert failure_of(handler) == Failure("handshake", 'it refused with the TLS alert "unrecognized name"')


def test_the_name_is_asked_for_unless_the_host_is_an_address(tmp_path: Path) -> None:
    asked = list[str | None]()
    handler = faulty.tls(LEAF, tmp_path, sni_callback=lambda _tls, name, _context: asked.append(name))
    with faulty.serving(handler) as server:
        faulty.look(server.port)
        faulty.look(server.port, "127.0.0.1")
    assert asked == [faulty.HOST, None]


def test_http_2_and_1_are_offered(tmp_path: Path) -> None:
    handler = faulty.tls(LEAF, tmp_path)
    hello = list[bytes]()

    def spying(link: object) -> None:
        import socket

        assert isinstance(link, socket.socket)
        hello.append(link.recv(4096, socket.MSG_PEEK))
        handler(link)

    with faulty.serving(spying) as server:
        faulty.look(server.port)
    assert b"\x02h2\x08http/1.1" in hello[0]


@pytest.mark.parametrize("version", [TLS12, TLS13], ids=["TLS 1.2", "TLS 1.3"])
def test_a_host_that_wants_a_client_certificate_has_shown_its_chain(
    version: dict[str, object], tmp_path: Path
) -> None:
    handler = faulty.tls(LEAF, tmp_path, verify_mode=ssl.CERT_REQUIRED, **version)
    with faulty.serving(handler) as server:
        (seen,) = faulty.look(server.port)
    assert (seen.failure, seen.served) == (None, LEAF.chain)


def test_old_protocols_are_not_spoken(tmp_path: Path) -> None:
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        handler = faulty.tls(
            LEAF, tmp_path, minimum_version=ssl.TLSVersion.TLSv1, maximum_version=ssl.TLSVersion.TLSv1_1
        )
    failure = failure_of(handler)
    assert failure == Failure("handshake", 'it refused with the TLS alert "protocol version"')
