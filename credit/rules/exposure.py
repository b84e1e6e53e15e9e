"""What a payer owes or will owe, part by part. Every unit of goods counts in one part only."""

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from o2c.core.money import ZERO

#: The parts in the order they are shown; the last two lower the exposure when they count.
RECEIVABLES = "receivables"
SHIPPED = "shipped_not_invoiced"
RELEASED = "released_not_shipped"
THIS_ORDER = "this_order"
UNAPPLIED = "unapplied_cash"
CREDITS = "open_credits"


@dataclass(frozen=True)
class Amounts:
    """The figures of one payer in the currency of its credit account.

    `receivables` is the balance of the customer's account and negative when we owe;
    `unapplied_cash` is money received and not applied, positive.
    """

    receivables: Decimal = ZERO
    shipped_not_invoiced: Decimal = ZERO
    released_not_shipped: Decimal = ZERO
    this_order: Decimal = ZERO
    unapplied_cash: Decimal = ZERO


class Part(NamedTuple):
    """One bar of the waterfall; `counts` says whether it is part of the sum."""

    part: str
    amount: Decimal
    counts: bool


@dataclass(frozen=True)
class Exposure:
    """The waterfall and its sum."""

    parts: tuple[Part, ...]

    @property
    def total(self) -> Decimal:
        """What counts against the limit."""
        return sum((part.amount for part in self.parts if part.counts), ZERO)

    @property
    def this_order(self) -> Decimal:
        """The order in question."""
        return next(part.amount for part in self.parts if part.part == THIS_ORDER)

    def as_json(self) -> list[dict[str, object]]:
        """The waterfall as a check stores it."""
        return [
            {"part": part.part, "amount": str(part.amount), "counts": part.counts}
            for part in self.parts
        ]


def expose(amounts: Amounts, *, credits_count: bool) -> Exposure:
    """The waterfall of a payer.

    Money and credits of the customer that are not applied lower the exposure only when the
    company's policy lets them; otherwise they are shown and do not count. A customer account in
    credit is such a credit, never a negative debt: it must not widen the limit by itself.
    """
    debt = max(amounts.receivables, ZERO)
    credit = min(amounts.receivables, ZERO)
    return Exposure(
        (
            Part(RECEIVABLES, debt, True),
            Part(SHIPPED, amounts.shipped_not_invoiced, True),
            Part(RELEASED, amounts.released_not_shipped, True),
            Part(THIS_ORDER, amounts.this_order, True),
            Part(UNAPPLIED, -amounts.unapplied_cash, credits_count),
            Part(CREDITS, credit, credits_count),
        )
    )
