"""What an invoice charges: parts of order lines, tax once per group, and the cost of the goods.

Quantities of a line are billed as stretches from `start` to `end`, each boundary rounded once, so
that the parts of a line add up to the line however often it is billed.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from o2c.core.money import ONE, ZERO, Totals, nets_of_included, tax_totals
from orders.rules.progress import net_of_part, plain_net_of_part
from shipping.rules import cost_of_part


class Part(NamedTuple):
    """The units from `start` to `end` of an order line of `ordered` units at `unit_price`.

    The price is for `price_per` units.

    `document_discount` is the whole line's share of the order's discount, `amount` the whole
    line's amount before it, both in the order's price basis. Percent 19 means 19 %.
    """

    ordered: Decimal
    start: Decimal
    end: Decimal
    unit_price: Decimal
    discount_percent: Decimal
    amount: Decimal
    document_discount: Decimal
    category: str
    percent: Decimal
    price_per: Decimal = ONE


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


def bill(parts: Sequence[Part], currency: str, *, tax_included: bool) -> Bill:
    """The figures of an invoice over these parts."""
    amounts = [_amount(part, currency) for part in parts]
    charges = [_charged(part, whole, currency) for part, whole in zip(parts, amounts, strict=True)]
    taxed = [
        (part.category, part.percent, charged) for part, charged in zip(parts, charges, strict=True)
    ]
    nets = nets_of_included(taxed, currency) if tax_included else charges
    lines = [
        BilledLine(max(amount, charged), max(amount - charged, ZERO), net)
        for amount, charged, net in zip(amounts, charges, nets, strict=True)
    ]
    totals = tax_totals(taxed, currency, tax_included=tax_included)
    assert sum(nets, ZERO) == totals.net, "the lines do not add up to the net total"
    return Bill(lines, totals)


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


def _amount(part: Part, currency: str) -> Decimal:
    return plain_net_of_part(
        part.unit_price, part.discount_percent, part.start, part.end, currency, part.price_per
    )


def _charged(part: Part, amount: Decimal, currency: str) -> Decimal:
    if not part.document_discount:
        return amount
    whole = part.amount - part.document_discount
    return net_of_part(whole, part.ordered, part.start, part.end, currency)
