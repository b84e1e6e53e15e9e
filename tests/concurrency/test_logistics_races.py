"""R10 and its neighbours: the warehouse works while sales and colleagues do, too."""

from decimal import Decimal
from functools import partial

import pytest

from fulfillment.commands import confirm_pick, plan_order, start_pick
from fulfillment.models import PickList
from o2c.core.actors import SystemActor
from o2c.core.verify import run_all
from o2c.stock.models import Balance
from orders.commands import cancel_order
from orders.models import Order, OrderLine
from shipping.commands import (
    announce_return,
    dispatch_shipment,
    plan_shipment,
    receive_return,
)
from shipping.models import Shipment, ShipmentLine
from tests.concurrency.race import constraint_off, locks_off, lost, race, won
from tests.factories.masters import CompanyFactory, ItemFactory
from tests.given.logistics import (
    dispatched_shipment,
    packed_list,
    planned_list,
    planned_shipment,
    ready_to_ship,
    released,
    released_for,
    shipment_lines,
)
from tests.given.stock import stock

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("nobody_follows"),
]

ANA, BEN = SystemActor("ana"), SystemActor("ben")
CHECKED = ["B1", "B3", "B4", "B6b", "C1", "C1b", "C2", "C3", "C3b", "C4", "C5", "C5b"]


def disagreements():
    """What the books do not agree about."""
    return [finding.sentences() for finding in run_all(only=CHECKED) if not finding.holds]


class TestR10PickWhileSalesCancels:
    def race_them(self, pick_list):
        return race(
            partial(confirm_pick, pick_list.pk, actor=ANA),
            partial(cancel_order, pick_list.order_id, reason="not wanted", actor=BEN),
        )

    def test_both_succeed_never(self):
        for _ in range(3):
            pick_list = planned_list((10, 10))

            outcomes = self.race_them(pick_list)

            assert (len(won(outcomes)), len(lost(outcomes))) == (1, 1)
            line = OrderLine.objects.get(order=pick_list.order)
            assert (line.picked, line.cancelled) in [(10, 0), (0, 10)]

    def test_without_locks_goods_are_picked_for_a_cancelled_order(self):
        pick_list = planned_list((10, 10))
        off = partial(constraint_off, "orders_orderline")

        with (
            locks_off(),
            off("orders_orderline_picked_within_ordered"),
            off("orders_orderline_reserved_within_open"),
        ):
            outcomes = self.race_them(pick_list)
            line = OrderLine.objects.get(order=pick_list.order)
            both = len(won(outcomes)), line.picked, line.cancelled

        assert both == (2, 10, 10)


class TestR10ShipWhileSalesCancels:
    def test_what_is_shipped_is_not_cancelled(self):
        shipment = planned_shipment((10, 6))

        outcomes = race(
            partial(dispatch_shipment, shipment.pk, actor=ANA),
            partial(cancel_order, shipment.order_id, reason="not wanted", actor=BEN),
        )

        line = OrderLine.objects.get(order=shipment.order)
        assert isinstance(outcomes[0], Shipment)
        assert line.shipped == 6
        assert line.cancelled == (4 if isinstance(outcomes[1], Order) else 0)
        assert disagreements() == []


class TestOneActionOnce:
    def test_a_list_has_one_picker(self):
        pick_list = planned_list()

        outcomes = race(*[partial(start_pick, pick_list.pk, actor=who) for who in (ANA, BEN)])

        assert (len(won(outcomes)), len(lost(outcomes))) == (1, 1)

    def test_without_locks_it_has_two(self):
        pick_list = planned_list()

        with locks_off():
            outcomes = race(*[partial(start_pick, pick_list.pk, actor=who) for who in (ANA, BEN)])

        assert len(won(outcomes)) == 2

    def test_a_shipment_leaves_once_though_eight_send_it(self):
        shipment = planned_shipment((10, 30))

        outcomes = race(*[partial(dispatch_shipment, shipment.pk, actor=ANA)] * 8)

        assert len(won(outcomes)) == 1
        assert disagreements() == []

    def test_packed_goods_become_one_shipment(self):
        pick_list = packed_list((10, 10))

        race(*[partial(plan_shipment, pick_list.pk, actor=ANA)] * 8)

        assert Shipment.objects.count() == 1

    def test_without_locks_the_database_still_refuses_the_second_shipment(self):
        pick_list = packed_list((10, 10))

        with locks_off():
            outcomes = race(*[partial(plan_shipment, pick_list.pk, actor=ANA)] * 3)

        assert "shipped_once" in str(lost(outcomes)[0])
        assert Shipment.objects.count() == 1

    def test_an_order_is_planned_once(self):
        order = released((10, 30))

        race(*[partial(plan_order, order.pk, actor=ANA)] * 8)

        assert PickList.objects.count() == 1
        assert disagreements() == []

    def test_two_returns_do_not_take_the_same_goods(self):
        shipment = dispatched_shipment((10, 10))
        [line] = shipment_lines(shipment)
        announce = partial(
            announce_return, shipment.pk, lines={line.pk: Decimal(7)}, reason="x", actor=ANA
        )

        outcomes = race(announce, announce)

        assert len(won(outcomes)) == 1
        assert disagreements() == []

    def test_without_locks_they_do(self):
        shipment = dispatched_shipment((10, 10))
        [line] = shipment_lines(shipment)
        announce = partial(
            announce_return, shipment.pk, lines={line.pk: Decimal(7)}, reason="x", actor=ANA
        )

        with locks_off():
            outcomes = race(announce, announce)

        assert len(won(outcomes)) == 2
        assert disagreements() != []


class TestTwoReturnsOfOneShipment:
    """Three of lot A and two of lot B have left; three and two come back in two parcels."""

    @pytest.fixture
    def parcels(self):
        CompanyFactory()
        item = ItemFactory(price="10.00")
        stock(item, 3, lot="A")
        stock(item, 2, lot="B")
        shipment = dispatch_shipment(ready_to_ship(released_for(item, 5)).pk, actor=ANA)
        [line] = shipment_lines(shipment)
        coming = [
            announce_return(shipment.pk, lines={line.pk: Decimal(n)}, reason="x", actor=ANA)
            for n in (3, 2)
        ]
        return [partial(receive_return, each.pk, actor=ANA) for each in coming]

    def test_each_lot_comes_back_as_itself(self, parcels):
        outcomes = race(*parcels)

        assert len(won(outcomes)) == 2
        lots = Balance.objects.filter(on_hand__gt=0).values_list("lot", "on_hand")
        assert dict(lots) == {"A": 3, "B": 2}
        assert disagreements() == []

    def test_without_locks_one_parcel_is_forgotten(self, parcels):
        with locks_off():
            race(*parcels)

        assert ShipmentLine.objects.get().returned < 5
        assert disagreements() != []
