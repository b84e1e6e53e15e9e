"""What a credit note gives back: the exact mirror of its invoice, at once or in parts.

Tax is taken back so that after every credit note the tax taken back is the tax on everything
credited so far. The parts therefore add up to the invoice's tax to the cent, in any order and
number, and none gives back more than was charged.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from invoicing.rules.billing import Bill, BilledLine
from o2c.core.money import (
    ZERO,
    TaxLine,
    Totals,
    minor_units,
    smallest_amount,
    spread,
    tax_breakdown,
    tax_breakdown_included,
)


class CreditedLine(NamedTuple):
    """An invoice line and how much of it is credited: before this note, and now.

    `charged`, `before` and `now` are in the invoice's price basis; `net` is the line without tax.
    """

    category: str
    percent: Decimal
    charged: Decimal
    net: Decimal
    before: Decimal = ZERO
    now: Decimal = ZERO


class TooMuch(ValueError):
    """More is to be credited than is left. `left` is what could be."""

    def __init__(self, left: Decimal) -> None:
        super().__init__(f"only {left} is left")
        self.left = left


def amount_for_quantity(
    quantity: Decimal, left_quantity: Decimal, left_amount: Decimal, currency: str
) -> Decimal:
    """What crediting quantity of a line gives back: its share of what is left of the amount.

    The last units take all that is left. Raises TooMuch when fewer units are left.
    """
    if quantity > left_quantity:
        raise TooMuch(left_quantity)
    if not left_quantity:
        return ZERO
    places = minor_units(currency)
    share = Fraction(left_amount) * 10**places * Fraction(quantity) / Fraction(left_quantity)
    return int(share + Fraction(1, 2)) * smallest_amount(places)


def credit(
    lines: Sequence[CreditedLine],
    currency: str,
    *,
    tax_included: bool,
    untaxed_percent: Decimal = ZERO,
) -> Bill:
    """The figures of a credit note. `lines` are all lines of the invoice, credited now or not.

    The tax leaves `untaxed_percent` out, as that of the invoice did.

    Raises TooMuch when a line gives back more than is left of it.
    """
    for line in lines:
        if not ZERO <= line.now <= line.charged - line.before:
            raise TooMuch(line.charged - line.before)
    breakdown = tax_breakdown_included if tax_included else tax_breakdown

    def taxed(amounts: Sequence[Decimal]) -> list[TaxLine]:
        groups = [(line.category, line.percent) for line in lines]
        pairs = zip(groups, amounts, strict=True)
        return breakdown([(*group, amount) for group, amount in pairs], currency, untaxed_percent)

    before = taxed([line.before for line in lines])
    after = taxed([line.before + line.now for line in lines])
    groups = [_less(then, earlier) for then, earlier in zip(after, before, strict=True)]
    nets = _nets(lines, groups, currency)
    touched = {(line.category, line.percent) for line in lines if line.now}
    kept = [group for group in groups if (group.category, group.percent) in touched]
    net = sum((group.base for group in kept), ZERO)
    tax = sum((group.tax for group in kept), ZERO)
    figures = [BilledLine(line.now, ZERO, part) for line, part in zip(lines, nets, strict=True)]
    assert sum(nets, ZERO) == net, "the lines do not add up to the net total"
    return Bill(figures, Totals(net, tax, net + tax, kept))


def _less(later: TaxLine, earlier: TaxLine) -> TaxLine:
    assert later[:2] == earlier[:2], (later, earlier)
    return later._replace(base=later.base - earlier.base, tax=later.tax - earlier.tax)


def _nets(lines: Sequence[CreditedLine], groups: Sequence[TaxLine], currency: str) -> list[Decimal]:
    """Net amounts per line that add up to each group's base; a full credit mirrors the invoice."""
    nets = [ZERO] * len(lines)
    for group in groups:
        members = [i for i, line in enumerate(lines) if (line.category, line.percent) == group[:2]]
        if all(lines[i].now == lines[i].charged for i in members):
            parts = [lines[i].net for i in members]
        else:
            parts = spread(group.base, [lines[i].now for i in members], currency)
        for i, part in zip(members, parts, strict=True):
            nets[i] = part
    return nets
