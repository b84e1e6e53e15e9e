"""Asking again: by a person, after a change of the account, and when money has come."""

from datetime import date
from decimal import Decimal

import pytest

from credit.commands import (
    recheck_account,
    recheck_check,
    recheck_payer,
    reject_check,
    set_limit,
)
from credit.models import CheckState, CreditCheck
from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted
from orders.models import OrderState
from tests.factories.credit import CreditAuthorityFactory
from tests.given.credit import account_of, checked_order, customer_with_limit
from tests.given.orders import confirmed_order

pytestmark = pytest.mark.django_db

LONG_AGO = date(2020, 1, 1)


def raise_limit(customer, amount):
    account = account_of(customer)
    set_limit(account.pk, amount=Decimal(amount), valid_from=LONG_AGO, actor=SYSTEM)
    return account


def states(*orders):
    for order in orders:
        order.refresh_from_db()
    return tuple(order.state for order in orders)


def test_asking_again_serves_the_oldest_order_first():
    customer = customer_with_limit("100.00")
    first, _check = checked_order(customer=customer, lines=[(1, "100.00")])
    second, _check = checked_order(customer=customer, lines=[(1, "100.00")])
    raise_limit(customer, "150.00")

    recheck_payer(customer.pk, actor=SYSTEM)

    assert states(first, second) == (OrderState.RELEASED, OrderState.ON_HOLD)


def test_a_payer_without_orders_on_hold_is_left_alone():
    customer = customer_with_limit(None)
    confirmed_order(customer=customer)

    assert recheck_payer(customer.pk, actor=SYSTEM) == []


def test_a_raised_limit_asks_again_by_the_account():
    customer = customer_with_limit("100.00")
    order, check = checked_order(customer=customer, lines=[(1, "100.00")])

    recheck_account(raise_limit(customer, "119.00").pk, actor=SYSTEM)

    assert states(order) == (OrderState.RELEASED,)
    check.refresh_from_db()
    assert (check.state, check.overridden) == (CheckState.APPROVED, False)


@pytest.fixture
def rejected(credit_manager):
    CreditAuthorityFactory()
    customer = customer_with_limit("100.00")
    order, check = checked_order(customer=customer, lines=[(1, "100.00")])
    reject_check(check.pk, reason="Not before the old debt is paid.", actor=credit_manager)
    return customer, order, check


def test_what_a_person_refused_is_not_released_by_money_alone(rejected):
    customer, order, check = rejected

    recheck_account(raise_limit(customer, "1000.00").pk, actor=SYSTEM)

    check.refresh_from_db()
    assert states(order) == (OrderState.ON_HOLD,)
    assert check.state == CheckState.REJECTED


def test_a_person_may_ask_again_about_what_was_refused(rejected, credit_manager):
    customer, order, check = rejected

    still = recheck_check(check.pk, actor=credit_manager)
    assert (still.state, still.pk > check.pk) == (CheckState.HELD, True)
    raise_limit(customer, "1000.00")
    passed = recheck_check(check.pk, actor=credit_manager)

    assert (passed.pk, passed.state) == (still.pk, CheckState.APPROVED)
    assert states(order) == (OrderState.RELEASED,)
    assert CreditCheck.objects.get(pk=check.pk).state == CheckState.REJECTED


def test_asking_again_needs_the_right(rejected, clerk):
    with pytest.raises(NotPermitted):
        recheck_check(rejected[2].pk, actor=clerk)
