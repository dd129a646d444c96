"""CA worlds as servers show them: what is served, what the client trusts, and the pins worth asking about.

Made once a process and the same for all who ask, so that a pin of one place can be looked for at another.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import NamedTuple

from cryptography import x509
from live import servers
from live.servers import LOOPBACK, Server
from worlds import NOW, PEM, Authority, Leaf, pin_of

HOST = "api.shop.example"
UNRELATED = Authority("Unrelated Root")
ELSEWHERE = "127.0.0.2"


class Case(NamedTuple):
    """A host, its certificates, and its client."""

    served: Mapping[str, tuple[Leaf, ...]]
    """By address: one certificate, or one for each key type, with the chain sent behind it."""
    roots: tuple[x509.Certificate, ...]
    """What the client trusts, and nothing else."""
    pins: Mapping[str, str]
    """What each pin is of, and its base64: ``leaf``, ``intermediate``, ``root``, ``unrelated``, ``cross-root``…"""
    host: str = HOST
    rotated: Leaf | None = None
    """What is served from some moment on; its own pins are those of ``pins`` that begin with ``new-``."""

    @property
    def roots_pem(self) -> bytes:
        return b"".join(root.public_bytes(PEM) for root in self.roots)


class Kind(NamedTuple):
    """A kind of server."""

    start: Callable[[Path, Case, str, int], object]
    """Serve what a case has at one address, at a port or at any; a context manager of a Server."""
    rotates: bool = True
    dual: bool = True


def simple() -> Case:
    root, issuing, leaf = _world()
    return _one(leaf, root, intermediate=issuing.pin)


def root_sent() -> Case:
    root, issuing, leaf = _world()
    return _one(leaf.sending(issuing.certificate, root.certificate), root, intermediate=issuing.pin)


def no_intermediate() -> Case:
    """The root itself has signed the leaf, and is not sent."""
    root = Authority("Root")
    return _one(root.leaf(HOST), root)


def cross_signed_both_trusted() -> Case:
    return _crossed("old", "new")


def cross_signed_old_trusted() -> Case:
    return _crossed("old")


def cross_signed_new_trusted() -> Case:
    return _crossed("new")


def cross_sign_not_sent() -> Case:
    """Only the new root is trusted, and the old one's signature on it is not sent."""
    old, new, issuing, leaf = _crossing()
    return _one(leaf.sending(issuing.certificate), new, intermediate=issuing.pin, **{"cross-root": old.pin})


def crossed_intermediate() -> Case:
    """One intermediate certified by two roots, both sent, both trusted."""
    first, second = Authority("First Root"), Authority("Second Root")
    issuing = first.issue("Issuing CA")
    leaf = issuing.leaf(HOST).sending(issuing.certificate, issuing.cross(second))
    case = _one(leaf, first, intermediate=issuing.pin, **{"cross-root": second.pin})
    return case._replace(roots=(first.certificate, second.certificate))


def reordered() -> Case:
    root = Authority("Root")
    middle = root.issue("Middle CA")
    issuing = middle.issue("Issuing CA")
    leaf = issuing.leaf(HOST).sending(middle.certificate, issuing.certificate)
    return _one(leaf, root, intermediate=issuing.pin, middle=middle.pin)


def duplicated() -> Case:
    """The leaf and the intermediate are sent twice."""
    root, issuing, leaf = _world()
    sent = leaf.sending(leaf.certificate, issuing.certificate, issuing.certificate)
    return _one(sent, root, intermediate=issuing.pin)


def missing_intermediate() -> Case:
    root, issuing, leaf = _world()
    return _one(leaf.sending(), root, intermediate=issuing.pin)


def extra_certificate() -> Case:
    """A certificate of another CA is sent behind; its pin must not count."""
    root, issuing, leaf = _world()
    extra = UNRELATED.issue("Extra CA")
    return _one(
        leaf.sending(issuing.certificate, extra.certificate), root, intermediate=issuing.pin, extra=extra.pin
    )


def extra_trusted_root() -> Case:
    """A root that the client trusts is sent, but signed nothing here; its pin must not count."""
    root, issuing, leaf = _world()
    case = _one(
        leaf.sending(issuing.certificate, UNRELATED.certificate),
        root,
        intermediate=issuing.pin,
        extra=UNRELATED.pin,
    )
    return case._replace(roots=(root.certificate, UNRELATED.certificate))


def dual() -> Case:
    """An RSA and an ECDSA certificate of different issuers below one root."""
    root = Authority("Root")
    rsa, ecdsa = root.issue("RSA CA", "rsa"), root.issue("ECDSA CA")
    leaves = (rsa.leaf(HOST, kind="rsa"), ecdsa.leaf(HOST))
    pins = {"rsa-leaf": leaves[0].pin, "rsa-intermediate": rsa.pin}
    return Case(
        {LOOPBACK: leaves},
        (root.certificate,),
        _pins(leaf=leaves[1].pin, intermediate=ecdsa.pin, root=root.pin, **pins),
    )


def two_addresses() -> Case:
    """Each address has a certificate of its own key and its own issuer."""
    root, issuing, leaf = _world()
    other = root.issue("Other CA")
    there = other.leaf(HOST)
    pins = {"other-leaf": there.pin, "other-intermediate": other.pin}
    return Case(
        {LOOPBACK: (leaf,), ELSEWHERE: (there,)},
        (root.certificate,),
        _pins(leaf=leaf.pin, intermediate=issuing.pin, root=root.pin, **pins),
    )


def rotated_leaf() -> Case:
    root, issuing, leaf = _world()
    renewed = issuing.leaf(HOST)
    case = _one(leaf, root, intermediate=issuing.pin, **{"new-leaf": renewed.pin})
    return case._replace(rotated=renewed)


def renewed_leaf() -> Case:
    """The leaf is renewed with its key kept."""
    root, issuing, leaf = _world()
    return _one(leaf, root, intermediate=issuing.pin)._replace(rotated=issuing.leaf(HOST, key=leaf.key))


def rotated_intermediate() -> Case:
    root, issuing, leaf = _world()
    other = root.issue("Issuing CA 2")
    renewed = other.leaf(HOST)
    pins = {"new-leaf": renewed.pin, "new-intermediate": other.pin}
    return _one(leaf, root, intermediate=issuing.pin, **pins)._replace(rotated=renewed)


def rotated_root() -> Case:
    """Everything is new; the client trusts both roots."""
    root, issuing, leaf = _world()
    new = Authority("Root 2")
    other = new.issue("Issuing CA 2")
    renewed = other.leaf(HOST)
    pins = {"new-leaf": renewed.pin, "new-intermediate": other.pin, "new-root": new.pin}
    case = _one(leaf, root, intermediate=issuing.pin, **pins)
    return case._replace(roots=(root.certificate, new.certificate), rotated=renewed)


def self_signed() -> Case:
    """A certificate that signed itself and that nobody trusts."""
    leaf = _self_signed()
    return Case({LOOPBACK: (leaf,)}, (UNRELATED.certificate,), _pins(leaf=leaf.pin))


def self_signed_trusted() -> Case:
    """The same, trusted: leaf and root are one."""
    leaf = _self_signed()
    return Case({LOOPBACK: (leaf,)}, (leaf.certificate,), _pins(leaf=leaf.pin))


def untrusted() -> Case:
    root, issuing, leaf = _world()
    case = _one(leaf, root, intermediate=issuing.pin)
    return case._replace(roots=(UNRELATED.certificate,))


def expired_leaf() -> Case:
    root = Authority("Root")
    issuing = root.issue("Issuing CA")
    leaf = issuing.leaf(HOST, start=NOW - timedelta(days=90), end=NOW - timedelta(days=1))
    return _one(leaf, root, intermediate=issuing.pin)


def expired_intermediate() -> Case:
    """The intermediate has expired, and its key's valid certificate of another root is sent beside it."""
    first, second = Authority("First Root"), Authority("Second Root")
    issuing = first.issue("Issuing CA", end=NOW - timedelta(days=1))
    leaf = issuing.leaf(HOST).sending(issuing.certificate, issuing.cross(second))
    case = _one(leaf, first, intermediate=issuing.pin, **{"cross-root": second.pin})
    return case._replace(roots=(first.certificate, second.certificate))


def expired_root() -> Case:
    """The root has expired, which a JVM does not mind in an anchor."""
    root = Authority("Root", end=NOW - timedelta(days=1))
    issuing = root.issue("Issuing CA")
    return _one(issuing.leaf(HOST), root, intermediate=issuing.pin)


def anchored_intermediate() -> Case:
    """The client trusts the intermediate, not its root."""
    root, issuing, leaf = _world()
    case = _one(leaf, root, intermediate=issuing.pin)
    return case._replace(roots=(issuing.certificate,))


def root_that_may_sign_leaves_only() -> Case:
    """The root's path length is 0 and an intermediate is below it: nothing that a JVM minds in an anchor."""
    root = Authority("Root", path_length=0)
    issuing = root.issue("Issuing CA")
    return _one(issuing.leaf(HOST), root, intermediate=issuing.pin)


def wrong_name() -> Case:
    root = Authority("Root")
    issuing = root.issue("Issuing CA")
    return _one(issuing.leaf("www.other.example"), root, intermediate=issuing.pin)


def wildcard() -> Case:
    root = Authority("Root")
    issuing = root.issue("Issuing CA")
    return _one(issuing.leaf("*.shop.example"), root, intermediate=issuing.pin)


def wildcard_too_deep() -> Case:
    return wildcard()._replace(host="a.b.shop.example")


def four_intermediates() -> Case:
    return _deep(4)


def eight_intermediates() -> Case:
    """With the root, nine signers: as many as OkHttp's basic cleaner follows."""
    return _deep(8)


def nine_intermediates() -> Case:
    return _deep(9)


def ten_intermediates() -> Case:
    """Eleven certificates in all: a JVM refuses more than ten."""
    return _deep(10)


def ip_address() -> Case:
    root = Authority("Root")
    issuing = root.issue("Issuing CA")
    return _one(issuing.leaf(LOOPBACK), root, intermediate=issuing.pin)._replace(host=LOOPBACK)


BUILDERS: Mapping[str, Callable[[], Case]] = {
    builder.__name__.replace("_", "-"): builder
    for builder in (
        simple,
        root_sent,
        no_intermediate,
        cross_signed_both_trusted,
        cross_signed_old_trusted,
        cross_signed_new_trusted,
        cross_sign_not_sent,
        crossed_intermediate,
        reordered,
        duplicated,
        missing_intermediate,
        extra_certificate,
        extra_trusted_root,
        dual,
        two_addresses,
        rotated_leaf,
        renewed_leaf,
        rotated_intermediate,
        rotated_root,
        self_signed,
        self_signed_trusted,
        untrusted,
        expired_leaf,
        expired_intermediate,
        expired_root,
        anchored_intermediate,
        root_that_may_sign_leaves_only,
        wrong_name,
        wildcard,
        wildcard_too_deep,
        four_intermediates,
        eight_intermediates,
        nine_intermediates,
        ten_intermediates,
        ip_address,
    )
}

KINDS: Mapping[str, Kind] = {
    "nginx": Kind(
        lambda tmp, case, address, port: servers.nginx(
            tmp, {case.host: case.served[address]}, address=address, port=port
        )
    ),
    "haproxy": Kind(
        lambda tmp, case, address, port: servers.haproxy(
            tmp, *case.served[address], address=address, port=port
        )
    ),
    "s_server": Kind(
        lambda tmp, case, address, port: servers.s_server(
            tmp,
            case.served[address][0],
            second=case.served[address][1] if len(case.served[address]) > 1 else None,
            address=address,
            port=port,
        ),
        rotates=False,
    ),
    "python": Kind(
        lambda tmp, case, address, port: servers.python(*case.served[address], address=address, port=port)
    ),
}


@cache
def case_of(name: str) -> Case:
    """The case of a name in ``BUILDERS``."""
    return BUILDERS[name]()


def drawn(seed: int, alike: bool = False) -> Case:
    """A world at random: CAs that certify one another, some expired, any of it sent in any order.

    The client trusts self-signed certificates. With ``alike`` CAs may share a name, and the client trusts any
    certificates. No more than ten are sent in all, as a JVM refuses more.
    """
    draw = Random(seed)
    count = draw.randint(2, 5)
    names = [f"CA {draw.choice('ABC') if alike else number}" for number in range(count)]
    authorities = [Authority(name, path_length=draw.choice((None, None, None, 0))) for name in names]
    selves = [each.certificate for each in authorities]
    certificates = list(selves)
    for _ in range(draw.randint(1, 7)):
        below, above = draw.choice(authorities), draw.choice(authorities)
        end = NOW + timedelta(days=draw.choice((-1, 300, 600, 900)))
        certificates.append(below.cross(above, end=end))
    sent = draw.sample(certificates, draw.randint(0, min(9, len(certificates))))
    trusted = certificates if alike else selves
    roots = draw.sample(trusted, draw.randint(1, min(3, len(trusted))))
    pins = {
        each.name if not alike else f"{each.name} {number}": each.pin
        for number, each in enumerate(authorities)
    }
    leaf = draw.choice(authorities).leaf(HOST).sending(*sent)
    return Case({LOOPBACK: (leaf,)}, tuple(roots), _pins(leaf=leaf.pin, **pins))


def pairs() -> list[tuple[str, str]]:
    """Every case's name with every kind of server that can show it."""
    return [
        (name, kind)
        for name, builder in BUILDERS.items()
        for kind, able in KINDS.items()
        if able.rotates or not builder.__name__.startswith(("rotated", "renewed"))
    ]


@contextmanager
def serving(kind: str, tmp: Path, case: Case) -> Iterator[dict[str, Server]]:
    """Servers of a kind, by address, that show a case at one port."""
    with ExitStack() as exits:
        running: dict[str, Server] = {}
        port = servers.free_port(*case.served) if len(case.served) > 1 else 0
        for address in case.served:
            start = KINDS[kind].start
            running[address] = exits.enter_context(start(tmp, case, address, port))  # type: ignore[arg-type]
        yield running


def _world() -> tuple[Authority, Authority, Leaf]:
    root = Authority("Root")
    issuing = root.issue("Issuing CA")
    return root, issuing, issuing.leaf(HOST)


def _crossing() -> tuple[Authority, Authority, Authority, Leaf]:
    """An old root, a new one, a CA below the new one, and its leaf."""
    old, new = Authority("Old Root"), Authority("New Root")
    issuing = new.issue("Issuing CA")
    return old, new, issuing, issuing.leaf(HOST)


def _crossed(*trusted: str) -> Case:
    """The new root is sent as certified by the old one; the client trusts one of them or both."""
    old, new, issuing, leaf = _crossing()
    sent = leaf.sending(issuing.certificate, new.cross(old))
    case = _one(sent, new, intermediate=issuing.pin, **{"cross-root": old.pin})
    roots = {"old": old.certificate, "new": new.certificate}
    return case._replace(roots=tuple(roots[name] for name in trusted))


def _self_signed() -> Leaf:
    """An authority whose own certificate names a host cannot be made there: a leaf signed by its own key."""
    own = Authority(HOST)
    return own.leaf(HOST, key=own.key, issuers=())


def _deep(intermediates: int) -> Case:
    root = Authority("Root")
    issuing = root
    for number in range(intermediates):
        issuing = issuing.issue(f"CA {number + 1}")
    return _one(issuing.leaf(HOST), root, intermediate=issuing.pin)


def _one(leaf: Leaf, root: Authority, **pins: str) -> Case:
    """A single certificate at a single address, and its root trusted."""
    return Case(
        {LOOPBACK: (leaf,)}, (root.certificate,), _pins(leaf=leaf.pin, root=pin_of(root.certificate), **pins)
    )


def _pins(**pins: str) -> dict[str, str]:
    return {**pins, "unrelated": Authority("Nobody").pin}
