"""What a credit note gives back: the exact mirror of its invoice, at once or in parts.

Tax is taken back so that after every credit note the tax taken back is the tax on everything
credited so far. The parts therefore add up to the invoice's tax to the cent, in any order and
number, and none gives back more than was charged. When the payer took a discount for paying
early, each carries its share of it: what was never paid is not given back.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from invoicing.rules.billing import BilledLine
from o2c.core.money import (
    ZERO,
    TaxLine,
    Totals,
    minor_units,
    round_amount,
    smallest_amount,
    spread,
    tax_breakdown,
    tax_breakdown_included,
)


class Discount(NamedTuple):
    """An early discount, or the share of one: what it takes off the net amount and off the tax."""

    net: Decimal
    tax: Decimal

    @property
    def gross(self) -> Decimal:
        return self.net + self.tax


NO_DISCOUNT = Discount(ZERO, ZERO)


class Credit(NamedTuple):
    """The figures of a credit note, and by tax line the early discount that it carries."""

    lines: list[BilledLine]
    totals: Totals
    discounts: list[Discount]

    @property
    def discount(self) -> Discount:
        """The discount the whole note carries."""
        return Discount(
            sum((part.net for part in self.discounts), ZERO),
            sum((part.tax for part in self.discounts), ZERO),
        )


class CreditedLine(NamedTuple):
    """An invoice line and how much of it is credited: before this note, and now.

    `charged`, `before` and `now` are in the invoice's price basis; `net` is the line without tax.
    `proposed` of what came before is not posted yet.
    """

    category: str
    percent: Decimal
    charged: Decimal
    net: Decimal
    before: Decimal = ZERO
    now: Decimal = ZERO
    proposed: Decimal = ZERO


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
    discount: Discount = NO_DISCOUNT,
) -> Credit:
    """The figures of a credit note. `lines` are all lines of the invoice, credited now or not.

    The tax leaves `untaxed_percent` out, as that of the invoice did. `discount` is the early
    discount of the invoice that no posted credit note carries. Raises TooMuch when a line gives
    back more than is left of it.
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
    if any(discount):
        posted = taxed([line.before - line.proposed for line in lines])
        left = _sums(taxed([line.charged for line in lines]), posted)
        shares = _shares(discount, groups, left, currency)
        nets = _reduced(lines, nets, groups, shares, currency)
        groups = [
            group._replace(base=group.base - share.net, tax=group.tax - share.tax)
            for group, share in zip(groups, shares, strict=True)
        ]
    else:
        shares = [NO_DISCOUNT] * len(groups)
    touched = {(line.category, line.percent) for line in lines if line.now}
    kept = [pair for pair in zip(groups, shares, strict=True) if pair[0][:2] in touched]
    net = sum((group.base for group, _share in kept), ZERO)
    tax = sum((group.tax for group, _share in kept), ZERO)
    figures = [BilledLine(line.now, ZERO, part) for line, part in zip(lines, nets, strict=True)]
    assert sum(nets, ZERO) == net, "the lines do not add up to the net total"
    totals = Totals(net, tax, net + tax, [group for group, _share in kept])
    return Credit(figures, totals, [share for _group, share in kept])


def _sums(later: Sequence[TaxLine], earlier: Sequence[TaxLine]) -> Discount:
    """The net amount and the tax that lie between two breakdowns."""
    groups = [_less(one, other) for one, other in zip(later, earlier, strict=True)]
    return Discount(
        sum((group.base for group in groups), ZERO), sum((group.tax for group in groups), ZERO)
    )


def _shares(
    discount: Discount, groups: Sequence[TaxLine], left: Discount, currency: str
) -> list[Discount]:
    """What of the discount each group of this note carries: its part of what is left."""

    def shared(amount: Decimal, of: Decimal, now: list[Decimal]) -> list[Decimal]:
        part = round_amount(amount * sum(now, ZERO) / of, currency) if of else ZERO
        return spread(part, now, currency)

    nets = shared(discount.net, left.net, [group.base for group in groups])
    taxes = shared(discount.tax, left.tax, [group.tax for group in groups])
    return [Discount(*share) for share in zip(nets, taxes, strict=True)]


def _reduced(
    lines: Sequence[CreditedLine],
    nets: Sequence[Decimal],
    groups: Sequence[TaxLine],
    shares: Sequence[Discount],
    currency: str,
) -> list[Decimal]:
    """The net amounts of the lines less the discount their groups carry."""
    reduced = list(nets)
    for group, share in zip(groups, shares, strict=True):
        members = [i for i, line in enumerate(lines) if (line.category, line.percent) == group[:2]]
        parts = spread(share.net, [nets[i] for i in members], currency) if share.net else []
        for i, part in zip(members, parts, strict=False):
            reduced[i] -= part
    return reduced


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
