"""What others may read of the goods book in SQL (ADR 37): statements to put in parentheses."""

from o2c.masters.queries.sql import STORAGE_PLACES

#: What a warehouse has of an item and expects, in stock units: `item_id`, `warehouse_id`, `kind`
#: (`on_hand`, `reserved`: negative, `receipt`), the `day` of a receipt, `quantity`, `reference`.
SUPPLY = f"""
    SELECT b.item_id, p.warehouse_id, 'on_hand' AS kind, NULL::date AS day,
        sum(b.on_hand) AS quantity, '' AS reference
    FROM stock_balance AS b JOIN ({STORAGE_PLACES}) AS p ON p.id = b.location_id
    WHERE b.on_hand > 0
    GROUP BY b.item_id, p.warehouse_id
    UNION ALL
    SELECT b.item_id, p.warehouse_id, 'reserved', NULL::date, -sum(b.reserved), ''
    FROM stock_balance AS b JOIN ({STORAGE_PLACES}) AS p ON p.id = b.location_id
    WHERE b.reserved > 0
    GROUP BY b.item_id, p.warehouse_id
    UNION ALL
    SELECT item_id, warehouse_id, 'receipt', expected_date, quantity - received, reference
    FROM stock_expectedreceipt
    WHERE NOT cancelled AND received < quantity
"""
