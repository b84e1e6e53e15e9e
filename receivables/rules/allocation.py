"""Which money goes to which open item, to the cent, in both currencies."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from o2c.core.money import ZERO, round_amount


class Share(NamedTuple):
    """What one open item receives, positive, in its currency; `discount` is granted on top."""

    open_item_id: int
    amount: Decimal
    discount: Decimal = ZERO

    @property
    def cleared(self) -> Decimal:
        """By how much the item goes down."""
        return self.amount + self.discount


class PaymentShare(NamedTuple):
    """What of another payment this one meets, positive, in their currency."""

    payment_id: int
    amount: Decimal


class Owed(NamedTuple):
    """An open item that money may go to; `amount` is what is still open, positive."""

    open_item_id: int
    due_date: date
    amount: Decimal


def oldest_first(amount: Decimal, items: Iterable[Owed]) -> list[Share]:
    """Spread amount over items by due date, then id. What is left over stays on account."""
    assert amount >= 0, amount
    shares: list[Share] = []
    left = amount
    for item in sorted(items, key=lambda item: (item.due_date, item.open_item_id)):
        take = min(left, item.amount)
        if take <= 0:
            continue
        shares.append(Share(item.open_item_id, take))
        left -= take
    assert amount - left == sum((share.amount for share in shares), ZERO)
    return shares


def beyond_cover(amount: Decimal, cover: Decimal) -> Decimal:
    """How much of an amount paid out is more than the customer has with us.

    A negative cover (the customer was paid too much before) does not count a second time.
    """
    return max(amount - max(cover, ZERO), ZERO)


def base_of_part(part: Decimal, whole: Decimal, base_whole: Decimal, base_currency: str) -> Decimal:
    """The base-currency value of a part of `whole`, whose value is `base_whole`.

    Taking the whole takes its whole value, so that nothing of a settled item or a used-up
    payment stays behind in the books, whatever the rates were.
    """
    if part == whole:
        return base_whole
    if not part or base_whole == whole:  # nothing, or the document is in base currency
        return part
    assert ZERO < part / whole < 1, f"{part} is no part of {whole}"
    return round_amount(base_whole * part / whole, base_currency)


def effective_date(accounting_dates: Sequence[date]) -> date:
    """When an allocation counts: when the later of the two documents it joins was there."""
    return max(accounting_dates)
