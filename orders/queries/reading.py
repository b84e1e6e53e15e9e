"""Orders and their lines, read whole."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from o2c.core.codes import with_codes
from o2c.core.money import TaxLine, tax_totals
from o2c.masters.models import Address, AddressKind, Customer, Item
from orders.models import Order, OrderLine
from orders.queries.sentences import (
    price_sentences,
    promise_sentences,
    promise_summary,
    tax_sentence,
)


def order_with_lines(order_id: int) -> tuple[Order, list[OrderLine]]:
    """An order with its parties, and its lines with their items.

    Raises Order.DoesNotExist.
    """
    order = orders_with_parties().get(pk=order_id)
    return order, list(lines_of(order))


def orders_with_parties() -> QuerySet[Order]:
    """Orders with all they name at hand."""
    return Order.objects.select_related(
        "customer", "bill_to", "payer", "ship_to", "terms", "warehouse"
    )


def lines_of(order: Order) -> QuerySet[OrderLine]:
    """The lines of an order by number, with order, item, units and tax code."""
    return order.lines.select_related("item", "unit", "price_unit", "tax_code").order_by(
        "line_number"
    )


def open_quantities(order_id: int) -> dict[int, Decimal]:
    """What is still to leave the warehouse, by line id."""
    lines = OrderLine.objects.filter(order=order_id).order_by("pk")
    return {line.pk: line.open_quantity for line in lines}


def goods_of(order_id: int) -> list[int]:
    """The items an order is made of, services aside."""
    lines = OrderLine.objects.filter(order=order_id, is_service=False)
    return list(lines.order_by("item").values_list("item", flat=True).distinct())


def item_codes(limit: int = 500) -> list[tuple[str, str]]:
    """Codes and names of items on sale, for suggestions."""
    items = Item._default_manager.filter(active=True).order_by("code")
    return list(items.values_list("code", "name")[:limit])


def address_by_code(customer: Customer, code: str) -> int | None:
    """The key of one of the customer's delivery addresses, whatever the capitals."""
    return (
        with_codes(Address.objects.filter(customer=customer, active=True), [code])
        .exclude(kind=AddressKind.BILL_TO)
        .values_list("pk", flat=True)
        .first()
    )


def tax_lines_of(order: Order) -> list[TaxLine]:
    """The tax groups of an order that make its total, of all its lines."""
    lines = OrderLine.objects.filter(order=order).order_by("line_number")
    taxed = F("amount") - F("document_discount")
    amounts = lines.values_list("tax_category", "tax_percent", taxed)
    return tax_totals(
        amounts,
        order.currency,
        tax_included=order.tax_included,
        untaxed_percent=order.untaxed_percent,
    ).tax_lines


@dataclass(frozen=True)
class LineView:
    """A line as the page shows it: with its decisions in words and its progress in numbers."""

    line: OrderLine
    price: list[str]
    tax: str
    promise: str
    promise_terms: list[str]

    @property
    def progress(self) -> list[tuple[str, Decimal]]:
        """How far it has come: label and quantity, in the order of the process."""
        line = self.line
        counted = [
            (_("Reserved"), line.reserved),
            (_("Picked"), line.picked),
            (_("Shipped"), line.shipped),
            (_("Invoiced"), line.invoiced - line.credited),
        ]
        shown = counted[2:] if line.is_service else counted
        extra = [(_("Cancelled"), line.cancelled), (_("Returned"), line.returned)]
        return shown + [(label, quantity) for label, quantity in extra if quantity]

    @property
    def shown_progress(self) -> list[tuple[str, Decimal]]:
        """The steps that have begun; of a line where nothing has left the shelf, the first too."""
        first, *rest = self.progress
        begun = [step for step in rest if step[1]]
        waits = not self.line.picked and not self.line.shipped
        return [first, *begun] if first[1] or waits else begun


def line_views(lines: Iterable[OrderLine]) -> list[LineView]:
    """Lines of an order, ready to show."""
    return [
        LineView(
            line,
            price_sentences(line),
            tax_sentence(line),
            promise_summary(line),
            promise_sentences(line),
        )
        for line in lines
    ]
