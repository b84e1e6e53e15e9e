"""Everything that leaves the warehouse or comes back: plan, dispatch, deliver, return.

Every writer of a shipment or return holds the lock on its order.
"""

from shipping.commands.delivering import record_delivery
from shipping.commands.dispatching import dispatch_shipment
from shipping.commands.planning import cancel_shipment, plan_shipment, set_carrier
from shipping.commands.returning import (
    Inspected,
    announce_return,
    cancel_return,
    receive_return,
)
from shipping.commands.services import ship_services

__all__ = [
    "Inspected",
    "announce_return",
    "cancel_return",
    "cancel_shipment",
    "dispatch_shipment",
    "plan_shipment",
    "receive_return",
    "record_delivery",
    "set_carrier",
    "ship_services",
]
