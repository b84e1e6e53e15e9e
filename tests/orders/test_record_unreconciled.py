"""record_unreconciled: something is owed back, or the bank no longer knows a payment."""

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.locks import NotFound
from o2c.core.models import Event
from orders.commands import record_paid, record_reconciled, record_unreconciled
from orders.models import OrderState
from tests.given.orders import invoiced_order, state_of

pytestmark = pytest.mark.django_db


def test_a_reconciled_order_is_paid_again_and_may_be_reconciled_again():
    (order,) = record_paid([invoiced_order().pk], actor=SYSTEM)
    record_reconciled([order.pk], actor=SYSTEM)

    for _time in range(2):
        record_unreconciled([order.pk], actor=SYSTEM)

    assert state_of(order) == OrderState.PAID
    assert Event.objects.filter(name="order.unreconciled").count() == 1
    record_reconciled([order.pk], actor=SYSTEM)
    assert state_of(order) == OrderState.RECONCILED


def test_what_is_not_reconciled_stays_as_it_is():
    order = invoiced_order()

    record_unreconciled([order.pk], actor=SYSTEM)

    assert state_of(order) == OrderState.INVOICED


def test_an_order_that_does_not_exist_is_named():
    with pytest.raises(NotFound, match="404"):
        record_unreconciled([404], actor=SYSTEM)
