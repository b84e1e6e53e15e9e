from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from o2c.core.actors import SYSTEM
from o2c.core.commands import command
from o2c.core.errors import RuleViolation
from o2c.core.models import Event
from o2c.masters.models import Company
from orders import commands
from orders.commands import LineDraft
from orders.models import Order, OrderLine, OrderState
from tests.factories.masters import CustomerFactory, ServiceFactory
from tests.factories.orders import priced_item
from tests.given.orders import (
    invoiced_order,
    lines_of,
    quantities_of,
    released_order,
    shipped_order,
)

pytestmark = pytest.mark.django_db


def state_of(order) -> str:
    return Order.objects.get(pk=order.pk).state


def count(order, counter, *quantities) -> Order:
    """Report quantities by line order."""
    record = getattr(commands, f"record_{counter}")
    return record(order.pk, quantities_of(order, quantities), actor=SYSTEM)


def pick_and_ship(order, *quantities) -> Order:
    count(order, "picked", *quantities)
    return count(order, "shipped", *quantities)


def service_line(quantity="1") -> LineDraft:
    return LineDraft(ServiceFactory().code, Decimal(quantity), Decimal(80), "given")


def test_the_first_goods_set_aside_start_the_fulfillment():
    order = released_order(lines=[(5, "1")])

    count(order, "reserved", 3)

    assert state_of(order) == OrderState.IN_FULFILLMENT
    assert lines_of(order)[0].reserved == 3


def test_giving_goods_back_starts_nothing():
    order = released_order(lines=[(5, "1")])
    count(order, "reserved", 3)

    count(order, "reserved", -3)

    assert lines_of(order)[0].reserved == 0


def test_one_statement_counts_all_lines_and_none_is_read_twice(count_statements):
    counts = []
    for number in (1, 25):
        order = released_order(lines=[(5, "1")] * number)
        commands.start_fulfillment(order.pk, actor=SYSTEM)
        quantities = quantities_of(order)
        with count_statements() as statements:
            commands.record_picked(order.pk, quantities, actor=SYSTEM)
        counts.append(int(statements))
        assert int(statements) == 3, str(statements)
    assert counts[0] == counts[1]


def test_a_caller_who_holds_the_order_pays_one_statement(count_statements):
    order = released_order(lines=[(5, "1")])
    commands.start_fulfillment(order.pk, actor=SYSTEM)
    quantities = quantities_of(order)

    @command
    def pick_all(*, actor):
        commands.lock_order(order.pk)
        with count_statements() as statements:
            commands.record_picked(order.pk, quantities, actor=actor)
        return int(statements)

    assert pick_all(actor=SYSTEM) == 1


def test_the_order_is_shipped_when_every_line_is():
    order = released_order(lines=[(5, "1"), (2, "1")])

    pick_and_ship(order, 5, 1)
    assert state_of(order) == OrderState.IN_FULFILLMENT
    pick_and_ship(order, 0, 1)

    assert state_of(order) == OrderState.SHIPPED


def test_shipping_consumes_what_was_set_aside():
    order = released_order(lines=[(5, "1")])
    count(order, "reserved", 5)

    pick_and_ship(order, 3)

    assert lines_of(order)[0].reserved == 2


def test_the_order_is_invoiced_when_all_that_is_shipped_is_billed():
    order = shipped_order(lines=[(5, "1"), (2, "1")])

    count(order, "invoiced", 5, 1)
    assert state_of(order) == OrderState.SHIPPED
    count(order, "invoiced", 0, 1)

    assert state_of(order) == OrderState.INVOICED


def test_billing_a_part_shipment_does_not_move_the_order():
    order = released_order(lines=[(5, "1")])
    pick_and_ship(order, 3)

    count(order, "invoiced", 3)

    assert state_of(order) == OrderState.IN_FULFILLMENT


def test_v16_a_return_before_billing_completes_the_order():
    order = shipped_order(lines=[(10, "1")])
    count(order, "invoiced", 8)

    count(order, "returned", 2)

    assert state_of(order) == OrderState.INVOICED


def test_a_return_or_credit_later_does_not_take_the_order_back():
    order = invoiced_order(lines=[(10, "1")])
    commands.record_paid(order.pk, actor=SYSTEM)

    count(order, "returned", 5)
    count(order, "credited", 5)

    assert state_of(order) == OrderState.PAID


class TestUnsettling:
    """A payment was taken back: what counted as paid is owed again."""

    def settled(self):
        order = invoiced_order(lines=[(1, "1")])
        commands.record_paid(order.pk, actor=SYSTEM)
        commands.record_reconciled(order.pk, actor=SYSTEM)
        return order

    def test_a_reconciled_order_is_invoiced_again_and_may_be_paid_again(self):
        order = self.settled()

        commands.record_unsettled(order.pk, actor=SYSTEM)
        assert state_of(order) == OrderState.INVOICED
        commands.record_paid(order.pk, actor=SYSTEM)

        assert state_of(order) == OrderState.PAID

    def test_what_is_not_paid_stays_as_it_is(self):
        order = shipped_order(lines=[(1, "1")])

        commands.record_unsettled(order.pk, actor=SYSTEM)

        assert state_of(order) == OrderState.SHIPPED

    def test_twice_is_once(self):
        order = self.settled()

        for _twice in range(2):
            commands.record_unsettled(order.pk, actor=SYSTEM)

        assert Event.objects.filter(name="order.unsettled").count() == 1


def test_paid_and_reconciled_follow_in_order_and_only_once():
    order = invoiced_order()
    commands.record_reconciled(order.pk, actor=SYSTEM)
    assert state_of(order) == OrderState.INVOICED
    for _twice in range(2):
        commands.record_paid(order.pk, actor=SYSTEM)
    assert state_of(order) == OrderState.PAID
    for _twice in range(2):
        commands.record_reconciled(order.pk, actor=SYSTEM)
    assert state_of(order) == OrderState.RECONCILED
    names = Event.objects.filter(document_id=order.pk, document_type="orders.order")
    assert names.filter(name__in=["order.paid", "order.reconciled"]).count() == 2


def test_an_order_that_is_not_billed_is_not_paid():
    order = shipped_order()

    commands.record_paid(order.pk, actor=SYSTEM)

    assert state_of(order) == OrderState.SHIPPED


class TestRefusals:
    @pytest.mark.parametrize(
        ("counter", "quantity", "words"),
        [
            ("picked", 6, "cannot be picked, 5 may"),
            ("shipped", 1, "cannot be shipped, 0 are picked"),
            ("returned", 1, "cannot come back, 0 were shipped"),
            ("invoiced", 1, "cannot be billed, 0 were shipped"),
            ("credited", 1, "cannot be credited, 0 were billed"),
            ("reserved", 6, "cannot be reserved, 5 are still open"),
            ("reserved", -1, "cannot be reserved"),
        ],
    )
    def test_the_impossible_is_refused_with_the_numbers(self, counter, quantity, words):
        order = released_order(lines=[(5, "1")])

        with pytest.raises(RuleViolation, match=words):
            count(order, counter, quantity)

        assert getattr(lines_of(order)[0], counter) == 0

    @pytest.mark.parametrize(
        "change",
        [
            {"picked": 6},
            {"shipped": 1},
            {"returned": 1},
            {"invoiced": 1},
            {"credited": 1},
            {"reserved": 6},
            {"cancelled": 6},
            {"quantity": 0},
        ],
    )
    def test_the_database_refuses_it_too(self, change):
        line = lines_of(released_order(lines=[(5, "1")]))[0]

        with pytest.raises(IntegrityError), transaction.atomic():
            OrderLine.objects.filter(pk=line.pk).update(**change)

    def test_a_line_of_another_order_is_refused(self):
        order, other = released_order(), released_order()

        with pytest.raises(RuleViolation, match="no line"):
            commands.record_picked(order.pk, quantities_of(other), actor=SYSTEM)


class TestServices:
    def test_services_are_performed_with_the_last_goods(self):
        order = released_order(lines=[(5, "1"), service_line("2")])

        pick_and_ship(order, 4)
        assert lines_of(order)[1].shipped == 0
        pick_and_ship(order, 1)

        assert lines_of(order)[1].shipped == 2
        assert state_of(order) == OrderState.SHIPPED

    def test_an_order_of_services_only_is_performed_when_it_is_released(self):
        order = released_order(lines=[service_line("2")])

        assert state_of(order) == OrderState.SHIPPED
        assert lines_of(order)[0].billable_quantity == 2


class TestTolerances:
    def over(self, percent) -> Order:
        customer = CustomerFactory()
        Company.objects.update(over_delivery_percent=percent)
        return released_order(customer=customer, lines=[(10, "1")])

    def test_v19_more_than_ordered_ships_within_the_tolerance(self):
        order = self.over(20)

        with pytest.raises(RuleViolation, match="12 may be delivered"):
            count(order, "picked", 13)
        pick_and_ship(order, 12)

        assert state_of(order) == OrderState.SHIPPED

    def test_v20_less_than_ordered_closes_the_order_within_the_tolerance(self):
        customer = CustomerFactory()
        Company.objects.update(under_delivery_percent=10)
        order = released_order(customer=customer, lines=[(priced_item(customer, "1"), 10)])

        pick_and_ship(order, 5)
        assert state_of(order) == OrderState.IN_FULFILLMENT
        pick_and_ship(order, 4)

        order.refresh_from_db()
        line = lines_of(order)[0]
        assert order.state == OrderState.SHIPPED
        assert (line.cancelled, line.net, order.net) == (1, 9, 9)
