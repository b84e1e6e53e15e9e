"""Getting hold of a shipment or return: its order first."""

from django.utils.translation import gettext as _

from o2c.core.commands import lock, lock_where
from o2c.core.errors import RuleViolation
from o2c.core.locks import NotFound
from orders.models import Order, OrderState
from shipping.models import Return, ReturnLine, Shipment, ShipmentLine


def lock_order_of(shipment_id: int) -> Order:
    """Lock the order of a shipment. One statement. Raises NotFound."""
    orders = lock_where(Order, shipments=shipment_id)
    if not orders:
        raise NotFound(_("Shipment %(pk)s does not exist.") % {"pk": shipment_id})
    return orders[0]


def lock_shipment(order: Order, shipment_id: int) -> Shipment:
    """Lock a shipment of a locked order. One statement."""
    shipment = lock(Shipment, shipment_id)
    shipment.order = order
    return shipment


def lock_lines(order: Order, shipment_id: int) -> tuple[Shipment, list[ShipmentLine]]:
    """A shipment that has left, with its lines. One statement. Raises RuleViolation before that.

    The shipment is read along with them: the order's lock stands before it.
    """
    lines = lock_where(ShipmentLine, shipment_id=shipment_id, related=("shipment", "item__unit"))
    if not lines:
        raise RuleViolation(_("The shipment has not been dispatched."))
    shipment = lines[0].shipment
    shipment.order = order
    return shipment, lines


def lock_order_of_return(return_id: int) -> Order:
    """Lock the order of a return. One statement. Raises NotFound."""
    orders = lock_where(Order, returns=return_id)
    if not orders:
        raise NotFound(_("Return %(pk)s does not exist.") % {"pk": return_id})
    return orders[0]


def lock_return(order: Order, return_id: int) -> tuple[Return, list[ReturnLine]]:
    """A return of a locked order, with its lines and their shipment lines. Three statements."""
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


def refuse_unshippable(order: Order) -> None:
    """Refuse to let goods go for an order that is on hold or not granted."""
    if order.state == OrderState.ON_HOLD:
        raise RuleViolation(
            _("%(order)s is on hold: %(reason)s") % {"order": order, "reason": order.hold_reason}
        )
    if order.state not in (OrderState.RELEASED, OrderState.IN_FULFILLMENT):
        raise RuleViolation(
            _("%(order)s is not released to the warehouse, it is “%(state)s”.")
            % {"order": order, "state": order.get_state_display()}
        )
