"""Handing goods to the carrier: they leave our stock and are the customer's to pay."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from o2c.core import clock
from o2c.core.actors import Actor, require
from o2c.core.bulk import insert_rows
from o2c.core.commands import command
from o2c.core.transitions import refuse_blocked, transition
from o2c.ledger.commands import Posting, post_entry
from o2c.ledger.models import Role
from o2c.masters.models import BillingPolicy
from o2c.stock import commands as stock
from o2c.stock.rules import unit_cost_of
from orders.commands.locking import lock_order_of, refuse_unworkable
from orders.commands.progress import lock_order, record_shipped
from orders.models import OrderLine
from shipping import queries, rules
from shipping.commands.locking import lock_shipment
from shipping.models import Shipment, ShipmentLine

SOURCE = Shipment._meta.label_lower


@command
def dispatch_shipment(shipment_id: int, *, actor: Actor) -> Shipment:
    """Let the goods go: out of stock, onto the order's shipped counters, into the ledger.

    Refused while the order is on hold.
    """
    # The draft invoice that follows in the same transaction asks for the terms.
    order = lock_order_of(Shipment, shipment_id, related=("terms",))
    order, order_lines = lock_order(order.pk)
    contents = queries.contents_to_issue(shipment_id)
    shipment = contents[0].shipment if contents else lock_shipment(order, shipment_id)
    shipment.order = order
    require(actor, shipment.permission("dispatch"))
    refuse_unworkable(order)
    refuse_blocked(shipment, "dispatch")
    performed_before = {line.pk: line.shipped for line in order_lines if line.is_service}
    issued = _issue(shipment, contents, actor)
    record_shipped(order.pk, {line.order_line_id: line.quantity for line in issued}, actor=actor)
    services = [
        rules.Issued(line.pk, line.shipped - performed_before[line.pk], rules.ZERO)
        for line in order_lines
        if line.is_service and line.shipped > performed_before[line.pk]
    ]
    write_lines(shipment, [*issued, *services], order_lines)
    _post(shipment, contents, sum((line.cost for line in issued), rules.ZERO), actor)
    shipment.dispatched_at = clock.now()
    return transition(
        shipment,
        "dispatch",
        actor=actor,
        lines=len(issued) + len(services),
        packages=shipment.package_count,
        tracking=shipment.tracking,
        billable=order.billing_policy == BillingPolicy.DISPATCHED,
    )


def _issue(shipment: Shipment, contents: Sequence[Any], actor: Actor) -> list[rules.Issued]:
    """Take the contents out of stock; what each order line's goods cost."""
    order_line_of = {one.pk: one.package_line.pick_line.order_line_id for one in contents}
    moved = stock.issue(
        [
            stock.Issue(
                source_id=order_line_of[one.pk],
                balance_id=one.package_line.pick_line.balance_id,
                quantity=one.package_line.quantity,
                line_id=one.pk,
            )
            for one in contents
        ],
        source=(SOURCE, shipment.pk),
        actor=actor,
    )
    return rules.shipped_lines(
        rules.Issued(order_line_of[move.line_id], -move.quantity, -move.value) for move in moved
    )


def write_lines(
    shipment: Shipment, shipped: Sequence[rules.Issued], order_lines: Sequence[OrderLine]
) -> list[ShipmentLine]:
    """Freeze what has left with the shipment."""
    item_of = {line.pk: line.item_id for line in order_lines}
    return insert_rows(
        ShipmentLine(
            shipment=shipment,
            order_line_id=one.order_line_id,
            item_id=item_of[one.order_line_id],
            quantity=one.quantity,
            cost=one.cost,
            unit_cost=unit_cost_of(one.cost, one.quantity),
        )
        for one in shipped
    )


def _post(shipment: Shipment, contents: Sequence[Any], cost: Decimal, actor: Actor) -> None:
    """Dr goods shipped, not invoiced; Cr inventory. Base currency."""
    if not cost:
        return
    currency = contents[0].base_currency
    post_entry(
        (SOURCE, shipment.pk),
        "dispatch",
        clock.today(),
        [
            Posting(Role.SHIPPED_NOT_INVOICED.value, cost, currency, cost),
            Posting(Role.INVENTORY.value, -cost, currency, -cost),
        ],
        description=str(shipment),
        actor=actor,
    )
