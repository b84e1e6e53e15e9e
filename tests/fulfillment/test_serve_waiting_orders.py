"""serve_waiting_orders: goods are there, and orders that wait for them are planned and dated."""

import pytest

from fulfillment.commands import serve_waiting_orders
from fulfillment.models import PickList
from o2c.core import clock
from o2c.core.actors import SYSTEM
from orders.models import Order
from tests.given.logistics import goods, released_for, stops
from tests.given.orders import lines_of
from tests.given.stock import stock

pytestmark = pytest.mark.django_db


def waiting_for(item, quantity):
    order = released_for(item, quantity)
    assert (order.promised_date, PickList.objects.filter(order=order).exists()) == (None, False)
    return order


def test_the_longest_waiting_is_planned_and_promised_today_and_the_rest_waits_on():
    item = goods()
    first, second = waiting_for(item, 6), waiting_for(item, 6)
    stock(item, 8)

    for _time in range(2):  # it converges
        serve_waiting_orders([item.pk], first.warehouse_id, actor=SYSTEM)

    lists = PickList.objects.order_by("pk")
    assert [(one.order, stops(one)[0].quantity) for one in lists] == [(first, 6), (second, 2)]
    dates = [Order.objects.get(pk=order.pk).promised_date for order in (first, second)]
    assert dates == [clock.today(), None]
    assert lines_of(second)[0].reserved == 2


def test_orders_for_other_goods_are_left_alone():
    item, other = goods(), goods()
    order = waiting_for(item, 6)
    stock(item, 8)

    serve_waiting_orders([other.pk], order.warehouse_id, actor=SYSTEM)

    assert not PickList.objects.exists()
