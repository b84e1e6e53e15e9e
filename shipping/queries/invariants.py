"""What is always true of shipments and returns. Checked by `manage.py verify`."""

from django.utils.translation import gettext_lazy as _

from o2c.core.verify import Invariant
from orders.models import OrderState
from shipping.models import ReturnState, ShipmentState

_UNMOVED = f"""
    SELECT coalesce(c.id, m.line_id) AS content, c.quantity AS packed,
        coalesce(m.quantity, 0) AS moved
    FROM (
        SELECT c.id, c.shipment_id, k.quantity
        FROM shipping_shipmentcontent AS c
        JOIN shipping_shipment AS s ON s.id = c.shipment_id AND s.state
            IN ('{ShipmentState.DISPATCHED}', '{ShipmentState.DELIVERED}')
        JOIN fulfillment_packageline AS k ON k.id = c.package_line_id
    ) AS c FULL JOIN (
        SELECT source_id, line_id, sum(quantity) AS quantity, count(*) AS moves
        FROM stock_move WHERE source_type = 'shipping.shipment' GROUP BY source_id, line_id
    ) AS m ON m.line_id = c.id AND m.source_id = c.shipment_id
    WHERE c.id IS NULL OR m.moves IS DISTINCT FROM 1 OR m.quantity <> -c.quantity
"""

_UNPACKED_LINES = """
    SELECT sl.id AS shipment_line, sl.quantity, coalesce(packed.quantity, 0) AS packed
    FROM shipping_shipmentline AS sl
    JOIN orders_orderline AS ol ON ol.id = sl.order_line_id AND NOT ol.is_service
    LEFT JOIN (
        SELECT c.shipment_id, p.order_line_id, sum(k.quantity) AS quantity
        FROM shipping_shipmentcontent AS c
        JOIN fulfillment_packageline AS k ON k.id = c.package_line_id
        JOIN fulfillment_pickline AS p ON p.id = k.pick_line_id
        WHERE c.live GROUP BY c.shipment_id, p.order_line_id
    ) AS packed ON packed.shipment_id = sl.shipment_id AND packed.order_line_id = sl.order_line_id
    WHERE sl.quantity <> coalesce(packed.quantity, 0)
"""

_MISCOUNTED = """
    SELECT ol.id AS order_line, ol.shipped, coalesce(sum(sl.quantity), 0) AS in_shipments
    FROM orders_orderline AS ol LEFT JOIN shipping_shipmentline AS sl ON sl.order_line_id = ol.id
    WHERE NOT ol.is_service
    GROUP BY ol.id, ol.shipped HAVING ol.shipped <> coalesce(sum(sl.quantity), 0)
"""

_MISRETURNED = f"""
    SELECT sl.id AS shipment_line, sl.returned, sl.announced,
        coalesce(r.received, 0) AS received, coalesce(r.coming, 0) AS coming
    FROM shipping_shipmentline AS sl LEFT JOIN (
        SELECT l.shipment_line_id,
            sum(l.received) FILTER (WHERE r.state = '{ReturnState.RECEIVED}') AS received,
            sum(l.quantity) FILTER (WHERE r.state = '{ReturnState.ANNOUNCED}') AS coming
        FROM shipping_returnline AS l JOIN shipping_return AS r ON r.id = l.goods_return_id
        GROUP BY l.shipment_line_id
    ) AS r ON r.shipment_line_id = sl.id
    WHERE sl.returned <> coalesce(r.received, 0) OR sl.announced <> coalesce(r.coming, 0)
"""

_RETURNED_ON_ORDER = """
    SELECT ol.id AS order_line, ol.returned, coalesce(sum(sl.returned), 0) AS came_back
    FROM orders_orderline AS ol LEFT JOIN shipping_shipmentline AS sl ON sl.order_line_id = ol.id
    GROUP BY ol.id, ol.returned HAVING ol.returned <> coalesce(sum(sl.returned), 0)
"""

_NOT_GRANTED = f"""
    SELECT e.document_id AS shipment, s.order_id, o.new_state AS order_was
    FROM core_event AS e
    JOIN shipping_shipment AS s ON s.id = e.document_id
    JOIN LATERAL (
        SELECT new_state FROM core_event AS o
        WHERE o.document_type = 'orders.order' AND o.document_id = s.order_id AND o.id < e.id
        ORDER BY o.id DESC LIMIT 1
    ) AS o ON true
    WHERE e.name = 'shipment.dispatched'
    AND o.new_state IN ('{OrderState.DRAFT}', '{OrderState.SUBMITTED}', '{OrderState.CONFIRMED}',
        '{OrderState.ON_HOLD}', '{OrderState.CANCELLED}')
"""

_DISPATCHED_ONCE = f"""
    SELECT s.id AS shipment, s.state, count(e.id) AS times
    FROM shipping_shipment AS s LEFT JOIN core_event AS e
        ON e.document_type = 'shipping.shipment' AND e.document_id = s.id
        AND e.name = 'shipment.dispatched'
    GROUP BY s.id, s.state
    HAVING count(e.id) <> CASE WHEN s.state IN ('{ShipmentState.DISPATCHED}',
        '{ShipmentState.DELIVERED}') THEN 1 ELSE 0 END
"""

#: Cost of the lines, value of the moves and amount of the posting: three books, one figure.
_COSTS = """
    WITH lines AS (
        SELECT shipment_id, sum(cost) AS cost FROM shipping_shipmentline GROUP BY shipment_id
    ), moves AS (
        SELECT source_id, -sum(value) AS cost FROM stock_move
        WHERE source_type = 'shipping.shipment' GROUP BY source_id
    ), posted AS (
        SELECT e.source_id, sum(l.base_amount) AS cost
        FROM ledger_entry AS e JOIN ledger_line AS l ON l.entry_id = e.id
        JOIN ledger_account AS a ON a.id = l.account_id AND a.role = 'SHIPPED_NOT_INVOICED'
        WHERE e.source_type = 'shipping.shipment' GROUP BY e.source_id
    )
    SELECT s.id AS shipment, coalesce(lines.cost, 0) AS lines, coalesce(moves.cost, 0) AS moves,
        coalesce(posted.cost, 0) AS posted
    FROM shipping_shipment AS s
    LEFT JOIN lines ON lines.shipment_id = s.id
    LEFT JOIN moves ON moves.source_id = s.id
    LEFT JOIN posted ON posted.source_id = s.id
    WHERE coalesce(lines.cost, 0) <> coalesce(moves.cost, 0)
    OR coalesce(lines.cost, 0) <> coalesce(posted.cost, 0)
"""

_PROOFS = f"""
    SELECT s.id AS shipment, s.state, p.id AS proof
    FROM shipping_shipment AS s LEFT JOIN shipping_proofofdelivery AS p ON p.shipment_id = s.id
    WHERE (s.state = '{ShipmentState.DELIVERED}') <> (p.id IS NOT NULL)
"""

_DEAD_CONTENTS = f"""
    SELECT c.id AS content, s.state, k.unpacked
    FROM shipping_shipmentcontent AS c
    JOIN shipping_shipment AS s ON s.id = c.shipment_id
    JOIN fulfillment_packageline AS l ON l.id = c.package_line_id
    JOIN fulfillment_package AS k ON k.id = l.package_id
    WHERE c.live AND (s.state = '{ShipmentState.CANCELLED}' OR k.unpacked)
"""

INVARIANTS = [
    Invariant("B6b", _("What was shipped has left stock once, to the piece"), _UNMOVED),
    Invariant("B6c", _("A shipment line is what its packages hold"), _UNPACKED_LINES),
    Invariant("C1", _("An order line's shipped quantity is what shipments say"), _MISCOUNTED),
    Invariant("C1b", _("What came back and is coming back is what returns say"), _MISRETURNED),
    Invariant("C1c", _("An order line's returned quantity is what came back"), _RETURNED_ON_ORDER),
    Invariant("C2", _("Nothing leaves for an order that is on hold or not released"), _NOT_GRANTED),
    Invariant("C5", _("A shipment leaves once and for good"), _DISPATCHED_ONCE),
    Invariant("C5b", _("What goods cost is the same on the shipment, in stock and ledger"), _COSTS),
    Invariant("C6", _("A shipment is delivered when there is a proof, and only then"), _PROOFS),
    Invariant("C7", _("No called-off shipment or open package counts as shipped"), _DEAD_CONTENTS),
]
