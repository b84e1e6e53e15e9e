"""ship_services: what is performed without goods leaving the warehouse gets its shipment, too."""

from decimal import Decimal

import pytest

from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted
from o2c.core.models import Event
from o2c.stock.models import Move
from shipping.commands import dispatch_shipment, ship_services
from shipping.models import Shipment
from tests.factories.masters import CompanyFactory, ServiceFactory
from tests.given.ledger import DAY
from tests.given.logistics import goods, ready_to_ship, shipment_lines
from tests.given.orders import confirmed_order, released_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def performed():
    """An order of two services, performed when it was released."""
    CompanyFactory()
    first, second = (ServiceFactory(price="80.00") for _nr in range(2))
    return released_order(lines=[(first, 2), (second, Decimal("1.5"))])


def test_an_order_of_services_only_gets_a_shipment_without_goods(performed, shipper):
    with clock.at(DAY):
        shipment = ship_services(performed.pk, actor=shipper)

    assert (shipment.state, shipment.dispatched_at.date()) == ("dispatched", DAY)
    assert (shipment.pick_list, shipment.package_count) == (None, 0)
    lines = shipment_lines(shipment)
    assert [(line.quantity, line.cost) for line in lines] == [(2, 0), (Decimal("1.5"), 0)]
    event = Event.objects.get(name="shipment.dispatched")
    assert (event.actor, event.facts["lines"], event.facts["billable"]) == ("shirin", 2, True)
    assert not Move.objects.exists()


def test_running_twice_changes_nothing(performed, count_statements):
    ship_services(performed.pk, actor=SYSTEM)

    with count_statements() as count:
        assert ship_services(performed.pk, actor=SYSTEM) is None

    assert int(count) == 1, str(count)
    assert Shipment.objects.count() == 1


def test_services_that_travel_with_the_goods_need_no_shipment_of_their_own():
    order = released_order(lines=[(goods(3), 3), (ServiceFactory(price="80.00"), 2)])
    shipment = ready_to_ship(order)
    dispatch_shipment(shipment.pk, actor=SYSTEM)

    assert ship_services(order.pk, actor=SYSTEM) is None
    assert Shipment.objects.get() == shipment


def test_what_is_not_performed_yet_is_not_shipped():
    CompanyFactory()
    order = confirmed_order(lines=[(ServiceFactory(price="80.00"), 2)])

    assert ship_services(order.pk, actor=SYSTEM) is None
    assert not Shipment.objects.exists()


def test_who_lacks_the_right_may_not(performed, biller):
    with pytest.raises(NotPermitted, match=r"shipping\.plan_shipment"):
        ship_services(performed.pk, actor=biller)

    assert not Shipment.objects.exists()
