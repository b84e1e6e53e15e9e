"""The drill: what was backed up comes back elsewhere, row by row and byte by byte, and verifies."""

import json
import zipfile
from io import StringIO
from pathlib import Path
from unittest.mock import Mock

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from o2c.core.actors import SystemActor
from o2c.core.attachments import stored_path
from o2c.core.backup import back_up
from o2c.core.models import Attachment
from o2c.rehearsal.database import own_database, run_there
from o2c.web.files import attach_file
from orders.models import Order
from tests.given.orders import submitted_order
from tests.whole_house import furnish

pytestmark = pytest.mark.django_db(transaction=True)
BYTES = b"a signed proof of delivery"


def backup(path: Path) -> str:
    out = StringIO()
    call_command("backup", str(path), stdout=out)
    return out.getvalue()


def refusal(*arguments: str) -> str:
    with pytest.raises(CommandError) as refused:
        call_command(*arguments)
    return str(refused.value)


def parts(path: Path) -> dict[str, bytes]:
    """The rows and files in a backup, by name, rows in a fixed order."""
    with zipfile.ZipFile(path) as archive:
        return {
            name: b"\n".join(sorted(archive.read(name).splitlines()))
            for name in archive.namelist()
            if name != "manifest.json"
        }


@pytest.fixture
def attached() -> Attachment:
    """A file of the only order."""
    order = submitted_order()
    label = order._meta.label_lower
    return attach_file(order.pk, label, BYTES, "proof.txt", actor=SystemActor("test"))


def test_the_drill(attached, tmp_path, capfd):
    """Back up, restore into an empty database with an empty store, verify, back up again: equal."""
    call_command("migrate", verbosity=0)  # gives the roles their rights, as a restore does
    furnish()
    first, second = tmp_path / "first.zip", tmp_path / "second.zip"
    said = backup(first)
    assert first.stat().st_mode & 0o777 == 0o600
    assert f"{sum(len(part.splitlines()) for part in parts(first).values()) - 1:,} rows" in said

    with own_database("backup", keep=False, fresh=False) as name:
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}"')
        code = run_there(name, ["restore", str(first)])
        printed = capfd.readouterr()
        assert code == 0, printed.err
        assert f"There was no database {name}: it is made." in printed.out
        assert "0 broken" in printed.out
        store = settings.STATE_DIR / name / "files"
        kept = store / attached.sha256[:2] / attached.sha256
        assert kept.read_bytes() == BYTES
        assert run_there(name, ["backup", str(second)]) == 0

    before, after = parts(first), parts(second)
    assert before.keys() == after.keys()
    assert {table for table in before if before[table] != after[table]} == set()
    with zipfile.ZipFile(first) as one, zipfile.ZipFile(second) as other:
        manifests = [json.loads(each.read("manifest.json")) for each in (one, other)]
    assert manifests[0]["sequences"] == manifests[1]["sequences"]


def test_a_target_that_holds_something_is_refused_and_left_alone(attached, tmp_path):
    backup(tmp_path / "all.zip")
    orders = Order.objects.count()

    said = refusal("restore", str(tmp_path / "all.zip"))

    assert said.startswith("The database is not empty (")
    assert "--replace" in said
    assert Order.objects.count() == orders


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (psycopg.OperationalError("Connection refused"), "server cannot be reached: Connection"),
        (psycopg.errors.InsufficientPrivilege("permission denied"), "may not make one: permission"),
    ],
)
def test_a_server_that_has_or_grants_no_database_is_named(tmp_path, failure, said, monkeypatch):
    connection.close()
    monkeypatch.setattr("o2c.core.databases.connect", Mock(side_effect=failure))

    assert said in refusal("restore", str(tmp_path / "all.zip"))


def test_a_backup_never_writes_over_a_file(tmp_path):
    there = tmp_path / "all.zip"
    there.write_text("yesterday's")

    assert "exists already" in refusal("backup", str(there))

    assert there.read_text() == "yesterday's"
    assert list(tmp_path.iterdir()) == [there]


def test_a_folder_that_is_not_there_is_named(tmp_path):
    assert "No such file or directory" in refusal("backup", str(tmp_path / "gone" / "all.zip"))


@pytest.mark.parametrize("replace", [[], ["--replace"]])
def test_a_damaged_file_is_refused_before_anything_is_deleted(attached, tmp_path, replace):
    path = tmp_path / "all.zip"
    backup(path)
    with zipfile.ZipFile(path) as archive:
        part = archive.getinfo("tables/core_event")
    data = bytearray(path.read_bytes())
    data[part.header_offset + 100 + part.compress_size // 2] ^= 0xFF  # beyond the header
    path.write_bytes(data)
    orders = Order.objects.count()

    assert "damaged" in refusal("restore", str(path), *replace)

    assert Order.objects.count() == orders


@pytest.mark.parametrize("content", [b"", b"no zip at all"])
def test_what_is_no_backup_is_said_to_be_none(tmp_path, content):
    path = tmp_path / "letter.txt"
    path.write_bytes(content)

    assert "is no backup" in refusal("restore", str(path))


def remade(path: Path, to: Path, **changed: bytes) -> Path:
    """The backup with other contents of some parts, and with right check sums."""
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(to, "w") as copy:
        for name in archive.namelist():
            copy.writestr(name, changed.get(Path(name).stem, archive.read(name)))
    return to


@pytest.mark.parametrize("manifest", [b"[]", b'{"format": 1, "tables": [], "migrations": []}'])
def test_a_manifest_that_is_none_is_refused(tmp_path, manifest):
    backup(tmp_path / "all.zip")
    path = remade(tmp_path / "all.zip", tmp_path / "other.zip", manifest=manifest)

    assert "is no backup" in refusal("restore", str(path), "--replace")


def test_an_encrypted_backup_is_to_be_decrypted_first(tmp_path):
    path = tmp_path / "all.zip"
    backup(path)
    data = path.read_bytes()
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        pieces = data.split(mark)
        data = mark.join(
            [pieces[0]]
            + [p[: flags - 4] + bytes([p[flags - 4] | 1]) + p[flags - 3 :] for p in pieces[1:]]
        )
    path.write_bytes(data)

    assert "encrypted" in refusal("restore", str(path), "--replace")


def test_rows_that_do_not_fit_are_refused_and_change_nothing(attached, tmp_path):
    backup(tmp_path / "all.zip")
    path = remade(tmp_path / "all.zip", tmp_path / "other.zip", orders_order=b"not a row\n")
    orders = Order.objects.count()

    assert "nothing was changed" in refusal("restore", str(path), "--replace")

    assert Order.objects.count() == orders


def test_a_backup_of_newer_code_is_refused(tmp_path):
    path, newer = tmp_path / "all.zip", tmp_path / "newer.zip"
    backup(path)
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(newer, "w") as changed:
        manifest = json.loads(archive.read("manifest.json"))
        manifest["migrations"].append(["orders", "9999_to_come"])
        changed.writestr("manifest.json", json.dumps(manifest))

    assert "newer code: orders.9999_to_come" in refusal("restore", str(newer), "--replace")


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_bytes(b"other bytes")])
def test_a_file_that_the_store_lost_is_named_and_the_rest_is_kept(attached, tmp_path, damage):
    damage(stored_path(attached.sha256))

    manifest = back_up(tmp_path / "all.zip", lambda what: None)

    assert attached.sha256 in manifest.lost_files
    assert manifest.rows > 0
    assert f"files/{attached.sha256}" not in parts(tmp_path / "all.zip")


def test_rows_are_of_one_moment_whatever_is_posted_meanwhile(attached, tmp_path):
    """What another session commits while tables are being written is not in the file."""
    import threading

    def rename():
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO django_session VALUES ('late', '', now())")
        connection.close()

    def tell(what):
        if what == "table core_attachment":
            other = threading.Thread(target=rename)
            other.start()
            other.join()

    back_up(tmp_path / "all.zip", tell)

    assert parts(tmp_path / "all.zip")["tables/django_session"] == b""
