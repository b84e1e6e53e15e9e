"""unblock_account: the limit and the rules decide again, and orders go on where they stood."""

import pytest

from credit.commands import recheck_account, unblock_account
from credit.models import AccountState
from fulfillment.commands import plan_order
from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, TransitionRefused
from o2c.core.models import Event
from orders.models import OrderState
from tests.given.credit import account_of, blocked, checked_order, customer_with_limit
from tests.given.logistics import goods

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer():
    return customer_with_limit(None)


def test_an_unblocked_account_lets_its_orders_be_asked_about_again(customer, credit_manager):
    account = blocked(customer)
    order, _check = checked_order(customer=customer)

    unblocked = unblock_account(account.pk, actor=credit_manager)
    assert (unblocked.state, unblocked.stop_reason) == (AccountState.OPEN, "")
    assert Event.objects.get(name="account.unblocked").actor == "chris"
    recheck_account(account.pk, actor=SYSTEM)

    order.refresh_from_db()
    assert order.state == OrderState.RELEASED


def test_orders_go_on_where_they_stood(customer):
    order, _check = checked_order(customer=customer, lines=[(goods(10), 20)])
    plan_order(order.pk, actor=SYSTEM)
    account = blocked(customer)

    unblock_account(account.pk, actor=SYSTEM)
    recheck_account(account.pk, actor=SYSTEM)

    order.refresh_from_db()
    assert order.state == OrderState.IN_FULFILLMENT


def test_an_open_account_is_not_unblocked(customer):
    with pytest.raises(TransitionRefused, match="It is Open"):
        unblock_account(account_of(customer).pk, actor=SYSTEM)


def test_the_same_operation_is_carried_out_once(customer):
    account = blocked(customer)

    for _time in range(2):
        unblock_account(account.pk, actor=SYSTEM, op_id="form-1")

    assert Event.objects.filter(name="account.unblocked").count() == 1


def test_a_sales_clerk_may_not(customer, clerk):
    account = blocked(customer)

    with pytest.raises(NotPermitted, match=r"credit\.unblock_account"):
        unblock_account(account.pk, actor=clerk)

    assert account_of(customer).blocked
