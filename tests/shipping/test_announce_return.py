from decimal import Decimal

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import NotPermitted, RuleViolation
from o2c.core.models import Event, User
from shipping.commands import (
    announce_return,
    dispatch_shipment,
)
from tests.factories.masters import ServiceFactory
from tests.given.logistics import (
    announce,
    dispatched_shipment,
    goods,
    planned_shipment,
    ready_to_ship,
    shipment_lines,
)
from tests.given.orders import released_order

pytestmark = pytest.mark.django_db


class TestAnnouncing:
    def test_it_is_noted_on_the_shipment_line(self):
        shipment = dispatched_shipment((10, 10))

        announced = announce(shipment, 4)

        [line] = shipment_lines(shipment)
        assert (line.announced, line.returnable, line.returned) == (4, 6, 0)
        assert (announced.state, announced.order_id) == ("announced", shipment.order_id)
        assert Event.objects.get(name="return.announced").facts["reason"] == "too many"

    def test_never_more_than_was_shipped_less_what_is_on_its_way(self):
        shipment = dispatched_shipment((10, 10))
        announce(shipment, 4)

        with pytest.raises(RuleViolation, match="7 cannot come back; 10 were shipped, 4 are back"):
            announce(shipment, 7)

        announce(shipment, 6)

    @pytest.mark.parametrize(
        ("quantity", "sentence"),
        [("0", "Nothing is announced"), ("-1", "not negative"), ("0.5", "more decimals")],
    )
    def test_impossible_quantities_are_refused(self, quantity, sentence):
        with pytest.raises(RuleViolation, match=sentence):
            announce(dispatched_shipment((10, 10)), quantity)

    def test_a_reason_is_needed(self):
        with pytest.raises(RuleViolation, match="Say why"):
            announce(dispatched_shipment((10, 10)), 1, reason=" ")

    def test_a_line_of_another_shipment_is_refused(self):
        shipment, other = dispatched_shipment(), dispatched_shipment()

        with pytest.raises(RuleViolation, match="not in this shipment"):
            announce_return(
                shipment.pk,
                lines={shipment_lines(other)[0].pk: Decimal(1)},
                reason="?",
                actor=SYSTEM,
            )

    def test_services_do_not_come_back(self):
        service = ServiceFactory(price="80.00")
        shipment = ready_to_ship(released_order(lines=[(goods(1), 1), (service, 2)]))
        dispatch_shipment(shipment.pk, actor=SYSTEM)

        with pytest.raises(RuleViolation, match="is a service"):
            announce(shipment, 0, 1)

    def test_what_has_not_left_cannot_come_back(self):
        with pytest.raises(RuleViolation, match="not been dispatched"):
            announce_return(planned_shipment().pk, lines={1: Decimal(1)}, reason="?", actor=SYSTEM)

    def test_who_lacks_the_right_may_not_announce(self):
        with pytest.raises(NotPermitted):
            announce(dispatched_shipment(), 1, actor=User.objects.create_user("nobody"))
