"""Hosts of several repositories looked at together, and hosts divided among shards, against a real server."""

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from live.cases import Case, case_of, serving
from live.servers import LOOPBACK
from live.test_check import NSC, SPARE
from trees import repository

from pincheck import recorded, shards
from pincheck.cli import main

HOSTS = [f"{name}.shop.example" for name in ("api", "cdn", "eu", "log", "pay", "us")]
FORMATS = ("terminal", "json", "sarif", "markdown", "github")
CONFIG = "version: 1\nexpiry-latest-days: 36500\n"
TODAY = ("--today", "2026-11-23")


def declared(*hosts: str, pins: tuple[str, ...]) -> str:
    body = "".join(f'<pin digest="SHA-256">{pin}</pin>\n' for pin in pins)
    configs = "".join(
        f'<domain-config>\n<domain>{host}</domain>\n<pin-set expiration="2099-01-01">\n{body}</pin-set></domain-config>\n'
        for host in hosts
    )
    return f"<network-security-config>\n{configs}</network-security-config>\n"


class Scene:
    """A server that serves every name the same chain, one repository with all hosts, and three with some."""

    def __init__(self, tmp: Path, case: Case, port: int) -> None:
        self.case, self.port = case, port
        roots = tmp / "roots.pem"
        roots.write_bytes(case.roots_pem)
        self.anchors = ["--trust-anchors", str(roots)]
        pins = (case.pins["leaf"], SPARE)
        wrong = (SPARE, case.pins["unrelated"])
        for name, files in {
            "whole": {NSC: declared(*HOSTS, "dead.shop.example", pins=pins)},
            "one": {NSC: declared("api.shop.example", pins=pins)},
            "two": {NSC: declared("api.shop.example", "cdn.shop.example", pins=wrong)},
            "three": {NSC: declared("dead.shop.example", pins=pins)},
        }.items():
            repository(tmp / "org" / name, {**files, ".pincheck.yml": CONFIG})

    @property
    def live(self) -> list[str]:
        dead = f"dead.shop.example:443:{LOOPBACK}:1"
        there = f"::{LOOPBACK}:{self.port}"
        return ["--live", "--connect-to", dead, "--connect-to", there, "--allow-address", "127.0.0.0/8"]


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: Any) -> Iterator[Scene]:
    case = case_of("simple")
    with serving("nginx", tmp_path, case) as running:
        made = Scene(tmp_path, case, running[LOOPBACK].port)
        monkeypatch.chdir(tmp_path / "org")
        yield made


def run(capsys: Any, *argv: str) -> tuple[int, str, str]:
    code = main(argv)
    return (code, *capsys.readouterr())


def timeless(text: str) -> str:
    return re.sub(r"20\d\d-\d\d-\d\dT[\d:.]+Z", "T", text)


SEVERAL = ("one", "two", "three")


def test_a_host_of_several_repositories_is_asked_once(scene: Scene, capsys: Any) -> None:
    options = (*scene.live, *scene.anchors, *TODAY)
    code, out, err = run(capsys, "check", "--format", "json", "--record", "seen.json", *options, *SEVERAL)
    assert (code, err) == (1, "")
    seen = json.loads(Path("seen.json").read_text())["observations"]
    assert sorted((each["host"], each["offer"]) for each in seen) == [
        *((host, offer) for host in HOSTS[:2] for offer in ("default", "ecdsa", "rsa")),
        ("dead.shop.example", "default"),
    ]
    for name in SEVERAL:
        alone = json.loads(
            run(capsys, "check", name, "--format", "json", "--config", f"{name}/.pincheck.yml", *options)[1]
        )
        own = [each for each in json.loads(out)["findings"] if each["path"].startswith(f"{name}/")]
        assert [each["message"] for each in own] == [each["message"] for each in alone["findings"]]
    replayed = run(
        capsys, "check", "--format", "json", "--recorded", "seen.json", *scene.anchors, *TODAY, *SEVERAL
    )
    assert replayed == (1, out, "")


@pytest.mark.parametrize("of", [1, 2, 3, 7])
def test_live_reports_of_repositories_are_merged_byte_for_byte(scene: Scene, capsys: Any, of: int) -> None:
    run(capsys, "check", "--record", "seen.json", *scene.live, *scene.anchors, *TODAY, *SEVERAL)
    judged = ("--recorded", "seen.json", *scene.anchors, *TODAY)
    names = [f"{number}.shard" for number in range(1, of + 1)]
    for number, name in enumerate(names, 1):
        done = run(
            capsys,
            "check",
            "--shard",
            f"{number}/{of}",
            "--format",
            "shard",
            "--output",
            name,
            *judged,
            *SEVERAL,
        )
        assert done == (0, "", "")
    random.Random(of).shuffle(names)
    for name in FORMATS:
        whole = run(capsys, "check", "--format", name, *judged, *SEVERAL)
        assert whole[1:] != ("", "")
        assert run(capsys, "merge", "--format", name, *names) == whole
    for option in (("--fail-on", "never"), ("--fail-on", "never", "--fail-on-unchecked")):
        assert run(capsys, "merge", *option, *names) == run(capsys, "check", *option, *judged, *SEVERAL)


def test_live_shards_of_repositories_differ_from_one_run_by_times_only(scene: Scene, capsys: Any) -> None:
    options = (*scene.live, *scene.anchors, *TODAY)
    whole = run(capsys, "check", "--format", "json", *options, *SEVERAL)
    for number in (1, 2):
        asked = ("--shard", f"{number}/2", "--format", "shard", "--output", f"{number}.shard")
        assert run(capsys, "check", *asked, *options, *SEVERAL) == (0, "", "")
    code, out, err = run(capsys, "merge", "--format", "json", "2.shard", "1.shard")
    assert (code, timeless(out), err) == (whole[0], timeless(whole[1]), whole[2])


@pytest.mark.parametrize("of", [1, 2, 3, 7])
def test_hosts_of_one_repository_are_divided_and_merged(
    scene: Scene, capsys: Any, monkeypatch: Any, of: int
) -> None:
    monkeypatch.chdir("whole")
    names = [f"seen-{number}.json" for number in range(1, of + 1)]
    for number, name in enumerate(names, 1):
        done = run(
            capsys,
            "check",
            "--shard",
            f"{number}/{of}",
            "--record",
            name,
            *scene.live,
            *scene.anchors,
            *TODAY,
        )
        assert (done[0], done[2]) == (0, "")
        held = {each["host"] for each in json.loads(Path(name).read_text())["observations"]}
        assert held == {
            each for each in (*HOSTS, "dead.shop.example") if shards.Shard(number, of).holds(each)
        }
    random.Random(of).shuffle(names)
    assert run(capsys, "merge", "--output", "seen.json", *names) == (0, "", "")
    random.Random(-of).shuffle(names)
    assert run(capsys, "merge", *names) == (0, Path("seen.json").read_text(), "")
    run(capsys, "check", "--record", "whole.json", *scene.live, *scene.anchors, *TODAY)
    for name in FORMATS:
        judged = ("--format", name, *scene.anchors, *TODAY, "--fail-on-unchecked")
        code, out, err = run(capsys, "check", "--recorded", "whole.json", *judged)
        merged = run(capsys, "check", "--recorded", "seen.json", *judged)
        assert (merged[0], timeless(merged[1]), merged[2]) == (code, timeless(out), err)
        assert code == 1


def test_a_recording_that_is_split_and_merged_gives_the_same_report(
    scene: Scene, capsys: Any, monkeypatch: Any
) -> None:
    monkeypatch.chdir("whole")
    run(capsys, "check", "--record", "whole.json", *scene.live, *scene.anchors, *TODAY)
    when, observations, _ = recorded._document(json.loads(Path("whole.json").read_text()))
    names = []
    for number in (3, 1, 2):
        shard = shards.Shard(number, 3)
        own = [each for each in observations if shard.holds(each.target.host)]
        recorded.save(f"{number}.json", own, when, recorded.Division(shard, "0" * 64))
        names.append(f"{number}.json")
    run(capsys, "merge", "--output", "seen.json", *names)
    for name in FORMATS:
        judged = ("--format", name, *scene.anchors, *TODAY)
        whole = run(capsys, "check", "--recorded", "whole.json", *judged)
        assert run(capsys, "check", "--recorded", "seen.json", *judged) == whole


def test_a_shard_alone_says_what_it_leaves_out(scene: Scene, capsys: Any, monkeypatch: Any) -> None:
    monkeypatch.chdir("whole")
    shard = shards.Shard(1, 3)
    others = [host for host in (*HOSTS, "dead.shop.example") if not shard.holds(host)]
    live = ("--live", *scene.live[1:], *scene.anchors, *TODAY, "--format", "json")
    _, out, _ = run(capsys, "check", "--shard", "1/3", "--record", "1.json", *live)
    assert {
        "what": f"{others[0]} and {len(others) - 1} more",
        "reason": "left to the other shards, as this is 1/3",
    } in (json.loads(out)["not_checked"])
    _, _, said = run(capsys, "check", "--recorded", "1.json", *scene.anchors, *TODAY)
    assert said == "pincheck: the recording is shard 1/3 of one; `pincheck merge` joins them\n"
