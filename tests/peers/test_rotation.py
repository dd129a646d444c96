"""The commonest pin outages, made by certbot and pebble, seen by ``pincheck check --live``; and their cures."""

import json
from pathlib import Path
from typing import Any

import pytest
from acme import pebble
from live import servers
from live.servers import Server
from live.test_check import SPARE, app
from worlds import PEM, Leaf, pin_of

from pincheck.cli import main

pytestmark = pytest.mark.peer

NAME = "api.shop.example"


def found(
    tmp: Path, server: Server, roots: list[Any], pins: list[str], capsys: Any, monkeypatch: Any
) -> list[str]:
    """The rules that speak of an app that pins, but for those on the day to come and on who keeps the spare key."""
    anchors = tmp / "roots.pem"
    anchors.write_bytes(b"".join(root.public_bytes(PEM) for root in roots))
    monkeypatch.chdir(app(Path(str(tmp / f"app{len(list(tmp.iterdir()))}")), *pins))
    options = ["--connect-to", f"::{server.address}:{server.port}", "--allow-address", "127.0.0.0/8"]
    main(["check", "--live", "--format", "json", "--trust-anchors", str(anchors), *options])
    report = json.loads(capsys.readouterr().out)
    return [
        each["rule"]
        for each in report["findings"]
        if each["rule"] not in ("lockout-date", "backup-pin-unproven")
    ]


def test_a_renewal_locks_out_unless_the_key_is_reused(tmp_path: Path, capsys: Any, monkeypatch: Any) -> None:
    with pebble(tmp_path) as ca:
        first = ca.issue(NAME)
        with servers.nginx(tmp_path, {NAME: [first]}) as server:

            def rules(*pins: str) -> list[str]:
                return found(tmp_path, server, [ca.root], list(pins), capsys, monkeypatch)

            pins = (first.pin, SPARE)
            assert rules(*pins) == []
            server.rotate(ca.renew(NAME, reuse_key=True))
            assert rules(*pins) == []
            server.rotate(ca.renew(NAME, reuse_key=False))
            assert rules(*pins) == ["pin-mismatch"]
            assert rules(*pins, pin_of(ca.intermediate)) == []  # the CA's pin outlives the leaf's key


def test_a_ca_that_changes_its_root_and_intermediate(tmp_path: Path, capsys: Any, monkeypatch: Any) -> None:
    with pebble(tmp_path, tmp_path / "certbot") as old:
        first: Leaf = old.issue(NAME)
        pinned = [pin_of(old.intermediate), pin_of(old.root)]
    with pebble(tmp_path, tmp_path / "certbot") as new:
        then = new.issue(NAME)
        roots = [old.root, new.root]
        with servers.nginx(tmp_path, {NAME: [first]}) as server:
            before = found(tmp_path, server, roots, pinned, capsys, monkeypatch)
            server.rotate(then)
            after = found(tmp_path, server, roots, pinned, capsys, monkeypatch)
            cured = found(tmp_path, server, roots, [*pinned, pin_of(new.root)], capsys, monkeypatch)
    # that both pins stand in one chain was said before it happened
    assert (before, after, cured) == (["backup-pin-in-chain"], ["pin-mismatch"], [])
