"""All there is in one file: the rows of one moment, and the attachments that they name.

The file is a ZIP: `manifest.json`, `tables/NAME` (PostgreSQL's COPY text) and `files/SHA256`. It
needs no program of PostgreSQL's, so web image and laptop make and read it alike (docs/adr/0026).
"""

import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any, BinaryIO

from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from psycopg import sql

from o2c.core import clock
from o2c.core.attachments import keep_bytes, kept_bytes

FORMAT = 1
CHUNK = 1_000_000  # bytes
#: What every database has after `migrate`, before anybody worked with it.
BARE = {
    *("django_migrations", "django_content_type"),
    *("auth_permission", "auth_group", "auth_group_permissions"),
}
#: What reading a file raises that is no backup, is damaged, or is encrypted (RuntimeError).
_UNUSABLE = (
    *(zipfile.BadZipFile, zlib.error, EOFError, RuntimeError),
    *(AttributeError, KeyError, TypeError, ValueError),
)
Tell = Callable[[str], None]


class BackupRefused(Exception):
    """Nothing was written; the message says why."""


@dataclass
class Table:
    """A table in the file: its columns in their order, and how many rows."""

    columns: list[str]
    rows: int


@dataclass
class Manifest:
    """What the file holds. `migrations` are those of the code that made it: app and name."""

    format: int
    made_at: str  # ISO 8601, UTC
    migrations: list[tuple[str, str]]
    tables: dict[str, Table] = field(default_factory=dict)
    sequences: dict[str, int] = field(default_factory=dict)  # the last value drawn
    files: int = 0
    lost_files: list[str] = field(default_factory=list)  # sha256 of those the store has lost

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables.values())


def back_up(target: Path, tell: Tell) -> Manifest:
    """Write everything into target, which must not exist. It is there whole or not at all.

    Rows are those of one moment, whatever is posted meanwhile; attachments never change. Raises
    BackupRefused and OSError.
    """
    if target.exists():
        raise BackupRefused(f"{target} exists already: name another file.")
    draft = target.with_name(f"{target.name}.part")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with (
            os.fdopen(descriptor, "wb") as handle,
            zipfile.ZipFile(handle, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
            _one_moment(),
        ):
            manifest = _write(archive, tell)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return manifest


def _write(archive: zipfile.ZipFile, tell: Tell) -> Manifest:
    applied = MigrationRecorder(connection).applied_migrations()
    manifest = Manifest(FORMAT, clock.now().isoformat(), sorted(applied))
    for table, columns in sorted(_tables().items()):
        tell(f"table {table}")
        with archive.open(f"tables/{table}", "w", force_zip64=True) as part:
            manifest.tables[table] = Table(columns, _copy_out(table, columns, part))
    manifest.sequences = _sequences()
    for sha256 in _attached():
        tell(f"file {sha256[:12]}")
        data = kept_bytes(sha256)
        if data is None:  # what is damaged would make the whole backup one that is refused
            manifest.lost_files.append(sha256)
        else:
            archive.writestr(f"files/{sha256}", data)
            manifest.files += 1
    archive.writestr("manifest.json", json.dumps(asdict(manifest), indent=1))
    return manifest


@contextmanager
def _one_moment() -> Iterator[None]:
    with transaction.atomic():
        if not connection.savepoint_ids:
            _run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        _take_time()
        yield


def _take_time() -> None:
    _run("SET LOCAL statement_timeout = 0")
    _run("SET LOCAL idle_in_transaction_session_timeout = 0")


def _run(statement: Any, parameters: Any = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []


def _tables() -> dict[str, list[str]]:
    """Every table with its columns, without those that the database computes."""
    rows = _run(
        "SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum) FROM pg_class AS c "
        "JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 "
        "AND NOT a.attisdropped AND a.attgenerated = '' "
        "WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace "
        "AND c.relname <> 'django_migrations' GROUP BY c.relname"
    )
    return dict(rows)


def _sequences() -> dict[str, int]:
    return dict(
        _run(
            "SELECT sequencename::text, last_value FROM pg_sequences "
            "WHERE schemaname = current_schema() AND last_value IS NOT NULL"
        )
    )


def _attached() -> list[str]:
    return [sha for (sha,) in _run("SELECT DISTINCT sha256 FROM core_attachment ORDER BY sha256")]


def _copy(table: str, columns: list[str], direction: str) -> sql.Composed:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    return sql.SQL("COPY {} ({}) " + direction).format(sql.Identifier(table), names)


def _copy_out(table: str, columns: list[str], part: Any) -> int:
    with connection.cursor() as cursor:
        with cursor.copy(_copy(table, columns, "TO STDOUT")) as rows:
            for block in rows:
                part.write(block)
        return int(cursor.rowcount)


# --- the way back ---------------------------------------------------------------------------------


@contextmanager
def opened(source: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """The file with what it holds. Raises BackupRefused when it is none, or damaged."""
    try:
        archive = zipfile.ZipFile(source)
        manifest = _manifest(archive)
        damaged = archive.testzip()
    except _UNUSABLE as error:
        raise BackupRefused(f"{source} is no backup, or it is damaged ({error}).") from error
    with archive:
        if damaged:
            raise BackupRefused(f"{source} is damaged: {damaged} is not what was written.")
        yield archive, manifest


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    facts = json.loads(archive.read("manifest.json"))
    if facts["format"] != FORMAT:
        raise ValueError(f"its format is {facts['format']}, and {FORMAT} is what we read")
    facts["tables"] = {name: Table(**table) for name, table in facts["tables"].items()}
    facts["migrations"] = [(app, name) for app, name in facts["migrations"]]
    return Manifest(**facts)


def restore(source: Path, tell: Tell, *, replace: bool) -> Manifest:
    """Bring back what the file holds: all of it or nothing. Tables are those of the code that
    made it; `migrate` brings them up to ours afterwards.

    Raises BackupRefused when the file cannot be used, or when the database holds something and
    `replace` is not set. What was there is gone then, except files of the content store.
    """
    with opened(source) as (archive, manifest):
        _refuse_unknown(manifest)
        if not replace and (filled := _filled()):
            raise BackupRefused(
                f"The database is not empty ({', '.join(filled[:3])}): name an empty one, or say "
                "--replace to delete what it holds."
            )
        for name in archive.namelist():
            if name.startswith("files/"):
                tell(f"file {name[6:18]}")
                _keep(archive, name.removeprefix("files/"))
        with transaction.atomic():
            _take_time()
            _make_tables(manifest)
            _fill(archive, manifest, tell)
        return manifest


def _refuse_unknown(manifest: Manifest) -> None:
    known = MigrationExecutor(connection).loader.disk_migrations
    if unknown := [
        f"{app}.{name}" for app, name in manifest.migrations if (app, name) not in known
    ]:
        raise BackupRefused(
            f"The backup was made by newer code: {unknown[0]} is unknown here. Update first."
        )


def _filled() -> list[str]:
    """Tables that hold more than every database does."""
    tables = sorted(_tables().keys() - BARE)
    return [
        table
        for table in tables
        if _run(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(sql.Identifier(table)))
    ]


def _keep(archive: zipfile.ZipFile, sha256: str) -> None:
    data = archive.read(f"files/{sha256}")
    if hashlib.sha256(data).hexdigest() != sha256:
        raise BackupRefused(f"File {sha256[:12]} has other contents than its name.")
    keep_bytes(sha256, data)


def _make_tables(manifest: Manifest) -> None:
    """Empty tables as they were when the backup was made."""
    [(schema,)] = _run("SELECT current_schema()::text")
    _run(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))
    _run(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
    executor = MigrationExecutor(connection)
    nodes, applied = executor.loader.graph.node_map, set(manifest.migrations)
    executor.migrate(
        [
            each  # the last of its app
            for each in manifest.migrations
            if not any(c.key in applied and c.key[0] == each[0] for c in nodes[each].children)
        ]
    )


def _fill(archive: zipfile.ZipFile, manifest: Manifest, tell: Tell) -> None:
    there = _tables()
    if missing := sorted(manifest.tables.keys() - there.keys()):
        raise BackupRefused(f"No migration makes the table {missing[0]} of the backup.")
    identifiers = [sql.Identifier(table) for table in sorted(there)]
    for table in identifiers:
        _run(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(table))
    _run(sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(identifiers)))
    _run("SET CONSTRAINTS ALL DEFERRED")  # some migrations left them immediate
    for name in _in_order(manifest):
        tell(f"table {name}")
        held = manifest.tables[name]
        with archive.open(f"tables/{name}") as part:
            _copy_in(name, held, part)
    for name, last in manifest.sequences.items():
        _run("SELECT setval(quote_ident(%s)::regclass, %s)", [name, last])
    _run("SET CONSTRAINTS ALL IMMEDIATE")  # every reference leads somewhere
    for table in identifiers:
        _run(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(table))


def _in_order(manifest: Manifest) -> list[str]:
    """Tables after those that they refer to by a reference that is checked at once."""
    order: TopologicalSorter[str] = TopologicalSorter(dict.fromkeys(manifest.tables, ()))
    for table, referred in _run(
        "SELECT t.relname::text, r.relname::text FROM pg_constraint AS c "
        "JOIN pg_class AS t ON t.oid = c.conrelid JOIN pg_class AS r ON r.oid = c.confrelid "
        "WHERE c.contype = 'f' AND NOT c.condeferrable AND c.conrelid <> c.confrelid "
        "AND c.connamespace = current_schema()::regnamespace"
    ):
        order.add(table, referred)
    return [name for name in order.static_order() if name in manifest.tables]


def _copy_in(name: str, table: Table, part: BinaryIO | Any) -> None:
    with connection.cursor() as cursor:
        with cursor.copy(_copy(name, table.columns, "FROM STDIN")) as rows:
            while block := part.read(CHUNK):
                rows.write(block)
        if cursor.rowcount != table.rows:
            raise BackupRefused(f"{name} has {cursor.rowcount} rows, not {table.rows}.")
