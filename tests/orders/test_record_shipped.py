"""record_shipped: goods have left the warehouse; the last of them move the order."""

from decimal import Decimal

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from o2c.core.models import Event
from o2c.masters.models import Company
from orders.commands import LineDraft, hold_order
from orders.models import OrderState
from tests.factories.masters import CustomerFactory, ServiceFactory
from tests.factories.orders import priced_item
from tests.given.orders import lines_of, pick_and_ship, released_order, report, state_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def order():
    return released_order(lines=[(5, "1")])


def service_line(quantity="2") -> LineDraft:
    return LineDraft(ServiceFactory().code, Decimal(quantity), Decimal(80), "given")


def test_the_order_is_shipped_when_every_line_is():
    order = released_order(lines=[(5, "1"), (2, "1")])

    pick_and_ship(order, 5, 1)
    assert state_of(order) == OrderState.IN_FULFILLMENT
    pick_and_ship(order, 0, 1)

    assert state_of(order) == OrderState.SHIPPED
    assert Event.objects.filter(name="order.shipped").count() == 1


def test_shipping_consumes_what_was_set_aside(order):
    report("reserved", order, 5)

    pick_and_ship(order, 3)

    assert lines_of(order)[0].reserved == 2


@pytest.mark.parametrize(
    ("quantity", "words"),
    [(3, r"/1: 3 cannot be shipped, 2 are picked\."), (-1, "cannot be shipped")],
)
def test_only_what_is_picked_leaves_and_nothing_comes_back_this_way(order, quantity, words):
    report("picked", order, 2)

    with pytest.raises(RuleViolation, match=words):
        report("shipped", order, quantity)

    assert lines_of(order)[0].shipped == 0


def test_nothing_is_shipped_of_an_order_on_hold(order):
    report("picked", order, 5)
    hold_order(order.pk, reason="Stop.", actor=SYSTEM)

    with pytest.raises(RuleViolation, match=r"on hold: Stop\."):
        report("shipped", order, 5)


def test_the_same_report_counts_once(order):
    report("picked", order, 4)

    for _time in range(2):
        report("shipped", order, 2, op_id="shipment-1")

    assert lines_of(order)[0].shipped == 2


def test_services_are_performed_with_the_last_goods():
    order = released_order(lines=[(5, "1"), service_line("2")])

    pick_and_ship(order, 4)
    assert lines_of(order)[1].shipped == 0
    pick_and_ship(order, 1)

    assert lines_of(order)[1].shipped == 2
    assert state_of(order) == OrderState.SHIPPED


def test_v19_more_than_ordered_ships_within_the_tolerance():
    customer = CustomerFactory()
    Company.objects.update(over_delivery_percent=20)
    order = released_order(customer=customer, lines=[(10, "1")])

    pick_and_ship(order, 12)

    assert state_of(order) == OrderState.SHIPPED


class TestV20LessThanOrderedClosesTheOrderWithinTheTolerance:
    @pytest.fixture
    def order(self):
        customer = CustomerFactory()
        Company.objects.update(under_delivery_percent=10)
        return released_order(customer=customer, lines=[(priced_item(customer, "1"), 10)])

    def test_the_rest_is_cancelled_and_the_amounts_follow(self, order):
        pick_and_ship(order, 5)
        assert state_of(order) == OrderState.IN_FULFILLMENT
        pick_and_ship(order, 4)

        order.refresh_from_db()
        line = lines_of(order)[0]
        assert order.state == OrderState.SHIPPED
        assert (line.cancelled, line.net, order.net) == (1, 9, 9)
        facts = Event.objects.get(name="order.amended").facts
        assert facts["reason"] == "The rest is within the delivery tolerance."

    def test_a_rest_that_is_picked_still_counts(self, order):
        report("picked", order, 10)

        report("shipped", order, 9)

        assert lines_of(order)[0].cancelled == 0
        assert state_of(order) == OrderState.IN_FULFILLMENT
