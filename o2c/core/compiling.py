"""The SQL that writes the rows of a model, made once from what the model declares: docs/adr/0032.

What `save()` would write and the history row with it, as parts of a larger statement. The values
are those of `Field.get_db_prep_save`, so each field converts and refuses as ever. One row is sent
as values, many as an array for each column: docs/adr/0058.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Field, Model

from o2c.core import clock
from o2c.core.actors import acting_username

ADDED, CHANGED = "+", "~"  # what django-simple-history calls them


@dataclass(frozen=True)
class Writing:
    """How one row or many rows of a model are written."""

    fields: list["Field[Any, Any]"]  # all that an INSERT writes
    changed: list["Field[Any, Any]"]  # all that an UPDATE takes: every column, the key last
    made_up: list["Field[Any, Any]"]  # what the database makes up: id, number
    insert: str  # the rows get their keys in the order of the values
    update: str
    #: copies what the CTE `document` returned and `history_values`; "" where no history is kept
    insert_history: str


@cache
def writing_of(model: type[Model], *, many: bool) -> Writing:
    """How rows of this model are written, one or many at once."""
    meta = model._meta
    table, key = meta.db_table, meta.pk
    assert key is not None
    fields: list[Field[Any, Any]] = [
        field
        for field in meta.local_concrete_fields
        if not field.generated and field is not meta.auto_field
    ]
    made_up = list(meta.db_returning_fields)
    history = _insert_history(model)
    returned = meta.local_concrete_fields if history else made_up
    changed = [field for field in fields if field is not key]
    pairs = ", ".join(f'"{field.column}" = v."{field.column}"' for field in changed)
    changed.append(key)
    return Writing(
        fields=fields,
        changed=changed,
        made_up=made_up,
        insert=f'INSERT INTO "{table}" ({names_of(fields)}) SELECT {names_of(fields)} '
        f"FROM {source_of(fields, many=many)} ORDER BY nr RETURNING {names_of(returned)}",
        update=f'UPDATE "{table}" AS t SET {pairs} FROM {source_of(changed, many=many)} '
        f'WHERE t."{key.column}" = v."{key.column}" RETURNING {names_of(returned, of="t.")}',
        insert_history=history,
    )


def source_of(fields: Iterable["Field[Any, Any]"], *, many: bool) -> str:
    """Rows `v` of these columns and their `nr` from 1, with a place for what `values_of` gives."""
    types = {f'"{field.column}"': _sql_type(field) for field in fields}
    return typed_source(types, many=many)


def typed_source(types: Mapping[str, str], *, many: bool) -> str:
    """Rows `v` of columns of these SQL types, as `source_of`."""
    names = ", ".join(types)
    if not many:
        places = ", ".join(f"%s::{sql_type}" for sql_type in types.values())
        return f"(VALUES ({places}, 1)) AS v({names}, nr)"
    places = ", ".join(f"%s::{sql_type}[]" for sql_type in types.values())
    return f"unnest({places}) WITH ORDINALITY AS v({names}, nr)"


def _insert_history(model: type[Model]) -> str:
    manager = getattr(model, "history", None)
    if manager is None:
        return ""
    kept = {field.column for field in manager.model._meta.concrete_fields}
    names = names_of(f for f in model._meta.concrete_fields if f.column in kept)
    return (
        f'INSERT INTO "{manager.model._meta.db_table}" ({names}, history_date, history_type, '
        f"history_change_reason, history_user_id) "
        f"SELECT {names}, %s::timestamptz, %s, %s, %s FROM document"
    )


def history_values(kind: str, reason: str | None) -> list[Any]:
    """When, what happened, why, and who: what a history row says besides the row itself."""
    return [clock.now(), kind, reason, acting_username.get() or None]


def values_of(
    rows: Sequence[Model], fields: Sequence["Field[Any, Any]"], *, add: bool = False
) -> list[Any]:
    """What is written of rows: the values of one, else a list for each column.

    Raises what the fields raise.
    """
    table = [
        [field.get_db_prep_save(field.pre_save(row, add), connection) for field in fields]
        for row in rows
    ]
    return in_places(table)


def in_places(table: Sequence[Sequence[Any]]) -> list[Any]:
    """The values of rows as `typed_source` has places for them."""
    return (
        list(table[0]) if len(table) == 1 else [list(column) for column in zip(*table, strict=True)]
    )


def fill_in(row: Model, made_up: Sequence["Field[Any, Any]"], values: Iterable[Any]) -> None:
    """Say on an inserted row what the database made up, and that it is stored."""
    for field, value in zip(made_up, values, strict=True):
        setattr(row, field.attname, value)
    row._state.adding = False
    row._state.db = DEFAULT_DB_ALIAS


def names_of(fields: Iterable["Field[Any, Any]"], *, of: str = "") -> str:
    """Columns, for SQL; `of` is the table they are of, with its point."""
    return ", ".join(f'{of}"{field.column}"' for field in fields)


def _sql_type(field: "Field[Any, Any]") -> str:
    """The type of a column without its limits, which the column itself checks."""
    declared = str(field.cast_db_type(connection) or field.db_type(connection))
    return declared.partition("(")[0]
