"""What is always true of orders. Checked by `manage.py verify`."""

from typing import Any

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from o2c.core.verify import Invariant
from orders.models import Order, OrderLine, OrderState

_QUANTITIES = """
    SELECT l.id AS line, l.quantity, l.cancelled, l.reserved, l.picked, l.shipped, l.returned,
        l.invoiced, l.credited
    FROM orders_orderline l CROSS JOIN LATERAL (
        SELECT (l.quantity - l.cancelled) * (100 + l.over_delivery_percent) / 100 AS deliverable
    ) d
    WHERE NOT (l.quantity > 0 AND l.cancelled BETWEEN 0 AND l.quantity
        AND l.reserved BETWEEN 0 AND d.deliverable - l.shipped
        AND l.picked BETWEEN 0 AND d.deliverable AND l.shipped BETWEEN 0 AND l.picked
        AND l.returned BETWEEN 0 AND l.shipped
        AND l.invoiced BETWEEN 0 AND l.shipped + l.credited
        AND l.credited BETWEEN 0 AND l.invoiced)
"""


def _silent_change() -> str:
    """Commercial fields of orders and lines that are not what their last history row says."""
    return " UNION ALL ".join(_unlike_history(model) for model in (Order, OrderLine))


def _unlike_history(model: type[Model]) -> str:
    history: Any = model.history.model  # type: ignore[attr-defined]  # simple_history adds it
    columns = [
        field.column
        for field in history.tracked_fields
        if not field.primary_key and field.name != "promised_date"  # we promise it, nobody agrees
    ]
    now, recorded = (", ".join(f'{side}."{name}"' for name in columns) for side in "rh")
    fields = ", ".join(f'(\'{name}\', r."{name}"::text, h."{name}"::text)' for name in columns)
    return f"""
        SELECT '{model._meta.label_lower}' AS document, r.id, f.field, f.now, f.recorded
        FROM "{model._meta.db_table}" AS r LEFT JOIN LATERAL (
            SELECT * FROM "{history._meta.db_table}" AS h WHERE h.id = r.id
            ORDER BY h.history_id DESC LIMIT 1
        ) AS h ON true CROSS JOIN LATERAL (VALUES {fields}) AS f(field, now, recorded)
        WHERE ({now}) IS DISTINCT FROM ({recorded}) AND f.now IS DISTINCT FROM f.recorded
    """


_SECOND_REFERENCE = f"""
    SELECT customer_id AS customer, reference_key, count(*) AS orders, min(id) AS first
    FROM orders_order
    WHERE reference_once AND reference_key <> '' AND state <> '{OrderState.CANCELLED}'
    GROUP BY customer_id, reference_key HAVING count(*) > 1
    UNION ALL
    SELECT customer_id, channel || ' ' || source_reference, count(*), min(id) FROM orders_order
    WHERE source_reference <> ''
    GROUP BY customer_id, channel, source_reference HAVING count(*) > 1
"""

_TOTALS = """
    SELECT o.id AS order_id, o.net, l.net AS of_lines, o.discount_amount, l.discount, o.gross,
        o.line_count, l.lines
    FROM orders_order o LEFT JOIN (
        SELECT order_id, sum(net) AS net, sum(document_discount) AS discount, count(*) AS lines
        FROM orders_orderline GROUP BY order_id
    ) l ON l.order_id = o.id
    WHERE o.net <> coalesce(l.net, 0) OR o.discount_amount <> coalesce(l.discount, 0)
       OR o.line_count <> coalesce(l.lines, 0) OR o.gross <> o.net + o.tax
"""

_LINE_AMOUNT = f"""
    SELECT l.id AS line, l.amount, m.amount AS should_be, l.net, l.document_discount
    FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
    JOIN masters_currency c ON c.code = o.currency CROSS JOIN LATERAL (
        SELECT round((l.quantity - l.cancelled) * l.unit_price * (100 - l.discount_percent)
            / (100 * l.price_per), c.minor_units) AS amount
    ) m
    WHERE o.state <> '{OrderState.CANCELLED}' AND (l.amount <> m.amount
       OR (l.net <> l.amount - l.document_discount AND NOT o.tax_included))
"""

_RESERVED = """
    SELECT l.id AS line, l.reserved, coalesce(r.quantity, 0) AS held
    FROM orders_orderline l LEFT JOIN (
        SELECT source_id, sum(quantity) AS quantity FROM stock_reservation
        WHERE source_type = 'orders.orderline' AND quantity > 0 GROUP BY source_id
    ) r ON r.source_id = l.id
    WHERE l.reserved <> coalesce(r.quantity, 0)
"""

_BEHIND_OR_AHEAD = f"""
    SELECT o.id AS order_id, o.state, l.still_open, l.billable
    FROM orders_order o JOIN (
        SELECT order_id, sum(greatest(quantity - cancelled - shipped, 0)) AS still_open,
            sum(shipped) AS shipped,
            sum(greatest(shipped - returned - invoiced + credited, 0)) AS billable
        FROM orders_orderline GROUP BY order_id
    ) l ON l.order_id = o.id
    WHERE (o.state IN ('{OrderState.SHIPPED}', '{OrderState.INVOICED}', '{OrderState.PAID}',
        '{OrderState.RECONCILED}') AND l.still_open > 0)
       OR (o.state IN ('{OrderState.CONFIRMED}', '{OrderState.ON_HOLD}', '{OrderState.RELEASED}',
           '{OrderState.IN_FULFILLMENT}')
           AND l.still_open = 0 AND l.shipped > 0)
       OR (o.state = '{OrderState.SHIPPED}' AND l.billable = 0)
       OR (o.state IN ('{OrderState.INVOICED}', '{OrderState.PAID}', '{OrderState.RECONCILED}')
           AND l.billable > 0)
       OR (o.state IN ('{OrderState.DRAFT}', '{OrderState.SUBMITTED}', '{OrderState.CANCELLED}')
           AND l.shipped > 0)
"""

INVARIANTS = [
    Invariant("A4", _("The quantities of an order line are in order"), _QUANTITIES),
    Invariant("A6", _("What was agreed of an order changes on record only"), _silent_change),
    Invariant("A7", _("A customer's order number comes once where it must"), _SECOND_REFERENCE),
    Invariant("A8", _("The totals of an order are the sums of its lines"), _TOTALS),
    Invariant("A8b", _("A line amounts to its price times what is wanted of it"), _LINE_AMOUNT),
    Invariant("A9", _("The state of an order is where its numbers are"), _BEHIND_OR_AHEAD),
    Invariant("B5", _("What a line counts as reserved is reserved for it"), _RESERVED),
]
