"""What is always true of picking and packing. Checked by `manage.py verify`."""

from django.utils.translation import gettext_lazy as _

from fulfillment.models import PickListState
from o2c.core.models import DeliveryState
from o2c.core.verify import Invariant

_NAMELESS_PICKING = f"""
    SELECT id AS pick_list, state FROM fulfillment_picklist
    WHERE state IN ('{PickListState.PICKING}', '{PickListState.PICKED}', '{PickListState.PACKED}')
        AND picker = ''
"""

#: What live stops have picked, less what was unpacked again, by order line.
_PICKED = f"""
    SELECT l.order_line_id,
        sum(l.picked - coalesce(o.quantity, 0)) AS quantity
    FROM fulfillment_pickline AS l
    JOIN fulfillment_picklist AS p ON p.id = l.pick_list_id
        AND p.state <> '{PickListState.CANCELLED}'
    LEFT JOIN (
        SELECT c.pick_line_id, sum(c.quantity) AS quantity FROM fulfillment_packageline AS c
        JOIN fulfillment_package AS k ON k.id = c.package_id AND k.unpacked
        GROUP BY c.pick_line_id
    ) AS o ON o.pick_line_id = l.id
    GROUP BY l.order_line_id
"""

_MISCOUNTED = f"""
    SELECT ol.id AS order_line, ol.picked, coalesce(t.quantity, 0) AS on_lists
    FROM orders_orderline AS ol LEFT JOIN ({_PICKED}) AS t ON t.order_line_id = ol.id
    WHERE NOT ol.is_service AND ol.picked <> coalesce(t.quantity, 0)
"""

#: What a live stop holds: picked, or still to be picked; less what was unpacked or has gone.
#: What sales still owes is asked of the few lines that differ, not of all: without statistics the
#: planner joined it to every stop, which took 40 seconds.
_UNBACKED = f"""
    WITH stops AS (
        SELECT l.order_line_id, l.balance_id, p.order_id, sum(
            CASE WHEN l.short_reason = '' THEN l.quantity ELSE l.picked END
            - coalesce(o.quantity, 0)
        ) AS held
        FROM fulfillment_pickline AS l
        JOIN fulfillment_picklist AS p ON p.id = l.pick_list_id
            AND p.state <> '{PickListState.CANCELLED}'
        LEFT JOIN (
            SELECT c.pick_line_id, sum(c.quantity) AS quantity FROM fulfillment_packageline AS c
            JOIN fulfillment_package AS k ON k.id = c.package_id AND k.unpacked
            GROUP BY c.pick_line_id
        ) AS o ON o.pick_line_id = l.id
        GROUP BY l.order_line_id, l.balance_id, p.order_id
    ), unbacked AS MATERIALIZED (
        SELECT s.order_id, s.order_line_id AS order_line, s.balance_id AS balance, s.held,
            coalesce(r.quantity, 0) AS reserved, coalesce(r.consumed, 0) AS shipped
        FROM stops AS s LEFT JOIN stock_reservation AS r
            ON r.source_type = 'orders.orderline' AND r.source_id = s.order_line_id
            AND r.balance_id = s.balance_id
        WHERE s.held <> coalesce(r.quantity, 0) + coalesce(r.consumed, 0)
    )
    SELECT order_line, balance, held, reserved, shipped FROM unbacked AS u
    WHERE NOT EXISTS (
        -- Sales has changed the order and the warehouse has not heard of it yet.
        SELECT 1 FROM core_delivery AS d JOIN core_event AS e ON e.id = d.event_id
        WHERE d.state = '{DeliveryState.OWED}' AND e.document_type = 'orders.order'
        AND e.document_id = u.order_id
    )
"""

_MISPACKED = f"""
    SELECT l.id AS pick_line, l.picked, coalesce(sum(c.quantity), 0) AS packed
    FROM fulfillment_pickline AS l
    JOIN fulfillment_picklist AS p ON p.id = l.pick_list_id AND p.state = '{PickListState.PACKED}'
    LEFT JOIN fulfillment_packageline AS c ON c.pick_line_id = l.id
    GROUP BY l.id, l.picked HAVING l.picked <> coalesce(sum(c.quantity), 0)
"""

_STRAY_PACKAGE = """
    SELECT c.id AS package_line, k.pick_list_id, l.pick_list_id AS picked_on
    FROM fulfillment_packageline AS c
    JOIN fulfillment_package AS k ON k.id = c.package_id
    JOIN fulfillment_pickline AS l ON l.id = c.pick_line_id
    WHERE k.pick_list_id <> l.pick_list_id
"""

INVARIANTS = [
    Invariant("C3", _("A list that is being picked is one named picker's"), _NAMELESS_PICKING),
    Invariant("C3b", _("An order line's picked quantity is what its pick lists say"), _MISCOUNTED),
    Invariant("C4", _("Goods are picked from the place that was reserved for them"), _UNBACKED),
    Invariant("C4b", _("Packages hold exactly what was picked"), _MISPACKED),
    Invariant("C4c", _("A package holds goods of its own pick list only"), _STRAY_PACKAGE),
]
