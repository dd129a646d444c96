"""The oldest Android and iOS that an app is built for, as builds and manifests state it.

What is computed, or handed on by a name, is passed over: the place that gives the name its number states it too.
"""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from pincheck.minimums import android_release
from pincheck.model import MinimumVersion, SourceFile
from pincheck.readers.paths import code_context
from pincheck.readers.text import Lines, decode
from pincheck.readers.unreadable import Unreadable
from pincheck.registry import fits, parser

# Comments, and the strings that may hold what looks like one. An open one runs to the end.
_CODE = r"\"(?:\\.|[^\"\\\n])*\"?|'(?:\\.|[^'\\\n])*'?|(?P<comment>//[^\n]*|/\*[\s\S]*?(?:\*/|\Z))"
_HASH = r"\"(?:\\.|[^\"\\\n])*\"?|'(?:\\.|[^'\\\n])*'?|(?P<comment>#[^\n]*)"
_XML = r"(?P<comment><!--[\s\S]*?(?:-->|\Z))"

_VERSION = r"(\d{1,2}(?:\.\d{1,3}){0,2})(?![\w.])"
_LEVEL = r"(\d{1,2})(?![\w.])"
_MIN_SDK = (
    r"(?:[mM]in(?:Sdk|SDK|sdk|_sdk|-sdk)(?:[_-]?[vV]ersion)?|MIN_SDK(?:_VERSION)?|sdk[_-]?[mM]in|SDK_MIN)"
    r"(?![\w-])[\"']?\]?\s{0,40}"
    r"(?:(?::\s{0,8}\w{1,20}\s{0,8})?=|[:,(]|\.set\(|\)\s{0,8}\?:|\{\s{0,40}version\s{0,8}=\s{0,8}release\(|[ \t])"
    r"\s{0,8}[\"']?"
) + _LEVEL
"""``minSdk 24``, ``minSdk = 24``, ``minSdkVersion(24)``, ``MIN_SDK: Int = 24``; also the ``24`` that stands in for a
property, ``findProperty('android.minSdkVersion') ?: '24'``."""
_PREFERENCE = (
    r"<preference(?=[^<>]{{0,200}}\sname\s{{0,8}}=\s{{0,8}}[\"']{name}[\"'])[^<>]{{0,200}}?\svalue\s{{0,8}}=\s{{0,8}}"
    r"[\"']"
)
_TARGET = r"\bIPHONEOS_DEPLOYMENT_TARGET(?:\[[^\]\n]{0,80}\])?[\"']?\s{0,8}[=:]\s{0,8}[\"']?" + _VERSION
_SUPPORTED = r"<SupportedOSPlatformVersion{condition}>\s{{0,40}}"


class _Spelling(NamedTuple):
    """How one kind of file states the oldest release of one platform."""

    platform: Literal["android", "ios"]
    pattern: str
    """Its group is an API level, of which what follows a dot does not count, or a version of iOS."""
    given: str = ""
    """What must match at the start of the file for this to be what it states."""


class _Format(NamedTuple):
    """A kind of file."""

    files: tuple[str, ...]
    comments: str
    spellings: tuple[_Spelling, ...]


_FORMATS = (
    _Format(
        (
            *("*.gradle", "*.kts", "buildSrc/*.kt", "buildLogic/*.kt", "build-*/*.kt"),
            *("*Dependencies.kt", "*Versions.kt", "*Deps.kt"),
        ),
        _CODE,
        (
            _Spelling("android", _MIN_SDK),
            _Spelling("ios", r"\bios\.deploymentTarget\s{0,8}=\s{0,8}\"" + _VERSION),
        ),
    ),
    _Format(("*.versions.toml", "*.properties"), _HASH, (_Spelling("android", _MIN_SDK),)),
    _Format(
        ("AndroidManifest*.xml",),
        _XML,
        (_Spelling("android", r"\bandroid:minSdkVersion\s{0,8}=\s{0,8}[\"']" + _LEVEL),),
    ),
    _Format(
        ("config.xml",),
        _XML,
        (
            _Spelling("android", _PREFERENCE.format(name="android-minSdkVersion") + _LEVEL),
            _Spelling("ios", _PREFERENCE.format(name="deployment-target") + _VERSION),
        ),
    ),
    _Format(
        ("*.csproj", "*.props"),
        _XML,
        (
            _Spelling("android", _SUPPORTED.format(condition=r"\s[^<>]{0,200}['-]android\b[^<>]{0,200}") + _VERSION),
            _Spelling("ios", _SUPPORTED.format(condition=r"\s[^<>]{0,200}['-]ios\b[^<>]{0,200}") + _VERSION),
            _Spelling(
                "android", _SUPPORTED.format(condition="") + _VERSION,
                r"(?![\s\S]*net\d+\.\d+-(?!android))[\s\S]*net\d+\.\d+-android",
            ),
            _Spelling(
                "ios", _SUPPORTED.format(condition="") + _VERSION,
                r"(?![\s\S]*net\d+\.\d+-(?!ios))[\s\S]*net\d+\.\d+-ios",
            ),
        ),
    ),
    _Format(("*.pbxproj", "*.xcconfig"), _CODE, (_Spelling("ios", _TARGET),)),
    _Format(
        ("Podfile",),
        _HASH,
        (
            _Spelling("ios", r"\bplatform[ \t(]{1,8}:ios\s{0,8},\s{0,8}[\"']" + _VERSION),
            _Spelling(
                "ios", r"\bplatform[ \t(]{1,8}:ios\s{0,8},[^\n|]{1,120}\|\|[ \t]{0,8}[\"']" + _VERSION
            ),
        ),
    ),
    _Format(
        ("Podfile.properties.json",),
        _CODE,
        (_Spelling("ios", r"\"ios\.deploymentTarget\"\s{0,8}:\s{0,8}\"" + _VERSION),),
    ),
    _Format(
        ("Package.swift", "Project.swift"),
        _CODE,
        (
            _Spelling(
                "ios",
                r"\.iOS\(\s{0,40}(?:\.v|(?:targetVersion:\s{0,8})?\")(\d{1,2}(?:[._]\d{1,3}){0,2})(?![\w.])",
            ),
        ),
    ),
    _Format(
        ("*project.yml", "*project.yaml"),
        _HASH,
        (
            _Spelling("ios", _TARGET),
            _Spelling(
                "ios",
                r"\bdeploymentTarget:(?:[ \t]{0,8}\{[^}\n]{0,120}?"
                r"|[ \t]{0,80}\r?\n(?:[ \t]{1,80}(?!iOS)\w{1,20}:[^\n]{0,80}\n){0,6}[ \t]{1,80})"
                r"\biOS:[ \t]{0,8}[\"']?" + _VERSION,
            ),
            _Spelling(
                "ios",
                r"\bdeploymentTarget:[ \t]{0,8}[\"']?" + _VERSION,
                r"(?![\s\S]*\b(?:macOS|tvOS|watchOS|visionOS)\b)",
            ),
        ),
    ),
    _Format(
        ("*Info.plist",),
        _XML,
        (
            _Spelling(
                "ios",
                r"<key>\s{0,8}MinimumOSVersion\s{0,8}</key>\s{0,80}<string>\s{0,8}" + _VERSION,
                r"(?![\s\S]*io\.flutter\.flutter\.app)",  # the framework's own, lower than the app's
            ),
        ),
    ),
    _Format(
        ("app.json", "app.config.json", "app.config.js", "app.config.cjs", "app.config.mjs", "app.config.ts"),
        _CODE,
        (
            _Spelling("android", r"\bminSdkVersion[\"']?\s{0,8}:\s{0,8}[\"']?" + _LEVEL),
            _Spelling("ios", r"\bdeploymentTarget[\"']?\s{0,8}:\s{0,8}[\"']" + _VERSION),
        ),
    ),
    _Format(
        ("ProjectSettings.asset",),
        _HASH,
        (
            _Spelling("android", r"\bAndroidMinSdkVersion:[ \t]{0,8}" + _LEVEL),
            _Spelling("ios", r"\biOSTargetOSVersionString:[ \t]{0,8}" + _VERSION),
        ),
    ),
)  # fmt: skip


@parser(
    files=tuple(dict.fromkeys(glob for each in _FORMATS for glob in each.files)),
    markers=(
        *(b"inSdk", b"inSDK", b"insdk", b"in_sdk", b"in-sdk", b"MIN_SDK"),
        *(b"sdkMin", b"sdkmin", b"sdk_min", b"sdk-min", b"sdk_Min", b"sdk-Min", b"SDK_MIN"),
        *(b"DEPLOYMENT_TARGET", b"eploymentTarget", b"deployment-target", b"SupportedOSPlatformVersion"),
        *(b"MinimumOSVersion", b":ios", b".iOS(", b"iOSTargetOSVersionString"),
    ),
    live=True,
)
def parse(source: SourceFile) -> Iterator[MinimumVersion]:
    """Yield each version stated outside comments; nothing for a test, an example or what is no text."""
    if code_context(source.path) != "production":
        return
    try:
        text = decode(source.data)
    except Unreadable:
        return
    lines = Lines(source.path, text)
    of_library = _is_library(source.path, text)
    for each in _FORMATS:
        if fits(source.path, each.files):
            code = _without_comments(text, each.comments)
            for spelling in each.spellings:
                for found in _stated(spelling, code, lines):
                    yield found._replace(of_library=of_library)


def _is_library(path: str, text: str) -> bool:
    """Tell a Swift package, a framework, and a build script that makes an Android library and no app."""
    if path.endswith((".gradle", ".kts")):
        return bool(re.search(_LIBRARY, text)) and not re.search(_APP, text)
    return path.endswith("Package.swift") or ".framework/" in path


_LIBRARY = (
    r"com\.android\.(?:kotlin\.multiplatform\.)?library|plugins\.android[._]?[lL]ibrary|\bandroidLibrary\b"
)
_APP = r"com\.android\.application|plugins\.android[._]?[aA]pplication|\bapplicationId\b"


def _without_comments(text: str, comments: str) -> str:
    """The text with blanks, and its line breaks, in the place of comments."""

    def blank(match: re.Match[str]) -> str:
        return re.sub(r"[^\n]", " ", match[0]) if match["comment"] else match[0]

    return re.sub(comments, blank, text)


def _stated(spelling: _Spelling, code: str, lines: Lines) -> Iterator[MinimumVersion]:
    if not re.match(spelling.given, code):
        return
    for match in re.finditer(spelling.pattern, code):
        if version := _version(spelling.platform, match[1]):
            yield MinimumVersion(lines.location(*match.span(1)), spelling.platform, version)


def _version(platform: Literal["android", "ios"], written: str) -> str:
    """The release as people count them; empty for an API level that none is known for."""
    numbers = [int(number) for number in re.split(r"[._]", written)]
    if platform == "android":
        return android_release(numbers[0])
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    return ".".join(map(str, numbers))
