"""Quantities in other units than the stock unit."""

from decimal import Decimal


class InexactQuantity(ValueError):
    """The quantity does not come out in the decimals its unit has."""


def fits(quantity: Decimal, decimals: int) -> bool:
    """Whether quantity can be counted in a unit with that many decimals."""
    return quantity == quantity.quantize(Decimal(1).scaleb(-decimals))


def to_stock_quantity(quantity: Decimal, factor: Decimal, decimals: int) -> Decimal:
    """Quantity of a unit worth `factor` stock units each, in stock units. Never rounds.

    Half a box of twelve is six pieces; a third of it is nothing anybody can pick, so it raises
    InexactQuantity.
    """
    exact = quantity * factor
    if not fits(exact, decimals):
        raise InexactQuantity(f"{quantity} x {factor} = {exact.normalize():f}")
    return exact.quantize(Decimal(1).scaleb(-decimals))
