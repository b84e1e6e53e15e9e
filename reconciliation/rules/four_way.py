"""What was ordered, shipped, invoiced and paid of one order line, and where the four part company.

A line agrees when what is wanted is shipped, what left and stayed is billed at the price
that was ordered, and its bills are paid. Whatever does not agree is a break, with what is missing
or too much. Under way (not shipped, billed or paid yet) is a break like any other: it says what
still has to come.
"""

from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from o2c.core.money import HUNDRED, ONE, ZERO, round_amount


class BreakKind(StrEnum):
    NOT_SHIPPED = "not_shipped"
    OVER_SHIPPED = "over_shipped"
    NOT_INVOICED = "not_invoiced"
    OVER_INVOICED = "over_invoiced"
    RETURN_NOT_CREDITED = "return_not_credited"
    PRICE_ABOVE = "price_above"
    PRICE_BELOW = "price_below"
    UNPAID = "unpaid"
    OWED_BACK = "owed_back"


#: these say how many; the others how much money
IN_QUANTITIES = (
    BreakKind.NOT_SHIPPED,
    BreakKind.OVER_SHIPPED,
    BreakKind.NOT_INVOICED,
    BreakKind.OVER_INVOICED,
    BreakKind.RETURN_NOT_CREDITED,
)


class Break(NamedTuple):
    """One disagreement: so many units, or so much money in the order's currency; above zero."""

    kind: BreakKind
    value: Decimal


class LineFigures(NamedTuple):
    """What the four say about a line. Quantities in its unit, money in the order's currency.

    Prices are the order's, for `price_per` units. `billed_value` is what its bills charge for what
    is invoiced and not credited, at their own prices and after price credits, not rounded.
    `open_amount` is what is open of the invoices that bill it, negative when too much was paid for
    them.
    """

    currency: str
    ordered: Decimal
    cancelled: Decimal = ZERO
    shipped: Decimal = ZERO
    returned: Decimal = ZERO
    invoiced: Decimal = ZERO
    credited: Decimal = ZERO
    over_delivery_percent: Decimal = ZERO
    unit_price: Decimal = ZERO
    price_per: Decimal = ONE
    discount_percent: Decimal = ZERO
    billed_value: Decimal = ZERO
    open_amount: Decimal = ZERO

    @property
    def to_ship(self) -> Decimal:
        """Wanted and not shipped; negative when more left than was wanted."""
        return self.ordered - self.cancelled - self.shipped

    @property
    def billed(self) -> Decimal:
        """Invoiced and not credited."""
        return self.invoiced - self.credited

    @property
    def to_bill(self) -> Decimal:
        """Shipped and kept, and not billed; negative when more is billed than was kept."""
        return self.shipped - self.returned - self.billed

    @property
    def price_difference(self) -> Decimal:
        """What is billed above the ordered price, below it negative.

        Rounded once, at the end: the roundings of partial bills are no break.
        """
        full = self.billed * self.unit_price * (HUNDRED - self.discount_percent)
        ordered_value = full / (HUNDRED * self.price_per)
        return round_amount(self.billed_value - ordered_value, self.currency)


def breaks_of(line: LineFigures) -> list[Break]:
    """Every break of a line, in the order of the process; none when the four agree.

    More than was ordered is a break beyond the agreed tolerance. An open bill is no break of a
    line that it does not charge any more.
    """
    tolerated = (line.ordered - line.cancelled) * line.over_delivery_percent / HUNDRED
    over_shipped = -line.to_ship if -line.to_ship > tolerated else ZERO
    over_billed = max(-line.to_bill, ZERO)
    not_credited = min(over_billed, line.returned)
    found = {
        BreakKind.NOT_SHIPPED: line.to_ship,
        BreakKind.OVER_SHIPPED: over_shipped,
        BreakKind.NOT_INVOICED: line.to_bill,
        BreakKind.RETURN_NOT_CREDITED: not_credited,
        BreakKind.OVER_INVOICED: over_billed - not_credited,
        BreakKind.PRICE_ABOVE: line.price_difference,
        BreakKind.PRICE_BELOW: -line.price_difference,
        BreakKind.UNPAID: line.open_amount if line.billed > 0 else ZERO,
        BreakKind.OWED_BACK: -line.open_amount,
    }
    return [Break(kind, value) for kind, value in found.items() if value > 0]
