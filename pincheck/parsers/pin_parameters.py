"""Pins that code hands to a type or function of its own whose parameter says that it is one.

``new Endpoint("https://…", "65:1B:…")`` does not tell what the second text is; the parameter that it goes to does:
``certificateThumbprint``. A text counts by its shape, and a parameter that is a host or URL gives the host.
"""

import re
from collections.abc import Callable, Iterator

from pincheck.model import Declaration, DeclaredHost, Location, Semantics, SourceFile
from pincheck.model.code import Frame, Items, Module, Name, Parameter
from pincheck.parsers import _literals, pin_literals
from pincheck.parsers._followed import host_of, texts
from pincheck.readers import shapes, syntax
from pincheck.readers.sought import Followed, Sought
from pincheck.registry import parser

_SECURED = rb"(?i)\bssl|[^a-z]tls|x509|sslsocketfactory|sectrust|servertrust"
"""What code that has to do with connections speaks of, or its language's libraries do."""
_NAME = rb"(?:umb|nger)[Pp]rint\w{0,30}|[Pp]in(?:s|ned|Set)\w{0,30}"
_TYPED = (".kt", ".java", ".swift", ".cs")
"""Endings of the languages in which every parameter has its type, and that of a text is some string."""
_TEXT = r"(?i)string|char|object|\bany\b|dynamic|^(?:var|list|set|array|collection|iterable)$"
"""Types that a text, or a list of texts, may go to."""
MAX_PINS = 8
_MARKERS = tuple(
    b"""
    humbprint umbPrint ertFingerprint ertificateFingerprint SLFingerprint eyFingerprint 256Fingerprint a1Fingerprint
    A1Fingerprint ingerprints gerPrint pins Pins pinned Pinned PinSet
""".split()
)


@parser(files=syntax.FILES, markers=_MARKERS)
def parse(source: SourceFile) -> Iterator[Sought]:
    """Yield what callers give for every such parameter, with what they give for the host beside it."""
    if syntax.is_too_large(source) or not _has_parameter(source) or not re.search(_SECURED, source.data):
        return
    if re.search(_literals.SIGNS, source.data):
        return
    module = syntax.read(source)
    evaluates = bool(re.search(_literals.EVALUATES, source.data))
    mechanism, platform = pin_literals.MECHANISMS[module.language]
    semantics = pin_literals.SEMANTICS._replace(platform=platform)  # type: ignore[arg-type]
    for frame in _frames(module):
        pins = [each for each in frame.parameters if _is_pin(each, evaluates)][:MAX_PINS]
        hosts = [each for each in frame.parameters if _literals.names_host(each.name)][:1]
        at = frame.at
        if pins and at is not None:
            yield Sought(
                at, mechanism, module, frame, (_names(hosts, at), _names(pins, at)),
                _reader(mechanism, semantics, pins), guess=True,
            )  # fmt: skip


def _has_parameter(source: SourceFile) -> bool:
    """Tell whether a name that may be such a parameter's stands in a file, beside its type where it has one."""
    data, typed = source.data, source.path.endswith(_TYPED)
    for match in re.finditer(_NAME, data):
        after = data[match.end() : match.end() + 40].lstrip()
        before = max(match.start() - 60, 0)
        if after[:1] in (b":", b",", b")", b"=") and (
            not typed or b"tring" in data[before : match.end() + 40]
        ):
            return True
    return False


def _frames(module: Module) -> Iterator[Frame]:
    """The functions of a file, its types' constructors among them."""
    yield from (each.frame for each in module.functions)
    yield from (each for each in module.types if each.parameters)


def _is_pin(parameter: Parameter, evaluates: bool) -> bool:
    if parameter.type and not re.search(_TEXT, parameter.type):
        return False
    around = frozenset(_literals.words(parameter.name))
    if _literals.speaks_of_others(around):
        return False
    return _literals.speaks_of_pins(around) or (evaluates and _literals.speaks_of_hashes(around))


def _names(parameters: list[Parameter], at: Location) -> Items:
    return Items(tuple(Name(each.name) for each in parameters), at)


def _reader(
    mechanism: str, semantics: Semantics, parameters: list[Parameter]
) -> Callable[[Followed], Iterator[Declaration]]:
    of_key = any({"key", "spki"} & set(_literals.words(each.name)) for each in parameters)

    def read(followed: Followed) -> Iterator[Declaration]:
        hosts, given = followed.values
        pins = tuple(text for text in texts(given).found if shapes.may_be_pin(text.value))
        if not pins:
            return
        named = [host_of(text) for text in texts(hosts).found]
        is_hex = all(shapes.shape(pin.value) in ("hex", "") for pin in pins)
        yield Declaration(
            mechanism, pins[0].at, tuple(DeclaredHost(host.value, host.at) for host in named), pins,
            semantics._replace(hashed="certificate" if is_hex and not of_key else "spki"),
            context=followed.context, inferred=True,
        )  # fmt: skip

    return read
