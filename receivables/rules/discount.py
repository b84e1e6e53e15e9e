"""What paying early is worth, and which part of it is tax."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from o2c.core.money import ZERO, round_amount, spread


class Discount(NamedTuple):
    """A deduction in the item's currency; `tax` is the part of `amount` that corrects tax."""

    amount: Decimal
    tax: Decimal


NO_DISCOUNT = Discount(ZERO, ZERO)


def instalment_discounts(
    whole: Discount, amounts: Sequence[Decimal], currency: str
) -> list[Discount]:
    """Spread a document's discount over its instalments, by their amounts, to the cent."""
    if not whole.amount:
        return [NO_DISCOUNT] * len(amounts)
    weights = [abs(amount) for amount in amounts]
    nets = spread(whole.amount - whole.tax, weights, currency)
    taxes = spread(whole.tax, weights, currency)
    return [Discount(net + tax, tax) for net, tax in zip(nets, taxes, strict=True)]


def is_early(value_date: date, discount_date: date | None, grace_days: int = 0) -> bool:
    """Whether money of this value date still earns the discount."""
    return discount_date is not None and value_date <= discount_date + timedelta(days=grace_days)


def available_discount(
    item: Discount, original: Decimal, open_amount: Decimal, currency: str
) -> Discount:
    """The discount on what is still open of an item: its share of the item's discount."""
    if not item.amount or not open_amount:
        return NO_DISCOUNT
    if open_amount == original:
        return item
    amount = round_amount(item.amount * open_amount / original, currency)
    return Discount(amount, tax_of(amount, item, currency))


def tax_of(taken: Decimal, item: Discount, currency: str) -> Decimal:
    """The tax contained in a discount that was taken, in the proportion of the item's."""
    if taken == item.amount:
        return item.tax
    return round_amount(taken * item.tax / item.amount, currency) if item.amount else ZERO
