"""Many rows out of one, by one INSERT: for tests of size, as commands would take hours.

A whole company of any size is made by `o2c.rehearsal.generate`.
"""

from typing import Any

from django.db import connection, models

from o2c.core.constraints import field_of


def _is_text(field: Any) -> bool:
    return isinstance(field, models.CharField) and not (field.generated or field.choices)


def multiply_row(row: models.Model, times: int) -> None:
    """Add `times` rows like this one, of the same customer, order and whatever it belongs to."""
    model = type(row)
    columns = {
        field.column: f'r."{field.column}"'
        for field in model._meta.concrete_fields
        if not (field.generated or field.primary_key)
    }
    for field in model._meta.concrete_fields:
        if field.unique and _is_text(field):
            columns[field.column] = _numbered(field)
        elif field.unique and field.is_relation and field.null:
            columns[field.column] = "NULL"  # what it names can be named once
    for rule in model._meta.constraints:
        if isinstance(rule, models.UniqueConstraint):
            columns.update(_told_apart(model, rule))
    names = ", ".join(f'"{name}"' for name in columns)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            f'INSERT INTO "{model._meta.db_table}" ({names}) SELECT {", ".join(columns.values())} '
            f'FROM "{model._meta.db_table}" AS r, generate_series(1, {times}) AS k WHERE r.id = %s',
            [row.pk],
        )
        cursor.execute("SET LOCAL session_replication_role = origin")
        cursor.execute(f'ANALYZE "{model._meta.db_table}"')


def multiply_under(row: models.Model, parent: str, times: int) -> None:
    """Add `times` rows like the one that `parent`, a foreign key, names, each with a row like this.

    For rows of which another can have one only: the credit account of a customer.
    """
    model = type(row)
    above = getattr(row, parent)
    multiply_row(above, times)
    field = model._meta.get_field(parent)
    columns = {
        each.column: "p.id" if each is field else f'r."{each.column}"'
        for each in model._meta.concrete_fields
        if not (each.generated or each.primary_key)
    }
    names = ", ".join(f'"{name}"' for name in columns)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            f'INSERT INTO "{model._meta.db_table}" ({names}) SELECT {", ".join(columns.values())} '
            f'FROM "{model._meta.db_table}" AS r, "{above._meta.db_table}" AS p '
            f"WHERE r.id = %s AND p.id > %s",
            [row.pk, above.pk],
        )
        cursor.execute("SET LOCAL session_replication_role = origin")
        cursor.execute(f'ANALYZE "{model._meta.db_table}"')


def _told_apart(model: type[models.Model], rule: models.UniqueConstraint) -> dict[str, str]:
    """What differs from row to row where columns may come once: their last text or number."""
    names = rule.fields or [field_of(rule)]  # of a code by its capitals, the code
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    for field in reversed(fields):
        if _is_text(field) and field.max_length > 8:
            return {field.column: _numbered(field)}
        if isinstance(field, models.IntegerField) and not field.is_relation:
            return {field.column: f'r."{field.column}" + k'}
    return {}


def _numbered(field: Any) -> str:
    column = f'r."{field.column}"'
    if field.name == "number" and field.null:
        digits = f"substring({column} from '[0-9]+$')"
        padded = f"lpad(({digits}::bigint + k)::text, length({digits}), '0')"
        return f"regexp_replace({column}, '[0-9]+$', '') || {padded}"
    text = f"left({column}, {field.max_length - 6}) || '~' || k"
    return f"CASE WHEN {column} = '' THEN '' ELSE {text} END"
