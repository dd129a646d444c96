"""react-native-ssl-manager: the configuration as an object of code.

Sources: huytdps13400/react-native-ssl-manager, README: ``initializeSslPinning`` of version 1 and
``setSSLConfig`` of version 2 take what ``ssl_config.json`` holds; react-native-use-ssl-pinning is its
older name. What holds for the file holds for the object.
"""

from collections.abc import Iterator

from pincheck.model import Declaration, Defect, Gap, Parsed, SourceFile
from pincheck.parsers import _script, rn_ssl_manager
from pincheck.parsers._followed import texts
from pincheck.readers.sought import Followed, Sought
from pincheck.readers.tree import Node, why_computed
from pincheck.registry import parser

MECHANISM = "rn-ssl-manager"


@parser(files=_script.FILES, markers=(b"sha256Keys",))
def parse(source: SourceFile) -> Iterator[Sought]:
    """Yield every object that has ``sha256Keys``."""
    module = _script.read(source)
    for each in _script.objects(module) if module is not None else ():
        if module is not None and each.get("sha256Keys") is not None:
            yield Sought(each.entries.at, MECHANISM, module, each.frame, (each.entries,), _read)


def _read(followed: Followed) -> Iterator[Parsed]:
    root = followed.values[0]
    context = _script.build(followed)
    keys = root.get("sha256Keys")
    if keys is None or keys.kind == "unknown":
        reason = keys.value if keys is not None else "it is computed"
        yield Gap(MECHANISM, root.at, f"sha256Keys cannot be followed: {reason}", context=context)
        return
    for host, pins in keys.entries:
        lost = [f"the pin cannot be followed: {each.value}" for each in texts(pins).lost]
        if reason := why_computed(host.value):
            lost = [f"the host cannot be followed: {reason}"]
        for each in lost:
            yield Gap(MECHANISM, host.at, each, () if reason else (host.value,), context=context)
    for item in rn_ssl_manager.configuration(_known(root, keys)):
        if isinstance(item, Declaration | Defect) and context:
            item = item._replace(context=context)
        yield item


def _known(root: Node, keys: Node) -> Node:
    """The configuration without hosts that could not be followed, or whose pins could not, but for the pins known."""
    kept = []
    for host, pins in keys.entries:
        found = texts(pins)
        if why_computed(host.value):
            continue
        if not found.lost:
            kept.append((host, pins))
        elif len(found.found) > 1:
            kept.append((host, pins._replace(items=tuple(n for n in pins.items if n.kind != "unknown"))))
    entries = {"sha256Keys": keys._replace(entries=tuple(kept))}
    domains = root.get("domains")
    if domains is not None and any(why_computed(name.value) for name, _ in (*keys.entries, *domains.entries)):
        pinned = {host.value for host, _ in kept}
        known = tuple((name, value) for name, value in domains.entries if name.value in pinned)
        entries["domains"] = domains._replace(entries=known)
    return root._replace(entries=tuple((key, entries.get(key.value, value)) for key, value in root.entries))
