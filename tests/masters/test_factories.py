"""The factories others lean on make masters that work together."""

from datetime import date
from decimal import Decimal

import pytest

from o2c.masters import queries
from o2c.masters.models import Company
from tests.factories.masters import (
    CarrierFactory,
    CustomerFactory,
    ItemFactory,
    WarehouseFactory,
)

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 2)


def test_a_customer_out_of_the_box_can_order():
    customer = CustomerFactory()
    item = ItemFactory(price="12.50")

    prices = queries.prices_for(customer, [item.pk], TODAY)
    taxes = queries.taxes_for(customer.pk, "DE", TODAY)

    assert prices[item.pk][0].price == Decimal("12.50")
    assert taxes.of(item).percent == 19
    assert customer.ship_to_address.city == "München"
    assert [line.days for line in customer.terms.plan().lines] == [30]


def test_a_customer_in_another_currency_has_a_rate_and_a_price_list_of_its_own():
    customer = CustomerFactory(currency="USD")

    assert customer.price_list.currency == "USD"
    assert queries.rate_on("USD", TODAY) == Decimal("0.90")


def test_shared_masters_are_made_once():
    CustomerFactory.create_batch(3)
    ItemFactory.create_batch(3)
    WarehouseFactory()
    WarehouseFactory()
    CarrierFactory()

    assert Company.objects.count() == 1
    assert WarehouseFactory().locations.filter(kind="storage").count() == 2
