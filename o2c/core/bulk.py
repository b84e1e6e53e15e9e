"""Writing many rows at once, whatever their number."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from django.db import models

from o2c.core import prepared
from o2c.core.compiling import (
    ADDED,
    fill_in,
    history_values,
    in_places,
    names_of,
    source_of,
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
    writing = writing_of(type(rows[0]), many=len(rows) > 1)
    parameters: list[Any] = values_of(rows, writing.fields, add=True)
    history = ""
    if writing.insert_history:
        history = f", h AS ({writing.insert_history})"
        parameters += history_values(ADDED, reason[:200] or None)
    stored = prepared.fetch(
        f"WITH document AS ({writing.insert}){history} "
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
    assert meta.pk is not None
    pairs = ", ".join(f'"{column.column}" = v."{column.column}"' for column in columns)
    written = prepared.execute(
        f'UPDATE "{meta.db_table}" AS t SET {pairs} '
        f"FROM {source_of([*columns, meta.pk], many=len(rows) > 1)} WHERE t.id = v.id",
        values_of(rows, [*columns, meta.pk]),
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
    keys = sorted(deltas)
    rows = [[*(deltas[key].get(name, Decimal(0)) for name in names), key] for key in keys]
    counted = prepared.fetch(
        f'WITH held AS MATERIALIZED (SELECT id FROM "{table}" WHERE id = ANY(%s) '
        f"ORDER BY id FOR NO KEY UPDATE) "
        f'UPDATE "{table}" AS t SET {sums} '
        f"FROM {source_of([*columns, model._meta.pk], many=len(rows) > 1)} "
        f"WHERE t.id = v.id AND t.id IN (SELECT id FROM held) "
        f"RETURNING t.id, {names_of(columns, of='t.')}",
        [keys, *in_places(rows)],
    )
    assert len(counted) == len(keys), f"{len(counted)} of {len(keys)} rows counted"
    return {key: dict(zip(names, counts, strict=True)) for key, *counts in counted}
