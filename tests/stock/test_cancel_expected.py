from decimal import Decimal

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from o2c.stock.commands import cancel_expected, receive_expected
from o2c.stock.queries import expected_receipts
from tests.factories.stock import ExpectedReceiptFactory
from tests.given.stock import storage

pytestmark = pytest.mark.django_db


def test_a_cancelled_delivery_does_not_come():
    expected = cancel_expected(ExpectedReceiptFactory().pk, actor=SYSTEM)

    assert expected.outstanding == 0
    assert expected_receipts([expected.item_id])[expected.item_id] == []
    with pytest.raises(RuleViolation, match="was cancelled"):
        receive_expected(expected.pk, storage().pk, Decimal(1), actor=SYSTEM)
