"""Opening stock from a file: what lies where, and what it cost."""

import hashlib
from collections.abc import Sequence
from decimal import Decimal

from django.db import connection
from django.utils.translation import gettext as _

from o2c.core.actors import Actor, require
from o2c.core.codes import with_codes
from o2c.core.commands import command
from o2c.core.number_keys import code_key
from o2c.masters.models import Item, Location
from o2c.stock.commands.book import Receipt
from o2c.stock.commands.documents import receive_goods
from o2c.stock.commands.moves import fault_of_quantity
from o2c.stock.models import StockReceipt
from o2c.stock.rules import ZERO
from o2c.tabular import (
    Code,
    FileRefused,
    Number,
    Record,
    RowError,
    read_records,
    read_sheet,
)
from o2c.tabular.imports import ImportResult

STOCK_COLUMNS = [
    Code(name="item", required=True, aliases=("sku", "item_code")),
    Code(name="warehouse", required=True),
    Code(name="location", required=True, aliases=("bin",)),
    Code(name="lot"),
    Number(name="quantity", required=True, decimals=3, minimum=Decimal("0.001")),
    Number(name="unit_cost", decimals=6, minimum=ZERO, aliases=("cost",)),
]


@command(timeout_s=300)
def import_stock(
    file_name: str, data: bytes, *, dry_run: bool = False, actor: Actor
) -> ImportResult:
    """Receive what a CSV or XLSX file lists, one goods receipt per warehouse.

    Columns: item, warehouse, location, quantity, and if wanted lot and unit_cost (base currency;
    the standard cost when empty). All or nothing: any error refuses the file. The same file
    comes in once; a second time its rows are skipped. A dry run stores nothing.
    """
    require(actor, "stock.receive_goods")
    result = ImportResult("stock", file_name, dry_run)
    try:
        read = read_records(read_sheet(file_name, data), STOCK_COLUMNS)
    except FileRefused as refusal:
        result.refuse(refusal)
        return result
    result.errors += read.errors
    result.notes += read.notes
    result.rows = len(read.records) + len({error.row for error in read.errors})
    reference = f"import {hashlib.sha256(data).hexdigest()[:16]}"
    if _is_in_the_books(result, reference):
        return result
    by_warehouse = _receipts(result, [*read.records, *read.broken])
    if result.refused:
        return result
    result.created = len(read.records)
    result.add_sums(("quantity", record.values["quantity"]) for record in read.records)
    for warehouse_id, lines in {} if dry_run else by_warehouse.items():
        receive_goods(warehouse_id, lines, reference=reference, actor=actor)
    return result


def _is_in_the_books(result: ImportResult, reference: str) -> bool:
    """Whether this file came in before; if so its rows count as skipped.

    A twin that is being imported at this moment is waited for.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [reference])
    there = StockReceipt.objects.filter(reference=reference).order_by("pk")
    numbers = ", ".join(receipt.number for receipt in there)
    if not numbers:
        return False
    result.skipped = result.rows
    result.notes.append(
        _("This file is in the books already: %(receipts)s.") % {"receipts": numbers}
    )
    return True


def _receipts(result: ImportResult, records: Sequence[Record]) -> dict[int, list[Receipt]]:
    """The lines for each warehouse; what is wrong goes into the result.

    Records that could not be read in full are looked at as well, so that one try shows all that
    is wrong with them.
    """
    wanted = {record.values.get("item", "") for record in records}
    items = {
        code_key(item.code): item
        for item in with_codes(Item.objects.select_related("unit"), wanted)
    }
    names = {record.values.get("warehouse", "") for record in records}
    places = {
        (code_key(place.warehouse.code), code_key(place.code)): place
        for place in with_codes(
            Location.objects.filter(active=True).select_related("warehouse"),
            names,
            "warehouse__code",
        )
    }
    known = {warehouse for warehouse, _code in places}
    answer: dict[int, list[Receipt]] = {}
    for record in records:
        values = record.values
        warehouse = code_key(values.get("warehouse", ""))
        item = items.get(code_key(values.get("item", "")))
        place = places.get((warehouse, code_key(values.get("location", ""))))
        problems = _problems(record, item, place, warehouse in known)
        result.errors += problems
        if item is None or place is None or problems or result.refused:
            continue
        line = Receipt(
            item.pk, place.pk, values["quantity"], values.get("unit_cost"), values.get("lot") or ""
        )
        answer.setdefault(place.warehouse_id, []).append(line)
    return answer


def _problems(
    record: Record, item: Item | None, place: Location | None, warehouse_known: bool
) -> list[RowError]:
    """What is wrong with a row, by field; nothing about a field that could not be read."""
    values, found = record.values, {}
    if item is None:
        found["item"] = _("There is no such item.")
    elif problem := fault_of_quantity(item, values.get("quantity", ZERO)):
        found["quantity" if item.is_stocked else "item"] = problem
    if not warehouse_known:
        found["warehouse"] = _("There is no such warehouse, or it has no locations.")
    elif place is None:
        found["location"] = _("The warehouse has no such location.")
    return [
        RowError(record.row, field, str(values[field]), message)
        for field, message in found.items()
        if field in values
    ]
