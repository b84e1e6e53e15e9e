"""record_invoiced: quantities of an order were billed; the last of them move it."""

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from o2c.core.models import Event
from orders.commands import hold_order
from orders.models import OrderState
from tests.given.orders import (
    lines_of,
    pick_and_ship,
    released_order,
    report,
    shipped_order,
    state_of,
)

pytestmark = pytest.mark.django_db


def test_the_order_is_invoiced_when_all_that_is_shipped_is_billed():
    order = shipped_order(lines=[(5, "1"), (2, "1")])

    report("invoiced", order, 5, 1)
    assert state_of(order) == OrderState.SHIPPED
    report("invoiced", order, 0, 1)

    assert state_of(order) == OrderState.INVOICED
    assert Event.objects.filter(name="order.invoiced").count() == 1


def test_billing_a_part_shipment_does_not_move_the_order():
    order = released_order(lines=[(5, "1")])
    pick_and_ship(order, 3)

    report("invoiced", order, 3)

    assert state_of(order) == OrderState.IN_FULFILLMENT
    assert lines_of(order)[0].billable_quantity == 0


def test_a_hold_does_not_stop_billing_what_has_shipped():
    order = released_order(lines=[(5, "1")])
    pick_and_ship(order, 3)
    hold_order(order.pk, reason="Stop.", actor=SYSTEM)

    report("invoiced", order, 3)

    assert (state_of(order), lines_of(order)[0].invoiced) == (OrderState.ON_HOLD, 3)


@pytest.mark.parametrize(
    ("quantity", "words"),
    [(6, r"/1: 6 cannot be billed, 5 were shipped\."), (-1, "cannot be billed")],
)
def test_only_what_was_shipped_is_billed(quantity, words):
    order = shipped_order(lines=[(5, "1")])

    with pytest.raises(RuleViolation, match=words):
        report("invoiced", order, quantity)

    assert lines_of(order)[0].invoiced == 0


def test_the_same_report_counts_once():
    order = shipped_order(lines=[(5, "1")])

    for _time in range(2):
        report("invoiced", order, 2, op_id="invoice-1")

    assert lines_of(order)[0].invoiced == 2
