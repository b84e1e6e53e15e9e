"""Which price a line has, and why: every step from the list to the net amount is kept.

The fixed order of steps: list price, quantity break or contract, discount of the list, manual
price instead, discount of the line, share of the document's discount, tax taken out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from o2c.core.money import (
    HUNDRED,
    ONE,
    ZERO,
    Totals,
    line_net,
    minor_units,
    nets_of_included,
    round_amount,
    round_to,
    spread,
    tax_totals,
)
from o2c.masters.rules.prices import PriceBreak, price_for
from orders.rules.progress import net_of_part

#: One step, JSON-ready: {"step": name, ...} with figures as text.
Step = dict[str, str]

#: What a price column holds with its six decimals, with room to spare.
LARGEST_PRICE = Decimal("999999999.999999")
_PRICE_PLACES = 6


class NoPrice(ValueError):
    """No list has a price for this item and quantity, and nobody gave one."""


class OtherTaxBasis(ValueError):
    """The price that applies includes tax and the order's prices do not, or the reverse."""


@dataclass(frozen=True)
class PriceQuestion:
    """What the price of one line depends on. Percents: 5 means 5 %.

    `quantity` and the breaks are in stock units; `price_per` of them are one of the unit ordered,
    which a manual price is for.
    """

    quantity: Decimal
    breaks: Sequence[PriceBreak] = ()
    manual_price: Decimal | None = None
    manual_reason: str = ""
    discount_percent: Decimal = ZERO
    tax_included: bool = False
    price_per: Decimal = ONE


class LinePrice(NamedTuple):
    """The price of one line and its steps. `amount` is rounded, in the order's price basis.

    `unit_price` is for `price_per` stock units.
    """

    unit_price: Decimal
    price_per: Decimal
    discount_percent: Decimal
    amount: Decimal
    steps: list[Step]


def price_line(question: PriceQuestion, currency: str) -> LinePrice:
    """Price one line. Raises NoPrice or OtherTaxBasis."""
    steps: list[Step] = []
    found = price_for(question.breaks, question.quantity)
    list_discount, price_per = ZERO, question.price_per
    if found is not None:
        steps += _list_steps(question, found)
    if question.manual_price is not None:
        instead_of = plain(found.price * price_per) if found else ""
        steps.append(
            {
                "step": "manual",
                "price": plain(question.manual_price),
                "reason": question.manual_reason,
                "instead_of": instead_of,
            }
        )
        price = question.manual_price
    elif found is None:
        raise NoPrice
    elif found.tax_included != question.tax_included:
        raise OtherTaxBasis(found.source)
    else:
        price, price_per = per_ordered_unit(found.price, price_per)
        list_discount = found.discount_percent
        if price_per != ONE:
            steps.append({"step": "ordered_unit", "price": plain(price), "per": plain(price_per)})
        if list_discount:
            steps.append({"step": "list_discount", "percent": plain(list_discount)})
    if question.discount_percent:
        steps.append({"step": "line_discount", "percent": plain(question.discount_percent)})
    discount = combined_percent(list_discount, question.discount_percent)
    amount = line_net(question.quantity, price, discount, currency, price_per)
    steps.append(
        {
            "step": "amount",
            "quantity": plain(question.quantity),
            "price": plain(price),
            **({} if price_per == ONE else {"per": plain(price_per)}),
            "percent": plain(discount),
            "amount": plain(amount),
        }
    )
    return LinePrice(price, price_per, discount, amount, steps)


def per_ordered_unit(price: Decimal, price_per: Decimal) -> tuple[Decimal, Decimal]:
    """A price per stock unit as the price of `price_per` of them, where a price column holds it.

    Else it stays as it is: the answer is the price, and how many stock units it is for.
    """
    ordered = price * price_per
    exact = ordered <= LARGEST_PRICE and ordered == round_to(ordered, _PRICE_PLACES)
    return (round_to(ordered, _PRICE_PLACES), price_per) if exact else (price, ONE)


def same_price(theirs: Decimal, ours: Decimal, discount_percent: Decimal, currency: str) -> bool:
    """Whether a price on the customer's document is ours; both are for one ordered unit.

    `ours` is before the discount. After a discount a price is compared in the currency's minor
    unit, or as finely as theirs is written: 6.67 is 10.00 less 33.3333 %.
    """
    each = ours * (HUNDRED - discount_percent) / HUNDRED
    if not discount_percent:
        return theirs == each
    written = -int(theirs.normalize().as_tuple().exponent)
    return theirs == round_to(each, max(minor_units(currency), written))


def _list_steps(question: PriceQuestion, found: PriceBreak) -> list[Step]:
    """The list price, and what made another price apply."""
    general = [price for price in question.breaks if not price.contract]
    base = min(general, key=lambda price: price.min_quantity, default=None)
    steps: list[Step] = []
    if base is not None and base != found:
        steps.append({"step": "list", "price": plain(base.price), "source": base.source})
    kind = "contract" if found.contract else "break" if found.min_quantity else "list"
    steps.append(
        {
            "step": kind,
            "price": plain(found.price),
            "source": found.source,
            "from": plain(found.min_quantity),
        }
    )
    return steps


def combined_percent(first: Decimal, second: Decimal) -> Decimal:
    """One discount after the other as a single percent: 10 % and 10 % are 19 %."""
    kept = (HUNDRED - first) * (HUNDRED - second) / HUNDRED
    return (HUNDRED - kept).quantize(Decimal("1e-8"))


class LineForTotals(NamedTuple):
    """One line as the totals see it: rounded amount, its share of the document's discount, tax.

    Percent 19 means 19 %.
    """

    amount: Decimal
    discount: Decimal
    category: str
    percent: Decimal


class PricedOrder(NamedTuple):
    """The net amount of every line, and the totals they add up to."""

    nets: list[Decimal]
    totals: Totals


def share_discount(discount: Decimal, amounts: Sequence[Decimal], currency: str) -> list[Decimal]:
    """Each line's share of a discount on the whole document; the shares add up to it exactly.

    Raises ValueError when the discount is more than the lines together.
    """
    if discount > sum(amounts, ZERO):
        raise ValueError(f"a discount of {discount} on {sum(amounts, ZERO)}")
    return spread(discount, amounts, currency)


def share_of_part(share: Decimal, before: Decimal, after: Decimal, currency: str) -> Decimal:
    """A line's share of the document's discount when its amount changes from before to after.

    What is left to be charged is rounded, as it is when the line is billed in parts.
    """
    if not share or not before:
        return ZERO
    return after - round_amount((before - share) * after / before, currency)


class Sharing(NamedTuple):
    """A line among which the order's discount is shared again.

    `whole` is the amount of all that was ordered, `amount` of what is wanted of it. `kept` is the
    share of a line that is billed to the end and keeps it.
    """

    ordered: Decimal
    wanted: Decimal
    whole: Decimal
    amount: Decimal
    kept: Decimal | None = None


def share_agreed(agreed: Decimal, lines: Sequence[Sharing], currency: str) -> list[Decimal]:
    """Each line's share of the discount agreed on the order, for what is wanted of it.

    The discount belongs to all that was ordered: what is cancelled or cut takes its part along,
    and has it again when it comes back. Never more than the lines come to.
    """
    gone = sum(
        (
            round_amount(line.kept * line.ordered / line.wanted, currency)
            for line in lines
            if line.kept
        ),
        ZERO,
    )
    sharing = [line for line in lines if line.kept is None]
    left = min(max(agreed - gone, ZERO), sum((line.whole for line in sharing), ZERO))
    shares = iter(spread(left, [line.whole for line in sharing], currency))
    return [
        _share_of_wanted(line, next(shares), currency) if line.kept is None else line.kept
        for line in lines
    ]


def _share_of_wanted(line: Sharing, share: Decimal, currency: str) -> Decimal:
    """What of a line's share belongs to what is wanted: what is charged for it is its part."""
    charged = net_of_part(line.whole - share, line.ordered, ZERO, line.wanted, currency)
    return max(line.amount - charged, ZERO)


def price_order(
    lines: Sequence[LineForTotals],
    currency: str,
    *,
    tax_included: bool,
    untaxed_percent: Decimal = ZERO,
) -> PricedOrder:
    """Take discounts and included tax out of the lines, and add up.

    A discount lowers the tax group of its line (EN 16931 BR-S-08); tax is computed once per
    group. `untaxed_percent` is what terms leave out of it: 10 means 10 %.
    """
    amounts = [(line.category, line.percent, line.amount - line.discount) for line in lines]
    nets = (
        nets_of_included(amounts, currency, untaxed_percent)
        if tax_included
        else [amount for _category, _percent, amount in amounts]
    )
    totals = tax_totals(
        amounts, currency, tax_included=tax_included, untaxed_percent=untaxed_percent
    )
    assert sum(nets, ZERO) == totals.net, "the lines do not add up to the net total"
    return PricedOrder(nets, totals)


def closing_steps(discount: Decimal, net: Decimal, *, tax_included: bool) -> list[Step]:
    """The last steps of a line: its share of the document's discount, and the net amount."""
    steps: list[Step] = []
    if discount:
        steps.append({"step": "document_discount", "amount": plain(discount)})
    if discount or tax_included:
        steps.append({"step": "net_of_tax" if tax_included else "net", "amount": plain(net)})
    return steps


def plain(figure: Decimal) -> str:
    """A figure as text without exponent and needless zeros."""
    return f"{figure.normalize():f}" if figure else "0"
