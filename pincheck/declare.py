"""Hosts and their pins -> lines that are ready for a declaration, one function per format.

The shapes are those that the parsers of the same formats read, with the sources named there.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from pincheck.model import Pin

HOST = "HOST"
"""Stands where no host is known."""


class Entry(NamedTuple):
    """A key, or the certificate that is pinned in its place."""

    role: Literal["leaf", "intermediate", "anchor"]
    pin: Pin
    """Of the SPKI, SHA-256."""
    certificate: bytes = b""
    """SHA-256 of the whole certificate; empty where there is none."""
    not_after: datetime | None = None


class Host(NamedTuple):
    """A host and what is to be pinned for it."""

    name: str
    """Empty where it is not known."""
    entries: tuple[Entry, ...]

    @property
    def shown(self) -> str:
        """The name, or the placeholder for it."""
        return self.name or HOST


class Format(NamedTuple):
    """A way to declare pins."""

    name: str
    write: Callable[[Sequence[Host]], str]
    """Lines for hosts that are all different, each with entries whose pins are."""
    hashes_certificate: bool = False
    """It knows certificate hashes only."""
    leaf_only: bool = False
    """Its client compares the leaf alone, so the pin of a CA never matches."""
    least: int = 1
    """How many pins its client wants for a host."""


def notes(form: Format, hosts: Sequence[Host]) -> tuple[str, ...]:
    """What the user has to know about the lines of a format for these hosts."""
    found = []
    if any(not host.name for host in hosts):
        found.append(f"no host is known: write its name for {HOST}")
    if form.name == "ios-ats" and any(
        len({each.role == "leaf" for each in host.entries}) > 1 for host in hosts
    ):
        found.append(
            "iOS wants a match in each of the two lists: keep one of them, or add the pin of a spare key to both"
        )
    if form.name == "wultra":
        found.append("sign each entry: SIGNATURE stands for the signature")
    for host in hosts:
        if len(host.entries) < form.least:
            found.append(
                f"{host.shown} has one pin, and the client refuses fewer than {form.least}: add a spare"
            )
        elif len(host.entries) == 1:
            found.append(f"{host.shown} has one pin: add that of a spare key, or a new key locks users out")
    return tuple(found)


# Android -----------------------------------------------------------------------


def _android_nsc(hosts: Sequence[Host]) -> str:
    configs = "".join(_domain_config(host) for host in hosts)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f"<network-security-config>\n{configs}</network-security-config>\n"
    )


def _domain_config(host: Host) -> str:
    pins = "".join(
        f'            <pin digest="SHA-256">{each.pin.base64}</pin> <!-- {each.role} -->\n'
        for each in host.entries
    )
    return (
        f"    <domain-config>\n        <domain>{_xml(host.shown)}</domain>\n"
        f"        <pin-set>\n{pins}        </pin-set>\n    </domain-config>\n"
    )


def _pinner(hosts: Sequence[Host]) -> str:
    """The calls that fill a ``CertificatePinner`` of OkHttp, or of Ktor for Apple's systems."""
    return "".join(
        f'    .add({_kotlin(host.shown)}, "sha256/{each.pin.base64}") // {each.role}\n'
        for host in hosts
        for each in host.entries
    )


def _okhttp(hosts: Sequence[Host]) -> str:
    return (
        "import okhttp3.CertificatePinner\nimport okhttp3.OkHttpClient\n\n"
        f"val certificatePinner = CertificatePinner.Builder()\n{_pinner(hosts)}    .build()\n"
        "val client = OkHttpClient.Builder().certificatePinner(certificatePinner).build()\n"
    )


def _okhttp_java(hosts: Sequence[Host]) -> str:
    added = "".join(
        f'            .add({_c(host.shown)}, "sha256/{each.pin.base64}") // {each.role}\n'
        for host in hosts
        for each in host.entries
    )
    return (
        "import okhttp3.CertificatePinner;\nimport okhttp3.OkHttpClient;\n\n"
        f"class Pinned {{\n    static final CertificatePinner PINNER = new CertificatePinner.Builder()\n{added}"
        "            .build();\n"
        "    static final OkHttpClient CLIENT ="
        " new OkHttpClient.Builder().certificatePinner(PINNER).build();\n}\n"
    )


# Apple's systems ---------------------------------------------------------------


def _ios_ats(hosts: Sequence[Host]) -> str:
    domains = "".join(_pinned_domain(host) for host in hosts)
    return (
        "<key>NSAppTransportSecurity</key>\n<dict>\n    <key>NSPinnedDomains</key>\n    <dict>\n"
        f"{domains}    </dict>\n</dict>\n"
    )


def _pinned_domain(host: Host) -> str:
    leaves = [each for each in host.entries if each.role == "leaf"]
    authorities = [each for each in host.entries if each.role != "leaf"]
    lists = _identities("NSPinnedLeafIdentities", leaves) + _identities("NSPinnedCAIdentities", authorities)
    return f"        <key>{_xml(host.shown)}</key>\n        <dict>\n{lists}        </dict>\n"


def _identities(key: str, entries: Sequence[Entry]) -> str:
    pins = "".join(
        "                <dict>\n                    <key>SPKI-SHA256-BASE64</key>\n"
        f"                    <string>{each.pin.base64}</string> <!-- {each.role} -->\n"
        "                </dict>\n"
        for each in entries
    )
    listed = f"            <key>{key}</key>\n            <array>\n{pins}            </array>\n"
    return listed if pins else ""


def _trustkit(hosts: Sequence[Host]) -> str:
    domains = "".join(_trustkit_domain(host) for host in hosts)
    return (
        "<key>TSKConfiguration</key>\n<dict>\n    <key>TSKSwizzleNetworkDelegates</key>\n    <true/>\n"
        f"    <key>TSKPinnedDomains</key>\n    <dict>\n{domains}    </dict>\n</dict>\n"
    )


def _trustkit_domain(host: Host) -> str:
    pins = "".join(
        f"                <string>{each.pin.base64}</string> <!-- {each.role} -->\n" for each in host.entries
    )
    return (
        f"        <key>{_xml(host.shown)}</key>\n        <dict>\n"
        "            <key>TSKEnforcePinning</key>\n            <true/>\n"
        f"            <key>TSKPublicKeyHashes</key>\n            <array>\n{pins}            </array>\n"
        "        </dict>\n"
    )


def _trustkit_swift(hosts: Sequence[Host]) -> str:
    domains = "".join(
        f"        {_swift(host.shown)}: [\n            kTSKEnforcePinning: true,\n"
        f"            kTSKPublicKeyHashes: [\n{_listed(host, '                ', chr(34))}            ],\n        ],\n"
        for host in hosts
    )
    return (
        "import TrustKit\n\nlet configuration: [String: Any] = [\n    kTSKSwizzleNetworkDelegates: true,\n"
        f"    kTSKPinnedDomains: [\n{domains}    ],\n]\n"
        "TrustKit.initSharedInstance(withConfiguration: configuration)\n"
    )


def _ktor_darwin(hosts: Sequence[Host]) -> str:
    return (
        "import io.ktor.client.HttpClient\nimport io.ktor.client.engine.darwin.Darwin\n"
        "import io.ktor.client.engine.darwin.certificates.CertificatePinner\n\n"
        f"val certificatePinner = CertificatePinner.Builder()\n{_pinner(hosts)}    .build()\n"
        "val client = HttpClient(Darwin) { engine { handleChallenge(certificatePinner) } }\n"
    )


# JavaScript --------------------------------------------------------------------


def _rn_public_key(hosts: Sequence[Host]) -> str:
    domains = "".join(
        f"  {_script(host.shown)}: {{\n    includeSubdomains: false,\n"
        f"    publicKeyHashes: [\n{_listed(host, '      ', chr(39))}    ],\n  }},\n"
        for host in hosts
    )
    return (
        "import { initializeSslPinning } from 'react-native-ssl-public-key-pinning';\n\n"
        f"await initializeSslPinning({{\n{domains}}});\n"
    )


def _rn_ssl_pinning(hosts: Sequence[Host]) -> str:
    requests = "".join(
        f"\nawait fetch({_script(_url(host))}, {{\n  method: 'GET',\n  pkPinning: true,\n  sslPinning: {{\n"
        f"    certs: [\n{_listed(host, '      ', chr(39), 'sha256/')}    ],\n  }},\n}});\n"
        for host in hosts
    )
    return "import { fetch } from 'react-native-ssl-pinning';\n" + requests


def _expo(hosts: Sequence[Host]) -> str:
    pinned = {host.shown: [each.pin.base64 for each in host.entries] for host in hosts}
    plugin = ["@bam.tech/react-native-app-security", {"sslPinning": pinned}]
    return json.dumps({"expo": {"plugins": [plugin]}}, indent=2) + "\n"


# the others --------------------------------------------------------------------


def _libcurl(hosts: Sequence[Host]) -> str:
    return "#include <curl/curl.h>\n" + "".join(
        f"\nstatic void pin_{number}(CURL *curl)\n{{\n"
        f"    curl_easy_setopt(curl, CURLOPT_URL, {_c(_url(host))});\n"
        f"    curl_easy_setopt(curl, CURLOPT_PINNEDPUBLICKEY,\n{_curl_pins(host)});\n}}\n"
        for number, host in enumerate(hosts, 1)
    )


def _curl_pins(host: Host) -> str:
    last = len(host.entries) - 1
    return "\n".join(
        f'        "sha256//{each.pin.base64}{";" if number < last else ""}"'
        for number, each in enumerate(host.entries)
    )


def _wultra(hosts: Sequence[Host]) -> str:
    from binascii import b2a_base64

    listed = [
        {
            "name": host.shown,
            "fingerprint": b2a_base64(each.certificate, newline=False).decode("ascii"),
            "expires": int(each.not_after.timestamp()) if each.not_after else 0,
            "signature": "SIGNATURE",
        }
        for host in hosts
        for each in host.entries
    ]
    return json.dumps({"fingerprints": listed}, indent=2) + "\n"


def _flutter(hosts: Sequence[Host]) -> str:
    checks = "".join(
        f"  await HttpCertificatePinning.check(\n    serverURL: {_kotlin(_url(host), chr(39))},\n"
        f"    sha: SHA.SHA256,\n    allowedSHAFingerprints: [\n{_fingerprints(host)}    ],\n    timeout: 60,\n  );\n"
        for host in hosts
    )
    return (
        "import 'package:http_certificate_pinning/http_certificate_pinning.dart';\n\n"
        f"Future<void> checkCertificates() async {{\n{checks}}}\n"
    )


def _fingerprints(host: Host) -> str:
    return "".join(f"      '{each.certificate.hex(':').upper()}',\n" for each in host.entries)


def _dotnet(hosts: Sequence[Host]) -> str:
    return (
        "using System;\nusing System.Linq;\nusing System.Net.Http;\nusing System.Net.Security;\n"
        "using System.Security.Cryptography;\n"
    ) + "".join(_dotnet_client(host, number) for number, host in enumerate(hosts, 1))


def _dotnet_client(host: Host, number: int) -> str:
    pins = "".join(f'        "{each.pin.digest.hex().upper()}", // {each.role}\n' for each in host.entries)
    name = f"[{host.shown}]" if ":" in host.shown else host.shown
    return (
        f"\nstatic class Pinned{number}\n{{\n    const string Host = {_c(name)};\n"
        f"    static readonly string[] Pins =\n    {{\n{pins}    }};\n\n"
        "    public static HttpClient Client() => new HttpClient(new HttpClientHandler\n    {\n"
        "        ServerCertificateCustomValidationCallback = (message, certificate, chain, errors) =>\n"
        "            errors == SslPolicyErrors.None && Pins.Contains(Convert.ToHexString(\n"
        "                SHA256.HashData(certificate!.PublicKey.ExportSubjectPublicKeyInfo())))\n"
        '    })\n    { BaseAddress = new Uri("https://" + Host + "/") };\n}\n'
    )


def _pincheck(hosts: Sequence[Host]) -> str:
    stated = "".join(
        f"  {json.dumps(host.shown)}:\n    pins:\n"
        + "".join(f'      - "{each.pin.base64}" # {each.role}\n' for each in host.entries)
        for host in hosts
    )
    return f"version: 1\nhosts:\n{stated}"


# texts -------------------------------------------------------------------------


def _url(host: Host) -> str:
    name = host.shown
    return f"https://[{name}]/" if ":" in name else f"https://{name}/"


def _listed(host: Host, indent: str, quote: str, prefix: str = "") -> str:
    return "".join(
        f"{indent}{quote}{prefix}{each.pin.base64}{quote}, // {each.role}\n" for each in host.entries
    )


def _xml(text: str) -> str:
    """XML text; what XML 1.0 cannot hold is left out."""
    kept = "".join(character for character in text if character.isprintable())
    return kept.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _c(text: str) -> str:
    """A text in C, C# and Java, in double quotes."""
    return '"' + "".join(_escaped(text, '"')) + '"'


def _script(text: str) -> str:
    """A text in JavaScript."""
    return "'" + "".join(_escaped(text, "'")) + "'"


def _kotlin(text: str, quote: str = '"') -> str:
    """A text in Kotlin, or with single quotes in Dart: ``$`` begins a template in both."""
    return quote + "".join(_escaped(text, quote + "$")) + quote


def _swift(text: str) -> str:
    r"""A text in Swift, where ``\(`` begins a template and Unicode escapes have braces."""
    return '"' + "".join(_escaped(text, '"', "\\u{{{:x}}}")) + '"'


def _escaped(text: str, special: str, unicode: str = "\\u{:04x}") -> Iterator[str]:
    for character in text:
        if character in special or character == "\\":
            yield "\\" + character
        elif character.isprintable():
            yield character
        else:
            yield unicode.format(ord(character))


FORMATS = {
    each.name: each
    for each in (
        Format("android-nsc", _android_nsc),
        Format("okhttp", _okhttp),
        Format("okhttp-java", _okhttp_java),
        Format("ios-ats", _ios_ats),
        Format("trustkit", _trustkit, least=2),
        Format("trustkit-swift", _trustkit_swift, least=2),
        Format("rn-ssl-public-key-pinning", _rn_public_key),
        Format("rn-ssl-pinning", _rn_ssl_pinning),
        Format("ktor-darwin", _ktor_darwin),
        Format("expo", _expo, least=2),
        Format("libcurl", _libcurl, leaf_only=True),
        Format("wultra", _wultra, True, True),
        Format("flutter", _flutter, True, True),
        Format("dotnet", _dotnet, leaf_only=True),
        Format("pincheck", _pincheck),
    )
}
"""By the word for ``--as``."""
