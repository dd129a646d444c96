"""What TrustKit-Android makes of ``<trustkit-config>`` beside a pin set.

Source: datatheorem/TrustKit-Android, ``config/TrustKitConfigurationParser.java``,
``config/DomainPinningPolicy.java``, ``pinning/PinningTrustManager.java``.
"""

import re
from collections.abc import Iterator

from pincheck.model import Defect, Severity
from pincheck.readers.xml import Element

_CRASH = "TrustKit throws when it is initialised, so the app crashes at start"
_HALF: Severity = "warning"
"""The severity of what TrustKit alone does not enforce: from Android 7 on the platform itself holds to the pins."""
_ADDRESS = r"[\d.]+|\[?[0-9a-fA-F:]+\]?"


def defects(pin_set: Element, configs: list[tuple[Element, list[Element]]]) -> Iterator[Defect]:
    """Yield what TrustKit refuses, ignores or does not enforce.

    ``configs`` are the ``trustkit-config`` and the domains of each ``domain-config`` that shares the
    pin set; a child's own ``trustkit-config`` without the attribute does not enforce.
    """
    enforced: list[str] = []
    for trustkit, domains in configs:
        hosts = tuple(domain.text.value for domain in domains)
        if trustkit.attributes.get("enforcePinning", "").lower() == "true":
            enforced += hosts
        elif domains:
            yield Defect(
                "unenforced", trustkit.at,
                "enforcePinning is not true: TrustKit's own clients let pin failures through; only Android itself, from"
                " version 7 on, refuses them in all others",
                'set enforcePinning="true"', hosts, _HALF,
            )  # fmt: skip
        yield from _names(domains)
    if configs:
        yield from _pins(pin_set, bool(enforced), tuple(enforced))


def _names(domains: list[Element]) -> Iterator[Defect]:
    for ignored in domains[:-1]:
        yield Defect(
            "unenforced", ignored.at,
            f"TrustKit keeps only the last <domain> of a domain-config ({domains[-1].text.value}) and does not know"
            " this one, which only Android itself pins, from version 7 on",
            "give it a <domain-config> of its own", (ignored.text.value,), _HALF,
        )  # fmt: skip
    for domain in domains[-1:]:
        name = domain.text.value
        if re.fullmatch(_ADDRESS, name) or "." not in name:
            yield Defect("malformed", domain.text.at, f"{name} is no domain name: {_CRASH}", "", (name,))


def _pins(pin_set: Element, enforced: bool, hosts: tuple[str, ...]) -> Iterator[Defect]:
    pins = pin_set.named("pin")
    if enforced and len({pin.text.value for pin in pins}) < 2:
        yield Defect(
            "malformed",
            pin_set.at,
            f"fewer than two pins with enforcePinning: {_CRASH}",
            "add a backup pin",
            hosts,
        )
    for pin in pins:
        digest = pin.attribute("digest")
        if digest and digest.value != "SHA-256" and digest.value.upper() == "SHA-256":
            yield Defect(
                "malformed", digest.at, f'digest="{digest.value}", TrustKit takes SHA-256 only: {_CRASH}',
                'write digest="SHA-256"', hosts,
            )  # fmt: skip
