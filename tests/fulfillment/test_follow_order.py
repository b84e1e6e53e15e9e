"""Sales changes an order while the warehouse is at work."""

from decimal import Decimal

import pytest

from fulfillment.commands import confirm_pick, follow_order, plan_order
from o2c.core.actors import SYSTEM
from o2c.stock.models import Balance
from orders import commands as orders
from orders.commands import LineChange
from tests.given.logistics import goods, planned_list, released_for, stops
from tests.given.orders import lines_of
from tests.given.stock import stock, storage

pytestmark = pytest.mark.django_db


def amend(order, *quantities):
    """New quantities by line, and the warehouse hears of it."""
    order.refresh_from_db()
    changes = [
        LineChange(line_id=line.pk, quantity=Decimal(quantity))
        for line, quantity in zip(lines_of(order), quantities, strict=True)
    ]
    orders.amend_order(order.pk, changes=changes, version=order.version, actor=SYSTEM)
    follow_order(order.pk, actor=SYSTEM)


def quantities(pick_list):
    return [stop.quantity for stop in stops(pick_list)]


def test_a_lowered_quantity_trims_the_list():
    pick_list = planned_list((10, 10), (3, 3))

    amend(pick_list.order, 7, 3)

    pick_list.refresh_from_db()
    assert (pick_list.state, quantities(pick_list)) == ("planned", [7, 3])


def test_a_line_that_is_no_longer_wanted_is_called_off():
    pick_list = planned_list((10, 10), (3, 3))

    amend(pick_list.order, 0, 3)

    assert quantities(pick_list) == [0, 3]
    confirm_pick(pick_list.pk, actor=SYSTEM)
    assert [line.picked for line in lines_of(pick_list.order)] == [0, 3]


def test_a_cancelled_order_takes_its_lists_along():
    pick_list = planned_list((10, 10))
    orders.cancel_order(pick_list.order_id, reason="bankrupt", actor=SYSTEM)

    follow_order(pick_list.order_id, actor=SYSTEM)

    pick_list.refresh_from_db()
    assert pick_list.state == "cancelled"
    assert not Balance.objects.filter(reserved__gt=0).exists()


def test_a_list_whose_open_rest_is_called_off_counts_as_picked():
    pick_list = planned_list((10, 10), (3, 3))
    first, _second = stops(pick_list)
    confirm_pick(pick_list.pk, picked={first.pk: Decimal(10)}, actor=SYSTEM)

    amend(pick_list.order, 10, 0)

    pick_list.refresh_from_db()
    assert pick_list.state == "picked"


def test_picked_goods_keep_a_promise_even_if_sales_gave_back_the_wrong_one():
    item = goods()
    stock(item, 4, location=storage(0))
    stock(item, 6, location=storage(1))
    pick_list = plan_order(released_for(item, 10).pk, actor=SYSTEM)
    _near, far = stops(pick_list)
    confirm_pick(pick_list.pk, picked={far.pk: Decimal(6)}, actor=SYSTEM)

    amend(pick_list.order, 6)

    held = {b.location.code: b.reserved for b in Balance.objects.select_related("location")}
    assert quantities(pick_list) == [0, 6]
    assert held == {storage(0).code: 0, storage(1).code: 6}


def test_a_raised_quantity_is_planned():
    pick_list = planned_list((10, 30))

    amend(pick_list.order, 10)
    item = stops(pick_list)[0].item
    orders.amend_order(
        pick_list.order_id,
        changes=[LineChange(item=item.code, quantity=Decimal(2), unit_price=Decimal(0),
                            price_reason="free sample")],
        version=type(pick_list.order).objects.get(pk=pick_list.order_id).version,
        actor=SYSTEM,
    )  # fmt: skip
    follow_order(pick_list.order_id, actor=SYSTEM)

    added = pick_list.order.pick_lists.order_by("pk").last()
    assert quantities(added) == [2]


def test_following_twice_changes_nothing():
    pick_list = planned_list((10, 10))
    amend(pick_list.order, 7)

    follow_order(pick_list.order_id, actor=SYSTEM)

    assert quantities(pick_list) == [7]
    assert pick_list.order.pick_lists.count() == 1


def test_cutting_an_order_with_a_backorder_leaves_exactly_the_difference_to_pick():
    """Scenario V23: 10 ordered, 6 picked and shipped, cut to 7: one remains."""
    item = goods(6)
    order = released_for(item, 10)
    pick_list = plan_order(order.pk, actor=SYSTEM)
    confirm_pick(pick_list.pk, actor=SYSTEM)
    [line] = lines_of(order)
    orders.record_shipped(order.pk, {line.pk: Decimal(6)}, actor=SYSTEM)
    stock(item, 10)
    second = plan_order(order.pk, actor=SYSTEM)
    assert quantities(second) == [4]

    amend(order, 7)

    assert quantities(second) == [1]
