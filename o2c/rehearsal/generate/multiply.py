"""A large company made of a small one: every row that is its own becomes many.

The rows are written by INSERT ... SELECT within the server, without triggers, foreign keys or
secondary indexes, on as many connections as the machine has cores; indexes are built afterwards.
"""

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

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
    records from changing.
    """
    tables = [model for model in copied() if _set_aside(model)]
    prefixes = _prefixes(tables)
    marks = {model: mark_numbers(model, prefixes) for model in tables}
    indexes = _drop_indexes(tables)
    workers = connections or os.cpu_count() or 1
    _each([_copy(model, times, marks[model]) for model in tables], workers)
    _scale(times)
    _each(indexes, workers)
    _execute(*(f"DROP TABLE {source(model)}" for model in tables))
    _execute("ANALYZE")


_AT_EASE = {
    "session_replication_role": "replica",  # no triggers, no foreign keys
    "maintenance_work_mem": "512MB",
    "statement_timeout": "0",
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


def _set_aside(model: Table) -> bool:
    """Move a table's rows out of it; return whether there were any."""
    if not model._base_manager.exists():
        return False
    table = f'"{model._meta.db_table}"'
    _execute(f"CREATE TABLE {source(model)} AS TABLE {table}", f"DELETE FROM {table}")
    return True


def _copy(model: Table, times: int, marks: dict[str, int]) -> list[str]:
    written = columns(model)
    names = ", ".join(f'"{field.column}"' for field in written)
    values = ", ".join(
        expression(model, field, times, marks.get(field.name, 0)) for field in written
    )
    key = model._meta.pk.column
    return [
        f'INSERT INTO "{model._meta.db_table}" ({names}) OVERRIDING SYSTEM VALUE SELECT {values} '
        f"FROM {source(model)} AS r CROSS JOIN generate_series(0, {times - 1}) AS k "
        f'WHERE k = 0 OR NOT ({once(model)}) ORDER BY r."{key}", k',
        f"SELECT setval(pg_get_serial_sequence('\"{model._meta.db_table}\"', '{key}'), "
        f'(SELECT max("{key}") FROM "{model._meta.db_table}"))',
    ]


def _scale(times: int) -> None:
    """What shared rows count or add up grows with the copies."""
    for label, names in SCALED.items():
        table = apps.get_model(label)._meta.db_table
        changes = ", ".join(f"{name} = {name} * {times}" for name in names)
        _execute(f'UPDATE "{table}" SET {changes}')


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


def _drop_indexes(tables: Sequence[Table]) -> list[list[str]]:
    """Drop the indexes that no constraint needs; return what makes them again."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT i.indexrelid::regclass, pg_get_indexdef(i.indexrelid) FROM pg_index AS i "
            "JOIN pg_class AS t ON t.oid = i.indrelid WHERE t.relname = ANY(%s) AND NOT EXISTS "
            "(SELECT 1 FROM pg_constraint AS c WHERE c.conindid = i.indexrelid) "
            "ORDER BY pg_relation_size(t.oid) DESC",
            [[model._meta.db_table for model in tables]],
        )
        indexes = cursor.fetchall()
    _execute(*(f"DROP INDEX {name}" for name, _definition in indexes))
    return [[definition] for _name, definition in indexes]
