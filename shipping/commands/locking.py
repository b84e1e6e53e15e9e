"""Getting hold of a shipment or return of a locked order."""

from django.utils.translation import gettext as _

from o2c.core.commands import lock, lock_where
from o2c.core.errors import RuleViolation
from orders.models import Order
from shipping.models import Return, ReturnLine, Shipment, ShipmentLine


def lock_shipment(order: Order, shipment_id: int) -> Shipment:
    """Lock a shipment of a locked order."""
    shipment = lock(Shipment, shipment_id)
    shipment.order = order
    return shipment


def lock_lines(order: Order, shipment_id: int) -> tuple[Shipment, list[ShipmentLine]]:
    """A shipment that has left, with its lines. Raises RuleViolation before that.

    The shipment is read along with them: the order's lock stands before it.
    """
    lines = lock_where(ShipmentLine, shipment_id=shipment_id, related=("shipment", "item__unit"))
    if not lines:
        raise RuleViolation(_("The shipment has not been dispatched."))
    shipment = lines[0].shipment
    shipment.order = order
    return shipment, lines


def lock_return(order: Order, return_id: int) -> tuple[Return, list[ReturnLine]]:
    """A return of a locked order, with its lines and their shipment lines."""
    goods_return = lock(Return, return_id)
    goods_return.order = order
    shipped = lock_where(
        ShipmentLine, shipment_id=goods_return.shipment_id, related=("shipment", "item__unit")
    )
    by_key = {line.pk: line for line in shipped}
    lines = lock_where(ReturnLine, goods_return_id=return_id)
    for line in lines:
        line.shipment_line = by_key[line.shipment_line_id]
    return goods_return, lines
