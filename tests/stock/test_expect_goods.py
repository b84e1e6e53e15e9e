from datetime import date
from decimal import Decimal

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from o2c.stock.commands import expect_goods
from o2c.stock.models import ExpectedReceipt
from o2c.stock.queries import expected_receipts
from tests.factories.masters import ItemFactory, ServiceFactory, WarehouseFactory
from tests.factories.stock import ExpectedReceiptFactory

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


def test_nothing_cannot_be_expected():
    with pytest.raises(RuleViolation, match="greater than zero"):
        expect_goods(1, 1, Decimal(0), date(2026, 12, 1), actor=SYSTEM)


@pytest.mark.parametrize(
    ("make", "quantity", "field", "sentence"),
    [
        (ServiceFactory, "1", "item", "is a service"),
        (ItemFactory, "1.5", "quantity", "more decimals than the unit allows"),
        (None, "1", "item", "no such item"),
    ],
)
def test_what_could_never_be_received_is_not_expected(make, quantity, field, sentence):
    item_id = make().pk if make else 404

    with pytest.raises(RuleViolation, match=sentence) as refused:
        expect_goods(
            item_id, WarehouseFactory().pk, Decimal(quantity), date(2026, 12, 1), actor=SYSTEM
        )

    assert refused.value.field == field
    assert not ExpectedReceipt.objects.exists()
