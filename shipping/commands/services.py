"""Services that were performed without any goods leaving the warehouse."""

from o2c.core import clock
from o2c.core.actors import Actor, require
from o2c.core.commands import command, lock
from o2c.core.transitions import begin, transition
from orders.models import Order
from shipping import queries, rules
from shipping.commands.dispatching import write_lines
from shipping.models import Shipment


@command
def ship_services(order_id: int, *, actor: Actor) -> Shipment | None:
    """Write the shipment for services that count as performed and are in no shipment yet.

    A dispatch that completes an order takes its services along; what is left are orders without
    goods. Running it twice changes nothing.
    """
    require(actor, "shipping.plan_shipment")
    if not queries.services_without_shipment(order_id):
        return None
    order = lock(Order, order_id, related=("ship_to",))
    lines = queries.services_without_shipment(order_id)
    if not lines:
        return None
    shipment = begin(
        Shipment(
            order=order,
            customer_id=order.customer_id,
            warehouse_id=order.warehouse_id,
            ship_to=order.ship_to.snapshot(),
        ),
        actor=actor,
        event="planned",
        order=order.number,
        packages=0,
    )
    performed = [
        rules.Issued(line.pk, line.without_shipment, rules.ZERO)  # type: ignore[attr-defined]  # annotated
        for line in lines
    ]
    write_lines(shipment, performed, lines)
    shipment.dispatched_at = clock.now()
    return transition(shipment, "dispatch", actor=actor, lines=len(lines), billable=True)
