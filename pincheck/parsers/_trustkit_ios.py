"""TrustKit's configuration on Apple's systems, in the content of an Info.plist or a plist of its own.

Sources: datatheorem/TrustKit up to 3.0.7, ``parse_configuration.m``, ``configuration_utils.m``,
``TrustKit.m`` and ``TSKTrustKitConfig.m``, whose constant for the exclusion key is misspelt.
"""

from collections.abc import Iterator

from pincheck.model import Defect, Text
from pincheck.parsers._info_plist import shown
from pincheck.parsers._trustkit_ios_domain import Domain
from pincheck.parsers._trustkit_ios_exclusion import excludes, exclusion, parents_of
from pincheck.parsers._trustkit_ios_keys import (
    CONFIGURATION,
    CRASH,
    DOMAIN_KEYS,
    DOMAINS,
    GLOBAL_KEYS,
    HASHES,
    SWIZZLE,
    VALIDATOR,
    Found,
    last,
    malformed,
    misplaced,
    truth,
)
from pincheck.parsers._trustkit_ios_name import bad_name
from pincheck.readers.tree import Node
from pincheck.readers.words import CERTAIN, nearest


def declarations(root: Node, target: str = "", in_info: bool = True) -> Iterator[Found]:
    """Yield what a document declares for TrustKit; ``in_info`` if it is the content of an Info.plist."""
    for path, node in _configurations(root):
        if path == (CONFIGURATION,):
            yield from _Configuration(node, target).parse()
        elif node.get(DOMAINS) and ("NSAppTransportSecurity" in path or (in_info and not path)):
            yield from _Configuration(node, target, read=False).out_of_place(path)
        elif node.get(DOMAINS):  # which plist the app's code loads is not known
            yield from _Configuration(node, target).parse()


def _configurations(root: Node) -> Iterator[tuple[tuple[str, ...], Node]]:
    """The maps that TrustKit or the app may take for its configuration, with the keys above them."""
    waiting: list[tuple[tuple[str, ...], Node]] = [((), root)]
    while waiting:
        path, node = waiting.pop()
        if path[-1:] == (CONFIGURATION,) or node.get(DOMAINS):
            yield path, node
            continue
        below = [((*path, key.value), value) for key, value in node.entries]
        below += [((*path, "an array"), item) for item in node.items]
        waiting.extend(reversed(below))


class _Configuration:
    """The map that TrustKit is initialised with."""

    def __init__(self, node: Node, target: str, read: bool = True) -> None:
        self._node = node
        self._target = target
        self._read = read

    def out_of_place(self, path: tuple[str, ...]) -> Iterator[Found]:
        """Yield what stands where TrustKit does not look."""
        where = "inside NSAppTransportSecurity" if path else "at the top level of an Info.plist"
        key, domains = last(self._node, DOMAINS)
        yield Defect(
            "misplaced", key.at,
            f"{DOMAINS} stands {where}: TrustKit reads {CONFIGURATION} at the top level only, so nothing is pinned"
            + ("" if path else " unless code passes the whole Info.plist"),
            f"move it into a dictionary {CONFIGURATION} at the top level",
            tuple(name.value for name, _ in domains.entries), None if path else "warning",
        )  # fmt: skip
        for host, node in domains.entries:
            yield from self._domain(host, node).unread()

    def parse(self) -> Iterator[Found]:
        """Yield what TrustKit is told."""
        if self._node.kind == "map" and not self._node.entries:
            return  # TrustKit passes over an empty configuration
        yield from self._global_keys()
        domains = self._node.get(DOMAINS)
        if domains is None:
            yield from self._without_domains()
        elif domains.kind != "map" or not domains.entries:
            key, _ = last(self._node, DOMAINS)
            yield malformed(key.at, f"{DOMAINS} holds no domain", "add a domain, or remove the configuration")
        else:
            yield from self._domains(domains)

    def _global_keys(self) -> Iterator[Found]:
        for key, node in self._node.entries:
            if key.value in GLOBAL_KEYS or (node.kind == "map" and node.get(HASHES)):
                continue
            if key.value in DOMAIN_KEYS:
                yield misplaced(
                    key.at, f"{key.value} stands beside {DOMAINS}, and TrustKit reads it only inside a domain",
                    "move it into each domain", (), "warning",
                )  # fmt: skip
            elif meant := nearest(key.value, GLOBAL_KEYS, CERTAIN):
                effect = f" and finds no domain: {CRASH}" if meant == DOMAINS else " and ignores it"
                yield misplaced(
                    key.at, f"TrustKit does not know {shown(key.value)}{effect}", f"write {meant}", (),
                    None if meant == DOMAINS else "warning",
                )  # fmt: skip
                for host, below in node.entries if meant == DOMAINS else ():
                    yield from self._domain(host, below).unread()
        if self._node.get(DOMAINS) and truth(self._node.get(SWIZZLE), default=False) is False:
            key, domains = last(self._node, DOMAINS)
            yield Defect(
                "unenforced", key.at,
                f"{SWIZZLE} is not true: TrustKit checks only connections whose delegate calls its validator",
                f"set {SWIZZLE}, or make sure that every delegate calls {VALIDATOR}",
                tuple(name.value for name, _ in domains.entries), "note", unless=VALIDATOR,
            )  # fmt: skip

    def _without_domains(self) -> Iterator[Found]:
        """The shape of TrustKit 1.1 and older, or no shape at all."""
        old = [(key, node) for key, node in self._node.entries if node.kind == "map" and node.get(HASHES)]
        if old:
            yield malformed(
                old[0][0].at,
                f"the domains stand directly in {CONFIGURATION}, where TrustKit 1.1 looked for them; later ones"
                f" look in {DOMAINS}",
                f"move them into a dictionary {DOMAINS}", tuple(key.value for key, _ in old), "warning",
            )  # fmt: skip
            for key, node in old:
                yield from self._domain(key, node).parse()
        elif not any(nearest(key.value, (DOMAINS,), CERTAIN) for key, _ in self._node.entries):
            yield malformed(
                self._node.at,
                f"{CONFIGURATION} has no {DOMAINS}",
                f"add {DOMAINS}, or remove the configuration",
            )

    def _domains(self, domains: Node) -> Iterator[Found]:
        counts = {key.value: key for key, _ in domains.entries}
        parents = parents_of(domains)
        for key, node in domains.entries:
            if counts[key.value] is not key:
                yield malformed(
                    key.at, f"{shown(key.value)} stands here twice, and the last one counts as a rule",
                    "merge the two", (key.value,), "warning", "",
                )  # fmt: skip
                yield from self._domain(key, node).unread()
            elif node.kind != "map":
                yield from bad_name(key)
                yield malformed(
                    key.at, f"{shown(key.value)} is no dictionary", "make it a dictionary", (key.value,)
                )
                yield from self._domain(key, node).unread()
            elif excludes(node):
                yield from bad_name(key)
                yield from exclusion(key, node, parents)
                yield from self._domain(key, node).unread()
            else:
                yield from self._domain(key, node).parse()

    def _domain(self, key: Text, node: Node) -> Domain:
        return Domain(key, node, self._target, self._read)
