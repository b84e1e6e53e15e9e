from decimal import Decimal

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation
from o2c.stock.commands import receive_expected
from o2c.stock.models import Balance
from o2c.stock.queries import expected_receipts
from tests.factories.stock import ExpectedReceiptFactory
from tests.given.stock import storage

pytestmark = pytest.mark.django_db


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


@pytest.mark.parametrize("quantity", [0, -1])
def test_less_than_something_cannot_be_received(quantity):
    expected = ExpectedReceiptFactory(quantity=Decimal(10))

    with pytest.raises(RuleViolation, match="greater than zero") as refused:
        receive_expected(expected.pk, storage().pk, Decimal(quantity), actor=SYSTEM)

    assert refused.value.field == "quantity"


def test_who_may_not_learns_nothing(clerk):
    with pytest.raises(NotPermitted, match=r"stock\.receive_goods"):
        receive_expected(404, storage().pk, Decimal(1), actor=clerk)
