"""What an invoice charges: parts of order lines, tax once per group, and the cost of the goods.

A part of a line is charged what the line comes to with it, less what the parts before it charge
as they stand. So the parts add up to the line, in whatever order they are drafted, cancelled,
credited and billed again, and when the order was amended between two of them.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from o2c.core.money import ONE, ZERO, Totals, line_net, nets_of_included, tax_totals
from orders.rules.progress import net_of_part, plain_net_of_part
from shipping.rules import cost_of_part


class Part(NamedTuple):
    """The units from `start` to `end` of an order line of which `wanted` units are wanted.

    `unit_price` is for `price_per` units. `document_discount` is the whole line's share of the
    order's discount, `amount` the whole line's amount before it, both in the order's price basis;
    `billed` is what the first `start` units are charged, by default their share. Percent 19 means
    19 %.
    """

    wanted: Decimal
    start: Decimal
    end: Decimal
    unit_price: Decimal
    discount_percent: Decimal
    amount: Decimal
    document_discount: Decimal
    category: str
    percent: Decimal
    price_per: Decimal = ONE
    billed: Decimal | None = None


class BilledLine(NamedTuple):
    """One line's figures: amount less document discount is charged; net is without tax."""

    amount: Decimal
    document_discount: Decimal
    net: Decimal

    @property
    def charged(self) -> Decimal:
        return self.amount - self.document_discount


class Bill(NamedTuple):
    """The lines' figures in the order given, and the totals."""

    lines: list[BilledLine]
    totals: Totals


def bill(
    parts: Sequence[Part],
    currency: str,
    *,
    tax_included: bool,
    untaxed_percent: Decimal = ZERO,
) -> Bill:
    """The figures of an invoice over these parts; its tax leaves `untaxed_percent` out."""
    charges = [charged(part, currency) for part in parts]
    amounts = [_amount(part, one, currency) for part, one in zip(parts, charges, strict=True)]
    taxed = [
        (part.category, part.percent, amount) for part, amount in zip(parts, charges, strict=True)
    ]
    nets = nets_of_included(taxed, currency, untaxed_percent) if tax_included else charges
    lines = [
        BilledLine(max(amount, charge), max(amount - charge, ZERO), net)
        for amount, charge, net in zip(amounts, charges, nets, strict=True)
    ]
    totals = tax_totals(taxed, currency, tax_included=tax_included, untaxed_percent=untaxed_percent)
    assert sum(nets, ZERO) == totals.net, "the lines do not add up to the net total"
    return Bill(lines, totals)


def still_charged(
    charged: Decimal,
    quantity: Decimal,
    credited_quantity: Decimal,
    credited_amount: Decimal,
    conceded: Decimal,
    currency: str,
) -> Decimal:
    """What an invoice line charges for the units that no credit note took back.

    `conceded` is what credit notes gave back as an amount: it lowers what is owed, not what the
    units are charged. The others take back their share of what is left.
    """
    if not conceded:
        return charged - credited_amount
    return net_of_part(charged, quantity, ZERO, quantity - credited_quantity, currency)


def billable(shipped: Decimal, returned: Decimal, refused: Decimal, invoiced: Decimal) -> Decimal:
    """What an invoice may take of a shipment line now.

    Goods that came back, and goods refused at the door (0 where billing does not wait for the
    delivery), are not billed. What was refused is counted as returned when it arrives.
    """
    return max(shipped - max(returned, refused) - invoiced, ZERO)


def cost_of_billed(
    cost: Decimal, shipped: Decimal, start: Decimal, end: Decimal, currency: str
) -> Decimal:
    """What the units from start to end of the billed ones cost, of a shipment line worth `cost`.

    Counted from the line's far end, as returns are from its near end: when everything is either
    billed or returned, both together have cleared `cost` to the cent. Negative when end is
    before start: a credit note gives the cost back.
    """
    return cost_of_part(cost, shipped, shipped - end, shipped - start, currency)


def _amount(part: Part, charge: Decimal, currency: str) -> Decimal:
    """The amount of a part before the order's discount."""
    if not part.document_discount:
        return charge
    return plain_net_of_part(
        part.unit_price, part.discount_percent, part.start, part.end, currency, part.price_per
    )


def charged(part: Part, currency: str) -> Decimal:
    """What the line comes to with this part, less what is charged already; never below zero."""
    billed = comes_to(part, part.start, currency) if part.billed is None else part.billed
    return max(comes_to(part, part.end, currency) - billed, ZERO)


def comes_to(part: Part, quantity: Decimal, currency: str) -> Decimal:
    """What so many units of the line are charged together."""
    if not part.document_discount:
        price, percent = part.unit_price, part.discount_percent
        return line_net(quantity, price, percent, currency, part.price_per)
    whole = part.amount - part.document_discount
    return net_of_part(whole, part.wanted, ZERO, quantity, currency)
