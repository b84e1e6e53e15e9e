"""reserve, release, release_part, move_reservation: promises on goods."""

from decimal import Decimal

import pytest

from o2c.core.actors import SYSTEM
from o2c.stock.commands import (
    Demand,
    Receipt,
    receive_goods,
    reserve,
)
from o2c.stock.models import Balance, ReservationState
from o2c.stock.queries import available, reservations_of
from tests.factories.masters import ItemFactory, LocationFactory, WarehouseFactory
from tests.given.stock import reserved, stock, storage

pytestmark = pytest.mark.django_db


def ask(quantity, item, source_id=1):
    demand = Demand(source_id, item.pk, Decimal(quantity))
    return reserve([demand], storage().warehouse_id, actor=SYSTEM)[source_id]


def test_a_demand_is_met_in_walking_order():
    near, far = storage(0), storage(1)
    item = ItemFactory()
    stock(item, 10, location=far)
    stock(item, 4, location=near)

    got = ask(6, item)

    assert [(part.location_code, part.quantity) for part in got] == [
        (near.code, 4),
        (far.code, 2),
    ]
    assert available([item.pk], near.warehouse) == {item.pk: 8}


def test_what_is_not_there_is_not_promised():
    item = stock(quantity=3).item

    assert sum(part.quantity for part in ask(5, item)) == 3
    assert ask(1, item, source_id=2) == []


def test_goods_outside_storage_are_not_promised():
    warehouse = WarehouseFactory()
    item = ItemFactory()
    for kind in ("receiving", "shipping", "quarantine", "scrap"):
        stock(item, 5, location=warehouse.locations.get(kind=kind))
    stock(item, 5, location=LocationFactory(warehouse=WarehouseFactory(code="OTHER")))

    assert ask(1, item) == []
    assert available([item.pk], warehouse) == {item.pk: 0}


def test_a_second_promise_to_the_same_line_adds_to_the_first():
    balance = reserved(stock(quantity=10), quantity=4)

    ask(2, balance.item)

    (held,) = reservations_of([1])[1]
    assert (held.quantity, held.state) == (6, ReservationState.ACTIVE)
    balance.refresh_from_db()
    assert (balance.on_hand, balance.reserved, balance.free) == (10, 6, 4)


def test_lots_are_promised_like_places():
    item = ItemFactory()
    place = storage()
    lines = [Receipt(item.pk, place.pk, Decimal(2), lot=lot) for lot in ("L1", "L2")]
    stock(ItemFactory())
    receive_goods(place.warehouse_id, lines, actor=SYSTEM)

    got = ask(3, item)

    assert [(part.lot, part.quantity) for part in got] == [("L1", 2), ("L2", 1)]
    assert Balance.objects.filter(item=item).count() == 2
