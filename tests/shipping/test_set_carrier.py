from datetime import timedelta

import pytest

from o2c.core import clock
from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation
from o2c.core.models import Event
from shipping.commands import set_carrier
from tests.factories.masters import CarrierFactory, CarrierServiceFactory
from tests.given.logistics import dispatched_shipment, planned_shipment

pytestmark = pytest.mark.django_db


def test_carrier_and_tracking_are_recorded_with_what_changed():
    shipment = planned_shipment()
    rail = CarrierFactory(code="RAIL", name="Rail", service=False)
    service = CarrierServiceFactory(carrier=rail, name="Overnight", transit_days=2)
    tomorrow, then = (clock.today() + timedelta(days=days) for days in (1, 2))

    set_carrier(shipment.pk, service_id=service.pk, tracking=" AB 12 ", actor=SYSTEM)

    shipment.refresh_from_db()
    assert (shipment.carrier, shipment.tracking) == (service.carrier, "AB 12")
    assert shipment.tracking_link == "https://track.swift.example/AB%2012"
    assert shipment.history.count() == 2
    assert Event.objects.get(name="shipment.carrier_set").facts["changes"] == {
        "carrier": ["Swift Parcel", "Rail"],
        "service": ["Next day", "Overnight"],
        "tracking": ["", "AB 12"],
        "expected_date": [tomorrow.isoformat(), then.isoformat()],
    }


def test_a_tracking_number_can_come_after_dispatch():
    shipment = dispatched_shipment()

    set_carrier(shipment.pk, service_id=shipment.service_id, tracking="AB12", actor=SYSTEM)

    shipment.refresh_from_db()
    assert shipment.tracking == "AB12"


def test_a_tracking_number_needs_a_carrier():
    with pytest.raises(RuleViolation, match="needs a carrier"):
        set_carrier(planned_shipment().pk, tracking="AB12", actor=SYSTEM)


def test_a_service_of_another_carrier_is_refused():
    shipment = planned_shipment()
    other = CarrierServiceFactory(carrier=CarrierFactory(code="RAIL", service=False))

    with pytest.raises(RuleViolation, match="no such service"):
        set_carrier(shipment.pk, carrier_id=shipment.carrier_id, service_id=other.pk, actor=SYSTEM)


def test_saying_the_same_again_writes_nothing():
    shipment = planned_shipment()
    before = Event.objects.count()

    set_carrier(
        shipment.pk,
        service_id=shipment.service_id,
        expected_date=shipment.expected_date,
        actor=SYSTEM,
    )

    assert Event.objects.count() == before


def test_a_picker_chooses_no_carrier(picker):
    with pytest.raises(NotPermitted):
        set_carrier(planned_shipment().pk, tracking="", actor=picker)
