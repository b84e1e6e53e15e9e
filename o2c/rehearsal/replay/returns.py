"""Cancellations become returns and credit notes, as far as their sale is in the file."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Q

from invoicing.commands import approve_credit_note, draft_credit_note
from invoicing.models import CreditKind, Invoice, InvoiceKind, InvoiceLine, InvoiceState
from o2c.core.actors import Actor, SystemActor
from o2c.rehearsal.replay.masters import code_of, item_code
from o2c.rehearsal.replay.reader import Bill, Row
from o2c.rehearsal.replay.report import Report
from shipping.commands import announce_return, receive_return
from shipping.models import Return, ReturnLine, ReturnState, ShipmentLine, ShipmentState

APPROVER = SystemActor("replay controller")
NOT_HERE = "sold before the file begins"
OTHER_PRICE = "sold at another price"
TOO_MUCH = "more than was sold since the file begins"


class Sold(NamedTuple):
    """A shipped or billed line; what can still be given back, in pieces or in pounds."""

    parent_id: int  # shipment or invoice
    line_id: int
    price: Decimal
    left: Decimal


class Claims:
    """What is to be given back: shipment or invoice -> line -> pieces or pounds."""

    def __init__(self) -> None:
        self._claimed: dict[int, Counter[int]] = defaultdict(Counter)

    def take(self, sold: Sequence[Sold], price: Decimal, wanted: Decimal) -> str:
        """Claim wanted from the lines sold at price, in their order; else say why not."""
        fitting = [line for line in sold if line.price == price]
        left = [line.left - self._claimed[line.parent_id][line.line_id] for line in fitting]
        if sum(left) < wanted or not fitting:
            return TOO_MUCH if fitting else OTHER_PRICE if sold else NOT_HERE
        for line, free in zip(fitting, left, strict=True):
            part = min(free, wanted)
            if part:
                self._claimed[line.parent_id][line.line_id] += part  # type: ignore[assignment]
            wanted -= part
        return ""

    def __iter__(self) -> Iterator[tuple[int, dict[int, Decimal]]]:
        for parent_id, lines in self._claimed.items():
            claimed = {pk: Decimal(quantity) for pk, quantity in lines.items() if quantity}
            if claimed:
                yield parent_id, claimed


def replay_cancellation(bill: Bill, report: Report, *, actor: Actor) -> None:
    """Take back and credit what the cancellation names, at the price it was sold for.

    A row whose sale (same customer, item and price) is not in the file is an exception: nothing
    was sold by us that could come back. What an earlier run gave back is not given back again.
    """
    reason = f"Cancelled: {bill.number}"
    there = _given_back(reason)
    goods, charges = Claims(), Claims()
    taken, left = list[Row](), list[Row]()
    for row in bill.rows:
        claims, sold_by = (charges, _billed) if row.is_service else (goods, _shipped)
        wanted = -(row.amount if row.is_service else row.quantity)
        if 0 < wanted <= there[item_code(row), row.price]:
            there[item_code(row), row.price] -= wanted
            report.stage("cancelled").exceptions["by an earlier run"] += 1
        elif problem := claims.take(sold_by(bill, row), row.price, wanted):
            report.stage("not cancelled").exceptions[problem] += 1
            left.append(row)
        else:
            taken.append(row)
    for shipment_id, lines in goods:
        announce_return(shipment_id, lines=lines, reason=reason, actor=actor)
    for invoice_id, amounts in charges:
        draft_credit_note(
            invoice_id, kind=CreditKind.GOODWILL, amounts=amounts, reason=reason, actor=actor
        )
    for stage, rows in (("cancelled", taken), ("not cancelled", left)):
        if rows:
            report.stage(stage).add(len(rows), -sum((row.amount for row in rows), Decimal(0)))
    _finish(reason, report, actor)


def _finish(reason: str, report: Report, actor: Actor) -> None:
    """Receive what was announced and approve what was proposed, by an earlier run too."""
    for coming in Return.objects.filter(reason=reason, state=ReturnState.ANNOUNCED).order_by("pk"):
        receive_return(coming.pk, actor=actor)
        report.stage("returns").add(coming.lines.count())
    proposed = Invoice.objects.filter(
        Q(reason=reason) | Q(goods_return__reason=reason),
        kind=InvoiceKind.CREDIT_NOTE,
        state=InvoiceState.PROPOSED,
    )
    for draft in proposed.order_by("pk"):
        posted = approve_credit_note(draft.pk, actor=APPROVER)
        report.stage("credit notes").add(posted.line_count, posted.net)


def _given_back(reason: str) -> dict[tuple[str, Decimal], Decimal]:
    """What was given back for the reason before, by item and price: pieces, or net of charges."""
    found: dict[tuple[str, Decimal], Decimal] = defaultdict(Decimal)
    sold = ("order_line__item__code", "order_line__unit_price")
    goods = ReturnLine.objects.filter(goods_return__reason=reason).values_list(
        *(f"shipment_line__{name}" for name in sold), "quantity"
    )
    charges = InvoiceLine.objects.filter(
        invoice__reason=reason, invoice__credit_kind=CreditKind.GOODWILL
    ).values_list(*sold, "net")
    for code, price, amount in (*goods, *charges):
        found[code, price] += amount
    return found


def _shipped(bill: Bill, row: Row) -> list[Sold]:
    """The shipped lines this row can have come from, the latest first."""
    lines = ShipmentLine.objects.filter(
        shipment__order__customer__code=code_of(bill),
        shipment__order__order_date__lte=bill.at.date(),
        order_line__item__code=item_code(row),
        shipment__state__in=[ShipmentState.DISPATCHED, ShipmentState.DELIVERED],
    ).select_related("order_line")
    return [
        Sold(line.shipment_id, line.pk, line.order_line.unit_price, line.returnable)
        for line in lines.order_by("-pk")
    ]


def _billed(bill: Bill, row: Row) -> list[Sold]:
    """The billed charges this row takes back, the latest first."""
    lines = InvoiceLine.objects.filter(
        invoice__kind=InvoiceKind.INVOICE,
        invoice__state=InvoiceState.POSTED,
        invoice__customer__code=code_of(bill),
        invoice__order__order_date__lte=bill.at.date(),
        order_line__item__code=item_code(row),
    )
    return [
        Sold(line.invoice_id, line.pk, line.unit_price, line.creditable_amount)
        for line in lines.order_by("-pk")
    ]
