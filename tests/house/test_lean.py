"""Start-up stays lean: a run that needs no heavy library loads none."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from trees import repository

HEAVY = {"asyncio", "ssl", "cryptography", "certifi", "yaml", "requests", "jsonschema", "rich", "tree_sitter"}

CHECK = """
import io, json, sys
from pincheck.cli import main
stdout, sys.stdout = sys.stdout, io.StringIO()
code = main(["check"])
json.dump([code, sorted({name.partition(".")[0] for name in sys.modules})], stdout)
"""

NSC = """\
<?xml version="1.0" encoding="utf-8"?>
<network-security-config>
    <domain-config>
        <domain includeSubdomains="true">api{number}.shop.example</domain>
        <pin-set expiration="2099-01-01">
            <pin digest="SHA-256">C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M=</pin>
        </pin-set>
    </domain-config>
</network-security-config>
"""

PLIST = """\
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
    <key>NSAppTransportSecurity</key>
    <dict>
        <key>NSPinnedDomains</key>
        <dict>
            <key>api{number}.shop.example</key>
            <dict>
                <key>NSPinnedCAIdentities</key>
                <array>
                    <dict>
                        <key>SPKI-SHA256-BASE64</key>
                        <string>C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M=</string>
                    </dict>
                </array>
            </dict>
        </dict>
    </dict>
</dict>
</plist>
"""

NOTHING = {
    "README.md": "hello\n",
    "src/Main.kt": "fun main() {}\n",
    "app/src/main/res/xml/paths.xml": "<paths/>\n",
}
RELEVANT = {
    f"app{n}/src/main/res/xml/network_security_config.xml": NSC.format(number=n) for n in range(10)
} | {f"ios/App{n}/Info.plist": PLIST.format(number=n) for n in range(10)}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param(NOTHING, 0, id="nothing relevant"),
        pytest.param(RELEVANT, 1, id="20 small relevant files"),
    ],
)
def test_a_plain_check_loads_no_heavy_library(
    tmp_path: Path, files: dict[str, str | bytes], expected: int
) -> None:
    folder = repository(tmp_path / "app", files)
    done = subprocess.run(
        [sys.executable, "-I", "-c", CHECK],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    code, modules = json.loads(done.stdout)
    assert (code, HEAVY & set(modules), done.stderr) == (expected, set(), "")
