"""The SQL that Django's `save()` would send, to be made part of a larger statement.

The only place that asks Django's compilers, which are private: see docs/adr/0032.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import Field, Model
from django.db.models.sql import InsertQuery, UpdateQuery


def save_sql(row: Model) -> tuple[str, list[Any], Sequence["Field[Any, Any]"]]:
    """The statement, its parameters and the fields it returns.

    An UPDATE of every column for a row that has a key, returning the key; else an INSERT, returning
    what the database makes up.
    """
    return _update_sql(row) if row.pk else _insert_sql(row)


def _update_sql(row: Model) -> tuple[str, list[Any], Sequence["Field[Any, Any]"]]:
    fields = [
        field
        for field in row._meta.local_concrete_fields
        if not field.primary_key and not field.generated
    ]
    query = UpdateQuery(type(row))
    query.add_update_fields([(f, None, f.pre_save(row, False)) for f in fields])
    query.add_filter("pk", row.pk)  # type: ignore[arg-type]  # the stubs know an older one
    sql, parameters = query.get_compiler(connection=connection).as_sql()
    return f"{sql} RETURNING id", list(parameters), [row._meta.pk]


def _insert_sql(row: Model) -> tuple[str, list[Any], Sequence["Field[Any, Any]"]]:
    meta = row._meta
    fields = [
        field
        for field in meta.local_concrete_fields
        if not field.generated and field is not meta.auto_field
    ]
    query = InsertQuery(type(row))
    query.insert_values(fields, [row])
    compiler = query.get_compiler(connection=connection)
    compiler.returning_fields = meta.db_returning_fields
    ((sql, parameters),) = compiler.as_sql()
    return sql, list(parameters), list(meta.db_returning_fields)
