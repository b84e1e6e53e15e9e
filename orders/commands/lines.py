"""Writing order lines with their history, in a constant number of statements."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Model

from o2c.core import clock
from o2c.core.actors import Actor
from o2c.core.bulk import insert_rows, update_rows
from orders.models import Order, OrderLine

#: What a commercial change of a line may touch.
COMMERCIAL = (
    *("quantity", "unit_price", "discount_percent", "amount", "document_discount", "net"),
    *("once_ordered", "cancelled", "requested_date", "promised_date"),
    *("tax_code", "tax_category", "tax_percent", "tax_reason"),
)


def content_of(order: Order, lines: Sequence[OrderLine]) -> list[dict[str, Any]]:
    """All that an order and its lines say, whether stored or not, without the keys of the lines."""
    own = [_values(line, but_not=("id", "order_id")) for line in lines]
    return [_values(order), *sorted(own, key=lambda line: line["line_number"])]


def _values(row: Model, but_not: Sequence[str] = ()) -> dict[str, Any]:
    names = [field.attname for field in row._meta.concrete_fields if not field.generated]
    return {name: getattr(row, name) for name in names if name not in but_not}


def insert_lines(order: Order, lines: Sequence[OrderLine]) -> None:
    """Insert new lines of an order, with their history."""
    for line in lines:
        line.order = order
    insert_rows(lines)


def change_lines(
    lines: Sequence[OrderLine], changed: Sequence[OrderLine], *, actor: Actor, reason: str
) -> None:
    """Write the commercial fields of an order's lines; history for those that were changed.

    Totals of prices that include tax may move a cent between the other lines.
    """
    update_rows(lines, [*COMMERCIAL, "price_steps", "promise"])
    if changed:
        OrderLine.history.bulk_history_create(
            changed,
            update=True,
            default_user=actor.get_username(),
            default_change_reason=reason[:200],
            default_date=clock.now(),
        )


def delete_draft_lines(lines: Sequence[OrderLine]) -> None:
    """Delete the lines of a draft that is written anew."""
    rows = OrderLine.objects.filter(pk__in=[line.pk for line in lines])
    rows._raw_delete(rows.db)  # no draft line is referred to, so nothing is to be collected first
