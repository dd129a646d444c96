"""A tree as a commit holds it: what git's objects tell, and that it reads as its checkout does."""

import os
import time
from pathlib import Path

import pace
import pytest
import trees
from test_discover import HOSTILE

from pincheck import commits, files, git, registry
from pincheck.discover import Discovery, start
from pincheck.errors import ConfigError, UsageError
from pincheck.git import fetching
from pincheck.model import NotChecked
from pincheck.trees import MAX_BYTES, WorkTree

NSC = "<network-security-config/>"
NAME = "res/xml/network_security_config.xml"
KEY = "-----BEGIN PRIVATE KEY-----\n"
ABSENT = "0123456789" * 4


def head(root: Path) -> str:
    return trees.git(root, "rev-parse", "HEAD").strip()


def commit(root: Path, message: str = "next") -> str:
    trees.git(root, "add", "-A", "-f")
    trees.git(root, "commit", "-qm", message, "--allow-empty")
    return head(root)


def tree_of(root: Path, revision: str = "HEAD") -> commits.Commit:
    return commits.Commit(str(root), commits.named(str(root), revision))


def read(tree, *paths: str, exclude: tuple[str, ...] = ()) -> Discovery:
    return start(paths or (".",), tree, registry.parsers(), exclude).read()


def found(root: Path, *paths: str, exclude: tuple[str, ...] = ()) -> list[str]:
    """What is read in the commit checked out, which must be what is read in its checkout."""
    tree = tree_of(root)
    result = read(tree, *paths, exclude=exclude)
    assert result == read(WorkTree(str(root)), *paths, exclude=exclude)
    tree.close()
    return [source.path for source in result.sources]


# revisions ---------------------------------------------------------------------


def test_a_revision_is_a_commit_by_any_of_its_names(tmp_path):
    root = trees.repository(tmp_path / "r", {NAME: NSC})
    trees.git(root, "tag", "-a", "v1", "-m", "first")
    name = head(root)
    for revision in ("HEAD", "main", "v1", "refs/heads/main", name, name[:9], "HEAD^{commit}", "main@{0}"):
        assert git.commit(str(root), revision) == name


@pytest.mark.parametrize(
    "revision",
    [
        *("", "gone", ABSENT, "HEAD^{tree}", f"HEAD:{NAME}", "HEAD~7", "HEAD..HEAD", "^HEAD", "HEAD HEAD"),
        *("-h", "--all", "--git-dir", "--exec=touch canary", "HEAD\n--all", "a\0b", "\x1b[31m", "x" * 301),
    ],
)
def test_no_other_text_is_a_revision(tmp_path, revision):
    root = trees.repository(tmp_path / "r", {NAME: NSC})
    assert git.commit(str(root), revision) == ""


def test_parents_are_those_of_the_commit_object_also_where_history_is_cut_off(tmp_path):
    root = trees.repository(tmp_path / "r", {NAME: NSC})
    first = head(root)
    second = commit(root)
    trees.git(tmp_path, "clone", "-q", "--depth=1", f"file://{root}", "shallow")
    shallow = str(tmp_path / "shallow")
    assert git.parents(str(root), first) == ()
    assert git.parents(shallow, second) == (first,)
    assert (git.is_shallow(str(root)), git.is_shallow(shallow)) == (False, True)
    with pytest.raises(git.GitFailed):
        git.parents(shallow, first)


def test_the_merge_base_is_where_a_branch_left(tmp_path):
    root = trees.repository(tmp_path / "r", {NAME: NSC})
    fork = head(root)
    trees.git(root, "checkout", "-qb", "topic")
    topic = commit(root)
    trees.git(root, "checkout", "-q", "main")
    main = commit(root, "other")
    trees.git(root, "checkout", "-q", "--orphan", "alone")
    alone = commit(root)
    assert git.merge_base(str(root), main, topic) == fork
    assert git.merge_base(str(root), main, alone) == ""
    with pytest.raises(git.GitFailed, match="is no hash of a commit"):
        git.merge_base(str(root), main, "--all")


def test_a_full_hash_is_taken_as_it_is_and_a_name_where_the_branch_left_it(tmp_path):
    root = trees.repository(tmp_path / "r", {NAME: NSC})
    fork = head(root)
    trees.git(root, "checkout", "-qb", "topic")
    commit(root)
    trees.git(root, "checkout", "-q", "main")
    main = commit(root, "other")
    assert commits.forked(str(root), "main", "topic") == commits.Found(fork, "main")
    assert commits.forked(str(root), main, "topic") == commits.Found(main, main[:12])
    trees.git(root, "checkout", "-q", "--orphan", "alone")
    commit(root)
    note = "main and HEAD share no history here, so main as it is now is compared with"
    assert commits.forked(str(root), "main", "HEAD") == commits.Found(main, "main", (note,))


def test_a_branch_known_as_one_of_origin_only_is_found(tmp_path):
    root = trees.repository(tmp_path / "r", {NAME: NSC})
    trees.git(root, "update-ref", "refs/remotes/origin/develop", "HEAD")
    assert commits.named(str(root), "develop") == commits.Found(head(root), "develop")


def test_an_unknown_revision_is_told_with_the_fix(tmp_path):
    root = trees.repository(tmp_path / "r", {NAME: NSC})
    commit(root)
    trees.git(tmp_path, "clone", "-q", "--depth=1", f"file://{root}", "shallow")

    def told(folder: str, revision: str) -> str:
        with pytest.raises(UsageError) as raised:
            commits.named(str(tmp_path / folder), revision)
        return str(raised.value)

    here = "no such commit here"
    branch = f"{here}; if it is a branch of origin, fetch it: git fetch"
    assert told("r", "dev") == f"dev: {branch} origin dev:refs/remotes/origin/dev"
    assert told("shallow", "dev") == f"dev: {branch} --depth=1 origin dev:refs/remotes/origin/dev"
    assert (
        told("shallow", "origin/dev") == f"origin/dev: {branch} --depth=1 origin dev:refs/remotes/origin/dev"
    )
    assert told("shallow", ABSENT) == f"{ABSENT}: {here}; fetch it: git fetch --depth=1 origin {ABSENT}"
    assert told("r", "-x") == f"-x: {here}"
    assert told("r", "HEAD~9") == f"HEAD~9: {here}"
    assert "'$(a):refs/remotes/origin/$(a)'" in told("r", "$(a)")


def test_where_there_is_no_repository_and_no_git_it_is_said(tmp_path, monkeypatch):
    with pytest.raises(
        UsageError, match=r"^main: .* is in no git repository, so there is nothing to compare"
    ):
        commits.named(str(tmp_path), "main")
    root = trees.repository(tmp_path / "r", {NAME: NSC})
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match=r"^main: git could not read it: git is not installed$"):
        commits.named(str(root), "main")


# renames -----------------------------------------------------------------------


def test_renames_are_told_between_commits_and_of_the_index(tmp_path):
    text = "".join(f"line {number}\n" for number in range(20))
    root = trees.repository(tmp_path / "r", {"a\n.xml": text, "sub/b.xml": "x" + text, "c.xml": "c"})
    base = head(root)
    trees.git(root, "mv", "a\n.xml", "é.xml")
    trees.git(root, "mv", "sub/b.xml", "sub/-b.xml")
    (root / "é.xml").write_text(text + "more\n")
    now = {"é.xml": "a\n.xml", "sub/-b.xml": "sub/b.xml"}
    assert git.renames(str(root), base) == now
    assert git.renames(str(root / "sub"), base) == {"-b.xml": "b.xml"}
    assert git.renames(str(root), base, commit(root)) == now
    assert git.renames(str(root), base, base) == {}


# what a commit reads as -----------------------------------------------------------


def test_a_commit_reads_as_its_checkout(tmp_path):
    root = trees.repository(
        tmp_path / "r",
        {
            **dict.fromkeys(
                (NAME, "app/build/n.xml", "ios/Pods/n.xml", "vendor/n.xml", "building/n.xml"), NSC
            ),
            "cordova/config.xml": "<widget/>",
            "cordova/platforms/android/n.xml": NSC,
            "maui/Platforms/Android/n.xml": NSC,
            "res/values-de/strings.xml": "<resources/>",
            "utf16.xml": ("\ufeff" + NSC).encode("utf-16-le"),
            "keys/a.txt": KEY,
            "other.txt": NSC,
        },
    )
    assert found(root, exclude=("vendor/*",)) == [
        "building/n.xml", "keys/a.txt", "maui/Platforms/Android/n.xml", NAME, "utf16.xml",
    ]  # fmt: skip
    assert found(root, "app/build") == ["app/build/n.xml"]
    assert found(root, "ios/Pods/n.xml") == ["ios/Pods/n.xml"]
    assert found(root / "ios", "Pods") == ["Pods/n.xml"]
    assert found(root / "keys") == ["a.txt"]
    with pytest.raises(UsageError, match="gone: no such file or folder"):
        found(root, "gone")
    with pytest.raises(UsageError, match="lies outside"):
        found(root / "keys", "..")


def test_names_may_hold_anything(tmp_path):
    names = [
        *("new\nline.xml", "esc\x1b[31m.xml", "a::b%0A.xml", "-e.xml", "*.xml", ":(top).xml", "tab\t.xml"),
        *("é/ü.xml", os.fsdecode(b"\xff.xml"), "HEAD:x.xml", "sp ace.xml"),
    ]
    root = trees.repository(tmp_path / "r", dict.fromkeys(names, NSC))
    assert found(root) == sorted(names)
    assert found(root, "é") == ["é/ü.xml"]


def test_links_and_submodules_are_not_followed(tmp_path):
    library = trees.repository(tmp_path / "library", {NAME: NSC})
    root = trees.repository(tmp_path / "r", {"real/n.xml": NSC})
    (root / "link.xml").symlink_to(root / "real/n.xml")
    (root / "folder").symlink_to("real")
    trees.git(root, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(library), "libs/pins")
    commit(root)
    assert found(root) == ["real/n.xml"]
    assert read(tree_of(root)).not_checked == (
        NotChecked("libs/pins", "a git repository of its own; run pincheck in it"),
    )
    assert read(tree_of(root)).seen == 5


def test_what_cannot_be_read_is_listed_if_its_name_fits(tmp_path):
    root = trees.repository(
        tmp_path / "r",
        {
            NAME: NSC + " " * MAX_BYTES,
            "b/network_security_config.xml": b"\x03\x00\x08\x00" + b"\0binary" * 50,
            "big.bin": b"x" * (MAX_BYTES + 1),
        },
    )
    assert found(root) == []
    assert read(tree_of(root)).not_checked == (
        NotChecked("b/network_security_config.xml", "binary, not the text that its name promises"),
        NotChecked(NAME, "larger than 5 MB"),
    )


def test_files_too_large_to_search_are_kept_from_git(tmp_path, monkeypatch):
    monkeypatch.setattr(commits, "MAX_SEARCHED_BYTES", 100)
    root = trees.repository(tmp_path / "r", {NAME: NSC, "a*.xml": NSC + " " * 100, "ab.xml": NSC})
    assert [source.path for source in read(tree_of(root)).sources] == ["ab.xml", NAME]
    monkeypatch.setattr(commits, "MAX_UNSEARCHED", 0)
    with pytest.raises(UsageError, match=r"^HEAD: git could not read it: 1 files are larger than"):
        read(tree_of(root))


def test_attributes_hide_no_file(tmp_path):
    hiding = "* binary\n*.kt -diff\n*.txt -text export-ignore\n*.pem filter=lfs diff=evil\n"
    root = trees.repository(
        tmp_path / "r",
        {
            ".gitattributes": hiding,
            NAME: NSC,
            "A.kt": 'CertificatePinner.Builder().add("a.example", "sha256/C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M=")',
            "k.txt": KEY,
            "k.pem": KEY,
            "k.bin": b"\0" + KEY.encode(),
        },
    )
    (root / ".git/info/attributes").write_text(hiding)
    assert found(root) == ["A.kt", "k.pem", "k.txt", NAME]


def test_the_commit_counts_not_the_work_tree_nor_what_replaces_objects(tmp_path):
    root = trees.repository(tmp_path / "r", {NAME: NSC})
    name = head(root)
    (root / NAME).unlink()
    other = commit(root)
    trees.git(root, "replace", name, other)
    assert [source.path for source in read(tree_of(root, name)).sources] == [NAME]


def test_names_are_sought_in_the_commit(tmp_path):
    root = trees.repository(
        tmp_path / "r", {"src/Pins.kt": "const val PINS = 1\n", "src/O.kt": "fun f() {}\n"}
    )
    (root / "src/Pins.kt").unlink()
    tree = tree_of(root)
    listing = start((".",), tree, registry.parsers())
    listing.read()
    assert [source.path for source in listing.holding(frozenset({"PINS"}))] == ["src/Pins.kt"]
    assert [source.path for source in listing.mentioning(["const val pins", "fun f()"])] == ["src/O.kt"]


# single files ----------------------------------------------------------------------


@pytest.fixture
def linked(tmp_path):
    """Files and links, for a root below the top."""
    root = trees.repository(
        tmp_path / "r", {".pincheck.yml": "version: 1\n", "app/a/spare.csr": "csr", "app/x": ""}
    )
    for name, target in {
        "app/ok": "a/spare.csr", "app/up": "../.pincheck.yml", "app/folder": "a", "app/loop": "loop",
        "app/out": "../../secret", "app/absolute": str(tmp_path / "secret"), "app/gone": "nothing",
    }.items():  # fmt: skip
        (root / name).symlink_to(target)
    (tmp_path / "secret").write_text("secret")
    commit(root)
    return root / "app"


@pytest.mark.parametrize("make", [tree_of, lambda root: WorkTree(str(root))], ids=["commit", "disk"])
def test_a_file_is_read_if_it_is_one_of_the_repository(linked, make):
    tree = make(linked)
    for path, data in {
        "a/spare.csr": b"csr", "ok": b"csr", "folder/spare.csr": b"csr", "up": b"version: 1\n",
        "../.pincheck.yml": b"version: 1\n", "a/../x": b"",
    }.items():  # fmt: skip
        assert tree.file(path, 100) == data
    for path in ("out", "absolute", "../../secret", "gone", "loop", "a", "folder", "nothing", "x/y"):
        with pytest.raises(files.Unusable):
            tree.file(path, 100)
    with pytest.raises(files.Unusable, match="is larger than 0 MB"):
        tree.file("a/spare.csr", 2)
    assert tree.nearest((".pincheck.yml", ".pincheck.yaml")) == "../.pincheck.yml"


@pytest.mark.parametrize("make", [tree_of, lambda root: WorkTree(str(root))], ids=["commit", "disk"])
def test_a_configuration_that_leaves_the_repository_is_refused(tmp_path, make):
    root = trees.repository(tmp_path / "r", {"x": ""})
    (root / ".pincheck.yml").symlink_to("../secret")
    commit(root)
    with pytest.raises(ConfigError, match="is a link that leaves the repository"):
        make(root).nearest((".pincheck.yml",))


def test_without_a_configuration_there_is_no_nearest(tmp_path):
    root = trees.repository(tmp_path / "r", {"app/x": ""})
    assert tree_of(root / "app").nearest((".pincheck.yml",)) == ""


# hostile and broken repositories ------------------------------------------------------


def test_a_hostile_repository_runs_nothing(tmp_path):
    root = trees.repository(tmp_path / "r", {".gitattributes": "* filter=evil diff=evil\n", NAME: NSC})
    base = head(root)
    (root / NAME).rename(root / "n.xml")
    trees.git(root, "-c", "core.attributesFile=/dev/null", "add", "-A")
    trees.git(root, "commit", "-qm", "next")
    canary, hooks = tmp_path / "canary", tmp_path / "hooks"
    hooks.mkdir()
    for hook in ("post-index-change", "reference-transaction", "fsmonitor-watchman"):
        (hooks / hook).write_text(f"#!/bin/sh\ntouch {canary}-{hook}\n")
        (hooks / hook).chmod(0o755)
    with (root / ".git/config").open("a") as config:
        config.write(HOSTILE.format(canary=canary, hooks=hooks))
    assert [source.path for source in read(tree_of(root)).sources] == ["n.xml"]
    assert git.renames(str(root), base) == git.renames(str(root), base, head(root)) == {"n.xml": NAME}
    assert git.parents(str(root), git.commit(str(root), "HEAD")) == (base,)
    assert git.merge_base(str(root), base, base) == base
    assert sorted(path.name for path in tmp_path.iterdir()) == ["hooks", "r"]


def test_a_partial_clone_that_lacks_objects_says_so(tmp_path):
    root = trees.repository(tmp_path / "r", {NAME: NSC, "b.xml": NSC + " "})
    trees.git(root, "config", "uploadpack.allowFilter", "true")
    trees.git(tmp_path, "clone", "-q", "--filter=blob:none", "--no-checkout", f"file://{root}", "partial")
    with pytest.raises(
        UsageError, match=r"^main: git could not read it: 2 of its objects are not here"
    ) as said:
        tree_of(tmp_path / "partial", "main")
    advice = str(said.value).partition("; fetch them: git ")[2]
    trees.git(tmp_path / "partial", *advice.split())
    tree_of(tmp_path / "partial", "main").close()


def test_renames_need_all_of_the_index_too(tmp_path):
    root = trees.repository(tmp_path / "r", {NAME: NSC})
    base = head(root)
    commit(trees.write(root, {"a/new.xml": "<new/>"}))
    trees.git(root, "config", "uploadpack.allowFilter", "true")
    trees.git(
        tmp_path, "clone", "-q", "--filter=blob:none", "--sparse", "--depth=1", root.as_uri(), "partial"
    )
    partial = str(tmp_path / "partial")
    trees.git(tmp_path / "partial", "fetch", "-q", "--refetch", "--no-filter", "--depth=1", "origin", base)
    with pytest.raises(git.ObjectsMissing, match=r"^1 of its objects are not here"):
        git.renames(partial, base)


def test_a_missing_object_is_no_empty_file(tmp_path):
    root = trees.repository(tmp_path / "r", {NAME: NSC, "b.xml": "<other/>"})
    name = trees.git(root, "rev-parse", f"HEAD:{NAME}").strip()
    (root / ".git/objects" / name[:2] / name[2:]).unlink()
    with pytest.raises(UsageError, match=r"^HEAD: git could not read it: "):
        read(tree_of(root))


def test_thousands_of_files_take_seconds(tmp_path):
    files_ = {f"m{n % 50}/n{n}.xml": NSC if n % 3 == 0 else "<other/>" for n in range(3000)}
    root = trees.repository(tmp_path / "r", files_)
    base = head(root)
    for number in range(1500):
        (root / f"m{number % 50}/n{number}.xml").rename(root / f"m{number % 50}/moved{number}.xml")
    commit(root)
    begin = time.monotonic()
    assert len(read(tree_of(root)).sources) == 1000
    assert len(git.renames(str(root), base, head(root))) == 1500
    assert time.monotonic() - begin < pace.allowed(15)


# fetching -------------------------------------------------------------------------------


@pytest.fixture
def cloned(tmp_path):
    """A remote with a commit of a pull request, and a clone of depth 1."""
    remote = trees.repository(tmp_path / "remote", {NAME: NSC})
    old = head(remote)
    trees.git(remote, "config", "uploadpack.allowAnySHA1InWant", "true")
    trees.git(remote, "checkout", "-qb", "topic")
    topic = commit(trees.write(remote, {"topic.xml": "<new/>"}))
    trees.git(remote, "update-ref", "refs/pull/7/head", topic)
    trees.git(remote, "tag", "v9", topic)
    trees.git(remote, "checkout", "-q", "main")
    trees.git(remote, "branch", "-qD", "topic")
    commit(remote, "other")
    trees.git(tmp_path, "clone", "-q", "--depth=1", f"file://{remote}", "clone")
    return tmp_path / "clone", old, topic


def state(root: Path) -> tuple[object, ...]:
    """All of a repository but its objects, and where history is cut off."""
    refs = trees.git(root, "for-each-ref")
    names = sorted(path.name for path in (root / ".git").iterdir())
    return refs, names, trees.git(root, "status", "--porcelain"), (root / ".git/config").read_text()


def test_fetching_brings_commits_and_nothing_else(cloned):
    root, old, topic = cloned
    before = state(root)
    assert (git.commit(str(root), old), git.commit(str(root), topic)) == ("", "")
    fetching.fetch(str(root), (old, "refs/pull/7/head"))
    assert (git.commit(str(root), old), git.commit(str(root), topic)) == (old, topic)
    assert state(root) == before
    fetching.fetch(str(root), (old, topic))
    trees.git(root, "remote", "set-url", "origin", "file:///nowhere")
    fetching.fetch(str(root), (old, topic))


def test_fetching_cuts_no_history_off(cloned, tmp_path):
    _, _, topic = cloned
    trees.git(tmp_path, "clone", "-q", "--single-branch", f"file://{tmp_path / 'remote'}", "full")
    fetching.fetch(str(tmp_path / "full"), ("refs/pull/7/head",))
    assert git.commit(str(tmp_path / "full"), topic) == topic
    assert not git.is_shallow(str(tmp_path / "full"))


PARTIAL = [
    pytest.param((), id="blobs"),
    pytest.param(("--sparse",), id="sparse"),
    pytest.param(("--depth=1", "--sparse"), id="sparse, no history"),
    pytest.param(("--depth=1",), id="no history"),
]


@pytest.mark.parametrize("options", PARTIAL)
@pytest.mark.parametrize("left", ["blob:none", "tree:0"])
def test_what_a_partial_clone_lacks_is_brought(cloned, tmp_path, options, left):
    _, old, topic = cloned
    remote, root = tmp_path / "remote", tmp_path / "partial"
    trees.git(remote, "config", "uploadpack.allowFilter", "true")
    trees.git(tmp_path, "clone", "-q", f"--filter={left}", *options, remote.as_uri(), "partial")
    before = state(root)
    fetching.fetch(str(root), (old, topic))
    with pytest.raises(git.ObjectsMissing):
        git.entries(str(root), topic)
    fetching.complete(str(root), (old, topic))
    assert [*git.entries(str(root), old)] == ["res", "res/xml", NAME]
    assert [*git.entries(str(root), topic)] == ["res", "res/xml", NAME, "topic.xml"]
    assert state(root) == before
    trees.git(root, "remote", "set-url", "origin", "file:///nowhere")
    fetching.complete(str(root), (old, topic))


def test_what_lacks_too_much_is_not_brought(cloned, tmp_path, monkeypatch):
    remote = tmp_path / "remote"
    trees.git(remote, "config", "uploadpack.allowFilter", "true")
    trees.git(tmp_path, "clone", "-q", "--filter=blob:none", "--no-checkout", remote.as_uri(), "partial")
    monkeypatch.setattr(fetching, "MAX_COMPLETED", 0)
    with pytest.raises(git.ObjectsMissing, match=r"^1 of its objects are not here"):
        fetching.complete(str(tmp_path / "partial"), (head(remote),))


def test_no_other_text_is_fetched(tmp_path):
    root = trees.repository(tmp_path / "r", {NAME: NSC})
    for ref in (
        *(
            "main",
            "--upload-pack=touch canary",
            "refs/heads/main:refs/heads/evil",
            "+refs/heads/main",
            "refs/../x",
        ),
        *(
            "refs/heads/a b",
            "refs/heads/@{0}",
            "",
            "refs/",
            "^refs/heads/main",
            "refs/heads/ma\nin",
            "refs/heads/*",
        ),
    ):
        with pytest.raises(git.GitFailed, match="is no name of a ref"):
            fetching.fetch(str(root), (ref,))


def test_what_cannot_be_fetched_is_told(cloned):
    root, *_ = cloned
    with pytest.raises(git.GitFailed, match="couldn't find remote ref refs/pull/8/head"):
        fetching.fetch(str(root), ("refs/pull/8/head",))
    with pytest.raises(git.GitFailed):
        fetching.fetch(str(root), (ABSENT,))
    trees.git(root, "remote", "set-url", "origin", f"ext::sh -c touch% {root}/canary")
    with pytest.raises(git.GitFailed, match="transport 'ext' not allowed"):
        fetching.fetch(str(root), ("refs/pull/7/head",))
    assert not (root / "canary").exists()


@pytest.mark.skipif(os.name != "posix", reason="ends a process group")
def test_a_remote_that_does_not_answer_is_given_up(cloned, monkeypatch, tmp_path):
    root, *_ = cloned
    tools = trees.write(tmp_path / "tools", {"ssh": f"#!/bin/sh\necho $$ > {tmp_path}/pid\nexec sleep 60\n"})
    (tools / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    monkeypatch.setattr(fetching, "FETCH_SECONDS", 1)
    trees.git(root, "remote", "set-url", "origin", "ssh://host.invalid/x")
    with pytest.raises(git.GitFailed, match="origin did not answer in 1 seconds"):
        fetching.fetch(str(root), ("refs/pull/7/head",))
    pid = int((tmp_path / "pid").read_text())
    for _ in range(50):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    raise AssertionError("ssh still runs")
