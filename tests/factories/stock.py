"""Goods to come. Whatever lies on stock got there by a command: see `tests.given.stock`."""

from datetime import date
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from o2c.stock.models import ExpectedReceipt
from tests.factories.masters import ItemFactory, WarehouseFactory


class ExpectedReceiptFactory(DjangoModelFactory):
    """Ten pieces for the main warehouse, announced for the end of 2026."""

    class Meta:
        model = ExpectedReceipt

    item = factory.SubFactory(ItemFactory)
    warehouse = factory.SubFactory(WarehouseFactory)
    quantity = Decimal(10)
    expected_date = date(2026, 12, 31)
    reference = factory.Sequence(lambda n: f"PO-{n:04d}")
