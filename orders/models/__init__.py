"""Orders and their lines."""

from orders.models.line import OrderLine
from orders.models.order import Channel, HoldKind, Order, OrderQuerySet, OrderState

__all__ = ["Channel", "HoldKind", "Order", "OrderLine", "OrderQuerySet", "OrderState"]
