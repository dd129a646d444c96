"""Versions of OkHttp in builds: every spelling that is read is also searched for."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pincheck import registry
from pincheck.model import Dependency, Location, SourceFile
from pincheck.parsers import gradle_dependency

LIBRARY = "com.squareup.okhttp3:okhttp"
(PARSER,) = (each for each in registry.parsers() if each.name == "gradle_dependency")


def versions(path: str, text: str) -> list[str]:
    """The versions that a run finds: the file must be searched for before it is read."""
    source = SourceFile(path, text.encode())
    if not registry.claiming((PARSER,), source):
        return []
    return [each.version for each in PARSER.parse(source) if isinstance(each, Dependency)]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("app/build.gradle", "implementation 'com.squareup.okhttp3:okhttp:4.12.0'"),
        ("app/build.gradle.kts", 'implementation(platform("com.squareup.okhttp3:okhttp-bom:4.12.0"))'),
        ("gradle/libs.versions.toml", '[versions]\nokhttp = "4.12.0"'),
        ("gradle/libs.versions.toml", 'okhttp="4.12.0"'),
        ("gradle/libs.versions.toml", 'okhttp-version = "4.12.0"'),
        ("gradle/libs.versions.toml", 'okhttp      = "4.12.0"'),
        ("gradle/libs.versions.toml", 'okhttp\t= "4.12.0"'),
        ("gradle/libs.versions.toml", 'ok-http = "4.12.0"'),
        ("gradle/libs.versions.toml", 'okHttp = "4.12.0"'),
        ("gradle/libs.versions.toml", 'squareup-okhttp3 = "4.12.0"'),
        ("build.gradle", "okHttpVersion = '4.12.0'"),
        ("build.gradle", "ext.okhttp_version = '4.12.0'"),
        ("build.gradle", "ext { ok_http_version = '4.12.0' }"),
        ("build.gradle", "ext.versions = [ okhttp : '4.12.0', x: 1 ]"),
        ("build.gradle", "ext.versions = [ okhttp: '4.12.0' ]"),
        ("build.gradle", "versions = ['okhttp': '4.12.0']"),
        ("build.gradle", "okhttp3Version = '4.12.0'"),
        ("build.gradle", "okhttp.version = '4.12.0'"),
        ("build.gradle", "okhttpVer = '4.12.0'"),
        ("buildSrc/src/main/kotlin/Versions.kt", 'const val okhttp3 = "4.12.0"'),
        ("buildSrc/src/main/kotlin/Versions.kt", 'const val OkHttp = "4.12.0"'),
        ("buildSrc/src/main/kotlin/Versions.kt", 'const val OKHTTP_VERSION = "4.12.0"'),
        ("buildSrc/src/main/kotlin/Versions.kt", 'const val OK_HTTP = "4.12.0"'),
        ("buildSrc/src/main/kotlin/Versions.kt", 'const val okHttp3 = "4.12.0"'),
    ],
)
def test_spellings(path: str, text: str) -> None:
    assert versions(path, text) == ["4.12.0"]


@pytest.mark.parametrize(
    "text",
    [
        'okhttp = { module = "com.squareup.okhttp3:okhttp", version.ref = "okhttp" }',
        "implementation(libs.okhttp)",
        'val client = okhttp3.OkHttpClient("4.12.0")',
        'notokhttp = "4.12.0"',
        'okhttp = "x4.12"',
    ],
)
def test_what_gives_no_version(text: str) -> None:
    assert versions("build.gradle.kts", text) == []


def test_place() -> None:
    source = SourceFile("build.gradle", b'// a\nokhttp = "4.9.0"')
    assert list(gradle_dependency.parse(source)) == [
        Dependency(Location("build.gradle", 2, 11, 2, 16, 'okhttp = "4.9.0"'), LIBRARY, "4.9.0")
    ]


NAMED = gradle_dependency._NAMED.format(name=gradle_dependency._LIBRARIES[LIBRARY])
COORDINATES = gradle_dependency._COORDINATES.format(
    group=re.escape("com.squareup.okhttp3"), artifact="okhttp"
)


@given(st.from_regex(re.compile(NAMED, re.ASCII)) | st.from_regex(re.compile(COORDINATES, re.ASCII)))
def test_every_spelling_that_is_read_has_a_marker(text: str) -> None:
    assert registry.claiming((PARSER,), SourceFile("build.gradle", text.encode()))
