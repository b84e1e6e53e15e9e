import pytest

from credit.commands import classify_account, clear_account, recheck_account
from credit.models import CreditCheck
from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted
from o2c.masters.models import Company
from orders.models import OrderState
from tests.factories.credit import CreditAccountFactory
from tests.factories.masters import CustomerFactory
from tests.given.credit import account_of, checked_order

pytestmark = pytest.mark.django_db


def test_an_account_is_classified_and_cleared_on_record(credit_manager):
    account = CreditAccountFactory(first_order_cleared=False)

    classify_account(account.pk, risk_class="high", overdue_days_allowed=None, actor=credit_manager)
    clear_account(account.pk, reason="Known from the fair.", actor=credit_manager)

    account.refresh_from_db()
    assert (account.risk_class, account.overdue_days_allowed) == ("high", None)
    assert account.first_order_cleared
    assert account.history.count() == 3


def test_a_first_time_customer_who_is_cleared_gets_the_order_that_waited(credit_manager):
    customer = CustomerFactory()
    Company.objects.update(credit_new_customer_hold=True)
    order, check = checked_order(customer=customer)
    assert order.state == OrderState.ON_HOLD

    account = account_of(customer)
    clear_account(account.pk, reason="Known from the fair.", actor=credit_manager)
    recheck_account(account.pk, actor=SYSTEM)

    order.refresh_from_db()
    assert order.state == OrderState.RELEASED
    assert CreditCheck.objects.get(pk=check.pk).decided_by == "system"


def test_a_sales_clerk_neither_classifies_nor_clears(clerk):
    account = CreditAccountFactory()

    with pytest.raises(NotPermitted):
        classify_account(account.pk, risk_class="low", overdue_days_allowed=1, actor=clerk)
    with pytest.raises(NotPermitted):
        clear_account(account.pk, reason="x", actor=clerk)
