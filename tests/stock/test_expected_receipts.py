"""expect_goods, receive_expected, cancel_expected: what promises with dates count on."""

from datetime import date
from decimal import Decimal

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from o2c.stock.commands import cancel_expected, expect_goods, receive_expected
from o2c.stock.models import Balance
from o2c.stock.queries import expected_receipts
from tests.factories.masters import ItemFactory, WarehouseFactory
from tests.factories.stock import ExpectedReceiptFactory
from tests.given.stock import storage

pytestmark = pytest.mark.django_db


def test_deliveries_to_come_are_listed_by_item_earliest_first(django_assert_num_queries):
    item, other = ItemFactory(), ItemFactory()
    warehouse = WarehouseFactory()
    late = ExpectedReceiptFactory(item=item, expected_date=date(2026, 12, 24))
    soon = expect_goods(item.pk, warehouse.pk, Decimal(5), date(2026, 12, 1), actor=SYSTEM)
    ExpectedReceiptFactory(item=item, warehouse=WarehouseFactory(code="OTHER"))

    with django_assert_num_queries(1):
        assert expected_receipts([item.pk, other.pk], warehouse) == {
            item.pk: [soon, late],
            other.pk: [],
        }


def test_receiving_a_part_leaves_the_rest_to_come():
    expected = ExpectedReceiptFactory(quantity=Decimal(10))

    receipt = receive_expected(expected.pk, storage().pk, Decimal(4), actor=SYSTEM)

    expected.refresh_from_db()
    assert (expected.received, expected.outstanding) == (4, 6)
    assert receipt.reference == expected.reference
    assert Balance.objects.get().on_hand == 4


def test_more_than_announced_leaves_nothing_to_come():
    expected = ExpectedReceiptFactory(quantity=Decimal(10))

    receive_expected(expected.pk, storage().pk, Decimal(12), actor=SYSTEM)

    expected.refresh_from_db()
    assert expected.outstanding == 0
    assert expected_receipts([expected.item_id])[expected.item_id] == []


def test_a_cancelled_delivery_does_not_come():
    expected = cancel_expected(ExpectedReceiptFactory().pk, actor=SYSTEM)

    assert expected.outstanding == 0
    assert expected_receipts([expected.item_id])[expected.item_id] == []
    with pytest.raises(RuleViolation, match="was cancelled"):
        receive_expected(expected.pk, storage().pk, Decimal(1), actor=SYSTEM)


def test_nothing_cannot_be_expected():
    with pytest.raises(RuleViolation, match="greater than zero"):
        expect_goods(1, 1, Decimal(0), date(2026, 12, 1), actor=SYSTEM)
