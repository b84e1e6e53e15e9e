from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation
from o2c.core.models import User
from orders.models import OrderLine
from shipping.commands import cancel_shipment, dispatch_shipment, plan_shipment, set_carrier
from shipping.models import Shipment, ShipmentContent
from tests.factories.masters import CarrierFactory, CarrierServiceFactory
from tests.given.logistics import (
    dispatched_shipment,
    goods,
    package_ids,
    packed_list,
    picked_list,
    planned_shipment,
    ready_to_ship,
    two_packages,
)
from tests.given.orders import released_order
from tests.given.stock import stock, storage

pytestmark = pytest.mark.django_db


class TestPlanning:
    def test_the_address_is_frozen(self):
        pick_list = packed_list((10, 10))
        address = pick_list.order.ship_to

        shipment = plan_shipment(pick_list.pk, actor=SYSTEM)

        address.city = "Elsewhere"
        address.save()
        shipment.refresh_from_db()
        assert shipment.ship_to["city"] == "München"
        assert shipment.ship_to_lines[-2:] == ["80331 München", "Germany"]

    def test_weight_and_packages_come_from_packing(self):
        shipment = plan_shipment(two_packages().pk, actor=SYSTEM)

        assert (shipment.package_count, shipment.weight_kg) == (2, Decimal("2.500"))

    def test_the_first_shipment_goes_with_the_first_carrier_and_has_a_date(self):
        service = CarrierServiceFactory(transit_days=3)

        shipment = plan_shipment(packed_list().pk, actor=SYSTEM)

        assert shipment.service == service
        assert (shipment.expected_date - clock.today()).days == 3

    def test_later_ones_go_with_the_carrier_of_the_last(self):
        CarrierFactory()
        express = CarrierServiceFactory(carrier=CarrierFactory(code="EXPRESS", service=False))
        last = planned_shipment()
        set_carrier(last.pk, service_id=express.pk, actor=SYSTEM)
        pick_list = packed_list(customer=last.customer)

        shipment = plan_shipment(pick_list.pk, actor=SYSTEM)

        assert shipment.service == express

    def test_without_any_carrier_there_is_none(self):
        shipment = plan_shipment(packed_list().pk, actor=SYSTEM)

        assert (shipment.carrier, shipment.expected_date) == (None, None)

    def test_planning_twice_changes_nothing(self):
        pick_list = packed_list()
        plan_shipment(pick_list.pk, actor=SYSTEM)

        assert plan_shipment(pick_list.pk, actor=SYSTEM) is None

        assert Shipment.objects.count() == 1

    def test_a_list_that_is_not_packed_gives_no_shipment(self):
        assert plan_shipment(picked_list().pk, actor=SYSTEM) is None

    def test_who_lacks_the_right_may_not_plan(self):
        with pytest.raises(NotPermitted):
            plan_shipment(packed_list().pk, actor=User.objects.create_user("nobody"))

    @pytest.mark.parametrize("lines", [1, 12])
    def test_it_takes_six_statements_whatever_the_number_of_lines(self, lines, count_statements):
        pick_list = packed_list(*[(2, 5)] * lines)

        with count_statements() as count:
            plan_shipment(pick_list.pk, actor=SYSTEM)

        assert int(count) <= 6, str(count)


class TestV15PartOfWhatWasPickedIsDelivered:
    """Vector V15: order 10, pick 5, deliver 3."""

    def test_two_are_open_after_three_were_planned(self):
        pick_list = two_packages()
        three, two = package_ids(pick_list)
        plan_shipment(pick_list.pk, package_ids=[three], actor=SYSTEM)

        rest = plan_shipment(pick_list.pk, actor=SYSTEM)

        contents = rest.contents.all()
        assert [c.package_line.quantity for c in contents] == [2]
        assert [c.package_line.package_id for c in contents] == [two]

    def test_more_than_was_picked_cannot_be_planned(self):
        pick_list = two_packages()
        three, _two = package_ids(pick_list)
        plan_shipment(pick_list.pk, package_ids=[three], actor=SYSTEM)

        with pytest.raises(RuleViolation, match="in another shipment already"):
            plan_shipment(pick_list.pk, package_ids=[three], actor=SYSTEM)

    def test_the_database_refuses_to_ship_a_package_twice(self):
        shipment = plan_shipment(two_packages().pk, actor=SYSTEM)
        line = shipment.contents.first().package_line

        with pytest.raises(IntegrityError, match="shipped_once"), transaction.atomic():
            ShipmentContent.objects.create(shipment=shipment, package_line=line)

    def test_cancelling_the_delivery_reopens_three(self):
        pick_list = two_packages()
        three, _two = package_ids(pick_list)
        shipment = plan_shipment(pick_list.pk, package_ids=[three], actor=SYSTEM)

        cancel_shipment(shipment.pk, reason="truck full", actor=SYSTEM)

        again = plan_shipment(pick_list.pk, package_ids=[three], actor=SYSTEM)
        assert [c.package_line.quantity for c in again.contents.all()] == [3]

    def test_three_of_ten_are_shipped_and_the_order_goes_on(self):
        pick_list = two_packages()
        three, _two = package_ids(pick_list)
        shipment = plan_shipment(pick_list.pk, package_ids=[three], actor=SYSTEM)

        dispatch_shipment(shipment.pk, actor=SYSTEM)

        line = OrderLine.objects.get(order=pick_list.order)
        assert (line.shipped, line.reserved, line.picked) == (3, 2, 5)
        assert line.order.state == "in_fulfillment"


def test_a_shipped_shipment_never_changes():
    """Invariant C5, in the database."""
    shipment = dispatched_shipment()

    for change in ({"ship_to": {}}, {"dispatched_at": clock.now()}, {"state": "planned"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Shipment.objects.filter(pk=shipment.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        shipment.lines.update(quantity=1)
    with pytest.raises(DatabaseError), transaction.atomic():
        shipment.lines.update(cost=1)
    with pytest.raises(DatabaseError), transaction.atomic():
        shipment.lines.all().delete()


def test_an_item_picked_from_two_places_is_one_line_of_the_shipment():
    item = goods()
    stock(item, 4, location=storage(0))
    stock(item, 6, location=storage(1))
    shipment = ready_to_ship(released_order(lines=[(item, 10)]))

    dispatch_shipment(shipment.pk, actor=SYSTEM)

    assert [line.quantity for line in shipment.lines.all()] == [10]
