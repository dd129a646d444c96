"""Pieces of an Info.plist in an Expo configuration or plugin that is code."""

from collections.abc import Callable, Iterator

from pincheck.model import Location, Parsed
from pincheck.model.code import Entries, Frame, Module, Value
from pincheck.parsers import _code_plist, _script
from pincheck.parsers._ats_origin import DOMAINS
from pincheck.parsers._trustkit_ios_keys import CONFIGURATION
from pincheck.parsers._trustkit_ios_keys import DOMAINS as TRUSTKIT_DOMAINS
from pincheck.readers.sought import Followed, Sought

ATS_IN_PLIST, TRUSTKIT_IN_PLIST = "ios-ats", "trustkit-plist"


def sought(module: Module, mechanism: str = "") -> Iterator[Sought]:
    """Yield what stands under ``NSPinnedDomains`` and ``TSKConfiguration``, as a key or as a property set."""
    for each in _script.objects(module):
        for key, value in each.entries.entries:
            name = _script.named(key)
            if name == DOMAINS:
                yield _ats(module, each.frame, value, each.entries.at, mechanism)
            elif name == CONFIGURATION:
                yield _trustkit(module, each.frame, value, each.entries.at, mechanism)
        under = _script.named(each.key) if each.key is not None else each.name
        if each.get(TRUSTKIT_DOMAINS) is not None and under != CONFIGURATION:
            yield _trustkit(module, each.frame, each.entries, each.entries.at, mechanism)
    for definition in module.definitions:
        if definition.name == DOMAINS and definition.owner:
            yield _ats(module, definition.frame, definition.value, definition.at, mechanism)
        elif (
            definition.name == CONFIGURATION
            and definition.owner
            and not (isinstance(definition.value, Entries) and _has_domains(definition.value))
        ):
            yield _trustkit(module, definition.frame, definition.value, definition.at, mechanism)


def _has_domains(entries: Entries) -> bool:
    return any(_script.named(key) == TRUSTKIT_DOMAINS for key, _ in entries.entries)


Read = Callable[[Followed], Iterator[Parsed]]


def _ats(module: Module, frame: Frame, value: Value, at: Location, mechanism: str) -> Sought:
    name = mechanism or ATS_IN_PLIST

    def read(followed: Followed) -> Iterator[Parsed]:
        yield from _code_plist.app_transport_security(followed.values[0], name, followed.debug)

    return Sought(at, name, module, frame, (value,), read)


def _trustkit(module: Module, frame: Frame, value: Value, at: Location, mechanism: str) -> Sought:
    name = mechanism or TRUSTKIT_IN_PLIST

    def read(followed: Followed) -> Iterator[Parsed]:
        if followed.values[0].kind == "map":
            yield from _code_plist.trustkit(followed.values[0], name, followed.debug)

    return Sought(at, name, module, frame, (value,), read)
