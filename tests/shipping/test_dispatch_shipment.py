from decimal import Decimal

import pytest

from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation, TransitionRefused
from o2c.core.models import Event, User
from o2c.ledger.commands import open_period
from o2c.ledger.models import Entry
from o2c.stock.models import Balance, Move
from orders import commands as orders
from orders.models import OrderLine
from shipping.commands import dispatch_shipment
from shipping.models import Shipment
from tests.factories.masters import ServiceFactory
from tests.given.logistics import (
    dispatched_shipment,
    goods,
    planned_shipment,
    ready_to_ship,
    shipment_lines,
)
from tests.given.orders import released_order

pytestmark = pytest.mark.django_db


def entry_of(document):
    entry = Entry.objects.get(source_type=document._meta.label_lower, source_id=document.pk)
    return {line.account.role: line.base_amount for line in entry.lines.select_related("account")}


def test_the_goods_leave_stock_and_the_reservation_is_consumed():
    shipment = planned_shipment((10, 30))

    dispatch_shipment(shipment.pk, actor=SYSTEM)

    [line] = shipment_lines(shipment)
    balance = Balance.objects.get(item=line.item)
    [move] = Move.objects.filter(source_type="shipping.shipment", source_id=shipment.pk)
    assert (balance.on_hand, balance.reserved) == (20, 0)
    assert (move.quantity, move.line_id) == (-10, shipment.contents.get().pk)


def test_the_order_counts_what_was_shipped_and_moves_on():
    shipment = dispatched_shipment((10, 10), (3, 3))

    lines = OrderLine.objects.filter(order=shipment.order).order_by("line_number")
    assert [(line.shipped, line.reserved) for line in lines] == [(10, 0), (3, 0)]
    assert lines[0].order.state == "shipped"


def test_the_cost_is_frozen_and_posted_in_base_currency():
    shipment = dispatched_shipment((10, 10), (3, 3))

    first, second = shipment_lines(shipment)
    assert (first.cost, first.unit_cost) == (Decimal("60.00"), Decimal("6.00"))
    assert (second.cost, second.unit_cost) == (Decimal("18.00"), Decimal("6.00"))
    assert entry_of(shipment) == {
        "SHIPPED_NOT_INVOICED": Decimal("78.00"),
        "INVENTORY": Decimal("-78.00"),
    }


def test_goods_that_cost_nothing_post_nothing():
    item = goods(5, standard_cost=0)
    shipment = ready_to_ship(released_order(lines=[(item, 5)]))

    dispatch_shipment(shipment.pk, actor=SYSTEM)

    shipment.refresh_from_db()
    assert shipment.state == "dispatched"
    assert not Entry.objects.filter(source_type="shipping.shipment").exists()


def test_the_event_says_what_went():
    shipment = dispatched_shipment((10, 10))

    facts = Event.objects.get(name="shipment.dispatched").facts
    assert (facts["lines"], facts["packages"]) == (1, 1)
    assert shipment.dispatched_at is not None


def test_an_order_on_hold_does_not_leave():
    shipment = planned_shipment()
    orders.hold_order(shipment.order_id, reason="sanctions", actor=SYSTEM)

    with pytest.raises(RuleViolation, match="sanctions"):
        dispatch_shipment(shipment.pk, actor=SYSTEM)

    assert Balance.objects.get().on_hand == 10


def test_it_leaves_once():
    shipment = dispatched_shipment((10, 30))

    with pytest.raises(RuleViolation):
        dispatch_shipment(shipment.pk, actor=SYSTEM)

    assert Balance.objects.get().on_hand == 20


def test_a_part_shipment_leaves_once_too():
    shipment = dispatched_shipment((10, 6))

    with pytest.raises(TransitionRefused):
        dispatch_shipment(shipment.pk, actor=SYSTEM)


def test_a_shipment_without_an_address_does_not_leave():
    shipment = planned_shipment()
    Shipment.objects.filter(pk=shipment.pk).update(ship_to={})

    with pytest.raises(TransitionRefused, match="address is missing"):
        dispatch_shipment(shipment.pk, actor=SYSTEM)


def test_who_lacks_the_right_may_not_dispatch():
    with pytest.raises(NotPermitted):
        dispatch_shipment(planned_shipment().pk, actor=User.objects.create_user("nobody"))


def test_services_travel_with_the_goods_that_complete_the_order():
    order = released_order(lines=[(goods(3), 3), (ServiceFactory(price="80.00"), 2)])
    shipment = ready_to_ship(order)

    dispatch_shipment(shipment.pk, actor=SYSTEM)

    lines = [(line.quantity, line.cost) for line in shipment_lines(shipment)]
    assert lines == [(3, Decimal("18.00")), (2, Decimal(0))]


@pytest.mark.parametrize("lines", [1, 12])
def test_it_takes_eleven_statements_whatever_the_number_of_lines(lines, count_statements):
    shipment = planned_shipment(*[(2, 5)] * lines)
    open_period(clock.today(), actor=SYSTEM)

    with count_statements() as count:
        dispatch_shipment(shipment.pk, actor=SYSTEM)

    assert int(count) <= 11, str(count)
