"""AFNetworking's ``AFSecurityPolicy`` that pins by certificate files, in Objective-C and Swift.

Source: AFNetworking/AFNetworking, ``AFSecurityPolicy.m``. A policy knows no hosts: it holds for every
request of its manager. Without certificates of its own it takes every ``.cer`` file of the app. Mode
Certificate makes them the trust anchors and wants one of them in the path; mode PublicKey wants a key.
"""

from collections.abc import Callable, Iterator

from pincheck.model import Declaration, Defect, Parsed, Semantics, SourceFile
from pincheck.model.code import Call, Frame, Items, Module, Name, Other, PlacedCall, Value
from pincheck.parsers import _bundled
from pincheck.readers import syntax
from pincheck.readers.sought import Followed, Sought
from pincheck.registry import parser

CERTIFICATES = Semantics(client="AFNetworking", platform="ios", hashed="certificate", files="certificates")
KEYS = CERTIFICATES._replace(hashed="spki", files="keys")


@parser(files=("*.m", "*.mm", "*.swift"), markers=(b"SSLPinningMode", b"AFSecurityPolicy"))
def parse(source: SourceFile) -> Iterator[Sought]:
    """Yield every policy that pins, with the certificates it is given."""
    module = syntax.read(source)
    for name in ("policyWithPinningMode", "AFSecurityPolicy"):
        for placed in module.calls.get(name, ()):
            semantics = _mode(placed.call)
            if semantics is not None:
                yield _sought(placed, semantics, module)


def _mode(call: Call) -> Semantics | None:
    """How a policy pins, by its mode; None if it does not."""
    mode = call.named("pinningMode") or next(
        (each.value for each in call.arguments[:1] if not each.name), None
    )
    if not isinstance(mode, Name):
        return None
    word = mode.name.rpartition("SSLPinningMode")[2].lower()
    return {"certificate": CERTIFICATES, "publickey": KEYS}.get(word)


def _sought(placed: PlacedCall, semantics: Semantics, module: Module) -> Sought:
    call, frame = placed
    given = call.named("withPinnedCertificates", "pinnedCertificates")
    if given is None:
        given = next(iter(_set("pinnedCertificates", frame, module)), None)
    whole = _bundled.whole_bundle(given)
    asked = () if given is None or whole else _bundled.asked_of_bundle(given, module)
    written = "" if given is None or whole else _bundled.shown(given)
    weak = tuple(
        name
        for name, refused in (("allowInvalidCertificates", "true"), ("validatesDomainName", "false"))
        if any(_truth(value) == refused for value in _set(name, frame, module))
    )
    return Sought(
        call.at, _bundled.MECHANISM, module, frame, (Items(asked, call.at),),
        _reader(call, semantics, whole, written, weak),
    )  # fmt: skip


def _reader(
    call: Call, semantics: Semantics, whole: bool, written: str, weak: tuple[str, ...]
) -> Callable[[Followed], Iterator[Parsed]]:
    def read(followed: Followed) -> Iterator[Declaration | Defect]:
        files = None if whole else followed.values[0]
        yield from _bundled.declared(call.at, followed, None, files, semantics, written)
        for name in weak:
            yield Defect(
                "unenforced", call.at, f"{name}: {_WEAK[name]}", "leave it as it is by default",
                (), "note", "debug" if followed.debug else None,
            )  # fmt: skip

    return read


_WEAK = {
    "allowInvalidCertificates": "AFNetworking goes on where the system does not trust the certificate",
    "validatesDomainName": "AFNetworking takes a pinned certificate for any host",
}


def _set(name: str, frame: Frame, module: Module) -> Iterator[Value]:
    """What the function around, or the file if none is, sets a property of the policy to."""
    around = frame.enclosing("function") or frame.outward()[-1]
    for definition in module.definitions:
        if definition.name == name and definition.owner and around in definition.frame.outward():
            yield definition.value
    setter = f"set{name[0].upper()}{name[1:]}"
    for call, place in module.calls.get(setter, ()):
        if call.arguments and around in place.outward():
            yield call.arguments[0].value


def _truth(value: Value) -> str:
    text = value.text if isinstance(value, Other) else value.name if isinstance(value, Name) else ""
    return {"YES": "true", "NO": "false", "TRUE": "true", "FALSE": "false"}.get(text, text)
