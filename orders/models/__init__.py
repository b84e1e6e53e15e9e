"""Orders and their lines."""

from orders.models.line import OrderLine
from orders.models.order import Order, OrderQuerySet
from orders.models.states import Channel, HoldKind, OrderState

__all__ = ["Channel", "HoldKind", "Order", "OrderLine", "OrderQuerySet", "OrderState"]
