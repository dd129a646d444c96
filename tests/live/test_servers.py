"""The servers that other tests rely on show exactly the chains they were given, and go when told to."""

import os
import re
import ssl
import subprocess
from base64 import b64decode
from pathlib import Path

import pytest
from live import cases, servers
from live.cases import HOST, KINDS, Case, case_of, serving
from live.servers import LOOPBACK, Server, served_leaf
from programs import program
from worlds import Authority, Leaf

pytestmark = pytest.mark.peer

PEM = re.compile(r"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", re.DOTALL)
RAW = (
    "simple",
    "root-sent",
    "reordered",
    "duplicated",
    "missing-intermediate",
    "extra-certificate",
    "expired-leaf",
)


def shown(server: Server, host: str = HOST, *options: str) -> tuple[bytes, ...]:
    """The certificates that ``openssl s_client`` was sent, in DER."""
    name = ("-noservername",) if host == LOOPBACK else ("-servername", host)
    place = f"{server.address}:{server.port}"
    command = [program("openssl"), "s_client", "-connect", place, *name, "-showcerts", *options]
    done = subprocess.run(command, input="", capture_output=True, text=True, timeout=10)
    chain = done.stdout.partition("Certificate chain")[2].partition("Server certificate")[0]
    return tuple(b64decode(text) for text in PEM.findall(chain))


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", RAW)
def test_a_chain_is_sent_as_it_was_given(tmp_path: Path, kind: str, name: str) -> None:
    case = case_of(name)
    with serving(kind, tmp_path, case) as running:
        [(address, server)] = running.items()
        assert shown(server) == case.served[address][0].chain
    assert kind == "python" or gone(server.pid)


@pytest.mark.parametrize("name", cases.BUILDERS)
def test_every_case_can_be_served(tmp_path: Path, name: str) -> None:
    case = case_of(name)
    with serving("python", tmp_path, case) as running:
        got = {address: served_leaf(address, one.port, case.host) for address, one in running.items()}
    assert {address: got[address] in first_of(case, address) for address in got} == dict.fromkeys(got, True)
    assert len(set(case.pins.values())) == len(case.pins)


def first_of(case: Case, address: str) -> set[bytes]:
    return {leaf.chain[0] for leaf in case.served[address]}


@pytest.mark.parametrize("kind", KINDS)
def test_two_key_types_are_served_to_those_who_ask(tmp_path: Path, kind: str) -> None:
    case = case_of("dual")
    rsa, ecdsa = case.served[LOOPBACK]
    with serving(kind, tmp_path, case) as running:
        server = running[LOOPBACK]
        assert shown(server, HOST, "-tls1_2", "-cipher", "aRSA") == rsa.chain
        assert shown(server, HOST, "-tls1_2", "-cipher", "aECDSA") == ecdsa.chain
        assert shown(server, HOST, "-sigalgs", "rsa_pss_rsae_sha256:RSA+SHA256") == rsa.chain


@pytest.mark.parametrize("kind", KINDS)
def test_two_addresses_differ_at_one_port(tmp_path: Path, kind: str) -> None:
    case = case_of("two-addresses")
    with serving(kind, tmp_path, case) as running:
        assert len({server.port for server in running.values()}) == 1
        got = {address: shown(server) for address, server in running.items()}
    assert got == {address: leaves[0].chain for address, leaves in case.served.items()}


@pytest.mark.parametrize("kind", [name for name, kind in KINDS.items() if kind.rotates])
@pytest.mark.parametrize("name", ["rotated-leaf", "rotated-intermediate", "rotated-root"])
def test_a_rotated_chain_is_served_at_once(tmp_path: Path, kind: str, name: str) -> None:
    case = case_of(name)
    assert case.rotated
    with serving(kind, tmp_path, case) as running:
        server = running[LOOPBACK]
        assert shown(server) == case.served[LOOPBACK][0].chain
        server.rotate(case.rotated)
        assert [shown(server) for _ in range(5)] == [case.rotated.chain] * 5


def leaves(*names: str) -> dict[str, Leaf]:
    issuing = Authority("Root").issue("Issuing CA")
    return {name: issuing.leaf(name) for name in names}


def test_nginx_serves_by_name_and_by_address(tmp_path: Path) -> None:
    some = leaves("a.example", "b.example", "c.example")
    hosts = {name: [some[name]] for name in ("a.example", "b.example")}
    with servers.nginx(
        tmp_path, hosts, elsewhere={"127.0.0.3": {"c.example": [some["c.example"]]}}
    ) as server:
        there = Server("127.0.0.3", server.port, server.pid, server.rotate)
        assert shown(server, "a.example") == some["a.example"].chain
        assert shown(server, "b.example") == some["b.example"].chain
        assert shown(server, "unknown.example") == some["a.example"].chain
        assert shown(there, "a.example") == some["c.example"].chain


def test_a_version_of_tls_can_be_had_alone(tmp_path: Path) -> None:
    leaf = leaves(HOST)[HOST]
    old, new = "TLSv1.2", "TLSv1.3"
    with servers.nginx(tmp_path, {HOST: [leaf]}, protocols=[old]) as server:
        assert (shown(server), shown(server, HOST, "-tls1_3")) == (leaf.chain, ())
    with servers.nginx(tmp_path, {HOST: [leaf]}, protocols=[new]) as server:
        assert (shown(server), shown(server, HOST, "-tls1_2")) == (leaf.chain, ())
    with servers.s_server(tmp_path, leaf, "-tls1_2") as server:
        assert (shown(server), shown(server, HOST, "-tls1_3")) == (leaf.chain, ())
    with servers.python(leaf, newest=ssl.TLSVersion.TLSv1_2) as server:
        assert (shown(server), shown(server, HOST, "-tls1_3")) == (leaf.chain, ())


@pytest.mark.parametrize("kind", KINDS)
def test_a_request_gets_a_reply(tmp_path: Path, kind: str) -> None:
    with serving(kind, tmp_path, case_of("simple")) as running:
        server = running[LOOPBACK]
        place = f"{LOOPBACK}:{server.port}"
        command = [program("openssl"), "s_client", "-quiet", "-connect", place, "-servername", HOST]
        request = f"GET / HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n"
        done = subprocess.run(command, input=request, capture_output=True, text=True, timeout=10)
    assert re.match(r"HTTP/1\.[01] 20[04] ", done.stdout), done


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "python"])
def test_a_server_is_gone_after_a_failure(tmp_path: Path, kind: str) -> None:
    seen: list[Server] = []

    def fail() -> None:
        with serving(kind, tmp_path, case_of("simple")) as running:
            seen.append(running[LOOPBACK])
            raise KeyError("a test")

    with pytest.raises(KeyError):
        fail()
    [server] = seen
    assert gone(server.pid)
    assert not served_leaf(server.address, server.port, HOST)


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    leaf = leaves(HOST)[HOST]
    with (
        pytest.raises(servers.Unready, match="Unknown option: -nonsense"),
        servers.s_server(tmp_path, leaf, "-nonsense"),
    ):
        pass


def test_a_port_that_was_taken_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    leaf = leaves(HOST)[HOST]
    with servers.python(leaves("other.example")["other.example"]) as other:
        offered = iter([other.port, other.port + 1 if other.port < 65535 else 1024])
        free = servers.free_port
        monkeypatch.setattr(servers, "free_port", lambda *at: next(offered, 0) or free(*at))
        with servers.haproxy(tmp_path, leaf) as server:
            assert shown(server) == leaf.chain
            assert server.port != other.port
