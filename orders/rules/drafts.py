"""What somebody asks to be ordered, as plain values: from a form, a file or a program."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from o2c.core.days import PastDay, PlannedDay
from o2c.core.money import ZERO
from o2c.core.number_keys import code_key

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
    requested_date: PlannedDay | None = None
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
    order_date: PastDay | None = None
    requested_date: PlannedDay | None = None
    customer_reference: str = ""
    channel: str = "entry"
    source_reference: str = ""
    discount_amount: Decimal = ZERO
    expected_total: Decimal | None = None
    note: str = ""
    review_notes: Sequence[dict[str, str]] = field(default_factory=tuple)

    def head(self) -> dict[str, Any]:
        """What is asked for each head field, by its attribute."""
        return {field.attribute: getattr(self, field.attribute) for field in HEAD_FIELDS}


class HeadField(NamedTuple):
    """A field of an order's head that somebody gives.

    `name` is what forms and files call it, `attribute` what OrderDraft and Order do. A copy of an
    order starts with what `is_copied`; dates and numbers are given anew.
    """

    name: str
    attribute: str
    is_copied: bool = False


#: The one list: the form shows it, an edit and a copy start from it, form and file give it.
HEAD_FIELDS = (
    HeadField("customer", "customer_id", is_copied=True),
    HeadField("customer_reference", "customer_reference"),
    HeadField("ship_to", "ship_to_id", is_copied=True),
    HeadField("order_date", "order_date"),
    HeadField("requested_date", "requested_date"),
    HeadField("warehouse", "warehouse_id", is_copied=True),
    HeadField("currency", "currency", is_copied=True),
    HeadField("discount_amount", "discount_amount"),
    HeadField("note", "note", is_copied=True),
)


def head_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """The head of a draft as keywords, from values by name; rows are given by their keys.

    What is missing or empty is left out, so that the draft's own defaults hold.
    """
    values = {field.attribute: given.get(field.name) for field in HEAD_FIELDS}
    return {name: value for name, value in values.items() if value not in (None, "")}


def still_claimed(draft: OrderDraft, notes: Sequence[Mapping[str, str]]) -> OrderDraft:
    """A draft typed by a person, with what the customer's own document says as noted for review.

    Prices, the total and days that had passed are compared again with what is ordered now, so
    that a note stays until its reason is gone.
    """
    lines, total = list(draft.lines), draft.expected_total
    asked = {day.isoformat() for day in _days_asked(draft)}
    for note in notes:
        if note["code"] == "price":
            _claim_price(lines, note)
        elif note["code"] == "total" and draft.currency in ("", note["currency"]):
            total = Decimal(note["theirs"])
    passed = [dict(n) for n in notes if n["code"] == "requested_date" and n["day"] in asked]
    kept = [*draft.review_notes, *passed]
    return replace(draft, lines=lines, expected_total=total, review_notes=kept)


def _days_asked(draft: OrderDraft) -> list[date]:
    days = [draft.requested_date, *(line.requested_date for line in draft.lines)]
    return [day for day in days if day is not None]


def _claim_price(lines: list[LineDraft], note: Mapping[str, str]) -> None:
    """Give the price to its line; where lines were moved, to the first other one of the item."""
    fits = [
        place
        for place, line in enumerate(lines)
        if code_key(line.item) == code_key(note["item"]) and line.expected_price is None
    ]
    noted = int(note["line"]) - 1
    if fits:
        place = noted if noted in fits else fits[0]
        lines[place] = replace(lines[place], expected_price=Decimal(note["theirs"]))


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
    requested_date: PlannedDay | None = None
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
