"""Telling orders how far they are paid: the numbers of receivables and bank move them."""

from collections.abc import Collection

from o2c.core.actors import Actor
from o2c.core.commands import command, lock_all
from o2c.core.events import takes_many
from orders.commands import (
    record_paid,
    record_reconciled,
    record_unreconciled,
    record_unsettled,
)
from orders.models import Order
from reconciliation.queries import orders_touched_by, settlement_of_orders


@takes_many
@command
def settle_orders(payment_ids: Collection[int], *, actor: Actor) -> None:
    """After payments were recorded, used, or taken back. Converges."""
    _settle(orders_touched_by(payment_ids=payment_ids), actor)


@takes_many
@command
def settle_orders_of_credit(application_ids: Collection[int], *, actor: Actor) -> None:
    """After credits were used for debts, or given back. Converges."""
    _settle(orders_touched_by(credit_application_ids=application_ids), actor)


@takes_many
@command
def settle_orders_of_write_off(write_off_ids: Collection[int], *, actor: Actor) -> None:
    """After amounts were written off, or owed again. Converges."""
    _settle(orders_touched_by(write_off_ids=write_off_ids), actor)


@command
def settle_order(order_id: int, *, actor: Actor) -> None:
    """After an order counts as billed or credited: it may be paid, or cost nothing. Converges."""
    _settle([order_id], actor)


def _settle(order_ids: Collection[int], actor: Actor) -> None:
    if not order_ids:
        return
    lock_all(Order, order_ids)
    found = settlement_of_orders(order_ids)
    paid = [pk for pk, settlement in found.items() if settlement.is_paid]
    matched = [pk for pk in paid if found[pk].is_matched]
    record_unsettled(found.keys() - paid, actor=actor)
    record_paid(paid, actor=actor)
    record_reconciled(matched, actor=actor)
    record_unreconciled(set(paid).difference(matched), actor=actor)
