"""clear_account: a person knows the customer, so its first order need not wait."""

import pytest

from credit.commands import clear_account, recheck_account
from credit.models import CheckState
from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation
from o2c.core.models import Event
from o2c.masters.models import Company
from orders.models import OrderState
from tests.factories.credit import CreditAccountFactory
from tests.factories.masters import CustomerFactory
from tests.given.credit import account_of, checked_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def account():
    return CreditAccountFactory(first_order_cleared=False)


def test_a_cleared_customer_counts_as_known(account, credit_manager):
    clear_account(account.pk, reason="Known from the fair.", actor=credit_manager)

    account.refresh_from_db()
    assert account.first_order_cleared
    event = Event.objects.get(name="account.cleared")
    assert (event.actor, event.facts) == ("chris", {"reason": "Known from the fair."})
    assert account.history.first().history_user_id == "chris"


def test_a_first_time_customer_who_is_cleared_gets_the_order_that_waited(credit_manager):
    customer = CustomerFactory()
    Company.objects.update(credit_new_customer_hold=True)
    order, check = checked_order(customer=customer)
    assert order.state == OrderState.ON_HOLD

    account = account_of(customer)
    clear_account(account.pk, reason="Known from the fair.", actor=credit_manager)
    recheck_account(account.pk, actor=SYSTEM)

    order.refresh_from_db()
    check.refresh_from_db()
    assert order.state == OrderState.RELEASED
    assert (check.state, check.decided_by) == (CheckState.APPROVED, "system")


def test_the_same_operation_is_carried_out_once(account, credit_manager):
    for _time in range(2):
        clear_account(account.pk, reason="Known.", actor=credit_manager, op_id="form-1")

    assert Event.objects.filter(name="account.cleared").count() == 1


def test_a_sales_clerk_clears_nobody(account, clerk):
    with pytest.raises(NotPermitted, match=r"credit\.clear_account"):
        clear_account(account.pk, reason="x", actor=clerk)

    account.refresh_from_db()
    assert not account.first_order_cleared


@pytest.mark.parametrize("blank", ["", " \t"])
def test_it_says_how_the_payer_is_known(account, credit_manager, blank):
    with pytest.raises(RuleViolation, match="Say how") as refused:
        clear_account(account.pk, reason=blank, actor=credit_manager)

    account.refresh_from_db()
    assert refused.value.field == "reason"
    assert not account.first_order_cleared
