"""Many rows out of few, one INSERT per table: for tests of size, as commands would take hours.

`multiply_world` copies all there is, each copy with customers, items and documents of its own that
refer to each other as the first ones do. So what holds of one world holds of many.
"""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import connection, models

STRIDE = 200_000  # between the keys of one copy and the next; ten thousand copies fit an integer
#: One for all worlds: who works here, and what the company has chosen.
SHARED_APPS = {"admin", "auth", "contenttypes", "sessions", "account", "mfa", "sample"}
SHARED = {
    *("core.User", "core.NumberSeries", "core.JobRun", "core.IdempotencyKey"),
    *("masters.Company", "masters.Currency", "masters.ExchangeRate", "masters.TaxCode"),
    *("masters.TaxRate", "masters.TaxProfile", "masters.TaxRule", "masters.Unit"),
    *("masters.ItemCategory", "masters.PaymentTerms", "masters.PaymentTermsLine"),
    *("masters.Carrier", "masters.CarrierService", "ledger.Account", "ledger.Period"),
    *("credit.CreditAuthority", "receivables.DunningPolicy", "receivables.DunningLevel"),
    *("receivables.DunningRun", "receivables.DunningExclusion", "receivables.DunningLetter"),
    *("receivables.DunningNotice", "receivables.BankFeed"),
}
#: Keys without a foreign key: what they point at is told by the column of its type, or is known.
LOOSE = {"document_id": "document_type", "source_id": "source_type"}
LOOSE_OF_OURS = {"line_id", "bank_line_id"}


def multiply_world(copies: int) -> None:
    """Add `copies` worlds like the one there is. Numbers of legal documents go on without a gap."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for model in _multiplied():
            columns = _columns(model)
            names = ", ".join(f'"{name}"' for name in columns)
            values = ", ".join(columns.values())
            cursor.execute(
                f'INSERT INTO "{model._meta.db_table}" ({names}) SELECT {values} '
                f'FROM "{model._meta.db_table}" AS r CROSS JOIN generate_series(1, {copies}) AS k '
                f"WHERE {_is_of_one_world(model)}"
            )
        cursor.execute(f"UPDATE core_numberseries SET last_number = last_number * {copies + 1}")
        cursor.execute("RESET session_replication_role")
        cursor.execute("ANALYZE")


def _multiplied() -> Iterator[type[models.Model]]:
    for model in apps.get_models():
        if not _is_shared(model):
            yield model


def _is_shared(model: type[models.Model]) -> bool:
    tracked = getattr(model, "instance_type", model)  # of a history, what it is the history of
    return tracked._meta.app_label in SHARED_APPS or tracked._meta.label in SHARED


def _is_of_one_world(model: type[models.Model]) -> str:
    """Whether a row is copied: not when it tells of a document that all worlds share."""
    if any(field.name == "document_type" for field in model._meta.fields):
        return f"r.document_type IN ({_labels()})"
    if model._meta.label == "core.Delivery":
        return f"r.event_id IN (SELECT id FROM core_event WHERE document_type IN ({_labels()}))"
    return "true"


def _labels() -> str:
    return ", ".join(f"'{model._meta.label_lower}'" for model in _multiplied())


def _columns(model: type[models.Model]) -> dict[str, str]:
    """What a copy holds in each column."""
    moved = {
        field.column: _value(field, model)
        for field in model._meta.concrete_fields
        if not field.generated
    }
    for field in _made_different(model, moved):
        moved[field.column] = _different(field)
    return moved


def _value(field: Any, model: type[models.Model]) -> str:
    column = f'r."{field.column}"'
    of_history = hasattr(model, "instance_type") and field.name == "id"
    if field.primary_key or of_history or field.name in LOOSE_OF_OURS:
        return f"{column} + k * {STRIDE}"
    if field.is_relation and not _is_shared(field.related_model):
        return f"{column} + k * {STRIDE}"
    if field.name in LOOSE and any(f.name == LOOSE[field.name] for f in model._meta.fields):
        theirs = f'r."{LOOSE[field.name]}" IN ({_labels()})'
        return f"CASE WHEN {theirs} THEN {column} + k * {STRIDE} ELSE {column} END"
    if field.name == "snapshot" and model._meta.label == "invoicing.Invoice":
        return f"jsonb_set({column}, '{{number}}', to_jsonb({_next_number('r.number')}))"
    if field.name == "posted_at":  # numbers follow the order of posting
        return f"{column} + k * interval '1 day'"
    return column


def _made_different(model: type[models.Model], moved: dict[str, str]) -> Iterator[Any]:
    """Texts that may come once only, where no key that moves makes the difference."""
    yield from (f for f in model._meta.concrete_fields if f.unique and _is_text(f))
    for rule in model._meta.constraints:
        if isinstance(rule, models.UniqueConstraint):
            fields = [model._meta.get_field(name) for name in rule.fields]
            if not any(f"* {STRIDE}" in moved[field.column] for field in fields):
                yield from [field for field in fields if _is_text(field) and field.max_length > 8][
                    -1:
                ]


def _is_text(field: Any) -> bool:
    return isinstance(field, models.CharField) and not (field.generated or field.choices)


def _different(field: Any) -> str:
    column = f'r."{field.column}"'
    if field.name == "number" and field.null:
        return _next_number(column)
    return f"CASE WHEN {column} = '' THEN '' ELSE left({column}, {field.max_length - 5}) || k END"


def _next_number(column: str) -> str:
    """The number so many further as there are in the series."""
    digits = f"substring({column} from '[0-9]+$')"
    last = "(SELECT last_number FROM core_numberseries WHERE code = r.series)"
    return (
        f"regexp_replace({column}, '[0-9]+$', '') || "
        f"lpad(({digits}::bigint + k * {last})::text, length({digits}), '0')"
    )


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
    fields: list[Any] = [model._meta.get_field(name) for name in rule.fields]
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
