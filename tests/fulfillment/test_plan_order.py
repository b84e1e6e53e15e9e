from decimal import Decimal

import pytest

from fulfillment.commands import plan_backorders, plan_order
from fulfillment.models import PickList
from fulfillment.queries import backorders, orders_waiting_for_goods
from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted
from o2c.core.models import Event, User
from o2c.stock.models import Balance
from orders import commands as orders
from tests.factories.masters import ServiceFactory, WarehouseFactory
from tests.given.logistics import (
    complete_only,
    goods,
    planned_list,
    released,
    released_for,
    stops,
)
from tests.given.orders import lines_of, released_order
from tests.given.stock import stock, storage

pytestmark = pytest.mark.django_db


def test_planning_reserves_the_goods_and_starts_fulfillment():
    order = released((10, 30))

    pick_list = plan_order(order.pk, actor=SYSTEM)

    order.refresh_from_db()
    [line] = lines_of(order)
    [stop] = stops(pick_list)
    assert (order.state, line.reserved) == ("in_fulfillment", 10)
    assert (pick_list.state, stop.quantity, stop.picked) == ("planned", 10, 0)
    assert Balance.objects.get(item=line.item).reserved == 10
    assert Event.objects.get(name="pick_list.planned").facts["order"] == order.number


def test_the_stops_are_in_walking_order_not_in_the_order_of_the_lines():
    WarehouseFactory(bins=3)
    far, near = goods(), goods()
    stock(far, 5, location=storage(2))
    stock(near, 5, location=storage(0))
    order = released_order(lines=[(far, 2), (near, 2)])

    pick_list = plan_order(order.pk, actor=SYSTEM)

    assert [stop.item for stop in stops(pick_list)] == [near, far]


def test_one_line_may_need_two_stops():
    item = goods()
    stock(item, 3, location=storage(0))
    stock(item, 9, location=storage(1))
    order = released_for(item, 5)

    pick_list = plan_order(order.pk, actor=SYSTEM)

    assert [stop.quantity for stop in stops(pick_list)] == [3, 2]


def test_what_is_short_stays_as_a_backorder():
    order = released((10, 6))

    pick_list = plan_order(order.pk, actor=SYSTEM)

    [waiting] = backorders()
    assert [stop.quantity for stop in stops(pick_list)] == [6]
    assert (waiting.order, waiting.backordered) == (order, 4)


def test_planning_twice_changes_nothing():
    order = released((10, 6))
    plan_order(order.pk, actor=SYSTEM)

    assert plan_order(order.pk, actor=SYSTEM) is None

    assert PickList.objects.count() == 1


def test_nothing_on_stock_leaves_the_order_released():
    order = released((10, 0))

    assert plan_order(order.pk, actor=SYSTEM) is None

    order.refresh_from_db()
    assert order.state == "released"
    assert orders_waiting_for_goods() == [order.pk]


def test_a_complete_only_order_holds_nothing_until_everything_is_there():
    order = released((5, 5), (5, 3), customer=complete_only())

    assert plan_order(order.pk, actor=SYSTEM) is None

    assert [line.reserved for line in lines_of(order)] == [0, 0]
    assert not Balance.objects.filter(reserved__gt=0).exists()


def test_a_complete_only_order_is_planned_once_everything_is_there():
    order = released((5, 5), (5, 3), customer=complete_only())
    stock(lines_of(order)[1].item, 2)

    pick_list = plan_order(order.pk, actor=SYSTEM)

    assert sum(stop.quantity for stop in stops(pick_list)) == 10


def test_a_complete_only_order_with_one_item_twice_needs_the_sum():
    item = goods(8)
    order = released_order(lines=[(item, 5), (item, 5)], customer=complete_only())

    assert plan_order(order.pk, actor=SYSTEM) is None


@pytest.mark.parametrize("stop", [orders.hold_order, orders.cancel_order])
def test_an_order_on_hold_or_cancelled_is_left_alone(stop):
    order = released((10, 10))
    stop(order.pk, reason="wait", actor=SYSTEM)

    assert plan_order(order.pk, actor=SYSTEM) is None

    assert not Balance.objects.filter(reserved__gt=0).exists()


def test_services_need_no_picking():
    service = ServiceFactory(price="80.00")
    order = released_order(lines=[(goods(3), 3), (service, 2)])

    pick_list = plan_order(order.pk, actor=SYSTEM)

    assert [stop.order_line.is_service for stop in stops(pick_list)] == [False]


def test_goods_in_quarantine_are_not_planned():
    item = goods()
    stock(item, 10, location=WarehouseFactory().locations.get(kind="quarantine"))
    order = released_for(item, 5)

    assert plan_order(order.pk, actor=SYSTEM) is None


def test_who_lacks_the_right_may_not_plan():
    order = released((1, 1))

    with pytest.raises(NotPermitted, match="plan_pick_list"):
        plan_order(order.pk, actor=User.objects.create_user("nobody"))


class TestPlanningBackorders:
    def test_arriving_goods_go_to_the_order_that_waits_longest(self):
        item = goods()
        first, second = released_for(item, 6), released_for(item, 6)
        stock(item, 8)

        planned = plan_backorders([item.pk], actor=SYSTEM)

        assert [(p.order, stops(p)[0].quantity) for p in planned] == [(first, 6), (second, 2)]

    def test_orders_that_wait_for_other_items_are_not_touched(self):
        item = goods()
        released((3, 1))
        waiting = released_for(item, 6)
        stock(item, 8)

        planned = plan_backorders([item.pk], actor=SYSTEM)

        assert [p.order for p in planned] == [waiting]

    def test_the_rest_comes_on_a_list_of_its_own(self):
        pick_list = planned_list((10, 6))
        item = stops(pick_list)[0].item
        stock(item, 20)

        [second] = plan_backorders(actor=SYSTEM)

        assert (second.order_id, stops(second)[0].quantity) == (pick_list.order_id, 4)
        assert not backorders().exists()


@pytest.mark.parametrize("lines", [1, 12])
def test_planning_takes_eight_statements_whatever_the_number_of_lines(lines, count_statements):
    order = released(*[(2, 5)] * lines)

    with count_statements() as count:
        plan_order(order.pk, actor=SYSTEM)

    assert int(count) <= 8, str(count)


def test_reserved_never_exceeds_what_is_there_with_one_item_on_many_lines():
    item = goods(7)
    order = released_order(lines=[(item, 3), (item, 3), (item, 3)])

    plan_order(order.pk, actor=SYSTEM)

    assert [line.reserved for line in lines_of(order)] == [3, 3, 1]
    assert Balance.objects.get(item=item).reserved == Decimal(7)
