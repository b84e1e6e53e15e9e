"""Which price counts: the most specific list, then the deepest quantity break reached."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple


class PriceBreak(NamedTuple):
    """A price per stock unit from a quantity on, and where it comes from.

    `discount_percent` 5 means 5 %. `contract`: agreed with this customer alone.
    """

    min_quantity: Decimal
    price: Decimal
    discount_percent: Decimal
    source: str
    contract: bool = False
    tax_included: bool = False


def price_for(breaks: Iterable[PriceBreak], quantity: Decimal) -> PriceBreak | None:
    """The break that applies to quantity, or None when no list has a price for so little.

    A contract goes before the general list even where the general list is cheaper: it is what
    both sides signed. Within a list the break with the largest minimum reached applies.
    """
    reached = [price for price in breaks if price.min_quantity <= quantity]
    return max(reached, key=lambda price: (price.contract, price.min_quantity), default=None)
