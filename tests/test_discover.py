"""Which files are read: inside git and outside, hostile trees included."""

import errno
import os
from pathlib import Path

import pytest
import trees

from pincheck import registry
from pincheck.discover import discover
from pincheck.errors import UsageError
from pincheck.model import NotChecked
from pincheck.trees import MAX_BYTES, WorkTree

NSC = "<network-security-config/>"
NAME = "res/xml/network_security_config.xml"


def found(root: Path, *paths: str, exclude: tuple[str, ...] = ()) -> list[str]:
    result = discover(paths or (".",), WorkTree(str(root)), registry.parsers(), exclude)
    return [source.path for source in result.sources]


def not_checked(root: Path) -> tuple[NotChecked, ...]:
    return discover((".",), WorkTree(str(root)), registry.parsers()).not_checked


@pytest.fixture(params=["git", "plain"])
def tree(request, tmp_path):
    """Make a tree of files, as a git repository and as a plain folder."""

    def make(files):
        root = tmp_path / "tree"
        return trees.repository(root, files) if request.param == "git" else trees.write(root, files)

    return make


def test_only_files_that_a_format_claims_are_read(tree):
    root = tree({NAME: NSC, "a.xml": "<other/>", "b.txt": NSC, "c/deep/er/n.xml": NSC})
    assert found(root) == ["c/deep/er/n.xml", NAME]


def test_generated_folders_are_skipped_unless_named(tree):
    generated = ("app/build/n.xml", "ios/Pods/n.xml", "node_modules/x/n.xml", ".dart_tool/n.xml")
    root = tree(dict.fromkeys((*generated, "building/n.xml"), NSC))
    assert found(root) == ["building/n.xml"]
    assert found(root, "app/build") == ["app/build/n.xml"]
    assert found(root, "ios/Pods/n.xml") == ["ios/Pods/n.xml"]


def test_platforms_is_generated_only_beside_a_cordova_config(tree):
    root = tree(
        {
            "cordova/config.xml": "<widget/>",
            "cordova/platforms/android/n.xml": NSC,
            "maui/Platforms/Android/n.xml": NSC,
            "other/platforms/n.xml": NSC,
        }
    )
    assert found(root) == ["maui/Platforms/Android/n.xml", "other/platforms/n.xml"]


def test_excluded_paths_are_left_out(tree):
    root = tree({NAME: NSC, "vendor/n.xml": NSC, "a/vendor/n.xml": NSC})
    assert found(root, exclude=("vendor/*",)) == [NAME]


def test_untracked_files_count_and_ignored_ones_do_not(tmp_path):
    root = trees.repository(tmp_path / "r", {".gitignore": "ignored/\n", NAME: NSC})
    trees.write(root, {"new.xml": NSC, "ignored/n.xml": NSC})
    assert found(root) == ["new.xml", NAME]
    assert found(root, "ignored") == ["ignored/n.xml"]
    assert found(root, "ignored/n.xml") == ["ignored/n.xml"]


def test_the_work_tree_counts_not_the_index(tmp_path):
    root = trees.repository(tmp_path / "r", {"gone.xml": NSC, "changed.xml": "<other/>"})
    (root / "gone.xml").unlink()
    (root / "changed.xml").write_text(NSC)
    assert found(root) == ["changed.xml"]


def test_utf16_files_are_searched_too(tree):
    root = tree({"n.xml": ("\ufeff" + NSC).encode("utf-16-le"), "o.xml": "<other/>".encode("utf-16")})
    assert found(root) == ["n.xml"]


def test_names_may_hold_anything(tree):
    names = ["new\nline.xml", "esc\x1b[31m.xml", "a::b%0A.xml", "-e.xml", "*.xml", ":(top).xml", "sp ace.xml"]
    root = tree(dict.fromkeys(names, NSC))
    assert found(root) == sorted(names)


def test_names_that_are_not_utf8_are_read(tree):
    root = tree({"a.xml": NSC})
    (root / os.fsdecode(b"\xff.xml")).write_text(NSC)
    assert found(root) == ["a.xml", os.fsdecode(b"\xff.xml")]


def test_links_never_lead_anywhere(tree, tmp_path):
    outside = trees.write(tmp_path / "outside", {"n.xml": NSC})
    root = tree({NAME: NSC, "real/n.xml": NSC})
    (root / "link.xml").symlink_to(outside / "n.xml")
    (root / "folder").symlink_to(outside)
    (root / "inside").symlink_to(root / "real")
    (root / "loop").symlink_to(root)
    assert found(root) == ["real/n.xml", NAME]


def test_a_folder_replaced_by_a_link_is_not_followed(tmp_path):
    outside = trees.write(tmp_path / "outside", {"n.xml": NSC})
    root = trees.repository(tmp_path / "r", {"sub/n.xml": NSC})
    (root / "sub/n.xml").unlink()
    (root / "sub").rmdir()
    (root / "sub").symlink_to(outside)
    assert found(root) == []


def test_a_path_outside_the_root_is_refused(tree, tmp_path):
    root = tree({NAME: NSC})
    with pytest.raises(UsageError, match="lies outside"):
        found(root, "..")
    (root / "out").symlink_to(tmp_path)
    with pytest.raises(UsageError, match="lies outside"):
        found(root, "out")


def test_a_path_that_does_not_exist_is_refused(tree):
    with pytest.raises(UsageError, match="gone: no such file or folder"):
        found(tree({NAME: NSC}), "gone")


def test_what_cannot_be_read_is_listed_if_its_name_fits(tree):
    root = tree(
        {
            NAME: NSC + " " * MAX_BYTES,
            "b/network_security_config.xml": b"\x03\x00\x08\x00" + b"\0binary" * 50,
            "big.bin": b"x" * (MAX_BYTES + 1),
        }
    )
    assert not_checked(root) == (
        NotChecked("b/network_security_config.xml", "binary, not the text that its name promises"),
        NotChecked(NAME, "larger than 5 MB"),
    )


def test_what_may_not_be_read_is_listed(tree, monkeypatch):
    root = tree({NAME: NSC})

    def refuse(path, flags):  # as root, chmod would refuse nothing
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("pincheck.trees._no_follow", refuse)
    assert not_checked(root) == (NotChecked(NAME, "cannot be read: Permission denied"),)


def test_special_files_are_passed_over(tree):
    root = tree({NAME: NSC})
    os.mkfifo(root / "network_security_config.xml")
    assert found(root) == [NAME]
    with pytest.raises(UsageError, match="no such file or folder"):
        found(root, "network_security_config.xml")


def test_other_repositories_inside_are_named(tmp_path):
    library = trees.repository(tmp_path / "library", {NAME: NSC})
    root = trees.repository(tmp_path / "r", {"a.xml": NSC})
    trees.git(root, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(library), "libs/pins")
    trees.repository(root / "nested", {"n.xml": NSC})
    assert found(root) == ["a.xml"]
    assert [(entry.what, entry.reason) for entry in not_checked(root)] == [
        ("nested", "a git repository of its own; run pincheck in it"),
        ("libs/pins", "a git repository of its own; run pincheck in it"),
    ]
    assert found(root, "libs/pins") == [f"libs/pins/{NAME}"]


# git, and what a hostile repository configures --------------------------------

HOSTILE = """
[core]
    fsmonitor = touch {canary}-fsmonitor
    hooksPath = {hooks}
    pager = touch {canary}-pager
    sshCommand = touch {canary}-ssh
    editor = touch {canary}-editor
    alternateRefsCommand = touch {canary}-refs
    gitProxy = touch {canary}-proxy
    untrackedCache = true
[filter "evil"]
    clean = touch {canary}-clean
    smudge = touch {canary}-smudge
    process = touch {canary}-process
    required = true
[diff]
    external = touch {canary}-diff
[diff "evil"]
    textconv = touch {canary}-textconv
    command = touch {canary}-command
[alias]
    grep = !touch {canary}-alias
    ls-files = !touch {canary}-alias
[submodule]
    recurse = true
[protocol]
    allow = always
[extensions]
    partialClone = origin
[remote "origin"]
    promisor = true
    url = "ext::sh -c touch% {canary}-promisor"
[grep]
    patternType = perl
    fallbackToNoIndex = true
[credential]
    helper = "!touch {canary}-credential"
[include]
    path = more
"""


def test_a_hostile_repository_runs_nothing(tmp_path):
    root = trees.repository(tmp_path / "r", {".gitattributes": "* filter=evil diff=evil\n", NAME: NSC})
    canary, hooks = tmp_path / "canary", tmp_path / "hooks"
    hooks.mkdir()
    for hook in (
        "post-index-change",
        "post-checkout",
        "pre-commit",
        "fsmonitor-watchman",
        "reference-transaction",
    ):
        (hooks / hook).write_text(f"#!/bin/sh\ntouch {canary}-{hook}\n")
        (hooks / hook).chmod(0o755)
    with (root / ".git/config").open("a") as config:
        config.write(HOSTILE.format(canary=canary, hooks=hooks))
    (root / "new.xml").write_text(NSC)
    os.utime(root / NAME, (1, 1))
    assert found(root) == ["new.xml", NAME]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["hooks", "r"]


def test_an_embedded_bare_repository_is_only_files(tmp_path):
    root = trees.repository(tmp_path / "r", {NAME: NSC})
    trees.git(root, "init", "-q", "--bare", "bare")
    (root / "bare/config").write_text(f"[core]\n\tbare = true\n\tfsmonitor = touch {tmp_path}/canary\n")
    trees.write(root, {"bare/n.xml": NSC})
    assert found(root) == ["bare/n.xml", NAME]
    assert found(root / "bare") == ["n.xml"]
    assert not (tmp_path / "canary").exists()


def test_variables_of_the_environment_do_not_redirect_git(tmp_path, monkeypatch):
    root = trees.repository(tmp_path / "r", {NAME: NSC})
    other = trees.repository(tmp_path / "other", {"o.xml": NSC})
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.fsmonitor")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", f"touch {tmp_path}/canary")
    assert found(root) == [NAME]
    assert not (tmp_path / "canary").exists()


def test_a_git_in_the_repository_is_not_run(tmp_path, monkeypatch):
    root = trees.repository(tmp_path / "r", {NAME: NSC, "git": f"#!/bin/sh\ntouch {tmp_path}/canary\n"})
    (root / "git").chmod(0o755)
    monkeypatch.chdir(root)
    monkeypatch.setenv("PATH", f".::{os.environ['PATH']}")
    assert found(root) == [NAME]
    assert not (tmp_path / "canary").exists()


def test_no_token_reaches_git(tmp_path, monkeypatch):
    root = trees.repository(tmp_path / "r", {NAME: NSC})
    tools = trees.write(tmp_path / "tools", {"git": '#!/bin/sh\nenv >> "$0.env"\nexit 1\n'})
    (tools / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    monkeypatch.setenv("GITHUB_TOKEN", "secret-token")
    found(root)
    environment = (tools / "git.env").read_text()
    assert "GIT_TERMINAL_PROMPT=0" in environment
    assert "GIT_NO_LAZY_FETCH=1" in environment
    assert "secret-token" not in environment


def test_without_git_the_folder_is_walked_and_it_is_said(tmp_path, monkeypatch):
    root = trees.repository(tmp_path / "r", {NAME: NSC})
    monkeypatch.setenv("PATH", str(tmp_path))
    result = discover((".",), WorkTree(str(root)), registry.parsers())
    assert [source.path for source in result.sources] == [NAME]
    assert result.notes == (
        "git could not list the files (git is not installed), so ignored files were read too",
    )


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="needs root to give a folder away")
def test_dubious_ownership_is_said_with_the_fix(tmp_path, monkeypatch):
    root = trees.repository(tmp_path / "r", {NAME: NSC})
    monkeypatch.setenv("HOME", str(tmp_path))
    for path in (root, root / ".git"):
        os.chown(path, 12345, 12345)
    result = discover((".",), WorkTree(str(root)), registry.parsers())
    assert [source.path for source in result.sources] == [NAME]
    assert result.notes == (
        f"git does not trust {root}, which another user owns, so ignored files were read too;"
        f" to fix it: git config --global --add safe.directory {root}",
    )
