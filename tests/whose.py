"""Whose keys some pins are, as the rules get to know it: real CA keys, and keys of the team's own."""

from binascii import a2b_base64
from datetime import date
from typing import Any, Literal

from builders import at
from scanning import KEY_A, KEY_B, KEY_C, TODAY

from pincheck.model import Context, HostPolicy, Pin, Policy
from pincheck.model.knowledge import CaKey, Identity, Knowledge

X1, GLOBAL, AMAZON = KEY_A, KEY_B, KEY_C
X2 = "diGVwiVYbubAI3RW4hB9xU8e/CH2GnkuvVFZE8zmgzI="
R12 = "kZwN96eHtZftBWrOZUsd6cA4es80n3NzSk/XtYz2EqQ="
DST = "Vjs8r4z+80wjNcr1YKepWQboSIRi63WsWXhIMN+eWys="
GEOTRUST = "SQVGZiOrQXi+kqxcvWWE96HhfydlLVqFr4lQTqI5qqo="
LEAF = "4uNsWoOWEDyO2wY4xV4wq/afk+21C+pySGNiupnCNk8="
OWN = "Y3auZNyaWAH5pgBJHfVTDQpBRb3ufGtRRVz+bNg5ymo="
OTHER = "2OyeT74JThFn7Wl1Zgi1lZFFV+CWrNw9cetUZjSrWOE="

ISRG = "ISRG (Let's Encrypt)"


def spki(text: str) -> Pin:
    """The pin of a key, from its base64."""
    return Pin("spki", "sha256", a2b_base64(text))


def _ca(
    text: str, kind: Literal["root", "intermediate"], operator: str, name: str, end: date, *roots: str
) -> CaKey:
    return CaKey(spki(text), kind, operator, roots or (operator,), name, date(2000, 1, 1), end)


TABLE = {
    ca.spki: ca
    for ca in (
        _ca(X1, "root", ISRG, "ISRG Root X1", date(2035, 6, 4), ISRG, "IdenTrust"),
        _ca(X2, "root", ISRG, "ISRG Root X2", date(2040, 9, 17)),
        _ca(R12, "intermediate", ISRG, "R12", date(2027, 3, 12), ISRG, "IdenTrust"),
        _ca(DST, "root", "IdenTrust", "DST Root CA X3", date(2021, 9, 30)),
        _ca(GLOBAL, "root", "DigiCert", "DigiCert Global Root CA", date(2031, 11, 10)),
        _ca(GEOTRUST, "root", "DigiCert", "GeoTrust Primary Certification Authority", date(2036, 7, 16)),
        _ca(AMAZON, "root", "Amazon Trust Services", "Amazon Root CA 1", date(2038, 1, 17)),
    )
}
"""A few rows of the table of CA keys."""
DROPPED = {spki(GEOTRUST): frozenset({"android", "ios"})}
NEWEST = {"android": "Android 17", "ios": "iOS 26"}

OF_TABLE = {pin: Identity("ca-table", ca.kind, ca.name, ca.family, ca=ca) for pin, ca in TABLE.items()}


def stated(family: str = "", offline: bool = False, **changed: Any) -> Identity:
    """What the configuration alone tells."""
    role: Any = "key" if offline or not family else ""
    whose = frozenset([family] if family else ())
    return Identity("stated", role, "", whose, offline, at(7, ".pincheck.yml"))._replace(**changed)


def leaf(family: str = ISRG) -> Identity:
    """The leaf of a host, as it was seen."""
    return Identity("observed", "leaf", "api.shop.example", frozenset([family]))


def knowing(*hosts: HostPolicy, given: dict[str, Identity] | None = None, **known: Any) -> Context:
    """The table's rows, and identities of other keys by their pin."""
    identities = OF_TABLE | {spki(text): identity for text, identity in (given or {}).items()}
    facts: dict[str, Any] = {"dropped": DROPPED, "newest": NEWEST, "table_day": date(2026, 8, 21)} | known
    return Context(TODAY, Policy(hosts=hosts), Knowledge(identities, **facts))
