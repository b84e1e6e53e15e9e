"""Writing many rows at once, whatever their number."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from django.db import connection, models

from o2c.core import prepared
from o2c.core.compiling import (
    ADDED,
    fill_in,
    history_values,
    names_of,
    sql_type,
    values_of,
    writing_of,
)
from o2c.core.work import assert_in_command

R = TypeVar("R", bound=models.Model)


def insert_rows(new: Iterable[R], *, reason: str = "") -> list[R]:
    """Insert new rows of one model, with their history, and fill in what the database made up.

    Keys are given in the order of the rows.
    """
    assert_in_command()
    rows = list(new)
    if not rows:
        return rows
    writing = writing_of(type(rows[0]))
    table = [values_of(row, writing.fields, add=True) for row in rows]
    parameters: list[Any] = [list(column) for column in zip(*table, strict=True)]
    history = ""
    if writing.insert_history:
        history = f", h AS ({writing.insert_history})"
        parameters += history_values(ADDED, reason[:200] or None)
    stored = prepared.fetch(
        f"WITH document AS ({writing.insert_many}){history} "
        f"SELECT {names_of(writing.made_up)} FROM document ORDER BY id",
        parameters,
    )
    for row, made_up in zip(rows, stored, strict=True):
        fill_in(row, writing.made_up, made_up)
    return rows


def update_rows(rows: Sequence[models.Model], fields: Sequence[str]) -> None:
    """Write the named fields of rows, which the caller has locked.

    All rows are of one model. Constraints of the table decide as ever.
    """
    assert_in_command()
    if not rows:
        return
    meta = rows[0]._meta
    columns: list[Any] = [meta.get_field(name) for name in fields]
    pairs = ", ".join(f'"{column.column}" = v."{column.column}"' for column in columns)
    names = ", ".join(f'"{column.column}"' for column in columns)
    arrays = ", ".join(f"%s::{sql_type(column)}[]" for column in columns)
    values = [
        [column.get_db_prep_save(getattr(row, column.attname), connection) for row in rows]
        for column in columns
    ]
    written = prepared.execute(
        f'UPDATE "{meta.db_table}" AS t SET {pairs} '
        f"FROM unnest(%s::bigint[], {arrays}) AS v(id, {names}) WHERE t.id = v.id",
        [[row.pk for row in rows], *values],
    )
    assert written == len(rows), f"{written} of {len(rows)} rows written"


def add_to_counters(
    model: type[models.Model], deltas: Mapping[int, Mapping[str, Decimal]]
) -> dict[int, dict[str, Decimal]]:
    """Add deltas to counter columns and return their new values, by primary key.

    Locks the rows in primary key order within the same statement, so two callers never wait for
    each other in a circle; the table's CHECKs refuse what is impossible (IntegrityError).
    """
    assert_in_command()
    if not deltas:
        return {}
    names = sorted({name for delta in deltas.values() for name in delta})
    columns: list[Any] = [model._meta.get_field(name) for name in names]
    table = model._meta.db_table
    sums = ", ".join(f'"{c.column}" = t."{c.column}" + v."{c.column}"' for c in columns)
    cols = ", ".join(f'"{c.column}"' for c in columns)
    arrays = ", ".join(f"%s::{sql_type(c)}[]" for c in columns)
    returned = ", ".join(f't."{c.column}"' for c in columns)
    keys = sorted(deltas)
    values = [[deltas[key].get(name, Decimal(0)) for key in keys] for name in names]
    counted = prepared.fetch(
        f'WITH held AS MATERIALIZED (SELECT id FROM "{table}" WHERE id = ANY(%s) '
        f"ORDER BY id FOR NO KEY UPDATE) "
        f'UPDATE "{table}" AS t SET {sums} '
        f"FROM unnest(%s::bigint[], {arrays}) AS v(id, {cols}) "
        f"WHERE t.id = v.id AND t.id IN (SELECT id FROM held) RETURNING t.id, {returned}",
        [keys, keys, *values],
    )
    assert len(counted) == len(keys), f"{len(counted)} of {len(keys)} rows counted"
    return {key: dict(zip(names, counts, strict=True)) for key, *counts in counted}
