"""The table of CA keys: look-ups in it, and which table is used."""

import csv
import subprocess
import sys
from base64 import b64decode
from datetime import date, timedelta
from pathlib import Path

import certifi
import pytest

from pincheck.errors import UsageError
from pincheck.model import Pin
from pincheck.model.knowledge import CaKey
from pincheck.pki import ca_keys, certificates
from pincheck.pki.ca_keys import SHIPPED, Broken, Table, render, stale

X1 = Pin("spki", "sha256", b64decode("C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M="))
TABLE = Table.open(environ={})
DAY = TABLE.day


def key(number: int, **facts: object) -> CaKey:
    made = CaKey(
        Pin("spki", "sha256", bytes([number]) * 32), "root", "Shop CA", ("Shop CA",), "Shop Root",
        date(2020, 1, 2), date(2030, 3, 4),
    )  # fmt: skip
    return made._replace(**facts)


@pytest.fixture
def own(tmp_path):
    """Where the user's own table stands."""
    (tmp_path / "pincheck").mkdir()
    return tmp_path / "pincheck" / "ca-keys.csv"


@pytest.fixture
def environ(tmp_path):
    return {"XDG_CACHE_HOME": str(tmp_path)}


# find -------------------------------------------------------------------------


def test_a_key_is_found():
    assert TABLE.find(X1) == CaKey(
        spki=X1,
        kind="root",
        operator="ISRG (Let's Encrypt)",
        root_operators=("ISRG (Let's Encrypt)", "IdenTrust"),
        name="ISRG Root X1",
        not_before=date(2015, 6, 4),
        not_after=date(2035, 6, 4),
    )


def test_every_row_is_found_and_says_what_another_reader_reads():
    with Path(SHIPPED).open(encoding="utf-8", newline="") as file:
        first = next(file)
        rows = list(csv.DictReader(file))
    assert first.startswith(f"# CA keys as of {DAY}, checksum ")
    assert len(rows) == 4957
    for row in rows:
        found = TABLE.find(Pin("spki", "sha256", b64decode(row["spki_sha256"])))
        assert found is not None
        assert {
            "spki_sha256": found.spki.base64,
            "kind": found.kind,
            "operator": found.operator,
            "root_operators": "; ".join(found.root_operators),
            "name": found.name,
            "not_before": str(found.not_before),
            "not_after": str(found.not_after),
        } == row


@pytest.mark.parametrize(
    "pin",
    [
        Pin("spki", "sha256", bytes(32)),
        Pin("spki", "sha256", b"\xff" * 32),
        Pin("spki", "sha256", X1.digest[:31] + b"\0"),
        Pin("spki", "sha256", X1.digest[:31]),
        Pin("spki", "sha256", b""),
        Pin("spki", "sha1", X1.digest[:20]),
        Pin("spki", "sha1", X1.digest),
        Pin("certificate", "sha256", X1.digest),
    ],
)
def test_what_is_not_in_the_table_is_not_found(pin):
    assert TABLE.find(pin) is None


@pytest.mark.parametrize("numbers", [[], [5], [5, 7], [5, 7, 9], list(range(1, 100, 2))])
def test_all_and_nothing_else_is_found_in_tables_of_any_size(numbers, own, environ):
    keys = [key(number, name=f'Root "{number}", {"x" * number}') for number in numbers]
    own.write_text(render(keys, date(2030, 1, 1)), encoding="utf-8", newline="\n")
    table = Table.open(environ=environ)
    assert table.path == str(own)
    found = [table.find(Pin("spki", "sha256", bytes([number]) * 32)) for number in range(102)]
    assert [each for each in found if each] == keys


def test_keys_of_an_operator():
    letsencrypt = TABLE.by_operator("ISRG (Let's Encrypt)")
    assert X1 in {each.spki for each in letsencrypt}
    assert {each.operator for each in letsencrypt} == {"ISRG (Let's Encrypt)"}
    assert TABLE.by_operator("nobody") == ()


def test_mozillas_roots_are_known_with_their_names_and_validity():
    roots = certificates.read(Path(certifi.where()).read_bytes())
    known = [(root, found) for root in roots if (found := TABLE.find(root.spki))]
    assert len(known) > 100
    for root, found in known:
        assert found.kind == "root"
        assert found.name == root.name or f"={found.name}," in root.subject
        # Of a key with several certificates the table has the earliest start and the latest end.
        assert found.not_before <= root.not_before.date()
        assert found.not_after >= root.not_after.date()
    same = [
        root
        for root, found in known
        if (found.not_before, found.not_after) == (root.not_before.date(), root.not_after.date())
    ]
    assert len(same) > 0.8 * len(known)


# which table ------------------------------------------------------------------


def test_the_shipped_table_is_whole():
    assert ca_keys._checked(Path(SHIPPED).read_bytes()) == DAY
    assert (TABLE.path, TABLE.notes) == (SHIPPED, ())


@pytest.mark.parametrize(("days", "used"), [(-1, False), (0, False), (1, True)])
def test_the_newer_table_is_used(own, environ, days, used):
    own.write_text(render([key(1)], DAY + timedelta(days)), encoding="utf-8", newline="\n")
    table = Table.open(environ=environ)
    assert (table.path, table.notes) == (str(own) if used else SHIPPED, ())
    assert (table.find(X1) is None) == used


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda text: "", id="empty"),
        pytest.param(lambda text: text[:-20], id="cut short"),
        pytest.param(lambda text: text.replace("Shop", "Evil", 1), id="changed"),
        pytest.param(lambda text: text.replace("checksum", "sum"), id="another first line"),
        pytest.param(lambda text: "<html></html>", id="HTML"),
        pytest.param(lambda text: "\0" * 5000, id="zeros"),
    ],
)
def test_a_damaged_table_is_told_and_the_shipped_one_used(own, environ, damage):
    own.write_text(damage(render([key(1)], DAY + timedelta(9))), encoding="utf-8", newline="\n")
    table = Table.open(environ=environ)
    assert (table.path, table.day, table.find(X1) is None) == (SHIPPED, DAY, False)
    (note,) = table.notes
    assert note.startswith(f"{own}: no table of CA keys: ")
    assert note.endswith("; that of pincheck is used instead; run pincheck ca update")


def test_what_stands_there_and_is_no_file_is_passed_over(own, environ):
    own.mkdir()
    assert (Table.open(environ=environ).path, Table.open(environ=environ).notes) == (SHIPPED, ())


def test_a_relative_cache_folder_does_not_count(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert ca_keys.cache_folder({"XDG_CACHE_HOME": "x", "HOME": "/home/me"}) == "/home/me/.cache/pincheck"


ROWS = render([key(1), key(2)], date(2020, 1, 1)).partition("\n")[2]


def test_a_given_table_is_used_however_old(tmp_path, own, environ):
    own.write_text(render([key(1)], DAY + timedelta(9)), encoding="utf-8", newline="\n")
    given = tmp_path / "given.csv"
    given.write_text(render([key(2)], date(2020, 1, 1)), encoding="utf-8", newline="\n")
    table = Table.open(str(given), environ)
    assert (table.path, table.day, table.keys) == (str(given), date(2020, 1, 1), (key(2),))


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_given_table_may_lack_the_first_line(tmp_path, newline):
    given = tmp_path / "given.csv"
    given.write_text(ROWS, encoding="utf-8", newline=newline)
    table = Table.open(str(given), {})
    assert (table.day, table.notes) == (None, ())
    assert [table.find(each.spki) for each in (key(1), key(2), key(3))] == [key(1), key(2), None]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "its first line is not spki_sha256,"),
        ("hello\n", "its first line is not spki_sha256,"),
        ("\n".join([ROWS.splitlines()[0], *ROWS.splitlines()[:0:-1]]), "not sorted by pin, each pin once"),
        (ROWS + ROWS.splitlines()[1] + "\n", "not sorted by pin, each pin once"),
        (ROWS.replace("=,root,", "=,tree,"), "neither root nor intermediate"),
        (ROWS.replace("2020-01-02", "yesterday"), "a line cannot be read"),
        (ROWS.replace("Shop Root", "Shop, Root"), "8 columns instead of 7"),
        (ROWS.replace("Shop Root", '"Shop" Root'), "a line cannot be read"),
        (ROWS.replace("AQEB", "A!EB"), "a line cannot be read"),
        (ROWS.replace("AQEB", "", 1), "no pin"),
        (ROWS.replace("Shop Root", '"' + "x" * 200_000 + '"'), "a line cannot be read"),
    ],
)
def test_a_given_file_that_is_no_table_is_told(tmp_path, text, why):
    given = tmp_path / "given.csv"
    given.write_text(text, encoding="utf-8", newline="\n")
    table = Table.open(str(given), {})
    assert table.path == SHIPPED
    (note,) = table.notes
    assert why in note
    assert note.endswith("; that of pincheck is used instead; give another")


def test_a_given_file_that_is_not_there(tmp_path):
    with pytest.raises(UsageError, match="cannot be read"):
        Table.open(str(tmp_path / "none"), {})


# rendering, age, start-up -----------------------------------------------------


def test_what_is_rendered_is_read_back_and_does_not_act():
    hostile = key(3, operator='A; "B", C', root_operators=("A; B", "D\nE"), name="\x1b[31m\u202e" + "n" * 999)
    text = render([hostile, key(1)], date(2026, 1, 2))
    read = ca_keys.parse(text.encode())
    tame = hostile._replace(operator='A, "B", C', root_operators=("A, B", "D E"), name=" [31m " + "n" * 194)
    assert read == (key(1), tame)
    assert text == render([key(1), hostile], date(2026, 1, 2))


def test_no_table_is_broken():
    with pytest.raises(Broken):
        ca_keys.parse(b"")


@pytest.mark.parametrize(
    ("day", "told"),
    [
        (date(2026, 5, 29), ""),
        (
            date(2026, 5, 28),
            "what is known of CA keys is 181 days old (as of 2026-05-28); run pincheck ca update",
        ),
        (date(2027, 1, 1), ""),
        (None, ""),
    ],
)
def test_age_is_told_past_180_days(day, told):
    assert stale(day, date(2026, 11, 25)) == told


LEAN = """
import sys
from base64 import b64decode
from pincheck.model import Pin
from pincheck.pki.ca_keys import Table
found = Table.open(environ={}).find(Pin("spki", "sha256", b64decode(sys.argv[1])))
heavy = {"csv", "cryptography", "certifi", "requests", "ssl", "asyncio", "tempfile", "yaml"} & set(sys.modules)
print(found.name, sorted(heavy))
"""


def test_a_look_up_loads_nothing_heavy():
    done = subprocess.run(
        [sys.executable, "-c", LEAN, X1.base64], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "ISRG Root X1 []\n"
