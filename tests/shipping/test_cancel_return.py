import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import TransitionRefused
from shipping.commands import (
    cancel_return,
    receive_return,
)
from shipping.models import Return
from tests.given.logistics import (
    announce,
    announced_return,
)

pytestmark = pytest.mark.django_db


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
