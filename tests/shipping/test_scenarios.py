"""Acceptance scenarios of stock, fulfilment, shipping and returns, on the commands themselves."""

from decimal import Decimal

import pytest

from fulfillment.commands import confirm_pick, follow_order, pack, plan_order
from fulfillment.queries import backorders
from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from o2c.masters.models import Company
from o2c.stock.models import Balance
from orders import commands as orders
from orders.models import OrderLine
from shipping.commands import (
    announce_return,
    cancel_shipment,
    dispatch_shipment,
    plan_shipment,
    receive_return,
)
from tests.factories.masters import CompanyFactory, UnitFactory
from tests.given.logistics import goods, ready_to_ship, released_for, shipment_lines, stops
from tests.given.orders import lines_of, released_order
from tests.given.stock import stock

pytestmark = pytest.mark.django_db


def line_of(order):
    return OrderLine.objects.get(order=order)


def pick_and_pack(pick_list, found):
    """Pick so many pieces of the one stop, and close one package."""
    [stop] = stops(pick_list)
    short = {stop.pk: "unreachable"} if found < stop.quantity else {}
    confirm_pick(pick_list.pk, picked={stop.pk: Decimal(found)}, short_reasons=short, actor=SYSTEM)
    return pack(pick_list.pk, actor=SYSTEM)


def ship(order, found):
    """Plan, pick so many, pack and dispatch."""
    pick_list = pick_and_pack(plan_order(order.pk, actor=SYSTEM), found)
    return dispatch_shipment(plan_shipment(pick_list.pk, actor=SYSTEM).pk, actor=SYSTEM)


def test_v18_life_of_a_reservation():
    item = goods(10)
    order = released_for(item, 10)

    def reserved():
        return Balance.objects.get(item=item).reserved

    pick_list = plan_order(order.pk, actor=SYSTEM)
    assert reserved() == 10
    pick_and_pack(pick_list, 5)
    dispatch_shipment(plan_shipment(pick_list.pk, actor=SYSTEM).pk, actor=SYSTEM)
    plan_order(order.pk, actor=SYSTEM)
    assert reserved() == 5
    orders.cancel_order(order.pk, reason="closed", actor=SYSTEM)
    follow_order(order.pk, actor=SYSTEM)
    assert reserved() == 0
    orders.reopen_order(order.pk, reason="after all", actor=SYSTEM)
    orders.release_order(order.pk, actor=SYSTEM)
    second = plan_order(order.pk, actor=SYSTEM)
    assert reserved() == 5
    confirm_pick(second.pk, actor=SYSTEM)
    pack(second.pk, actor=SYSTEM)
    shipment = plan_shipment(second.pk, actor=SYSTEM)
    cancel_shipment(shipment.pk, reason="not today", put_back=True, actor=SYSTEM)
    assert reserved() == 0
    assert line_of(order).shipped == 5


def test_v19_twelve_of_ten_fulfil_the_order_and_thirteen_are_refused():
    CompanyFactory()
    Company.objects.update(over_delivery_percent=20)
    order = released_for(goods(30), 10)
    pick_list = plan_order(order.pk, actor=SYSTEM)

    with pytest.raises(RuleViolation, match="13 picked"):
        pick_and_pack(pick_list, 13)
    pick_and_pack(pick_list, 12)
    dispatch_shipment(plan_shipment(pick_list.pk, actor=SYSTEM).pk, actor=SYSTEM)

    order.refresh_from_db()
    assert order.state == "shipped"
    assert plan_order(order.pk, actor=SYSTEM) is None


def test_v20_nine_of_ten_are_enough_and_five_are_not():
    CompanyFactory()
    Company.objects.update(under_delivery_percent=10)
    order = released_for(goods(30), 10)

    ship(order, 5)
    second = plan_order(order.pk, actor=SYSTEM)
    assert stops(second)[0].quantity == 5
    pick_and_pack(second, 4)
    dispatch_shipment(plan_shipment(second.pk, actor=SYSTEM).pk, actor=SYSTEM)

    order.refresh_from_db()
    assert order.state == "shipped"
    assert plan_order(order.pk, actor=SYSTEM) is None
    assert not backorders().exists()


def test_v22_a_backorder_ships_later_and_completes_the_order():
    item = goods(1)
    order = released_for(item, 2)
    assert line_of(order).billable_quantity == 0

    first = ready_to_ship(order)
    dispatch_shipment(first.pk, actor=SYSTEM)

    assert line_of(order).billable_quantity == 1
    assert [line.backordered for line in backorders()] == [1]
    orders.record_invoiced(order.pk, {line_of(order).pk: Decimal(1)}, actor=SYSTEM)
    assert line_of(order).billable_quantity == 0
    stock(item, 1)
    second = ready_to_ship(order)
    dispatch_shipment(second.pk, actor=SYSTEM)
    assert line_of(order).billable_quantity == 1
    order.refresh_from_db()
    assert order.state == "shipped"


def test_a_line_of_millimetres_does_not_hide_two_pieces():
    """Feature vector V18: 250,000 mm and 2 pieces, the first shipped: still to ship, 2 pieces."""
    wire = goods(250_000, unit=UnitFactory(code="MMT", name="millimetre", symbol="mm"))
    hooks = goods(0)
    order = released_order(lines=[(wire, 250_000), (hooks, 2)])

    dispatch_shipment(ready_to_ship(order).pk, actor=SYSTEM)

    order.refresh_from_db()
    assert order.state == "in_fulfillment"
    assert [(line.item, line.backordered) for line in backorders()] == [(hooks, 2)]


def test_v52_half_of_a_billed_order_comes_back():
    item = goods(10)
    order = released_for(item, 10)
    shipment = ready_to_ship(order)
    dispatch_shipment(shipment.pk, actor=SYSTEM)
    orders.record_invoiced(order.pk, {line_of(order).pk: Decimal(10)}, actor=SYSTEM)
    [line] = shipment_lines(shipment)

    coming = announce_return(
        shipment.pk, lines={line.pk: Decimal(5)}, reason="too many", actor=SYSTEM
    )
    receive_return(coming.pk, actor=SYSTEM)

    counted = line_of(order)
    assert (counted.shipped - counted.returned, counted.invoiced) == (5, 10)
    orders.record_credited(order.pk, {counted.pk: Decimal(5)}, actor=SYSTEM)
    counted = line_of(order)
    assert (counted.shipped - counted.returned, counted.invoiced - counted.credited) == (5, 5)


def test_v15_order_of_ten_pick_five_and_the_rest_waits():
    order = released_for(goods(10), 10)
    ship(order, 5)

    [line] = lines_of(order)
    assert (line.shipped, line.picked, line.unreserved_quantity) == (5, 5, 5)
