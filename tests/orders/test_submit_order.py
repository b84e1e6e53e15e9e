from datetime import date

import pytest

from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.errors import TransitionRefused
from orders.commands import (
    OrderDraft,
    capture_order,
    submit_order,
)
from orders.models import OrderState
from tests.factories.masters import CustomerFactory, WarehouseFactory
from tests.factories.orders import OrderFactory

pytestmark = pytest.mark.django_db


TODAY = date(2026, 11, 21)


@pytest.fixture(autouse=True)
def _today():
    with clock.at(TODAY):
        yield


def test_submitting_hands_the_order_in_for_review(count_statements):
    order = OrderFactory()

    with count_statements() as count:
        submit_order(order.pk, actor=SYSTEM)

    order.refresh_from_db()
    assert order.state == OrderState.SUBMITTED
    assert int(count) <= 3, str(count)


def test_an_order_without_lines_cannot_be_submitted():
    customer = CustomerFactory()
    WarehouseFactory()
    order = capture_order(OrderDraft(customer.pk), actor=SYSTEM)

    with pytest.raises(TransitionRefused, match="no lines"):
        submit_order(order.pk, actor=SYSTEM)
