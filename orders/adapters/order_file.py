"""Orders from a CSV or XLSX file: one row per order line, the order's own data in every row.

Rows with the same `order` and `customer` belong together, wherever they stand. What is said of
the order as a whole may be left empty after its first row, but never say something else.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from o2c.core.days import DayKind
from o2c.core.money import ZERO
from o2c.core.number_keys import code_key
from o2c.tabular import (
    Code,
    Column,
    Day,
    Number,
    Record,
    RowError,
    Text,
    read_records,
    read_sheet,
)
from o2c.tabular.columns import shortened
from orders.rules.drafts import LineDraft

#: The order as a whole.
_HEAD: list[Column] = [
    Code(
        name="order",
        required=True,
        max_length=100,
        aliases=("order number", "order key"),
        help=gettext_lazy("Key of the order in the file; a second import leaves it alone."),
    ),
    Code(name="customer", required=True, help=gettext_lazy("Code of the customer.")),
    Code(
        name="customer_reference",
        max_length=64,
        aliases=("po", "po number", "purchase order"),
        help=gettext_lazy("The customer's order number."),
    ),
    Day(name="order_date", kind=DayKind.PAST, help=gettext_lazy("Empty: today.")),
    Code(name="ship_to", help=gettext_lazy("Code of the delivery address. Empty: the default.")),
    Code(name="warehouse", help=gettext_lazy("Code of the warehouse. Empty: the first one.")),
    Number(
        name="total",
        minimum=ZERO,
        help=gettext_lazy("The customer's total; if ours differs, the order waits for review."),
    ),
    Text(name="note", max_length=2000),
]
_LINE: list[Column] = [
    Code(
        name="item",
        required=True,
        aliases=("sku", "article"),
        help=gettext_lazy("Our code, the customer's code or a barcode."),
    ),
    Number(name="quantity", required=True, decimals=3, aliases=("qty",)),
    Code(name="unit", help=gettext_lazy("Code of the unit. Empty: the item's stock unit.")),
    Number(
        name="price",
        decimals=6,
        minimum=ZERO,
        help=gettext_lazy("The customer's price; if ours differs, the order waits for review."),
    ),
    Number(
        name="agreed_price",
        decimals=6,
        minimum=ZERO,
        help=gettext_lazy("A price that goes before the price lists; needs a reason."),
    ),
    Text(name="price_reason", help=gettext_lazy("Why the agreed price applies.")),
    Number(name="discount_percent", decimals=4, minimum=ZERO, maximum=Decimal(100), empty=ZERO),
    Day(name="requested_date", kind=DayKind.PLANNED, aliases=("delivery date",)),
]
COLUMNS: list[Column] = [*_HEAD, *_LINE]
_KEY = ("order", "customer")
_MASTERS = {"customer", "ship_to", "warehouse"}
_HEAD_NAMES = [column.name for column in _HEAD]


@dataclass
class ParsedOrder:
    """One order of the file; `row` is where it begins.

    `unread` are the columns that could not be read, by row. The line of such a row has harmless
    values in their place: good for finding what else is wrong with it, and for nothing more.
    """

    row: int
    head: dict[str, Any]
    lines: list[LineDraft] = field(default_factory=list)
    unread: dict[int, set[str]] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return str(self.head["order"] or "")

    @property
    def customer(self) -> str:
        return str(self.head["customer"] or "")

    def get(self, name: str, otherwise: Any = None) -> Any:
        """A value of the order as a whole; `otherwise` when the file does not say."""
        value = self.head.get(name)
        return otherwise if value in (None, "") else value


@dataclass
class ParsedOrders:
    """What could be read of a file, what could not, and remarks on how."""

    orders: list[ParsedOrder] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    rows: int = 0


def parse_orders(file_name: str, data: bytes) -> ParsedOrders:
    """Read a file of orders. Every error has its row. Raises FileRefused."""
    read = read_records(read_sheet(file_name, data), COLUMNS)
    parsed = ParsedOrders(errors=list(read.errors), notes=list(read.notes))
    unread: dict[int, set[str]] = {}
    for error in read.errors:
        unread.setdefault(error.row, set()).add(error.field)
    parsed.rows = len(read.records) + len(unread)
    by_key: dict[tuple[object, ...], ParsedOrder] = {}
    for record in sorted([*read.records, *read.broken], key=lambda record: record.row):
        number, customer = (record.values.get(name) for name in _KEY)
        # whose row it is cannot be read where one of them is missing
        key = (record.row,) if None in (number, customer) else (number, code_key(str(customer)))
        order = by_key.get(key)
        if order is None:
            head = {name: record.values.get(name) for name in _HEAD_NAMES}
            order = by_key[key] = ParsedOrder(record.row, head)
        else:
            parsed.errors += _contradictions(order, record)
        order.lines.append(_line(record))
        if record.row in unread:
            order.unread[record.row] = unread[record.row]
    parsed.orders = list(by_key.values())
    return parsed


def _contradictions(order: ParsedOrder, record: Record) -> list[RowError]:
    """Where a later row says something else about the order; what the first left open is taken."""
    errors = []
    for name in _HEAD_NAMES:
        value, known = record.values.get(name), order.head.get(name)
        if value in (None, "") or value == known or _is_spelling(name, value, known):
            continue
        if known in (None, ""):
            order.head[name] = value
            continue
        message = _("Row %(row)s says “%(known)s” about the same order.") % {
            "row": order.row,
            "known": shortened(str(known)),
        }
        errors.append(RowError(record.row, name, shortened(str(value)), message))
    return errors


def _is_spelling(name: str, value: object, known: object) -> bool:
    """Whether two codes of one master differ in capitals only."""
    return name in _MASTERS and code_key(str(value)) == code_key(str(known))


def _line(record: Record) -> LineDraft:
    values = record.values

    def text(name: str) -> str:
        return str(values.get(name) or "")

    requested: date | None = values.get("requested_date")
    return LineDraft(
        item=text("item"),
        quantity=values.get("quantity", Decimal(1)),
        unit=text("unit"),
        expected_price=values.get("price"),
        unit_price=values.get("agreed_price"),
        price_reason=text("price_reason"),
        discount_percent=values.get("discount_percent") or ZERO,
        requested_date=requested,
        row=record.row,
    )
