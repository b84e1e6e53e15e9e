"""Whether a draft still says what was agreed and shipped; one that does not is not posted."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from invoicing import queries
from invoicing.commands.drafting import billable_of, billed_by, part_of, terms_of_sale
from invoicing.models import InvoiceLine
from invoicing.rules.billing import charged
from o2c.core.errors import RuleViolation, refuse_if
from o2c.core.money import ZERO, line_net, minor_units
from o2c.web.formats import money_text, number_text
from orders.models import Order, OrderLine


def refuse_outdated(
    order: Order, lines: Sequence[InvoiceLine], order_lines: Sequence[OrderLine]
) -> None:
    """Refuse a draft that no longer says what was agreed and shipped. Raises RuleViolations."""
    ordered = {line.pk: line for line in order_lines}
    problems = []
    for line in lines:
        left = billable_of(order, line.shipment_line)
        if line.quantity > left:
            problems.append(
                _("Line %(line)s bills %(quantity)s, but only %(left)s are to be billed now.")
                % {
                    "line": line,
                    "quantity": number_text(line.quantity),
                    "left": number_text(left),
                }
            )
        elif terms_of_sale(line) != terms_of_sale(ordered[line.order_line_id]):
            problems.append(_("Line %(line)s no longer has the order's price.") % {"line": line})
    problems = problems or _other_charges(order, lines, ordered)
    again = _("Cancel this draft and bill the shipment again.")
    refuse_if([RuleViolation(f"{problem} {again}") for problem in problems])


def _other_charges(
    order: Order, lines: Sequence[InvoiceLine], ordered: Mapping[int, OrderLine]
) -> list[str]:
    """Lines that are charged otherwise than the order comes to with them now.

    A part that does not complete its line may be a cent off for each other part: the last one
    makes up for it.
    """
    doubtful = [
        line for line in lines if _is_doubtful(line, ordered[line.order_line_id], order.currency)
    ]
    if not doubtful:
        return []
    billing = queries.billing_lines(order.pk)
    others = [line for line in billing if line.invoice_id != lines[0].invoice_id]
    billed = billed_by(others, ordered, order.currency)
    cent = Decimal(1).scaleb(-minor_units(order.currency))
    problems = []
    for line in doubtful:
        order_line = ordered[line.order_line_id]
        beside = [one for one in others if one.order_line_id == order_line.pk]
        start = sum((one.creditable_quantity for one in beside), ZERO)
        part = part_of(order_line, start, line.quantity, billed.get(order_line.pk, ZERO))
        right = charged(part, order.currency)
        allowed = ZERO if part.end >= part.wanted else cent * (1 + len(beside))
        if abs(line.charged - right) > allowed:
            problems.append(
                _("Line %(line)s bills %(old)s, but it comes to %(new)s of the order now.")
                % {
                    "line": line,
                    "old": money_text(line.charged, order.currency),
                    "new": money_text(right, order.currency),
                }
            )
    return problems


def _is_doubtful(line: InvoiceLine, order_line: OrderLine, currency: str) -> bool:
    """Whether what a line charges depends on other parts or lines of the order."""
    if line.quantity == order_line.wanted_quantity:
        return line.charged != order_line.amount - order_line.document_discount
    if line.document_discount or order_line.document_discount:
        return True
    price, percent = order_line.unit_price, order_line.discount_percent
    return line.charged != line_net(line.quantity, price, percent, currency, order_line.price_per)
