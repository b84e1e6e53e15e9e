"""record_reconciled: the last cent of an order is matched with the bank."""

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.locks import NotFound
from o2c.core.models import Event
from orders.commands import record_paid, record_reconciled
from orders.models import OrderState
from tests.given.orders import invoiced_order, state_of

pytestmark = pytest.mark.django_db


def test_a_paid_order_is_reconciled_once():
    (order,) = record_paid([invoiced_order().pk], actor=SYSTEM)

    for _time in range(2):
        record_reconciled([order.pk], actor=SYSTEM)

    assert state_of(order) == OrderState.RECONCILED
    event = Event.objects.get(name="order.reconciled")
    assert (event.old_state, event.new_state) == (OrderState.PAID, OrderState.RECONCILED)


def test_an_order_that_is_not_paid_is_not_reconciled():
    order = invoiced_order()

    record_reconciled([order.pk], actor=SYSTEM)

    assert state_of(order) == OrderState.INVOICED


def test_an_order_that_does_not_exist_is_named():
    with pytest.raises(NotFound, match="404"):
        record_reconciled([404], actor=SYSTEM)
