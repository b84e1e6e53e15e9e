"""Ordered, shipped, invoiced and paid, side by side for every order line that is promised."""

from collections.abc import Iterable
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import NamedTuple

from django.db.models import DecimalField, F, Func, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from invoicing.queries.sql import LINES as INVOICE_LINES
from invoicing.queries.sql import billings
from o2c.core.money import HUNDRED, round_to
from o2c.web.formats import money_text, number_text
from orders.models import OrderLine, OrderState
from orders.queries.sql import LINES
from receivables.queries.sql import BILLED_ITEMS
from reconciliation.rules import IN_QUANTITIES, Break, BreakKind, LineFigures, breaks_of

PRICE_PLACES = 6
NOT_PROMISED = (OrderState.DRAFT, OrderState.SUBMITTED)

_BILLED_VALUE = f"""
    SELECT coalesce(sum(billing.value), 0)
    FROM ({billings(f"({INVOICE_LINES})")}) AS billing WHERE billing.order_line_id = %(expressions)s
"""
#: What is open (or was billed) of the invoices that bill a line, their credit notes included.
_OF_ITS_INVOICES = f"""
    SELECT coalesce(sum(item.{{amount}}), 0)
    FROM (SELECT %(expressions)s) AS line (id, order_id)
    JOIN ({BILLED_ITEMS}) AS item ON item.order_id = line.order_id
    WHERE item.bill_id IN (
        SELECT l.invoice_id FROM ({INVOICE_LINES}) AS l WHERE l.order_line_id = line.id
    )
"""
#: Invoices at the ordered price, nearly all there are, add nothing to the sum and are left out
#: first. What is found is made once, however often and in which order it is asked for: without
#: statistics the planner made it anew for every line.
_AT_ANOTHER_PRICE = f"""
WITH odd AS MATERIALIZED (
    SELECT l.* FROM ({INVOICE_LINES}) AS l JOIN ({LINES}) AS o ON o.id = l.order_line_id
    WHERE l.corrects_line_id IS NOT NULL OR l.unit_price <> o.unit_price
        OR l.price_per <> o.price_per OR l.discount_percent <> o.discount_percent
), billing AS MATERIALIZED ({billings("odd")}), found AS MATERIALIZED (
    SELECT o.id FROM billing JOIN ({LINES}) AS o ON o.id = billing.order_line_id
    GROUP BY o.id, o.unit_price, o.price_per, o.discount_percent, billing.minor_units
    HAVING round(sum(billing.value - billing.quantity * o.unit_price
        * (100 - o.discount_percent) / (100 * o.price_per)), billing.minor_units) {{sign}} 0
)
SELECT id FROM found
"""
_WITH_OPEN_INVOICES = f"""
WITH open AS (
    SELECT bill_id, sum(open_amount) AS amount FROM ({BILLED_ITEMS}) AS item
    WHERE open_amount <> 0 GROUP BY bill_id
), found AS MATERIALIZED (
    SELECT bill.order_line_id FROM (
        SELECT DISTINCT l.order_line_id, l.invoice_id AS bill_id FROM ({INVOICE_LINES}) AS l
        WHERE l.invoice_id IN (SELECT bill_id FROM open)
    ) AS bill
    JOIN open USING (bill_id)
    GROUP BY 1 HAVING sum(open.amount) {{sign}} 0
)
SELECT order_line_id FROM found
"""

WORDS = {
    BreakKind.NOT_SHIPPED: _("%(value)s ordered, not shipped"),
    BreakKind.OVER_SHIPPED: _("%(value)s shipped beyond the order"),
    BreakKind.NOT_INVOICED: _("%(value)s shipped, not billed"),
    BreakKind.RETURN_NOT_CREDITED: _("%(value)s returned, not credited"),
    BreakKind.OVER_INVOICED: _("%(value)s billed that did not leave"),
    BreakKind.PRICE_ABOVE: _("billed %(value)s above the ordered price"),
    BreakKind.PRICE_BELOW: _("billed %(value)s below the ordered price"),
    BreakKind.UNPAID: _("%(value)s of its invoices not paid"),
    BreakKind.OWED_BACK: _("%(value)s to be given back"),
}


def matched_lines() -> QuerySet[OrderLine]:
    """The lines of all promised orders with `billed_value`, `open_amount` and `invoice_total`.

    The last is what the invoices of a line come to, less their credit notes.
    """
    line = (F("pk"), F("order_id"))
    return (
        OrderLine.objects.exclude(order__state__in=NOT_PROMISED)
        .select_related("order__customer", "item", "unit")
        .annotate(
            billed_value=_sum(_BILLED_VALUE, F("pk")),
            open_amount=_sum(_OF_ITS_INVOICES.format(amount="open_amount"), *line),
            invoice_total=_sum(_OF_ITS_INVOICES.format(amount="original"), *line),
        )
    )


def _sum(sql: str, *of: F) -> Func:
    """A sum of money that a statement makes for each row, from columns of the row."""
    money = DecimalField(max_digits=30, decimal_places=10)
    return Func(*of, template=f"({sql})", output_field=money)


def figures_of(line: OrderLine) -> LineFigures:
    """One of `matched_lines` as plain values for the rule."""
    return LineFigures(
        currency=line.order.currency,
        ordered=line.quantity,
        cancelled=line.cancelled,
        shipped=line.shipped,
        returned=line.returned,
        invoiced=line.invoiced,
        credited=line.credited,
        over_delivery_percent=line.over_delivery_percent,
        unit_price=line.unit_price,
        price_per=line.price_per,
        discount_percent=line.discount_percent,
        billed_value=line.billed_value,  # type: ignore[attr-defined]  # annotated
        open_amount=line.open_amount,  # type: ignore[attr-defined]  # annotated
    )


def break_words(line: OrderLine) -> list[str]:
    """Every break of one of `matched_lines` in words."""
    return [_in_words(found, line) for found in breaks_of(figures_of(line))]


def _in_words(found: Break, line: OrderLine) -> str:
    if found.kind in IN_QUANTITIES:
        value = f"{number_text(found.value)} {line.unit.sign}"
    else:
        value = money_text(found.value, line.order.currency)
    return str(WORDS[found.kind]) % {"value": value}


def billed_price(line: OrderLine) -> Decimal | None:
    """What a unit of one of `matched_lines` is billed at, discounts taken off; None if none is."""
    figures = figures_of(line)
    return round_to(figures.billed_value / figures.billed, PRICE_PLACES) if figures.billed else None


def ordered_price(line: OrderLine) -> Decimal:
    """What a unit was ordered at, the line's discount taken off."""
    each = line.unit_price * (HUNDRED - line.discount_percent) / (HUNDRED * line.price_per)
    return round_to(each, PRICE_PLACES)


def paid_percent(line: OrderLine) -> Decimal | None:
    """How much of the invoices of one of `matched_lines` is settled; None when there are none."""
    total = line.invoice_total  # type: ignore[attr-defined]  # annotated
    if not total:
        return None
    return round_to((total - line.open_amount) * HUNDRED / total, 2)  # type: ignore[attr-defined]


class LineMatch(NamedTuple):
    """One of `matched_lines` as a page shows it."""

    line: OrderLine
    ordered_price: Decimal
    billed_price: Decimal | None
    paid_percent: Decimal | None
    breaks: list[str]


def lines_of_order(order_id: int) -> QuerySet[OrderLine]:
    """The lines of one order by number, with the figures of all stages at hand."""
    return matched_lines().filter(order_id=order_id).order_by("line_number")


def match_of(lines: Iterable[OrderLine]) -> list[LineMatch]:
    """The match of each of `matched_lines`."""
    return [
        LineMatch(
            line, ordered_price(line), billed_price(line), paid_percent(line), break_words(line)
        )
        for line in lines
    ]


def with_break(lines: QuerySet[OrderLine], *kinds: BreakKind) -> QuerySet[OrderLine]:
    """Those with a break of these kinds; of any kind when none is named."""
    asked = set(kinds or BreakKind)
    found = [condition for kind, condition in _CONDITIONS.items() if kind in asked - _PRICES]
    if asked >= _PRICES:  # whatever was billed at another price is found in one go
        found.append(_those(_AT_ANOTHER_PRICE, "<>"))
    else:
        found += [_CONDITIONS[kind] for kind in asked & _PRICES]
    return lines.filter(reduce(or_, found))


def broken_lines(lines: QuerySet[OrderLine]) -> int:
    """How many of them have a break of any kind."""
    return with_break(lines).count()


def _those(sql: str, sign: str) -> Q:
    """The lines a statement finds, with its sum above or below zero."""
    return Q(pk__in=RawSQL(sql.format(sign=sign), ()))


_SHIPPABLE = (F("quantity") - F("cancelled")) * (100 + F("over_delivery_percent")) / 100
_OVER_BILLED = Q(invoiced__gt=F("shipped") - F("returned") + F("credited"))
#: The rule's breaks as conditions on the rows; a test holds the two together.
_CONDITIONS = {
    BreakKind.NOT_SHIPPED: Q(shipped__lt=F("quantity") - F("cancelled")),
    BreakKind.OVER_SHIPPED: Q(shipped__gt=_SHIPPABLE),
    BreakKind.NOT_INVOICED: Q(invoiced__lt=F("shipped") - F("returned") + F("credited")),
    BreakKind.RETURN_NOT_CREDITED: _OVER_BILLED & Q(returned__gt=0),
    BreakKind.OVER_INVOICED: Q(invoiced__gt=F("shipped") + F("credited")),
    BreakKind.PRICE_ABOVE: _those(_AT_ANOTHER_PRICE, ">"),
    BreakKind.PRICE_BELOW: _those(_AT_ANOTHER_PRICE, "<"),
    BreakKind.UNPAID: _those(_WITH_OPEN_INVOICES, ">") & Q(invoiced__gt=F("credited")),
    BreakKind.OWED_BACK: _those(_WITH_OPEN_INVOICES, "<"),
}
_PRICES = {BreakKind.PRICE_ABOVE, BreakKind.PRICE_BELOW}
