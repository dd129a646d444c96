"""Expo: config plugins that write pins into an Info.plist or a network security config.

Source: https://docs.expo.dev/config-plugins/plugins/ (``withInfoPlist``, ``withDangerousMod``). A network security
config is a text that the plugin puts together; what it declares is read as Android reads the file.
"""

from collections.abc import Callable, Iterator

from pincheck.model import Declaration, DeclaredHost, Gap, Location, Parsed, SourceFile, Text
from pincheck.model.code import Entries, Frame, Items, Literal, Module, Name, Value
from pincheck.parsers import _expo_plist, _script, _xml_pieces
from pincheck.parsers._followed import texts
from pincheck.parsers._literals import looks_like_host
from pincheck.parsers._xml_pieces import Section
from pincheck.parsers.android_nsc import SEMANTICS
from pincheck.readers.placeholders import placeholder
from pincheck.readers.sought import Followed, Sought
from pincheck.readers.text import whole_file
from pincheck.readers.tree import Node
from pincheck.registry import parser

MECHANISM = "expo-plugin"


@parser(files=_script.FILES, markers=(b"<pin ", b"NSPinnedDomains", b"TSKPinnedDomains"))
def parse(source: SourceFile) -> Iterator[Parsed | Sought]:
    """Yield what the plugin writes."""
    if "app.config." in source.path.rpartition("/")[2]:
        return  # which expo_config reads
    module = _script.read(source)
    if module is None:
        return
    for section in _xml_pieces.sections(module, source):
        if section.pins:
            yield _section(module, section)
    yield from _expo_plist.sought(module, MECHANISM)


def _section(module: Module, section: Section) -> Sought:
    """The hosts and pins of a section, followed from the innermost place, where all their names are known."""
    pieces = (*section.hosts, *section.pins, *((section.expires,) if section.expires else ()))
    found = [_settled(each.value, module, each.frame) for each in pieces if each.value is not None]
    frame = _common(
        [where for value, where in found if not isinstance(value, Literal)], section.pins[0].frame
    )
    values = [value for value, _ in found]
    hosts, pins = values[: len(section.hosts)], values[len(section.hosts) :][: len(section.pins)]
    first = section.pins[0].value
    at = first.at if isinstance(first, Literal) else _place(section, module)
    expires: Value = values[-1] if section.expires else Items((), at)
    subdomains = any(each.subdomains for each in section.hosts)
    return Sought(
        at, MECHANISM, module, frame,
        (Items(tuple(hosts), at), Items(tuple(pins), at), expires), _reader(at, subdomains),
    )  # fmt: skip


def _place(section: Section, module: Module) -> Location:
    return section.pins[0].frame.at or whole_file(module.path)


def _common(frames: list[Frame], otherwise: Frame) -> Frame:
    """The innermost of several places."""
    return max(frames, key=lambda each: len(each.outward()), default=otherwise)


def _settled(value: Value, module: Module, frame: Frame) -> tuple[Value, Frame]:
    """A value without the ways round it, also through the one call that hands it in by its name."""
    for _ in range(10):
        plain = _script.settled(_xml_pieces.plain(value), module, frame)
        value = plain if plain is not None else value
        given = _handed_in(value, module, frame)
        if given is None:
            break
        value, frame = given
    return value, frame


def _handed_in(value: Value, module: Module, frame: Frame) -> tuple[Value, Frame] | None:
    """What the call of a function with ``({ name })`` for a parameter gives under the name."""
    if not isinstance(value, Name) or value.of is not None:
        return None
    for each in frame.outward():
        for number, parameter in enumerate(each.parameters):
            if each.kind == "function" and value.name in parameter.name.strip("{}").split(","):
                return _argument(module, each, number, value.name) if "{" in parameter.name else None
    return None


def _argument(module: Module, function: Frame, number: int, name: str) -> tuple[Value, Frame] | None:
    for placed in module.calls.get(function.name, ()):
        given = placed.call.positional[number : number + 1]
        if given and isinstance(given[0], Entries):
            for key, value in given[0].entries:
                if _script.named(key) == name:
                    return value, placed.frame
    default = function.parameters[number].default
    for key, value in default.entries if isinstance(default, Entries) else ():
        if _script.named(key) == name:
            return value, function
    return None


def _reader(at: Location, subdomains: bool) -> Callable[[Followed], Iterator[Declaration | Gap]]:
    def read(followed: Followed) -> Iterator[Declaration | Gap]:
        hosts, pins, expires = followed.values
        context = _script.build(followed)
        found = texts(pins)
        written = tuple(text for text in found.found if _may_be_pin(text.value))
        named = tuple(
            DeclaredHost(text.value, text.at, subdomains)
            for text in texts(hosts).found
            if looks_like_host(text.value)
        )
        if written:
            yield Declaration(
                MECHANISM, at, named, written, SEMANTICS,
                expires=_day(expires), context=context,
            )  # fmt: skip
        elif found.lost:
            reason = f"the pins that the plugin writes cannot be followed: {found.lost[0].value}"
            yield Gap(MECHANISM, at, reason, tuple(each.text for each in named), context=context)

    return read


def _day(expires: Node) -> Text | None:
    return expires.text if expires.kind == "text" else None


def _may_be_pin(text: str) -> bool:
    """Leave out what an object holds beside its pins: a host, a date, a flag."""
    return not looks_like_host(text) and (len(text) >= 20 or bool(placeholder(text, None)))
