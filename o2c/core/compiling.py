"""The SQL that writes the rows of a model, made once from what the model declares: docs/adr/0032.

What `save()` would write and the history row with it, as parts of a larger statement. The values
are those of `Field.get_db_prep_save`, so each field converts and refuses as ever.
"""

from collections.abc import Iterable, Sequence
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
    """How rows of one model are written; the statements have `%s` for each value."""

    fields: list["Field[Any, Any]"]  # all that a statement writes
    made_up: list["Field[Any, Any]"]  # what the database makes up: id, number
    insert: str
    insert_many: str  # an array for each column; the rows come back in their order
    update: str  # every column; the key comes last
    #: copies what the CTE `document` returned and `history_values`; "" where no history is kept
    insert_history: str


@cache
def writing_of(model: type[Model]) -> Writing:
    """How rows of this model are written."""
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
    returning = names_of(meta.local_concrete_fields if history else made_up)
    names, places = names_of(fields), ", ".join(["%s"] * len(fields))
    arrays = ", ".join(f"%s::{sql_type(field)}[]" for field in fields)
    pairs = ", ".join(f'"{field.column}" = %s' for field in fields if field is not key)
    return Writing(
        fields=fields,
        made_up=made_up,
        insert=f'INSERT INTO "{table}" ({names}) VALUES ({places}) RETURNING {returning}',
        insert_many=f'INSERT INTO "{table}" ({names}) SELECT {names} FROM unnest({arrays}) '
        f"WITH ORDINALITY AS v({names}, nr) ORDER BY nr RETURNING {returning}",
        update=f'UPDATE "{table}" SET {pairs} WHERE "{key.column}" = %s RETURNING {returning}',
        insert_history=history,
    )


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


def values_of(row: Model, fields: Sequence["Field[Any, Any]"], *, add: bool) -> list[Any]:
    """What is written of a row. Raises what the fields raise."""
    return [field.get_db_prep_save(field.pre_save(row, add), connection) for field in fields]


def values_of_update(row: Model) -> list[Any]:
    """What an UPDATE of the row takes."""
    fields = [field for field in writing_of(type(row)).fields if not field.primary_key]
    return [*values_of(row, fields, add=False), row.pk]


def fill_in(row: Model, made_up: Sequence["Field[Any, Any]"], values: Iterable[Any]) -> None:
    """Say on an inserted row what the database made up, and that it is stored."""
    for field, value in zip(made_up, values, strict=True):
        setattr(row, field.attname, value)
    row._state.adding = False
    row._state.db = DEFAULT_DB_ALIAS


def names_of(fields: Iterable["Field[Any, Any]"]) -> str:
    """Columns, for SQL."""
    return ", ".join(f'"{field.column}"' for field in fields)


def sql_type(field: "Field[Any, Any]") -> str:
    """The type of a column without its limits, which the column itself checks."""
    declared = str(field.cast_db_type(connection) or field.db_type(connection))
    return declared.partition("(")[0]
