"""renew_promise, renew_promises: the dates follow the supply, the oldest order first."""

from datetime import date
from decimal import Decimal

import pytest

from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted
from o2c.core.models import Event
from o2c.stock.commands import Adjustment, adjust_stock, cancel_expected
from orders.commands import cancel_order, hold_order, renew_promise, renew_promises
from orders.models import Order
from tests.factories.masters import CustomerFactory, WarehouseFactory
from tests.factories.orders import priced_item
from tests.factories.stock import ExpectedReceiptFactory
from tests.given.orders import confirmed_order, lines_of
from tests.given.stock import stock

pytestmark = pytest.mark.django_db

TODAY, SOON, LATE = date(2026, 11, 21), date(2026, 12, 1), date(2026, 12, 24)


@pytest.fixture(autouse=True)
def _today():
    with clock.at(TODAY):
        yield


@pytest.fixture
def customer():
    return CustomerFactory()


@pytest.fixture
def item(customer):
    return priced_item(customer, "1")


@pytest.fixture
def ordered(customer, item):
    """`ordered(5, 3)`: confirmed orders of so many pieces, the oldest first."""
    return lambda *quantities: [
        confirmed_order(customer=customer, lines=[(item, quantity)]) for quantity in quantities
    ]


def renew(item, **more):
    renew_promises([item.pk], WarehouseFactory().pk, actor=SYSTEM, **more)


def days(*orders):
    return [Order.objects.get(pk=order.pk).promised_date for order in orders]


def told(order):
    """(before, after) of every time the promise of an order was made anew."""
    events = Event.objects.filter(name="order.promised", document_id=order.pk).order_by("pk")
    return [(event.facts["promised_before"], event.facts["promised"]) for event in events]


def test_what_is_announced_gives_a_day_to_who_waits_longest(item, ordered):
    first, second = ordered(5, 5)
    ExpectedReceiptFactory(item=item, quantity=5, expected_date=SOON)
    ExpectedReceiptFactory(item=item, quantity=5, expected_date=LATE)

    renew(item)

    assert days(first, second) == [SOON, LATE]
    assert told(first) == [(None, "2026-12-01")]
    assert lines_of(first)[0].promised_date == SOON


def test_when_supply_falls_away_the_youngest_order_waits(item, ordered):
    soon = ExpectedReceiptFactory(item=item, quantity=5, expected_date=SOON)
    ExpectedReceiptFactory(item=item, quantity=5, expected_date=LATE)
    first, second = ordered(5, 5)
    assert days(first, second) == [SOON, LATE]

    cancel_expected(soon.pk, actor=SYSTEM)
    renew(item)

    assert days(first, second) == [LATE, None]


def test_goods_that_are_lost_are_no_longer_promised(item, ordered):
    balance = stock(item, 8)
    first, second = ordered(5, 3)
    assert days(first, second) == [TODAY, TODAY]

    line = Adjustment(item.pk, balance.location_id, Decimal(-2))
    adjust_stock(balance.location.warehouse_id, [line], reason="Broken", actor=SYSTEM)
    renew(item)

    assert days(first, second) == [TODAY, None]
    assert told(first) == []


def test_running_it_again_changes_nothing(item, ordered):
    orders = ordered(5, 5)
    ExpectedReceiptFactory(item=item, quantity=7, expected_date=SOON)

    for _time in range(2):
        renew(item)

    assert days(*orders) == [SOON, None]
    assert [len(told(order)) for order in orders] == [1, 0]
    assert lines_of(orders[1])[0].promise["missing"] == "3.000"


def test_a_day_that_has_passed_is_no_news(item, ordered):
    stock(item, 5)
    [order] = ordered(5)

    with clock.at(LATE):
        renew(item)

    assert days(order) == [TODAY]
    assert told(order) == []


def test_lines_of_other_items_other_warehouses_and_cancelled_orders_stay(customer, item, ordered):
    other = priced_item(customer, "1")
    mixed = confirmed_order(customer=customer, lines=[(item, 5), (other, 5)])
    elsewhere = confirmed_order(
        customer=customer, lines=[(item, 5)], warehouse_id=WarehouseFactory(code="FAR").pk
    )
    [gone] = ordered(5)
    cancel_order(gone.pk, reason="changed their mind", actor=SYSTEM)
    for one in (item, other):
        ExpectedReceiptFactory(item=one, quantity=5, expected_date=SOON)
        ExpectedReceiptFactory(
            item=one, quantity=50, expected_date=SOON, warehouse=WarehouseFactory(code="FAR")
        )

    renew(item)

    assert [line.promised_date for line in lines_of(mixed)] == [SOON, None]
    assert days(mixed, elsewhere, gone) == [None, None, None]


def test_an_order_on_hold_keeps_its_place(item, ordered):
    first, second = ordered(5, 5)
    hold_order(first.pk, reason="address unclear", actor=SYSTEM)
    ExpectedReceiptFactory(item=item, quantity=5, expected_date=SOON)

    renew(item)

    assert days(first, second) == [SOON, None]


def test_an_unchanged_promise_costs_four_statements(item, ordered, count_statements):
    [order] = ordered(5)

    with count_statements() as count:
        renew_promise(order.pk, [item.pk], actor=SYSTEM)

    assert int(count) <= 4, str(count)


def test_it_needs_the_right_to_promise(item, ordered, picker):
    [order] = ordered(5)

    with pytest.raises(NotPermitted, match=r"orders\.promise_order"):
        renew_promise(order.pk, [item.pk], actor=picker)
