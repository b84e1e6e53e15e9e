import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation, TransitionRefused
from orders.commands import (
    hold_order,
    record_picked,
    record_reserved,
)
from tests.given.orders import (
    confirmed_order,
    quantities_of,
    released_order,
    shipped_order,
    submitted_order,
)

pytestmark = pytest.mark.django_db


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


@pytest.mark.parametrize("make", [submitted_order, shipped_order])
def test_what_is_not_promised_or_already_out_is_not_held(make):
    with pytest.raises(TransitionRefused):
        hold_order(make().pk, reason="Stop.", actor=SYSTEM)
