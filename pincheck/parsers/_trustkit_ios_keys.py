"""The keys of TrustKit's configuration, how it reads their values, and how findings on them are put."""

import re

from pincheck.model import (
    Declaration,
    Defect,
    Gap,
    HostSyntax,
    Location,
    PinCodec,
    Semantics,
    Severity,
    Text,
)
from pincheck.parsers._info_plist import build_setting
from pincheck.readers.tree import Node

HASHABLE = ("RSA 2048", "RSA 3072", "RSA 4096", "EC P-256", "EC P-384")
"""The keys whose SPKI it can rebuild (``TSKSPKIHashCache.m``; RSA 3072 in newer releases only). Any other that it
meets before a hit, from the root downwards, blocks the connection, report-only or not."""

CRASH = "TrustKit throws when it is initialised, so the app crashes at start"

# Pins are strict base64 of 32 bytes. The host's own entry wins, then the longest parent that includes
# subdomains. Past its date a domain is not pinned, from 00:00 UTC on.
SEMANTICS = Semantics(
    client="TrustKit",
    platform="ios",
    codec=PinCodec(foreign="refused", blanks="refused", padding="required"),
    hosts=HostSyntax(subdomains="any", case_sensitive=True, trims=False),
    refused_pin=CRASH,
    lookup="most-specific",
    compares="path",
    hashable=HASHABLE,
    unhashable="refused",
    expiry="unpinned",
    expiry_zone="utc",
    expiry_format="iso",
    bad_expiry="TrustKit sets no expiration at all",
    minimum_pins=2,
)

REPORTING = SEMANTICS._replace(minimum_pins=1)
"""What it asks for where it does not enforce, or may not."""

MECHANISM = "trustkit-plist"
MECHANISM_IN_CODE = "trustkit-code"

CONFIGURATION = "TSKConfiguration"
DOMAINS = "TSKPinnedDomains"
SWIZZLE = "TSKSwizzleNetworkDelegates"
VALIDATOR = "TSKPinningValidator"
GLOBAL_KEYS = (DOMAINS, SWIZZLE, "TSKIgnorePinningForUserDefinedTrustAnchors")
HASHES = "TSKPublicKeyHashes"
ENFORCE = "TSKEnforcePinning"
INCLUDE = "TSKIncludeSubdomains"
EXPIRES = "TSKExpirationDate"
EXCLUDE = "kSKExcludeSubdomainFromParentPolicy"
DOCUMENTED_EXCLUDE = "TSKExcludeSubdomainFromParentPolicy"
CATCHALL = "TSKCatchallPolicy"
"""What a fork knows in the place of a domain: the policy for all hosts that no other one is for."""
REPORTS = "TSKReportUris"
REPORT_KEYS = (REPORTS, "TSKDisableDefaultReportUri", "TSKPublicKeyAlgorithms")
DOMAIN_KEYS = (HASHES, ENFORCE, INCLUDE, EXPIRES, EXCLUDE, *REPORT_KEYS)

Found = Declaration | Defect | Gap


def truth(node: Node | None, default: bool | None = None) -> bool | None:
    """What Foundation's ``boolValue`` makes of a value; None if a build setting decides."""
    if node is None:
        return default
    if build_setting(node.value):
        return None
    if node.kind == "number":
        return node.value.strip("-0.") != ""
    return bool(re.match(r"\s*[+-]?0*[YyTt1-9]", node.value))


def last(node: Node, name: str) -> tuple[Text, Node]:
    """The key that counts, and its value; only for a key that is there."""
    return next((key, value) for key, value in reversed(node.entries) if key.value == name)


def malformed(
    at: Location, what: str, remedy: str, hosts: tuple[str, ...] = (), severity: Severity | None = None,
    effect: str = CRASH,
) -> Defect:  # fmt: skip
    """A mistake, and what TrustKit then does."""
    return Defect("malformed", at, f"{what}: {effect}" if effect else what, remedy, hosts, severity)


def misplaced(
    at: Location, what: str, remedy: str, hosts: tuple[str, ...], severity: Severity | None = None
) -> Defect:
    """A key where TrustKit does not read it, or one that it does not know."""
    return Defect("misplaced", at, what, remedy, hosts, severity)
