"""Putting drafts aside."""

from django.utils.translation import gettext as _

from invoicing.commands.drafting import draft_for
from invoicing.commands.locking import lock_invoice
from invoicing.models import Invoice
from o2c.core.actors import Actor
from o2c.core.commands import command
from o2c.core.errors import RuleViolation
from o2c.core.transitions import transition
from orders.commands.locking import lock_order_of
from orders.models import Order


@command
def cancel_invoice(invoice_id: int, *, reason: str, actor: Actor) -> Invoice:
    """Put a draft or a proposed credit note aside; what it claimed is free again."""
    if not reason.strip():
        raise RuleViolation(_("Say why it is cancelled."), field="reason")
    invoice = lock_invoice(lock_order_of(Invoice, invoice_id), invoice_id)
    return transition(invoice, "cancel", actor=actor, reason=reason.strip())


def redraft(
    order: Order, shipment_id: int, invoice_id: int, *, reason: str, actor: Actor
) -> Invoice | None:
    """Cancel a draft that no longer fits what was shipped, and draft anew what does.

    The caller has locked the order, its lines and the shipment's lines. None when nothing is left
    to bill.
    """
    transition(lock_invoice(order, invoice_id), "cancel", actor=actor, reason=reason)
    return draft_for(order, shipment_id, actor=actor)
