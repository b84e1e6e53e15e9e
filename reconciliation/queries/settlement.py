"""How far the orders that a document touches are settled, and whether the bank agrees."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from invoicing.models import Invoice
from invoicing.queries.sql import POSTED
from o2c.core import prepared
from o2c.core.compiled import compiled
from orders.models.states import BILLED
from receivables.models import Allocation
from receivables.queries.sql import ITEMS, PAID


@dataclass(frozen=True)
class Settlement:
    """How far what was billed of an order is settled.

    `is_paid`: no invoice of it is open. `is_matched`: no credit note is open either, and every
    payment behind that is a line of a bank statement; credits and write-offs need no bank.
    """

    is_paid: bool
    is_matched: bool


_SETTLEMENT = f"""
WITH billed AS (
    SELECT id, order_id, open_amount FROM ({ITEMS}) AS item WHERE order_id = ANY(%(orders)s)
), live AS (
    SELECT billed.order_id, paid.bank_line_id
    FROM billed JOIN ({PAID}) AS paid ON paid.open_item_id = billed.id
    GROUP BY billed.order_id, paid.payment_id, paid.bank_line_id HAVING sum(paid.settled) <> 0
)
SELECT o.id,
    coalesce(bool_and(billed.open_amount <= 0), NOT EXISTS (
        SELECT 1 FROM ({POSTED}) AS i WHERE i.order_id = o.id AND i.gross <> 0
    )),
    coalesce(bool_and(billed.open_amount = 0), true) AND NOT EXISTS (
        SELECT 1 FROM live WHERE live.order_id = o.id AND live.bank_line_id IS NULL
    )
FROM unnest(%(orders)s::bigint[]) AS o (id) LEFT JOIN billed ON billed.order_id = o.id
GROUP BY o.id
ORDER BY o.id
"""


def settlement_of_orders(order_ids: Collection[int]) -> dict[int, Settlement]:
    """How each order stands, by id."""
    found = prepared.fetch(_SETTLEMENT, {"orders": sorted(set(order_ids))})
    return {row[0]: Settlement(row[1], row[2]) for row in found}


def orders_touched_by(**sources: Collection[int]) -> list[int]:
    """The orders whose items payments, credit applications or write-offs were ever used for.

    `sources` names one of `payment_ids`, `credit_application_ids`, `write_off_ids`.
    """
    ((name, keys),) = sources.items()
    found = _orders_of_uses(list(keys), field=f"{name.removesuffix('_ids')}_id__in")
    return sorted(order_id for (order_id,) in found if order_id is not None)


@compiled
def _orders_of_uses(keys: list[int], *, field: str) -> "QuerySet[Any, Any]":
    used = Allocation.objects.filter(**{field: keys}).order_by()
    settled = used.values_list("open_item__order_id")
    given = used.filter(credit_item__isnull=False).values_list("credit_item__order_id")
    return settled.union(given)


def order_billed_by(invoice_id: int) -> int | None:
    """The order of an invoice, when it is billed to the end and so may count as paid."""
    return (
        Invoice.objects.filter(pk=invoice_id, order__state__in=BILLED)
        .values_list("order_id", flat=True)
        .first()
    )
