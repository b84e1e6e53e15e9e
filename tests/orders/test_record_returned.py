"""record_returned: goods came back after they were shipped."""

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from orders.commands import record_paid
from orders.models import OrderState
from tests.given.orders import invoiced_order, lines_of, report, shipped_order, state_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def order():
    return shipped_order(lines=[(10, "1")])


def test_what_came_back_is_not_billed(order):
    report("returned", order, 4)

    line = lines_of(order)[0]
    assert (line.returned, line.shipped, line.billable_quantity) == (4, 10, 6)
    assert state_of(order) == OrderState.SHIPPED


def test_v16_a_return_before_billing_completes_the_order(order):
    report("invoiced", order, 8)

    report("returned", order, 2)

    assert state_of(order) == OrderState.INVOICED


def test_an_order_all_of_which_came_back_has_nothing_left_to_bill(order):
    report("returned", order, 10)

    assert state_of(order) == OrderState.INVOICED


def test_a_return_later_does_not_take_the_order_back():
    order = invoiced_order(lines=[(10, "1")])
    record_paid([order.pk], actor=SYSTEM)

    report("returned", order, 5)

    assert state_of(order) == OrderState.PAID


@pytest.mark.parametrize(
    ("quantity", "words"),
    [(11, r"/1: 11 cannot come back, 10 were shipped\."), (-1, "cannot come back")],
)
def test_only_what_was_shipped_comes_back(order, quantity, words):
    with pytest.raises(RuleViolation, match=words):
        report("returned", order, quantity)

    assert lines_of(order)[0].returned == 0


def test_the_same_report_counts_once(order):
    for _time in range(2):
        report("returned", order, 2, op_id="return-1")

    assert lines_of(order)[0].returned == 2
