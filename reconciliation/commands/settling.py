"""Telling orders how far they are paid: the numbers of receivables and bank move them."""

from collections.abc import Sequence

from o2c.core.actors import Actor
from o2c.core.commands import command, lock_all
from orders.commands import (
    record_paid,
    record_reconciled,
    record_unreconciled,
    record_unsettled,
)
from orders.models import Order
from reconciliation.queries import orders_touched_by, settlement_of_orders


@command
def settle_orders(payment_id: int, *, actor: Actor) -> None:
    """After a payment was recorded, used, or taken back. Converges."""
    _settle(orders_touched_by(payment_id=payment_id), actor)


@command
def settle_orders_of_credit(application_id: int, *, actor: Actor) -> None:
    """After a credit was used for a debt, or given back. Converges."""
    _settle(orders_touched_by(credit_application_id=application_id), actor)


@command
def settle_orders_of_write_off(write_off_id: int, *, actor: Actor) -> None:
    """After an amount was written off, or owed again. Converges."""
    _settle(orders_touched_by(write_off_id=write_off_id), actor)


@command
def settle_order(order_id: int, *, actor: Actor) -> None:
    """After an order counts as billed or credited: it may be paid, or cost nothing. Converges."""
    _settle([order_id], actor)


def _settle(order_ids: Sequence[int], actor: Actor) -> None:
    if not order_ids:
        return
    lock_all(Order, order_ids)
    for order_id, settlement in settlement_of_orders(order_ids).items():
        if not settlement.is_paid:
            record_unsettled(order_id, actor=actor)
            continue
        record_paid(order_id, actor=actor)
        if settlement.is_matched:
            record_reconciled(order_id, actor=actor)
        else:
            record_unreconciled(order_id, actor=actor)
