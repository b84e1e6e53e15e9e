"""reopen_order: the cancelled rest of a shipped order is wanted after all."""

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation
from o2c.core.models import Event
from orders.commands import cancel_order, reopen_order
from orders.models import OrderState
from tests.factories.orders import OrderFactory
from tests.given.orders import (
    lines_of,
    pick_and_ship,
    report,
    reserved_order,
    shipped_order,
    state_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def closed():
    """Ten ordered and set aside, five shipped, the rest cancelled."""
    order, _balance = reserved_order(in_stock=10, ordered=10)
    pick_and_ship(order, 5)
    return cancel_order(order.pk, reason="enough", actor=SYSTEM)


def test_v18_a_closed_order_holds_nothing_and_reopened_wants_the_rest_again(closed, clerk):
    line = lines_of(closed)[0]
    assert (closed.state, line.reserved, line.cancelled) == (OrderState.SHIPPED, 0, 5)

    order = reopen_order(closed.pk, reason="wanted after all", actor=clerk)

    line = lines_of(order)[0]
    assert order.state == OrderState.CONFIRMED
    assert (line.cancelled, line.open_quantity, line.net, order.net) == (0, 5, 10, 10)
    event = Event.objects.filter(name="order.amended").latest("pk")
    facts = event.facts
    assert event.actor == "clara"
    assert (facts["reason"], facts["before"], facts["gross"]) == (
        "wanted after all",
        "5.95",
        "11.90",
    )
    assert Event.objects.filter(name="order.reopened").count() == 1


def test_a_billed_order_may_be_reopened_too(closed):
    report("invoiced", closed, 5)
    assert state_of(closed) == OrderState.INVOICED

    reopen_order(closed.pk, reason="wanted after all", actor=SYSTEM)

    assert state_of(closed) == OrderState.CONFIRMED


def test_a_reason_is_asked_for(closed):
    with pytest.raises(RuleViolation, match="Say why") as refused:
        reopen_order(closed.pk, reason=" ", actor=SYSTEM)

    assert refused.value.field == "reason"


def test_nothing_cancelled_is_nothing_to_reopen():
    with pytest.raises(RuleViolation, match="nothing of it is cancelled"):
        reopen_order(shipped_order().pk, reason="x", actor=SYSTEM)


def test_an_order_that_was_cancelled_as_a_whole_stays_cancelled():
    order = cancel_order(OrderFactory().pk, reason="no", actor=SYSTEM)

    with pytest.raises(RuleViolation, match="is “Cancelled” and cannot be changed"):
        reopen_order(order.pk, reason="x", actor=SYSTEM)

    assert state_of(order) == OrderState.CANCELLED


def test_a_second_time_there_is_nothing_left_to_reopen(closed):
    reopen_order(closed.pk, reason="wanted", actor=SYSTEM)

    with pytest.raises(RuleViolation, match="nothing of it is cancelled"):
        reopen_order(closed.pk, reason="wanted", actor=SYSTEM)


def test_the_same_operation_is_carried_out_once(closed):
    for _time in range(2):
        assert reopen_order(closed.pk, reason="wanted", actor=SYSTEM, op_id="form-1") == closed

    assert Event.objects.filter(name="order.reopened").count() == 1


def test_a_picker_may_not(closed, picker):
    with pytest.raises(NotPermitted, match=r"orders\.reopen_order"):
        reopen_order(closed.pk, reason="wanted", actor=picker)

    assert lines_of(closed)[0].cancelled == 5
