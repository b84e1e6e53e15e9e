"""How far an order has come, read from the quantities of its lines.

Services are not picked or packed. They count as performed together with the dispatch that
completes the goods of the order; an order of services only is performed when it is released.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from o2c.core.money import HUNDRED, ONE, ZERO, line_net, minor_units, round_to


class LineNumbers(NamedTuple):
    """The quantities of one line, in its stock unit. Tolerances: 10 means 10 %."""

    quantity: Decimal
    cancelled: Decimal = ZERO
    reserved: Decimal = ZERO
    picked: Decimal = ZERO
    shipped: Decimal = ZERO
    returned: Decimal = ZERO
    invoiced: Decimal = ZERO
    credited: Decimal = ZERO
    is_service: bool = False
    over_delivery_percent: Decimal = ZERO
    under_delivery_percent: Decimal = ZERO

    @property
    def wanted(self) -> Decimal:
        """Ordered and not cancelled."""
        return self.quantity - self.cancelled

    @property
    def deliverable(self) -> Decimal:
        """What may leave the warehouse at most, the over-delivery tolerance included."""
        return self.wanted * (HUNDRED + self.over_delivery_percent) / HUNDRED

    @property
    def open(self) -> Decimal:
        """Still to leave the warehouse."""
        return max(self.wanted - self.shipped, ZERO)

    @property
    def billable(self) -> Decimal:
        """Shipped and kept, and not billed: a return lowers it, a credit raises it."""
        return max(self.shipped - self.returned - (self.invoiced - self.credited), ZERO)

    @property
    def to_bill(self) -> Decimal:
        """Wanted and not billed yet: what the customer will still be charged for."""
        kept = max(self.wanted, self.shipped) - self.returned
        return max(kept - (self.invoiced - self.credited), ZERO)


def faults(line: LineNumbers) -> list[str]:
    """Which rules between the counters are broken, as codes; empty when the line is sound."""
    checks = {
        "cancelled": ZERO <= line.cancelled <= line.quantity,
        "reserved": ZERO <= line.reserved <= line.deliverable - line.shipped,
        "picked": ZERO <= line.picked <= line.deliverable,
        "shipped": ZERO <= line.shipped <= line.picked,
        "returned": ZERO <= line.returned <= line.shipped,
        "invoiced": ZERO <= line.invoiced <= line.shipped + line.credited,
        "credited": ZERO <= line.credited <= line.invoiced,
    }
    return [name for name, sound in checks.items() if not sound]


def short_rest(line: LineNumbers) -> Decimal:
    """The rest nobody will deliver because what was shipped is within the tolerance.

    Only when nothing more of the line is set aside or picked, so that goods already on their way
    to the door still count.
    """
    if line.is_service or not line.open or not line.shipped:
        return ZERO
    if line.reserved or line.picked > line.shipped:
        return ZERO
    enough = line.wanted * (HUNDRED - line.under_delivery_percent) / HUNDRED
    return line.open if line.shipped >= enough else ZERO


def services_to_perform(lines: Sequence[LineNumbers]) -> list[Decimal]:
    """By line, the service quantity that counts as performed now that the goods have gone out."""
    goods_out = all(line.is_service or not line.open for line in lines)
    return [line.open if goods_out and line.is_service else ZERO for line in lines]


def is_shipped(lines: Sequence[LineNumbers]) -> bool:
    """Whether everything wanted has left the warehouse, and something has."""
    return all(not line.open for line in lines) and any(line.shipped for line in lines)


def is_invoiced(lines: Sequence[LineNumbers]) -> bool:
    """Whether everything shipped and kept is billed; nothing is when all of it came back."""
    return is_shipped(lines) and all(not line.billable for line in lines)


def net_of_part(
    net: Decimal, ordered: Decimal, start: Decimal, end: Decimal, currency: str
) -> Decimal:
    """The net amount of the units from start to end of a line of `ordered` units worth `net`.

    Each boundary is rounded once, so that parts that follow each other add up to the whole.
    """
    places = minor_units(currency)

    def up_to(quantity: Decimal) -> Decimal:
        exact = Fraction(net) * Fraction(quantity) / Fraction(ordered)
        return round_to(_decimal(exact), places)

    return up_to(end) - up_to(start)


def plain_net_of_part(
    price: Decimal,
    discount_percent: Decimal,
    start: Decimal,
    end: Decimal,
    currency: str,
    price_per: Decimal = ONE,
) -> Decimal:
    """Likewise for a line without other discounts: quantity x price, rounded at each boundary."""
    return line_net(end, price, discount_percent, currency, price_per) - line_net(
        start, price, discount_percent, currency, price_per
    )


def _decimal(exact: Fraction) -> Decimal:
    """A fraction with enough digits behind the point to round it honestly afterwards.

    Halves are exact: a fraction that ends in a half of the last place has a finite expansion.
    """
    scaled = exact * 10**12
    whole, rest = divmod(scaled.numerator, scaled.denominator)
    sticky = Decimal("0.1") if rest else ZERO  # keeps 0.4999… below and 0.5000…1 above the half
    return (Decimal(whole) + sticky).scaleb(-12)
