"""The command line as users call it: exit codes, streams, files."""

import json
import subprocess
import sys

import pytest
import trees
from scanning import KEY_A, KEY_B

from pincheck import __version__
from pincheck.cli import main
from pincheck.model.changes import Since
from pincheck.pki.ca_keys import SHIPPED, Table

NAME = "app/src/main/res/xml/network_security_config.xml"

KNOWN = f"CA keys as known on {Table.open(SHIPPED).day}\n"


def nsc(*pins: str, expiration: str = "2027-09-01", host: str = "shop.example") -> str:
    listed = "".join(f'<pin digest="SHA-256">{pin}</pin>' for pin in pins)
    return (
        f"<network-security-config><domain-config><domain>{host}</domain>\n"
        f'<pin-set expiration="{expiration}">\n{listed}</pin-set></domain-config></network-security-config>\n'
    )


GOOD = {NAME: nsc(KEY_A, KEY_B)}
ONE_PIN = {NAME: nsc(KEY_A)}
TODAY = ("--today", "2026-11-23")
BACKUP = "add the pin of a spare key kept offline, or of a key of another CA"


@pytest.fixture
def app(tmp_path, monkeypatch):
    """Make the files, go there, and return the folder."""

    def make(files):
        root = trees.write(tmp_path / "app", files)
        monkeypatch.chdir(root)
        return root

    return make


def run(capsys, *argv: str) -> tuple[int, str, str]:
    code = main(argv)
    out, err = capsys.readouterr()
    return code, out, err


def test_a_clean_app(app, capsys):
    app(GOOD)
    assert run(capsys, *TODAY) == (
        0,
        f"1 pin set in 1 file, nothing wrong\n{KNOWN}live hosts not checked (offline run)\n",
        "",
    )


def test_an_app_with_one_pin(app, capsys):
    app(ONE_PIN)
    code, out, err = run(capsys, "check", ".", *TODAY)
    assert (code, err) == (1, "")
    assert out == (
        f"{NAME}:2:1  error  missing-backup-pin\n"
        f"  shop.example: {KEY_A[:12]}… is the only pin; once that key leaves the host's chain, Android refuses every"
        " connection\n"
        '    2 | <pin-set expiration="2027-09-01">\n'
        "      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
        f"  fix: {BACKUP}\n"
        "\n"
        "1 error; 1 pin set in 1 file\n"
        f"{KNOWN}live hosts not checked (offline run)\n"
    )


def test_no_pins_at_all(app, capsys):
    app({"a.kt": "fun main() {}"})
    assert run(capsys) == (0, "no pins declared in 1 file\n", "")


@pytest.mark.parametrize(
    ("fail_on", "rule", "code"),
    [
        (None, None, 1),
        ("error", None, 1),
        ("never", None, 0),
        (None, "missing-backup-pin=warning", 0),
        ("warning", "missing-backup-pin=warning", 1),
        ("warning", "missing-backup-pin=note", 0),
        ("note", "missing-backup-pin=note", 1),
        ("note", "missing-backup-pin=off", 0),
    ],
)
def test_fail_on_and_rule(app, capsys, fail_on, rule, code):
    app(ONE_PIN)
    options = [*(["--fail-on", fail_on] if fail_on else []), *(["--rule", rule] if rule else [])]
    assert run(capsys, *TODAY, *options)[0] == code


def test_tests_and_examples_do_not_fail_a_build(app, capsys):
    app({f"example/{NAME}": nsc(KEY_A), "app/src/androidTest/res/xml/nsc.xml": nsc(KEY_A)})
    code, out, _ = run(capsys, *TODAY)
    assert code == 0
    assert "2 notes" in out
    assert "missing-backup-pin" not in out
    assert "missing-backup-pin" in run(capsys, *TODAY, "--verbose")[1]


def test_several_formats_go_to_their_places(app, capsys):
    root = app(ONE_PIN)
    code, out, _ = run(
        capsys, *TODAY, "--format", "json", "--output", "r.json", "--format", "sarif", "--output", "r.sarif",
        "--format", "github",
    )  # fmt: skip
    assert code == 1
    assert out.startswith("::error ")
    assert json.loads((root / "r.json").read_text())["version"] == 1
    assert json.loads((root / "r.sarif").read_text())["version"] == "2.1.0"


def test_output_may_stand_before_its_format(app, capsys):
    root = app(ONE_PIN)
    assert run(capsys, *TODAY, "--output", "r.json", "--format", "json")[:2] == (1, "")
    assert json.loads((root / "r.json").read_text())["findings"][0]["rule"] == "missing-backup-pin"


def test_output_without_format_is_the_terminal_text(app, capsys):
    root = app(GOOD)
    run(capsys, *TODAY, "--output", "r.txt")
    assert (root / "r.txt").read_text().startswith("1 pin set in 1 file, nothing wrong\n")


def test_json_names_what_the_issue_asks_for(app, capsys):
    app(ONE_PIN)
    document = json.loads(run(capsys, *TODAY, "--format", "json")[1])
    assert {"version", "findings", "pin_sets", "not_checked"} <= set(document)
    (finding,) = document["findings"]
    wanted = ("rule", "severity", "path", "line", "column", "hosts", "pin")
    assert [finding[name] for name in wanted] == [
        "missing-backup-pin", "error", NAME, 2, 1, ["shop.example"], KEY_A,
    ]  # fmt: skip
    assert len(finding["fingerprint"]) == 32


def test_pins_lists_every_pin(app, capsys):
    app({NAME: nsc(KEY_A, KEY_B), "res/xml/b.xml": nsc("sha256/" + KEY_A, host="*.b.example")})
    code, out, _ = run(capsys, "pins", "--format", "json")
    first, second, third = json.loads(out)["pins"]
    assert code == 0
    assert first == {
        "path": NAME, "line": 3, "column": 23, "mechanism": "android-nsc", "hosts": ["shop.example"],
        "include_subdomains": False, "pin": KEY_A, "pin_kind": first["pin_kind"], "file": None, "expiration": "2027-09-01",
        "variant": "main", "context": "production",
    }  # fmt: skip
    assert (second["pin"], third["pin"], third["hosts"]) == (KEY_B, "sha256/" + KEY_A, ["*.b.example"])


def test_pins_exits_with_0_whatever_it_finds(app, capsys):
    app({NAME: "<network-security-config><broken"})
    assert run(capsys, "pins")[0] == 0


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["check", "gone"], "pincheck: gone: no such file or folder\n"),
        (["chekc"], 'pincheck: chekc: no such file or folder; did you mean "check"?\n'),
        (["--output", "a", "--output", "b"], "pincheck: --output b: no --format is left for it\n"),
        (["--output", "no/such/folder/a"], "pincheck: no/such/folder/a: cannot be written: No such file or directory\n"),
        (["--rule", "missing-backup=off"], 'did you mean "missing-backup-pin"?\n'),
        (["--rule", "missing-backup-pin=loud"], "'missing-backup-pin=loud': write NAME=error|warning|note|off\n"),
        (["--today", "tomorrow"], "'tomorrow' is no date; write YYYY-MM-DD\n"),
        (["--format", "xml"], "(choose from"),
        (["--config", "gone.yml"], "gone.yml"),
        (["explain", "missing-backup"], 'did you mean "missing-backup-pin"?\n'),
        (["schema", "other"], "(choose from"),
    ],
)  # fmt: skip
def test_wrong_usage_exits_with_2_and_says_why(app, capsys, argv, message):
    app(GOOD)
    code, out, err = run(capsys, *argv)
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err


def test_a_broken_configuration_exits_with_2(app, capsys):
    app({**GOOD, ".pincheck.yml": "version: 1\nrules:\n  missing-backup: off\n"})
    assert run(capsys) == (
        2,
        "",
        'pincheck: .pincheck.yml:3: unknown rule "missing-backup"; did you mean "missing-backup-pin"?\n',
    )


def test_the_configuration_above_counts_up_to_the_repository(tmp_path, monkeypatch, capsys):
    root = trees.repository(
        tmp_path / "r", {".pincheck.yml": "version: 1\nfail-on: never\n", f"a/{NAME}": nsc(KEY_A)}
    )
    trees.write(tmp_path, {".pincheck.yml": "broken: ["})
    monkeypatch.chdir(root / "a")
    assert run(capsys, *TODAY)[0] == 0
    assert run(capsys, *TODAY, "--fail-on", "error")[0] == 1
    (root / ".pincheck.yml").unlink()
    assert run(capsys, *TODAY)[0] == 1


def test_a_part_of_a_repository_does_not_tell_which_ignores_are_idle(tmp_path, monkeypatch, capsys):
    ignore = "version: 1\nignore:\n  - {rule: missing-backup-pin, path: b/*, reason: known}\n"
    root = trees.repository(
        tmp_path / "r",
        {".pincheck.yml": ignore, f"a/{NAME}": nsc(KEY_A, KEY_B), f"b/{NAME}": nsc(KEY_A, KEY_B)},
    )
    monkeypatch.chdir(root / "a")
    assert "unused-suppression" not in run(capsys, *TODAY)[1]
    monkeypatch.chdir(root)
    assert "unused-suppression" not in run(capsys, "check", "a", *TODAY)[1]
    assert "unused-suppression" in run(capsys, *TODAY)[1]


def test_paths_are_relative_to_where_one_stands(tmp_path, monkeypatch, capsys):
    root = trees.write(tmp_path / "app", ONE_PIN)

    def path(*argv):
        return json.loads(run(capsys, *argv, *TODAY, "--format", "json")[1])["findings"][0]["path"]

    monkeypatch.chdir(tmp_path)
    assert path("check", "app") == f"app/{NAME}"
    monkeypatch.chdir(trees.write(tmp_path / "sub", {"a": ""}))
    assert path("check", "..") == f"app/{NAME}"
    assert path("check", ".", "../app") == f"app/{NAME}"
    monkeypatch.chdir("/")
    assert path("check", str(root / NAME)) == str(root / NAME)[1:]
    monkeypatch.chdir(trees.write(tmp_path / "elsewhere", {"a": ""}))
    assert path("check", str(root)) == NAME


def test_a_bug_exits_with_3(app, capsys, monkeypatch):
    app(GOOD)
    monkeypatch.setattr("pincheck.run.check", lambda *_: 1 / 0)
    code, _, err = run(capsys)
    assert code == 3
    assert err.endswith("pincheck failed; this is a bug in pincheck, not in what it read\n")


def test_help_teaches_by_examples(capsys):
    code, out, _ = run(capsys, "--help")
    assert code == 0
    assert "pincheck explain missing-backup-pin" in out
    assert run(capsys, "check", "--help")[0] == 0
    assert run(capsys, "--version") == (0, f"pincheck {__version__}\n", "")


def test_schemas_are_printed(capsys):
    for which in ("config", "report"):
        code, out, _ = run(capsys, "schema", which)
        assert code == 0
        assert json.loads(out)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_explain(capsys):
    code, out, _ = run(capsys, "explain", "missing-backup-pin")
    assert code == 0
    assert "A pin set holds fewer than two distinct keys." in out
    assert "missing-backup-pin" in run(capsys, "explain")[1]


def test_a_reader_that_leaves_early_is_no_failure(app):
    app({f"m{number}/{NAME}": nsc(KEY_A) for number in range(300)})
    script = f"{sys.executable} -m pincheck --fail-on never | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "0"
    assert done.stderr == ""


def test_closed_streams_leave_the_exit_code(app):
    app(ONE_PIN)
    script = f"{sys.executable} -m pincheck --today 2026-11-23 >&- 2>&-; echo $?"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "1\n"


def test_hostile_names_reach_no_terminal(app, capsys):
    app({"a\n::error::x/\x1b]0;owned\x07/nsc.xml": nsc(KEY_A, host="\u202egro.elpmaxe")})
    for style in ("terminal", "github", "markdown"):
        out = run(capsys, *TODAY, "--format", style)[1]
        assert out
        assert not any(character in out for character in "\x1b\x07\u202e")
        assert not any(line.startswith("::error::x") for line in out.splitlines())


# a change ----------------------------------------------------------------------


@pytest.fixture
def branch(tmp_path, monkeypatch):
    """A repository with one pin on main and on the branch, where a folder was added."""
    root = trees.repository(tmp_path / "r", ONE_PIN)
    trees.git(root, "checkout", "-qb", "topic")
    trees.write(root, {"docs/x.md": "x"})
    trees.git(root, "add", "-A")
    trees.git(root, "commit", "-qm", "second")
    monkeypatch.chdir(root)
    return root


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param((), 1, id="no base"),
        pytest.param(("--base", "main"), 0, id="nothing new"),
        pytest.param(("--base", "main", "--fail-on-new"), 0, id="nothing new, as is the default"),
        pytest.param(("--base", "main", "--no-fail-on-new"), 1, id="all count"),
    ],
)
def test_with_a_base_only_new_findings_fail(branch, capsys, monkeypatch, options, expected):
    def since(base, before, after, renamed, *more):
        old = {finding.fingerprint for finding in before.findings}
        new = frozenset(finding.fingerprint for finding in after.findings) - old
        return after._replace(since=Since(base, new))

    monkeypatch.setattr("pincheck.changes.since", since)
    assert run(capsys, "check", *options, *TODAY)[0] == expected
    (branch / "n.xml").write_text(ONE_PIN[NAME].replace("shop.example", "new.example"))
    assert run(capsys, "check", *options, *TODAY)[0] == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--base", ""), "--base: names no revision"),
        (("--fail-on-new",), "--fail-on-new counts with --base only"),
        (("--no-fail-on-new",), "--no-fail-on-new counts with --base only"),
        (("--base", "HEAD~9"), "HEAD~9: no such commit here"),
        (("--base=--all",), "--all: no such commit here"),
        (("--base", "e\x1b[31m"), "e\\x1b[31m: no such commit here"),
        (
            ("--base", "dev"),
            "dev: no such commit here; if it is a branch of origin, fetch it:"
            " git fetch origin dev:refs/remotes/origin/dev",
        ),
    ],
)
def test_a_base_that_makes_no_sense_is_refused(branch, capsys, options, said):
    assert run(capsys, "check", *options) == (2, "", f"pincheck: {said}\n")


def test_a_base_needs_a_repository_and_git(app, branch, capsys, monkeypatch):
    app(GOOD)
    code, _, err = run(capsys, "--base", "main")
    assert (code, "is in no git repository, so there is nothing to compare with" in err) == (2, True)
    monkeypatch.chdir(branch)
    monkeypatch.setenv("PATH", str(branch))
    said = "pincheck: main: git could not read it: git is not installed\n"
    assert run(capsys, "--base", "main") == (2, "", said)
