"""Cancellations become returns and credit notes, as far as their sale is in the file."""

from decimal import Decimal

from invoicing.commands import approve_credit_note, draft_credit_note
from invoicing.models import Invoice, InvoiceLine
from o2c.core.actors import Actor, SystemActor
from o2c.desk.replay.masters import code_of, item_code
from o2c.desk.replay.reader import Deed, Row
from o2c.desk.replay.report import Report
from shipping.commands import announce_return, receive_return
from shipping.models import ShipmentLine

APPROVER = SystemActor("replay controller")
NOT_HERE = "sold before the file begins"


def replay_cancellation(deed: Deed, report: Report, *, actor: Actor) -> None:
    """Take back and credit what the cancellation names, at the price it was sold for.

    A row whose sale (same customer, item and price) is not in the file is an exception: nothing
    was sold by us that could come back.
    """
    stage = report.stage("cancelled")
    goods: dict[int, dict[int, Decimal]] = {}  # shipment -> its lines
    charges: dict[int, dict[int, Decimal]] = {}  # invoice -> its lines
    for row in deed.rows:
        found = _sold_charge(deed, row) if row.is_service else _sold_goods(deed, row)
        if found is None:
            stage.exceptions[NOT_HERE] += 1
            report.stage("not cancelled").add(1, -row.amount)
            continue
        parent, line, quantity = found
        target = charges if row.is_service else goods
        lines = target.setdefault(parent, {})
        lines[line] = lines.get(line, Decimal(0)) + quantity
        stage.add(1, -row.amount)
    for shipment_id, lines in goods.items():
        announced = announce_return(
            shipment_id, lines=lines, reason=f"Cancelled: {deed.number}", actor=actor
        )
        receive_return(announced.pk, actor=actor)
        report.stage("returns").add(len(lines))
        for draft in Invoice.objects.filter(
            kind="credit_note", state="proposed", shipment_id=shipment_id
        ).order_by("pk"):
            _post(draft, report, actor)
    for invoice_id, amounts in charges.items():
        draft = draft_credit_note(
            invoice_id,
            kind="goodwill",
            amounts=amounts,
            reason=f"Cancelled: {deed.number}",
            actor=actor,
        )
        _post(draft, report, actor)


def _post(draft: Invoice, report: Report, actor: Actor) -> None:
    posted = approve_credit_note(draft.pk, actor=APPROVER)
    report.stage("credit notes").add(posted.lines.count(), posted.net)


def _sold_goods(deed: Deed, row: Row) -> tuple[int, int, Decimal] | None:
    """The latest shipped line this row can have come from, with enough still out."""
    wanted = -row.quantity
    shipped = (
        ShipmentLine.objects.filter(
            shipment__order__customer__code=code_of(deed),
            order_line__item__code=item_code(row),
            order_line__unit_price=row.price,
            shipment__state__in=["dispatched", "delivered"],
        )
        .select_related("item")
        .order_by("-pk")
    )
    for line in shipped:
        if line.returnable >= wanted:
            return line.shipment_id, line.pk, wanted
    return None


def _sold_charge(deed: Deed, row: Row) -> tuple[int, int, Decimal] | None:
    """The latest billed charge this row takes back, with the amount."""
    wanted = -row.amount
    billed = InvoiceLine.objects.filter(
        invoice__kind="invoice",
        invoice__state="posted",
        invoice__customer__code=code_of(deed),
        order_line__item__code=item_code(row),
        unit_price=row.price,
    ).order_by("-pk")
    for line in billed:
        if line.creditable_amount >= wanted > 0:
            return line.invoice_id, line.pk, wanted
    return None
