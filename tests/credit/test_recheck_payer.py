"""recheck_payer: money has come, so what waits for it is asked about again."""

import pytest

from credit.commands import recheck_payer
from credit.models import CheckState
from o2c.core.actors import SYSTEM
from o2c.core.models import Event
from orders.commands import hold_order
from orders.models import Order, OrderState
from tests.factories.masters import CustomerFactory
from tests.given.credit import checked_order, customer_with_limit, debt, raised_limit
from tests.given.orders import confirmed_order

pytestmark = pytest.mark.django_db


def states(*orders):
    return [Order.objects.get(pk=order.pk).state for order in orders]


def test_the_oldest_order_is_served_first():
    customer = customer_with_limit("100.00")
    first, check = checked_order(customer=customer, lines=[(1, "100.00")])
    second, still = checked_order(customer=customer, lines=[(1, "100.00")])
    raised_limit(customer, "150.00")

    assert recheck_payer(customer.pk, actor=SYSTEM) == [check, still]

    assert states(first, second) == [OrderState.RELEASED, OrderState.ON_HOLD]


def test_money_that_came_makes_room_for_the_order():
    customer = customer_with_limit("119.00")
    debt(customer, "100.00")
    order, _check = checked_order(customer=customer, lines=[(1, "100.00")])
    assert states(order) == [OrderState.ON_HOLD]
    debt(customer, "-100.00")

    (passed,) = recheck_payer(customer.pk, actor=SYSTEM)

    assert states(order) == [OrderState.RELEASED]
    assert (passed.state, passed.exposure) == (CheckState.APPROVED, 119)


def test_asked_twice_it_is_answered_once():
    customer = customer_with_limit("100.00")
    checked_order(customer=customer, lines=[(1, "100.00")])
    raised_limit(customer, "119.00")
    recheck_payer(customer.pk, actor=SYSTEM)
    before = Event.objects.count()

    assert recheck_payer(customer.pk, actor=SYSTEM) == []
    assert Event.objects.count() == before


def test_what_nobody_holds_for_credit_is_left_alone():
    customer = customer_with_limit(None)
    confirmed = confirmed_order(customer=customer)
    stopped = hold_order(confirmed_order(customer=customer).pk, reason="Moving.", actor=SYSTEM)

    assert recheck_payer(customer.pk, actor=SYSTEM) == []
    assert states(confirmed, stopped) == [OrderState.CONFIRMED, OrderState.ON_HOLD]


def test_a_customer_without_an_account_has_nothing_to_ask_about():
    assert recheck_payer(CustomerFactory().pk, actor=SYSTEM) == []
