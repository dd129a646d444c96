"""cordova-plugin-sslcertificatechecker: ``check`` compares a host's leaf certificate with fingerprints.

Source: EddyVerbruggen/SSLCertificateChecker-PhoneGap-Plugin, ``SSLCertificateChecker.java``, ``.m``,
``sslcertificatechecker.js``: the fingerprint is SHA-256 from version 6 on and SHA-1 before, and compared as
text, byte pairs with blanks between.
"""

import re
from collections.abc import Callable, Iterator

from pincheck.model import (
    Declaration,
    DeclaredHost,
    Defect,
    Gap,
    HostSyntax,
    PinCodec,
    Semantics,
    SourceFile,
    Text,
)
from pincheck.model.code import Call, Items, Lambda, Module, Name, PlacedCall, Value
from pincheck.parsers import _script
from pincheck.parsers._followed import texts
from pincheck.readers.shapes import shape
from pincheck.readers.sought import Followed, Sought
from pincheck.registry import parser

MECHANISM = "cordova-sslcertificatechecker"

# It asks over a connection of its own; the app decides what to do with the answer.
SEMANTICS = Semantics(
    client="SSLCertificateChecker",
    platform="any",
    hashed="certificate",
    codec=PinCodec(prefix="optional", hexadecimal=True),
    hosts=HostSyntax(reads="host"),
    refused_pin="it never matches",
    lookup="union",
    compares="leaf",
    certificate_only=True,
)

_PAIRS = r"(?:[0-9A-Fa-f]{2} ){19}(?:[0-9A-Fa-f]{2}|(?:[0-9A-Fa-f]{2} ){12}[0-9A-Fa-f]{2})"


@parser(files=_script.FILES, markers=(b"slCertificateChecker", b"SLCertificateChecker"))
def parse(source: SourceFile) -> Iterator[Sought]:
    """Yield every call of ``check``, ``checkInCertChain`` or ``checkInChain`` of the plugin."""
    module = _script.read(source)
    if module is None:
        return
    for name in ("check", "checkInCertChain"):
        for placed in module.calls.get(name, ()):
            given = placed.call.positional
            if len(given) >= 4 and _is_plugin(placed.call, module):
                url = _script.authority(given[2], module, placed.frame) or given[2]
                pins = Items(tuple(_prints(given[3:])), placed.call.at)
                yield Sought(placed.call.at, MECHANISM, module, placed.frame, (url, pins), _reader(placed))


def _is_plugin(call: Call, module: Module) -> bool:
    """Tell the plugin by its name, also that of a variable that holds it."""
    of = call.of
    if isinstance(of, Name) and of.of is None:
        held = [each.value for each in module.definitions if each.name == of.name]
        if any(isinstance(value, Name) and _is_named(value) for value in held):
            return True
    return isinstance(of, Name) and _is_named(of)


def _is_named(name: Name) -> bool:
    return any(word.lower().endswith("certificatechecker") for word in name.path)


def _prints(given: tuple[Value, ...]) -> Iterator[Value]:
    """The fingerprints: the last arguments, or a list."""
    for value in given:
        if not isinstance(value, Lambda):
            yield value


def _reader(placed: PlacedCall) -> Callable[[Followed], Iterator[Declaration | Defect | Gap]]:
    at = placed.call.at

    def read(followed: Followed) -> Iterator[Declaration | Defect | Gap]:
        host = _script.host_of(followed.values[0])
        context = _script.build(followed)
        hosts = (DeclaredHost(host.value, host.at),) if host else ()
        names = tuple(each.text for each in hosts)
        found = texts(followed.values[1])
        pins = tuple(text for text in found.found if text.value)
        if pins:
            yield Declaration(MECHANISM, at, hosts, pins, SEMANTICS, context=context)
        for text in pins:
            if shape(text.value) == "hex" and not re.fullmatch(_PAIRS, text.value):
                yield _misspelt(text, names)
        for lost in found.lost:
            reason = f"the fingerprint cannot be followed: {lost.value}"
            yield Gap(MECHANISM, at, reason, names, context=context)

    return read


def _misspelt(text: Text, hosts: tuple[str, ...]) -> Defect:
    return Defect(
        "malformed", text.at,
        "the fingerprint is no byte pairs with blanks between: the plugin compares the text itself,"
        " so it never matches",
        "write it as AA BB CC …", hosts,
    )  # fmt: skip
