"""Certificate files of an app's bundle that Swift and Objective-C code compares with a server's by hand.

Such code evaluates the server's trust itself, and loads ``.cer``, ``.crt``, ``.der`` or ``.pem`` files to compare
their bytes or their keys with what was served, or to make them the only anchors. A host is known only where a
condition on the host of the challenge says it.

Sources: Apple's reference of ``URLAuthenticationChallenge``, ``Bundle.path(forResource:ofType:)`` and
``SecTrustSetAnchorCertificates``, and Technical Note TN2232, *HTTPS Server Trust Evaluation*.
"""

import re
from collections.abc import Callable, Iterator
from itertools import islice

from pincheck.model import (
    Declaration,
    DeclaredHost,
    Gap,
    HostSyntax,
    Location,
    Parsed,
    Semantics,
    SourceFile,
    Text,
)
from pincheck.model.code import Call, Frame, Items, Literal, Module, Name, Other, Value
from pincheck.parsers import _bundled, _code_values, _literals
from pincheck.parsers._followed import texts
from pincheck.readers import syntax
from pincheck.readers.sought import Followed, Sought
from pincheck.readers.tree import Node
from pincheck.registry import parser

CERTIFICATES = Semantics(
    client="the app's own code",
    platform="ios",
    hashed="certificate",
    hosts=HostSyntax(trims=False),
    compares="path",  # a trust object gives the path that Apple built, its root too
    files="certificates",
)
KEYS = CERTIFICATES._replace(hashed="spki", files="keys")
ANCHORS = KEYS._replace(files="anchors")

_SERVED = (
    *("SecTrustGetCertificateAtIndex", "SecTrustCopyCertificateChain", "SecTrustCopyKey"),
    *("SecTrustCopyPublicKey", "SecTrustSetAnchorCertificates"),
)
"""What takes a certificate or key out of a server's trust, or says what that has to end in."""
_BYTES = ("SecCertificateCopyData",)
_KEYS = (
    *("SecTrustCopyKey", "SecTrustCopyPublicKey", "SecCertificateCopyKey", "SecCertificateCopyPublicKey"),
    "SecKeyCopyExternalRepresentation",
)
_OTHERS = (
    *("PinnedCertificatesTrustEvaluator", "PublicKeysTrustEvaluator", "policyWithPinningMode"),
    *("pinCertificates", "pinPublicKeys", "AFSecurityPolicy"),
)
"""What is given certificates by a library's rules, and read elsewhere."""
MAX_HOSTS = 50
"""A file that compares with more says nothing of what any of them is for."""
_ENDING = r"(?i)\.?(?:cer|crt|der|pem)"


@parser(files=("*.swift", "*.m", "*.mm"), markers=(b"serverTrust", b"ServerTrust"))
def parse(source: SourceFile) -> Iterator[Sought]:
    """Yield every certificate file that a file asks its bundle for, if it evaluates a server's trust.

    If it asks for none itself, what it compares is followed to the file that does.
    """
    if not any(name.encode() in source.data for name in _SERVED):
        return
    module = syntax.read(source)
    if not any(name in module.calls for name in _SERVED) or any(name in module.calls for name in _OTHERS):
        return
    if any(each.name.endswith("TrustEvaluator") for each in module.types):
        return  # a copy of a library's, which is given its certificates elsewhere
    asked = tuple(_hosts(module))
    hosts = Items(asked if len(asked) <= MAX_HOSTS else (), _bundled.start(module))
    own = False
    for name in ("path", "url", "pathForResource", "URLForResource"):
        for call, frame in module.calls.get(name, ()):
            file = _bundled.asked(call)
            if file is not None and _may_be_certificate(call):
                own = True
                yield Sought(
                    call.at, _bundled.MECHANISM, module, frame, (file, hosts),
                    _reader(call, frame, _semantics(module)),
                )  # fmt: skip
    for word, frame, at in () if own else _compared(module):
        yield Sought(
            at, _bundled.MECHANISM, module, frame, (word, hosts), _found(at, _semantics(module), _tells(word))
        )  # fmt: skip


def _semantics(module: Module) -> Semantics:
    """What the code makes of the files, as far as the functions that it calls tell."""
    if "SecTrustSetAnchorCertificates" in module.calls:
        return ANCHORS
    compares_keys = any(name in module.calls for name in _KEYS)
    return KEYS if compares_keys and not any(name in module.calls for name in _BYTES) else CERTIFICATES


def _may_be_certificate(call: Call) -> bool:
    """Tell whether a file that is asked for has a certificate's ending, or may be given one elsewhere."""
    ending = call.named("withExtension", "ofType")
    if isinstance(ending, Literal) and ending.value:
        return bool(re.fullmatch(_ENDING, ending.value))
    name = call.arguments[0].value if call.arguments else None
    if isinstance(name, Literal) and (ending is None or _bundled.is_absent(ending)):
        return _bundled.is_certificate_name(name.value)
    return True


def _speaks(call: Call, frame: Frame) -> bool:
    """Tell whether names say that what cannot be followed is a certificate, or its ending says so."""
    ending = call.named("withExtension", "ofType")
    if isinstance(ending, Literal) and ending.value:
        return True
    around = " ".join(_bundled.shown_names(call) + tuple(each.name for each in frame.outward()[:-1]))
    return bool(set(_literals.words(around)) & _SPEAKING)


_SPEAKING = frozenset(
    [
        "cert",
        "certs",
        "certificate",
        "certificates",
        "pin",
        "pins",
        "pinned",
        "pinning",
        "pinner",
        "ssl",
        "cer",
        "der",
    ]
)


def _reader(call: Call, frame: Frame, semantics: Semantics) -> Callable[[Followed], Iterator[Parsed]]:
    def read(followed: Followed) -> Iterator[Declaration | Gap]:
        file, said = followed.values
        found = texts(file)
        names = tuple(
            Text(re.sub(r"\.{2,}(?=\w+$)", ".", each.value), each.at)
            for each in found.found
            if _bundled.is_certificate_name(each.value) and _bundled.is_file_name(each.value)
        )
        asked = tuple(
            DeclaredHost(host, at or call.at, below) for host, at, below in _bundled.hosts_asked(frame)
        )
        hosts = asked or _said_hosts(said)
        if names:
            yield _declared(call.at, hosts, names, semantics, followed)
        for each in found.lost if _speaks(call, frame) else ():
            yield Gap(
                _bundled.MECHANISM, call.at, f"the certificate file cannot be followed: {each.value}",
                tuple(host.text for host in hosts), context=followed.context,
            )  # fmt: skip

    return read


def _declared(
    at: Location,
    hosts: tuple[DeclaredHost, ...],
    files: tuple[Text, ...],
    semantics: Semantics,
    followed: Followed,
) -> Declaration:
    return Declaration(
        _bundled.MECHANISM, at, hosts, (), semantics, context=followed.context, files=files, by_hand=True
    )


# hosts ---------------------------------------------------------------------------


def _said_hosts(said: Node) -> tuple[DeclaredHost, ...]:
    """The hosts that a file compares with."""
    found = (text for text in texts(said).found if _literals.looks_like_host(text.value))
    return tuple(DeclaredHost(text.value, text.at) for text in found)


def _hosts(module: Module) -> Iterator[Value]:
    """What conditions around the evaluation want the host to be: texts, and names of constants."""
    seen = set()
    for condition in _conditions(module):
        for match in re.finditer(_COMPARED, condition.name):
            host = match[1] or match[2] or match[3]
            if host not in seen:
                seen.add(host)
                at = condition.at or _bundled.start(module)
                yield _name(host.split(".")) if match[2] else Literal(host, at)


def _conditions(module: Module) -> Iterator[Frame]:
    """The conditions that hold where trust is evaluated: those around it, and what its functions turn away."""
    functions: set[int] = set()
    found: dict[int, Frame] = {}
    for name in _SERVED:
        for _, frame in module.calls.get(name, ()):
            for each in frame.outward():
                if each.kind == "function":
                    functions.add(each.number)
                    break
                if each.kind == "branch" and not each.name.startswith("!"):
                    found[each.number] = each
    for placed in module.statements:
        branch, function = placed.frame, placed.frame.enclosing("function")
        turned_away = branch.kind == "branch" and branch.name.startswith("!")
        if turned_away and function is not None and function.number in functions:
            found[branch.number] = branch
    yield from found.values()


def _name(words: list[str]) -> Name:
    name = Name(words[0])
    for word in words[1:]:
        name = Name(word, name)
    return name


_COMPARED = (
    r"(?:\bhost|\bserverName|\bhostName|\bhostname|\bdomain)\s{0,3}==\s{0,3}"
    r"(?:@?\"([^\"]{3,200})\"|([A-Za-z_]\w{0,60}(?:\.\w{1,60}){0,4}))"
    r"|\bhost\]?\s{0,3}isEqualToString:\s{0,3}@\"([^\"]{3,200})\""
)


# files that another file loads ------------------------------------------------------


def _compared(module: Module) -> Iterator[tuple[Name, Frame, Location]]:
    """The names in the comparisons and conditions of a file that speak of certificates."""
    seen: set[tuple[str, ...]] = set()
    for name, frame, at in islice(_mentioned(module), MAX_MENTIONED):
        if set(_literals.words(name.name)) & _SPEAKING and name.path not in seen and len(seen) < MAX_NAMES:
            seen.add(name.path)
            yield name, frame, at


def _mentioned(module: Module) -> Iterator[tuple[Name, Frame, Location]]:
    start = _bundled.start(module)
    for verb in ("contains", "isEqual", "isEqualToData", "SecTrustSetAnchorCertificates", "CFEqual"):
        for call, frame in module.calls.get(verb, ()):
            for value in (call.of, *(each.value for each in call.arguments)):
                if isinstance(value, Name):
                    yield value, frame, call.at
    for placed in _code_values.placed(module):
        for value, frame in _code_values.below(*placed):
            if isinstance(value, Other) and re.search(r"[!=]=", value.text):
                yield from (
                    (each, frame, value.at or start) for each in value.parts if isinstance(each, Name)
                )
        branch = placed.frame
        if branch.kind == "branch" and branch.outer is not None and re.search(r"[!=]=", branch.name):
            for word in re.findall(r"[A-Za-z_]\w{0,60}(?:\.\w{1,60}){0,4}", branch.name):
                yield _name(word.split(".")), branch.outer, branch.at or start


def _tells(name: Name) -> bool:
    """Whether a name can only be that of a certificate of the app's own."""
    said = set(_literals.words(name.name))
    return bool(said & _OWN) and bool(said & {"cert", "certs", "certificate", "certificates"})


MAX_MENTIONED = 20_000
MAX_NAMES = 20


def _found(at: Location, semantics: Semantics, told: bool) -> Callable[[Followed], Iterator[Parsed]]:
    def read(followed: Followed) -> Iterator[Declaration | Gap]:
        file, said = followed.values
        names = tuple(
            each.text
            for each in file.walk()
            if each.kind == "file" and _bundled.is_certificate_name(each.value)
        )
        hosts = _said_hosts(said)
        if names:
            yield _declared(at, hosts, names, semantics, followed)
        lost = next((each for each in file.walk() if each.kind == "unknown"), None)
        if lost is not None and not names and told:
            reason = f"the certificate that is compared cannot be followed: {lost.value}"
            said_hosts = tuple(host.text for host in hosts)
            yield Gap(_bundled.MECHANISM, at, reason, said_hosts, context=followed.context)

    return read


_OWN = frozenset(["pinned", "pinning", "local", "bundled", "trusted", "stored", "expected", "embedded"])
"""Words for what the app has, and no server sends."""
