"""A large company made of a small one: every row that is its own becomes many.

The rows are written by INSERT ... SELECT within the server, without triggers, foreign keys or
indexes, on as many connections as the machine has cores; indexes are built afterwards. When that
fails the small company is put back.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from django.apps import apps
from django.db import connection
from django.db.models import CharField

from o2c.rehearsal.generate.copying import (
    SCALED,
    Table,
    columns,
    copied,
    expression,
    once,
    source,
)
from o2c.rehearsal.generate.texts import mark_numbers


def multiply(times: int, *, connections: int | None = None) -> None:
    """Make `times` companies of the one in the database, sharing its settings and books.

    connections: how many tables are written at once, by default one for each core; with 1 all is
    done on the caller's connection and may be part of a transaction.

    Needs a superuser of the database, as rows are written past the triggers that keep posted
    records from changing, and past the indexes.
    """
    workers = connections or os.cpu_count() or 1
    tables = [model for model in copied() if model._base_manager.exists()]
    with _set_aside(tables, workers):
        prefixes = _prefixes(tables)
        marks = {model: mark_numbers(model, prefixes) for model in tables}
        _each([_copy(model, times, marks[model]) for model in _largest_first(tables)], workers)
    _scale(times)
    _each([[f'ANALYZE "{model._meta.db_table}"'] for model in _largest_first(tables)], workers)


_AT_EASE = {
    "session_replication_role": "replica",  # no triggers, no foreign keys
    "maintenance_work_mem": "512MB",
    "statement_timeout": "0",
    "lock_timeout": "0",
}


def _execute(*statements: str) -> None:
    with connection.cursor() as cursor:
        for name, value in _AT_EASE.items():
            cursor.execute(f"SET {name} = '{value}'")
        for statement in statements:
            cursor.execute(statement)
        for name in _AT_EASE:
            cursor.execute(f"RESET {name}")


def _each(works: Iterable[Sequence[str]], workers: int) -> None:
    """Carry out each work, statement by statement, on so many connections at once."""
    if workers == 1:
        for statements in works:
            _execute(*statements)
        return

    def carry_out(statements: Sequence[str]) -> None:
        try:
            _execute(*statements)
        finally:
            connection.close()

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(carry_out, works))


@contextmanager
def _set_aside(tables: Sequence[Table], workers: int) -> Iterator[None]:
    """Move the rows out of their tables, whose indexes sleep; put all back if it goes wrong."""
    indexes = _indexes(tables)
    _execute(*(f'CREATE TABLE {source(t)} AS TABLE "{t._meta.db_table}"' for t in tables))
    try:
        _execute(_sleep(tables), *_emptied(tables))
        yield
        _wake(indexes, workers)
    except Exception:
        if not connection.in_atomic_block:  # otherwise the transaction takes it all back
            _execute(_sleep(tables), *_emptied(tables))
            _execute(*(statement for model in tables for statement in _copy(model, 1, {})))
            _wake(indexes, workers)
            _forget(tables)
        raise
    _forget(tables)


def _emptied(tables: Iterable[Table]) -> list[str]:
    return [f'DELETE FROM "{model._meta.db_table}"' for model in tables]


def _sleep(tables: Sequence[Table]) -> str:
    """Have the server neither write nor use the indexes, of primary keys too, until rebuilt."""
    names = ", ".join(f"'\"{model._meta.db_table}\"'::regclass" for model in tables)
    return f"UPDATE pg_index SET indisready = false, indisvalid = false WHERE indrelid IN ({names})"


def _wake(indexes: Sequence[str], workers: int) -> None:
    """Rebuild the indexes, which proves that what is to be unique is."""
    _each([[f"REINDEX INDEX {name}"] for name in indexes], workers)


def _forget(tables: Iterable[Table]) -> None:
    _execute(*(f"DROP TABLE {source(model)}" for model in tables))


def _indexes(tables: Iterable[Table]) -> list[str]:
    """Every index of the tables, those that take longest to build first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT i.indexrelid::regclass FROM pg_index AS i "
            "JOIN pg_class AS t ON t.oid = i.indrelid WHERE t.relname = ANY(%s) "
            "ORDER BY i.indisexclusion DESC, pg_relation_size(t.oid) DESC",
            [[model._meta.db_table for model in tables]],
        )
        return [name for (name,) in cursor.fetchall()]


def _largest_first(tables: Iterable[Table]) -> list[Table]:
    """So that the connections are done at about the same time."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' ORDER BY pg_table_size(oid) DESC"
        )
        place = {name: place for place, (name,) in enumerate(cursor.fetchall())}
    return sorted(tables, key=lambda model: place[model._meta.db_table])


def _copy(model: Table, times: int, marks: dict[str, int]) -> list[str]:
    """Write the rows of all copies; give new rows the keys after theirs.

    That the numbers of the copies depend on the row (by nothing) has the server go through the
    rows in order, and through the copies of each: no sorting of millions of rows.
    """
    written = columns(model)
    names = ", ".join(f'"{field.column}"' for field in written)
    values = ", ".join(
        expression(model, field, times, marks.get(field.name, 0)) for field in written
    )
    table, key = model._meta.db_table, model._meta.pk.column
    return [
        f'INSERT INTO "{table}" ({names}) OVERRIDING SYSTEM VALUE SELECT {values} '
        f'FROM (SELECT * FROM {source(model)} ORDER BY "{key}") AS r '
        f'CROSS JOIN LATERAL generate_series(0, {times - 1} + 0 * r."{key}") AS k '
        f"WHERE k = 0 OR NOT ({once(model)})",
        f"SELECT setval(pg_get_serial_sequence('\"{table}\"', '{key}'), "
        f'(SELECT max("{key}") FROM {source(model)}) * {times})',
    ]


def _scale(times: int) -> None:
    """What shared rows count or add up grows with the copies, all of it or nothing."""
    updates = []
    for label, names in SCALED.items():
        table = apps.get_model(label)._meta.db_table
        changes = ", ".join(f"{name} = {name} * {times}" for name in names)
        updates.append(f'UPDATE "{table}" SET {changes}')
    _execute("; ".join(updates))  # sent as one, so one transaction


def _prefixes(tables: Iterable[Table]) -> list[str]:
    """What the numbers of copied documents begin with: SO-, INV-, ..."""
    numbered = (model for model in tables if "number" in _text_columns(model))
    found: set[str] = set()
    with connection.cursor() as cursor:
        for model in numbered:
            cursor.execute(
                f"SELECT DISTINCT substring(number from '^[A-Z]+-') FROM {source(model)}"
            )
            found.update(prefix for (prefix,) in cursor.fetchall() if prefix)
    return sorted(found)


def _text_columns(model: Table) -> set[str]:
    return {
        field.name
        for field in model._meta.local_concrete_fields
        if isinstance(getattr(field, "output_field", field), CharField)
    }
