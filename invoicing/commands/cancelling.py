"""Putting drafts aside."""

from django.utils.translation import gettext as _

from invoicing.commands.drafting import draft_for, lock_shipped
from invoicing.commands.locking import lock_invoice, lock_order_of
from invoicing.models import Invoice
from o2c.core.actors import Actor, require
from o2c.core.commands import command
from o2c.core.errors import RuleViolation
from o2c.core.transitions import transition
from orders.commands import lock_order
from orders.models import Order


@command
def cancel_invoice(invoice_id: int, *, reason: str, actor: Actor) -> Invoice:
    """Put a draft or a proposed credit note aside; what it claimed is free again."""
    if not reason.strip():
        raise RuleViolation(_("Say why it is cancelled."), field="reason")
    invoice = lock_invoice(lock_order_of(invoice_id), invoice_id)
    return transition(invoice, "cancel", actor=actor, reason=reason.strip())


@command
def redraft_invoice(invoice_id: int, *, reason: str, actor: Actor) -> Invoice | None:
    """Cancel a draft that no longer fits what was shipped, and draft anew what does.

    None when nothing is left to bill.
    """
    require(actor, "invoicing.draft_invoice")
    order = lock_order_of(invoice_id)
    shipment_id = Invoice.objects.values_list("shipment_id", flat=True).get(pk=invoice_id)
    lock_order(order.pk)
    lock_shipped(shipment_id)
    return redraft(order, shipment_id, invoice_id, reason=reason, actor=actor)


def redraft(
    order: Order, shipment_id: int, invoice_id: int, *, reason: str, actor: Actor
) -> Invoice | None:
    """Likewise, with the order, its lines and the shipment's lines locked by the caller."""
    transition(lock_invoice(order, invoice_id), "cancel", actor=actor, reason=reason)
    return draft_for(order, shipment_id, actor=actor)
