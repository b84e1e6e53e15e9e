from decimal import Decimal

import pytest

from credit.commands import check_order
from credit.models import CheckState, CreditCheck
from credit.queries import exposure
from o2c.core.actors import SYSTEM
from o2c.core.models import Event
from o2c.masters.models import Company
from orders.commands import hold_order
from orders.models import OrderState
from tests.factories.masters import CustomerFactory
from tests.given.credit import account_of, checked_order, customer_with_limit, debt
from tests.given.orders import confirmed_order

pytestmark = pytest.mark.django_db


def test_an_order_within_the_limit_is_released_by_the_check():
    customer = customer_with_limit("119.00")

    order, check = checked_order(customer=customer, lines=[(10, "10.00")])

    assert order.state == OrderState.RELEASED
    assert check.state == CheckState.APPROVED
    assert (check.amount, check.exposure, check.limit_amount) == (Decimal(119),) * 3
    assert check.rules == []


def test_an_order_over_the_limit_is_held_with_the_numbers():
    customer = customer_with_limit("118.99")

    order, check = checked_order(customer=customer, lines=[(10, "10.00")])

    assert order.state == OrderState.ON_HOLD
    assert order.is_held_by_credit
    assert order.hold_reason.startswith("Over the limit by 0.01")
    assert check.state == CheckState.HELD
    assert check.rules == [
        {"rule": "over_limit", "limit": "118.99", "exposure": "119.00", "over": "0.01"}
    ]


def test_a_customer_without_a_limit_may_buy():
    order, _check = checked_order(customer=customer_with_limit(None))

    assert order.state == OrderState.RELEASED


def test_the_first_order_of_a_new_customer_is_held_when_the_company_wants_that():
    customer = CustomerFactory()
    Company.objects.update(credit_new_customer_hold=True)

    order, check = checked_order(customer=customer)

    assert order.state == OrderState.ON_HOLD
    assert [rule["rule"] for rule in check.rules] == ["new_customer"]
    assert not account_of(customer).first_order_cleared


def test_every_rule_that_fires_is_named():
    customer = customer_with_limit("1.00")
    Company.objects.update(credit_new_customer_hold=True)
    account = account_of(customer)
    type(account).objects.update(first_order_cleared=False)

    _order, check = checked_order(customer=customer)

    assert [rule["rule"] for rule in check.rules] == ["new_customer", "over_limit"]


def test_debt_counts_and_the_waterfall_shows_every_part():
    customer = customer_with_limit("1000.00")
    debt(customer, "900.00")

    _order, check = checked_order(customer=customer, lines=[(10, "10.00")])

    parts = {part["part"]: Decimal(part["amount"]) for part in check.waterfall}
    assert parts["receivables"] == 900
    assert parts["this_order"] == 119
    assert check.exposure == 1019
    assert check.state == CheckState.HELD


def test_a_second_check_of_a_released_order_changes_nothing():
    order, _check = checked_order(customer=customer_with_limit(None))
    before = (Event.objects.count(), CreditCheck.objects.count())

    assert check_order(order.pk, actor=SYSTEM) is None
    assert (Event.objects.count(), CreditCheck.objects.count()) == before


def test_a_second_check_of_a_held_order_changes_nothing_while_the_figures_stand():
    order, check = checked_order(customer=customer_with_limit("1.00"))
    before = Event.objects.count()

    again = check_order(order.pk, actor=SYSTEM)

    assert again.pk == check.pk
    assert Event.objects.count() == before


def test_an_order_held_by_hand_is_not_checked():
    order = confirmed_order(customer=customer_with_limit("1000"))
    hold_order(order.pk, reason="Waiting for the customer.", actor=SYSTEM)

    assert check_order(order.pk, actor=SYSTEM) is None
    order.refresh_from_db()
    assert order.state == OrderState.ON_HOLD


def test_released_orders_use_the_limit_of_the_next():
    customer = customer_with_limit("200.00")
    first, _check = checked_order(customer=customer, lines=[(10, "10.00")])

    second, check = checked_order(customer=customer, lines=[(10, "10.00")])

    assert (first.state, second.state) == (OrderState.RELEASED, OrderState.ON_HOLD)
    parts = {part["part"]: Decimal(part["amount"]) for part in check.waterfall}
    assert parts["released_not_shipped"] == parts["this_order"] == 119


def test_the_payers_account_is_asked_not_the_buyers():
    payer = customer_with_limit("100.00")
    buyer = CustomerFactory(payer=payer)

    order, check = checked_order(customer=buyer, lines=[(10, "10.00")])

    assert order.state == OrderState.ON_HOLD
    assert check.account.customer == payer
    assert exposure(buyer.pk).exposure.total == 0


def test_a_passing_check_needs_seven_statements(count_statements):
    customer = customer_with_limit("100000.00")
    for number in (1, 30):
        order = confirmed_order(customer=customer, lines=[(1, "1.00")] * number)
        with count_statements() as count:
            check_order(order.pk, actor=SYSTEM)
        assert int(count) <= 7, str(count)
