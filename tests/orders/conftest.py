import pytest

from tests.factories.masters import CustomerFactory, WarehouseFactory
from tests.factories.orders import priced_item


@pytest.fixture(autouse=True)
def _alone(nobody_follows: None) -> None:
    """These tests look at one stage alone."""


@pytest.fixture
def customer():
    """Who may not order twice under one number, and two items at 10.00 and 5.50."""
    WarehouseFactory()
    made = CustomerFactory(code="ACME", po_policy="refuse")
    priced_item(made, "10.00", code="BOLT")
    priced_item(made, "5.50", code="NUT")
    return made
