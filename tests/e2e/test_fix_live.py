"""``pincheck fix`` with what hosts serve, live and from a recording, against real servers."""

from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import trees
from live.cases import HOST, case_of, serving
from live.servers import LOOPBACK
from scanning import KEY_B

from pincheck.cli import main

NSC = "app/src/main/res/xml/network_security_config.xml"


def nsc(*pins: str) -> str:
    listed = "".join(f'      <pin digest="SHA-256">{pin}</pin>\n' for pin in pins)
    return (
        f"<network-security-config>\n  <domain-config>\n    <domain>{HOST}</domain>\n    <pin-set>\n{listed}"
        "    </pin-set>\n  </domain-config>\n</network-security-config>\n"
    )


@pytest.fixture
def case(tmp_path: Path) -> Iterator[tuple[Any, list[str]]]:
    """What a server shows, and how to look at it."""
    shown = case_of("simple")
    roots = tmp_path / "roots.pem"
    roots.write_bytes(shown.roots_pem)
    with serving("nginx", tmp_path, shown) as running:
        there = f"{HOST}:443:{LOOPBACK}:{running[LOOPBACK].port}"
        options = ["--connect-to", there, "--allow-address", "127.0.0.0/8", "--trust-anchors", str(roots)]
        yield shown, options


def test_the_hash_of_the_certificate_that_is_served(
    case: tuple[Any, list[str]], tmp_path: Path, capsys: Any, monkeypatch: Any
) -> None:
    shown, options = case
    (leaf,) = shown.served[LOOPBACK]
    whole = b64encode(sha256(leaf.chain[0]).digest()).decode()
    root = trees.write(tmp_path / "app", {NSC: nsc(whole, KEY_B)})
    monkeypatch.chdir(root)
    saved = str(tmp_path / "seen.json")

    def fixed(*argv: str) -> tuple[int, str]:
        code = main(["fix", *argv])
        out, err = capsys.readouterr()
        return code, out + err

    first = shown.pins["leaf"][:12]
    words = f"write the pin of the key, {first}…, for the hash of its certificate (from {HOST})"
    assert fixed() == (0, "nothing to fix\n")
    code, diff = fixed("--diff", "--live", "--record", saved, *options)
    assert (code, words in diff) == (1, True)
    assert fixed("--diff", "--recorded", saved, *options[-2:]) == (1, diff)
    assert fixed("--live", *options)[0] == 0
    assert (root / NSC).read_text() == nsc(shown.pins["leaf"], KEY_B)
    assert "nothing to fix\n" in fixed("--live", *options)[1]
