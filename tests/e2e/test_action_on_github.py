"""Each mode that posts, over days and pushes: the real scan of a real repository, and GitHub on this machine."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fake_github import FakeGitHub, FakePull
from trees import git, repository, write
from worlds import DER, NOW, Authority

from pincheck import recorded
from pincheck.action import __main__ as action
from pincheck.github import api, markers
from pincheck.model.chains import Observation, Target
from pincheck.run import judging

PATH = "app/src/main/res/xml/network_security_config.xml"
PIN, SPARE = "C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M=", "r/mIkG3eEpVdm+u/ko/cwxzOMo1bk4TyHIlByibiA5E="
OWN, FORK = 1, 2
DAY, NEXT_DAY = (datetime(2026, 11, day, 5, 17, tzinfo=UTC) for day in (23, 24))
RULE = "**error** · [`missing-backup-pin`]"


def nsc(*pins: str, expires: str = "2027-10-01") -> str:
    listed = "".join(f'      <pin digest="SHA-256">{pin}</pin>\n' for pin in pins)
    return (
        "<network-security-config>\n  <domain-config>\n    <domain>api.shop.example</domain>\n"
        f'    <pin-set expiration="{expires}">\n{listed}    </pin-set>\n  </domain-config>\n</network-security-config>\n'
    )


ONE, BOTH = nsc(PIN), nsc(PIN, SPARE)
BROKEN = ONE.replace("  </domain-config>\n", "")


class Shop:
    """A repository with a pull request #7, as a job of it sees it."""

    def __init__(self, folder: Path, github: FakeGitHub, patch: pytest.MonkeyPatch) -> None:
        self.github, self.patch, self.folder = github, patch, folder
        self.work = repository(folder / "work", {"README": "a shop"})
        self.base = git(self.work, "rev-parse", "HEAD").strip()
        for name, value in {
            "GITHUB_API_URL": github.url, "GITHUB_REPOSITORY": github.repository, "GITHUB_WORKSPACE": str(self.work),
            "GITHUB_EVENT_PATH": str(folder / "event"), "RUNNER_TEMP": str(folder), "PINCHECK_TOKEN": github.token,
        }.items():  # fmt: skip
            patch.setenv(name, value)
        patch.setattr(api, "PACE_SECONDS", 0)
        patch.chdir(folder)

    def push(self, text: str) -> None:
        """The request gets a commit more, which is checked out."""
        write(self.work, {PATH: text})
        git(self.work, "add", "-A")
        git(self.work, "commit", "-qm", "more")
        files = {
            PATH: f"@@ -0,0 +1,{text.count(chr(10))} @@\n"
            + "\n".join(f"+{line}" for line in text.splitlines())
        }
        if 7 in self.github.pulls:
            self.github.push(7, self.head, files)
        else:
            self.github.pulls[7] = FakePull(7, self.head, self.base, files=files)

    @property
    def head(self) -> str:
        return git(self.work, "rev-parse", "HEAD").strip()

    def pull(self) -> dict[str, Any]:
        head, base = ({"sha": sha, "repo": {"id": OWN}} for sha in (self.head, self.base))
        return {"pull_request": {"number": 7, "base": base, "head": head}}

    def run(self, event: str, payload: object = None, day: datetime = DAY, **inputs: str) -> tuple[int, int]:
        """The exit code, and how much was written."""

        class Day(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> datetime:
                return day

        before = len(self.github.writes)
        (self.folder / "event").write_text(json.dumps(payload))
        with self.patch.context() as patch:
            patch.setattr(judging, "datetime", Day)
            patch.setenv("GITHUB_EVENT_NAME", event)
            patch.setenv("PINCHECK_TOKEN", self.github.token)
            for name, value in inputs.items():
                patch.setenv(f"PINCHECK_{name.upper()}", value)
            return action.main(), len(self.github.writes) - before

    def shown(self) -> list[str]:
        """The first line of all that stands on the request."""
        return [markers.without(body).partition("\n")[0] for body in self.github.shown(7)]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    with FakeGitHub(token_may={"pulls", "issues", "contents"}) as github:
        yield Shop(tmp_path, github, monkeypatch)


def said(shop: Shop, event: str, payload: Any, **inputs: str) -> tuple[tuple[int, int], list[str]]:
    return shop.run(event, payload, **inputs), shop.shown()


def first_line(text: str) -> str:
    return text.partition("](")[0] + "]"


def test_a_pull_request(shop: Shop) -> None:
    shop.push(ONE)
    code, lines = said(shop, "pull_request", shop.pull(), resolve="true")
    assert (code, first_line(lines[0]), lines[1]) == ((1, 2), RULE, "## pincheck: 1 new error")
    assert shop.run("pull_request", shop.pull(), resolve="true") == (1, 0)

    shop.push(BROKEN)
    code, lines = said(shop, "pull_request", shop.pull(), resolve="true")
    assert code == (0, 2)
    assert lines[0].startswith(f"**No longer found** in {shop.head[:12]}, but `{PATH}` was not checked (")
    assert lines[1].startswith(
        f"**pincheck**: nothing of what stood here is found any more, but `{PATH}` was not checked ("
    )
    assert shop.github.resolved == set()

    shop.push(BOTH)
    assert said(shop, "pull_request", shop.pull(), resolve="true") == (
        (0, 3),
        [
            f"**Fixed** in {shop.head[:12]}.",
            "**pincheck**: all is well again; nothing of what stood here is left.",
        ],
    )
    assert shop.github.resolved == {shop.github.comments[0]["id"]}
    assert shop.run("pull_request", shop.pull(), resolve="true") == (0, 0)


def test_two_jobs_of_one_folder(shop: Shop) -> None:
    shop.push(ONE)
    jobs: tuple[dict[str, str], ...] = ({"paths": "app"}, {"paths": "README"})
    assert [shop.run("pull_request", shop.pull(), **job) for job in jobs * 2] == [
        (1, 2),
        (0, 0),
        (1, 0),
        (0, 0),
    ]


def test_a_request_without_its_base(shop: Shop) -> None:
    shop.push(ONE)
    shop.base = "e" * 40
    shop.run("pull_request", shop.pull())
    summary = markers.without(shop.github.below[0]["body"]).split("\n")
    assert summary[0] == "## pincheck: 1 new error"
    assert summary[2].startswith(
        "The state to compare with, `eeeeeeeeeeee`, is not here and cannot be fetched ("
    )
    assert summary[2].endswith("give actions/checkout fetch-depth: 0, or leave it its persist-credentials.")


def test_a_report(shop: Shop) -> None:
    shop.push(ONE)
    head = shop.head
    git(shop.work, "update-ref", "refs/pull/7/head", head)
    git(shop.work, "remote", "add", "origin", shop.work.as_uri())
    git(shop.work, "checkout", "-q", "--detach", shop.base)
    shop.github.pulls[7].head_repository_id = FORK
    ran = {"event": "pull_request", "head_sha": head, "head_repository": {"id": FORK}}
    code, lines = said(shop, "workflow_run", {"workflow_run": ran})
    assert (code, first_line(lines[0]), lines[1]) == ((0, 2), RULE, "## pincheck: 1 new error")
    assert shop.run("workflow_run", {"workflow_run": ran}) == (0, 0)
    assert not (shop.work / PATH).exists()


# the watch --------------------------------------------------------------------


WELL = "**All is well**: nothing of what stood here is left. This issue is opened again if that changes."


def issue(shop: Shop) -> tuple[str, str, str]:
    (only,) = shop.github.issues[:1]
    return only["title"], only["state"], markers.without(only["body"]).partition("\n")[0]


def test_a_watch_over_some_nights(shop: Shop) -> None:
    write(shop.work, {PATH: ONE})
    assert shop.run("schedule") == (0, 1)
    assert issue(shop) == (
        "Certificate pins need attention", "open", "pincheck last looked on 2026-11-23: 1 error."
    )  # fmt: skip
    shop.github.issues[0] |= {"title": "Ours", "labels": []}
    assert shop.run("schedule", day=NEXT_DAY) == (0, 1)
    assert issue(shop) == ("Ours", "open", "pincheck last looked on 2026-11-24: 1 error.")

    shop.github.issues.append(dict(shop.github.issues[0], number=5))
    assert [shop.run("schedule", day=NEXT_DAY) for _ in range(2)] == [(0, 0), (0, 0)]
    shop.github.issues.pop()

    write(shop.work, {PATH: BROKEN})
    assert shop.run("schedule", day=NEXT_DAY) == (0, 1)
    title, state, line = issue(shop)
    assert (title, state) == ("Ours", "open")
    assert line.startswith(f"**No longer found**, but `{PATH}` was not checked (")

    write(shop.work, {PATH: BOTH})
    assert [shop.run("schedule", day=NEXT_DAY) for _ in range(2)] == [(0, 1), (0, 0)]
    assert issue(shop) == ("Ours", "closed", WELL)


def test_a_watch_that_may_not_write(shop: Shop) -> None:
    write(shop.work, {PATH: ONE})
    shop.github.may = frozenset({"pulls"})
    assert shop.run("schedule") == (1, 0)


def test_a_watch_whose_host_is_silent_one_night(shop: Shop) -> None:
    ca = Authority("Shop CA")
    served = tuple(
        each.public_bytes(DER) for each in (ca.leaf("api.shop.example").certificate, ca.certificate)
    )
    expires = (NOW + timedelta(days=200)).date().isoformat()
    target, recording = Target("api.shop.example"), shop.work / "seen.json"

    def night(pins: tuple[str, ...], seen: tuple[bytes, ...]) -> tuple[tuple[int, int], str, str]:
        write(shop.work, {PATH: nsc(*pins, expires=expires), "ca.pem": ca.pem})
        recorded.save(
            str(recording), [Observation(target, NOW, "203.0.113.7", served=seen)] if seen else [], NOW
        )
        run = shop.run("schedule", day=NOW, recorded="seen.json", trust_anchors="ca.pem")
        return run, *issue(shop)[1:]

    looked = f"pincheck last looked on {NOW.date()}: "
    assert night((PIN, SPARE), served) == ((0, 1), "open", looked + "1 error.")
    lost = "**No longer found**, but `api.shop.example` could not be looked at. Nobody knows whether all is well."
    assert night((PIN, SPARE), ()) == ((0, 1), "open", lost)
    assert night((ca.pin, SPARE), ()) == ((0, 0), "open", lost)
    assert night((ca.pin, SPARE), served) == ((0, 1), "closed", WELL)
