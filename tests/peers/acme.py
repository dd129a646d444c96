"""A CA that speaks ACME (pebble) and a client that renews (certbot), as hosts have them.

with pebble(tmp) as ca:
    first = ca.issue("api.shop.example")
    same = ca.renew("api.shop.example", reuse_key=True)

Each start of pebble makes a new root and a new intermediate: that is how its CA rotates.
"""

import json
import os
import ssl
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from live.servers import LOOPBACK, free_port, retrying, started, wait_until
from programs import program
from worlds import Authority, Leaf

PATIENCE_SECONDS = 60


@dataclass
class Ca:
    """A running pebble, and the account of a certbot that asks it."""

    directory: str
    root: x509.Certificate
    intermediate: x509.Certificate
    _state: Path
    _trust: Path

    def issue(self, name: str, key: str = "ecdsa") -> Leaf:
        """A certificate for a name with a new key, ``ecdsa`` or ``rsa``, and the chain to serve."""
        return self._certbot(name, "--no-reuse-key", "--key-type", key)

    def renew(self, name: str, *, reuse_key: bool) -> Leaf:
        """The next certificate of a name that has one."""
        choice = "--reuse-key" if reuse_key else "--no-reuse-key"
        return self._certbot(name, choice)

    def _certbot(self, name: str, *options: str) -> Leaf:
        folders = [f"--{kind}-dir={self._state / kind}" for kind in ("config", "work", "logs")]
        place = ["--standalone", f"--http-01-address={LOOPBACK}", f"--http-01-port={free_port()}"]
        account = ["--agree-tos", "--register-unsafely-without-email", f"--server={self.directory}"]
        command = [program("certbot"), "certonly", "--non-interactive", "--force-renewal", "--domain", name]
        environment = {**os.environ, "REQUESTS_CA_BUNDLE": str(self._trust), "HOME": str(self._state)}
        done = subprocess.run(
            [*command, *folders, *place, *account, *options],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return _leaf(self._state / "config" / "live" / name)


@contextmanager
def pebble(tmp: Path, state: Path | None = None) -> Iterator[Ca]:
    """Run pebble; ``state`` is where certbot keeps its certificates, the same one if a CA follows another."""
    program("certbot")
    folder = Path(tempfile.mkdtemp(prefix="pebble", dir=tmp))
    ours = Authority("Pebble's own root")
    trust = folder / "trust.pem"
    trust.write_bytes(ours.pem)
    ours.leaf(LOOPBACK).write(folder, "api")
    context = ssl.create_default_context(cadata=ours.pem.decode())

    @contextmanager
    def start() -> Iterator[Ca]:
        port, management = free_port(), free_port()
        config, log = folder / "pebble.json", folder / "log"
        config.write_text(json.dumps({"pebble": _config(folder, port, management)}))
        settings = {"PEBBLE_VA_ALWAYS_VALID": "1", "PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0"}
        command = [program("pebble"), "-config", config, "-strict=false"]
        with started(command, log, **settings) as process:
            directory = f"https://{LOOPBACK}:{port}/dir"
            wait_until(lambda: _reads(directory, context), process, log)
            root, intermediate = (
                x509.load_pem_x509_certificate(_read(f"https://{LOOPBACK}:{management}/{kind}/0", context))
                for kind in ("roots", "intermediates")
            )
            yield Ca(directory, root, intermediate, state or folder / "certbot", trust)

    ca, exits = retrying(start)
    with exits:
        yield ca


def _config(folder: Path, port: int, management: int) -> dict[str, object]:
    return {
        "listenAddress": f"{LOOPBACK}:{port}",
        "managementListenAddress": f"{LOOPBACK}:{management}",
        "certificate": str(folder / "api.pem"),
        "privateKey": str(folder / "api.key"),
        "httpPort": 5002,  # not connected to: every challenge passes
        "tlsPort": 5001,
        "ocspResponderURL": "",
        "externalAccountBindingRequired": False,
    }


def _reads(url: str, context: ssl.SSLContext) -> bool:
    try:
        return bool(_read(url, context))
    except OSError:
        return False


def _read(url: str, context: ssl.SSLContext) -> bytes:
    direct = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
    )
    with direct.open(url, timeout=5) as response:
        return bytes(response.read())


def _leaf(lineage: Path) -> Leaf:
    """What certbot keeps of a name."""
    chain = x509.load_pem_x509_certificates((lineage / "fullchain.pem").read_bytes())
    key = serialization.load_pem_private_key((lineage / "privkey.pem").read_bytes(), None)
    return Leaf(chain[0], key, tuple(chain[1:]))
