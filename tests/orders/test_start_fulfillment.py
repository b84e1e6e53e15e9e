"""start_fulfillment: the warehouse has begun with a released order."""

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.locks import NotFound
from o2c.core.models import Event
from orders.commands import hold_order, start_fulfillment
from orders.models import OrderState
from tests.given.orders import confirmed_order, released_order, shipped_order, state_of

pytestmark = pytest.mark.django_db


def test_a_released_order_is_in_fulfillment_and_remembers_it():
    order = start_fulfillment(released_order().pk, actor=SYSTEM)

    assert (state_of(order), order.fulfillment_started) == (OrderState.IN_FULFILLMENT, True)
    assert Event.objects.get(name="order.fulfillment_started").document_id == order.pk


def test_begun_twice_is_begun_once():
    order = released_order()

    for _time in range(2):
        start_fulfillment(order.pk, actor=SYSTEM)

    assert Event.objects.filter(name="order.fulfillment_started").count() == 1


@pytest.mark.parametrize("make", [confirmed_order, shipped_order])
def test_an_order_at_another_stage_stays_there(make):
    order = make()
    before = state_of(order)

    assert start_fulfillment(order.pk, actor=SYSTEM).state == before
    assert state_of(order) == before


def test_an_order_on_hold_is_not_begun():
    order = released_order()
    hold_order(order.pk, reason="Stop.", actor=SYSTEM)

    start_fulfillment(order.pk, actor=SYSTEM)

    assert state_of(order) == OrderState.ON_HOLD


def test_an_order_that_does_not_exist_is_named():
    with pytest.raises(NotFound, match="404"):
        start_fulfillment(404, actor=SYSTEM)
