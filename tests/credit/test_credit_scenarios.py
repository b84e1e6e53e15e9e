"""V04 and V05 of the scenarios: a change of a granted order asks the credit account again."""

from decimal import Decimal

import pytest

from credit.commands import CreditRefused, check_reopened_order
from credit.models import CreditCheck
from o2c.core import events
from o2c.core.actors import SYSTEM
from orders import commands
from orders.commands import LineChange, amend_order, reopen_order
from orders.models import Order, OrderState
from tests.given.credit import checked_order, customer_with_limit
from tests.given.orders import lines_of, quantities_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _the_flow(monkeypatch):
    monkeypatch.setattr(events, "_before_commit", {})
    events.together("order.reopened", check_reopened_order)


def amend(order, quantity):
    order = Order.objects.get(pk=order.pk)
    change = LineChange(lines_of(order)[0].pk, quantity=Decimal(quantity))
    return amend_order(order.pk, changes=[change], version=order.version, actor=SYSTEM)


def test_v05_a_later_increase_beyond_the_limit_is_refused_and_changes_nothing():
    order, _check = checked_order(customer=customer_with_limit("119.00"), lines=[(1, "100.00")])
    before = Order.objects.values().get(pk=order.pk)

    with pytest.raises(CreditRefused, match=r"Over the limit by 119\.00"):
        amend(order, 2)

    assert Order.objects.values().get(pk=order.pk) == before
    assert lines_of(order)[0].quantity == 1
    assert CreditCheck.objects.count() == 1


def test_an_increase_within_the_limit_is_checked_and_released_at_once():
    order, _check = checked_order(customer=customer_with_limit("238.00"), lines=[(1, "100.00")])

    changed = amend(order, 2)

    assert (changed.state, changed.gross) == (OrderState.RELEASED, 238)
    assert CreditCheck.objects.latest("pk").order_gross == 238


def test_a_decrease_is_not_checked():
    order, _check = checked_order(customer=customer_with_limit("238.00"), lines=[(2, "100.00")])

    amend(order, 1)

    assert CreditCheck.objects.count() == 1


def test_what_is_billed_of_an_increased_order_counts_as_debt_not_as_order():
    order, _check = checked_order(customer=customer_with_limit("238.00"), lines=[(1, "100.00")])
    one = quantities_of(order)
    for record in (commands.record_picked, commands.record_shipped, commands.record_invoiced):
        record(order.pk, one, actor=SYSTEM)

    amend(order, 2)

    assert CreditCheck.objects.latest("pk").amount == 119


def test_v04_reopening_a_closed_order_checks_the_limit():
    customer = customer_with_limit("1071.00")
    first, _check = checked_order(customer=customer, lines=[(10, "90.00")])
    one = quantities_of(first, [1])
    commands.record_picked(first.pk, one, actor=SYSTEM)
    commands.record_shipped(first.pk, one, actor=SYSTEM)
    commands.cancel_order(first.pk, reason="closed", actor=SYSTEM)
    second, _check = checked_order(customer=customer, lines=[(8, "90.00")])
    assert second.state == OrderState.RELEASED

    with pytest.raises(CreditRefused):
        reopen_order(first.pk, reason="wanted again", actor=SYSTEM)

    first.refresh_from_db()
    assert first.state == OrderState.SHIPPED
