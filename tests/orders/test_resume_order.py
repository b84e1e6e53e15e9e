import pytest

from o2c.core.actors import SYSTEM
from o2c.core.errors import TransitionRefused
from orders.commands import (
    hold_order,
    resume_order,
    start_fulfillment,
)
from orders.models import HoldKind, OrderState
from tests.given.orders import (
    confirmed_order,
    released_order,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("stage", ["confirmed", "released", "in_fulfillment"])
def test_a_resumed_order_goes_on_where_it_stood(stage, clerk):
    order = confirmed_order() if stage == "confirmed" else released_order()
    if stage == "in_fulfillment":
        start_fulfillment(order.pk, actor=SYSTEM)

    held = hold_order(order.pk, reason="Customer is moving.", actor=clerk)
    assert (held.state, held.hold_reason) == (OrderState.ON_HOLD, "Customer is moving.")
    resumed = resume_order(order.pk, actor=clerk)

    assert resumed.state == stage
    assert (resumed.hold_kind, resumed.hold_reason) == ("", "")


def test_nobody_resumes_an_order_that_credit_holds(clerk):
    order = confirmed_order()
    hold_order(order.pk, reason="Over the limit.", kind=HoldKind.CREDIT, actor=SYSTEM)

    with pytest.raises(TransitionRefused, match="credit manager decides"):
        resume_order(order.pk, actor=clerk)
