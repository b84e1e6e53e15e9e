"""Keeping the warehouse's work in step with an order that sales has changed."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from fulfillment import rules
from fulfillment.commands.planning import plan_order
from fulfillment.models import PackageLine, PickLine, PickList, PickListState
from o2c.core.actors import Actor
from o2c.core.bulk import update_rows
from o2c.core.commands import command, lock_where
from o2c.core.transitions import save_document, transition
from o2c.stock import commands as stock
from o2c.stock.models import Reservation
from orders.commands.progress import lock_order

#: Order line and balance.
Spot = tuple[int, int]


@command
def follow_order(order_id: int, *, actor: Actor) -> None:
    """After an order was amended, cancelled or resumed: call off what it no longer wants.

    The stops follow the reservations, which sales has given back; lists with nothing left to
    pick move on. Then what the order lacks is planned. Running it twice changes nothing.
    """
    order, _lines = lock_order(order_id)
    lists = {
        pick_list.pk: pick_list
        for pick_list in lock_where(PickList, order_id=order.pk)
        if pick_list.state != PickListState.CANCELLED
    }
    for pick_list in lists.values():
        pick_list.order = order
    lines = [
        line
        for line in lock_where(PickLine, pick_list__order=order.pk)
        if line.pick_list_id in lists
    ]
    pickable = _back_what_is_picked(lines, actor)
    cuts = _cuts(lines, pickable)
    if cuts:
        _trim(lists, lines, cuts, actor)
    plan_order(order.pk, actor=actor)


def _back_what_is_picked(lines: Sequence[PickLine], actor: Actor) -> dict[Spot, Decimal]:
    """What may still be picked where, after promises were moved to where goods were picked."""
    places = _places(lines)
    pickable: dict[Spot, Decimal] = {}
    for order_line_id in sorted({key for key, _balance in places}):
        mine = {balance: place for (key, balance), place in places.items() if key == order_line_id}
        shifts, left = rules.mend_promises(mine)
        for shift in shifts:
            stock.move_reservation(order_line_id, *shift, actor=actor)
        pickable |= {(order_line_id, balance): quantity for balance, quantity in left.items()}
    return pickable


def _places(lines: Sequence[PickLine]) -> dict[Spot, rules.Place]:
    """Every place these stops take goods from, by order line."""
    places = {
        (line.order_line_id, line.balance_id): rules.Place(*[rules.ZERO] * 3) for line in lines
    }
    for line in lines:
        spot = (line.order_line_id, line.balance_id)
        places[spot] = places[spot]._replace(picked=places[spot].picked + line.picked)
    opened = (
        PackageLine.objects.filter(pick_line__in=lines, package__unpacked=True)
        .values_list("pick_line__order_line", "pick_line__balance")
        .annotate(Sum("quantity"))
    )
    for key, balance, quantity in opened:
        place = places[key, balance]
        places[key, balance] = place._replace(picked=place.picked - quantity)
    held = Reservation.objects.filter(
        source_type="orders.orderline", source_id__in={key for key, _balance in places}
    )
    for one in held:
        spot = (one.source_id, one.balance_id)
        place = places.get(spot, rules.Place(*[rules.ZERO] * 3))
        places[spot] = place._replace(reserved=one.quantity, consumed=one.consumed)
    return places


def _cuts(lines: Sequence[PickLine], pickable: dict[Spot, Decimal]) -> dict[int, Decimal]:
    """What each open stop loses."""
    stops: dict[Spot, list[tuple[int, Decimal]]] = {}
    for line in lines:
        if not line.is_done:
            spot = (line.order_line_id, line.balance_id)
            stops.setdefault(spot, []).append((line.pk, line.quantity - line.picked))
    cuts: dict[int, Decimal] = {}
    for spot, open_stops in stops.items():
        cuts |= rules.trim(open_stops, pickable.get(spot, rules.ZERO))
    return cuts


def _trim(
    lists: dict[int, PickList],
    lines: Sequence[PickLine],
    cuts: dict[int, Decimal],
    actor: Actor,
) -> None:
    """Lower the stops, and move on the lists that have nothing left to pick."""
    cut_lines = [line for line in lines if line.pk in cuts]
    for line in cut_lines:
        line.quantity -= cuts[line.pk]
    update_rows(cut_lines, ["quantity"])
    for pick_list_id in sorted({line.pick_list_id for line in cut_lines}):
        pick_list = lists[pick_list_id]
        mine = [line for line in lines if line.pick_list_id == pick_list_id]
        facts: dict[str, Any] = {
            "called_off": sum((cuts.get(line.pk, rules.ZERO) for line in mine), rules.ZERO)
        }
        if not all(line.is_done for line in mine):
            save_document(pick_list, actor=actor, event="trimmed", **facts)
        elif any(line.picked for line in mine):
            pick_list.picker = pick_list.picker or actor.get_username()
            transition(pick_list, "confirm", actor=actor, **facts)
        else:
            transition(pick_list, "cancel", actor=actor, **facts)
