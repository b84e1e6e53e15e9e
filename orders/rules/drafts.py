"""What somebody asks to be ordered, as plain values: from a form, a file or a program."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from o2c.core.money import ZERO

#: What stands between the parts of an order number: blanks, dashes, slashes and their like.
_BETWEEN = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class LineDraft:
    """One wanted line. `item` is our code, the customer's code or a barcode.

    Without `unit_price` the price lists decide; with it a reason is due. `expected_price` is
    what the customer's order says: it changes nothing, but a difference is noted for review.
    `row` is where the line came from, for error messages. `unit` other than the item's own is
    converted; prices are then per that unit. A barcode of a packaging unit orders that unit.
    """

    item: str
    quantity: Decimal
    unit_price: Decimal | None = None
    price_reason: str = ""
    discount_percent: Decimal = ZERO
    requested_date: date | None = None
    expected_price: Decimal | None = None
    description: str = ""
    unit: str = ""
    row: int | None = None


@dataclass(frozen=True)
class OrderDraft:
    """A wanted order. What is left out comes from the customer; `order_date` is today then.

    `discount_amount` is in the order's currency and price basis. `expected_total` (gross) is
    what the customer's order says: a difference is noted for review.
    """

    customer_id: int
    lines: Sequence[LineDraft] = ()
    ship_to_id: int | None = None
    warehouse_id: int | None = None
    currency: str = ""
    order_date: date | None = None
    requested_date: date | None = None
    customer_reference: str = ""
    channel: str = "entry"
    source_reference: str = ""
    discount_amount: Decimal = ZERO
    expected_total: Decimal | None = None
    note: str = ""
    review_notes: Sequence[dict[str, str]] = field(default_factory=tuple)


@dataclass(frozen=True)
class LineChange:
    """A change of one line of a confirmed order, or (without `line_id`) a new line.

    What is None stays. Quantity 0 cancels the line.
    """

    line_id: int | None = None
    item: str = ""
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    price_reason: str = ""
    discount_percent: Decimal | None = None
    requested_date: date | None = None
    row: int | None = None


def reference_key(reference: str) -> str:
    """A customer's order number without case, blanks and punctuation: PO-4711 / po 4711.

    Between two digits a separator stays, whichever it is: 2024/11-1 is not 2024/1-11.
    """
    plain = unicodedata.normalize("NFKC", reference)
    plain = unicodedata.normalize("NFKC", plain.casefold())
    seen = "".join(c for c in plain if unicodedata.category(c) != "Cf")
    parts = _BETWEEN.split(seen)
    key = parts[0]
    for part in parts[1:]:
        parted = key[-1:].isdecimal() and part[:1].isdecimal()
        key += f"-{part}" if parted else part
    return key[:64]
