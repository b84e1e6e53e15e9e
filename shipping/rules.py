"""Decisions of the shipping desk as arithmetic. Quantities in the item's stock unit."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from enum import Enum
from typing import NamedTuple

from o2c.core.money import round_amount, spread

ZERO = Decimal(0)


class Issued(NamedTuple):
    """Goods that left stock for an order line: quantity > 0 and what they cost."""

    order_line_id: int
    quantity: Decimal
    cost: Decimal


def shipped_lines(issued: Iterable[Issued]) -> list[Issued]:
    """One line per order line, however many packages and places its goods came from."""
    totals: dict[int, Issued] = {}
    for one in issued:
        before = totals.get(one.order_line_id, Issued(one.order_line_id, ZERO, ZERO))
        totals[one.order_line_id] = Issued(
            one.order_line_id, before.quantity + one.quantity, before.cost + one.cost
        )
    return [totals[key] for key in sorted(totals)]


def returnable(quantity: Decimal, announced: Decimal, returned: Decimal) -> Decimal:
    """How much of a shipped quantity can still be announced as a return."""
    return max(quantity - announced - returned, ZERO)


def cost_of_part(
    cost: Decimal, quantity: Decimal, start: Decimal, end: Decimal, currency: str
) -> Decimal:
    """The cost of the units from start to end of `quantity` units that cost `cost` together.

    Each boundary is rounded once, so that parts that follow each other add up to the whole.
    """
    return round_amount(cost * end / quantity, currency) - round_amount(
        cost * start / quantity, currency
    )


class LotBack(NamedTuple):
    """So much comes back as a lot; `value` is what it cost."""

    lot: str
    quantity: Decimal
    value: Decimal


def lots_back(
    quantity: Decimal, cost: Decimal, lots: Sequence[tuple[str, Decimal]], currency: str
) -> list[LotBack]:
    """A returned quantity as the lots it left as: (lot, how much of it can still come back).

    Taken in the order given. What is beyond them all comes back without a lot; there is none
    such while every piece was issued from a place. The values add up to `cost`.
    """
    parts: list[tuple[str, Decimal]] = []
    wanted = quantity
    for lot, most in lots:
        taken = min(wanted, max(most, ZERO))
        if taken:
            parts.append((lot, taken))
            wanted -= taken
    if wanted:
        parts.append(("", wanted))
    values = spread(cost, [taken for _lot, taken in parts], currency)
    return [LotBack(lot, taken, value) for (lot, taken), value in zip(parts, values, strict=True)]


class Fault(Enum):
    """Why a reported quantity cannot be so."""

    UNKNOWN_LINE = "unknown line"
    NEGATIVE = "negative"
    TOO_MUCH = "too much"
    NO_REASON = "no reason"


class LineFault(NamedTuple):
    """A line whose report cannot be; `most` is the largest quantity that could."""

    line_id: int
    fault: Fault
    quantity: Decimal
    most: Decimal


def check_quantities(
    reported: Mapping[int, Decimal], most: Mapping[int, Decimal]
) -> list[LineFault]:
    """The reported quantities that are negative, above their line's most, or on no line at all."""
    faults = []
    for line_id, quantity in sorted(reported.items()):
        if line_id not in most:
            faults.append(LineFault(line_id, Fault.UNKNOWN_LINE, quantity, ZERO))
        elif quantity < 0:
            faults.append(LineFault(line_id, Fault.NEGATIVE, quantity, most[line_id]))
        elif quantity > most[line_id]:
            faults.append(LineFault(line_id, Fault.TOO_MUCH, quantity, most[line_id]))
    return faults


def refused_quantities(
    shipped: Mapping[int, Decimal], accepted: Mapping[int, Decimal]
) -> dict[int, Decimal]:
    """What the customer did not take, by line; a line that is not mentioned was taken in full."""
    return {
        line_id: quantity - accepted[line_id]
        for line_id, quantity in shipped.items()
        if line_id in accepted and accepted[line_id] < quantity
    }


def check_delivery(
    shipped: Mapping[int, Decimal], accepted: Mapping[int, Decimal], reasons: Mapping[int, str]
) -> list[LineFault]:
    """What is wrong with a delivery report: impossible quantities, refusals without a reason."""
    faults = check_quantities(accepted, shipped)
    if faults:
        return faults
    return [
        LineFault(line_id, Fault.NO_REASON, refused, shipped[line_id])
        for line_id, refused in sorted(refused_quantities(shipped, accepted).items())
        if not reasons.get(line_id, "").strip()
    ]
