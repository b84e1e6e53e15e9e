"""Goods on their way to us."""

from decimal import Decimal

from django.utils.translation import gettext as _

from o2c.core.actors import Actor, require
from o2c.core.bulk import add_to_counters
from o2c.core.commands import command, lock
from o2c.core.days import PlannedDay
from o2c.core.errors import RuleViolation
from o2c.core.transitions import record_event
from o2c.masters.commands import keep_goods_masters
from o2c.masters.models import Item
from o2c.stock.commands.book import Receipt
from o2c.stock.commands.documents import receive_goods
from o2c.stock.commands.moves import fault_of_quantity
from o2c.stock.models import ExpectedReceipt, StockReceipt


@command
def expect_goods(
    item_id: int,
    warehouse_id: int,
    quantity: Decimal,
    expected_date: PlannedDay,
    *,
    actor: Actor,
    reference: str = "",
) -> ExpectedReceipt:
    """Note a delivery announced to us; promises to customers may count on it."""
    require(actor, "stock.receive_goods")
    _refuse_bad_quantity(quantity)
    keep_goods_masters([item_id])
    item = Item._default_manager.select_related("unit").filter(pk=item_id).first()
    if item is None:
        raise RuleViolation(_("There is no such item."), field="item")
    if problem := fault_of_quantity(item, quantity):
        raise RuleViolation(problem, field="quantity" if item.is_stocked else "item")
    expected = ExpectedReceipt.objects.create(
        item_id=item_id,
        warehouse_id=warehouse_id,
        quantity=quantity,
        expected_date=expected_date,
        reference=reference,
    )
    record_event(expected, actor=actor, event="expected", day=expected_date, quantity=quantity)
    return expected


@command
def receive_expected(
    expected_id: int,
    location_id: int,
    quantity: Decimal,
    *,
    actor: Actor,
    unit_cost: Decimal | None = None,
) -> StockReceipt:
    """Take in what an announced delivery brought, all or a part of it."""
    require(actor, "stock.receive_goods")
    _refuse_bad_quantity(quantity)
    expected = lock(ExpectedReceipt, expected_id)
    if expected.cancelled:
        raise RuleViolation(_("This delivery was cancelled."))
    add_to_counters(ExpectedReceipt, {expected.pk: {"received": quantity}})
    return receive_goods(
        expected.warehouse_id,
        [Receipt(expected.item_id, location_id, quantity, unit_cost)],
        reference=expected.reference,
        actor=actor,
    )


def _refuse_bad_quantity(quantity: Decimal) -> None:
    if not quantity > 0:
        raise RuleViolation(_("A quantity is greater than zero."), field="quantity")


@command
def reschedule_expected(
    expected_id: int, expected_date: PlannedDay, *, actor: Actor
) -> ExpectedReceipt:
    """An announced delivery will come on another day, sooner or later."""
    require(actor, "stock.receive_goods")
    expected = lock(ExpectedReceipt, expected_id)
    if not expected.outstanding:
        raise RuleViolation(_("Nothing of this delivery is to come any more."))
    before = expected.expected_date
    if expected_date != before:
        expected.expected_date = expected_date
        expected.save(update_fields=["expected_date"])
        record_event(expected, actor=actor, event="rescheduled", before=before, day=expected_date)
    return expected


@command
def cancel_expected(expected_id: int, *, actor: Actor) -> ExpectedReceipt:
    """No longer count on an announced delivery."""
    require(actor, "stock.receive_goods")
    expected = lock(ExpectedReceipt, expected_id)
    if not expected.cancelled:
        expected.cancelled = True
        expected.save(update_fields=["cancelled"])
        record_event(expected, actor=actor, event="cancelled")
    return expected
