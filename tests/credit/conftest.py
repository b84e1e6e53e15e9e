import pytest

from credit.commands import reject_check
from tests.factories.credit import CreditAuthorityFactory
from tests.given.credit import checked_order, customer_with_limit


@pytest.fixture(autouse=True)
def _alone(nobody_follows: None) -> None:
    """These tests look at one stage alone."""


@pytest.fixture
def rejected(credit_manager):
    """A customer, an order of 119.00 that is 19.00 too much, and the check a person refused."""
    CreditAuthorityFactory()
    customer = customer_with_limit("100.00")
    order, check = checked_order(customer=customer, lines=[(1, "100.00")])
    reject_check(check.pk, reason="Not before the old debt is paid.", actor=credit_manager)
    return customer, order, check
