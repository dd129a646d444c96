"""Values for the tests of rules: each function fills in what a test does not care about."""

from datetime import date
from typing import Any

from scanning import KEY_A, KEY_B, KEY_C, TODAY

from pincheck.model import (
    CodeContext,
    Context,
    DeclaredHost,
    DeclaredPin,
    Expiry,
    HostPolicy,
    HostSyntax,
    Location,
    PinCodec,
    PinSet,
    Policy,
    PrivateKey,
    Problem,
    Project,
    Semantics,
    StatedPin,
    Text,
)
from pincheck.readers.host_text import read_host
from pincheck.readers.pin_text import read_pin
from pincheck.registry import rules

KEYS = (KEY_A, KEY_B, KEY_C, "O/Phoy+imsiFYXjhVth8vHBp3+R453LmLQChhyy7SGI=")
ANDROID = Semantics(
    client="Android",
    platform="android",
    codec=PinCodec(foreign="skipped", blanks="skipped", padding="optional"),
    refused_pin="the app crashes",
    expiry="unpinned",
    expiry_zone="local",
)
IOS = Semantics(
    client="App Transport Security",
    platform="ios",
    codec=PinCodec(length_checked=False),
    hosts=HostSyntax(subdomains="one"),
    lookup="union",
)
TRUSTKIT = Semantics(client="TrustKit", platform="ios", refused_pin="the app crashes", expiry="unpinned")
OKHTTP = Semantics(
    client="OkHttp",
    platform="android",
    codec=PinCodec(prefix="required", padding="optional", length_checked=False),
    hosts=HostSyntax(wildcards=("*.", "**.")),
    lookup="union",
)
LEAF_HASH = Semantics(client="Wultra", platform="any", hashed="certificate", certificate_only=True)
REFUSING = ANDROID._replace(client="Approov", expiry="refused", expiry_zone="utc")

HOST = "api.shop.example"
PATH = "app/network.xml"
TODAY_ALONE = Context(TODAY)
START = "C5+lpZ7tcVwm…"
"""How messages write the first key."""


def at(line: int = 1, path: str = PATH) -> Location:
    """The first column of a line."""
    return Location(path, line, 1, line, 2)


def pin(text: str = KEY_A, line: int = 2, semantics: Semantics = ANDROID, **changed: Any) -> DeclaredPin:
    """A pin as its client reads it."""
    return read_pin(Text(text, at(line)), semantics)._replace(**changed)


def pin_set(
    *texts: str | DeclaredPin,
    hosts: tuple[str, ...] = (HOST,),
    below: bool = False,
    line: int = 1,
    path: str = PATH,
    semantics: Semantics = ANDROID,
    expires: date | str | None = None,
    context: CodeContext = "production",
    variant: str = "",
    **changed: Any,
) -> PinSet:
    """A pin set in line ``line``, its hosts there too, its pins in the lines that follow."""
    pins = tuple(
        read_pin(Text(text, at(line + number, path)), semantics) if isinstance(text, str) else text
        for number, text in enumerate(texts, 1)
    )
    day = expires if isinstance(expires, date) else None
    return PinSet(
        mechanism=semantics.client,
        at=at(line, path),
        hosts=tuple(read_host(DeclaredHost(host, at(line, path), below), semantics) for host in hosts),
        pins=pins,
        semantics=semantics,
        context=context,
        variant=variant,
        expires=None if expires is None else Expiry(str(expires), at(line, path), day),
    )._replace(**changed)


def project(*pin_sets: PinSet, **other: Any) -> Project:
    """All that a tree declares."""
    return Project(pin_sets=pin_sets, **other)


def private_key(kind: str = "EC", **changed: Any) -> PrivateKey:
    """A private key in its own file; its data is none."""
    return PrivateKey(at(1, "server/api.key"), kind, b"secret", "production")._replace(**changed)


def stated(host: str, *texts: str) -> HostPolicy:
    """A host of the configuration with its pins."""
    place = at(7, ".pincheck.yml")
    pins = tuple(pin(text).pin for text in texts)
    return HostPolicy(host, place, tuple(StatedPin(p.base64, p, place) for p in pins if p))


def context(*hosts: HostPolicy, **policy: Any) -> Context:
    """What a rule may know beside its subject."""
    return Context(TODAY, Policy(hosts=hosts, **policy))


def check(rule: str, subject: object, given: Context = TODAY_ALONE) -> list[Problem]:
    """What the rule of this name says of a subject."""
    return list(next(known for known in rules() if known.name == rule).check(subject, given))


def said(rule: str, subject: object, given: Context = TODAY_ALONE) -> list[str]:
    """The messages of a rule on a subject."""
    return [problem.message for problem in check(rule, subject, given)]
