"""Setting goods aside for an order, and the list to fetch them by."""

from collections.abc import Collection, Sequence
from decimal import Decimal

from fulfillment import queries, rules
from fulfillment.models import PickLine, PickList
from o2c.core.actors import Actor, require
from o2c.core.bulk import insert_rows
from o2c.core.commands import command
from o2c.core.transitions import begin
from o2c.masters.models import DeliveryPolicy
from o2c.stock import commands as stock
from o2c.stock.queries import available
from o2c.stock.rules import total
from orders.commands import renew_promises
from orders.commands.locking import WORKABLE
from orders.commands.progress import lock_order, record_reserved
from orders.models import Order, OrderLine


@command
def plan_order(order_id: int, *, actor: Actor) -> PickList | None:
    """Reserve what the order still lacks and is there, and make the pick list for it.

    What is short stays open on the order line as a backorder and is planned when goods arrive.
    An order that may only go out complete holds nothing until everything is there. Does nothing
    when there is nothing to do, or the order is not released.
    """
    require(actor, "fulfillment.plan_pick_list")
    order, lines = lock_order(order_id)
    if order.state not in WORKABLE:
        return None
    demands = [
        stock.Demand(line.pk, line.item_id, quantity)
        for line in lines
        if (quantity := _lacking(line)) > 0
    ]
    if not demands or not _may_start(order, demands):
        return None
    got = stock.reserve(demands, order.warehouse_id, actor=actor)
    stops = rules.walk(
        rules.Stop(
            *(one.walk_order, one.location_code, one.location_id, one.balance_id),
            order_line_id,
            one.quantity,
        )
        for order_line_id, allocations in got.items()
        for one in allocations
    )
    if not stops:
        return None
    record_reserved(
        order.pk,
        {pk: total(allocations) for pk, allocations in got.items()},
        actor=actor,
    )
    pick_list = begin(
        PickList(order=order, warehouse_id=order.warehouse_id),
        actor=actor,
        event="planned",
        order=order.number,
        lines=len(stops),
    )
    add_stops(pick_list, stops, {line.pk: line for line in lines})
    return pick_list


def _lacking(line: OrderLine) -> Decimal:
    if line.is_service:
        return rules.ZERO
    return rules.lacking(
        *(line.quantity, line.cancelled, line.reserved, line.shipped, line.under_delivery_percent)
    )


def _may_start(order: Order, demands: Sequence[stock.Demand]) -> bool:
    """Whether the delivery policy allows a pick list now."""
    if order.delivery_policy != DeliveryPolicy.COMPLETE:
        return True
    there = available({demand.item_id for demand in demands}, order.warehouse_id)
    return rules.everything_there(((d.item_id, d.quantity) for d in demands), there)


def add_stops(
    pick_list: PickList,
    stops: Sequence[rules.Stop],
    order_lines: dict[int, OrderLine],
    *,
    after: int = 0,
) -> list[PickLine]:
    """Put stops on a pick list, numbered on from `after`."""
    return insert_rows(
        PickLine(
            pick_list=pick_list,
            sequence=sequence,
            order_line_id=stop.order_line_id,
            item_id=order_lines[stop.order_line_id].item_id,
            location_id=stop.location_id,
            balance_id=stop.balance_id,
            quantity=stop.quantity,
        )
        for sequence, stop in enumerate(stops, start=after + 1)
    )


def plan_backorders(
    item_ids: Collection[int] | None = None, *, actor: Actor, limit: int = 500
) -> list[PickList]:
    """Plan the orders that wait for goods, the longest waiting first; each in its own transaction.

    With `item_ids` only those that wait for one of these items. Not for use inside a command.
    """
    planned = [
        plan_order(order_id, actor=actor)
        for order_id in queries.orders_waiting_for_goods(item_ids)[:limit]
    ]
    return [pick_list for pick_list in planned if pick_list is not None]


def serve_waiting_orders(item_ids: Collection[int], warehouse_id: int, *, actor: Actor) -> None:
    """Orders that wait for these goods are promised anew and planned, then the rest promised.

    Goods that are set aside need no promise, so an order keeps the day it was given before. Not
    for use inside a command.
    """
    renew_promises(item_ids, warehouse_id, actor=actor)
    if plan_backorders(item_ids, actor=actor):
        renew_promises(item_ids, warehouse_id, actor=actor)
