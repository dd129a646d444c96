"""Outages that happened, played again: a repository and its hosts as they were before, and a healthy twin.

Chains are of a small world of our own, as ``tests/served.py`` writes them; where whose key a pin is of matters,
the pins are those of the real CAs.
"""

from datetime import date
from typing import NamedTuple

from served import pin_number

LEAF, ISSUING, ROOT, SPARE, NEW_LEAF, NEW_ISSUING, NEW_ROOT = (pin_number(number) for number in range(1, 8))
HOST = "api.shop.example"
R3, X1 = "jQJTbIh0grw0/1TkHSumWb+Fs0Ggogr621gT3PvPKG0=", "C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M="
DST_X3 = "Vjs8r4z+80wjNcr1YKepWQboSIRi63WsWXhIMN+eWys="
AMAZON_M01, AMAZON_1 = (
    "DxH4tt40L+eduF6szpY6TONlxhZhBd+pJ9wbHlQ2fuw=",
    "++MBgDH5WGvL9Bcn5Be30cRcL0f5O+NyoXuWtQdX1aI=",
)
BALTIMORE, DIGICERT_G2 = (
    "Y9mvm0exBk1JoQ57f9Vm28jKo5lFm/woKcVxrYxu80o=",
    "i7WTqTvh0OioIruIfFR4kMPnBqrS2rdiVPl/s2uC/CY=",
)
DIGICERT, GTS_R4 = (
    "r/mIkG3eEpVdm+u/ko/cwxzOMo1bk4TyHIlByibiA5E=",
    "mEflZT5enoR1FuXLgYYGqnVEoZvmf9c2bVBpiOjYQ0c=",
)
EMPTY = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
NSC = "app/src/main/res/xml/network_security_config.xml"
PLIST = "ios/Shop/Info.plist"


class Play(NamedTuple):
    """A repository, and what its hosts serve, as blocks of ``served.py``."""

    files: dict[str, str]
    hosts: dict[str, str] = {}  # noqa: RUF012 - never changed


class Scenario(NamedTuple):
    """One outage: what a run on the day before would have said."""

    name: str
    what: str
    """What happened, in a sentence."""
    source: str
    day: date
    """Of the run, before the outage."""
    before: Play
    rules: tuple[str, ...]
    """The rules that would have prevented it, all of which have to speak."""
    healthy: Play


def nsc(*pins: str, host: str = HOST, expires: date) -> dict[str, str]:
    """A network security config for one host."""
    body = "".join(f'<pin digest="SHA-256">{pin}</pin>\n' for pin in pins)
    return {
        NSC: f"<network-security-config><domain-config>\n<domain>{host}</domain>\n"
        f'<pin-set expiration="{expires}">\n{body}</pin-set></domain-config></network-security-config>\n'
    }


def okhttp(*pins: str, host: str = HOST) -> dict[str, str]:
    """A pinner in Kotlin that a client uses."""
    listed = ", ".join(f'"sha256/{pin}"' for pin in pins)
    return {
        "app/src/main/kotlin/Api.kt": "import okhttp3.CertificatePinner\nimport okhttp3.OkHttpClient\n"
        f'val pinner = CertificatePinner.Builder().add("{host}", {listed}).build()\n'
        "val client = OkHttpClient.Builder().certificatePinner(pinner).build()\n"
    }


def ats(*pins: str, host: str = HOST) -> dict[str, str]:
    """CA identities of App Transport Security."""
    listed = "".join(f"<dict><key>SPKI-SHA256-BASE64</key><string>{pin}</string></dict>\n" for pin in pins)
    return {
        PLIST: "<plist version='1.0'><dict><key>NSAppTransportSecurity</key><dict><key>NSPinnedDomains</key><dict>\n"
        f"<key>{host}</key><dict><key>NSPinnedCAIdentities</key><array>\n{listed}</array></dict></dict></dict></dict></plist>\n"
    }


def chain(
    leaf: str = LEAF,
    issuing: str = ISSUING,
    root: str = ROOT,
    until: str = "2028-02-01",
    ca_until: str = "2031-06-01",
    address: str = "203.0.113.7",
    ca_name: str = "Example Issuing CA",
    root_tail: str = ", not sent",
    host: str = HOST,
) -> dict[str, str]:
    """What a host serves."""
    return {
        f"{host} at {address} serves": f"leaf  {leaf}  until {until}  {host}\n"
        f"CA    {issuing}  until {ca_until}  {ca_name}\n"
        f"root  {root}  until 2040-01-01  Example Root{root_tail}\n"
    }


D = date
SPARE_KNOWN = {
    ".pincheck.yml": "version: 1\nhosts:\n"
    f"  {HOST}: {{pins: [{{pin: {LEAF}, role: current}}, {{pin: {SPARE}, role: backup, key: offline, owner: platform}}]}}\n"
}
"""A healthy team says whose key the spare pin is of."""

SCENARIOS: tuple[Scenario, ...] = (
    Scenario(
        "rotated-intermediate",
        "A leaf and an intermediate were pinned; within weeks one provider moved to another CA and another to its next"
        " intermediate, twice locking users out.",
        "https://github.com/Expensify/App/pull/96722",
        D(2026, 6, 20),
        Play(nsc(AMAZON_M01, R3, expires=D(2027, 3, 1))),
        ("rotating-ca-pin",),
        Play(nsc(AMAZON_1, GTS_R4, expires=D(2027, 3, 1))),
    ),
    Scenario(
        "second-app-forgotten",
        "The pins of one app were mended, those of the other not.",
        "https://github.com/Expensify/App/pull/96722",
        D(2026, 7, 10),
        Play({**nsc(AMAZON_1, GTS_R4, expires=D(2027, 3, 1)), **ats(AMAZON_1, DIGICERT_G2)}),
        ("platform-drift",),
        Play({**nsc(AMAZON_1, GTS_R4, expires=D(2027, 3, 1)), **ats(AMAZON_1, GTS_R4)}),
    ),
    Scenario(
        "roots-of-some-devices",
        "Root pins held on devices of one age only, as each builds the path that its own store allows.",
        "https://github.com/brave/brave-browser/issues/52059",
        D(2026, 1, 10),
        Play(nsc(ROOT, SPARE, expires=D(2026, 11, 1)), chain(root_tail=", not sent, trusted from Android 14 on")),
        ("device-dependent-match",),
        Play({**nsc(LEAF, SPARE, expires=D(2026, 11, 1)), **SPARE_KNOWN}, chain()),
    ),
    Scenario(
        "replaced-intermediate",
        "A CA replaced the intermediate that was pinned alone with its leaf.",
        "https://github.com/SwissCovid/swisscovid-app-ios/pull/383",
        D(2021, 1, 10),
        Play(nsc(LEAF, ISSUING, expires=D(2021, 12, 1)), chain(until="2021-12-01", ca_until="2030-06-01")),
        ("backup-pin-in-chain",),
        Play({**nsc(LEAF, SPARE, expires=D(2021, 12, 1)), **SPARE_KNOWN}, chain(until="2021-12-01", ca_until="2030-06-01")),
    ),
    Scenario(
        "root-at-its-end",
        "Only the root DST Root CA X3 was pinned when its certificate ended.",
        "https://github.com/TUM-Dev/Campus-Android/pull/1396",
        D(2021, 10, 1),
        Play(okhttp(DST_X3, BALTIMORE)),
        ("retired-ca-key",),
        Play(okhttp(X1, AMAZON_1)),
    ),
    Scenario(
        "pinned-ca-ends",
        "Every released version would stop on the day the pinned intermediate ended, months ahead.",
        "https://github.com/vimeo/vimeo-networking-java/pull/546",
        D(2022, 12, 20),
        Play(nsc(ISSUING, SPARE, expires=D(2023, 12, 1)), chain(until="2023-12-01", ca_until="2023-03-03")),
        ("lockout-date",),
        Play({**nsc(LEAF, SPARE, expires=D(2023, 12, 1)), **SPARE_KNOWN}, chain(until="2023-12-01", ca_until="2030-03-03")),
    ),
    Scenario(
        "renewal-with-a-new-key",
        "An automatic renewal made a new key, and existing users could not log in.",
        "https://github.com/zom/Zom-iOS-XMPP/issues/333",
        D(2017, 5, 1),
        Play(nsc(LEAF, SPARE, expires=D(2018, 3, 1)), chain(until="2017-05-20", ca_until="2021-03-17")),
        ("lockout-date",),
        Play(
            {**nsc(LEAF, SPARE, expires=D(2018, 3, 1)), ".pincheck.yml": SPARE_KNOWN[".pincheck.yml"].replace("pins: [", "reuses-key: true, pins: [")},
            chain(until="2017-05-20", ca_until="2021-03-17"),
        ),
    ),
    Scenario(
        "already-locked-out",
        "Pins failed for weeks before anybody knew why the app kept loading.",
        "https://github.com/techlore/Plexus-app/issues/83",
        D(2026, 7, 1),
        Play(okhttp(NEW_LEAF, SPARE), chain()),
        ("pin-mismatch",),
        Play({**okhttp(LEAF, SPARE), **SPARE_KNOWN}, chain()),
    ),
    Scenario(
        "one-edge-differs",
        "One edge of a host served the next CA's chain before the others did.",
        "https://github.com/Expensify/App/pull/100518",
        D(2026, 7, 6),
        Play(
            nsc(LEAF, SPARE, expires=D(2027, 3, 1)),
            {**chain(), **chain(NEW_LEAF, NEW_ISSUING, ca_name="Other Issuing CA", address="203.0.113.8")},
        ),
        ("uneven-pin-match",),
        Play({**nsc(LEAF, SPARE, expires=D(2027, 3, 1)), **SPARE_KNOWN}, {**chain(), **chain(address="203.0.113.8")}),
    ),
    Scenario(
        "somebody-else's-host",
        "A host that its operator changes at will was pinned, and its certificates changed unannounced.",
        "https://github.com/datatheorem/TrustKit/issues/170",
        D(2018, 6, 1),
        Play(nsc(LEAF, SPARE, host="abc123.execute-api.eu-west-1.amazonaws.com", expires=D(2019, 3, 1))),
        ("third-party-host",),
        Play({**nsc(LEAF, SPARE, expires=D(2019, 3, 1)), **SPARE_KNOWN}),
    ),
    Scenario(
        "wildcard-of-one-platform",
        "A wildcard was pinned on Android in a spelling that it does not know.",
        "https://github.com/bamlab/react-native-app-security/issues/9",
        D(2024, 2, 1),
        Play(nsc(LEAF, SPARE, host="*.shop.example", expires=D(2024, 12, 1))),
        ("host-never-matches",),
        Play({**nsc(LEAF, SPARE, expires=D(2024, 12, 1)), **SPARE_KNOWN}),
    ),
    Scenario(
        "hash-of-nothing",
        "A recipe for RSA keys, used on another kind, gave the hash of empty input.",
        "https://github.com/bamlab/react-native-app-security/issues/10",
        D(2024, 2, 1),
        Play(nsc(EMPTY, LEAF, expires=D(2024, 12, 1))),
        ("placeholder-pin",),
        Play({**nsc(SPARE, LEAF, expires=D(2024, 12, 1)), **SPARE_KNOWN}),
    ),
    Scenario(
        "root-replaced-by-its-operator",
        "A provider moved its services from one root to another, and told users to search their source for the old one.",
        "https://github.com/Azure/azure-sdk-for-c/issues/2531",
        D(2025, 5, 20),
        Play(okhttp(BALTIMORE, DIGICERT_G2)),
        ("retired-ca-key",),
        Play(okhttp(AMAZON_1, DIGICERT_G2)),
    ),
    Scenario(
        "one-ca-for-everything",
        "Both pins were of one CA when the host's provider dropped that CA.",
        "https://gitlab.com/gitlab-com/gl-infra/production-engineering/-/issues/24875",
        D(2023, 9, 1),
        Play(okhttp(DIGICERT, DIGICERT_G2)),
        ("backup-pin-same-ca",),
        Play(okhttp(DIGICERT_G2, X1)),
    ),
)  # fmt: skip
