"""Getting hold of the order behind a document, and refusing one that must stand still."""

from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext as _

from o2c.core.commands import lock_where
from o2c.core.errors import RuleViolation
from o2c.core.locks import NotFound
from o2c.core.models import Document
from orders.models import Order, OrderState

#: The warehouse may work on an order in these states.
WORKABLE = (OrderState.RELEASED, OrderState.IN_FULFILLMENT)


def lock_order_of(document: type[Document], pk: int, *, related: Collection[str] = ()) -> Order:
    """Lock the order that a document of a later stage belongs to.

    Raises NotFound.
    """
    order: Any = document._meta.get_field("order")  # type: ignore[misc]  # every caller's has it
    named: dict[str, Any] = {order.related_query_name(): pk}
    orders = lock_where(Order, related=related, **named)
    if not orders:
        name = str(document._meta.verbose_name).capitalize()
        raise NotFound(_("%(what)s %(pk)s does not exist.") % {"what": name, "pk": pk})
    return orders[0]


def refuse_on_hold(order: Order) -> None:
    """Refuse to move goods of an order on hold, with the reason it is held for."""
    if order.state == OrderState.ON_HOLD:
        raise RuleViolation(
            _("%(order)s is on hold: %(reason)s") % {"order": order, "reason": order.hold_reason}
        )


#: Credit or a person has yet to let the warehouse have it.
UNRELEASED = (OrderState.DRAFT, OrderState.SUBMITTED, OrderState.CONFIRMED)


def refuse_unworkable(order: Order) -> None:
    """Refuse warehouse work on an order that is on hold, or that nobody released."""
    refuse_on_hold(order)
    if order.state in WORKABLE:
        return
    if order.state in UNRELEASED:
        sentence = _("%(order)s is not released to the warehouse yet, it is “%(state)s”.")
    else:
        sentence = _("%(order)s is “%(state)s”: nothing is left to do for it in the warehouse.")
    raise RuleViolation(sentence % {"order": order, "state": order.get_state_display()})
