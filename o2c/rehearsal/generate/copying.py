"""How a row of the small company becomes `times` rows of the large one.

Row n of a table becomes the rows (n - 1) * times + 1 to n * times, one for each copy. So rows keep
their order in time, a number stays the one its id makes, numbers without gaps stay without gaps,
and what a row names is always of the same copy.
"""

from django.apps import apps
from django.db.models import Field, GeneratedField, JSONField, Model

Table = type[Model]

#: There once, however large the company is: its settings, people, places and books.
_SHARED_APPS = {"auth", "contenttypes", "sessions", "admin", "account", "mfa"}
SHARED = {
    *("core.user", "core.user_groups", "core.user_user_permissions", "core.numberseries"),
    *("core.idempotencykey", "core.jobrun", "masters.company", "masters.currency"),
    *("masters.exchangerate", "masters.bankaccount", "masters.taxcode", "masters.taxrate"),
    *("masters.taxprofile", "masters.taxrule", "masters.unit", "masters.itemcategory"),
    *("masters.pricelist", "masters.paymentterms", "masters.paymenttermsline"),
    *("masters.warehouse", "masters.location", "masters.carrier", "masters.carrierservice"),
    *("ledger.account", "ledger.period", "credit.creditauthority", "receivables.dunningpolicy"),
    *("receivables.dunninglevel", "receivables.bankfeed", "receivables.dunningrun"),
    "reconciliation.bankstatement",
}
#: What a shared row counts or adds up over copied ones.
SCALED = {
    "core.numberseries": ("last_number",),
    "ledger.period": ("entry_count",),
    "receivables.dunningrun": ("letter_count", "notice_count", "excluded_count"),
    "reconciliation.bankstatement": ("opening", "closing", "line_count"),
}
#: Codes and keys that may be there once: the first copy keeps them, the others add their number.
NAMED = {
    *("masters.customer.code", "masters.item.code", "core.outgoingmessage.dedup_key"),
    "reconciliation.bankline.dedup_key",
}
#: Names that people tell customers apart by.
WORDED = {"masters.customer.name", "masters.customer.legal_name"}
#: Numbers somebody else gives out: the first copy keeps them, the others have none.
ONCE = {"masters.item.barcode", "masters.itemunit.barcode", "masters.customer.vat_id"}
#: Counted as ids are: lines of a shared row, and ids that no foreign key declares.
COUNTED = {
    *("reconciliation.bankline.line_number", "receivables.payment.bank_line_id"),
    "stock.move.line_id",
}
IBANS = {"reconciliation.bankline.counterparty_iban", "reconciliation.payeralias.iban"}
#: The column that names a model, and the one that holds the id of its row.
_GENERIC = {"document_type": "document_id", "source_type": "source_id"}


def copied() -> list[Table]:
    """Every model whose rows are copied, history included."""
    return [model for model in apps.get_models(include_auto_created=True) if not is_shared(model)]


def is_shared(model: Table) -> bool:
    recorded = getattr(model, "instance_type", model)  # a row of history goes with its subject
    return recorded._meta.app_label in _SHARED_APPS or recorded._meta.label_lower in SHARED


def columns(model: Table) -> list[Field]:
    """The columns that are written; the database makes the others."""
    return [f for f in model._meta.local_concrete_fields if not isinstance(f, GeneratedField)]


def expression(model: Table, field: Field, times: int, numbers: int) -> str:
    """The value of a column in copy `k`, from the small company's row `r`.

    numbers: how many document numbers the column's texts hold at most; see `texts.py`.
    """
    column = f'r."{field.column}"'
    name = f"{getattr(model, 'instance_type', model)._meta.label_lower}.{field.name}"
    if name in COUNTED or _names_copied_row(model, field):
        return moved(column, times)
    if field.name in _GENERIC.values() and (kind := _kind_column(model, field)):
        of_shared = f"r.{kind} IN ({_shared_kinds()})"
        return f"CASE WHEN {of_shared} THEN {column} ELSE {moved(column, times)} END"
    if name in NAMED:
        named = f"left({column}, {(field.max_length or 0) - 8}) || '-' || k"
        return f"CASE WHEN k = 0 OR {column} = '' THEN {column} ELSE {named} END"
    if name in WORDED:
        return f"CASE WHEN k = 0 THEN {column} ELSE {column} || ' ' || k + 1 END"
    if name in ONCE:
        return f"CASE WHEN k = 0 THEN {column} ELSE '' END"
    if name in IBANS:
        return _iban(column, times)
    if numbers:
        return _renumbered(field, column, times, numbers)
    return column


def once(model: Table) -> str:
    """The condition under which a row is there once: it is about something shared."""
    kind = next((k for k, of in _GENERIC.items() if k in _names(model) and of in _names(model)), "")
    if kind:
        return f"r.{kind} IN ({_shared_kinds()})"
    about = [
        f'coalesce(r."{field.column}" IN (SELECT r.id FROM {source(field.related_model)} AS r '
        f"WHERE {once(field.related_model)}), false)"
        for field in columns(model)
        if field.related_model in _with_kinds() and not is_shared(field.related_model)
    ]
    return " OR ".join(about) or "false"


def source(model: Table) -> str:
    """The table that keeps the small company's rows while they are copied."""
    return f'"small_{model._meta.db_table}"'


def moved(column: str, times: int) -> str:
    """The id that row `column` has in copy `k`."""
    return f"({column} - 1) * {times} + 1 + k"


def _names(model: Table) -> set[str]:
    return {field.name for field in columns(model)}


def _with_kinds() -> list[Table]:
    return [model for model in copied() if _names(model) & set(_GENERIC)]


def _names_copied_row(model: Table, field: Field) -> bool:
    if field.related_model is not None:
        return not is_shared(field.related_model)
    return field.primary_key or (hasattr(model, "instance_type") and field.name == "id")


def _kind_column(model: Table, field: Field) -> str | None:
    return next((k for k, of in _GENERIC.items() if of == field.name and k in _names(model)), None)


def _shared_kinds() -> str:
    shared = (model._meta.label_lower for model in apps.get_models() if is_shared(model))
    return ", ".join(f"'{label}'" for label in shared)


def _iban(column: str, times: int) -> str:
    """A German account number ends in ten digits that are counted; its check digits follow."""
    counted = moved(f"substr({column}, 13)::bigint", times)
    account = f"substr({column}, 5, 8) || lpad(({counted})::text, 10, '0')"
    return (
        f"CASE WHEN {column} NOT LIKE 'DE____________________' THEN {column} ELSE "
        f"'DE' || lpad((98 - ({account} || '131400')::numeric % 97)::text, 2, '0') || {account} END"
    )


def _renumbered(field: Field, column: str, times: int, numbers: int) -> str:
    """The text with each document number replaced by that of its copy."""
    arguments = ", ".join(
        _number(f'r."{field.column}_nr{place}"', times) for place in range(1, numbers + 1)
    )
    text = f'format(r."{field.column}_text", {arguments})'
    text = f"{text}::jsonb" if isinstance(field, JSONField) else text
    return f'CASE WHEN r."{field.column}_text" IS NULL THEN {column} ELSE {text} END'


def _number(column: str, times: int) -> str:
    digits = f"({moved(column, times)})::text"
    return f"lpad({digits}, greatest(6, length({digits})), '0')"
