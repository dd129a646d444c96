"""Certificate files of an app's bundle, as Apple code names them: what is common to those who pin by them."""

import re
from collections.abc import Iterator

from pincheck.model import Declaration, DeclaredHost, Location, Semantics, Text
from pincheck.model.code import Call, Frame, Items, Joined, Literal, Module, Name, Value
from pincheck.parsers import _code_values
from pincheck.parsers._followed import texts
from pincheck.readers.sought import Followed
from pincheck.readers.tree import Node

MECHANISM = "cert-file"

_BUNDLE = frozenset({"certificates", "publicKeys", "certificatesInBundle", "defaultPinnedCertificates"})
"""What takes every certificate of a bundle."""
_CERTIFICATE = r"(?i)[^\n\"]{1,200}\.(?:cer|der|crt|pem|p7b|p12)"


def whole_bundle(value: Value | None) -> bool:
    """Tell a value that stands for every certificate of the bundle, or for none given."""
    if value is None or (isinstance(value, Items) and not value.items):
        return True
    if isinstance(value, Name):
        return value.name in _BUNDLE and value.of is not None and _of_bundle(value.of)
    return isinstance(value, Call) and value.name in _BUNDLE and value.of is not None


def _of_bundle(value: Value) -> bool:
    if isinstance(value, Call):
        return value.name in ("AlamofireExtension", "Bundle")
    return isinstance(value, Name) and ("af" in value.path or "Bundle" in value.path)


def declared(
    at: Location,
    followed: Followed,
    hosts: Node | None,
    files: Node | None,
    semantics: Semantics,
    written: str = "",
    include_subdomains: bool = False,
) -> Iterator[Declaration]:
    """Yield a declaration of certificate files, all of them located where the client is given them.

    ``files`` is None for all certificates of the bundle; those that could not be followed go by
    what the code says, ``written``.
    """
    names = [text.value for text in named(files) if is_file_name(text.value)] if files is not None else [""]
    asked_for = texts(hosts).found if hosts is not None else ()
    yield Declaration(
        mechanism=MECHANISM,
        at=at,
        hosts=tuple(DeclaredHost(text.value, text.at, include_subdomains) for text in asked_for),
        pins=(),
        semantics=semantics,
        context="debug" if followed.debug else None,
        files=tuple(Text(name, at) for name in dict.fromkeys(names or [written])),
    )


def named(node: Node) -> tuple[Text, ...]:
    """The certificate files in a value: texts with a certificate's ending, and files that it is read from."""
    return tuple(
        each.text
        for each in node.walk()
        if each.kind == "file" or (each.kind == "text" and is_certificate_name(each.value))
    )


def asked_of_bundle(value: Value, module: Module) -> tuple[Value, ...]:
    """The names of bundle files, with their endings, that a value is loaded from, as values to follow.

    Names and functions are looked up in this file only, by name.
    """
    found: dict[str, Value] = {}
    seen: set[str] = set()
    waiting: list[tuple[Value, Call | None]] = [(value, None)]
    while waiting and len(seen) < MAX_NAMES:
        top, via = waiting.pop(0)
        for each, _ in _code_values.below(top, module_frame(module)):
            if isinstance(each, Call) and (name := _resource(each)) is not None:
                joined = _with_ending(_argument(name, via, module), each, via, module)
                found.setdefault(repr(joined)[:400], joined)
            if isinstance(each, Name | Call) and each.name not in seen:
                seen.add(each.name)
                call = each if isinstance(each, Call) else via
                waiting.extend((one, call) for one in _given(each.name, module))
    return tuple(found.values())


def asked(call: Call) -> Value | None:
    """The name of the bundle's file that a call asks for, with its ending; None if it asks for none."""
    name = _resource(call)
    return None if name is None else _with_ending(name, call)


def _resource(call: Call) -> Value | None:
    """The name that a call asks a bundle's file by."""
    if call.name in ("pathForResource", "URLForResource") and call.arguments:
        return call.arguments[0].value
    return call.named("forResource") if call.name in ("path", "url") else None


def _with_ending(name: Value, call: Call, via: Call | None = None, module: Module | None = None) -> Value:
    ending = call.named("withExtension", "ofType")
    if ending is not None and module is not None:
        ending = _argument(ending, via, module)
    if ending is None or is_absent(ending):
        return name
    if isinstance(ending, Literal):
        ending = ending._replace(value=ending.value.lstrip("."))
    return Joined((name, Literal(".", call.at), ending))


def is_absent(ending: Value) -> bool:
    """Tell the ending of a file whose name has it already: ``nil``, or nothing."""
    if isinstance(ending, Literal):
        return not ending.value
    return getattr(ending, "name", getattr(ending, "text", "")) in ("nil", "NULL")


def start(module: Module) -> Location:
    """The start of a file."""
    return Location(module.path, 1, 1, 1, 1)


def shown_names(call: Call) -> tuple[str, ...]:
    """The names among a call's arguments."""
    return tuple(
        each.value.name
        for argument in call.arguments
        for each in _code_values.below(argument.value, Frame(0, "file", "", None))
        if isinstance(each.value, Name | Call)
    )


def _argument(name: Value, via: Call | None, module: Module) -> Value:
    """What a call gives for a name that is a parameter of the function called, else its default."""
    if via is None or not isinstance(name, Name) or name.of is not None:
        return name
    for function in module.functions:
        if function.name == via.name:
            for number, parameter in enumerate(function.frame.parameters):
                if parameter.name == name.name:
                    labelled = via.named(parameter.label or parameter.name, parameter.name)
                    if labelled is not None:
                        return labelled
                    if number < len(via.arguments) and not via.arguments[number].name:
                        return via.arguments[number].value
                    return parameter.default or name
    return name


def _given(name: str, module: Module) -> Iterator[Value]:
    """What the file gives a name, and what functions of that name do."""
    for definition in module.definitions:
        inside = definition.frame.enclosing("function")
        if definition.name == name or (inside is not None and inside.name == name):
            yield definition.value
    for function in module.functions:
        if function.name == name:
            yield from (each.value for each in function.returned)
    for verb in ("append", "insert", "addObject"):
        for call, _ in module.calls.get(verb, ()):
            if isinstance(call.of, Name) and call.of.name == name:
                yield from (argument.value for argument in call.arguments[:1])


def module_frame(module: Module) -> Frame:
    """The frame of a file."""
    return Frame(0, "file", module.path, None)


MAX_NAMES = 60


def is_file_name(text: str) -> bool:
    """Tell a name that a file of a bundle may have, its ending left out or not."""
    return len(text) <= 200 and not re.search(r"[\n{}<>\"]|^https?:", text)


def is_certificate_name(text: str) -> bool:
    """Tell the name of a certificate file, with its ending."""
    return bool(re.fullmatch(_CERTIFICATE, text))


def shown(value: Value) -> str:
    """The text by which a certificate goes that is given by a function of the app's own; empty without any."""
    if isinstance(value, Items) and value.items:
        value = value.items[0]
    while isinstance(value, Call):
        named = next((one.value for one in value.arguments if isinstance(one.value, Literal | Call)), None)
        if named is None:
            return ""
        value = named
    return value.value[:80] if isinstance(value, Literal) else ""


def hosts_asked(frame: Frame) -> tuple[tuple[str, Location | None, bool], ...]:
    """The hosts that the conditions around a place ask for, and whether names below them count too."""
    found = []
    for each in frame.outward():
        if each.kind == "function":
            break
        if each.kind == "branch" and not each.name.startswith("!"):
            for match in re.finditer(_ASKED, each.name):
                host = match[2] or match[4] or match[5]
                found.append((host.lstrip("."), each.at, match[1] in ("contains", "hasSuffix")))
    return tuple(found)


_ASKED = (
    r"(?i:host|domain|server)\w{0,20}\??\.(hasSuffix|contains|hasPrefix|isEqual\w*)\(\s*(?:to:\s*)?@?\"([^\"]{3,200})\""
    r"|(?i:host|domain|server)(\w{0,20})\s*==\s*(?:\.?\s*)\"([^\"]{3,200})\""
    r"|\b(?:isEqualToString|hasSuffix|containsString):\s*@\"([^\"]{3,200})\""
)
