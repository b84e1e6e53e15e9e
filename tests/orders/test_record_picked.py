"""record_picked: goods were taken off the shelf for an order, or put back."""

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.commands import command
from o2c.core.errors import RuleViolation
from o2c.masters.models import Company
from orders import commands
from orders.commands import hold_order, record_picked
from orders.models import OrderState
from tests.factories.masters import CustomerFactory
from tests.given.orders import lines_of, quantities_of, released_order, report, state_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def order():
    return released_order(lines=[(5, "1")])


def picked(order):
    return [line.picked for line in lines_of(order)]


def test_the_first_pick_starts_the_fulfillment(order):
    report("picked", order, 3)

    assert (state_of(order), picked(order)) == (OrderState.IN_FULFILLMENT, [3])


def test_a_pick_may_be_undone(order):
    report("picked", order, 3)

    report("picked", order, -2)

    assert picked(order) == [1]


@pytest.mark.parametrize(
    ("quantity", "words"),
    [(6, r"/1: 6 cannot be picked, 5 may be delivered\."), (-1, "cannot be picked")],
)
def test_not_more_than_may_go_and_not_less_than_nothing(order, quantity, words):
    with pytest.raises(RuleViolation, match=words):
        report("picked", order, quantity)

    assert (state_of(order), picked(order)) == (OrderState.RELEASED, [0])


def test_what_has_left_the_house_cannot_be_put_back(order):
    report("picked", order, 3)
    report("shipped", order, 3)

    with pytest.raises(RuleViolation, match="3 cannot be shipped, 2 are picked"):
        report("picked", order, -1)


def test_v19_more_than_ordered_is_picked_within_the_tolerance():
    customer = CustomerFactory()
    Company.objects.update(over_delivery_percent=20)
    order = released_order(customer=customer, lines=[(10, "1")])

    with pytest.raises(RuleViolation, match="12 may be delivered"):
        report("picked", order, 13)
    report("picked", order, 12)

    assert picked(order) == [12]


def test_nothing_is_picked_for_an_order_on_hold_but_it_may_be_put_back(order):
    report("picked", order, 3)
    hold_order(order.pk, reason="Stop.", actor=SYSTEM)

    with pytest.raises(RuleViolation, match=r"on hold: Stop\."):
        report("picked", order, 1)
    report("picked", order, -3)

    assert (state_of(order), picked(order)) == (OrderState.ON_HOLD, [0])


def test_one_wrong_line_and_nothing_is_counted():
    order = released_order(lines=[(5, "1"), (5, "1")])

    with pytest.raises(RuleViolation, match="/2: 6 cannot be picked"):
        report("picked", order, 5, 6)

    assert picked(order) == [0, 0]


def test_a_line_of_another_order_is_refused(order):
    with pytest.raises(RuleViolation, match="no line with the id"):
        record_picked(order.pk, quantities_of(released_order()), actor=SYSTEM)


def test_the_same_report_counts_once(order):
    for _time in range(2):
        report("picked", order, 2, op_id="pick-1")

    assert picked(order) == [2]


@pytest.mark.parametrize("lines", [1, 25])
def test_one_statement_counts_all_lines_and_none_is_read_twice(lines, count_statements):
    order = released_order(lines=[(5, "1")] * lines)
    commands.start_fulfillment(order.pk, actor=SYSTEM)
    quantities = quantities_of(order)

    with count_statements() as count:
        record_picked(order.pk, quantities, actor=SYSTEM)

    assert int(count) == 3, str(count)


def test_a_caller_who_holds_the_order_pays_one_statement(order, count_statements):
    commands.start_fulfillment(order.pk, actor=SYSTEM)
    quantities = quantities_of(order)

    @command
    def pick_all(*, actor):
        commands.lock_order(order.pk)
        with count_statements() as statements:
            record_picked(order.pk, quantities, actor=actor)
        return int(statements)

    assert pick_all(actor=SYSTEM) == 1
