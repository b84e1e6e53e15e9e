"""Getting hold of an invoice of a locked order, as every writer of billing does."""

from invoicing.models import Invoice
from o2c.core.commands import lock
from orders.models import Order


def lock_invoice(order: Order, invoice_id: int) -> Invoice:
    """Lock an invoice of a locked order."""
    invoice = lock(Invoice, invoice_id)
    invoice.order = order
    return invoice
