"""Broken and hostile files: listed or found, never fatal, and nothing else is lost because of them."""

import json
import plistlib
import resource
import subprocess
import sys

import pace
import pytest
import trees
from scanning import KEY_A

GOOD = "good/res/xml/network_security_config.xml"
NSC = (
    "<network-security-config><domain-config><domain>shop.example</domain>"
    f'<pin-set expiration="2027-09-01"><pin digest="SHA-256">{KEY_A}</pin></pin-set>'
    "</domain-config></network-security-config>"
)
MB5 = 5 * 1024 * 1024 - 1000
PLIST_START = "<plist><dict><key>NSAppTransportSecurity</key><dict><key>NSPinnedDomains</key>"
WULTRA = '{"fingerprints":[{"name":"shop.example","fingerprint":"' + KEY_A + '","expires":1893456000}'
BOMB = (
    "<!DOCTYPE a [<!ENTITY a 'aaaaaaaaaa'>"
    + "".join(f"<!ENTITY a{n} '&a{n - 1 or ''};&a{n - 1 or ''};'>" for n in range(1, 40))
    + "]>"
)
ALIASES = "a0: &a0 [NSPinnedDomains]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)
)
BINARY = plistlib.dumps(
    {"NSAppTransportSecurity": {"NSPinnedDomains": {"shop.example": {}}}}, fmt=plistlib.FMT_BINARY
)

HOSTILE = {
    "entity bomb": ("nsc.xml", BOMB + "<network-security-config>&a39;</network-security-config>"),
    "external entity": (
        "nsc.xml", "<!DOCTYPE a [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><network-security-config>&a;</network-security-config>",
    ),
    "external entity in a plist": (
        "Info.plist", "<!DOCTYPE a [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><plist><string>NSPinnedDomains &a;</string></plist>",
    ),
    "deep XML": ("nsc.xml", "<network-security-config>" + "<domain-config>" * 10_000),
    "deep plist": ("Info.plist", PLIST_START + "<dict><key>a</key>" * 10_000),
    "deep old-style plist": ("Info.plist", "{NSPinnedDomains = " + "(" * 100_000),
    "deep JSON": ("ssl_config.json", '{"sha256Keys":' + "[" * 100_000),
    "deep YAML": ("project.yml", "NSPinnedDomains: " + "[" * 100_000),
    "deep YAML maps": ("project.yml", "NSPinnedDomains: " + "{a: " * 50_000),
    "aliases": ("project.yml", ALIASES),
    "a YAML tag": ("project.yml", "NSPinnedDomains: !!python/object/apply:os.system ['touch owned']"),
    "truncated plist": ("Info.plist", PLIST_START + "<dict><key>shop.example"),
    "truncated binary plist": ("Info.plist", BINARY[:-20]),
    "binary plist with wild offsets": ("Info.plist", BINARY[:-8] + b"\xff" * 8),
    "wrong encoding": ("nsc.xml", b'<?xml version="1.0" encoding="utf-8"?><network-security-config>\xff\xfe\xfd'),
    "half UTF-16": ("nsc.xml", ("\ufeff" + NSC).encode("utf-16-le")[:-3]),
    "UTF-16 without end": ("nsc.xml", ("\ufeff" + NSC).encode("utf-16-le")[:-40]),
    "lone surrogate in JSON": ("ssl_config.json", '{"sha256Keys":{"\\ud800.example":["sha256/\\udc00"]}}'),
    "NUL in JSON": ("ssl_config.json", '{"sha256Keys":{"a\\u0000b":["sha256/\x00"]}}'),
    "one line of 5 MB, XML": (
        "nsc.xml",
        "<network-security-config><domain-config><domain>a.example</domain><pin-set>"
        + f'<pin digest="SHA-256">é{KEY_A}</pin>' * (MB5 // 90)
        + "</pin-set></domain-config></network-security-config>",
    ),
    "many hosts": (
        "nsc.xml",
        "<network-security-config><domain-config>"
        + "".join(f"<domain>h{n}.example</domain>" for n in range(60_000))
        + f'<pin-set><pin digest="SHA-256">{KEY_A}</pin></pin-set></domain-config></network-security-config>',
    ),
    "many declarations": (
        "nsc.xml",
        "<network-security-config>"
        + "".join(
            f'<domain-config><domain>h{n}.example</domain><pin-set><pin digest="SHA-256">{KEY_A}</pin></pin-set></domain-config>'
            for n in range(10_000)
        )
        + "</network-security-config>",
    ),
    "one line of 5 MB, JSON": ("ssl_config.json", '{"sha256Keys":{"a.example":[' + '"sha256/x",' * (MB5 // 12) + '""]}}'),
    "one line of 5 MB, fingerprints": ("pins.json", '{"fingerprints":[' + '{"fingerprint": "é"},' * (MB5 // 23) + "{}]}"),
    "one line of 5 MB, plist": ("Info.plist", PLIST_START + "<dict>" + "<key>é</key><dict/>" * (MB5 // 21) + "</dict></dict></dict></plist>"),
    "one line of 5 MB, YAML": ("project.yml", "NSPinnedDomains: [" + "a, " * (MB5 // 3) + "]"),
    "one line of 5 MB of letters": ("nsc.xml", "network-security-config" + "x" * MB5),
    "5 MB of key headers": ("keys.txt", "-----BEGIN PRIVATE KEY-----" * (MB5 // 27)),
    "5 MB of suppressions": ("nsc.xml", "<network-security-config/>" + "<!-- pincheck: ignore[a] -->\n" * (MB5 // 29)),
    "a manifest of attributes": ("AndroidManifest.xml", "<manifest " + " ".join(f"a{n}='1'" for n in range(100_000)) + "/>"),
    "a certificate of nothing": ("res/raw/a.pem", "-----BEGIN CERTIFICATE-----" + "A" * 1_000_000),
    "unfinished fingerprints": ("pins.json", WULTRA),
}  # fmt: skip


HARMLESS = {
    "a YAML tag": "it stands where XcodeGen reads nothing",
    "5 MB of key headers": "no key follows",
    "a manifest of attributes": "a manifest that names no file",
    "a certificate of nothing": "nothing refers to it",
}
"""Cases in which nothing is left to say, and why; every other is found or listed as not checked."""


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_file_loses_nothing_else(case, tmp_path):
    name, content = HOSTILE[case]
    root = trees.repository(tmp_path / "r", {f"bad/{name}": content, GOOD: NSC})
    start = processor_seconds()
    done = subprocess.run(
        [sys.executable, "-m", "pincheck", "check", "--format", "json", "--today", "2026-11-23"],
        cwd=root, capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    seconds = processor_seconds() - start
    assert b"Traceback" not in done.stderr
    assert done.returncode == 1
    document = json.loads(done.stdout)
    findings = document["findings"]
    assert any(one["rule"] == "missing-backup-pin" and one["path"] == GOOD for one in findings)
    told = {one["path"] for one in findings} | {one["what"].split(":")[0] for one in document["not_checked"]}
    assert (f"bad/{name}" in told) == (case not in HARMLESS)
    assert b"root:" not in done.stdout
    assert not (root / "owned").exists()
    assert seconds < pace.allowed(6), "two seconds a file on a quiet machine; this one may be busy"


def processor_seconds() -> float:
    """What the programs run so far took of the processor: it grows little where others work too."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_all_of_them_together(tmp_path):
    files = {
        f"{number}/{name}": content
        for number, (name, content) in enumerate(HOSTILE.values())
        if len(content) < 400_000
    }
    root = trees.repository(tmp_path / "r", {**files, GOOD: NSC})
    for style in ("terminal", "github", "markdown", "sarif"):
        done = subprocess.run(
            [sys.executable, "-m", "pincheck", "check", "--format", style],
            cwd=root,
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stderr) == (1, b"")
        assert b"shop.example" in done.stdout
