"""The ``sslPinning`` option of a ``fetch``: certificate files by name, or pins, for the host of its URL."""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from pincheck.model import Declaration, DeclaredHost, Defect, Gap, Location, Semantics
from pincheck.model.code import Call, Entries, Items, Literal, Module, Name, Value
from pincheck.parsers import _script
from pincheck.parsers._followed import Texts, texts
from pincheck.parsers._literals import looks_like_host, words
from pincheck.readers.shapes import shape
from pincheck.readers.sought import Followed, Sought
from pincheck.readers.tree import Node

OPTION = "sslPinning"
NAMES = ("certs", "cert")


class Client(NamedTuple):
    """A library whose ``fetch`` takes the option."""

    mechanism: str
    packages: tuple[str, ...]
    pins: Semantics
    """How it behaves with pins."""
    files: Semantics
    """How it behaves with certificate files."""


def sought(module: Module, client: Client) -> Iterator[Sought]:
    """Yield what every request of a module pins, and every table of hosts and certificates."""
    imported = _script.uses(module, *client.packages)
    tables = [each for each in _script.objects(module) if _is_table(each, imported)]
    inside = {_spot(each.entries.at) for each in tables}
    for table in tables:
        for key, value in table.entries.entries:
            certificates = _certificates(value)
            inside.add(_spot(certificates.at) if isinstance(certificates, Entries | Items) else ("", 0, 0))
            yield _one(module, table, key, certificates, client, table=())
    in_tables = tuple(each.entries.at for each in tables)
    for each in _script.objects(module):
        option = each.get(OPTION)
        if option is not None and (imported or _speaks_of(option)):
            url = _script.authority(_url(each, module), module, each.frame)
            yield _one(module, each, url, option, client, table=in_tables)
        if each.get("disableAllSecurity") is not None and imported:
            yield _unsafe(module, each, client)


def _one(
    module: Module,
    around: _script.Object,
    host: Value | None,
    certificates: Value,
    client: Client,
    table: tuple[Location, ...],
) -> Sought:
    at = certificates.at if isinstance(certificates, Entries | Items) else around.entries.at
    values = (host if host is not None else Items((), at), certificates)
    return Sought(at, client.mechanism, module, around.frame, values, _reader(at, client, table))


def _certificates(value: Value) -> Value:
    """What a table holds for a host: the names themselves, or an object of them."""
    if isinstance(value, Entries):
        return next((each for key, each in value.entries if _script.named(key) in NAMES), value)
    return value


def _is_table(each: _script.Object, imported: bool) -> bool:
    """Tell an object of certificates by host, which the code hands on under the option's name."""
    entries = each.entries.entries
    if not entries or not all(looks_like_host(_script.named(key)) for key, _ in entries):
        return False
    if all(isinstance(value, Entries) and _certificates(value) is not value for _, value in entries):
        return imported or bool({"pin", "pins", "pinning", "pinned"} & set(words(each.name)))
    if not all(isinstance(value, Items) and value.items for _, value in entries):
        return False
    named = set(words(each.name))
    return bool(named & {"cert", "certs", "certificate", "certificates", "pins", "pinned", "pinning"}) and (
        imported or bool(named & {"cert", "certs", "certificates"} and named & _PINNING)
    )


_PINNING = {"ssl", "tls", "pin", "pins", "pinned", "pinning"}


def _speaks_of(option: Value) -> bool:
    """Tell the library's option where the file does not import it: an object with its key."""
    return isinstance(option, Entries) and any(_script.named(key) in NAMES for key, _ in option.entries)


def _url(each: _script.Object, module: Module) -> Value | None:
    """The URL that options are for: the argument before them, or one of their own keys."""
    if each.call is not None and each.call.positional and each.call.positional[0] != each.entries:
        return each.call.positional[0]
    if own := each.get("url", "baseURL", "baseUrl"):
        return own
    if each.name:
        for calls in module.calls.values():
            for placed in calls:
                if _hands_on(placed.call, each.name):
                    return placed.call.positional[0]
    return None


def _hands_on(call: Call, name: str) -> bool:
    given = call.positional[1:]
    return any(isinstance(each, Name) and each.of is None and each.name == name for each in given)


def _reader(
    at: Location, client: Client, tables: tuple[Location, ...]
) -> Callable[[Followed], Iterator[Declaration | Gap]]:
    def read(followed: Followed) -> Iterator[Declaration | Gap]:
        url, option = followed.values
        host = _script.host_of(url)
        hosts = (DeclaredHost(host.value, host.at),) if host else ()
        found = _named(option)
        context = _script.build(followed)
        kept = tuple(each for each in found.found if not any(_in(each.at, table) for table in tables))
        pins = tuple(each for each in kept if _is_pin(each.value))
        files = tuple(each for each in kept if not _is_pin(each.value))
        if pins:
            yield Declaration(client.mechanism, at, hosts, pins, client.pins, context=context)
        if files:
            yield Declaration(client.mechanism, at, hosts, (), client.files, context=context, files=files)
        if not found.found:
            for lost in found.lost:
                reason = f"the pinned certificate cannot be followed: {lost.value}"
                yield Gap(client.mechanism, at, reason, tuple(each.text for each in hosts), context=context)

    return read


def _named(option: Node) -> Texts:
    """The names of certificates in an option, or in the list of a table."""
    if option.kind != "map":
        return texts(option)
    below = [texts(each) for key, each in option.entries if key.value in NAMES]
    return Texts(
        tuple(t for each in below for t in each.found), tuple(n for each in below for n in each.lost)
    )


def _is_pin(text: str) -> bool:
    """Tell a pin, good or bad, from the name of a file."""
    return bool(shape(text)) or bool(re.match(r"(?i)(?:pin-)?sha-?(?:256|1)[/=:]", text)) or len(text) > 80


def _in(inner: Location, outer: Location) -> bool:
    start, end = (inner.line, inner.column), (inner.end_line, inner.end_column)
    after = (outer.line, outer.column) <= start
    return inner.path == outer.path and after and end <= (outer.end_line, outer.end_column)


def _spot(at: Location) -> tuple[str, int, int]:
    return at.path, at.line, at.column


def _unsafe(module: Module, each: _script.Object, client: Client) -> Sought:
    """A request that checks no certificate at all."""
    url = _script.authority(_url(each, module), module, each.frame)
    flag = each.get("disableAllSecurity") or Literal("", each.entries.at)

    def read(followed: Followed) -> Iterator[Defect]:
        host = _script.host_of(followed.values[0])
        if followed.values[1].value == "true":
            yield Defect(
                "unenforced", followed.values[1].at,
                "disableAllSecurity is true: every certificate is taken, from whomever it comes",
                "remove it; for servers of your own, pin their certificate", (host.value,) if host else (),
                context=_script.build(followed),
            )  # fmt: skip

    nothing = Items((), each.entries.at)
    values = (url if url is not None else nothing, flag)
    return Sought(each.entries.at, client.mechanism, module, each.frame, values, read)
