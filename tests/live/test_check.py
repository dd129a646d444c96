"""``pincheck check --live`` from the command line and the Action, against real servers."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from live.cases import HOST, Case, case_of, serving
from live.servers import LOOPBACK
from trees import repository

from pincheck.action import __main__ as action
from pincheck.action import inputs as action_inputs
from pincheck.cli import main
from pincheck.schemas import text as schema

NSC = "app/src/main/res/xml/network_security_config.xml"
SPARE = "r/mIkG3eEpVdm+u/ko/cwxzOMo1bk4TyHIlByibiA5E="


def app(root: Path, *pins: str, host: str = HOST, more: dict[str, str] | None = None) -> Path:
    """A repository with a network security config."""
    body = "".join(f'<pin digest="SHA-256">{pin}</pin>\n' for pin in pins)
    text = (
        f"<network-security-config><domain-config>\n<domain>{host}</domain>\n"
        f'<pin-set expiration="2099-01-01">\n{body}</pin-set></domain-config></network-security-config>'
    )
    config = "version: 1\nexpiry-latest-days: 36500\n"
    return repository(root / "app", {NSC: text, ".pincheck.yml": config, **(more or {})})


class Scene:
    """A case that a server shows, and how to look at it."""

    def __init__(self, tmp: Path, case: Case, port: int) -> None:
        self.case, self.port, self.tmp = case, port, tmp
        self.roots = tmp / "roots.pem"
        self.roots.write_bytes(case.roots_pem)

    @property
    def options(self) -> list[str]:
        there = f"{HOST}:443:{LOOPBACK}:{self.port}"
        return ["--connect-to", there, "--allow-address", "127.0.0.0/8", "--trust-anchors", str(self.roots)]


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    case = case_of("simple")
    with serving("nginx", tmp_path, case) as running:
        yield Scene(tmp_path, case, running[LOOPBACK].port)


def check(folder: Path, capsys: Any, monkeypatch: Any, *options: str) -> tuple[int, dict[str, Any]]:
    """The exit code and the JSON report."""
    monkeypatch.chdir(folder)
    code = main(["check", "--format", "json", *options])
    return code, json.loads(capsys.readouterr().out)


def rules(report: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["rule"], each["severity"]) for each in report["findings"]]


def test_a_healthy_host(scene: Scene, tmp_path: Path, capsys: Any, monkeypatch: Any) -> None:
    folder = app(tmp_path, scene.case.pins["leaf"], SPARE)
    code, report = check(folder, capsys, monkeypatch, "--live", *scene.options)
    assert (code, rules(report)) == (0, [("lockout-date", "warning")])
    (verification,) = report["verifications"]
    looks = [
        (look["offer"], look["protocol"], (look["failure"] or {}).get("kind"))
        for look in verification["looks"]
    ]
    assert looks == [("default", "TLSv1.3", None), ("rsa", None, "absent"), ("ecdsa", "TLSv1.2", None)]
    states = {each["release"]: each["state"] for look in verification["looks"] for each in look["verdicts"]}
    assert set(states.values()) == {"match"}
    assert len(states) == 10
    assert report["not_checked"] == []
    import jsonschema

    jsonschema.validate(report, json.loads(schema("report")))


def test_a_host_that_locks_users_out(scene: Scene, tmp_path: Path, capsys: Any, monkeypatch: Any) -> None:
    folder = app(tmp_path, scene.case.pins["unrelated"], SPARE)
    code, report = check(folder, capsys, monkeypatch, "--live", *scene.options)
    assert (code, rules(report)) == (1, [("pin-mismatch", "error")])


def test_a_recording_says_what_the_host_said(
    scene: Scene, tmp_path: Path, capsys: Any, monkeypatch: Any
) -> None:
    folder = app(tmp_path, scene.case.pins["unrelated"], SPARE)
    saved = str(tmp_path / "seen.json")
    live = check(folder, capsys, monkeypatch, "--live", "--record", saved, *scene.options)
    anchors = ["--trust-anchors", str(scene.roots)]
    assert check(folder, capsys, monkeypatch, "--recorded", saved, *anchors) == live


def test_a_host_of_a_private_network_is_not_asked(
    scene: Scene, tmp_path: Path, capsys: Any, monkeypatch: Any
) -> None:
    folder = app(tmp_path, scene.case.pins["leaf"], SPARE)
    options = ["--live", "--connect-to", f"::{LOOPBACK}:{scene.port}"]
    code, report = check(folder, capsys, monkeypatch, *options)
    assert (code, rules(report)) == (0, [("host-unreachable", "note")])
    (entry,) = report["not_checked"]
    assert entry["what"] == f"{HOST} at {LOOPBACK}"
    assert "--allow-address" in entry["reason"]
    code, _ = check(folder, capsys, monkeypatch, *options, "--fail-on-unchecked")
    assert code == 1


def test_the_configuration_cannot_allow_an_address(tmp_path: Path, capsys: Any, monkeypatch: Any) -> None:
    folder = app(tmp_path, SPARE, more={".pincheck.yml": "version: 1\nallow-address: 127.0.0.0/8\n"})
    monkeypatch.chdir(folder)
    assert main(["check", "--live"]) == 2
    assert "allow-address" in capsys.readouterr().err


def test_a_port_of_a_url_is_asked(scene: Scene, tmp_path: Path, capsys: Any, monkeypatch: Any) -> None:
    code = f'val base = "https://{HOST}:8443/v1"\n'
    folder = app(tmp_path, scene.case.pins["leaf"], SPARE, more={"app/src/main/kotlin/Api.kt": code})
    options = ["--connect-to", f"{HOST}:8443:{LOOPBACK}:{scene.port}", *scene.options[2:]]
    _, report = check(folder, capsys, monkeypatch, "--live", *options)
    assert {look["port"] for each in report["verifications"] for look in each["looks"]} == {8443}


def test_files_of_anchors_that_are_none(tmp_path: Path, capsys: Any, monkeypatch: Any) -> None:
    monkeypatch.chdir(app(tmp_path, SPARE))
    (tmp_path / "none.pem").write_text("no certificate")
    assert main(["check", "--live", "--trust-anchors", str(tmp_path / "none.pem")]) == 2
    assert main(["check", "--live", "--trust-anchors", str(tmp_path / "missing.pem")]) == 2
    assert [line.count(".pem:") for line in capsys.readouterr().err.splitlines()] == [1, 1]


def test_the_action_looks_too(scene: Scene, tmp_path: Path, capsys: Any, monkeypatch: Any) -> None:
    folder = app(tmp_path, scene.case.pins["unrelated"], SPARE, host=LOOPBACK)
    environment = {
        "GITHUB_WORKSPACE": str(folder),
        "PINCHECK_LIVE": "true",
        "PINCHECK_ALLOW_ADDRESS": "10.0.0.0/8\n192.168.0.0/16",
        "PINCHECK_FAIL_ON_UNCHECKED": "true",
        "PINCHECK_RECORD": "seen.json",
    }
    inputs = action_inputs.read(environment)
    assert (inputs.live, inputs.allowed, inputs.fail_on_unchecked) == (
        True,
        ("10.0.0.0/8", "192.168.0.0/16"),
        True,
    )
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("GITHUB_EVENT_NAME", raising=False)
    assert action.main() == 1
    assert "could not be looked at" in capsys.readouterr().out
    recorded = json.loads((folder / "seen.json").read_text())
    assert [each["failure"]["kind"] for each in recorded["observations"]] == ["forbidden"]


@pytest.mark.parametrize("name", ["PINCHECK_LIVE", "PINCHECK_FAIL_ON_UNCHECKED"])
def test_an_input_that_is_neither_true_nor_false(name: str, tmp_path: Path) -> None:
    from pincheck.errors import UsageError

    with pytest.raises(UsageError, match="'yes' is not known; write true or false"):
        action_inputs.read({"GITHUB_WORKSPACE": str(tmp_path), name: "yes"})


# pincheck pin --------------------------------------------------------------------


def test_the_pins_of_a_host(scene: Scene, capsys: Any) -> None:
    assert main(["pin", HOST, *scene.options]) == 0
    out = capsys.readouterr().out
    pins = scene.case.pins
    assert [pins[role] in out for role in ("leaf", "intermediate", "root", "unrelated")] == [
        True,
        True,
        True,
        False,
    ]


def test_lines_for_a_declaration(scene: Scene, capsys: Any) -> None:
    assert main(["pin", HOST, "--as", "okhttp", "--role", "leaf,anchor", *scene.options]) == 0
    out = capsys.readouterr().out
    pins = scene.case.pins
    assert [f"sha256/{pins[role]}" in out for role in ("leaf", "intermediate", "root")] == [True, False, True]


def test_a_host_that_is_not_to_be_asked(scene: Scene, capsys: Any) -> None:
    assert main(["pin", HOST, "--connect-to", f"::{LOOPBACK}:{scene.port}"]) == 1
    assert "--allow-address" in capsys.readouterr().out


def test_every_format_of_declarations_can_be_asked_for() -> None:
    from pincheck import arguments, declare

    assert set(arguments.DECLARATIONS) == set(declare.FORMATS)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--record", "seen.json"], "--record counts with --live only"),
        (["--recorded", "seen.json", "--resolve", "a:443:203.0.113.7"], "--resolve counts with --live only"),
        (["--fail-on-unchecked"], "--fail-on-unchecked counts with --live or --recorded only"),
    ],
)
def test_options_without_effect(options: list[str], expected: str, capsys: Any) -> None:
    assert main(["check", *options]) == 2
    assert capsys.readouterr().err == f"pincheck: {expected}\n"
