"""react-native-cert-pinner: ``pinset.json``, from which it generates an Android class and TrustKit's keys.

Source: approov/react-native-cert-pinner, ``cli/cmds/gen.js`` and ``CertPinnerPackage.java``: each pin is
written with ``sha256/``; a domain may start with ``*.``. Without the generated class Android runs unpinned.
"""

from collections.abc import Iterator

from pincheck.model import Declaration, DeclaredHost, HostSyntax, PinCodec, Semantics, SourceFile
from pincheck.parsers._trustkit_ios_keys import HASHABLE
from pincheck.readers import json_text
from pincheck.registry import parser

SEMANTICS = Semantics(
    client="react-native-cert-pinner",
    platform="any",
    codec=PinCodec(prefix="required"),
    hosts=HostSyntax(wildcards=("*.",), trims=False),
    refused_pin="its generator refuses the file",
    lookup="union",
    hashable=HASHABLE,
    unhashable="refused",
    minimum_pins=2,
)


@parser(files=("pinset.json", "pinset.*.json"), markers=(b'"domains"',))
def parse(source: SourceFile) -> Iterator[Declaration]:
    """Yield the pins of every domain."""
    domains = json_text.read(source).get("domains")
    for host, value in domains.entries if domains else ():
        pins = value.get("pins")
        found = tuple(item.text for item in pins.items if item.kind == "text") if pins else ()
        if found:
            yield Declaration(
                "rn-cert-pinner", host.at, (DeclaredHost(host.value, host.at),), found, SEMANTICS
            )
