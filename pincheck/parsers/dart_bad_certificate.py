"""Pins that dart:io's ``badCertificateCallback`` compares, which bar nobody with a certificate of a trusted CA.

Source: dart-lang/sdk, ``sdk/lib/_http/http.dart`` (``HttpClient.badCertificateCallback``) and
``runtime/bin/secure_socket_filter.cc``: the callback is asked only about a certificate that the normal check
refuses. With ``SecurityContext(withTrustedRoots: false)`` that is every certificate, and the callback does pin.
"""

from collections.abc import Callable, Iterator

from pincheck.model import Declaration, DeclaredHost, Defect, Location, Semantics, SourceFile, Text
from pincheck.model.code import Call, Definition, Frame, Items, Lambda, Literal, Module, Name, Placed
from pincheck.parsers import _code_values, _literals, pin_literals
from pincheck.parsers._dart_context import only_own
from pincheck.parsers._followed import host_of, texts
from pincheck.readers import shapes, syntax
from pincheck.readers.sought import Followed, Sought
from pincheck.readers.tree import Node
from pincheck.registry import parser

MECHANISM = "flutter-custom"
CALLBACK = "badCertificateCallback"
SEMANTICS: Semantics = pin_literals.SEMANTICS._replace(compares="leaf", enforced=False)
MAX_NAMES = 40

_COMPARED = _literals.words_of("""
    sha sha1 sha256 hash fingerprint fingerprints thumbprint digest pin pins pinned spki pem der
""")
_OTHER_CHECKS = (b"validateCertificate", b".certificate", b"peerCertificate")
"""What else a client may compare the certificate of every connection by."""


@parser(files=("*.dart",), markers=(CALLBACK.encode(),))
def parse(source: SourceFile) -> Iterator[Sought | Defect]:
    """Yield what such a callback compares with, and that it pins nothing."""
    if any(each in source.data for each in _OTHER_CHECKS):
        return
    module = syntax.read(source)
    if only_own(module):
        return
    local = frozenset((each.frame.number, each.name) for each in module.definitions)
    for definition, inside in _callbacks(module):
        around = {word for placed in inside for name in _names(placed) for word in _literals.words(name)}
        if around & _COMPARED:
            own = (each.name for each in definition.frame.outward() if each.kind in ("function", "type"))
            around.update(word for name in own for word in _literals.words(name))
            yield _defect(definition, _literals.names_pinning(frozenset(around)))
            yield from _sought(definition, inside, module, local)


def _defect(definition: Definition, pins: bool) -> Defect:
    """What is said of a callback; one that calls what it compares pins matters by itself."""
    debug = any(each.kind == "branch" and "Debug" in each.name for each in definition.frame.outward())
    return Defect(
        "unenforced", definition.at,
        f"{CALLBACK} compares pins, and is asked only about certificates that the normal check refuses: any"
        " certificate of a trusted CA gets through unseen",
        "compare the certificate of every connection, or trust no CA but your own"
        " (SecurityContext(withTrustedRoots: false))",
        severity="warning", context="debug" if debug else None, if_pinned=not pins,
    )  # fmt: skip


def _callbacks(module: Module) -> Iterator[tuple[Definition, list[Placed]]]:
    """The callbacks of a file, each with all values in it and in the functions of the file that it calls.

    One may be a function, given by its name.
    """
    named = {each.name: each.frame.number for each in module.functions}
    owners = {
        each.frame.number: _definition(each.frame) for each in module.functions if each.name == CALLBACK
    }
    for each in module.definitions:
        if each.name == CALLBACK and isinstance(each.value, Lambda):
            owners[each.value.frame.number] = each
        elif each.name == CALLBACK and isinstance(each.value, Name) and each.value.name in named:
            owners[named[each.value.name]] = each
    inside = _inside(module, {number: each.at for number, each in owners.items()})
    called = {
        named[each.value.name]: at
        for at, values in inside.items()
        for each in values
        if isinstance(each.value, Call) and each.value.of is None and each.value.name in named
    }
    by_place = {each.at: each for each in owners.values()}
    inside = _inside(module, {**called, **{number: each.at for number, each in owners.items()}})
    yield from ((by_place[at], values) for at, values in inside.items())


def _inside(module: Module, owners: dict[int, Location]) -> dict[Location, list[Placed]]:
    """All values in the functions that belong to the callback of each place."""
    inside: dict[Location, list[Placed]] = {each: [] for each in owners.values()}
    returned = (Placed(*each) for value in _lambdas(module) for each in value.returned)
    for placed in (*_code_values.placed(module), *returned):
        for frame in placed.frame.outward():
            if frame.number in owners:
                inside[owners[frame.number]].extend(_code_values.below(*placed))
                break
    return inside


def _lambdas(module: Module) -> Iterator[Lambda]:
    for each in module.definitions:
        if each.name == CALLBACK and isinstance(each.value, Lambda):
            yield each.value


def _definition(frame: Frame) -> Definition:
    """A function that has the callback's name, as if it were given to it here."""
    assert frame.at is not None
    return Definition(CALLBACK, Name(CALLBACK), frame.outer or frame, frame.at)


def _names(placed: Placed) -> Iterator[str]:
    if isinstance(placed.value, Name | Call):
        yield placed.value.name


def _sought(
    definition: Definition, inside: list[Placed], module: Module, local: frozenset[tuple[int, str]]
) -> Iterator[Sought]:
    """The texts in a callback, and the names that stand for some: none of its own."""
    found: dict[object, Placed] = {}
    for placed in inside:
        value = placed.value
        if isinstance(value, Name) and not _is_own(value.path[0], placed.frame, local):
            found.setdefault(value.path, placed)
    literals = tuple(dict.fromkeys(each.value for each in inside if _is_pin(each)))
    written = [Placed(Items(literals, definition.at), definition.frame)]
    for value, frame in [*(written if literals else ()), *list(found.values())[:MAX_NAMES]]:
        yield Sought(definition.at, MECHANISM, module, frame, (value,), _reader())


def _is_pin(placed: Placed) -> bool:
    return isinstance(placed.value, Literal) and shapes.may_be_pin(placed.value.value)


def _is_own(word: str, frame: Frame, local: frozenset[tuple[int, str]]) -> bool:
    """Tell a parameter or variable of the callback itself."""
    inner = [each for each in frame.outward() if each.kind in ("lambda", "function", "branch")]
    return any(
        (each.number, word) in local or any(word == parameter.name for parameter in each.parameters)
        for each in inner
    )


def _reader() -> Callable[[Followed], Iterator[Declaration]]:
    def read(followed: Followed) -> Iterator[Declaration]:
        for host, node in _by_host(followed.values[0]):
            pins = tuple(text for text in texts(node).found if shapes.may_be_pin(text.value))
            is_hex = all(shapes.shape(pin.value) in ("hex", "") for pin in pins)
            if pins:
                yield Declaration(
                    MECHANISM, pins[0].at, host, pins,
                    SEMANTICS._replace(hashed="certificate" if is_hex else "spki"), context=followed.context,
                )  # fmt: skip

    return read


def _by_host(node: Node) -> Iterator[tuple[tuple[DeclaredHost, ...], Node]]:
    """The values of a map whose keys are hosts, else all as it is."""
    if node.kind != "map":
        yield (), node
    for key, value in node.entries:
        text: Text = host_of(key)
        known = _literals.looks_like_host(text.value)
        yield ((DeclaredHost(text.value, text.at),) if known else ()), value
