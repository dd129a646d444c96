"""Declarations -> pin sets: references followed, hosts, pins and dates typed.

Every text is read as the declaring client reads it (``Semantics``); what the client cannot read
stays in the pin set with its fault, for a rule to name.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeVar

from pincheck.model import (
    CertificateFile,
    CodeContext,
    Declaration,
    DeclaredPin,
    Defect,
    Dependency,
    Expiry,
    Gap,
    Installation,
    Location,
    Manifest,
    MinimumVersion,
    Parsed,
    PinnedFile,
    PinSet,
    PrivateKey,
    Project,
    ResourceUse,
    Semantics,
    Suppression,
    Text,
    TrustAnchor,
    Unpinned,
)
from pincheck.readers.dates import read_day
from pincheck.readers.host_text import read_host
from pincheck.readers.paths import code_context
from pincheck.readers.pin_text import read_pin

T = TypeVar("T")
Judged = TypeVar("Judged", Defect, Gap, PrivateKey, Suppression, Unpinned)


MAX_PAIRS = 1_000_000
"""Pairs of a host and a pin in one tree: a hostile file would else make a report without end."""


def resolve(parsed: Iterable[Parsed], whole: bool = True) -> Project:
    """Return what all files together declare, each kind in the order of its files.

    ``whole`` tells that no file of the repository is left out, so that what is not seen is not there.
    """
    found = tuple(parsed)
    declarations, too_large = _affordable(_outranked(_all(found, Declaration), _all(found, Gap)))
    declarations = _versioned(declarations, _all(found, Dependency))
    certificates = _all(found, CertificateFile)
    defects = (
        *_with_installations(found, whole),
        *_unreferenced(found, declarations, whole),
        *_uninstalled(found, declarations, whole),
    )
    tree = _Certificates(
        _certificate_hashes(certificates) if declarations else {},
        _raw_resources(certificates),
        tuple(file.path for file in certificates),
    )
    pin_sets = tuple(_pin_set(declaration, tree) for declaration in declarations)
    pinned = (path for pin_set in pin_sets for anchor in pin_set.anchors for path in anchor.files)
    pinned_folders = {path.rpartition("/")[0]: path for path in sorted(pinned, reverse=True)}
    return Project(
        pin_sets=pin_sets,
        defects=tuple(
            _in_context(defect)
            for defect in (*defects, *_unreadable_anchors(pin_sets, certificates))
            if not defect.if_pinned or any(each.context == "production" for each in pin_sets)
        ),
        gaps=tuple(_in_context(gap) for gap in (*_all(found, Gap), *too_large)),
        private_keys=tuple(
            _in_context(key._replace(beside=pinned_folders.get(key.at.path.rpartition("/")[0], "")))
            for key in _public_halves(_all(found, PrivateKey), pin_sets)
        ),
        certificate_files=certificates,
        suppressions=tuple(_in_context(one) for one in _all(found, Suppression)),
        minimums=_all(found, MinimumVersion),
        unpinned=tuple(_in_context(one) for one in _all(found, Unpinned)),
    )


def _outranked(declarations: tuple[Declaration, ...], gaps: tuple[Gap, ...]) -> tuple[Declaration, ...]:
    """The declarations without the inferred pins whose text a known format uses too, or knows to be none.

    Of several inferred declarations with one text the largest tells what stands together, and one with
    hosts what it is for; another counts beside it where the same kind of declaration gives other hosts.
    """
    if not any(each.inferred for each in declarations):
        return declarations
    used = {_spot(pin.at) for each in declarations if not each.inferred for pin in each.pins}
    used.update(_spot(gap.at) for gap in gaps if gap.text)
    with_hosts = {_spot(pin.at) for each in declarations if each.inferred and each.hosts for pin in each.pins}
    said: dict[tuple[str, int, int], list[tuple[str, frozenset[str]]]] = {}
    kept: dict[int, Declaration] = {}
    for number, each in sorted(enumerate(declarations), key=lambda pair: -len(pair[1].pins)):
        if not each.inferred:
            kept[number] = each
            continue
        this = (each.mechanism, frozenset(host.text for host in each.hosts))
        free = (
            pin
            for pin in each.pins
            if _spot(pin.at) not in used and (each.hosts or _spot(pin.at) not in with_hosts)
        )
        pins = tuple(pin for pin in free if _is_new(this, said.get(_spot(pin.at), [])))
        for pin in pins:
            said.setdefault(_spot(pin.at), []).append(this)
        if pins:
            kept[number] = each._replace(pins=pins)
    return tuple(kept[number] for number in sorted(kept))


def _is_new(this: tuple[str, frozenset[str]], before: list[tuple[str, frozenset[str]]]) -> bool:
    """Tell whether a text is not used yet, or by the same mechanism for other hosts."""
    return not before or (before[0][0] == this[0] and bool(before[0][1] and this[1]) and this not in before)


def _spot(at: Location) -> tuple[str, int, int]:
    return at.path, at.line, at.end_column


def _affordable(
    declarations: tuple[Declaration, ...],
) -> tuple[tuple[Declaration, ...], tuple[Gap, ...]]:
    """The declarations up to ``MAX_PAIRS``, and a gap for each beyond."""
    pairs, kept, gaps = 0, [], []
    for declaration in declarations:
        hosts, pins = len(declaration.hosts), len(declaration.pins)
        if pairs + hosts * pins > MAX_PAIRS:
            reason = f"{hosts} hosts with {pins} pins are too many to judge"
            gaps.append(Gap(declaration.mechanism, declaration.at, reason, context=declaration.context))
        else:
            pairs += hosts * pins
            kept.append(declaration)
    return tuple(kept), tuple(gaps)


def _all(found: tuple[Parsed, ...], kind: type[T]) -> tuple[T, ...]:
    return tuple(item for item in found if isinstance(item, kind))


def _in_context(item: Judged) -> Judged:
    return item if item.context else item._replace(context=code_context(item.at.path))


class _Certificates(NamedTuple):
    """The certificate files of the tree, as declarations may mean them."""

    hashes: dict[bytes, str]
    resources: dict[str, list[str]]
    paths: tuple[str, ...]


def _pin_set(declaration: Declaration, tree: _Certificates) -> PinSet:
    semantics = _semantics(declaration)
    context = declaration.context or _context(declaration)
    pins = (read_pin(text, semantics) for text in declaration.pins)
    expires = declaration.expires
    return PinSet(
        mechanism=declaration.mechanism,
        at=declaration.at,
        hosts=tuple(read_host(host, semantics) for host in declaration.hosts),
        pins=tuple(_with_certificate(pin, tree.hashes) for pin in pins),
        semantics=semantics,
        context=context,
        variant=declaration.variant,
        expires=expires
        and Expiry(expires.value, expires.at, read_day(expires.value, semantics.expiry_format)),
        anchors=tuple(_with_files(anchor, tree.resources) for anchor in declaration.anchors),
        read=declaration.read,
        dynamic=declaration.dynamic,
        cleartext=declaration.cleartext,
        files=tuple(_pinned_file(text, tree.paths) for text in declaration.files),
        by_hand=declaration.by_hand,
        inferred=declaration.inferred,
    )


def _semantics(declaration: Declaration) -> Semantics:
    """How the client behaves; what pins for Android elsewhere runs on the JVM in a source set of that name."""
    semantics = declaration.semantics
    if semantics.platform == "android" and re.search(_JVM_SOURCE_SET, declaration.at.path):
        return semantics._replace(platform="jvm")
    return semantics


_JVM_SOURCE_SET = r"(?:^|/)src/(?:desktop|jvm)Main/"
"""As Kotlin Multiplatform calls those of its JVM targets."""


def _certificate_hashes(files: tuple[CertificateFile, ...]) -> dict[bytes, str]:
    """The SHA-256 of each whole certificate in the tree, and the file it is of."""
    from hashlib import sha256

    return {sha256(der).digest(): file.path for file in reversed(files) for der in file.ders}


def _with_certificate(pin: DeclaredPin, hashes: dict[bytes, str]) -> DeclaredPin:
    """Name the certificate file whose whole-certificate hash the pin is."""
    if not pin.pin or pin.pin.hashed == "certificate":
        return pin
    return pin._replace(certificate_file=hashes.get(pin.pin.digest, ""))


def _context(declaration: Declaration) -> CodeContext:
    """What the declaration is for: that of its file, or of its pins and files where none of them is in production."""
    here = code_context(declaration.at.path)
    paths = dict.fromkeys(text.at.path for text in (*declaration.pins, *declaration.files))
    if here != "production" or not paths or list(paths) == [declaration.at.path]:
        return here
    of_pins = [code_context(path) for path in paths]
    return "production" if "production" in of_pins else of_pins[0]


def _pinned_file(text: Text, paths: tuple[str, ...]) -> PinnedFile:
    """The file with the certificates of the tree that its name, with or without ending or folder, may mean."""
    wanted = text.value.rpartition("/")[2].lower()
    found = [path for path in paths if wanted in _names_of(path)] if wanted else []
    if text.value.count("/") and any(path.lower().endswith(text.value.lower()) for path in found):
        found = [path for path in found if path.lower().endswith(text.value.lower())]
    return PinnedFile(text.value, text.at, tuple(found))


def _names_of(path: str) -> tuple[str, str]:
    name = path.rpartition("/")[2].lower()
    return name, name.rpartition(".")[0]


# trust anchors ---------------------------------------------------------------


def _raw_resources(certificates: tuple[CertificateFile, ...]) -> dict[str, list[str]]:
    """The certificate files in ``res/raw`` folders, by the resource's name."""
    found: dict[str, list[str]] = {}
    for file in certificates:
        if match := re.search(_RAW, file.path):
            found.setdefault(match[1].lower(), []).append(file.path)
    return found


_RAW = r"(?:^|/)raw(?:-[^/]+)?/([^/]+)\.[^/.]+$"


def _with_files(anchor: TrustAnchor, resources: dict[str, list[str]]) -> TrustAnchor:
    """Add the files that an anchor ``@raw/name`` means: those of the module it stands in, else all."""
    if not anchor.source.startswith("@raw/"):
        return anchor
    found = resources.get(anchor.source[len("@raw/") :].lower(), [])
    module = _module(anchor.at.path)
    near = [path for path in found if path.startswith(module)]
    return anchor._replace(files=tuple(near or found))


def _unreadable_anchors(
    pin_sets: Iterable[PinSet], certificates: tuple[CertificateFile, ...]
) -> Iterator[Defect]:
    by_path = {file.path: file for file in certificates}
    seen = set()
    for pin_set in pin_sets:
        for anchor in pin_set.anchors:
            for path in anchor.files:
                if path not in seen and (fault := _certificate_fault(by_path[path])):
                    seen.add(path)
                    yield Defect(
                        "malformed", anchor.at,
                        f"{path} cannot be read as certificates ({fault}): {pin_set.semantics.client} throws when"
                        " it first reads the file, so the app crashes on its first connection",
                        "replace it by the certificate in PEM or DER", pin_set.host_names,
                    )  # fmt: skip


def _certificate_fault(file: CertificateFile) -> str:
    from pincheck.pki import certificates

    try:
        certificates.read(file.data)
    except certificates.BadCertificate as error:
        return str(error)
    return ""


# private keys ----------------------------------------------------------------


def _public_halves(keys: tuple[PrivateKey, ...], pin_sets: tuple[PinSet, ...]) -> Iterator[PrivateKey]:
    """Add the SPKI hash to each key, if there is a pin that it could be the key of."""
    if keys and any(pin.pin for pin_set in pin_sets for pin in pin_set.pins):
        from pincheck.pki import keys as pki

        for key in keys:
            yield key._replace(spki=pki.spki_hash(key.data))
    else:
        yield from keys


# libraries -------------------------------------------------------------------


def _versioned(
    declarations: tuple[Declaration, ...], dependencies: tuple[Dependency, ...]
) -> tuple[Declaration, ...]:
    """The declarations as the versions of their libraries read them; the nearest build file tells."""
    if not dependencies:
        return declarations
    return tuple(
        each._replace(semantics=each.by_version(version))
        if each.by_version and (version := _version(each, dependencies))
        else each
        for each in declarations
    )


def _version(declaration: Declaration, dependencies: tuple[Dependency, ...]) -> str:
    """The version that the build files nearest to a declaration ask for; empty where they disagree."""
    folders = declaration.at.path.split("/")[:-1]
    nearest: dict[int, set[str]] = {}
    for each in dependencies:
        if each.name == declaration.library:
            nearest.setdefault(_shared(folders, each.at.path.split("/")[:-1]), set()).add(each.version)
    versions = nearest[max(nearest)] if nearest else set()
    return versions.pop() if len(versions) == 1 else ""


def _shared(one: list[str], two: list[str]) -> int:
    return next(
        (n for n, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two))
    )


def _with_installations(found: tuple[Parsed, ...], whole: bool) -> Iterator[Defect]:
    """The defects but those that an installation mends."""
    installed = {each.what for each in _all(found, Installation)}
    for defect in _all(found, Defect):
        if defect.unless and defect.unless not in installed and whole:
            never = f"{defect.what}, and no code of the repository calls {defect.unless}"
            yield defect._replace(what=never, severity="warning")
        elif not defect.unless or defect.unless not in installed:
            yield defect


def _uninstalled(
    found: tuple[Parsed, ...], declarations: tuple[Declaration, ...], whole: bool
) -> Iterator[Defect]:
    """Yield a defect for each declaration that nothing in the whole repository installs."""
    if not whole:
        return
    installed = {each.what for each in _all(found, Installation)}
    seen = set()
    for declaration in declarations:
        what = declaration.installed
        if what and what not in installed and declaration.at not in seen:
            seen.add(declaration.at)
            yield Defect(
                "unenforced", declaration.at,
                f"these pins are built, and no code of the repository hands them to a client: {what} is never"
                " called, so nothing is pinned unless code elsewhere does it",
                f"call {what} on the client's builder", tuple(host.text for host in declaration.hosts),
                context=declaration.context,
            )  # fmt: skip


# references to whole files ---------------------------------------------------


def _unreferenced(
    found: tuple[Parsed, ...], declarations: tuple[Declaration, ...], whole: bool
) -> Iterator[Defect]:
    """Yield a defect for each file that its client reads only by name, and that nothing names.

    Where the tree holds no manifest of the file's module, or one names a file by a placeholder,
    whether the file is used is unknown, and it counts as used.
    """
    manifests = [manifest.path for manifest in _all(found, Manifest)]
    uses = {use.name for use in _all(found, ResourceUse)}
    for path, declaration in {d.at.path: d for d in reversed(declarations) if d.resource}.items():
        resource = declaration.resource
        main = resource.removesuffix("_debug")
        hosts = tuple(host.text for host in declaration.hosts)
        if resource in uses:
            continue
        if main in uses:
            yield Defect(
                "misplaced", declaration.at,
                f"Android reads only the <debug-overrides> of {resource}, the debug twin of {main}, not these pins",
                "move them to the main file", hosts,
            )  # fmt: skip
        elif whole and "" not in uses and any(manifest.startswith(_module(path)) for manifest in manifests):
            yield Defect(
                "misplaced", declaration.at,
                f"no manifest of the repository names @{resource}, so Android never reads these pins",
                f'set android:networkSecurityConfig="@{resource}" in <application>', hosts,
            )  # fmt: skip


_IN_MODULE = r"(?:src/[^/]+/)?(?:res|Resources)/(?:xml|raw)(?:-[^/]+)?/[^/]+$"


def _module(path: str) -> str:
    """The folder of the Gradle or .NET project that a resource file belongs to, with ``/`` or empty."""
    match = re.search(_IN_MODULE, path)
    return path[: match.start()] if match else path.rpartition("/")[0] + "/"
