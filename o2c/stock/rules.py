"""The arithmetic of the goods book: who gets what, and what it cost. Pure."""

from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from o2c.core.money import line_net, round_to, spread

ZERO = Decimal(0)


class Demand(NamedTuple):
    """So much of an item is wanted for a source (an order line), from any balance but `avoid`."""

    source_id: int
    item_id: int
    quantity: Decimal
    avoid: Collection[int] = ()


class FreeStock(NamedTuple):
    """What a balance can still give, and where it lies on the walk through the warehouse."""

    balance_id: int
    item_id: int
    location_id: int
    location_code: str
    walk_order: int
    lot: str
    free: Decimal


class Allocation(NamedTuple):
    """A quantity promised to a source from one balance."""

    balance_id: int
    location_id: int
    location_code: str
    walk_order: int
    lot: str
    quantity: Decimal


def allocate(demands: Iterable[Demand], stock: Iterable[FreeStock]) -> dict[int, list[Allocation]]:
    """Give each demand in turn what is there, nearest on the walk first. What is short is short.

    Every source is in the answer, with an empty list when nothing is left for it.
    """
    left: dict[int, list[tuple[FreeStock, Decimal]]] = {}
    for place in sorted(stock, key=lambda s: (s.walk_order, s.location_code, s.lot, s.balance_id)):
        if place.free > 0:
            left.setdefault(place.item_id, []).append((place, place.free))
    answer: dict[int, list[Allocation]] = {}
    for demand in demands:
        assert demand.quantity >= 0, demand
        got = answer.setdefault(demand.source_id, [])
        wanted, places = demand.quantity, left.get(demand.item_id, [])
        for at, (place, free) in enumerate(places):
            taken = min(wanted, free)
            if taken > 0 and place.balance_id not in demand.avoid:
                got.append(_take(place, taken))
                wanted -= taken
                places[at] = (place, free - taken)
    return answer


def _take(place: FreeStock, quantity: Decimal) -> Allocation:
    return Allocation(
        place.balance_id,
        place.location_id,
        place.location_code,
        place.walk_order,
        place.lot,
        quantity,
    )


def total(allocations: Sequence[Allocation]) -> Decimal:
    """How much the allocations give together."""
    return sum((allocation.quantity for allocation in allocations), ZERO)


def value_at(quantity: Decimal, unit_cost: Decimal, currency: str) -> Decimal:
    """What quantity costs at unit_cost, rounded to the minor unit of currency."""
    return line_net(quantity, unit_cost, ZERO, currency)


def value_of_part(value: Decimal, on_hand: Decimal, quantity: Decimal, currency: str) -> Decimal:
    """The part of value that quantity of on_hand carries away.

    The last unit takes what is left, so an empty place is worth exactly nothing.
    """
    assert 0 < quantity <= on_hand, (quantity, on_hand)
    return spread(value, [quantity, on_hand - quantity], currency)[0]


def unit_cost_of(value: Decimal, quantity: Decimal) -> Decimal:
    """Value per unit, to six decimals."""
    return round_to(value / quantity, 6)
