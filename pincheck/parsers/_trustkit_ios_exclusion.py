"""``kSKExcludeSubdomainFromParentPolicy``: a host below a pinned domain that is not pinned.

The constant's value is misspelt in every release of TrustKit up to 3.0.7 (``TSKTrustKitConfig.m``).
"""

from collections.abc import Iterator

from pincheck.model import Defect, Text
from pincheck.parsers._info_plist import build_setting, shown
from pincheck.parsers._trustkit_ios_keys import EXCLUDE, HASHES, INCLUDE, malformed, truth
from pincheck.readers.tree import Node


def excludes(node: Node) -> bool:
    """Tell whether an entry is an exclusion; where a build setting decides, one without pins is."""
    excluded = truth(node.get(EXCLUDE), default=False)
    return bool(excluded) or (excluded is None and node.get(HASHES) is None)


def exclusion(key: Text, node: Node, parents: set[str] | None) -> Iterator[Defect]:
    """Yield what TrustKit refuses in such an entry. ``parents`` is what ``parents_of`` gives."""
    names = (key.value,)
    if build_setting(key.value):
        return
    others = [name for name, _ in node.entries if name.value != EXCLUDE]
    if others:
        yield malformed(
            others[0].at, f"{shown(key.value)} has {shown(others[0].value)} beside {EXCLUDE}",
            f"remove one of the two: {EXCLUDE} must stand alone", names,
        )  # fmt: skip
    if parents is not None and not parents & _above(key.value):
        yield malformed(
            key.at, f"{shown(key.value)} is excluded, but no domain above it has {INCLUDE}",
            "remove the entry, or include subdomains in its parent", names,
        )  # fmt: skip


def parents_of(domains: Node) -> set[str] | None:
    """The names that include, or may include, their subdomains; None if a build setting is one of them."""
    names = {
        key.value for key, policy in domains.entries if truth(policy.get(INCLUDE), default=False) is not False
    }
    return None if any(map(build_setting, names)) else names


def _above(name: str) -> set[str]:
    """The names above one. What is too long for a name has none."""
    labels = name[:128].split(".")
    return {".".join(labels[start:]) for start in range(1, len(labels))}
