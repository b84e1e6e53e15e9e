"""change_hold: a held order gets another reason."""

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation
from o2c.core.models import Event
from orders.commands import change_hold, hold_order
from orders.models import HoldKind, OrderState
from tests.given.orders import confirmed_order, released_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def held():
    order = confirmed_order()
    return hold_order(order.pk, reason="One.", kind=HoldKind.CREDIT, actor=SYSTEM)


def test_a_held_order_gets_another_reason_and_stays_held(held, clerk):
    change_hold(held.pk, reason="Two.", actor=clerk)

    held.refresh_from_db()
    assert (held.state, held.hold_reason) == (OrderState.ON_HOLD, "Two.")
    assert held.hold_kind == HoldKind.CREDIT
    event = Event.objects.get(name="order.hold_changed")
    assert (event.actor, event.facts) == ("clara", {"hold_reason": "Two."})


def test_no_reason_is_no_other_reason(held):
    with pytest.raises(RuleViolation, match="Say why") as refused:
        change_hold(held.pk, reason=" ", actor=SYSTEM)

    assert refused.value.field == "reason"


@pytest.mark.parametrize("make", [confirmed_order, released_order])
def test_what_is_not_held_has_no_reason_to_change(make):
    with pytest.raises(RuleViolation, match="cannot be changed like this"):
        change_hold(make().pk, reason="Two.", actor=SYSTEM)

    assert not Event.objects.filter(name="order.hold_changed").exists()


def test_the_same_operation_is_carried_out_once(held):
    for _time in range(2):
        change_hold(held.pk, reason="Two.", actor=SYSTEM, op_id="form-1")

    assert Event.objects.filter(name="order.hold_changed").count() == 1


def test_a_picker_may_not(held, picker):
    with pytest.raises(NotPermitted, match=r"orders\.hold_order"):
        change_hold(held.pk, reason="Two.", actor=picker)

    held.refresh_from_db()
    assert held.hold_reason == "One."
