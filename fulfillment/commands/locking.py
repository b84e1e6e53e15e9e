"""Getting hold of a pick list: its order first, then the lines, the list with them."""

from django.utils.translation import gettext as _

from fulfillment.models import PickLine, PickList
from o2c.core.commands import assert_in_command, lock_where
from o2c.core.errors import RuleViolation
from o2c.core.locks import NotFound
from orders.models import Order, OrderState

#: The warehouse may work on an order in these states.
WORKABLE = (OrderState.RELEASED, OrderState.IN_FULFILLMENT)


def lock_order_of(pick_list_id: int) -> Order:
    """Lock the order a pick list belongs to. One statement. Raises NotFound."""
    orders = lock_where(Order, pick_lists=pick_list_id)
    if not orders:
        raise NotFound(_("Pick list %(pk)s does not exist.") % {"pk": pick_list_id})
    return orders[0]


def lock_pick_lines(order: Order, pick_list_id: int) -> tuple[PickList, list[PickLine]]:
    """A pick list of a locked order with its lines in walking order. One statement.

    The lines come with item and location. The list itself is read along with them: the order's
    lock stands before it, so nobody changes it meanwhile.
    """
    lines = lock_where(
        PickLine, pick_list_id=pick_list_id, related=("pick_list", "item__unit", "location")
    )
    held = assert_in_command().held
    pick_list: PickList = held.setdefault((PickList, pick_list_id), lines[0].pick_list)
    pick_list.order = order
    for line in lines:
        line.pick_list = pick_list
    return pick_list, sorted(lines, key=lambda line: line.sequence)


def refuse_unworkable(order: Order) -> None:
    """Refuse to go on with an order that is on hold, or that nobody released."""
    if order.state == OrderState.ON_HOLD:
        raise RuleViolation(
            _("%(order)s is on hold: %(reason)s") % {"order": order, "reason": order.hold_reason}
        )
    if order.state not in WORKABLE:
        raise RuleViolation(
            _("%(order)s is not released to the warehouse, it is “%(state)s”.")
            % {"order": order, "state": order.get_state_display()}
        )
