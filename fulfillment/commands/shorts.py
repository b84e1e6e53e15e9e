"""When goods are not where the book says: give the promise up, look elsewhere, doubt the book.

What a picker did not find or found damaged goes to the warehouse's quarantine on the book, with
everything else the place claims to have free, so that nobody is sent there again before it is
counted. A warehouse without a quarantine location keeps its book as it is.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from fulfillment import rules
from fulfillment.commands.planning import add_stops
from fulfillment.models import COUNT_REASONS, PickLine, PickList, ShortReason
from o2c.core.actors import Actor, SystemActor
from o2c.masters.models import Location, LocationKind
from o2c.stock import commands as stock
from o2c.stock.models import Balance
from orders.commands.progress import record_reserved
from orders.models import OrderLine

Missing = Sequence[tuple[PickLine, Decimal]]


def settle_shorts(
    pick_list: PickList,
    lines: Sequence[PickLine],
    missing: Missing,
    order_lines: Mapping[int, OrderLine],
    actor: Actor,
) -> list[PickLine]:
    """Release what is missing and reserve it at other places. Returns the new stops.

    What no other place has is a backorder from here on. Constant statements.
    """
    stock.release_part(
        [stock.Held(line.order_line_id, line.balance_id, short) for line, short in missing],
        actor=actor,
    )
    _quarantine(pick_list, missing)
    stops = _reserve_elsewhere(pick_list, lines, missing, actor)
    deltas: dict[int, Decimal] = {}
    for line, short in missing:
        deltas[line.order_line_id] = deltas.get(line.order_line_id, rules.ZERO) - short
    for stop in stops:
        deltas[stop.order_line_id] += stop.quantity
    record_reserved(pick_list.order_id, deltas, actor=actor)
    if not stops:
        return []
    last = max(line.sequence for line in lines)
    return add_stops(pick_list, stops, dict(order_lines), after=last)


def _quarantine(pick_list: PickList, missing: Missing) -> None:
    """Take doubtful stock out of reach on the book until somebody counts it."""
    doubtful: dict[int, list[tuple[PickLine, Decimal]]] = {}
    for line, short in missing:
        if line.short_reason in COUNT_REASONS:
            doubtful.setdefault(line.balance_id, []).append((line, short))
    if not doubtful:
        return
    quarantine = (
        Location.objects.filter(
            warehouse=pick_list.warehouse_id, kind=LocationKind.QUARANTINE, active=True
        )
        .order_by("walk_order", "code")
        .first()
    )
    if quarantine is None:
        return
    # Releasing has locked these balances, so they stand still.
    transfers = []
    for balance in Balance.objects.filter(pk__in=doubtful).order_by("pk"):
        here = doubtful[balance.pk]
        damaged = all(line.short_reason == ShortReason.DAMAGED for line, _short in here)
        short = sum((short for _line, short in here), rules.ZERO)
        transfers.append(
            stock.Transfer(
                item_id=balance.item_id,
                from_location_id=balance.location_id,
                to_location_id=quarantine.pk,
                quantity=min(short, balance.free) if damaged else balance.free,
                lot=balance.lot,
            )
        )
    stock.transfer_stock(
        pick_list.warehouse_id,
        transfers,
        reason=_("Short pick on %(list)s") % {"list": pick_list},
        actor=SystemActor(job=str(pick_list)),
    )


def _reserve_elsewhere(
    pick_list: PickList, lines: Sequence[PickLine], missing: Missing, actor: Actor
) -> list[rules.Stop]:
    """Stops at other places for what is missing, as far as they have it.

    Other than every place where this list has come up short of the same order line.
    """
    wanted: dict[int, Decimal] = {}
    for line, short in missing:
        wanted[line.order_line_id] = wanted.get(line.order_line_id, rules.ZERO) + short
    tried: dict[int, set[int]] = {key: set() for key in wanted}
    items: dict[int, int] = {}
    for line in lines:
        if line.short_reason and line.order_line_id in wanted:
            tried[line.order_line_id].add(line.balance_id)
            items[line.order_line_id] = line.item_id
    got = stock.reserve(
        [stock.Demand(key, items[key], short, tried[key]) for key, short in wanted.items()],
        pick_list.warehouse_id,
        actor=actor,
    )
    return rules.walk(
        rules.Stop(
            *(one.walk_order, one.location_code, one.location_id, one.balance_id),
            key,
            one.quantity,
        )
        for key, allocations in got.items()
        for one in allocations
    )
