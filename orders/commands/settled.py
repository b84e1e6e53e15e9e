"""What receivables and the bank report of orders: paid and reconciled, or so no longer.

Each command moves together those of the orders that stand where it begins, and leaves the others
alone. Locks the orders; raises NotFound.
"""

from collections.abc import Collection

from o2c.core.actors import SYSTEM, Actor
from o2c.core.commands import command, lock, lock_all
from o2c.core.transitions import transition_many
from orders.models import Order, OrderState


@command
def record_paid(order_ids: Collection[int], *, actor: Actor) -> list[Order]:
    """Every invoice of the orders is settled. Moves those that are fully invoiced."""
    return _move(order_ids, "pay", OrderState.INVOICED)


@command
def record_reconciled(order_ids: Collection[int], *, actor: Actor) -> list[Order]:
    """The last cent of the orders is matched with the bank. Moves those that are paid."""
    return _move(order_ids, "reconcile", OrderState.PAID)


@command
def record_unsettled(order_ids: Collection[int], *, actor: Actor) -> list[Order]:
    """Something billed of the orders is open again. Moves those that counted as paid."""
    return _move(order_ids, "unsettle", OrderState.PAID, OrderState.RECONCILED)


@command
def record_unreconciled(order_ids: Collection[int], *, actor: Actor) -> list[Order]:
    """The orders are paid and the bank does not agree yet. Moves those that were reconciled."""
    return _move(order_ids, "unreconcile", OrderState.RECONCILED)


def _move(order_ids: Collection[int], verb: str, *begins: OrderState) -> list[Order]:
    lock_all(Order, order_ids)
    orders = [lock(Order, order_id) for order_id in sorted(set(order_ids))]
    transition_many([order for order in orders if order.state in begins], verb, actor=SYSTEM)
    return orders
