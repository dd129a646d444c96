"""``pincheck fix`` as users call it: files, diffs, exit codes, and what it never touches."""

import os
import shutil
import subprocess
import sys

import pytest
import trees
from programs import ROOT
from scanning import KEY_A, KEY_B

from pincheck import edits, fix, run
from pincheck.cli import main

NSC = "app/src/main/res/xml/network_security_config.xml"
TODAY = ("--today", "2026-11-23")


def nsc(*pins: str, expiration: str = "2027-09-01") -> str:
    listed = "".join(f'      <pin digest="SHA-256">{pin}</pin>\n' for pin in pins)
    return (
        "<network-security-config>\n  <domain-config>\n    <domain>shop.example</domain>\n"
        f'    <pin-set expiration="{expiration}">\n{listed}    </pin-set>\n  </domain-config>\n</network-security-config>\n'
    )


WRONG, RIGHT = (
    nsc("sha256/" + KEY_A, KEY_B, expiration="2031-01-01"),
    nsc(KEY_A, KEY_B, expiration="2027-12-26"),
)
GOOD = nsc(KEY_A, KEY_B)
DIFF = f"""\
--- a/{NSC}
+++ b/{NSC}
@@ -1,8 +1,8 @@
 <network-security-config>
   <domain-config>
     <domain>shop.example</domain>
-    <pin-set expiration="2031-01-01">
-      <pin digest="SHA-256">sha256/{KEY_A}</pin>
+    <pin-set expiration="2027-12-26">
+      <pin digest="SHA-256">{KEY_A}</pin>
       <pin digest="SHA-256">{KEY_B}</pin>
     </pin-set>
   </domain-config>
"""
WORDS = f"""\
{NSC}:4  pin-set-expires-late: move the expiration to 2027-12-26
{NSC}:5  malformed-pin: spell the pin sha256/C5+lp… as Android reads it
"""


@pytest.fixture
def app(tmp_path, monkeypatch):
    """Make the files, go there, and return the folder."""

    def make(files):
        root = trees.write(tmp_path / "app", files)
        monkeypatch.chdir(root)
        return root

    return make


def fixed(capsys, *argv: str) -> tuple[int, str, str]:
    code = main(["fix", *TODAY, *argv])
    out, err = capsys.readouterr()
    return code, out, err


def test_nothing_to_fix(app, capsys):
    app({NSC: GOOD})
    assert fixed(capsys) == (0, "nothing to fix\n", "")
    assert fixed(capsys, "--diff") == (0, "", "nothing to fix\n")


def test_the_file_is_mended_and_a_second_run_changes_nothing(app, capsys):
    root = app({NSC: WRONG})
    (root / NSC).chmod(0o640)
    assert fixed(capsys) == (0, WORDS + "2 findings fixed in 1 file\n", "")
    assert (root / NSC).read_text() == RIGHT
    assert (root / NSC).stat().st_mode & 0o777 == 0o640
    assert os.listdir((root / NSC).parent) == ["network_security_config.xml"]
    assert fixed(capsys) == (0, "nothing to fix\n", "")


def test_the_diff_changes_nothing(app, capsys):
    root = app({NSC: WRONG})
    assert fixed(capsys, "--diff") == (1, DIFF, WORDS + "2 findings can be fixed in 1 file\n")
    assert (root / NSC).read_text() == WRONG


def test_what_waited_for_a_fix_is_fixed_with_it(app, capsys):
    key = "SPKI-SHA256-BASE64"
    pins = "".join(
        f"<dict><key>{key}</key><string>{pin}</string></dict>" for pin in (KEY_A, "sha256/" + KEY_B)
    )
    plist = (
        '<plist version="1.0"><dict><key>NSAppTransportSecurity</key><dict><key>NSPinnedDomains</key><dict>'
        f"<key>shop.example</key><dict><key>NSPinnedCAIdentities</key><array>{pins}</array></dict>"
        "</dict></dict></dict></plist>\n"
    )
    root = app({NSC: nsc(KEY_A), "ios/Info.plist": plist})
    code, out, _ = fixed(capsys)
    assert (code, out.splitlines()[-1]) == (0, "2 findings fixed in 2 files")
    assert (root / NSC).read_text() == GOOD
    assert (root / "ios/Info.plist").read_text() == plist.replace("sha256/", "")
    assert fixed(capsys) == (0, "nothing to fix\n", "")


def test_what_a_person_has_to_decide_is_counted(app, capsys):
    app({NSC: nsc(KEY_A)})
    said = "nothing to fix\n1 error or warning without a fix: a person has to decide; see pincheck check\n"
    assert fixed(capsys) == (0, said, "")


@pytest.mark.parametrize("tool", [["git", "apply"], ["patch", "-p1"]])
@pytest.mark.parametrize(
    ("path", "shape"),
    [
        (NSC, lambda text: text.encode()),
        ("my app/res/xml/n.xml", lambda text: text.replace("\n", "\r\n").encode()),
        ("äpp/res/xml/n.xml", lambda text: text.rstrip("\n").encode("utf-8-sig")),
        ('a"b/res/xml/n.xml', lambda text: ("<!-- ünter \u200d \f -->\n".replace("\f", "") + text).encode()),
    ],
)
def test_the_diff_is_one_that_tools_take(app, capsys, tool, path, shape):
    if not shutil.which(tool[0]):
        pytest.skip(f"no {tool[0]} here")
    if tool[0] == "patch" and b"\r" in shape("\n"):
        tool = [*tool, "--binary"]
    root = app({path: shape(WRONG)})
    code, out, _ = fixed(capsys, "--diff")
    assert code == 1
    subprocess.run(tool, input=out.encode(), cwd=root, check=True, capture_output=True, timeout=60)
    assert (root / path).read_bytes() == shape(RIGHT)


def test_the_diff_is_utf_8_whatever_the_locale(app):
    wrong, right = (each.replace("<domain>", "<!-- für 中 -->\n    <domain>") for each in (WRONG, RIGHT))
    root = app({NSC: wrong})
    command = [sys.executable, "-m", "pincheck", "fix", *TODAY, "--diff"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, timeout=60)
    subprocess.run(["git", "apply"], input=done.stdout, cwd=root, check=True, capture_output=True, timeout=60)
    assert (root / NSC).read_text(encoding="utf-8") == right


def test_a_control_character_is_shown_as_one():
    shown = edits.unified("a.txt", "x\x1b[31m\u202e\n1\n".encode(), "x\x1b[31m\u202e\n2\n".encode())
    assert shown == "--- a/a.txt\n+++ b/a.txt\n@@ -1,2 +1,2 @@\n x\\x1b[31m\\u202e\n-1\n+2\n"


def test_changes_far_apart_are_hunks_of_their_own():
    lines = [f"{number}\n" for number in range(1, 41)]
    after = ["one\n", *lines[1:39], "forty"]
    assert edits.unified("a b", "".join(lines).encode(), "".join(after).encode()) == (
        "--- a/a b\t\n+++ b/a b\t\n@@ -1,4 +1,4 @@\n-1\n+one\n 2\n 3\n 4\n"
        "@@ -37,4 +37,4 @@\n 37\n 38\n 39\n-40\n+forty\n\\ No newline at end of file\n"
    )


def look(root):
    from datetime import date

    return fix.look(run.Request(paths=(str(root),), root=str(root), today=date(2026, 11, 23)))


def test_a_file_that_changed_meanwhile_is_left(app):
    root = app({NSC: WRONG})
    mended = look(root)
    (root / NSC).write_text(WRONG + " ")
    (left,) = fix.apply(mended)
    assert str(left) == f"{NSC}: has changed meanwhile, so it is left as it is; run again"
    assert (root / NSC).read_text() == WRONG + " "


@pytest.mark.parametrize("link", [NSC, "app/src/main/res/xml", "app"])
def test_no_link_is_followed(app, tmp_path, link):
    root = app({NSC: WRONG})
    mended = look(root)
    outside = tmp_path / "outside"
    shutil.move(root / link, outside)
    (root / link).symlink_to(outside)
    assert len(fix.apply(mended)) == 1
    assert (root / NSC).read_text() == WRONG


def test_what_could_not_be_written_is_no_success(app, capsys, monkeypatch):
    root = app({"a: b/res/xml/n.xml": WRONG})
    mended = look(root)
    (root / "a: b/res/xml/n.xml").write_text(GOOD)
    monkeypatch.setattr("pincheck.fix.look", lambda *_: mended)
    assert fixed(capsys) == (
        2,
        "nothing fixed\n",
        "pincheck: a: b/res/xml/n.xml: has changed meanwhile, so it is left as it is; run again\n",
    )


def test_a_read_only_file_is_left(app, capsys):
    root = app({NSC: WRONG, "b/res/xml/n.xml": WRONG})
    (root / NSC).chmod(0o444)
    assert fixed(capsys) == (
        2,
        WORDS.replace(NSC, "b/res/xml/n.xml") + "2 findings fixed in 1 file\n",
        f"pincheck: {NSC}: is read-only, so it is left as it is; make it writable and run again\n",
    )
    assert (root / NSC).read_text() == WRONG


def test_what_there_is_no_work_left_for_is_told_apart(app, capsys, monkeypatch):
    app({NSC: nsc("sha256/" + KEY_A, KEY_B), "b/res/xml/n.xml": nsc(KEY_A).replace("shop.", "b.")})
    monkeypatch.setattr("pincheck.remedy.WORK", 0)
    assert fixed(capsys) == (
        0,
        "nothing fixed\n1 finding not looked into, too many for one run: run again, or name fewer paths\n"
        "1 error or warning without a fix: a person has to decide; see pincheck check\n",
        "",
    )


def test_a_binary_plist_is_left(app, capsys):
    import plistlib

    pins = {
        "shop.example": {
            "NSPinnedCAIdentities": [{"SPKI-SHA256-BASE64": "sha256/" + KEY_A}, {"SPKI-SHA256-BASE64": KEY_B}]
        }
    }
    data = plistlib.dumps({"NSAppTransportSecurity": {"NSPinnedDomains": pins}}, fmt=plistlib.FMT_BINARY)
    root = app({"ios/Info.plist": data})
    assert fixed(capsys)[1].startswith("nothing to fix\n")
    assert (root / "ios/Info.plist").read_bytes() == data


def test_paths_are_those_of_check(app, capsys, monkeypatch, tmp_path):
    root = app({NSC: WRONG, "b/res/xml/n.xml": WRONG})
    monkeypatch.chdir(tmp_path)
    assert fixed(capsys, "app/b")[0] == 0
    assert [(root / path).read_text() == RIGHT for path in (NSC, "b/res/xml/n.xml")] == [False, True]


def test_the_configuration_counts(app, capsys):
    files = {
        NSC: nsc(KEY_A),
        ".pincheck.yml": f"version: 1\nhosts:\n  shop.example:\n    pins:\n      - {KEY_A}\n      - {KEY_B}\n",
    }
    root = app(files)
    assert fixed(capsys)[0] == 0
    assert (root / NSC).read_text() == GOOD


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["gone"], "pincheck: gone: no such file or folder\n"),
        (["--ct"], "pincheck: --ct counts with --live or --recorded only\n"),
        (["--format", "json"], "unrecognized arguments"),
    ],
)
def test_wrong_usage(app, capsys, argv, message):
    app({NSC: WRONG})
    code, out, err = fixed(capsys, *argv)
    assert (code, out) == (2, "")
    assert message in err
