from decimal import Decimal

import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import TransitionRefused
from shipping.commands import (
    announce_return,
    cancel_return,
    receive_return,
)
from shipping.models import Return
from tests.given.logistics import (
    announced_return,
    shipment_lines,
)

pytestmark = pytest.mark.django_db


def announce(shipment, *quantities, **more):
    lines = {
        line.pk: Decimal(quantity)
        for line, quantity in zip(shipment_lines(shipment), quantities, strict=False)
    }
    return announce_return(
        shipment.pk, lines=lines, **{"reason": "too many", "actor": SYSTEM, **more}
    )


class TestCancelling:
    def test_the_goods_can_be_announced_again(self):
        coming = announced_return(10)

        cancel_return(coming.pk, reason="found the box", actor=SYSTEM)

        coming.refresh_from_db()
        assert coming.state == "cancelled"
        announce(coming.shipment, 10)
        assert Return.objects.filter(state="announced").count() == 1

    def test_a_received_return_is_not_cancelled(self):
        coming = announced_return(4)
        receive_return(coming.pk, actor=SYSTEM)

        with pytest.raises(TransitionRefused):
            cancel_return(coming.pk, reason="oops", actor=SYSTEM)
