"""record_unsettled: a payment was taken back, and what counted as paid is owed again."""

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.locks import NotFound
from o2c.core.models import Event
from orders.commands import record_paid, record_reconciled, record_unsettled
from orders.models import OrderState
from tests.given.orders import invoiced_order, shipped_order, state_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid():
    (order,) = record_paid([invoiced_order().pk], actor=SYSTEM)
    return order


def test_a_paid_order_is_invoiced_again_and_may_be_paid_again(paid):
    record_unsettled([paid.pk], actor=SYSTEM)
    assert state_of(paid) == OrderState.INVOICED

    record_paid([paid.pk], actor=SYSTEM)

    assert state_of(paid) == OrderState.PAID


def test_a_reconciled_order_is_invoiced_again_too(paid):
    record_reconciled([paid.pk], actor=SYSTEM)

    record_unsettled([paid.pk], actor=SYSTEM)

    assert state_of(paid) == OrderState.INVOICED
    event = Event.objects.get(name="order.unsettled")
    assert (event.old_state, event.new_state) == (OrderState.RECONCILED, OrderState.INVOICED)


def test_twice_is_once(paid):
    for _time in range(2):
        record_unsettled([paid.pk], actor=SYSTEM)

    assert Event.objects.filter(name="order.unsettled").count() == 1


def test_what_is_not_paid_stays_as_it_is():
    order = shipped_order()

    record_unsettled([order.pk], actor=SYSTEM)

    assert state_of(order) == OrderState.SHIPPED


def test_an_order_that_does_not_exist_is_named():
    with pytest.raises(NotFound, match="404"):
        record_unsettled([404], actor=SYSTEM)
