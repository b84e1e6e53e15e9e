"""Goods that came back: what is not billed yet is billed no more, what is billed is credited."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from invoicing import queries
from invoicing.commands.cancelling import redraft
from invoicing.commands.crediting import NO_CLAIM, Wanted, overbilled, propose
from invoicing.commands.drafting import billable_of, lock_shipped
from invoicing.models import CreditKind, Invoice, InvoiceLine, InvoiceState
from o2c.core.actors import Actor, require
from o2c.core.commands import command, lock_all, lock_where
from o2c.core.money import ZERO
from orders.commands import lock_order
from orders.models import Order
from shipping.models import ReturnLine, ReturnState


@command
def draft_credit_for_return(return_id: int, *, actor: Actor) -> list[Invoice]:
    """Propose the credit notes over what a received return brought back of billed goods.

    One per invoice, newest invoice first. A draft that still bills returned goods is drafted
    anew. Running it twice changes nothing.
    """
    require(actor, "invoicing.draft_credit_note")
    for order in lock_where(Order, returns=return_id):
        lock_order(order.pk)
        came_back = queries.received_lines(return_id)
        if came_back and came_back[0].goods_return.state == ReturnState.RECEIVED:
            shipment_id = came_back[0].goods_return.shipment_id
            lock_shipped(shipment_id)
            _mend_draft(order, shipment_id, actor)
            return _credit(order, came_back, actor)
    return []


def _mend_draft(order: Order, shipment_id: int, actor: Actor) -> None:
    """Draft anew what bills more of the shipment than was kept."""
    stale = {
        line.invoice_id
        for line in queries.billing_lines(order.pk)
        if line.invoice.state == InvoiceState.DRAFT
        and line.invoice.shipment_id == shipment_id
        and line.quantity > billable_of(order, line.shipment_line)
    }
    for invoice_id in stale:
        redraft(order, shipment_id, invoice_id, reason=_("Goods came back."), actor=actor)


def _credit(order: Order, came_back: Sequence[ReturnLine], actor: Actor) -> list[Invoice]:
    billed = queries.posted_lines_of([line.shipment_line_id for line in came_back])
    invoices = lock_all(Invoice, {line.invoice_id for line in billed})
    claims = queries.proposed_credits(list(invoices))
    wanted = _wanted(came_back, billed, claims)
    notes = []
    for invoice_id in sorted(wanted):
        invoice = invoices[invoice_id]
        invoice.order = order
        lines = lock_where(InvoiceLine, invoice_id=invoice_id, related=("shipment_line",))
        goods_return = came_back[0].goods_return
        notes.append(
            propose(
                invoice,
                lines,
                claims,
                wanted[invoice_id],
                kind=CreditKind.RETURN,
                reason=goods_return.reason,
                goods_return=goods_return,
                actor=actor,
            )
        )
    return notes


def _wanted(
    came_back: Sequence[ReturnLine],
    billed: Sequence[InvoiceLine],
    claims: Mapping[int, queries.Claim],
) -> dict[int, dict[int, Wanted]]:
    """By invoice and invoice line, how much of the returned goods it billed."""
    by_shipment_line: dict[int, list[InvoiceLine]] = {}
    for line in billed:
        by_shipment_line.setdefault(line.shipment_line_id, []).append(line)
    wanted: dict[int, dict[int, Wanted]] = {}
    for back in came_back:
        lines = by_shipment_line.get(back.shipment_line_id, [])
        claimed = sum((claims.get(line.pk, NO_CLAIM).quantity for line in lines), ZERO)
        due = min(back.received, overbilled(lines[0]) - claimed) if lines else ZERO
        for line in lines:
            left = line.creditable_quantity - claims.get(line.pk, NO_CLAIM).quantity
            quantity: Decimal = max(min(due, left), ZERO)
            if quantity:
                due -= quantity
                wanted.setdefault(line.invoice_id, {})[line.pk] = Wanted(
                    quantity, return_line_id=back.pk
                )
    return wanted
