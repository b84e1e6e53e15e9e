"""The terms of a promise: what lies there, what is set aside, what comes, what is promised."""

from collections.abc import Collection
from datetime import date

from django.db.models import F

from o2c.core import prepared
from o2c.stock.queries.sql import SUPPLY
from orders.models import OrderLine
from orders.models.states import PROMISED
from orders.rules.promising import Term

_TERMS = f"""
SELECT item_id, kind, day, quantity, reference FROM ({SUPPLY}) AS supply
WHERE item_id = ANY(%(items)s) AND warehouse_id = %(warehouse)s
UNION ALL
SELECT p.item_id, 'promised', p.day, -least(p.quantity, p.waiting - p.later), p.number
FROM (
    SELECT l.item_id, o.number, (part->>'day')::date AS day,
           (part->>'quantity')::numeric AS quantity,
           l.quantity - l.cancelled - l.shipped - l.reserved AS waiting,
           coalesce(sum((part->>'quantity')::numeric) OVER (
               PARTITION BY l.id ORDER BY nr DESC
               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS later
    FROM orders_orderline l
    JOIN orders_order o ON o.id = l.order_id
    CROSS JOIN LATERAL jsonb_array_elements(l.promise->'parts') WITH ORDINALITY AS x(part, nr)
    WHERE l.item_id = ANY(%(items)s) AND NOT l.is_service
      AND l.quantity > l.cancelled + l.shipped + l.reserved
      AND o.warehouse_id = %(warehouse)s AND o.state = ANY(%(states)s) AND o.id <> ALL(%(but_not)s)
) p
WHERE p.waiting > p.later
"""


def supply_terms(
    item_ids: Collection[int], warehouse_id: int, today: date, *, but_not: Collection[int]
) -> dict[int, list[Term]]:
    """Every term of each item's availability in a warehouse, promises of these orders left out.

    Goods set aside count as reserved; of a promise in parts those count last-first that nothing
    is set aside for yet.
    """
    if not item_ids:
        return {}
    found = prepared.fetch(
        _TERMS,
        {
            "items": list(item_ids),
            "warehouse": warehouse_id,
            "states": [str(state) for state in PROMISED],
            "but_not": list(but_not),
        },
    )
    terms: dict[int, list[Term]] = {}
    for item_id, kind, day, quantity, reference in found:
        terms.setdefault(item_id, []).append(Term(kind, day or today, quantity, reference))
    return terms


def orders_promised(item_ids: Collection[int], warehouse_id: int) -> list[int]:
    """Keys of orders that stand in a warehouse's promise for one of these items, oldest first.

    Goods set aside already need no promise.
    """
    waiting = OrderLine.objects.filter(
        item_id__in=item_ids,
        is_service=False,
        quantity__gt=F("cancelled") + F("shipped") + F("reserved"),
        order__warehouse=warehouse_id,
        order__state__in=PROMISED,
    )
    return list(waiting.order_by("order_id").values_list("order_id", flat=True).distinct())
