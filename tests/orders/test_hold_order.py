import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation, TransitionRefused
from orders.commands import (
    change_hold,
    hold_order,
    record_picked,
    record_reserved,
    release_order,
    resume_order,
    start_fulfillment,
)
from orders.models import HoldKind, OrderState
from tests.given.orders import (
    confirmed_order,
    quantities_of,
    released_order,
    shipped_order,
    submitted_order,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("stage", ["confirmed", "released", "in_fulfillment"])
def test_a_resumed_order_goes_on_where_it_stood(stage, clerk):
    order = confirmed_order() if stage == "confirmed" else released_order()
    if stage == "in_fulfillment":
        start_fulfillment(order.pk, actor=SYSTEM)

    held = hold_order(order.pk, reason="Customer is moving.", actor=clerk)
    assert (held.state, held.hold_reason) == (OrderState.ON_HOLD, "Customer is moving.")
    resumed = resume_order(order.pk, actor=clerk)

    assert resumed.state == stage
    assert (resumed.hold_kind, resumed.hold_reason) == ("", "")


def test_a_hold_needs_a_reason():
    order = confirmed_order()

    with pytest.raises(RuleViolation) as refused:
        hold_order(order.pk, reason="  ", actor=SYSTEM)

    assert refused.value.field == "reason"


def test_v10_nothing_is_picked_for_an_order_on_hold():
    order = released_order()
    hold_order(order.pk, reason="Stop.", actor=SYSTEM)

    for record in (record_reserved, record_picked):
        with pytest.raises(RuleViolation, match=r"on hold: Stop\."):
            record(order.pk, quantities_of(order), actor=SYSTEM)


def test_nobody_resumes_an_order_that_credit_holds(clerk):
    order = confirmed_order()
    hold_order(order.pk, reason="Over the limit.", kind=HoldKind.CREDIT, actor=SYSTEM)

    with pytest.raises(TransitionRefused, match="credit manager decides"):
        resume_order(order.pk, actor=clerk)


def test_credit_does_not_release_an_order_held_by_hand():
    order = confirmed_order()
    hold_order(order.pk, reason="Wait.", actor=SYSTEM)

    with pytest.raises(TransitionRefused, match="held by hand"):
        release_order(order.pk, actor=SYSTEM)


def test_credit_ends_its_own_hold_by_releasing():
    order = confirmed_order()
    hold_order(order.pk, reason="Over the limit.", kind=HoldKind.CREDIT, actor=SYSTEM)

    released = release_order(order.pk, actor=SYSTEM)

    assert (released.state, released.hold_kind) == (OrderState.RELEASED, "")


def test_releasing_twice_is_harmless(count_statements):
    order = released_order()

    with count_statements() as count:
        release_order(order.pk, actor=SYSTEM)

    assert int(count) == 1, str(count)


def test_releasing_needs_two_statements(count_statements):
    order = confirmed_order(lines=[(1, "1")] * 10)

    with count_statements() as count:
        release_order(order.pk, actor=SYSTEM)

    assert int(count) <= 2, str(count)


@pytest.mark.parametrize("make", [submitted_order, shipped_order])
def test_what_is_not_promised_or_already_out_is_not_held(make):
    with pytest.raises(TransitionRefused):
        hold_order(make().pk, reason="Stop.", actor=SYSTEM)


def test_a_held_order_can_get_another_reason():
    order = confirmed_order()
    hold_order(order.pk, reason="One.", kind=HoldKind.CREDIT, actor=SYSTEM)

    assert change_hold(order.pk, reason="Two.", actor=SYSTEM).hold_reason == "Two."
