"""A renewal makes a new key unless told not to, and a CA may change its root: the commonest pin outages."""

from pathlib import Path

import pytest
from acme import pebble
from live import servers
from live.servers import served_leaf
from worlds import DER, pin_of

pytestmark = pytest.mark.peer

NAME = "api.shop.example"


def test_a_renewal_changes_the_pin_unless_the_key_is_reused(tmp_path: Path) -> None:
    with pebble(tmp_path) as ca:
        first = ca.issue(NAME, "rsa")
        with servers.nginx(tmp_path, {NAME: [first]}) as server:
            kept = ca.renew(NAME, reuse_key=True)
            changed = ca.renew(NAME, reuse_key=False)
            server.rotate(changed)
            assert served_leaf(server.address, server.port, NAME) == changed.chain[0]
    assert first.chain[1:] == kept.chain[1:] == changed.chain[1:] == (ca.intermediate.public_bytes(DER),)
    assert len({first.chain[0], kept.chain[0], changed.chain[0]}) == 3
    assert (kept.pin, changed.pin != first.pin) == (first.pin, True)
    ca.intermediate.verify_directly_issued_by(ca.root)
    changed.certificate.verify_directly_issued_by(ca.intermediate)


def test_another_start_is_another_root(tmp_path: Path) -> None:
    with pebble(tmp_path, tmp_path / "certbot") as old:
        first = old.issue(NAME)
    with pebble(tmp_path, tmp_path / "certbot") as new:
        then = new.issue(NAME)
    assert first.pin != then.pin
    assert not {pin_of(old.root), pin_of(old.intermediate)} & {pin_of(new.root), pin_of(new.intermediate)}
