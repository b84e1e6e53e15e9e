"""Stopping an order, and letting it go on."""

from django.utils.translation import gettext as _

from o2c.core.actors import Actor, require
from o2c.core.commands import command, lock
from o2c.core.errors import RuleViolation
from o2c.core.transitions import save_document, transition
from orders.commands.capture import refuse_state
from orders.models import HoldKind, Order, OrderState


@command
def hold_order(order_id: int, *, reason: str, actor: Actor, kind: str = HoldKind.MANUAL) -> Order:
    """Stop picking and shipping, and say why. Billing what has shipped goes on.

    A hold of kind *credit* is ended by the credit manager's decision only.
    """
    reason = reason.strip()
    if not reason:
        raise RuleViolation(_("Say why the order is held."), field="reason")
    order = lock(Order, order_id)
    order.hold_kind, order.hold_reason = kind, reason[:500]
    return transition(order, "hold", actor=actor, reason=reason, kind=kind)


@command
def resume_order(order_id: int, *, actor: Actor) -> Order:
    """End a hold by hand. An order that was not released yet goes through credit (again)."""
    return transition(lock(Order, order_id), "resume", actor=actor)


@command
def change_hold(order_id: int, *, reason: str, actor: Actor) -> Order:
    """Give a held order another reason; called by credit when its figures or answer change."""
    reason = reason.strip()
    if not reason:
        raise RuleViolation(_("Say why the order is held."), field="reason")
    order = lock(Order, order_id)
    require(actor, "orders.hold_order")
    refuse_state(order, [OrderState.ON_HOLD])
    order.hold_reason = reason[:500]
    return save_document(order, actor=actor, event="hold_changed", hold_reason=reason)
