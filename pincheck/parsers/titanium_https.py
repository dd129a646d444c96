"""Titanium's ti.https and appcelerator.https: a security manager with a certificate file for each URL.

Source: tidev/appcelerator.https, ``HttpsModule.java``, ``PinningSecurityManager.java``, and their Objective-C
twins: the public key of the file has to be that of the leaf.
"""

from collections.abc import Callable, Iterator

from pincheck.model import Declaration, DeclaredHost, Gap, HostSyntax, Location, Semantics, SourceFile, Text
from pincheck.model.code import Entries, Items, Literal, Module, PlacedCall, Value
from pincheck.parsers import _certificate_names, _script
from pincheck.readers.sought import Followed, Sought
from pincheck.registry import parser

MECHANISM = "titanium-https"
CREATE = "createX509CertificatePinningSecurityManager"

SEMANTICS = Semantics(
    client="Titanium's https module",
    platform="any",
    hosts=HostSyntax(wildcards=("*.",)),
    lookup="union",
    compares="leaf",
    files="keys",
)


@parser(files=_script.FILES, markers=(CREATE.encode(),))
def parse(source: SourceFile) -> Iterator[Sought]:
    """Yield every object with a URL and a certificate that a security manager is made of."""
    module = _script.read(source)
    for placed in module.calls.get(CREATE, ()) if module is not None else ():
        if module is None or not placed.call.positional:
            continue
        given = _script.settled(placed.call.positional[0], module, placed.frame)
        listed = [
            settled
            for item in (given.items if isinstance(given, Items) else ())
            if isinstance(settled := _script.settled(item, module, placed.frame), Entries)
        ]
        for each in listed:
            yield _profile(module, placed, each)
        if not listed and given is not None:
            yield Sought(placed.call.at, MECHANISM, module, placed.frame, (given,), _whole(placed.call.at))


def _profile(module: Module, placed: PlacedCall, entries: Entries) -> Sought:
    values = {_script.named(key): value for key, value in entries.entries}
    nothing: Value = Items((), entries.at)
    certificate = values.get("serverCertificate", nothing)
    files = _certificate_names.literals(certificate, module, placed.frame)
    url = _script.authority(values.get("url", nothing), module, placed.frame) or nothing
    read = _reader(entries.at, files)
    return Sought(entries.at, MECHANISM, module, placed.frame, (url, certificate), read)


def _reader(at: Location, files: tuple[Literal, ...]) -> Callable[[Followed], Iterator[Declaration | Gap]]:
    def read(followed: Followed) -> Iterator[Declaration | Gap]:
        url, certificate = followed.values
        context = _script.build(followed)
        host = _script.host_of(url)
        hosts = (DeclaredHost(host.value, host.at),) if host else ()
        found = tuple(Text(each.value, each.at) for each in files) or _certificate_names.named(certificate)
        if found:
            yield Declaration(MECHANISM, at, hosts, (), SEMANTICS, context=context, files=found)
        else:
            names = tuple(each.text for each in hosts)
            yield Gap(MECHANISM, at, "the certificate cannot be followed", names, context=context)

    return read


def _whole(at: Location) -> Callable[[Followed], Iterator[Declaration | Gap]]:
    """A list that is made elsewhere."""

    def read(followed: Followed) -> Iterator[Declaration | Gap]:
        (root,) = followed.values
        found = False
        for each in root.items:
            host = _script.host_of(each.get("url"))
            files = _certificate_names.named(each.get("serverCertificate"))
            if files:
                found = True
                hosts = (DeclaredHost(host.value, host.at),) if host else ()
                yield Declaration(MECHANISM, each.at, hosts, (), SEMANTICS, files=files)
        if not found:
            yield Gap(MECHANISM, at, "the pinned certificates cannot be followed")

    return read
