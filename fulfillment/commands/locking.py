"""Getting hold of a pick list of a locked order: its lines, and the list with them."""

from fulfillment.models import PickLine, PickList
from o2c.core.commands import lock_where
from orders.models import Order


def lock_pick_lines(order: Order, pick_list_id: int) -> tuple[PickList, list[PickLine]]:
    """A pick list of a locked order with its lines in walking order.

    The lines come with item and location.
    """
    lines = lock_where(
        PickLine,
        pick_list_id=pick_list_id,
        parents=("pick_list",),
        related=("item__unit", "location"),
    )
    pick_list = lines[0].pick_list
    pick_list.order = order
    return pick_list, sorted(lines, key=lambda line: line.sequence)
