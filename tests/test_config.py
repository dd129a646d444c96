"""``.pincheck.yml``: what it means, and what each fault in it is called."""

import json
import os
import time
from binascii import a2b_base64
from pathlib import Path
from typing import Any

import pace
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from scanning import KEY_A, KEY_B

from pincheck import config, registry, schemas
from pincheck.errors import ConfigError
from pincheck.model import HostPolicy, Location, Mapping, Pin, Policy, StatedPin, Suppression, Text

SHOWN = ".pincheck.yml"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.yml"


def load(file: Path, content: str | bytes) -> Policy:
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return config.load(str(file), SHOWN)


def fault(file: Path, content: str | bytes) -> str:
    with pytest.raises(ConfigError) as raised:
        load(file, content)
    return str(raised.value)


def at(line: int, column: int, end: int, text: str) -> Location:
    return Location(SHOWN, line, column, line, end, text)


def spki(base64: str) -> Pin:
    return Pin("spki", "sha256", a2b_base64(base64))


# meaning ---------------------------------------------------------------------


@pytest.mark.parametrize("content", ["", "# nothing yet\n", "version: 1\n", "version: 1\nrules:\nhosts:\n"])
def test_nothing_asked_for_is_the_defaults(file: Path, content: str) -> None:
    assert load(file, content) == Policy(path=SHOWN)


def test_every_key(file: Path) -> None:
    content = f"""\
version: 1
fail-on: warning
expiry-horizon-days: 30
expiry-latest-days: 0
rules: {{missing-backup-pin: off, unused-suppression: note}}
contexts: [production, debug]
hosts:
  api.shop.example:
    pins:
      - sha256/{KEY_A}
      - pin: {KEY_B}
        role: backup
        ca: Example CA
        key: offline
        file: certs/spare.csr
        owner: ops
        created: 2026-01-31
  "*.cdn.example": {{names: [a.CDN.example], skip: not ours, port: 8443, reuses-key: true}}
mappings:
  - {{files: pins.json, hosts: "s[].h", pins: .p, expires: .e, kind: certificate, platform: ios}}
  - {{files: [a.yml, b.yml], hosts: [www.shop.example], pins: p}}
ignore:
  - rule: missing-backup-pin
    host: "*.cdn.example"
    path: legacy/*
    until: 2027-01-01
    reason: moves in spring
  - rule: [missing-backup-pin, unused-suppression]
exclude: third_party/*
"""
    lines = ["", *content.split("\n")]
    assert load(file, content) == Policy(
        path=SHOWN,
        fail_on="warning",
        expiry_horizon_days=30,
        expiry_latest_days=0,
        severities=(("missing-backup-pin", "off"), ("unused-suppression", "note")),
        contexts=("production", "debug"),
        hosts=(
            HostPolicy(
                "api.shop.example",
                at(8, 3, 19, lines[8]),
                pins=(
                    StatedPin(f"sha256/{KEY_A}", spki(KEY_A), at(10, 9, 60, lines[10])),
                    StatedPin(
                        KEY_B, spki(KEY_B), at(11, 14, 58, lines[11]), "backup", "Example CA", "offline",
                        "certs/spare.csr", "ops", "2026-01-31",
                    ),
                ),
            ),
            HostPolicy(
                "*.cdn.example", at(18, 4, 17, lines[18]), names=("a.cdn.example",), skip="not ours",
                port=8443, reuses_key=True,
            ),
        ),
        mappings=(
            Mapping(("pins.json",), "s[].h", ".p", ".e", "certificate", "ios"),
            Mapping(
                ("a.yml", "b.yml"), "", "p", stated=(Text("www.shop.example", at(21, 37, 53, lines[21])),)
            ),
        ),
        ignores=(
            Suppression(
                Location(SHOWN, 23, 5, 27, 28, lines[23]), ("missing-backup-pin",), "moves in spring",
                "*.cdn.example", "legacy/*", "2027-01-01", in_config=True,
            ),
            Suppression(
                Location(SHOWN, 28, 5, 28, 51, lines[28]), ("missing-backup-pin", "unused-suppression"), "",
                in_config=True,
            ),
        ),
        exclude=("third_party/*",),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("skip: x", (0, None)),
        ("port: 443", (443, None)),
        ("port: 1024", (1024, None)),
        ("port: 65535", (65535, None)),
        ("reuses-key: false", (0, False)),
        ("reuses-key: true", (0, True)),
    ],
)
def test_where_a_host_is_looked_at_and_how_its_key_lives(
    file: Path, stated: str, expected: tuple[int, bool | None]
) -> None:
    (host,) = load(file, f"{HOST}    {stated}").hosts
    assert (host.port, host.reuses_key) == expected


def test_an_anchor_may_be_used_twice(file: Path) -> None:
    content = f"version: 1\nhosts:\n  a.shop.example: {{pins: &keys [{KEY_A}]}}\n  b.shop.example: {{pins: *keys}}\n"
    assert [[pin.text for pin in host.pins] for host in load(file, content).hosts] == [[KEY_A], [KEY_A]]


def test_without_hosts_a_leading_dot_means_the_top(file: Path) -> None:
    content = 'version: 1\nmappings:\n- {files: a.json, pins: "**.p", expires: ".**.e"}\n'
    assert load(file, content).mappings == (Mapping(("a.json",), "", "**.p", ".**.e"),)


# faults ----------------------------------------------------------------------

HOST = "version: 1\nhosts:\n  a.example:\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        # names
        ("version: 1\n\nrules:\n\n\n\n  missing-backup: error", ':7: unknown rule "missing-backup"; did you mean "missing-backup-pin"?'),
        ("version: 1\nrules: {zzz: error}", ':2: unknown rule "zzz"; pincheck explain lists the rules'),
        ("version: 1\nignore:\n- rule: missing_backup_pin", ':3: unknown rule "missing_backup_pin"; did you mean "missing-backup-pin"?'),
        ("version: 1\nignore:\n- rule: [zzz]", ':3: unknown rule "zzz"; pincheck explain lists the rules'),
        ("version: 1\nfail_on: error", ':2: unknown key "fail_on"; did you mean "fail-on"?'),
        (HOST + "    owner: me", ':4: hosts.a.example: unknown key "owner"; known here: pins, names, port, reuses-key, skip'),
        ("version: 1\n<<: {a: b}", ':2: unknown key "<<"; known here: version, fail-on, expiry-horizon-days,'
         " expiry-latest-days, release-days, rules, contexts, hosts, mappings, ignore, exclude"),
        # version
        ("rules: {}", ':1: no version; begin the file with "version: 1"'),
        ("version:", ':1: no version; begin the file with "version: 1"'),
        ("rules: {zzz: note}", ':1: unknown rule "zzz"; pincheck explain lists the rules (and 1 more in this file)'),
        ("version: 2\nnew-key: 1", ':1: unknown version "2"; this pincheck reads version 1'),
        ('version: "1"', ":1: version must be the number 1; remove the quotes"),
        ("version: [1]", ":1: unknown version a list; this pincheck reads version 1"),
        # values
        ("version: 1\nfail-on: errors", ':2: fail-on: "errors" is not allowed; did you mean "error"?'),
        ("version: 1\nfail-on: off", ':2: fail-on: "off" is not allowed; known here: error, warning, note, never'),
        ("version: 1\nrules: {missing-backup-pin: fatal}",
         ':2: rules.missing-backup-pin: "fatal" is not allowed; known here: error, warning, note, off'),
        ("version: 1\ncontexts: [prod]", ':2: contexts[1]: "prod" is not allowed; known here: production, test, example, debug'),
        ("version: 1\nexpiry-horizon-days: -1", ":2: expiry-horizon-days: must be at least 0"),
        ("version: 1\nexpiry-horizon-days: 99999999999", ":2: expiry-horizon-days: must be at most 3650"),
        ("version: 1\nexpiry-horizon-days: 1.5", ":2: expiry-horizon-days: must be a whole number, not 1.5"),
        ("version: 1\nexpiry-horizon-days: soon", ':2: expiry-horizon-days: must be a whole number, not the text "soon"'),
        ("version: 1\nhosts: [a.example]", ":2: hosts: must be keys with values, not a list"),
        ("version: 1\nhosts: {a.example: }", ":2: hosts.a.example: must be keys with values, not nothing"),
        ("version: 1\nexclude: [1]", ':2: exclude[1]: must be a text, not 1; write "1" in quotes'),
        ("version: 1\nexclude: ['']", ":2: exclude[1]: is empty"),
        # hosts
        ('version: 1\nhosts: {"https://a.example/": {}}', ':2: hosts: "https://a.example/" is a URL; write a.example'),
        (HOST + "    names: [b.a.example]", ":4: hosts.a.example: names are for hosts that begin with *."),
        ('version: 1\nhosts: {"*.a.example": {names: [b.example]}}', ':2: hosts: "b.example" is no name below a.example'),
        ('version: 1\nhosts: {"*.a.example": {names: ["*.a.example"]}}',
         ':2: hosts: "*.a.example" holds a *; names are those of hosts, without a wildcard'),
        ('version: 1\nhosts: {"*.a.example": {names: ["b c.a.example"]}}', ':2: hosts: "b c.a.example" holds white space'),
        ('version: 1\nhosts: {"*.a.example": {names: [b..a.example]}}', ':2: hosts: "b..a.example" is no host name'),
        ('version: 1\nhosts: {"*.a.example": {names: [-b.a.example]}}', ':2: hosts: "-b.a.example" is no host name'),
        ('version: 1\nhosts: {"*.a.example": {names: ["b:1.a.example"]}}', ':2: hosts: "b:1.a.example" is no host name'),
        (f'version: 1\nhosts: {{"*.a.example": {{names: [{"b" * 64}.a.example]}}}}', f':2: hosts: "{"b" * 60}" is no host name'),
        (HOST + "    port: 80", ":4: hosts.a.example.port: must be 443, or 1024 to 65535, not 80"),
        (HOST + "    port: 1023", ":4: hosts.a.example.port: must be 443, or 1024 to 65535, not 1023"),
        (HOST + "    port: 65536", ":4: hosts.a.example.port: must be 443, or 1024 to 65535, not 65536"),
        (HOST + "    port: 443.5", ":4: hosts.a.example.port: must be a whole number, not 443.5"),
        (HOST + "    port: https", ':4: hosts.a.example.port: must be a whole number, not the text "https"'),
        (HOST + "    reuses-key: certbot", ':4: hosts.a.example.reuses-key: must be true or false, not the text "certbot"'),
        (HOST + "    pins: [{role: backup}]", ':4: hosts.a.example.pins[1]: "pin" is missing'),
        (HOST + f"    pins: [{{pin: {KEY_A}, role: spare}}]",
         ':4: hosts.a.example.pins[1].role: "spare" is not allowed; known here: current, backup'),
        (HOST + "    pins: [C5+lpZ7t]", ':4: hosts.a.example: the pin "C5+lpZ7t" decodes to 6 bytes instead of 32'),
        (HOST + f"    pins: [{'A' * 43}=]", f':4: hosts.a.example: the pin "{"A" * 43}=" is one repeated byte, no real pin'),
        (HOST + f"    pins: [{{pin: {KEY_A}, created: 31.1.2026}}]", ':4: "31.1.2026" is no day; write YYYY-MM-DD'),
        # ignore
        ("version: 1\nignore:\n- reason: noise", ":3: ignore[1]: names neither a rule, a host nor a path, so it would silence everything"),
        ("version: 1\nignore:\n- rule:\n  path: docs/*", ":3: ignore[1].rule: must be a text or a list, not nothing"),
        ("version: 1\nignore:\n- path: docs/*\n  until: 2026-13-01", ':4: "2026-13-01" is no day; write YYYY-MM-DD'),
        # mappings
        ("version: 1\nmappings:\n- files: a.json", ':3: mappings[1]: "pins" is missing'),
        ("version: 1\nmappings:\n- files: a.json\n  pins: a..b", ':4: mappings: "a..b" is no path: no step at character 3'),
        ("version: 1\nmappings:\n- files: a.json\n  pins: p\n  hosts: [a.example/]", ':5: mappings: "a.example/" holds a path; write a.example'),
        # YAML
        ("version: 1\nversion: 1", ':2: the key "version" stands twice, first in line 1'),
        (HOST + "    skip: a\n  b.example: {}\n  a.example: {}", ':6: the key "a.example" stands twice, first in line 3'),
        ("version: 1\nrules: !!python/object/apply:os.system [x]", ":2: the tag !!python/object/apply:os.system has no meaning here"),
        ("version: 1\n\tx: y", ":2: found a tab character that violates indentation"),
        ("version: 1\nhosts: *x", ":2: the alias *x has no anchor; a text with * in it needs quotes"),
        ("version: 1\nhosts:\n  *.a.example: {}", ":3: did not find expected alphabetic or numeric character; a text with * in it needs quotes"),
        ("version: 1\nmappings: [{files: a, pins: [].p}]", ":2: did not find expected ',' or '}'; a text with [] in it needs quotes"),
        ("version: 1\nexclude: &x [*x]", ":2: the alias *x stands inside what it names; a text with * in it needs quotes"),
        ("version: 1\n---\nversion: 1", ":3: a second document begins; keep one"),
        ("- version: 1", ':1: no keys here; begin with "version: 1"'),
        ("version: 1\n[a]: b", ":2: a key that is no text"),
        ("[" * 100_000, ": YAML nested deeper than 200 levels"),
        ("a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(f"{b}: &{b} [{','.join([f'*{a}'] * 9)}]\n" for a, b in ["ab", "bc", "cd", "de"]),
         ": more than 10000 values, its aliases counted in full"),
        ("version: \x00", ": not well-formed YAML: it holds control characters"),
        (b"version: 1 # \xff", ": not UTF-8 text"),
        ("#" * (1024 * 1024 + 1), ": is larger than 1 MB"),
    ],
)  # fmt: skip
def test_faults_name_line_and_next_step(file: Path, content: str | bytes, said: str) -> None:
    assert fault(file, content) == SHOWN + said


def test_what_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "device").symlink_to(os.devnull)
    said = []
    for name in ("", "missing", "device"):
        with pytest.raises(ConfigError) as raised:
            config.load(str(tmp_path / name), SHOWN)
        said.append(str(raised.value))
    assert said == [
        f"{SHOWN}: is a folder, not a file",
        f"{SHOWN}: cannot be read: No such file or directory",
        f"{SHOWN}: is a device, not a file",
    ]


def test_many_faults_take_no_time(file: Path) -> None:
    hosts = "".join(f"  h{number}.example: []\n" for number in range(9_000))
    start = time.process_time()
    said = fault(file, "version: 1\nhosts:\n" + hosts)
    assert time.process_time() - start < pace.allowed(2)
    assert said == (
        f"{SHOWN}:3: hosts.h0.example: must be keys with values, not a list (and 49 more in this file)"
    )


words = st.sampled_from(
    ["version", "rules", "hosts", "pins", "ignore", "mappings", "files", KEY_A, "a.example", "off"]
)
scalars = st.none() | st.booleans() | st.integers(-5, 5) | words | st.text(max_size=5)
anything = st.recursive(
    scalars,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(words, below, max_size=3),
    max_leaves=12,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from(list(json.loads(schemas.text("config"))["properties"])), anything, max_size=5
    )
)
def test_any_content_is_a_policy_or_a_fault(file: Path, content: dict[str, Any]) -> None:
    try:
        load(file, json.dumps({"version": 1} | content))
    except ConfigError as error:
        assert str(error).startswith(SHOWN + ":")  # noqa: PT017


# schema ----------------------------------------------------------------------


def test_the_schema_is_one_and_describes_every_key() -> None:
    schema = config.schema()
    Draft202012Validator.check_schema(schema)
    sections = [schema, *schema["$defs"].values()]
    keys = [(name, key) for section in sections for name, key in section.get("properties", {}).items()]
    assert [name for name, key in keys if not key.get("description", "").endswith((".", "]"))] == []


def test_the_schema_names_every_rule() -> None:
    assert config.schema()["$defs"]["rule"]["enum"] == [rule.name for rule in registry.rules()]


def test_the_defaults_of_the_schema_are_those_of_the_policy() -> None:
    keys = config.schema()["properties"]
    defaults = Policy()
    assert {name: key["default"] for name, key in keys.items() if "default" in key} == {
        "fail-on": defaults.fail_on,
        "expiry-horizon-days": defaults.expiry_horizon_days,
        "expiry-latest-days": defaults.expiry_latest_days,
        "contexts": list(defaults.contexts),
    }
