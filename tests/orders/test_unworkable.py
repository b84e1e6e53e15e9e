"""What the warehouse is told of an order it cannot work on: what is true of it now."""

import pytest

from o2c.core.errors import RuleViolation
from orders.commands.locking import UNRELEASED, WORKABLE, refuse_unworkable
from orders.models import HoldKind, Order, OrderState


@pytest.mark.parametrize("state", OrderState)
def test_it_is_told_what_is_true_now(state):
    order = Order(state=state, hold_kind=HoldKind.MANUAL, hold_reason="Wait.")
    if state in WORKABLE:
        refuse_unworkable(order)
        return

    with pytest.raises(RuleViolation) as refusal:
        refuse_unworkable(order)

    if state == OrderState.ON_HOLD:
        assert "is on hold: Wait." in str(refusal.value)
    elif state in UNRELEASED:
        assert f"not released to the warehouse yet, it is “{state.label}”" in str(refusal.value)
    else:
        assert f"is “{state.label}”: nothing is left to do" in str(refusal.value)
        assert "not released" not in str(refusal.value)
