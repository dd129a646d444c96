"""The sample app: one host, pinned on Android, on iOS and in React Native's code."""

from collections.abc import Iterator
from datetime import date
from difflib import ndiff
from pathlib import Path
from string import Template
from typing import NamedTuple

HOST = "api.shop.example"


class Pinned(NamedTuple):
    """What the app pins."""

    current: str
    """Base64, as is the other."""
    backup: str
    expires: date
    """Of the pin sets that know an expiration: Android's and React Native's."""


def write(folder: Path, pinned: Pinned) -> None:
    """Write the files of the app, over those that are there."""
    for name, text in _files(pinned):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")


def changes(before: Pinned, after: Pinned) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the files that differ, each with its lines that go (``- …``) and come (``+ …``)."""
    for (name, old), (_, new) in zip(_files(before), _files(after), strict=True):
        lines = ndiff(old.splitlines(), new.splitlines())
        if differing := tuple(f"{line[0]} {line[1:].strip()}" for line in lines if line[0] in "-+"):
            yield name, differing


def _files(pinned: Pinned) -> Iterator[tuple[str, str]]:
    for name, template in _TEMPLATES.items():
        yield (
            name,
            Template(template).substitute(
                host=HOST, current=pinned.current, backup=pinned.backup, expires=pinned.expires.isoformat()
            ),
        )


_MANIFEST = """\
<manifest xmlns:android="http://schemas.android.com/apk/res/android">
    <application
        android:label="Shop"
        android:networkSecurityConfig="@xml/network_security_config" />
</manifest>
"""

_NSC = """\
<network-security-config>
    <domain-config>
        <domain>$host</domain>
        <pin-set expiration="$expires">
            <pin digest="SHA-256">$current</pin>
            <pin digest="SHA-256">$backup</pin>
        </pin-set>
    </domain-config>
</network-security-config>
"""

_ATS = """\
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
    <key>NSAppTransportSecurity</key>
    <dict>
        <key>NSPinnedDomains</key>
        <dict>
            <key>$host</key>
            <dict>
                <key>NSPinnedLeafIdentities</key>
                <array>
                    <dict>
                        <key>SPKI-SHA256-BASE64</key>
                        <string>$current</string>
                    </dict>
                    <dict>
                        <key>SPKI-SHA256-BASE64</key>
                        <string>$backup</string>
                    </dict>
                </array>
            </dict>
        </dict>
    </dict>
</dict>
</plist>
"""

_CODE = """\
import { initializeSslPinning } from 'react-native-ssl-public-key-pinning';

export const pinned = initializeSslPinning({
  '$host': {
    publicKeyHashes: [
      '$current',
      '$backup',
    ],
    expirationDate: '$expires',
  },
});
"""

_PACKAGE = """\
{
  "name": "shop",
  "dependencies": {
    "react-native-ssl-public-key-pinning": "^1.2.0"
  }
}
"""

# Its own configuration, lest one above the folder for temporary files counts; what it states of the spare key is the
# only proof that this key exists.
_CONFIG = """\
version: 1
hosts:
  $host:
    pins:
      - pin: $current
        role: current
      - pin: $backup
        role: backup
        key: offline
"""

_TEMPLATES = {
    ".pincheck.yml": _CONFIG,
    "android/app/src/main/AndroidManifest.xml": _MANIFEST,
    "android/app/src/main/res/xml/network_security_config.xml": _NSC,
    "ios/Shop/Info.plist": _ATS,
    "package.json": _PACKAGE,
    "src/pinning.ts": _CODE,
}
