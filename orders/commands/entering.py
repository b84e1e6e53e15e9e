"""What the entry form does in one go: keep an order, hand it in, confirm it, or nothing of it."""

from o2c.core.actors import Actor
from o2c.core.commands import command
from orders.commands.capture import capture_order, edit_draft
from orders.commands.confirm import confirm_order, submit_order
from orders.models import Order, OrderState
from orders.rules.drafts import OrderDraft


@command
def enter_order(draft: OrderDraft, *, then: str, actor: Actor) -> Order:
    """Capture an order and go on as asked: `draft`, `submit` or `confirm`.

    All or nothing: a refused confirmation leaves no draft that the next try would double. Raises
    whatever the single commands raise.
    """
    return _go_on(capture_order(draft, actor=actor), then, actor)


@command
def change_draft(
    order_id: int, draft: OrderDraft, *, version: int, then: str, actor: Actor
) -> Order:
    """Edit a draft or submitted order and go on as asked, all or nothing."""
    return _go_on(edit_draft(order_id, draft, version=version, actor=actor), then, actor)


def _go_on(order: Order, then: str, actor: Actor) -> Order:
    """Submit and confirm as asked; an order with something to review stops at submitted."""
    if then in ("submit", "confirm") and order.state == OrderState.DRAFT:
        order = submit_order(order.pk, actor=actor)
    if then == "confirm" and order.state == OrderState.SUBMITTED and not order.review_notes:
        order = confirm_order(order.pk, actor=actor)
    return order
