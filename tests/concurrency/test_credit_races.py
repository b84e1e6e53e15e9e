"""R07: two orders, each within the limit and together over it, want the same credit at once."""

from decimal import Decimal
from functools import partial

import pytest

from credit.commands import check_order, open_account, set_authority
from credit.models import CreditAccount, CreditAuthority
from credit.queries import exposure
from o2c.core.actors import SYSTEM
from o2c.rights import write_rights
from orders.models import Order, OrderState
from tests.concurrency.race import locks_off, lost, race
from tests.factories.masters import CustomerFactory
from tests.given.credit import customer_with_limit
from tests.given.orders import confirmed_order

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("nobody_follows"),
]


def four_orders_for_the_credit_of_one():
    customer = customer_with_limit("150.00")
    orders = [confirmed_order(customer=customer, lines=[(1, "100.00")]) for _ in range(4)]
    return customer, [partial(check_order, order.pk, actor=SYSTEM) for order in orders]


def released() -> int:
    return Order.objects.filter(state=OrderState.RELEASED).count()


def test_the_last_credit_is_spent_once():
    customer, checks = four_orders_for_the_credit_of_one()

    outcomes = race(*checks)

    assert lost(outcomes) == []
    assert released() == 1
    assert exposure(customer.pk).exposure.total == Decimal(119)


def test_without_the_account_lock_it_is_spent_more_than_once():
    customer, checks = four_orders_for_the_credit_of_one()

    with locks_off():
        race(*checks)

    assert released() == 4
    assert exposure(customer.pk).exposure.total == Decimal(4 * 119)


def test_an_account_is_opened_once_by_eight_at_once():
    customer = CustomerFactory()

    outcomes = race(*[partial(open_account, customer.pk, actor=SYSTEM)] * 8)

    assert lost(outcomes) == []
    assert CreditAccount.objects.count() == 1


def test_the_first_authority_of_a_role_is_set_once_by_eight_at_once():
    write_rights()

    outcomes = race(*[partial(set_authority, "controller", Decimal(5), actor=SYSTEM)] * 8)

    assert lost(outcomes) == []
    assert CreditAuthority.objects.count() == 1
