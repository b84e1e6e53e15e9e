import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import RuleViolation, TransitionRefused
from orders.models import OrderLine
from shipping.commands import cancel_shipment, dispatch_shipment, plan_shipment
from tests.given.logistics import (
    dispatched_shipment,
    package_ids,
    planned_shipment,
    two_packages,
)

pytestmark = pytest.mark.django_db


class TestCancelling:
    def test_the_goods_can_go_back_to_the_shelf(self):
        shipment = planned_shipment((10, 10))

        cancel_shipment(shipment.pk, reason="not wanted", put_back=True, actor=SYSTEM)

        line = OrderLine.objects.get(order=shipment.order)
        shipment.refresh_from_db()
        assert (line.picked, line.reserved) == (0, 0)
        assert (shipment.state, shipment.pick_list.state) == ("cancelled", "cancelled")

    def test_only_the_packages_of_this_shipment_are_opened(self):
        pick_list = two_packages()
        three, two = package_ids(pick_list)
        first = plan_shipment(pick_list.pk, package_ids=[three], actor=SYSTEM)
        second = plan_shipment(pick_list.pk, package_ids=[two], actor=SYSTEM)
        dispatch_shipment(first.pk, actor=SYSTEM)

        cancel_shipment(second.pk, reason="damaged", put_back=True, actor=SYSTEM)

        line = OrderLine.objects.get(order=pick_list.order)
        pick_list.refresh_from_db()
        assert (line.shipped, line.picked, line.reserved) == (3, 3, 0)
        assert pick_list.state == "packed"

    def test_what_has_left_is_not_cancelled(self):
        with pytest.raises(TransitionRefused):
            cancel_shipment(dispatched_shipment().pk, reason="oops", actor=SYSTEM)

    def test_a_reason_is_needed(self):
        with pytest.raises(RuleViolation, match="Say why"):
            cancel_shipment(planned_shipment().pk, reason="", actor=SYSTEM)
