"""A lot that left comes back as that lot, at what it left for."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation
from o2c.masters.models import Location
from o2c.stock.models import Balance, Move
from shipping.commands import Inspected, announce_return, dispatch_shipment, receive_return
from shipping.rules import lots_back
from tests.factories.masters import CompanyFactory, ItemFactory, LocationFactory, WarehouseFactory
from tests.given.logistics import ready_to_ship, released_for, shipment_lines
from tests.given.stock import stock


@pytest.fixture
def shipment(db):
    """Three of lot A (2.00 each) and two of lot B (3.00 each) have left."""
    CompanyFactory()
    item = ItemFactory(price="10.00")
    stock(item, 3, lot="A", unit_cost=Decimal(2))
    stock(item, 2, lot="B", unit_cost=Decimal(3))
    return dispatch_shipment(ready_to_ship(released_for(item, 5)).pk, actor=SYSTEM)


def come_back(shipment, quantity, **inspected):
    (line,) = shipment_lines(shipment)
    lines = {line.pk: Decimal(quantity)}
    coming = announce_return(shipment.pk, lines=lines, reason="too many", actor=SYSTEM)
    if inspected:
        (back,) = coming.lines.all()
        one = Inspected(Decimal(quantity), **inspected)
        return receive_return(coming.pk, inspected={back.pk: one}, actor=SYSTEM)
    return receive_return(coming.pk, actor=SYSTEM)


def on_hand():
    return dict(Balance.objects.filter(on_hand__gt=0).values_list("lot", "on_hand"))


def test_goods_come_back_as_the_lots_they_left_as(shipment):
    come_back(shipment, 4)

    assert on_hand() == {"A": 3, "B": 1}


def test_the_next_return_takes_what_is_left_of_the_lots(shipment):
    come_back(shipment, 4)
    come_back(shipment, 1)

    assert on_hand() == {"A": 3, "B": 2}
    back = Move.objects.filter(source_type="shipping.return")
    assert sum(move.value for move in back) == 12


def test_a_place_of_another_warehouse_is_refused(shipment):
    elsewhere = LocationFactory(warehouse=WarehouseFactory(code="B"))

    with pytest.raises(RuleViolation, match="no such location"):
        come_back(shipment, 1, location_id=elsewhere.pk)


def test_when_the_place_it_was_picked_from_is_switched_off_another_is_asked_for(shipment):
    Location.objects.filter(kind="storage").update(active=False)

    with pytest.raises(RuleViolation, match="Choose another"):
        come_back(shipment, 1)


@given(
    st.lists(st.tuples(st.sampled_from("ABC"), st.integers(0, 9).map(Decimal)), max_size=3),
    st.integers(1, 20).map(Decimal),
    st.decimals("0", "999", places=2),
)
def test_lots_neither_make_nor_lose_goods_or_value(lots, quantity, cost):
    parts = lots_back(quantity, cost, lots, "EUR")

    assert sum(part.quantity for part in parts) == quantity
    assert sum(part.value for part in parts) == cost
    assert all(part.quantity > 0 for part in parts)
