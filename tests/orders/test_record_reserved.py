"""record_reserved: goods are set aside for the lines of an order, or given back."""

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from o2c.core.models import Event
from orders.commands import hold_order
from orders.models import OrderState
from tests.given.orders import lines_of, pick_and_ship, released_order, report, state_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def order():
    return released_order(lines=[(5, "1")])


def reserved(order):
    return lines_of(order)[0].reserved


def test_the_first_goods_set_aside_start_the_fulfillment(order):
    report("reserved", order, 3)

    assert (state_of(order), reserved(order)) == (OrderState.IN_FULFILLMENT, 3)
    assert Event.objects.filter(name="order.fulfillment_started").count() == 1


def test_what_is_given_back_is_no_longer_set_aside(order):
    report("reserved", order, 3)

    report("reserved", order, -3)

    assert reserved(order) == 0


@pytest.mark.parametrize(
    ("quantity", "words"),
    [(6, r"/1: 6 cannot be reserved, 5 are still open\."), (-1, "cannot be reserved")],
)
def test_not_more_than_is_open_and_not_less_than_nothing(order, quantity, words):
    with pytest.raises(RuleViolation, match=words):
        report("reserved", order, quantity)

    assert (state_of(order), reserved(order)) == (OrderState.RELEASED, 0)


def test_what_has_left_the_house_is_not_open(order):
    pick_and_ship(order, 3)

    with pytest.raises(RuleViolation, match="3 cannot be reserved, 2 are still open"):
        report("reserved", order, 3)


def test_nothing_is_set_aside_for_an_order_on_hold_but_it_may_give_back(order):
    report("reserved", order, 3)
    hold_order(order.pk, reason="Stop.", actor=SYSTEM)

    with pytest.raises(RuleViolation, match=r"on hold: Stop\."):
        report("reserved", order, 1)
    report("reserved", order, -3)

    assert (state_of(order), reserved(order)) == (OrderState.ON_HOLD, 0)


def test_the_same_report_counts_once(order):
    for _time in range(2):
        report("reserved", order, 2, op_id="plan-1")

    assert reserved(order) == 2
