import pytest

from credit.commands import open_account
from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted
from o2c.core.locks import NotFound
from o2c.core.models import Event
from tests.factories.masters import CustomerFactory

pytestmark = pytest.mark.django_db


def test_an_account_is_opened_once_in_the_customers_currency():
    customer = CustomerFactory(currency="USD")

    accounts = {open_account(customer.pk, actor=SYSTEM) for _twice in range(2)}

    (account,) = accounts
    assert account.currency == "USD"
    assert Event.objects.filter(name="account.opened").count() == 1


def test_a_known_customer_may_be_opened_as_such(credit_manager):
    account = open_account(CustomerFactory().pk, first_order_cleared=True, actor=credit_manager)

    assert account.first_order_cleared


def test_a_sales_clerk_opens_no_account(clerk):
    with pytest.raises(NotPermitted):
        open_account(CustomerFactory().pk, actor=clerk)


def test_nobody_has_no_account():
    with pytest.raises(NotFound, match="Customer 0 does not exist"):
        open_account(0, actor=SYSTEM)
