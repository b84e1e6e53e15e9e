from datetime import date

import pytest

from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.models import Event
from orders.commands import (
    promise_order,
)
from tests.factories.masters import CustomerFactory
from tests.factories.orders import priced_item
from tests.factories.stock import ExpectedReceiptFactory
from tests.given.orders import confirmed_order

pytestmark = pytest.mark.django_db


TODAY = date(2026, 11, 21)


@pytest.fixture(autouse=True)
def _today():
    with clock.at(TODAY):
        yield


def test_a_promise_is_made_anew_when_more_is_announced():
    customer = CustomerFactory()
    item = priced_item(customer, "1")
    order = confirmed_order(customer=customer, lines=[(item, 5)])
    ExpectedReceiptFactory(item=item, quantity=5, expected_date=date(2026, 12, 1))

    promised = promise_order(order.pk, actor=SYSTEM)

    assert promised.promised_date == date(2026, 12, 1)
    assert Event.objects.filter(name="order.promised", document_id=order.pk).exists()
