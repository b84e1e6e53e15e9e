"""record_paid: every invoice of an order is settled."""

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.locks import NotFound
from o2c.core.models import Event
from orders.commands import record_paid
from orders.models import OrderState
from tests.given.orders import invoiced_order, released_order, shipped_order, state_of

pytestmark = pytest.mark.django_db


def test_an_invoiced_order_is_paid():
    (order,) = record_paid([invoiced_order().pk], actor=SYSTEM)

    assert state_of(order) == OrderState.PAID
    event = Event.objects.get(name="order.paid")
    assert (event.old_state, event.new_state) == (OrderState.INVOICED, OrderState.PAID)


def test_paid_twice_is_paid_once():
    order = invoiced_order()

    for _time in range(2):
        record_paid([order.pk], actor=SYSTEM)

    assert Event.objects.filter(name="order.paid").count() == 1


@pytest.mark.parametrize("make", [released_order, shipped_order])
def test_an_order_that_is_not_billed_is_not_paid(make):
    order = make()
    before = state_of(order)

    record_paid([order.pk], actor=SYSTEM)

    assert state_of(order) == before


def test_an_order_that_does_not_exist_is_named():
    with pytest.raises(NotFound, match="404"):
        record_paid([404], actor=SYSTEM)
