"""What is always true of the goods book. Checked by `manage.py verify`."""

from django.apps import apps
from django.utils.translation import gettext_lazy as _

from o2c.core.models import Document
from o2c.core.verify import Invariant
from o2c.stock.models import StockAdjustment, StockCount, StockReceipt, StockTransfer


def _moves_without_document() -> str:
    """Moves whose source names no table of ours, or no row of it."""
    tables = {model._meta.label_lower: model._meta.db_table for model in apps.get_models()}
    rows = ", ".join(f"('{label}')" for label in sorted(tables))
    unknown = (
        f"SELECT id AS move, source_type, source_id FROM stock_move "
        f"WHERE source_type NOT IN (SELECT label FROM (VALUES {rows}) AS known(label))"
    )
    gone = [
        f"SELECT m.id, m.source_type, m.source_id FROM stock_move AS m "
        f"WHERE m.source_type = '{model._meta.label_lower}' AND NOT EXISTS "
        f'(SELECT 1 FROM "{model._meta.db_table}" AS d WHERE d.id = m.source_id)'
        for model in apps.get_models()
        if issubclass(model, Document)
    ]
    return " UNION ALL ".join([unknown, *gone])


_ON_HAND = """
    SELECT b.id AS balance, b.on_hand, coalesce(m.quantity, 0) AS moved, b.value,
        coalesce(m.value, 0) AS moved_value
    FROM stock_balance AS b LEFT JOIN (
        SELECT balance_id, sum(quantity) AS quantity, sum(value) AS value
        FROM stock_move GROUP BY balance_id
    ) AS m ON m.balance_id = b.id
    WHERE b.on_hand <> coalesce(m.quantity, 0) OR b.value <> coalesce(m.value, 0)
"""

_STOCK_CARD = """
    SELECT id AS move, balance_id AS balance, on_hand_after, moved FROM (
        SELECT *, sum(quantity) OVER (PARTITION BY balance_id ORDER BY id) AS moved
        FROM stock_move
    ) AS running
    WHERE on_hand_after <> moved
"""

_BELOW_ZERO = (
    "SELECT id AS balance, on_hand, value FROM stock_balance WHERE on_hand < 0 OR value < 0"
)

_OVERSOLD = """
    SELECT id AS balance, on_hand, reserved FROM stock_balance
    WHERE reserved < 0 OR reserved > on_hand
"""

_RESERVED = """
    SELECT b.id AS balance, b.reserved, coalesce(r.quantity, 0) AS held
    FROM stock_balance AS b LEFT JOIN (
        SELECT balance_id, sum(quantity) AS quantity
        FROM stock_reservation WHERE quantity > 0 GROUP BY balance_id
    ) AS r ON r.balance_id = b.id
    WHERE b.reserved <> coalesce(r.quantity, 0)
"""

_LOST_ON_THE_WAY = """
    SELECT m.source_id AS transfer, b.item_id AS item, sum(m.quantity) AS quantity,
        sum(m.value) AS value
    FROM stock_move AS m JOIN stock_balance AS b ON b.id = m.balance_id
    WHERE m.source_type = 'stock.stocktransfer'
    GROUP BY m.source_id, b.item_id HAVING sum(m.quantity) <> 0 OR sum(m.value) <> 0
"""

_COUNTED = """
    SELECT l.count_id AS count, l.balance_id AS balance, l.expected, l.counted,
        coalesce(m.quantity, 0) AS moved
    FROM stock_stockcountline AS l LEFT JOIN stock_move AS m
        ON m.source_type = 'stock.stockcount' AND m.source_id = l.count_id
        AND m.balance_id = l.balance_id
    WHERE l.counted - l.expected <> coalesce(m.quantity, 0)
"""

#: Where it is latest, a day begins 14 hours before it does in UTC: one day more serves every zone.
_AHEAD = " UNION ALL ".join(
    f"""
    SELECT number AS document, moved_on, created_at AS recorded_at
    FROM "{model._meta.db_table}" WHERE moved_on > (created_at AT TIME ZONE 'UTC')::date + 1
    """
    for model in (StockReceipt, StockTransfer, StockAdjustment, StockCount)
)

_ELSEWHERE = " UNION ALL ".join(
    f"""
    SELECT m.id AS move, d.number AS document, d.warehouse_id AS warehouse,
        l.warehouse_id AS moved_in
    FROM stock_move AS m JOIN "{model._meta.db_table}" AS d ON d.id = m.source_id
    JOIN stock_balance AS b ON b.id = m.balance_id
    JOIN masters_location AS l ON l.id = b.location_id
    WHERE m.source_type = '{model._meta.label_lower}' AND l.warehouse_id <> d.warehouse_id
    """
    for model in (StockReceipt, StockTransfer, StockAdjustment, StockCount)
)

_OFF_THE_SHELF = """
    SELECT b.id AS balance, b.on_hand, i.kind, l.active, w.active AS warehouse_active
    FROM stock_balance AS b JOIN masters_item AS i ON i.id = b.item_id
    JOIN masters_location AS l ON l.id = b.location_id
    JOIN masters_warehouse AS w ON w.id = l.warehouse_id
    WHERE b.on_hand > 0 AND NOT (i.kind = 'stocked' AND l.active AND w.active)
"""

INVARIANTS = [
    Invariant("B1", _("Stock on hand and its value are the sum of the moves"), _ON_HAND),
    Invariant("B1b", _("Every move says rightly what lay there after it"), _STOCK_CARD),
    Invariant("B2", _("Stock on hand is never below zero"), _BELOW_ZERO),
    Invariant("B3", _("Nothing is promised that is not there"), _OVERSOLD),
    Invariant("B4", _("Reserved stock is the sum of the reservations"), _RESERVED),
    Invariant("B6", _("Every move belongs to a document that exists"), _moves_without_document),
    Invariant("B9", _("A transfer neither loses nor makes goods"), _LOST_ON_THE_WAY),
    Invariant("B11", _("A document moves goods of its own warehouse only"), _ELSEWHERE),
    Invariant("B12", _("Goods lie at places in use and are of stocked items"), _OFF_THE_SHELF),
    Invariant("B10", _("The book followed every count"), _COUNTED),
    Invariant("B13", _("No goods were moved on a day that had not come yet"), _AHEAD),
]
