"""Alamofire's evaluators of server trust that pin by certificate files of the app's bundle.

Sources: Alamofire/Alamofire, ``ServerTrustEvaluation.swift`` of 5.x and ``ServerTrustPolicy.swift`` of 4.9.1.
A host is compared with the keys of a dictionary as it is, by its case too and without wildcards; a
subclass of the manager may do otherwise. Without a list of certificates all of the bundle are taken.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from pincheck.model import Declaration, Defect, Gap, HostSyntax, Location, Parsed, Semantics, SourceFile
from pincheck.model.code import Call, Entries, Frame, Items, Literal, Module, Name, Value
from pincheck.parsers import _bundled, _code_values
from pincheck.parsers._followed import texts
from pincheck.readers import syntax
from pincheck.readers.sought import Followed, Sought
from pincheck.registry import parser

CERTIFICATES = Semantics(
    client="Alamofire",
    platform="ios",
    hashed="certificate",
    hosts=HostSyntax(case_sensitive=True, trims=False),
    files="certificates",
)
"""The certificate stands in the path byte for byte."""
KEYS = CERTIFICATES._replace(hashed="spki", files="keys")
"""A certificate with its key stands there."""

_PINNING = {
    # what makes an evaluator: (its certificates, how they are compared)
    "PinnedCertificatesTrustEvaluator": ("certificates", CERTIFICATES),
    "pinnedCertificates": ("certificates", CERTIFICATES),
    "pinCertificates": ("certificates", CERTIFICATES),
    "PinCertificates": ("certificates", CERTIFICATES),
    "PublicKeysTrustEvaluator": ("keys", KEYS),
    "publicKeys": ("keys", KEYS),
    "pinPublicKeys": ("publicKeys", KEYS),
    "PinPublicKeys": ("publicKeys", KEYS),
}
_DISABLED = frozenset(
    {"DisabledTrustEvaluator", "DisabledEvaluator", "disableEvaluation", "DisableEvaluation"}
)
_NOT_OWN = frozenset(
    {"DefaultTrustEvaluator", "RevocationTrustEvaluator", "CompositeTrustEvaluator", *_DISABLED}
)
_MANAGERS = ("ServerTrustManager", "ServerTrustPolicyManager")
_ASKING = frozenset({"serverTrustEvaluator", "serverTrustPolicy", "serverTrustPolicyForHost"})
"""The methods of a manager that a subclass overrides."""


_COPIED = ("PinnedCertificatesTrustEvaluator", "PublicKeysTrustEvaluator")
"""Evaluators that projects copy, under a prefix of their own."""


def _pinning(name: str) -> tuple[str, Semantics] | None:
    """Which certificates an evaluator is given, by the argument's name, and how it compares them."""
    copied = next((each for each in _COPIED if name.endswith(each)), "")
    return _PINNING.get(copied or name)


def _pinning_in(module: Module) -> list[str]:
    return [name for name in module.calls if _pinning(name) is not None]


class _Site(NamedTuple):
    """An evaluator, and the host that it is for."""

    evaluator: Value
    frame: Frame
    at: Location
    host: Value | None = None


@parser(
    files=("*.swift",),
    markers=(
        b"TrustEvaluator(",
        b"pinCertificates",
        b"pinPublicKeys",
        b".pinnedCertificates",
        b".publicKeys",
    ),
)
def parse(source: SourceFile) -> Iterator[Sought]:
    """Yield every evaluator with its host: in a dictionary, or given back for a host."""
    module = syntax.read(source)
    plain = any(name in module.calls for name in _MANAGERS)
    pins = any(_name(placed.call) for name in _pinning_in(module) for placed in module.calls[name])
    seen: set[tuple[Location, str]] = set()
    for site in (*_keyed(module), *_returned(module), *_alone(module)):
        key = (site.at, "" if site.host is None else repr(site.host)[:400])
        if key in seen or (site.host is None and any(at == site.at for at, _ in seen)):
            continue
        seen.add(key)
        if (
            pins or _name(site.evaluator) not in _DISABLED
        ):  # an app that does not pin at all is not our matter
            yield from _sought(site, module, plain)


def _sought(site: _Site, module: Module, plain: bool) -> Iterator[Sought]:
    host: Value = Items((), site.at) if site.host is None else site.host
    name = _name(site.evaluator)
    if name in _DISABLED:
        yield Sought(site.at, _bundled.MECHANISM, module, site.frame, (host,), _disabled(site.at, name))
        return
    pinning = _pinning(name)
    if pinning is not None:
        label, semantics = pinning
        given = site.evaluator.named(label) if isinstance(site.evaluator, Call) else None
    else:
        assert isinstance(site.evaluator, Call)
        semantics = CERTIFICATES
        given = Items(tuple(each.value for each in site.evaluator.arguments), site.at)
    if not plain:
        semantics = semantics._replace(hosts=semantics.hosts._replace(wildcards=("*.",)))
    whole = _bundled.whole_bundle(given)
    asked = () if given is None or whole else _bundled.asked_of_bundle(given, module)
    elsewhere = given if given is not None and not whole and not asked else Items((), site.at)
    files = Items((*asked, elsewhere), site.at)
    written = "" if given is None or whole else _bundled.shown(given)
    yield Sought(
        site.at, _bundled.MECHANISM, module, site.frame, (host, files),
        _pinned(site, semantics, whole, written, own=pinning is None),
    )  # fmt: skip


def _pinned(
    site: _Site, semantics: Semantics, whole: bool, written: str, own: bool
) -> Callable[[Followed], Iterator[Parsed]]:
    def read(followed: Followed) -> Iterator[Declaration | Gap]:
        host, files = followed.values
        named = any(_bundled.is_certificate_name(text.value) for text in texts(files).found)
        if own and not named:
            return
        asked = _bundled.hosts_asked(site.frame) if site.host is None else ()
        if site.host is None and not asked and not named:
            yield Gap(_bundled.MECHANISM, site.at, "the host that it is for cannot be followed")
            return
        below = any(each for _, _, each in asked)
        yield from _bundled.declared(
            site.at, followed, host, None if whole else files, semantics, written, include_subdomains=below
        )

    return read


def _disabled(at: Location, name: str) -> Callable[[Followed], Iterator[Parsed]]:
    def read(followed: Followed) -> Iterator[Defect]:
        hosts = tuple(text.value for text in texts(followed.values[0]).found)
        yield Defect(
            "unenforced", at,
            f"{name}: Alamofire takes any certificate" + (f" for {', '.join(hosts)}" if hosts else ""),
            "remove the entry, or give it an evaluator that checks",
            hosts, "warning", "debug" if followed.debug else None,
        )  # fmt: skip

    return read


# where evaluators stand ----------------------------------------------------------


def _keyed(module: Module) -> Iterator[_Site]:
    """Evaluators that are values of a dictionary, by themselves or by a name."""
    for placed in _code_values.placed(module):
        for value, frame in _code_values.below(*placed):
            if isinstance(value, Entries):
                for key, each in value.entries:
                    yield from _entry(key, each, frame, _at(key) or value.at, module)
    for call, frame in module.calls.get("[]=", ()):
        if len(call.arguments) == 2:
            key, each = (argument.value for argument in call.arguments)
            yield from _entry(key, each, frame, call.at, module)


def _entry(key: Value, value: Value, frame: Frame, at: Location, module: Module) -> Iterator[_Site]:
    if isinstance(value, Name) and _pinning(_name(value)) is None and _name(value) not in _DISABLED:
        for definition in module.definitions:
            if definition.name == value.name:
                for each in _evaluators(definition.value, definition.frame, at, own=True):
                    yield each._replace(host=key)
        return
    for each in _evaluators(value, frame, at, own=True):
        yield each._replace(host=key)


def _returned(module: Module) -> Iterator[_Site]:
    """Evaluators that a manager of the project's own gives back, under conditions that name the host."""
    for placed in _code_values.placed(module):
        function = placed.frame.enclosing("function")
        if function is None or function.name not in _ASKING:
            continue
        for site in _evaluators(placed.value, placed.frame, function.at, own=False):
            asked = _bundled.hosts_asked(site.frame)
            if asked:
                yield site._replace(
                    host=Items(tuple(Literal(host, site.at) for host, _, _ in asked), site.at)
                )
            else:
                yield site


def _alone(module: Module) -> Iterator[_Site]:
    """Evaluators that stand in no dictionary of this file."""
    for name in _pinning_in(module):
        for call, frame in module.calls[name]:
            if _name(call):
                yield _Site(call, frame, call.at)


def _evaluators(value: Value, frame: Frame, at: Location | None, own: bool) -> Iterator[_Site]:
    """The evaluators that a value is or is composed of; ``own`` also those of types of the project's own."""
    for each, place in _code_values.below(value, frame):
        name = _name(each)
        spot = each.at if isinstance(each, Call) else at
        if spot is None:
            continue
        if (
            _pinning(name) is not None
            or name in _DISABLED
            or (own and isinstance(each, Call) and each.of is None and each.arguments and _is_own(name))
        ):
            yield _Site(each, place, spot)


def _is_own(name: str) -> bool:
    return name.endswith(("Evaluator", "Evaluating", "TrustPolicy")) and name not in _NOT_OWN


def _name(value: Value) -> str:
    """What makes an evaluator, or empty: ``.publicKeys`` counts, ``bundle.publicKeys`` does not."""
    if not isinstance(value, Call | Name):
        return ""
    if value.of is None:
        return value.name if isinstance(value, Call) else ""
    if not isinstance(value.of, Name):
        return ""
    of = value.of.name
    if of in ("", "Alamofire", "ServerTrustPolicy") or of.endswith("TrustEvaluator"):
        return value.name
    return ""


def _at(value: Value) -> Location | None:
    return value.at if isinstance(value, Literal | Call) else None
