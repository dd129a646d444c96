"""The oldest releases that apps are built for: every spelling that is read is also searched for."""

import time
from datetime import date

import pace
import pytest

from pincheck import registry, scan
from pincheck.minimums import android_release, minimum
from pincheck.model import Context, Location, MinimumVersion, Project, SourceFile
from pincheck.parsers import minimum_versions

(PARSER,) = (each for each in registry.parsers(live=True) if each.name == "minimum_versions")


def stated(path: str, text: str | bytes) -> list[str]:
    """The releases that a run finds: the file must be searched for before it is read."""
    source = SourceFile(path, text if isinstance(text, bytes) else text.encode())
    if not registry.claiming((PARSER,), source):
        return []
    return [
        f"{found.platform} {found.version}"
        for found in PARSER.parse(source)
        if isinstance(found, MinimumVersion)
    ]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("app/build.gradle", "minSdk 26"),
        ("app/build.gradle", "minSdkVersion 26"),
        ("app/build.gradle", "minSdkVersion = 26 // was 21"),
        ("app/build.gradle", "minSdkVersion(26)"),
        ("app/build.gradle", "ext.versions = [minSdk: 26, x: 1]"),
        ("app/build.gradle", "ext['minSdk'] = 26"),
        (
            "app/build.gradle",
            "minSdkVersion = Integer.parseInt(findProperty('android.minSdkVersion') ?: '26')",
        ),
        ("app/build.gradle", 'url "https://maven.example/x" \n minSdk 26'),
        ("app/build.gradle.kts", "minSdk = 26"),
        ("app/build.gradle.kts", "minSdk.set(26)"),
        ("app/build.gradle.kts", "minSdk {\n    version = release(26)\n}"),
        ("app/build.gradle.kts", 'extra["minSdkVersion"] = 26'),
        ("app/build.gradle.kts", 'set("minSdk", 26)'),
        ("variables.gradle", "ext {\n    minSdkVersion = 27\n}"),
        ("buildSrc/src/main/kotlin/Config.kt", "const val MIN_SDK = 26"),
        ("build-logic/convention/src/main/kotlin/Android.kt", "defaultConfig.minSdk = 26"),
        ("build-plugin/src/main/kotlin/Project.kt", "const val sdkMin = 26"),
        ("dependencies.gradle", "'minSdk'              : 26,"),
        ("gradle/libs.versions.toml", 'sdk-min = "26"'),
        ("gradle/src/Versions.kt", "const val MIN_SDK_VERSION: Int = 26"),
        ("gradle/libs.versions.toml", '[versions]\nandroid-minSdk = "26"'),
        ("gradle/libs.versions.toml", 'min-sdk = "26" # oldest'),
        ("gradle.properties", "flutter.minSdkVersion=26"),
        ("android/local.properties", "MIN_SDK=26"),
        ("app/src/main/AndroidManifest.xml", '<manifest><uses-sdk\n android:minSdkVersion="26"/></manifest>'),
        ("config.xml", '<widget><preference name="android-minSdkVersion" value="26" /></widget>'),
        ("config.xml", '<widget><preference value="26" name="android-minSdkVersion"/></widget>'),
        (
            "App/App.csproj",
            "<SupportedOSPlatformVersion Condition=\"$(TargetFramework.Contains('-android'))\">26.0</SupportedOSPlatformVersion>",
        ),
        (
            "App/App.csproj",
            "<TargetFramework>net8.0-android</TargetFramework><SupportedOSPlatformVersion>26</SupportedOSPlatformVersion>",
        ),
        (
            "app.json",
            '{"expo": {"plugins": [["expo-build-properties", {"android": {"minSdkVersion": 26}}]]}}',
        ),
        ("app.config.ts", "android: { minSdkVersion: 26 },"),
        ("ProjectSettings/ProjectSettings.asset", "  AndroidMinSdkVersion: 26\n"),
    ],
)
def test_android(path: str, text: str) -> None:
    assert stated(path, text) == ["android 8"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("ios/App.xcodeproj/project.pbxproj", "IPHONEOS_DEPLOYMENT_TARGET = 13.4;"),
        ("ios/App.xcodeproj/project.pbxproj", '"IPHONEOS_DEPLOYMENT_TARGET[sdk=iphoneos*]" = "13.4";'),
        ("Config/App.xcconfig", "API = https:/$()/api.shop.example\nIPHONEOS_DEPLOYMENT_TARGET = 13.4"),
        ("ios/Podfile", "platform :ios, '13.4'"),
        ("ios/Podfile", 'platform(:ios, "13.4")'),
        ("ios/Podfile", "platform :ios, podfile_properties['ios.deploymentTarget'] || '13.4'"),
        ("ios/Podfile.properties.json", '{"ios.deploymentTarget": "13.4"}'),
        ("Package.swift", 'platforms: [.macOS(.v12), .iOS("13.4")]'),
        ("Package.swift", "platforms: [.iOS(.v13_4)]"),
        ("Project.swift", 'deploymentTarget: .iOS(targetVersion: "13.4", devices: [.iphone])'),
        ("project.yml", "options:\n  deploymentTarget:\n    macOS: 12.0\n    iOS: 13.4\n"),
        (
            "project.yml",
            'options: {x: y}\ntargets:\n  App:\n    platform: iOS\n    deploymentTarget: "13.4"\n',
        ),
        ("project.yml", 'deploymentTarget: {iOS: "13.4"}'),
        ("project.yml", "settings:\n  IPHONEOS_DEPLOYMENT_TARGET: 13.4\n"),
        ("App/Info.plist", "<dict><key>MinimumOSVersion</key>\n\t<string>13.4</string></dict>"),
        ("config.xml", '<preference name="deployment-target" value="13.4" />'),
        ("app.json", '{"plugins": [["expo-build-properties", {"ios": {"deploymentTarget": "13.4"}}]]}'),
        ("shared/build.gradle.kts", 'cocoapods { ios.deploymentTarget = "13.4" }'),
        (
            "App/App.csproj",
            "<SupportedOSPlatformVersion Condition=\"$([MSBuild]::GetTargetPlatformIdentifier('$(TargetFramework)')) == 'ios'\">13.4</SupportedOSPlatformVersion>",
        ),
        ("ProjectSettings/ProjectSettings.asset", "  iOSTargetOSVersionString: 13.4\n"),
    ],
)
def test_ios(path: str, text: str) -> None:
    assert stated(path, text) == ["ios 13.4"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        # comments
        ("app/build.gradle", "// minSdk 26"),
        ("app/build.gradle", "/* minSdk 26\n minSdk 27 */"),
        ("app/build.gradle", "/* minSdk 26"),
        ("gradle.properties", "# minSdk=26"),
        ("config.xml", '<!-- <preference name="android-minSdkVersion" value="26" /> -->'),
        ("ios/Podfile", "# platform :ios, '13.0'"),
        # tests and examples
        ("app/src/androidTest/AndroidManifest.xml", '<uses-sdk android:minSdkVersion="26"/>'),
        ("example/android/app/build.gradle", "minSdk 26"),
        # names of values, and other things
        ("app/build.gradle", "minSdkVersion rootProject.ext.minSdkVersion"),
        ("app/build.gradle", "minSdk flutter.minSdkVersion"),
        ("app/build.gradle", "minSdkPreview = '26'"),
        ("app/build.gradle.kts", "minSdk = libs.versions.minSdk.get().toInt()"),
        ("app/build.gradle.kts", "if (minSdk == 26) x()"),
        ("app/build.gradle.kts", "if (minSdk > 26) x()"),
        ("app/build.gradle", "minSdk 99"),
        ("app/build.gradle", "minSdk 26.5"),
        ("app/src/main/kotlin/Main.kt", "val minSdk = 26"),
        ("ios/Podfile", "platform :ios, min_ios_version_supported"),
        ("ios/Podfile", "config.build_settings['IPHONEOS_DEPLOYMENT_TARGET'] = '11.0'"),
        ("ios/Podfile", "platform :osx, '10.15'"),
        ("App.xcconfig", "IPHONEOS_DEPLOYMENT_TARGET = $(MINIMUM)"),
        ("project.yml", 'platform: macOS\ndeploymentTarget: "13.0"'),
        ("App/Info.plist", "<key>MinimumOSVersion</key><string>$(IPHONEOS_DEPLOYMENT_TARGET)</string>"),
        (
            "ios/Flutter/AppFrameworkInfo.plist",
            "<string>io.flutter.flutter.app</string><key>MinimumOSVersion</key><string>9.0</string>",
        ),
        ("App/App.csproj", "<SupportedOSPlatformVersion>26.0</SupportedOSPlatformVersion>"),
        (
            "App/App.csproj",
            "net8.0-android;net8.0-ios <SupportedOSPlatformVersion>26.0</SupportedOSPlatformVersion>",
        ),
        (
            "App/App.csproj",
            "<SupportedOSPlatformVersion Condition=\"x == 'maccatalyst'\">15.0</SupportedOSPlatformVersion>",
        ),
        ("app/build.gradle", b"minSdk 26 \xff"),
    ],
)  # fmt: skip
def test_what_states_none(path: str, text: str | bytes) -> None:
    assert stated(path, text) == []


def test_place() -> None:
    source = SourceFile("build.gradle", b"/* a\n b */ minSdk = 24\n")
    assert list(minimum_versions.parse(source)) == [
        MinimumVersion(Location("build.gradle", 2, 16, 2, 18, " b */ minSdk = 24"), "android", "7")
    ]


def test_zeros_at_the_end_do_not_count() -> None:
    assert stated("Podfile", "platform :ios, '13.0'") == ["ios 13"]
    assert stated("Podfile", "platform :ios, '12.0.1'") == ["ios 12.0.1"]


def test_only_a_live_run_has_it() -> None:
    assert "minimum_versions" not in {each.name for each in registry.parsers()}
    assert {each.name for each in registry.parsers(live=True)} == {
        *(each.name for each in registry.parsers()),
        "minimum_versions",
    }


def test_the_lowest_of_a_project() -> None:
    sources = [
        SourceFile("a/build.gradle", b"minSdk 29"),
        SourceFile("b/build.gradle", b"minSdk 28"),
        SourceFile("Podfile", b"platform :ios, '13.10'"),
        SourceFile("App.xcconfig", b"IPHONEOS_DEPLOYMENT_TARGET = 13.9"),
    ]
    project = scan.scan(sources, registry.parsers(live=True), Context(date(2026, 1, 1))).project
    assert [each.version for each in project.minimums] == ["10", "9", "13.10", "13.9"]
    assert (minimum(project, "android"), minimum(project, "ios")) == ("9", "13.9")
    assert minimum(Project(), "android") == ""


@pytest.mark.parametrize(
    ("path", "text", "of_library"),
    [
        ("lib/build.gradle", "apply plugin: 'com.android.library'\nminSdk 21", True),
        ("lib/build.gradle.kts", "plugins { alias(libs.plugins.android.library) }\nminSdk = 21", True),
        ("lib/build.gradle.kts", "kotlin { androidLibrary { minSdk = 21 } }", True),
        ("app/build.gradle", "apply plugin: 'com.android.application'\nminSdk 21", False),
        (
            "build.gradle.kts",
            'id("com.android.application") apply false\nid("com.android.library") apply false\next["minSdk"] = 21',
            False,
        ),
        ("gradle/libs.versions.toml", 'minSdk = "21"\nlib = { id = "com.android.library" }', False),
        ("Core/Package.swift", ".iOS(.v13)", True),
        ("Vendor/A.framework/Info.plist", "<key>MinimumOSVersion</key><string>9.0</string>", True),
    ],
)
def test_libraries(path: str, text: str, of_library: bool) -> None:
    found = list(minimum_versions.parse(SourceFile(path, text.encode())))
    assert [isinstance(each, MinimumVersion) and each.of_library for each in found] == [of_library]


def test_a_library_says_little_of_an_app() -> None:
    app = SourceFile("gradle.properties", b"minSdk=26")
    library = SourceFile("lib/build.gradle", b"apply plugin: 'com.android.library'\nminSdk 21")
    for sources, expected in (([app, library], "8"), ([library], "5")):
        project = scan.scan(sources, registry.parsers(live=True), Context(date(2026, 1, 1))).project
        assert minimum(project, "android") == expected


def test_releases_of_api_levels() -> None:
    assert [android_release(level) for level in (8, 21, 25, 26, 28, 31, 32, 33, 37, 38)] == [
        *("", "5", "7", "8", "9", "12", "12", "13", "17", ""),
    ]


@pytest.mark.parametrize(
    ("path", "piece"),
    [
        ("build.gradle", "/*"),
        ("build.gradle", '"'),
        ("build.gradle", "minSdk "),
        ("build.gradle", "minSdk {"),
        ("config.xml", "<preference name "),
        ("config.xml", "<!--"),
        ("A.csproj", "<SupportedOSPlatformVersion -android"),
        ("A.csproj", "net8.0-android-ios"),
        ("Podfile", "platform :ios,"),
        ("project.yml", "deploymentTarget:\n  a:\n"),
        ("A.xcconfig", "IPHONEOS_DEPLOYMENT_TARGET["),
        ("Info.plist", "<key>MinimumOSVersion</key>" + " " * 100),
    ],
)
def test_a_hostile_file_takes_no_time(path: str, piece: str) -> None:
    text = piece * (1_000_000 // len(piece)) + " minSdk"
    start = time.process_time()
    list(minimum_versions.parse(SourceFile(path, text.encode())))
    assert time.process_time() - start < pace.allowed(5)
