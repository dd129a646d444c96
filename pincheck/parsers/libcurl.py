"""libcurl's pins: ``curl_easy_setopt(handle, CURLOPT_PINNEDPUBLICKEY, "sha256//…;sha256//…")``.

Sources: https://curl.se/libcurl/c/CURLOPT_PINNEDPUBLICKEY.html; curl/curl, ``lib/vtls/vtls.c``
(``Curl_pin_peer_pubkey``): what begins with ``sha256//`` is cut at every ``;sha256//`` and compared, as
text, with the base64 SHA-256 of the leaf's SPKI; anything else is the path of a file with the key, PEM or DER.
The option belongs to a handle, and holds for every host that the handle asks.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from itertools import chain

from pincheck.model import (
    Declaration,
    DeclaredHost,
    Gap,
    HostSyntax,
    Location,
    Parsed,
    PinCodec,
    Semantics,
    SourceFile,
    Text,
)
from pincheck.model.code import Call, Frame, Items, Literal, Module, Name, Other, PlacedCall, Value
from pincheck.parsers import _code_values
from pincheck.parsers._followed import host_of, texts
from pincheck.readers import shapes, syntax
from pincheck.readers.sought import Followed, Sought
from pincheck.registry import parser

MECHANISM = "libcurl"
OPTION, URL = "CURLOPT_PINNEDPUBLICKEY", "CURLOPT_URL"
PREFIX = "sha256//"
MAX_URLS = 8
"""URLs of one handle in one function before nobody can tell which of them the pins are for."""
SEMANTICS = Semantics(
    client="libcurl",
    platform="any",
    codec=PinCodec(prefix="required", spelling="sha256//", compares_text=True),
    hosts=HostSyntax(trims=False),
    refused_pin="never matches",
    compares="leaf",
    files="keys",
)


@parser(
    files=("*.c", "*.cc", "*.cpp", "*.cxx", "*.h", "*.hpp", "*.m", "*.mm"),
    markers=(OPTION.encode(),),
)
def parse(source: SourceFile) -> Iterator[Sought]:
    """Yield what every handle is given as its pins, with the URLs that it is given in the same function."""
    module = syntax.read(source)
    options = list(_options(module))
    urls: dict[tuple[str, int], list[Value]] = {}
    for name, handle, value, placed in options:
        if name == URL:
            urls.setdefault((handle, _function(placed.frame)), []).append(value)
    places = _places(module) if options else {}
    for name, handle, value, placed in options:
        if name == OPTION and not _is_none(value):
            at = placed.call.at
            asked = urls.get((handle, _function(placed.frame)), [])
            hosts = Items(tuple(asked) if len(asked) <= MAX_URLS else (), at)
            yield Sought(at, MECHANISM, module, placed.frame, (hosts, value), _reader(at, places))


def _options(module: Module) -> Iterator[tuple[str, str, Value, PlacedCall]]:
    """The option, the handle, the value and the call of every call that sets one of the two."""
    for placed in chain.from_iterable(module.calls.values()):
        values = placed.call.positional
        for number, each in enumerate(values[:3]):
            if isinstance(each, Name) and each.name in (OPTION, URL) and len(values) > number + 1:
                handle = values[number - 1] if number else placed.call.of
                yield each.name, _spelt(handle), values[number + 1], placed


def _spelt(value: Value | None) -> str:
    """A handle in words, for comparing: ``curl``, ``this.curl``, ``curl.get()``."""
    words: list[str] = []
    while isinstance(value, Name | Call):
        words.append(value.name)
        value = value.of
    return ".".join(reversed(words))


def _function(frame: Frame) -> int:
    return (frame.enclosing("function") or frame.outward()[-1]).number


def _is_none(value: Value) -> bool:
    word = value.text if isinstance(value, Other) else value.name if isinstance(value, Name) else ""
    return word in ("NULL", "nullptr", "0", "0L", "nil", "null")


def _reader(at: Location, places: "Places") -> Callable[[Followed], Iterator[Parsed]]:
    def read(followed: Followed) -> Iterator[Declaration | Gap]:
        hosts = tuple(
            DeclaredHost(host.value, host.at) for host in map(_host, texts(followed.values[0]).found)
        )
        given = texts(followed.values[1])
        pins = tuple(pin for text in given.found for pin in _pins(text, places))
        files = tuple(text for text in given.found if not text.value.startswith(PREFIX))
        if pins or files:
            yield Declaration(
                MECHANISM, at, hosts, pins, SEMANTICS, context=followed.context, files=files,
            )  # fmt: skip
        for each in given.lost:
            yield Gap(
                MECHANISM, at, f"the pin cannot be followed: {each.value}",
                tuple(host.text for host in hosts), context=followed.context,
            )  # fmt: skip

    return read


def _host(text: Text) -> Text:
    """The host of a URL; libcurl takes one without a scheme too."""
    host = host_of(text)
    return host if host is not text else Text(re.split(r"[/:?#]", text.value, maxsplit=1)[0], text.at)


# the pins of a text ------------------------------------------------------------


Places = dict[tuple[str, str], list[Location]]


def _pins(text: Text, places: Places) -> Iterator[Text]:
    """The pins that libcurl reads in a text, each at its own place where that is known."""
    if not text.value.startswith(PREFIX):
        return
    start = 0
    for number, piece in enumerate(text.value.split(";" + PREFIX)):
        pin = PREFIX + piece if number else piece
        yield Text(
            pin, shapes.within(text.at, text.value, start, start + len(pin)) or _place(pin, text, places)
        )
        start += len(pin) + 1


def _place(pin: str, text: Text, places: Places) -> Location:
    """Where a pin of a text that is put together stands: the first place from where the text begins."""
    known = places.get((text.at.path, pin.rstrip(";")), [])
    index = bisect_left(known, text.at.line, key=lambda at: at.line)
    return known[index] if index < len(known) else text.at


def _places(module: Module) -> Places:
    """Where each pin of a file stands, from the top."""
    found: Places = {}
    for placed in _code_values.placed(module):
        for value, _ in _code_values.below(*placed):
            if isinstance(value, Literal) and PREFIX in value.value:
                for match in re.finditer(_PIECE, value.value):
                    at = shapes.within(value.at, value.value, *match.span()) or value.at
                    found.setdefault((module.path, match[0]), []).append(at)
    return {key: sorted(places, key=lambda at: at.line) for key, places in found.items()}


_PIECE = r"sha256//[^;]{1,100}"
