"""``pincheck ca``: look-ups, and a table rebuilt from a service in the CCADB's own formats."""

import contextlib
import csv
import io
import random
import threading
from base64 import b64decode
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID
from loopback_http import Service, answer, half
from worlds import DER, PEM, Authority, new_key, pin_of

from pincheck import ca, ccadb
from pincheck.ca import NotUpdated
from pincheck.errors import UsageError
from pincheck.model import Pin
from pincheck.model.knowledge import CaKey
from pincheck.pki.ca_keys import SHIPPED, Table

TODAY = date(2026, 11, 25)
X1 = "C5+lpZ7tcVwmwQIMcRtPbsQtWLABXhQzejna0wHFr8M="
X1_LINE = (
    f"{X1}  root | ISRG Root X1 | ISRG (Let's Encrypt) | roots: ISRG (Let's Encrypt), IdenTrust"
    " | 2015-06-04 to 2035-06-04\n"
)
NOBODY = sha256(b"nobody").hexdigest()


# lookup -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "spelling",
    [
        X1,
        f"sha256/{X1}",
        f"sha256//{X1}",
        f'pin-sha256="{X1}"',
        X1.rstrip("="),
        X1.replace("+", "-").replace("/", "_"),
        b64decode(X1).hex(),
        b64decode(X1).hex(":").upper(),
    ],
)
def test_a_pin_is_found_in_every_usual_spelling(spelling):
    assert ca.lookup([spelling], Table.open(environ={})) == X1_LINE


def test_one_line_a_pin_in_the_order_asked():
    unknown = b64decode(X1)[::-1].hex()
    lines = ca.lookup([unknown, X1, NOBODY[:40]], Table.open(environ={})).splitlines()
    assert [line.partition("  ")[2] for line in lines] == ["unknown", X1_LINE[46:-1], "unknown"]


@pytest.mark.parametrize(
    "text", ["", "sha256/", "ISRG Root X1", "AAAA", "x" * 100_000, "\x1b[31m", "sha1/" + X1]
)
def test_nonsense_is_named(text):
    with pytest.raises(UsageError, match="no pin can be read from it") as error:
        ca.lookup([X1, text], Table.open(environ={}))
    assert len(str(error.value)) < 300
    assert str(error.value).isprintable()


# a world of 50 CAs ------------------------------------------------------------


class Record(NamedTuple):
    """A row of the report of records, and its certificate."""

    certificate: x509.Certificate
    kind: str
    owner: str
    parent: x509.Certificate | None = None
    holder: str = ""
    status: tuple[str, str, str, str] = ("Included",) * 4
    revoked: str = "Not Revoked"


OWNERS = ("Alpha Trust", "Beta CA", 'Gamma; "Sons", Ltd.', "Delta", "Echo")
START, END = datetime(2016, 2, 1, tzinfo=UTC), datetime(2036, 2, 1, tzinfo=UTC)
ROOT, INTERMEDIATE = "Root Certificate", "Intermediate Certificate"


class World(NamedTuple):
    records: list[Record]
    expected: tuple[CaKey, ...]
    mozilla: tuple[bytes, ...]


def key_of(authority, kind, operator, roots, start="2016-02-01", end="2036-02-01"):
    pin = Pin("spki", "sha256", b64decode(authority.pin))
    days = date.fromisoformat(start), date.fromisoformat(end)
    return CaKey(pin, kind, operator, roots, authority.name, *days)


@pytest.fixture(scope="module")
def world():
    """Ten roots of five owners, and four CAs below each."""
    roots = {
        (o, n): Authority(f"{OWNERS[o].split()[0]} Root {n}", start=START, end=END)
        for o in range(5)
        for n in (1, 2)
    }
    subs = {
        (o, n, s): root.issue(f"CA {o}{n}{s}, \N{SNOWMAN}", start=START, end=END)
        for (o, n), root in roots.items()
        for s in range(4)
    }
    kinds = {at: (OWNERS[at[0]], (OWNERS[at[0]].replace(";", ","),)) for at in (*roots, *subs)}
    expected = {
        at: key_of(each, "root" if len(at) == 2 else "intermediate", kinds[at][1][0], kinds[at][1])
        for at, each in {**roots, **subs}.items()
    }
    records = {at: Record(root.certificate, ROOT, OWNERS[at[0]]) for at, root in roots.items()}
    records |= {
        at: Record(sub.certificate, INTERMEDIATE, OWNERS[at[0]], roots[at[:2]].certificate)
        for at, sub in subs.items()
    }
    more = []

    def change(at, **facts):
        expected[at] = expected[at]._replace(**facts)

    # Alpha Root 1 is cross-signed by Beta: with all below it, it chains to both.
    cross = roots[0, 1].cross(roots[1, 1], start=START, end=datetime(2020, 1, 1, tzinfo=UTC))
    more.append(
        Record(
            cross, INTERMEDIATE, "Beta CA", roots[1, 1].certificate, holder="Alpha Trust", revoked="Revoked"
        )
    )
    for at in [(0, 1), *((0, 1, s) for s in range(4))]:
        change(at, root_operators=("Alpha Trust", "Beta CA"))
    # Beta Root 2 was certified anew, with the same key and another name.
    renewed = Authority(
        "Beta Root 2 (2020)", key=roots[1, 2].key,
        start=datetime(2020, 1, 1, tzinfo=UTC), end=datetime(2046, 5, 6, tzinfo=UTC),
    )  # fmt: skip
    more.append(
        Record(
            renewed.certificate, ROOT, "Beta CA", status=("Included", "Not Included", "", "Not Yet Included")
        )
    )
    change((1, 2), name="Beta Root 2 (2020)", not_after=date(2046, 5, 6))
    # One CA of Gamma's is expired and revoked; one has two certificates, from two of its roots.
    old = Authority(
        "Old CA", roots[2, 1], start=datetime(2001, 1, 2, tzinfo=UTC), end=datetime(2009, 8, 7, tzinfo=UTC)
    )
    subs[2, 1, 0] = old
    records[2, 1, 0] = records[2, 1, 0]._replace(certificate=old.certificate, revoked="Revoked")
    expected[2, 1, 0] = key_of(
        old,
        "intermediate",
        OWNERS[2].replace(";", ","),
        (OWNERS[2].replace(";", ","),),
        "2001-01-02",
        "2009-08-07",
    )
    # Delta let somebody else hold a CA.
    records[3, 1, 1] = records[3, 1, 1]._replace(holder="Hosting Inc.")
    change((3, 1, 1), operator="Hosting Inc.")
    # Delta Root 2 was in one store once.
    records[3, 2] = records[3, 2]._replace(status=("Not Included", "", "Not Included", "Removed"))
    # Delta Root 1 and Echo Root 1 cross-sign each other.
    for one, other in (((3, 1), (4, 1)), ((4, 1), (3, 1))):
        certificate = roots[one].cross(roots[other], start=START, end=END)
        more.append(Record(certificate, INTERMEDIATE, OWNERS[other[0]], roots[other].certificate))
        for at in [one, *((*one, s) for s in range(4))]:
            change(at, root_operators=("Delta", "Echo"))
    # Echo Root 2 never was in a store.
    records[4, 2] = records[4, 2]._replace(status=("Not Included", "", "Not Yet Included", "Blocked"))
    for at in [(4, 2), *((4, 2, s) for s in range(4))]:
        del expected[at]
    # A CA for mail only is none of ours.
    more.append(Record(mail_only(roots[1, 1]), INTERMEDIATE, "Beta CA", roots[1, 1].certificate))
    assert len({pin_of(record.certificate) for record in records.values()}) == 50
    trusted = [records[at].certificate for at in roots if at not in ((3, 2), (4, 2))]
    return World(
        [*records.values(), *more],
        tuple(sorted(expected.values(), key=lambda key: key.spki.base64)),
        tuple(sorted((each.public_bytes(DER) for each in trusted), key=lambda der: sha256(der).digest())),
    )


def mail_only(issuer):
    key = new_key()
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Mail CA")])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer.certificate.subject)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(START)
        .not_valid_after(END)
        .add_extension(x509.BasicConstraints(True, None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .sign(issuer.key, hashes.SHA256())
    )


# the reports ------------------------------------------------------------------

COLUMNS = (
    "CA Owner", "Salesforce Record ID", "Certificate Name", "Parent Certificate Name", "Certificate Record Type",
    "Subordinate CA Owner", "Apple Status", "Chrome Status", "Microsoft Status", "Mozilla Status",
    "SHA-256 Fingerprint", "Parent SHA-256 Fingerprint", "Valid From (GMT)", "Valid To (GMT)", "Revocation Status",
    "TLS Capable", "JSON Array of Partitioned CRLs",
)  # fmt: skip


def print_of(certificate):
    return certificate.fingerprint(hashes.SHA256()).hex().upper() if certificate else ""


def row(number, record):
    until = record.certificate.not_valid_after_utc
    return (
        record.owner, f"0018Z{number:08}", "name, \"quoted\"\nin two lines", "", record.kind, record.holder,
        *record.status, print_of(record.certificate), print_of(record.parent),
        "2016.02.01", f"{until:%Y.%m.%d}", record.revoked, "True", "[]",
    )  # fmt: skip


def as_csv(header, rows):
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([header, *rows])
    return text.getvalue().encode()


def documents(records, shuffled=0):
    """The reports by path; ``shuffled`` puts rows and columns into another order."""
    rows = [row(number, record) for number, record in enumerate(records)]
    columns, dice = list(range(len(COLUMNS))), random.Random(shuffled)
    if shuffled:
        dice.shuffle(rows)
        dice.shuffle(columns)
    table = as_csv([COLUMNS[i] for i in columns], [[each[i] for i in columns] for each in rows])
    made = {"/ccadb/AllCertificateRecordsCSVFormatv5": table}
    for year in range(ccadb.FIRST_YEAR, TODAY.year + 1):
        pems = [
            (print_of(record.certificate), record.certificate.public_bytes(PEM).decode().strip())
            for record in records
            if record.certificate.not_valid_before_utc.year == year
        ]
        if shuffled:
            dice.shuffle(pems)
        made[pems_of(year)] = as_csv(("SHA-256 Fingerprint", "X.509 Certificate (PEM)"), pems)
    return made


def pems_of(year):
    return f"/ccadb/AllCertificatePEMsCSVFormat?NotBeforeYear={year}"


RECORDS, PEMS = "/ccadb/AllCertificateRecordsCSVFormatv5", pems_of(2016)


@pytest.fixture
def service(world):
    with Service(documents(world.records)) as running:
        yield running


@pytest.fixture
def environ(tmp_path):
    return {"XDG_CACHE_HOME": str(tmp_path)}


@pytest.fixture
def table(tmp_path):
    return tmp_path / "pincheck" / "ca-keys.csv"


def updated(service, environ, waits=None):
    return ca.update(
        TODAY, service.address + "/ccadb/", environ, sleep=[].append if waits is None else waits.append
    )


# update -----------------------------------------------------------------------


def test_the_table_is_the_one_expected(world, service, environ, table):
    assert updated(service, environ) == f"45 CA keys as of 2026-11-25 in {table}\n"
    found = Table.open(environ=environ)
    assert (found.keys, found.day, found.notes, found.path) == (world.expected, TODAY, (), str(table))
    assert [found.find(key.spki) for key in world.expected] == list(world.expected)


def test_mozillas_roots_are_kept(world, service, environ, tmp_path):
    updated(service, environ)
    pem = (tmp_path / "pincheck" / "mozilla-roots.pem").read_bytes()
    assert tuple(each.public_bytes(DER) for each in x509.load_pem_x509_certificates(pem)) == world.mozilla


def test_two_runs_give_equal_bytes_and_the_second_transfers_nothing(service, environ, table):
    updated(service, environ)
    first = table.read_bytes()
    service.seen.clear()
    updated(service, environ)
    assert table.read_bytes() == first
    assert all("If-None-Match" in headers for _, headers in service.seen)


def test_rows_and_columns_may_stand_in_any_order(world, service, environ, table):
    updated(service, environ)
    first = table.read_bytes()
    service.documents = documents(world.records, shuffled=7)
    updated(service, environ)
    assert table.read_bytes() == first


def test_a_service_without_tags_does_too(service, environ, table):
    service.with_tags = False
    updated(service, environ)
    first = table.read_bytes()
    updated(service, environ)
    assert table.read_bytes() == first


def test_what_changed_is_found(world, service, environ):
    updated(service, environ)
    gone = world.expected[0]
    kept = [each for each in world.records if pin_of(each.certificate) != gone.spki.base64]
    service.documents = documents(kept)
    updated(service, environ)
    assert Table.open(environ=environ).find(gone.spki) is None


def test_a_certificate_that_cannot_be_read_is_left_out(service, environ, table, world):
    lost = next(key for key in world.expected if key.name == "CA 111, \N{SNOWMAN}")
    mine = next(each.certificate for each in world.records if pin_of(each.certificate) == lost.spki.base64)
    pem = mine.public_bytes(PEM)
    service.documents[PEMS] = service.documents[PEMS].replace(pem[40:80], b"!!!!" * 10)
    said = updated(service, environ)
    assert said == f"44 CA keys as of 2026-11-25 in {table}; 1 certificates cannot be read\n"
    assert Table.open(environ=environ).keys == tuple(key for key in world.expected if key != lost)


def test_a_certificate_under_another_fingerprint_is_not_believed(service, environ, world):
    lost = next(key for key in world.expected if key.name == "CA 111, \N{SNOWMAN}")
    mine = next(each.certificate for each in world.records if pin_of(each.certificate) == lost.spki.base64)
    other = next(each.certificate for each in world.records if each.owner == "Echo")
    service.documents[PEMS] = service.documents[PEMS].replace(
        mine.public_bytes(PEM).strip(), other.public_bytes(PEM).strip()
    )
    updated(service, environ)
    assert Table.open(environ=environ).find(lost.spki) is None


def _cut(body, by):
    return body[: len(body) - by]


@pytest.mark.parametrize(
    ("path", "change", "message"),
    [
        pytest.param(RECORDS, lambda _: b"<html>down</html>", "no report of the CCADB", id="HTML"),
        pytest.param(RECORDS, lambda _: b"", "no report of the CCADB", id="empty"),
        pytest.param(RECORDS, lambda b: _cut(b, 9), "cut short", id="cut in a row"),
        pytest.param(RECORDS, lambda b: b[: b.index(b'\r\n"', len(b) // 2) + 2], "fit", id="cut between rows"),
        pytest.param(RECORDS, lambda b: b + b'"Alpha Trust","x"\r\n', "cut short", id="cut between columns"),
        pytest.param(RECORDS, lambda b: b.replace(b"Mozilla Status", b"M"), "Mozilla", id="no such column"),
        pytest.param(RECORDS, lambda b: b.replace(b"Alpha", b"\xff\xfe"), "damaged", id="not UTF-8"),
        pytest.param(RECORDS, lambda b: b.replace(b"Alpha", b"A" * 140_000), "damaged", id="an endless field"),
        pytest.param(RECORDS, lambda b: b.splitlines(True)[0], "0 records", id="no rows"),
        pytest.param(RECORDS, lambda b: b.replace(b"Included", b"Excluded"), "only 5 CA keys", id="hardly a root"),
        pytest.param(RECORDS, lambda b: b.replace(b"Intermediate", b"Other"), "fit", id="few rows"),
        pytest.param(RECORDS, lambda b: b + b" " * 41 * 2**20, "more than 40960 kB", id="too large"),
        pytest.param(PEMS, lambda _: b"<html>down</html>", "no report of the CCADB", id="certificates: HTML"),
        pytest.param(PEMS, lambda _: b"x" * 50 * 2**20, "more than 16384 kB", id="certificates: 50 MB"),
        pytest.param(PEMS, lambda b: _cut(b, 9), "cut short", id="certificates: cut in a row"),
        pytest.param(PEMS, lambda b: b[: b.index(b'\n"', len(b) // 2) + 1], "fit", id="certificates: half"),
        pytest.param(PEMS, lambda b: b"", "fit", id="certificates: none"),
    ],
)  # fmt: skip
def test_what_is_broken_never_replaces_what_is_good(world, service, environ, table, path, change, message):
    updated(service, environ)
    first = table.read_bytes()
    good = service.documents[path]
    service.documents[path] = change(good)
    with pytest.raises(NotUpdated, match=message):
        updated(service, environ)
    assert table.read_bytes() == first
    service.documents[path] = good
    updated(service, environ)
    assert table.read_bytes() == first


def test_random_damage_gives_fewer_keys_or_none_but_never_others(world, service, environ, table):
    paths = _kept(service, environ, table)
    known = {key.spki for key in world.expected}
    dice = random.Random(5)
    for path in [each for each in paths if each.endswith(("records.csv", "pems-2016.csv"))] * 30:
        with open(path, "rb") as file:
            whole = file.read()
        with open(path, "wb") as file:
            file.write(_damaged(whole, dice))
        with contextlib.suppress(ccadb.Broken):
            assert {key.spki for key in ccadb.read(paths).keys} <= known
        with open(path, "wb") as file:
            file.write(whole)


def _damaged(body, dice):
    start, piece = (
        dice.randrange(len(body)),
        dice.choice([b"", b'"', b"\r\n", b",", b"\0", b"\xff", b'"",""']),
    )
    return body[:start] + piece + body[start + dice.randrange(200) :]


def test_a_table_that_shrinks_to_less_than_half_is_not_believed(world, service, environ, table):
    updated(service, environ)
    first = table.read_bytes()
    service.documents = documents([each for each in world.records if each.owner == "Echo"])
    for _ in range(2):
        with pytest.raises(NotUpdated, match=r"only \d+ CA keys, where at least 22 were expected"):
            updated(service, environ)
    assert table.read_bytes() == first


def test_the_public_service_has_to_tell_about_as_many_keys_as_are_known(
    world, service, environ, table, monkeypatch
):
    monkeypatch.setattr(ccadb, "ADDRESS", service.address + "/ccadb")
    with pytest.raises(UsageError, match="give an https address"):  # and is asked over https only
        ca.update(TODAY, environ=environ)
    with pytest.raises(NotUpdated, match="at least 2478 were expected"):
        ca._rebuild(_kept(service, environ, table), str(table.parent / "kept"), len(ca._shipped()) // 2)


def _kept(service, environ, table):
    updated(service, environ)
    (folder,) = (each for each in (table.parent / "ccadb").iterdir() if each.is_dir())
    return [str(folder / report.name) for report in ccadb.reports(TODAY)]


def test_a_service_that_is_busy_is_waited_for(service, environ):
    waits = []
    service.faults = {RECORDS: [answer(429, Retry_After="2"), answer(500)], PEMS: [half]}
    assert updated(service, environ, waits).startswith("45 CA keys")
    assert waits == [2, 2, 1]


def test_a_service_that_is_down_leaves_all_as_it_was(service, environ, table):
    service.faults[PEMS] = [answer(503)] * 4
    with pytest.raises(NotUpdated) as error:
        updated(service, environ)
    assert str(error.value) == (
        "127.0.0.1: pems-2016.csv: answers 503 (asked 4 times); the CA data is left as it was; run pincheck ca update"
        " again later"
    )
    assert not table.exists()


def test_a_download_that_broke_off_is_resumed_by_the_next_run(service, environ):
    service.faults[PEMS] = [half, *[answer(503)] * 3]
    with pytest.raises(NotUpdated):
        updated(service, environ)
    service.seen.clear()
    assert updated(service, environ).startswith("45 CA keys")
    (asked,) = (headers for path, headers in service.seen if path == PEMS)
    assert asked["Range"] == f"bytes={len(service.documents[PEMS]) // 2}-"


def test_updates_at_the_same_time(world, service, environ):
    said, threads = [], []
    for _ in range(4):
        threads.append(threading.Thread(target=lambda: said.append(updated(service, environ))))
        threads[-1].start()
    for thread in threads:
        thread.join(60)
    assert len(set(said)) == 1
    assert len(said) == 4
    assert Table.open(environ=environ).keys == world.expected


def test_a_folder_that_cannot_be_written(service, tmp_path):
    (tmp_path / "pincheck").write_text("a file")
    with pytest.raises(NotUpdated, match="cannot be written"):
        updated(service, {"XDG_CACHE_HOME": str(tmp_path)})


def test_owners_are_called_as_in_the_shipped_table(world, service, environ, table):
    paths = _kept(service, environ, table)
    known = [
        key._replace(operator="Alpha" if key.operator == "Alpha Trust" else key.operator)
        for key in world.expected
    ]
    keys = ccadb.read(paths, known).keys
    assert {key.operator for key in keys} == {
        "Alpha", "Beta CA", 'Gamma; "Sons", Ltd.'.replace(";", ","), "Delta", "Echo", "Hosting Inc.",
    }  # fmt: skip
    assert {each for key in keys for each in key.root_operators if each.startswith("Al")} == {"Alpha"}


def test_the_shipped_table_is_never_written_to(service, environ):
    with open(SHIPPED, "rb") as file:
        before = file.read()
    updated(service, environ)
    with open(SHIPPED, "rb") as file:
        assert file.read() == before
